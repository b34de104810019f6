/*
 * 3xx responses are followed (RFC 3261 8.1.3.4): their Contacts are tried one
 * after the other, best q first, none twice, and a bounded number of times.
 */
#include "call.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct target {
	char *uri;
	double q;
};

static double q_of(const osip_contact_t *contact)
{
	for (int i = 0; i < osip_list_size(&contact->gen_params); i++) {
		const osip_generic_param_t *p =
			osip_list_get(&contact->gen_params, i);

		if (p->gname && strcasecmp(p->gname, "q") == 0 && p->gvalue)
			return strtod(p->gvalue, NULL);
	}
	return 1.0; /* as good as any (20.10 leaves it open) */
}

/*
 * Its URI as a Request-URI: without headers (19.1.5). Who asked for sips is not
 * led to where it is not (26.4.4).
 */
static char *uri_of(const osip_contact_t *contact, bool secure)
{
	char *text = NULL, *copy = NULL;
	osip_uri_t *uri;

	if (!contact->url || !contact->url->scheme ||
	    (strcasecmp(contact->url->scheme, "sips") != 0 &&
	     (secure || strcasecmp(contact->url->scheme, "sip") != 0)) ||
	    osip_uri_clone(contact->url, &uri) != 0)
		return NULL;
	osip_list_special_free(&uri->url_headers,
			       (void (*)(void *))osip_uri_param_free);
	if (osip_uri_to_str(uri, &text) == 0)
		copy = strdup(text);
	osip_free(text);
	osip_uri_free(uri);
	return copy;
}

static bool known(const struct follow *f, const char *uri)
{
	for (unsigned i = 0; i < f->n; i++)
		if (strcasecmp(f->uris[i], uri) == 0)
			return true;
	return false;
}

static int better(const void *a, const void *b)
{
	const struct target *x = a, *y = b;

	return x->q < y->q ? 1 : x->q > y->q ? -1 : 0;
}

/* What this response adds comes before what is left of the ones before. */
static void insert(struct follow *f, unsigned at, char *uri)
{
	if (f->n == FOLLOW_MAX || known(f, uri)) {
		free(uri);
		return;
	}
	memmove(&f->uris[at + 1], &f->uris[at],
		(f->n - at) * sizeof(f->uris[0]));
	f->uris[at] = uri;
	f->n++;
}

static void take_contacts(struct follow *f, const osip_message_t *m,
			  bool secure)
{
	struct target found[FOLLOW_MAX] = { 0 };
	unsigned n = 0, at = f->next;

	for (int i = 0; i < osip_list_size(&m->contacts) && n < FOLLOW_MAX;
	     i++) {
		const osip_contact_t *contact = osip_list_get(&m->contacts, i);
		char *uri = uri_of(contact, secure);

		if (uri)
			found[n++] = (struct target){ uri, q_of(contact) };
	}
	qsort(found, n, sizeof(found[0]), better);
	for (unsigned i = 0; i < n; i++) {
		unsigned before = f->n;

		insert(f, at, found[i].uri);
		at += f->n - before;
	}
}

/* What began with the INVITE that was refused is no more. */
static void begin_again(struct call *c)
{
	c->branch = NULL;
	c->dialog = NULL;
	LIST_INIT(&c->branches); /* a request in one may still use it */
	pc_buf_clear(&c->remote_sdp);
	if (!c->late_offer) {
		pc_buf_clear(&c->local_sdp);
		pc_buf_add(&c->local_sdp, c->base_sdp.data, c->base_sdp.len);
	}
	c->tries = (struct auth_tries){ 0, 0 };
	c->authorized = false;
}

static bool go(struct call *c, int status)
{
	struct follow *f = &c->follow;

	while (f->next < f->n) {
		const char *uri = f->uris[f->next++];
		int rc;

		pc_event(c->tool, "redirected", "status=%d uri=%s left=%u",
			 status, uri, f->n - f->next);
		pc_info("%d: %s %s", status,
			c->cfg->method ? "asking" : "calling", uri);
		begin_again(c);
		rc = caller_redirect(c, uri);
		if (rc == 0)
			return true;
		pc_tool_error(c->tool, "%s: %s", uri,
			      rc == -EHOSTUNREACH ? "no address found for it"
						  : strerror(-rc));
	}
	return false;
}

void follow_end(struct call *c)
{
	struct follow *f = &c->follow;

	while (f->n > 0)
		free(f->uris[--f->n]);
	f->next = f->redirects = 0;
}

bool follow_next(struct call *c, const struct pc_sip_response *r)
{
	struct follow *f = &c->follow;
	bool moved = r->message && r->status >= 300 && r->status <= 302;

	if (r->status >= 600) /* 21.6: nobody else will take it either */
		return false;
	if (f->n == 0 && (!moved || c->cfg->redirects == 0))
		return false;
	if (f->n == 0) { /* what was tried is not tried again */
		f->uris[f->n] = strdup(c->target);
		if (!f->uris[f->n])
			return false;
		f->n++;
		f->next = 1;
	}
	if (moved && f->redirects++ < c->cfg->redirects)
		take_contacts(f, r->message,
			      strncasecmp(c->target, "sips:", 5) == 0);
	return go(c, r->status);
}
