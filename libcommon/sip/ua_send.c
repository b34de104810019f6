/* The user agent core: out to the transport, and what is said of us there. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "sip/guard.h"
#include "sip/ua_private.h"

int pc_sip_ua_send_text(struct pc_sip_ua *ua, const char *text, size_t len,
			const struct pc_addr *to)
{
	if (!ua->transport)
		return -ENOTCONN;
	return pc_sip_transport_send(ua->transport, text, len, to);
}

void pc_sip_ua_refuse_text(struct pc_sip_ua *ua, const char *data, size_t len,
			   const char *why, const struct pc_addr *from)
{
	struct pc_buf reply = { 0 };
	struct pc_sip_verdict v;
	struct pc_addr back;

	pc_sip_guard(&v, data, len);
	if (!ua->transport || !v.request ||
	    (len > 4 && !memcmp(data, "ACK ", 4)))
		return;
	v.status = 400;
	v.why = why;
	pc_sip_guard_refusal(&reply, &v, data, len);
	pc_sip_text_back(&back, data, len, from,
			 pc_sip_transport_identity(ua->transport)->reliable);
	if (!reply.oom)
		pc_sip_ua_send_text(ua, reply.data, reply.len, &back);
	pc_buf_fini(&reply);
}

void pc_sip_ua_reliable(osip_transaction_t *tr)
{
	const char *word = tr->topvia ? tr->topvia->protocol : NULL;

	if (!word || (strcasecmp(word, "WS") && strcasecmp(word, "WSS")))
		return;
	switch (tr->ctx_type) {
	case ICT:
		tr->ict_context->timer_a_length = -1;
		tr->ict_context->timer_a_start.tv_sec = -1;
		tr->ict_context->timer_d_length = 0;
		break;
	case NICT:
		tr->nict_context->timer_e_length = -1;
		tr->nict_context->timer_e_start.tv_sec = -1;
		tr->nict_context->timer_k_length = 0;
		break;
	case IST:
		tr->ist_context->timer_g_length = -1;
		tr->ist_context->timer_g_start.tv_sec = -1;
		tr->ist_context->timer_i_length = 0;
		break;
	case NIST:
		tr->nist_context->timer_j_length = 0;
		break;
	}
}

int pc_sip_ua_add_via(struct pc_sip_ua *ua, osip_message_t *msg,
		      const struct pc_addr *to, const char *branch)
{
	char where[PC_ADDR_TEXT], token[PC_SIP_TOKEN], fresh[48], via[256];
	const struct pc_sip_identity *id;
	struct pc_addr local;
	int rc;

	if (!ua->transport)
		return -ENOTCONN;
	id = pc_sip_transport_identity(ua->transport);
	rc = pc_sip_transport_local(ua->transport, to, &local);
	if (rc < 0)
		return rc;
	snprintf(fresh, sizeof(fresh), "z9hG4bK%s", pc_sip_token(token));
	snprintf(via, sizeof(via), "SIP/2.0/%s %s;branch=%s;rport",
		 id->transport,
		 id->host ? id->host : pc_addr_text(&local, where),
		 branch ? branch : fresh);
	osip_message_force_update(msg);
	return osip_message_set_via(msg, via) ? -ENOMEM : 0;
}

int pc_sip_ua_contact(const struct pc_sip_ua *ua, const char *user,
		      const struct pc_addr *to, char *text, size_t size)
{
	const struct pc_sip_identity *id =
		pc_sip_transport_identity(ua->transport);
	char where[PC_ADDR_TEXT], name[256] = "", param[24];
	struct pc_addr local;
	int n;

	if (user)
		pc_sip_escape_user(name, sizeof(name), user);

	if (id->contact) {
		n = snprintf(text, size, "<%s>", id->contact);
	} else {
		n = pc_sip_transport_local(ua->transport, to, &local);
		if (n < 0)
			return n;
		n = snprintf(text, size, "<sip:%s%s%s%s>", name,
			     user ? "@" : "",
			     id->host ? id->host : pc_addr_text(&local, where),
			     pc_sip_transport_param(id, param));
	}
	return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}

int pc_sip_ua_prepare(struct pc_sip_ua *ua, osip_message_t *request,
		      const struct pc_addr *to)
{
	return pc_sip_ua_add_via(ua, request, to, NULL);
}

int pc_sip_ua_send_stateless(struct pc_sip_ua *ua, osip_message_t *msg,
			     const struct pc_addr *to)
{
	char *text;
	size_t len;
	int rc;

	if (MSG_IS_REQUEST(msg) && osip_list_size(&msg->vias) == 0) {
		rc = pc_sip_ua_add_via(ua, msg, to, NULL);
		if (rc < 0)
			return rc;
	}
	text = pc_sip_text(msg, &len);
	if (!text)
		return -ENOMEM;
	rc = pc_sip_ua_send_text(ua, text, len, to);
	osip_free(text);
	return rc;
}
