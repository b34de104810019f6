/* Answers to 401 and 407 (RFC 3261 22.2, 22.3), by ourselves or the line. */
#include "call.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sip/digest.h"
#include "sip/text.h"

#define CHALLENGES_MAX 8

/* What waits for the line's answer. */
struct waiting {
	struct call *c;
	osip_message_t *request;
	auth_again_fn *again;
	void *arg;
};

static const char *user_of(const struct call *c)
{
	static char user[128];
	osip_from_t *from;

	if (c->cfg->user)
		return c->cfg->user;
	user[0] = '\0';
	if (osip_from_init(&from) != 0)
		return user;
	if (osip_from_parse(from, c->from) == 0 && from->url &&
	    from->url->username)
		snprintf(user, sizeof(user), "%s", from->url->username);
	osip_from_free(from);
	return user;
}

/*
 * The request again, as new: its own Via and an old answer to this kind of
 * challenge taken out.
 */
static osip_message_t *fresh(const osip_message_t *request, uint32_t cseq,
			     int status)
{
	osip_message_t *m;
	char number[16];

	if (osip_message_clone(request, &m) != 0)
		return NULL;
	osip_list_special_free(&m->vias, (void (*)(void *))osip_via_free);
	if (status == 407)
		osip_list_special_free(
			&m->proxy_authorizations,
			(void (*)(void *))osip_proxy_authorization_free);
	else
		osip_list_special_free(
			&m->authorizations,
			(void (*)(void *))osip_authorization_free);
	snprintf(number, sizeof(number), "%u", cseq);
	osip_free(m->cseq->number);
	m->cseq->number = osip_strdup(number);
	osip_message_force_update(m);
	return m;
}

static void give(const struct waiting *w, const char *header, const char *value)
{
	struct call *c = w->c;

	if (pc_sip_add(w->request, header, value) < 0) {
		pc_tool_error(c->tool, "%s: %s does not parse", c->uri, header);
		osip_message_free(w->request);
		w->again(c, NULL, w->arg);
		return;
	}
	c->authorized = true;
	w->again(c, w->request, w->arg);
}

static void on_authorized(void *arg, const char *header, const char *value)
{
	struct waiting w = *(struct waiting *)arg;

	free(arg);
	if (value) {
		give(&w, header, value);
		return;
	}
	pc_tool_error(w.c->tool, "%s: the line has no answer: %s", w.c->uri,
		      header);
	osip_message_free(w.request);
	w.again(w.c, NULL, w.arg);
}

static int ask_line(const struct waiting *what, osip_message_t *response)
{
	struct waiting *w = malloc(sizeof(*w));
	const osip_message_t *request = what->request;
	char *uri = NULL, *text = NULL;
	size_t len;
	int rc = -ENOMEM;

	if (!w)
		return rc;
	*w = *what;
	text = pc_sip_text(response, &len);
	if (text && osip_uri_to_str(request->req_uri, &uri) == 0)
		rc = pc_sip_transport_authorize(w->c->tp, request->sip_method,
						uri, text, len, on_authorized,
						w);
	if (rc < 0)
		free(w);
	osip_free(uri);
	osip_free(text);
	return rc;
}

static int challenges(const osip_message_t *response, char **list)
{
	const osip_list_t *from = response->status_code == 407
					  ? &response->proxy_authenticates
					  : &response->www_authenticates;
	int n = 0;

	for (int i = 0; i < osip_list_size(from) && n < CHALLENGES_MAX; i++)
		if (osip_www_authenticate_to_str(osip_list_get(from, i),
						 &list[n]) == 0)
			n++;
	return n;
}

static struct pc_sip_credentials credentials(const struct call *c)
{
	return (struct pc_sip_credentials){ .user = user_of(c),
					    .password = c->password,
					    .ha1 = c->ha1.list,
					    .n_ha1 = c->ha1.n };
}

static int digest(struct call *c, osip_message_t *request,
		  const char *challenge, struct pc_buf *value)
{
	struct pc_sip_credentials who = credentials(c);
	char cnonce[PC_SIP_TOKEN];
	char *uri = NULL, *text = NULL;
	struct pc_sip_span body;
	size_t len;
	int rc = -ENOMEM;

	if (osip_uri_to_str(request->req_uri, &uri) == 0)
		text = pc_sip_text(request, &len);
	if (text) {
		body = pc_sip_text_body(text, len); /* for auth-int */
		/* a nonce is answered once: the next challenge brings another */
		rc = pc_sip_digest_answer(
			value, challenge, &who, request->sip_method, uri, 1,
			pc_sip_token(cnonce), body.p, body.len);
	}
	osip_free(text);
	osip_free(uri);
	return rc;
}

/* Why none of them, n at least, is answered. */
static void cannot_answer(struct call *c, const char *const *list, size_t n)
{
	if (pc_sip_digest_choose(list, n) < 0)
		pc_tool_error(c->tool,
			      "%s: it wants %.60s; we know Digest with MD5 or "
			      "SHA-256",
			      c->uri, list[0]);
	else if (c->ha1.n == 0)
		pc_tool_error(c->tool,
			      "%s: it wants a password: give --user and "
			      "--password-file or $SIP_PASSWORD, or --ha1-file",
			      c->uri);
	else
		pc_tool_error(c->tool,
			      "%s: it wants %.60s: no hash in --ha1-file %s is "
			      "of user %s, this realm and algorithm",
			      c->uri, list[0], c->cfg->ha1_file, user_of(c));
}

static int answer(struct call *c, osip_message_t *request,
		  const osip_message_t *response, struct pc_buf *value)
{
	struct pc_sip_credentials who = credentials(c);
	char *list[CHALLENGES_MAX] = { 0 };
	int n = challenges(response, list), best = -1;
	int rc = -ENOTSUP;

	if (c->password || c->ha1.n > 0)
		best = pc_sip_digest_choose_for((const char *const *)list,
						(size_t)n, &who);
	if (n == 0)
		pc_tool_error(c->tool, "%s: %d without a challenge", c->uri,
			      response->status_code);
	else if (best < 0)
		cannot_answer(c, (const char *const *)list, (size_t)n);
	else
		rc = digest(c, request, list[best], value);
	for (int i = 0; i < n; i++)
		osip_free(list[i]);
	return rc;
}

/* 22.4: once, and again where only the nonce was too old. */
bool auth_wanted(struct auth_tries *tries, const osip_message_t *response)
{
	bool proxy = response->status_code == 407;
	const osip_list_t *list = proxy ? &response->proxy_authenticates
					: &response->www_authenticates;
	const osip_www_authenticate_t *w = osip_list_get(list, 0);
	unsigned *n = proxy ? &tries->proxy : &tries->user;
	bool stale = w && w->stale && strcasestr(w->stale, "true");

	if (*n > 0 && (*n > 2 || !stale))
		return false;
	(*n)++;
	return true;
}

void auth_answer(struct call *c, const osip_message_t *request,
		 osip_message_t *response, uint32_t cseq, auth_again_fn *again,
		 void *arg)
{
	struct waiting w = { c, fresh(request, cseq, response->status_code),
			     again, arg };
	struct pc_buf value = { 0 };
	int rc = w.request ? 0 : -ENOMEM;

	if (rc == 0 && c->kind == PC_SIP_LINE) {
		if (ask_line(&w, response) == 0)
			return;
		rc = -EIO;
	}
	if (rc == 0)
		rc = answer(c, w.request, response, &value);
	if (rc == 0) {
		give(&w,
		     response->status_code == 407 ? "Proxy-Authorization"
						  : "Authorization",
		     value.data);
	} else {
		osip_message_free(w.request);
		again(c, NULL, arg);
	}
	pc_buf_fini(&value);
}
