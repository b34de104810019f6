/* What a message that passes means for its call (RFC 3261 12, 13, 15). */
#include "calls.h"

#include <stdlib.h>
#include <string.h>

bool cseq_is(const char *data, size_t len, const char *method)
{
	struct pc_sip_span v = pc_sip_text_get(data, len, "CSeq");
	size_t n = strlen(method);

	return v.p && v.len > n && v.p[v.len - n - 1] == ' ' &&
	       !memcmp(v.p + v.len - n, method, n);
}

static uint32_t cseq_number(const char *data, size_t len)
{
	struct pc_sip_span v = pc_sip_text_get(data, len, "CSeq");

	return v.p ? (uint32_t)strtoul(v.p, NULL, 10) : 0;
}

/* The tag of From or To; heap, NULL when it has none. */
char *follow_tag(const char *data, size_t len, const char *header)
{
	struct pc_sip_span tag;

	if (!pc_sip_text_param(pc_sip_text_get(data, len, header), "tag", &tag))
		return NULL;
	return pc_sip_span_dup(tag);
}

void follow_keep(char **text, size_t *n, const char *data, size_t len)
{
	free(*text);
	*text = malloc(len + 1);
	*n = *text ? len : 0;
	if (*text) {
		memcpy(*text, data, len);
		(*text)[len] = '\0';
	}
}

static void state(struct call *c, enum call_state to, const char *why)
{
	static const char *const names[] = {
		"other",    "calling", "proceeding", "waiting", "taken",
		"answered", "refused", "up",         "closing", "over",
	};

	if (c->state != to)
		pc_trace_state(c->app->tool, "call", names[c->state], names[to],
			       why);
	c->state = to;
}

/*
 * The route set: Record-Route as it stands for the callee, and the other way
 * round for the caller (12.1.1, 12.1.2).
 */
static char *route_lines(const char *data, size_t len, bool reversed)
{
	struct pc_sip_span value, rest, one;
	struct pc_buf routes = { 0 }, line = { 0 };
	size_t at = 0;

	pc_buf_adds(&routes, "");
	while (pc_sip_text_header(data, len, "Record-Route", &at, &value)) {
		for (rest = value; pc_sip_text_next(&rest, &one);) {
			pc_buf_clear(&line);
			pc_buf_printf(&line, "Route: %.*s\r\n", (int)one.len,
				      one.p);
			if (reversed) {
				pc_buf_adds(&line, routes.data);
				pc_buf_clear(&routes);
			}
			pc_buf_add(&routes, line.data, line.len);
		}
	}
	pc_buf_fini(&line);
	return routes.data;
}

/* As a line of its own: a folded value (7.3.1) is made one line. Heap. */
static char *unfolded(struct pc_sip_span s)
{
	char *text = pc_sip_span_dup(s);

	for (char *p = text; p && *p; p++)
		if (*p == '\r' || *p == '\n')
			*p = ' ';
	return text;
}

void follow_dialog(struct call *c, const char *data, size_t len)
{
	struct pc_sip_span contact =
		pc_sip_text_first(pc_sip_text_get(data, len, "Contact"));
	const char *ours = c->incoming ? "To" : "From";
	const char *theirs = c->incoming ? "From" : "To";
	struct pc_sip_span who = pc_sip_text_get(data, len, theirs);

	free(c->routes);
	free(c->from);
	free(c->to);
	free(c->target);
	c->routes = route_lines(data, len, !c->incoming);
	c->from = unfolded(pc_sip_text_get(data, len, ours));
	c->to = unfolded(who);
	c->target = unfolded(pc_sip_text_uri(contact.p ? contact : who));
}

/* A target refresh, or the INVITE itself: the other side's Contact. */
static void follow_contact(struct call *c, const char *data, size_t len)
{
	struct pc_sip_span contact =
		pc_sip_text_first(pc_sip_text_get(data, len, "Contact"));

	if (!contact.p)
		return;
	free(c->target);
	c->target = unfolded(pc_sip_text_uri(contact));
}

static void sent_request(struct call *c, struct pc_sip_start *start,
			 const char *data, size_t len, const struct pc_addr *to)
{
	uint32_t n = cseq_number(data, len);

	if (n > c->cseq)
		c->cseq = n;
	c->peer = *to;
	if (pc_sip_span_is(start->method, "INVITE") &&
	    (c->state == CALL_OTHER || c->state == CALL_CALLING)) {
		follow_keep(&c->invite, &c->invite_len, data, len);
		state(c, CALL_CALLING, "INVITE sent");
	} else if (pc_sip_span_is(start->method, "ACK")) {
		c->acked = c->acked || c->state == CALL_UP;
	} else if (pc_sip_span_is(start->method, "BYE")) {
		follow_keep(&c->last, &c->last_len, data, len);
		c->last_to = *to;
		state(c, CALL_CLOSING, "BYE sent");
	}
}

static void sent_response(struct call *c, struct pc_sip_start *start,
			  const char *data, size_t len,
			  const struct pc_addr *to)
{
	if (!c->local_tag)
		c->local_tag = follow_tag(data, len, "To");
	if (!cseq_is(data, len, "INVITE") || start->status < 200 ||
	    c->state != CALL_TAKEN)
		return;
	free(c->local_tag); /* a 100's To may have had none */
	c->local_tag = follow_tag(data, len, "To");
	follow_keep(&c->last, &c->last_len, data, len);
	c->last_to = *to;
	if (start->status < 300) {
		char *target = c->target;

		c->target = NULL; /* theirs is of the INVITE, not of our 2xx */
		follow_dialog(c, data, len);
		free(c->target);
		c->target = target;
		state(c, CALL_ANSWERED, "2xx sent");
	} else {
		state(c, CALL_REFUSED, "refusal sent");
	}
}

void follow_sent(struct call *c, const char *data, size_t len,
		 const struct pc_addr *to)
{
	struct pc_sip_start start;

	if (pc_sip_text_start(&start, data, len) < 0)
		return;
	if (start.status == 0)
		sent_request(c, &start, data, len, to);
	else
		sent_response(c, &start, data, len, to);
}

static void received_response(struct call *c, int status, const char *data,
			      size_t len)
{
	if (cseq_is(data, len, "BYE")) {
		if (status >= 200 && status != 401 && status != 407)
			state(c, CALL_OVER, "BYE answered");
		return;
	}
	if (!cseq_is(data, len, "INVITE"))
		return;
	if (c->state == CALL_UP && status >= 200 && status < 300)
		follow_contact(c, data, len); /* of a re-INVITE */
	if (c->state != CALL_CALLING && c->state != CALL_PROCEEDING)
		return;
	if (status < 200) {
		state(c, CALL_PROCEEDING, "1xx received");
	} else if (status < 300) {
		free(c->remote_tag);
		c->remote_tag = follow_tag(data, len, "To");
		follow_dialog(c, data, len);
		state(c, CALL_UP, "2xx received");
	} else if (status == 401 || status == 407) {
		state(c, CALL_OTHER, "challenged"); /* it will try again */
	} else {
		state(c, CALL_OVER, "refused");
	}
}

static void received_request(struct call *c, struct pc_sip_start *start,
			     const char *data, size_t len)
{
	if (pc_sip_span_is(start->method, "BYE")) {
		state(c, CALL_OVER, "BYE received");
	} else if (pc_sip_span_is(start->method, "ACK")) {
		if (c->state == CALL_ANSWERED)
			state(c, CALL_UP, "ACK received");
		else if (c->state == CALL_REFUSED)
			state(c, CALL_OVER, "ACK received");
		c->acked = true;
	} else if (pc_sip_span_is(start->method, "INVITE") ||
		   pc_sip_span_is(start->method, "UPDATE")) {
		follow_contact(c, data, len);
	}
}

void follow_received(struct call *c, const char *data, size_t len,
		     const struct pc_addr *from)
{
	struct pc_sip_start start;

	(void)from;
	if (pc_sip_text_start(&start, data, len) < 0)
		return;
	if (start.status == 0)
		received_request(c, &start, data, len);
	else
		received_response(c, start.status, data, len);
}
