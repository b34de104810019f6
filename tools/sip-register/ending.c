/*
 * What is said in the place of a sip-dial that is gone: CANCEL, BYE, a
 * refusal; each sent again until it is answered (RFC 3261 9.1, 13.2.2.4, 15.1,
 * 17.1.2). Routes are taken to be loose (16.12): strict routers are extinct.
 */
#include "calls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINGER_MS 5000u /* T4: late retransmissions are answered */

/* ---- sending again ---- */

void resend_stop(struct resend *r)
{
	pc_timer_free(r->timer);
	free(r->text);
	*r = (struct resend){ 0 };
}

static void on_resend(void *arg)
{
	struct call *c = arg;
	struct resend *r = &c->resend;

	r->sent_ms += r->interval_ms;
	pc_sip_transport_send(c->app->tp, r->text, r->len, &r->to);
	r->interval_ms *= 2;
	if (r->interval_ms > PC_SIP_T2_MS)
		r->interval_ms = PC_SIP_T2_MS;
	if (r->sent_ms < PC_SIP_64_T1_MS)
		pc_timer_set(r->timer, r->interval_ms);
}

/* Send text, which is taken, now, and over UDP again and again. */
static void resend_start(struct call *c, struct pc_buf *text,
			 const struct pc_addr *to)
{
	struct resend *r = &c->resend;
	struct app *app = c->app;

	resend_stop(r);
	if (text->oom || !text->data) {
		pc_buf_fini(text);
		return;
	}
	r->text = text->data;
	r->len = text->len;
	r->to = *to;
	r->interval_ms = PC_SIP_T1_MS;
	pc_sip_transport_send(app->tp, r->text, r->len, to);
	if (pc_sip_transport_identity(app->tp)->reliable)
		return;
	r->timer = pc_timer_new(app->tool->loop, on_resend, c);
	if (r->timer)
		pc_timer_set(r->timer, r->interval_ms);
}

/* ---- the messages ---- */

static void copy_headers(struct pc_buf *out, const char *data, size_t len,
			 const char *name)
{
	struct pc_sip_span v;
	size_t at = 0;

	while (pc_sip_text_header(data, len, name, &at, &v))
		pc_buf_printf(out, "%s: %.*s\r\n", name, (int)v.len, v.p);
}

/*
 * CANCEL, or the ACK of a non-2xx (9.1, 17.1.1.3): what the INVITE says, with
 * its top Via alone; the ACK has To from the response.
 */
static void like_invite(struct pc_buf *out, const struct call *c,
			const char *method, struct pc_sip_span to)
{
	const char *i = c->invite;
	size_t n = c->invite_len;
	struct pc_sip_span via =
		pc_sip_text_first(pc_sip_text_get(i, n, "Via"));
	struct pc_sip_span cseq = pc_sip_text_get(i, n, "CSeq");
	struct pc_sip_start start;

	if (!i || pc_sip_text_start(&start, i, n) < 0)
		return;
	pc_buf_printf(out, "%s %.*s SIP/2.0\r\nVia: %.*s\r\n", method,
		      (int)start.uri.len, start.uri.p, (int)via.len, via.p);
	copy_headers(out, i, n, "Route");
	pc_buf_adds(out, "Max-Forwards: 70\r\n");
	copy_headers(out, i, n, "From");
	pc_buf_printf(out, "To: %.*s\r\n", (int)to.len, to.p);
	copy_headers(out, i, n, "Call-ID");
	pc_buf_printf(out, "CSeq: %lu %s\r\nContent-Length: 0\r\n\r\n",
		      cseq.p ? strtoul(cseq.p, NULL, 10) : 0, method);
}

/* A request of the dialog: BYE, or the ACK of a 2xx. */
static void in_dialog(struct pc_buf *out, const struct call *c,
		      const char *method, uint32_t cseq,
		      const struct pc_addr *to, const char *extra)
{
	struct app *app = c->app;
	const struct pc_sip_identity *id = pc_sip_transport_identity(app->tp);
	struct pc_addr local;
	char text[PC_ADDR_TEXT], branch[PC_SIP_TOKEN];

	if (pc_sip_transport_local(app->tp, to, &local) < 0)
		local = c->local;
	pc_buf_printf(out, "%s %s SIP/2.0\r\n", method, c->target);
	pc_buf_printf(out, "Via: SIP/2.0/%s %s;rport;branch=z9hG4bK%s\r\n",
		      id->transport,
		      id->host ? id->host : pc_addr_text(&local, text),
		      pc_sip_token(branch));
	pc_buf_printf(out, "Max-Forwards: 70\r\n%sFrom: %s\r\nTo: %s\r\n",
		      c->routes ? c->routes : "", c->from, c->to);
	pc_buf_printf(out,
		      "Call-ID: %s\r\nCSeq: %u %s\r\n%s"
		      "Content-Length: 0\r\n\r\n",
		      c->call_id, cseq, method, extra ? extra : "");
}

/*
 * Where requests of the dialog go: over the flow that the call came by or
 * the dial used; when that was only for the INVITE, to the first Route or
 * the target, if that is an address.
 */
static struct pc_addr next_hop(const struct call *c)
{
	const char *uri = c->target, *host;
	struct pc_addr addr;
	char text[PC_ADDR_TEXT];

	if (c->incoming || c->acked || !uri)
		return c->peer;
	if (c->routes && c->routes[0])
		uri = c->routes + strcspn(c->routes, "<");
	uri += strcspn(uri, ":\r");
	host = uri + strcspn(uri, "@\r>");
	host = *host == '@' ? host + 1 : uri + (*uri == ':');
	snprintf(text, sizeof(text), "%.*s", (int)strcspn(host, ";?>\r"), host);
	return pc_addr_parse(&addr, text, 5060) == 0 ? addr : c->peer;
}

static void send_once(struct call *c, struct pc_buf *text,
		      const struct pc_addr *to)
{
	if (!text->oom && text->len > 0)
		pc_sip_transport_send(c->app->tp, text->data, text->len, to);
	pc_buf_fini(text);
}

/* ---- the end ---- */

static void on_lingered(void *arg)
{
	call_free(arg);
}

static void done(struct call *c, const char *why)
{
	if (c->state == CALL_OVER)
		return;
	resend_stop(&c->resend);
	c->state = CALL_OVER;
	pc_event(c->app->tool, "ended", "call_id=%s invite=%s ended=%s why=%s",
		 c->call_id, c->id, c->ended, why);
	pc_timer_free(c->timer);
	c->timer = pc_timer_new(c->app->tool->loop, on_lingered, c);
	if (c->timer)
		pc_timer_set(c->timer, LINGER_MS);
	app_ending_step(c->app);
}

static void on_deadline(void *arg)
{
	done(arg, "no answer");
}

static void bound(struct call *c)
{
	pc_timer_free(c->timer);
	c->timer = pc_timer_new(c->app->tool->loop, on_deadline, c);
	if (c->timer)
		pc_timer_set(c->timer, PC_SIP_64_T1_MS);
}

static void send_cancel(struct call *c)
{
	struct pc_buf text = { 0 };

	like_invite(&text, c, "CANCEL",
		    pc_sip_text_get(c->invite, c->invite_len, "To"));
	c->state = CALL_PROCEEDING;
	resend_start(c, &text, &c->peer);
}

static void send_ack(struct call *c, uint32_t cseq)
{
	struct pc_addr to = next_hop(c);
	struct pc_buf text = { 0 };

	in_dialog(&text, c, "ACK", cseq, &to, NULL);
	send_once(c, &text, &to);
}

static void send_bye(struct call *c, const char *extra)
{
	struct pc_addr to = next_hop(c);
	struct pc_buf text = { 0 };

	in_dialog(&text, c, "BYE", ++c->cseq, &to, extra);
	c->ended = "BYE";
	c->state = CALL_CLOSING;
	resend_start(c, &text, &to);
}

static uint32_t invite_cseq(const struct call *c)
{
	struct pc_sip_span v =
		pc_sip_text_get(c->invite, c->invite_len, "CSeq");

	return v.p ? (uint32_t)strtoul(v.p, NULL, 10) : 1;
}

static void resend_last(struct call *c)
{
	struct pc_buf text = { 0 };

	pc_buf_add(&text, c->last, c->last_len);
	resend_start(c, &text, &c->last_to);
}

void ending_refuse(struct call *c, int status, const char *reason)
{
	struct pc_buf text = { 0 };
	struct pc_addr back;
	char tag[PC_SIP_TOKEN];

	c->ending = true;
	c->ended = status == 487 ? "487" : status == 480 ? "480" : "500";
	pc_sip_text_back(&back, c->invite, c->invite_len, &c->peer,
			 pc_sip_transport_identity(c->app->tp)->reliable);
	pc_sip_text_reply(&text, c->invite, c->invite_len, status, reason,
			  c->local_tag ? c->local_tag : pc_sip_token(tag),
			  NULL);
	c->state = CALL_REFUSED;
	bound(c);
	resend_start(c, &text, &back);
}

void ending_start(struct call *c)
{
	c->ending = true;
	switch (c->state) {
	case CALL_CALLING: /* a CANCEL must wait for a 1xx (9.1) */
		c->ended = "CANCEL";
		break;
	case CALL_PROCEEDING:
		c->ended = "CANCEL";
		send_cancel(c);
		break;
	case CALL_WAITING:
		ending_refuse(c, 480, "Temporarily Unavailable");
		break;
	case CALL_TAKEN:
		ending_refuse(c, 500, "Server Internal Error");
		break;
	case CALL_ANSWERED: /* a callee's BYE waits for the ACK (15) */
		c->ended = "BYE";
		resend_last(c);
		break;
	case CALL_REFUSED:
	case CALL_CLOSING:
		if (c->state == CALL_CLOSING)
			c->ended = "BYE";
		resend_last(c);
		break;
	case CALL_UP:
		if (!c->incoming && !c->acked)
			send_ack(c, invite_cseq(c));
		send_bye(c, NULL);
		break;
	case CALL_OTHER:
	case CALL_OVER:
		return;
	}
	bound(c);
}

/* ---- what comes for such a call ---- */

/* 401 or 407 to our BYE: once more, with an answer. */
static bool authorize_bye(struct call *c, const char *data, size_t len)
{
	struct pc_sip_span from = { c->from, c->from ? strlen(c->from) : 0 };
	struct account *a = account_of_uri(c->app, pc_sip_text_uri(from));
	struct pc_buf value = { 0 }, extra = { 0 };
	const char *why;
	int rc;

	if (!a)
		a = c->app->accounts;
	if (c->challenged)
		return false;
	c->challenged = true;
	rc = auth_answer(a, &a->lent, data, len, "BYE", c->target, &value,
			 &why);
	if (rc == 0) {
		pc_buf_printf(&extra, "%s: %s\r\n", a->lent.header, value.data);
		send_bye(c, extra.data);
	}
	pc_buf_fini(&value);
	pc_buf_fini(&extra);
	return rc == 0;
}

static void invite_answered(struct call *c, int status, const char *data,
			    size_t len)
{
	struct pc_sip_span to = pc_sip_text_get(data, len, "To");
	struct pc_buf ack = { 0 };
	char *tag;

	if (status < 200) {
		if (c->state == CALL_CALLING)
			send_cancel(c);
		return;
	}
	if (status >= 300) {
		like_invite(&ack, c, "ACK", to);
		send_once(c, &ack, &c->peer);
		if (c->state != CALL_CLOSING)
			done(c, "refused");
		return;
	}
	tag = follow_tag(data, len, "To");
	if (c->state != CALL_CLOSING || !tag || !c->remote_tag ||
	    strcmp(tag, c->remote_tag) != 0) {
		free(c->remote_tag);
		c->remote_tag = tag;
		tag = NULL;
		follow_dialog(c, data, len);
		send_ack(c, invite_cseq(c));
		bound(c);
		send_bye(c, NULL);
	} else { /* a retransmission: the ACK was lost */
		send_ack(c, invite_cseq(c));
	}
	free(tag);
}

static void response_received(struct call *c, int status, const char *data,
			      size_t len)
{
	if (cseq_is(data, len, "INVITE") && !c->incoming) {
		invite_answered(c, status, data, len);
	} else if (cseq_is(data, len, "CANCEL") && status >= 200) {
		if (c->state == CALL_PROCEEDING)
			resend_stop(&c->resend);
		if (status == 481 && c->state == CALL_PROCEEDING)
			done(c, "481 to CANCEL");
	} else if (cseq_is(data, len, "BYE") && status >= 200) {
		if ((status == 401 || status == 407) &&
		    authorize_bye(c, data, len))
			return;
		done(c, "answered");
	}
}

static void request_received_in(struct call *c, struct pc_sip_start *start,
				const char *data, size_t len,
				const struct pc_addr *from)
{
	struct app *app = c->app;

	if (pc_sip_span_is(start->method, "ACK")) {
		if (c->state == CALL_ANSWERED)
			send_bye(c, NULL);
		else if (c->state == CALL_REFUSED)
			done(c, "acknowledged");
	} else if (pc_sip_span_is(start->method, "BYE")) {
		calls_reply(app, data, len, from, 200, "OK", NULL);
		done(c, "BYE received");
	} else if (pc_sip_span_is(start->method, "CANCEL")) {
		calls_reply(app, data, len, from, 200, "OK", NULL);
	} else if (pc_sip_span_is(start->method, "INVITE") &&
		   (c->state == CALL_REFUSED || c->state == CALL_ANSWERED)) {
		pc_sip_transport_send(app->tp, c->resend.text, c->resend.len,
				      &c->resend.to);
	} else {
		calls_reply(app, data, len, from, 481,
			    "Call/Transaction Does Not Exist", NULL);
	}
}

void ending_received(struct call *c, const char *data, size_t len,
		     const struct pc_addr *from)
{
	struct pc_sip_start start;

	if (pc_sip_text_start(&start, data, len) < 0)
		return;
	if (start.status)
		response_received(c, start.status, data, len);
	else
		request_received_in(c, &start, data, len, from);
}

void ending_unreachable(struct app *app, const struct pc_addr *to)
{
	struct call *c, *next;

	for (c = app->calls; c; c = next) {
		next = c->next;
		if (!pc_addr_equal(&c->peer, to))
			continue;
		if (c->state == CALL_CALLING && c->owner)
			c->state = CALL_OVER; /* nothing to take back */
		else if (c->ending && c->state != CALL_OVER && !c->owner)
			done(c, "unreachable");
	}
}

void ending_all(struct app *app)
{
	struct call *c, *next;

	for (c = app->calls; c; c = next) {
		next = c->next;
		if (c->ending)
			continue;
		c->owner = NULL;
		ending_start(c);
	}
}

bool ending_over(const struct app *app)
{
	for (const struct call *c = app->calls; c; c = c->next)
		if (c->state != CALL_OVER && c->state != CALL_OTHER)
			return false;
	return true;
}
