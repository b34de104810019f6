/*
 * URIs as they came (RFC 3261 19.1.4, 8.2.6.2). osip2 takes %-escapes out of
 * what it parses and puts in those that it likes when it writes:
 * <sip:a%2fb@h> goes back as <sip:a/b@h>, which is not what the other side
 * wrote, nor equal to it; and sip:sips%3Auser is another user than sips:user.
 *
 * osip2 writes a URI's member string, when there is one, before all others: it
 * is there for schemes that it does not know. What came goes in there too; the
 * other members stay, taken apart and unescaped, for who wants to read them.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "sip/msg.h"
#include "sip/text.h"

static void keep(osip_uri_t *uri, struct pc_sip_span raw)
{
	const char *colon = raw.p ? memchr(raw.p, ':', raw.len) : NULL;
	size_t n;

	if (!uri || uri->string || !colon)
		return;
	n = (size_t)(raw.p + raw.len - colon - 1);
	uri->string = osip_malloc(n + 1);
	if (!uri->string)
		return;
	memcpy(uri->string, colon + 1, n);
	uri->string[n] = '\0';
}

/* The URIs that a header lists, over all its lines; into to if not NULL. */
static int each(const char *data, size_t len, const char *name,
		const osip_list_t *to)
{
	struct pc_sip_span rest, one;
	size_t at = 0;
	int n = 0;

	while (pc_sip_text_header(data, len, name, &at, &rest))
		while (pc_sip_text_next(&rest, &one)) {
			/* Route, Record-Route and Contact are the same to it */
			osip_from_t *entry = to ? osip_list_get(to, n) : NULL;

			if (entry)
				keep(entry->url, pc_sip_text_uri(one));
			n++;
		}
	return n;
}

static void keep_list(const osip_list_t *list, const char *data, size_t len,
		      const char *name)
{
	if (osip_list_size(list) > 0 &&
	    each(data, len, name, NULL) == osip_list_size(list))
		each(data, len, name, list);
}

void pc_sip_keep_uris(osip_message_t *msg, const char *data, size_t len)
{
	struct pc_sip_start start;

	if (msg->req_uri && pc_sip_text_start(&start, data, len) == 0)
		keep(msg->req_uri, start.uri);
	if (msg->from)
		keep(msg->from->url,
		     pc_sip_text_uri(pc_sip_text_get(data, len, "From")));
	if (msg->to)
		keep(msg->to->url,
		     pc_sip_text_uri(pc_sip_text_get(data, len, "To")));
	keep_list(&msg->contacts, data, len, "Contact");
	keep_list(&msg->routes, data, len, "Route");
	keep_list(&msg->record_routes, data, len, "Record-Route");
}

/* <sip:x> at p: what osip2 2 to 5.3 takes for too short to be an address. */
static bool is_short(const char *p, size_t len)
{
	return len >= 7 && strncasecmp(p, "<sip:", 5) == 0 && p[6] == '>';
}

char *pc_sip_lengthen(const char *data, size_t len, size_t *longer)
{
	const char *end = memmem(data, len, "\r\n\r\n", 4), *p = data;
	const char *head = end ? end : data + len, *lt;
	struct pc_buf b = { 0 };

	while ((lt = memchr(p, '<', (size_t)(head - p)))) {
		size_t n = is_short(lt, (size_t)(head - lt)) ? 6 : 1;

		pc_buf_add(&b, p, (size_t)(lt - p) + n);
		if (n == 6)
			pc_buf_adds(&b, ":5060");
		p = lt + n;
	}
	if (b.len == (size_t)(p - data)) { /* there was none */
		pc_buf_fini(&b);
		return NULL;
	}
	pc_buf_add(&b, p, len - (size_t)(p - data));
	pc_buf_adds(&b, "");
	*longer = b.len;
	if (b.oom)
		pc_buf_fini(&b);
	return b.data;
}

int pc_sip_uri_new(osip_uri_t **out, const char *text)
{
	osip_uri_t *uri;

	pc_sip_init();
	if (osip_uri_init(&uri) != 0)
		return -ENOMEM;
	if (osip_uri_parse(uri, text) != 0) {
		osip_uri_free(uri);
		return -EINVAL;
	}
	keep(uri, (struct pc_sip_span){ text, strlen(text) });
	*out = uri;
	return 0;
}

void pc_sip_uri_bare(osip_uri_t *uri)
{
	char *user = uri->string ? strchr(uri->string, '@') : NULL, *headers;

	if (!uri->host)
		return;
	headers = uri->string ? strchr(user ? user : uri->string, '?') : NULL;
	if (headers)
		*headers = '\0';
	while (osip_list_size(&uri->url_headers) > 0) {
		osip_uri_header_t *h = osip_list_get(&uri->url_headers, 0);

		osip_list_remove(&uri->url_headers, 0);
		osip_uri_param_free(h);
	}
}

/* 25.1: user = 1*( unreserved / escaped / user-unreserved ) */
void pc_sip_escape_user(char *text, size_t size, const char *user)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-_.!~*'()&=+$,;?/";
	size_t n = 0;

	for (; *user && n + 4 <= size; user++)
		if (strchr(plain, *user))
			text[n++] = *user;
		else
			n += (size_t)snprintf(text + n, size - n, "%%%02X",
					      (unsigned char)*user);
	text[n] = '\0';
}
