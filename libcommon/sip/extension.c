/* Headers of SIP's extensions; see extension.h. */
#include "sip/extension.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"

/* 7.3.3, RFC 4028 4. */
static bool named(const char *name, const char *wanted)
{
	static const struct {
		const char *name, *compact;
	} table[] = { { "Supported", "k" }, { "Session-Expires", "x" } };

	if (!name)
		return false;
	if (strcasecmp(name, wanted) == 0)
		return true;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (strcasecmp(wanted, table[i].name) == 0)
			return strcasecmp(name, table[i].compact) == 0;
	return false;
}

/* The n'th row of this header. */
static const char *row(const osip_message_t *msg, const char *header, int n)
{
	for (int i = 0; i < osip_list_size(&msg->headers); i++) {
		const osip_header_t *h = osip_list_get(&msg->headers, i);

		if (named(h->hname, header) && n-- == 0)
			return h->hvalue ? h->hvalue : "";
	}
	if (strcasecmp(header, "Allow") == 0 &&
	    n < osip_list_size(&msg->allows)) { /* osip2 sorts these out */
		const osip_allow_t *allow = osip_list_get(&msg->allows, n);

		return allow->value ? allow->value : "";
	}
	return NULL;
}

/* The next token of a comma list, *len long; or NULL. */
static const char *next_token(const char **list, size_t *len)
{
	const char *p = *list + strspn(*list, ", \t\r\n");

	*len = strcspn(p, ", \t\r\n;");
	*list = p + strcspn(p, ",");
	return *len > 0 ? p : NULL;
}

static bool has_token(const char *list, const char *token, size_t len)
{
	const char *found;
	size_t n;

	while ((found = next_token(&list, &n)))
		if (n == len && strncasecmp(found, token, n) == 0)
			return true;
	return false;
}

bool pc_sip_lists(const osip_message_t *msg, const char *header,
		  const char *token)
{
	const char *list;

	for (int i = 0; (list = row(msg, header, i)); i++)
		if (has_token(list, token, strlen(token)))
			return true;
	return false;
}

char *pc_sip_unsupported(const osip_message_t *msg, const char *known)
{
	struct pc_buf out = { 0 };
	const char *list, *token;
	size_t n;

	for (int i = 0; (list = row(msg, "Require", i)); i++)
		while ((token = next_token(&list, &n)))
			if (!known || !has_token(known, token, n))
				pc_buf_printf(&out, "%s%.*s",
					      out.len ? ", " : "", (int)n,
					      token);
	return out.data;
}

static int number(const char *text, uint32_t *value, const char **end)
{
	unsigned long long n;
	char *stop;

	if (!isdigit((unsigned char)*text))
		return -EBADMSG;
	errno = 0;
	n = strtoull(text, &stop, 10);
	if (errno || n > UINT32_MAX)
		return -EBADMSG;
	*value = (uint32_t)n;
	*end = stop;
	return 0;
}

int pc_sip_number(const osip_message_t *msg, const char *header,
		  uint32_t *value)
{
	const char *text = row(msg, header, 0), *end;
	int rc = text ? number(text, value, &end) : -ENOENT;

	if (rc == 0 && *end && !strchr("; \t(", *end))
		return -EBADMSG;
	return rc;
}

int pc_sip_rack(const osip_message_t *msg, struct pc_sip_rack *rack)
{
	const char *text = row(msg, "RAck", 0);
	size_t n;

	if (!text)
		return -ENOENT;
	if (number(text, &rack->rseq, &text) < 0)
		return -EBADMSG;
	text += strspn(text, " \t");
	if (number(text, &rack->cseq, &text) < 0)
		return -EBADMSG;
	text += strspn(text, " \t");
	n = strcspn(text, " \t");
	if (n == 0 || n >= sizeof(rack->method))
		return -EBADMSG;
	memcpy(rack->method, text, n);
	rack->method[n] = '\0';
	return 0;
}

int pc_sip_session_expires(const osip_message_t *msg, uint32_t *seconds,
			   enum pc_sip_refresher *refresher)
{
	int rc = pc_sip_number(msg, "Session-Expires", seconds);
	const char *p;

	*refresher = PC_SIP_REFRESHER_NONE;
	if (rc < 0)
		return rc;
	p = strcasestr(row(msg, "Session-Expires", 0), "refresher");
	if (!p)
		return 0;
	p += strlen("refresher");
	p += strspn(p, " \t=");
	if (strncasecmp(p, "uac", 3) == 0)
		*refresher = PC_SIP_REFRESHER_UAC;
	else if (strncasecmp(p, "uas", 3) == 0)
		*refresher = PC_SIP_REFRESHER_UAS;
	return 0;
}
