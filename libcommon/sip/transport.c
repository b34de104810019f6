/* What all SIP transports have in common; see transport.h. */
#include "sip/transport_private.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sip/guard.h"
#include "sip/text.h"

static const struct {
	const char *word;
	uint16_t port;
	const struct pc_sip_transport_ops *ops;
} kinds[] = {
	[PC_SIP_UDP] = { "UDP", 5060, &pc_sip_udp_ops },
	[PC_SIP_TCP] = { "TCP", 5060, &pc_sip_stream_ops },
	[PC_SIP_TLS] = { "TLS", 5061, &pc_sip_stream_ops },
	[PC_SIP_WS] = { "WS", 80, &pc_sip_stream_ops },
	[PC_SIP_WSS] = { "WSS", 443, &pc_sip_stream_ops },
	[PC_SIP_LINE] = { "line", 0, &pc_sip_line_ops },
};

const char *pc_sip_transport_word(enum pc_sip_transport_kind kind)
{
	return kinds[kind].word;
}

bool pc_sip_transport_kind_of(enum pc_sip_transport_kind *kind,
			      const char *word)
{
	for (int i = 0; i < PC_SIP_LINE; i++) {
		if (strcasecmp(kinds[i].word, word) != 0)
			continue;
		*kind = (enum pc_sip_transport_kind)i;
		return true;
	}
	return false;
}

const char *pc_sip_transport_param(const struct pc_sip_identity *id,
				   char text[24])
{
	const char *word = id->transport;

	text[0] = '\0';
	if (!strcasecmp(word, "WSS"))
		word = "ws";
	if (strcasecmp(word, "UDP") != 0)
		snprintf(text, 24, ";transport=%s", word);
	for (char *p = text; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return text;
}

uint16_t pc_sip_transport_port(enum pc_sip_transport_kind kind)
{
	return kinds[kind].port;
}

int pc_sip_transport_open(struct pc_sip_transport **out, struct pc_tool *tool,
			  const struct pc_sip_transport_config *config)
{
	struct pc_sip_transport *tp = calloc(1, sizeof *tp);
	int rc;

	if (!tp)
		return -ENOMEM;
	tp->tool = tool;
	tp->config = *config;
	tp->ops = kinds[config->kind].ops;
	rc = tp->ops->open(tp);
	if (rc < 0) {
		free(tp);
		return rc;
	}
	*out = tp;
	return 0;
}

void pc_sip_transport_close(struct pc_sip_transport *tp)
{
	if (!tp)
		return;
	if (tp->calling > 0) {
		tp->closing = true;
		return;
	}
	tp->ops->close(tp);
	for (int i = 0; i < PC_SIP_NAMES; i++)
		free(tp->names[i].name);
	free(tp);
}

void pc_sip_transport_note(struct pc_sip_transport *tp, int err,
			   const char *why)
{
	tp->why_err = err;
	snprintf(tp->why, sizeof tp->why, "%s", why);
}

const char *pc_sip_transport_why(const struct pc_sip_transport *tp, int err)
{
	return tp && tp->why_err == err ? tp->why : strerror(err);
}

void pc_sip_transport_named(struct pc_sip_transport *tp,
			    const struct pc_addr *addr, const char *name)
{
	unsigned i = tp->n_names++ % PC_SIP_NAMES;

	free(tp->names[i].name);
	tp->names[i].name = strdup(name);
	tp->names[i].addr = *addr;
}

const char *pc_sip_transport_name(const struct pc_sip_transport *tp,
				  const struct pc_addr *addr,
				  char ip[PC_ADDR_TEXT])
{
	for (unsigned i = 0; i < PC_SIP_NAMES && i < tp->n_names; i++)
		if (tp->names[i].name &&
		    pc_addr_equal(&tp->names[i].addr, addr))
			return tp->names[i].name;
	return pc_addr_ip(addr, ip);
}

void pc_sip_transport_enter(struct pc_sip_transport *tp)
{
	tp->calling++;
}

bool pc_sip_transport_leave(struct pc_sip_transport *tp)
{
	if (--tp->calling > 0 || !tp->closing)
		return true;
	pc_sip_transport_close(tp);
	return false;
}

const struct pc_sip_identity *
pc_sip_transport_identity(const struct pc_sip_transport *tp)
{
	return &tp->identity;
}

int pc_sip_transport_local(const struct pc_sip_transport *tp,
			   const struct pc_addr *to, struct pc_addr *local)
{
	struct pc_addr towards;
	int rc;

	*local = tp->identity.local;
	if (!pc_addr_is_any(local))
		return 0;
	rc = pc_addr_towards(&towards, to);
	if (rc < 0)
		return rc;
	pc_addr_set_port(&towards, pc_addr_port(local));
	*local = towards;
	return 0;
}

static void trace(struct pc_sip_transport *tp, bool out, const char *data,
		  size_t len, const struct pc_addr *local,
		  const struct pc_addr *remote)
{
	struct pc_buf summary = { 0 };

	if (!pc_trace_wanted(tp->tool))
		return;
	pc_sip_text_summary(&summary, data, len);
	pc_trace_message(
		tp->tool,
		&(struct pc_trace_msg){
			.protocol = "SIP",
			.out = out,
			.local = local,
			.remote = remote,
			.transport = tp->identity.reliable ? "tcp" : "udp",
			.summary = summary.data ? summary.data : "",
			.data = data,
			.len = len,
			.text = true });
	pc_buf_fini(&summary);
}

int pc_sip_transport_send(struct pc_sip_transport *tp, const char *data,
			  size_t len, const struct pc_addr *to)
{
	struct pc_addr local;

	if (tp->closing)
		return -ESHUTDOWN;
	if (len > PC_SIP_MESSAGE_MAX)
		return -EMSGSIZE;
	if (pc_trace_wanted(tp->tool) &&
	    pc_sip_transport_local(tp, to, &local) == 0)
		trace(tp, true, data, len, &local, to);
	return tp->ops->send(tp, data, len, to);
}

int pc_sip_transport_ping(struct pc_sip_transport *tp, const struct pc_addr *to,
			  bool stun, bool must)
{
	if (tp->closing)
		return -ESHUTDOWN;
	if (stun && tp->config.kind == PC_SIP_UDP)
		return pc_sip_udp_stun(tp, to);
	if (tp->ops->ping)
		return tp->ops->ping(tp, to, must);
	return tp->ops->send(tp, "\r\n\r\n", 4, to);
}

/* What cannot be used is counted, and where it can be, answered (8.2, 21.4). */
void pc_sip_transport_refuse(struct pc_sip_transport *tp,
			     const struct pc_sip_verdict *v, const char *data,
			     size_t len, const struct pc_addr *from,
			     const struct pc_addr *local)
{
	struct pc_buf marked = { 0 }, reply = { 0 };
	struct pc_addr back;

	pc_tool_malformed(tp->tool, "SIP", from, v->why);
	if (!v->status)
		return;
	trace(tp, false, data, len, local, from);
	if (pc_sip_text_received(&marked, data, len, from) == 0) {
		pc_sip_guard_refusal(&reply, v, marked.data, marked.len);
		pc_sip_text_back(&back, marked.data, marked.len, from,
				 tp->identity.reliable);
		if (!reply.oom)
			pc_sip_transport_send(tp, reply.data, reply.len, &back);
	}
	pc_buf_fini(&marked);
	pc_buf_fini(&reply);
}

static bool only_keepalive(const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (data[i] != '\r' && data[i] != '\n' && data[i] != '\0')
			return false;
	return len <= 4;
}

void pc_sip_transport_in(struct pc_sip_transport *tp, const char *data,
			 size_t len, const struct pc_addr *from,
			 const struct pc_addr *local)
{
	struct pc_sip_verdict v;
	struct pc_buf marked = { 0 };

	if (only_keepalive(data, len))
		return;
	pc_sip_guard(&v, data, len);
	if (!v.good) {
		pc_sip_transport_refuse(tp, &v, data, len, from, local);
		return;
	}
	trace(tp, false, data, len, local, from);
	if (v.request && pc_sip_text_received(&marked, data, len, from) == 0) {
		data = marked.data;
		len = marked.len;
	}
	tp->config.received(tp->config.arg, data, len, from, local);
	pc_buf_fini(&marked);
}

void pc_sip_transport_unreachable(struct pc_sip_transport *tp, int err,
				  const struct pc_addr *to)
{
	char text[PC_ADDR_TEXT];

	if (tp->closing)
		return;
	pc_verbose("%s: %s", pc_addr_text(to, text),
		   pc_sip_transport_why(tp, err));
	if (tp->config.unreachable)
		tp->config.unreachable(tp->config.arg, err, to);
	else
		pc_sip_transport_closed(tp, err, pc_sip_transport_why(tp, err));
}

void pc_sip_transport_closed(struct pc_sip_transport *tp, int err,
			     const char *why)
{
	if (tp->config.closed && !tp->closing)
		tp->config.closed(tp->config.arg, err, why);
}
