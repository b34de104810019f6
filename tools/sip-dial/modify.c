/*
 * We change the session: re-INVITE (RFC 3261 14.1) and UPDATE (RFC 3311). A
 * refusal leaves everything as it was; 491 is tried again after a while.
 */
#include "call.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "sip/extension.h"

#define GLARES_MAX        6
#define RETRY_AFTER_MAX_S 10

static const char *method(const struct modify *m)
{
	return m->update ? "UPDATE" : "INVITE";
}

bool modify_pending(const struct call *c)
{
	return c->modify.out != NULL;
}

static void finish(struct call *c)
{
	struct modify *m = &c->modify;

	m->out = NULL;
	m->waiting = false;
	m->what = NULL;
	pc_buf_clear(&m->sdp);
	pc_timer_cancel(m->again);
	pc_timer_cancel(m->bound);
}

void modify_stop(struct call *c)
{
	if (c->modify.again)
		finish(c);
}

/* 14.1: who owns the Call-ID waits 2.1 to 4 s, the other less than 2 s. */
static unsigned glare_ms(const struct call *c)
{
	unsigned n = 0;

	if (getrandom(&n, sizeof(n), 0) != sizeof(n))
		n = (unsigned)pc_now_ms();
	return c->cfg->answer ? n % 201 * 10 : 2100 + n % 191 * 10;
}

static void try_later(struct call *c, int status, unsigned ms)
{
	struct modify *m = &c->modify;

	m->out = NULL;
	m->waiting = true;
	m->glares++;
	pc_timer_cancel(m->bound);
	pc_timer_set(m->again, ms);
	pc_event(c->tool, "glare", "by=%s method=%s status=%d wait_ms=%u", "us",
		 method(m), status, ms);
}

static void refused(struct call *c, const struct pc_sip_response *r)
{
	const struct modify *m = &c->modify;

	pc_event(c->tool, "refused",
		 "by=%s what=%s method=%s status=%d reason=%s", "them", m->what,
		 method(m), r->status, r->reason);
	pc_warnx("%s: %d %s: the session stays as it was", m->what, r->status,
		 r->reason);
	finish(c);
}

/* Both have what they agreed on: it is the session now. */
static void succeeded(struct call *c, const osip_message_t *response)
{
	struct modify *m = &c->modify;
	bool refresh = strcmp(m->what, "refresh") == 0, news;
	struct pc_buf sdp = { 0 };
	const char *body;
	size_t len;

	if (c->state == CALL_UP)
		expiry_accepted(c, response);
	if (m->sdp.len == 0) { /* nothing was asked but to go on */
		finish(c);
		return;
	}
	body = pc_sip_body(response, SDP_TYPE, &len);
	if (!body || session_take(c, &sdp, body, len, "their answer") < 0) {
		if (!body)
			pc_tool_error(c->tool,
				      "%s: 200 without an answer: the session "
				      "stays as it was",
				      m->what);
		finish(c);
		return;
	}
	news = !refresh || session_change(c, sdp.data, sdp.len) != SESSION_SAME;
	pc_buf_fini(&c->remote_sdp);
	c->remote_sdp = sdp;
	pc_buf_fini(&c->local_sdp);
	c->local_sdp = m->sdp;
	m->sdp = (struct pc_buf){ 0 };
	if (strcmp(m->what, "offer") == 0) {
		pc_buf_clear(&c->base_sdp);
		pc_buf_add(&c->base_sdp, c->local_sdp.data, c->local_sdp.len);
	}
	c->mask = m->mask;
	if (strcmp(m->what, "hold") == 0 || strcmp(m->what, "resume") == 0)
		pc_event(c->tool, "hold", "by=%s direction=%s", "us",
			 session_direction(c));
	if (news)
		pc_event(c->tool, "changed", "by=%s what=%s method=%s sdp=%s",
			 "us", m->what, method(m), c->remote_sdp.data);
	finish(c);
}

/* 12.2.1.2: the other side has no such call, or is not there any more. */
static bool ends_call(const struct pc_sip_response *r)
{
	return r->status == 481 || r->status == 408 ||
	       (!r->message && r->err == ETIMEDOUT);
}

/* How long to wait until it is tried again; 0: not at all. */
static unsigned retry_ms(const struct call *c, const struct pc_sip_response *r)
{
	uint32_t seconds;

	if (c->modify.glares >= GLARES_MAX)
		return 0;
	if (r->status == 491)
		return glare_ms(c) + 1;
	if (r->status == 500 && r->message &&
	    pc_sip_number(r->message, "Retry-After", &seconds) == 0 &&
	    seconds <= RETRY_AFTER_MAX_S)
		return seconds * 1000 + 1; /* theirs came first (14.2) */
	return 0;
}

static int send_it(struct call *c);

static void failed(struct call *c, const struct pc_sip_response *r)
{
	unsigned wait_ms = retry_ms(c, r);
	char why[64];

	if (ends_call(r)) {
		snprintf(why, sizeof(why), "%d to %s", r->status,
			 method(&c->modify));
		refused(c, r);
		call_hangup(c, why,
			    r->status == 481 ? PC_EXIT_NO : PC_EXIT_NOANSWER);
	} else if (r->status == 422 && r->message &&
		   expiry_raise(c, r->message)) {
		send_it(c);
	} else if (wait_ms > 0) {
		try_later(c, r->status, wait_ms);
	} else if ((r->status == 405 || r->status == 501) && c->modify.update &&
		   c->state == CALL_UP) {
		c->modify.update = false; /* they know no UPDATE */
		c->branch->peer_updates = false;
		if (c->modify.sdp.len == 0)
			pc_buf_add(&c->modify.sdp, c->local_sdp.data,
				   c->local_sdp.len);
		c->modify.out = NULL;
		if (send_it(c) < 0)
			refused(c, r);
	} else {
		refused(c, r);
	}
}

static void on_response(struct call *c, void *arg, const osip_message_t *sent,
			const struct pc_sip_response *r)
{
	struct branch *b = arg;

	if (r->status < 200)
		return;
	pc_timer_cancel(c->modify.bound);
	c->modify.out = NULL;
	if (r->status < 300 && sent && MSG_IS_INVITE(sent)) {
		pc_sip_dialog_refresh(b->dialog, r->message);
		ack_send(c, b->dialog, sent, NULL);
	} else if (r->status < 300) {
		pc_sip_dialog_refresh(b->dialog, r->message);
	}
	if (c->state >= CALL_ENDING)
		finish(c);
	else if (r->status < 300)
		succeeded(c, r->message);
	else
		failed(c, r);
}

static int build(struct call *c, osip_message_t **out)
{
	const struct modify *m = &c->modify;
	osip_message_t *msg;
	int rc = pc_sip_dialog_request(c->dialog, &msg, method(m));

	if (rc < 0)
		return rc;
	rc = pc_sip_add(msg, "Contact", c->contact);
	if (rc == 0)
		rc = call_capabilities(c, msg, false);
	if (rc == 0 && m->sdp.len > 0)
		rc = pc_sip_set_body(msg, SDP_TYPE, m->sdp.data, m->sdp.len);
	if (rc < 0) {
		osip_message_free(msg);
		return rc;
	}
	*out = msg;
	return 0;
}

static int send_it(struct call *c)
{
	osip_message_t *msg;
	int rc = build(c, &msg);

	c->modify.waiting = false;
	c->modify.cancelled = false;
	if (rc == 0)
		c->modify.out = outgoing_send(c, c->dialog, msg, on_response,
					      c->branch);
	if (rc == 0 && !c->modify.out)
		rc = -EIO;
	if (rc < 0) {
		pc_tool_error(c->tool, "%s: %s", c->modify.what, strerror(-rc));
		finish(c);
	} else if (!c->modify.update) { /* timer F bounds an UPDATE */
		pc_timer_set(c->modify.bound, c->cfg->common.timeout_ms);
	}
	return rc;
}

static void on_again(void *arg)
{
	struct call *c = arg;

	if (c->state != CALL_UP && c->state != CALL_CALLING &&
	    c->state != CALL_INCOMING) {
		finish(c);
	} else if (reoffer_pending(c)) { /* theirs is first */
		pc_timer_set(c->modify.again, glare_ms(c) + 1);
	} else {
		/* theirs may have changed it meanwhile */
		if (c->modify.sdp.len > 0 && session_follow(c, &c->modify.sdp))
			return;
		send_it(c);
	}
}

/* An INVITE may be in proceeding for ever (17.1.1): we do not wait so long. */
static void on_bound(void *arg)
{
	static const struct pc_sip_response nothing = { .status = 408,
							.reason = "no answer",
							.err = ETIMEDOUT };
	struct call *c = arg;

	if (c->modify.cancelled) { /* not even to the CANCEL (9.1) */
		failed(c, &nothing);
		return;
	}
	pc_tool_error(c->tool, "%s: no answer within %g s", c->modify.what,
		      c->cfg->common.timeout_ms / 1000.0);
	c->modify.cancelled = true;
	pc_timer_set(c->modify.bound, PC_SIP_64_T1_MS);
	outgoing_cancel(c->modify.out);
}

int modify_start(struct call *c, const char *what, struct pc_buf *sdp,
		 bool update, int mask)
{
	struct modify *m = &c->modify;

	if (!m->again)
		m->again = pc_timer_new(c->tool->loop, on_again, c);
	if (!m->bound)
		m->bound = pc_timer_new(c->tool->loop, on_bound, c);
	if (!m->again || !m->bound) {
		pc_tool_error(c->tool, "out of memory");
		return -ENOMEM;
	}
	if (m->out || m->waiting || reoffer_pending(c)) {
		pc_tool_error(c->tool,
			      "%s: another offer is under way: wait "
			      "until it is answered",
			      what);
		return -EBUSY;
	}
	m->what = what;
	m->update = update || c->state != CALL_UP;
	m->mask = mask;
	m->glares = 0;
	pc_buf_fini(&m->sdp);
	m->sdp = *sdp;
	*sdp = (struct pc_buf){ 0 };
	return send_it(c);
}
