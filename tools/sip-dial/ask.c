/* A request without a call: sent, answered, ended. */
#include "ask.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* --- the request ---------------------------------------------------------- */

osip_message_t *ask_new(struct call *c, const char *method)
{
	const struct config *cfg = c->cfg;
	osip_message_t *m;
	int rc = caller_request(c, method, ++c->ask->cseq, &m);

	if (rc < 0) {
		pc_tool_error(c->tool, "%s: %s", c->uri, strerror(-rc));
		return NULL;
	}
	/* RFC 3428 4: no Contact; elsewhere it says where a dialog goes */
	if (strcmp(method, "MESSAGE") == 0 || strcmp(method, "PUBLISH") == 0)
		osip_list_special_free(&m->contacts,
				       (void (*)(void *))osip_contact_free);
	if (cfg->accept)
		rc = pc_sip_add(m, "Accept", cfg->accept);
	else if (strcmp(method, "OPTIONS") == 0)
		rc = pc_sip_add(m, "Accept", SDP_TYPE);
	if (rc == 0 && cfg->package)
		rc = pc_sip_add(m, "Event", cfg->package);
	if (rc == 0)
		return m;
	pc_tool_error(c->tool, "%s: %s", method, strerror(-rc));
	osip_message_free(m);
	return NULL;
}

static const char *body_type(const struct config *cfg)
{
	if (cfg->content_type)
		return cfg->content_type;
	if (cfg->package)
		return subscribe_type(cfg->package);
	return "text/plain;charset=UTF-8";
}

static osip_message_t *add_body(struct call *c, osip_message_t *m)
{
	const struct pc_buf *body = &c->ask->body;

	if (body->len == 0 ||
	    pc_sip_set_body(m, body_type(c->cfg), body->data, body->len) == 0)
		return m;
	pc_tool_error(c->tool, "--content-type %s: not a type",
		      body_type(c->cfg));
	osip_message_free(m);
	return NULL;
}

/* --- out and back --------------------------------------------------------- */

static pc_sip_response_fn on_response;

static int send_now(struct call *c, osip_message_t *m)
{
	struct ask *a = c->ask;
	char hop[PC_ADDR_TEXT];
	int rc;

	pc_event(c->tool, "request", "method=%s uri=%s call_id=%s to=%s",
		 m->sip_method, c->target, c->call_id,
		 pc_addr_text(&c->hop, hop));
	a->sent_us = pc_now_us();
	rc = pc_sip_ua_send(c->ua, m, &c->hop, on_response, c, &c->invite);
	if (rc < 0) {
		pc_tool_error(c->tool, "%s: %s", c->uri, strerror(-rc));
		ask_over(c, PC_EXIT_IO);
	}
	return rc;
}

void ask_send(struct call *c, osip_message_t *m, bool with_body, ask_fn *fn)
{
	struct ask *a = c->ask;

	if (m && with_body)
		m = add_body(c, m);
	if (!m) {
		ask_over(c, PC_EXIT_USAGE);
		return;
	}
	if (c->cfg->dry_run) {
		dry_run(c, m);
		return;
	}
	a->answered = fn;
	a->tries = (struct auth_tries){ 0 };
	if (c->state < CALL_ENDING)
		pc_timer_set(c->deadline, c->cfg->common.timeout_ms);
	send_now(c, m);
}

static void again(struct call *c, osip_message_t *request, void *arg)
{
	(void)arg;
	if (request) {
		c->ask->cseq++;
		send_now(c, request);
	} else {
		ask_over(c, PC_EXIT_NOPERM);
	}
}

/* The one that was redirected, to where that leads (RFC 3261 8.1.3.4). */
static int send_moved(struct call *c)
{
	struct ask *a = c->ask;
	osip_message_t *m;
	char cseq[16];
	int rc = 0;

	if (osip_message_clone(a->moved, &m) != 0)
		return -ENOMEM;
	a->tries = (struct auth_tries){ 0 };
	snprintf(cseq, sizeof(cseq), "%u", ++a->cseq);
	osip_free(m->cseq->number);
	m->cseq->number = osip_strdup(cseq);
	osip_uri_free(m->req_uri);
	m->req_uri = NULL;
	if (osip_list_size(&m->contacts) > 0) {
		osip_list_special_free(&m->contacts,
				       (void (*)(void *))osip_contact_free);
		rc = pc_sip_add(m, "Contact", c->contact);
	}
	if (rc == 0)
		rc = pc_sip_uri_new(&m->req_uri, c->target);
	if (rc == 0)
		rc = route_line(c, m);
	if (rc == 0)
		rc = route_apply(c->cfg, m);
	if (rc < 0) {
		osip_message_free(m);
		return rc;
	}
	osip_message_force_update(m);
	return send_now(c, m);
}

/* All that is of this hop alone is left out. */
static osip_message_t *without_way(const osip_message_t *request)
{
	osip_message_t *m;

	if (osip_message_clone(request, &m) != 0)
		return NULL;
	osip_list_special_free(&m->vias, (void (*)(void *))osip_via_free);
	osip_list_special_free(&m->routes, (void (*)(void *))osip_route_free);
	osip_list_special_free(&m->authorizations,
			       (void (*)(void *))osip_authorization_free);
	osip_list_special_free(&m->proxy_authorizations,
			       (void (*)(void *))osip_proxy_authorization_free);
	return m;
}

static bool moved(struct call *c, const struct pc_sip_client *tr,
		  const struct pc_sip_response *r)
{
	struct ask *a = c->ask;

	if (r->status < 300 || c->state >= CALL_ENDING)
		return false;
	osip_message_free(a->moved);
	a->moved = without_way(pc_sip_client_request(tr));
	return a->moved && follow_next(c, r);
}

static void on_response(void *arg, struct pc_sip_client *tr,
			const struct pc_sip_response *r)
{
	struct call *c = arg;
	struct ask *a = c->ask;
	char *type = NULL;

	if (r->status < 200) {
		pc_event(c->tool, "progress", "status=%d reason=%s", r->status,
			 r->reason);
		return;
	}
	c->invite = NULL;
	if (a->received == 0 &&
	    way_next(c, pc_sip_client_request(tr), r, send_now))
		return;
	a->rtt_ms = (double)(pc_now_us() - a->sent_us) / 1000;
	if (r->message)
		expect_final(c, r->status, r->reason);
	if ((r->status == 401 || r->status == 407) && r->message &&
	    auth_wanted(&a->tries, r->message)) {
		auth_answer(c, pc_sip_client_request(tr), r->message,
			    a->cseq + 1, again, NULL);
		return;
	}
	if (moved(c, tr, r))
		return;
	follow_end(c);
	pc_timer_cancel(c->deadline);
	if (r->message) {
		type = beside_type(r->message);
		pc_event(c->tool, "response",
			 "method=%s status=%d reason=%s rtt_ms=%f type=%s "
			 "body=%p headers=%p",
			 r->message->cseq->method, r->status, r->reason,
			 a->rtt_ms, type, (void *)ask_body(r->message),
			 (void *)headers_of(c, r->message));
		osip_free(type);
	}
	a->asked = pc_sip_client_request(tr);
	if (c->state != CALL_OVER)
		a->answered(c, r);
}

void ask_refused(struct call *c, const struct pc_sip_response *r)
{
	const char *why = !r->message && r->err == ETIMEDOUT
				  ? "no answer at all: is the address right?"
				  : r->reason;

	if (!r->message) {
		pc_event(c->tool, "failed", "reason=%s", why);
		pc_warnx("%s: %s", c->uri, why);
	} else if (!c->cfg->expect) {
		pc_warnx("%s: %d %s", c->uri, r->status, r->reason);
	}
	ask_over(c, caller_status(c, r));
}

/* --- the plain ones, and pings --------------------------------------------- */

static void send_plain(void *arg);

static bool more_to_come(const struct call *c)
{
	const struct config *cfg = c->cfg;
	unsigned count = cfg->count;

	if (strcmp(cfg->method, "OPTIONS") != 0)
		return false;
	if (count == 0 && cfg->interval_ms == 0)
		count = 1;
	return count == 0 || c->ask->sent < count;
}

static void on_plain(struct call *c, const struct pc_sip_response *r)
{
	unsigned interval = c->cfg->interval_ms ? c->cfg->interval_ms : 1000;
	struct ask *a = c->ask;

	if (r->message) {
		a->received++;
		ask_print_answer(c, r);
	}
	a->refused += r->status >= 300;
	if (c->state == CALL_OVER)
		return; /* stdout failed */
	if (more_to_come(c) && c->state < CALL_ENDING) {
		if (!r->message)
			pc_warnx("%s: %s", c->uri, r->reason);
		pc_timer_set(a->timer, interval);
	} else if (r->status >= 300) {
		ask_refused(c, r);
	} else {
		pc_verbose("%d %s in %.2f ms", r->status, r->reason, a->rtt_ms);
		ask_over(c, a->refused ? PC_EXIT_NO : PC_EXIT_OK);
	}
}

static void send_plain(void *arg)
{
	struct call *c = arg;

	c->ask->sent++;
	ask_send(c, ask_new(c, c->cfg->method), true, on_plain);
}

/* --- starting and ending ---------------------------------------------------- */

static void go(struct call *c)
{
	if (caller_prepare(c) < 0)
		return;
	c->state = CALL_CALLING;
	c->follow.again = send_moved;
	if (ask_is(c->cfg, "SUBSCRIBE") || ask_is(c->cfg, "REFER"))
		subscribe_start(c);
	else if (ask_is(c->cfg, "PUBLISH"))
		publish_start(c);
	else
		send_plain(c);
}

static void on_input(void *arg, const char *data, size_t len)
{
	struct call *c = arg;

	if (c->tool->stopping)
		return;
	if (len == 0 && ask_is(c->cfg, "MESSAGE")) {
		pc_tool_error(c->tool,
			      "stdin: no message (sip-dial --method MESSAGE "
			      "%s <text)",
			      c->uri);
		pc_tool_exit(c->tool, PC_EXIT_NOINPUT);
		return;
	}
	pc_buf_add(&c->ask->body, data, len);
	if (c->cfg->answer)
		receive_start(c);
	else
		go(c);
}

static bool reads_stdin(const struct config *cfg)
{
	return !ask_is(cfg, "OPTIONS") && !ask_is(cfg, "SUBSCRIBE") &&
	       !ask_is(cfg, "REFER");
}

/* It is known where the way leads. */
static int ask_begin(struct call *c)
{
	if (reads_stdin(c->cfg))
		return pc_tool_read_stdin(c->tool, on_input);
	go(c);
	return 0;
}

int ask_start(struct call *c)
{
	struct ask *a = c->ask;
	int rc = pc_out_open(&a->out, "-", 0);

	a->timer = pc_timer_new(c->tool->loop, send_plain, c);
	if (rc < 0 || !a->timer) {
		pc_tool_error(c->tool, "stdout: %s", strerror(-rc));
		pc_tool_exit(c->tool, PC_EXIT_IO);
		return -EIO;
	}
	if (c->cfg->answer && ask_is(c->cfg, "SUBSCRIBE"))
		return pc_tool_read_stdin(c->tool, on_input);
	if (c->cfg->answer)
		return receive_start(c);
	c->uri = c->tool->operands[0];
	return way_find(c, c->uri, ask_begin);
}

void ask_over(struct call *c, int status)
{
	struct ask *a = c->ask;

	pc_timer_cancel(a->timer);
	pc_timer_free(a->bound);
	a->bound = NULL;
	pc_out_close(a->out);
	a->out = NULL;
	call_over(c, status);
}

void ask_hangup(struct call *c, const char *reason, int status)
{
	if (c->state >= CALL_ENDING)
		return;
	/* who was told to end a thing that lasts has had it */
	if (strcmp(reason, "timeout") != 0 && status != PC_EXIT_IO &&
	    (c->state == CALL_UP || c->ask->received > 0 || c->cfg->answer))
		status = c->ask->refused ? PC_EXIT_NO : PC_EXIT_OK;
	pc_verbose("%s", reason);
	c->status = status;
	c->state = CALL_ENDING;
	pc_timer_cancel(c->deadline);
	pc_timer_cancel(c->ask->timer);
	pc_timer_set(c->goodbye, GOODBYE_MS);
	if (c->cfg->answer ? !notifier_end(c)
			   : !subscribe_end(c) && !publish_end(c)) {
		if (c->invite) /* its answer is not waited for */
			pc_sip_client_forget(c->invite);
		ask_over(c, status);
	}
}

void ask_received(struct call *c, struct pc_sip_server *tr, osip_message_t *m,
		  const struct pc_addr *from)
{
	bool tagged = pc_sip_tag(m->to)[0] != '\0';

	if (c->cfg->answer)
		receive_request(c, tr, m, from);
	else if (MSG_IS_NOTIFY(m))
		subscribe_notified(c, tr, m);
	else if (tagged || MSG_IS_CANCEL(m) || MSG_IS_BYE(m))
		pc_sip_ua_reply(tr, 481, NULL, NULL, NULL, NULL);
	else if (MSG_IS_OPTIONS(m))
		pc_sip_ua_reply(tr, 200, NULL, NULL, "Allow",
				"OPTIONS, NOTIFY");
	else
		pc_sip_ua_reply(tr, MSG_IS_INVITE(m) ? 480 : 405, NULL, NULL,
				"Allow", "OPTIONS, NOTIFY");
}
