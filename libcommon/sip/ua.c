/* The user agent core: what goes in and out, and its timers. */
#include "sip/ua.h"

#include <errno.h>
#include <stdlib.h>

#include "sip/ua_private.h"

#define DAY_S 86400

void pc_sip_ua_kick(struct pc_sip_ua *ua)
{
	if (!ua->running)
		pc_timer_set(ua->timer, 0);
}

static bool drain(struct pc_sip_ua *ua, const osip_list_t *list)
{
	osip_list_iterator_t it;
	osip_transaction_t *tr = osip_list_get_first(list, &it);
	bool any = false;

	/* new transactions are put at the end, none is taken out here */
	for (; osip_list_iterator_has_elem(it); tr = osip_list_get_next(&it)) {
		osip_event_t *evt;

		while ((evt = osip_fifo_tryget(tr->transactionff))) {
			pc_sip_ua_step(ua, tr, evt);
			any = true;
		}
	}
	return any;
}

static void reap(struct pc_sip_ua *ua)
{
	while (osip_list_size(&ua->dead) > 0) {
		osip_transaction_t *tr = osip_list_get(&ua->dead, 0);

		osip_list_remove(&ua->dead, 0);
		osip_transaction_free(tr);
	}
}

static void set_timer(struct pc_sip_ua *ua)
{
	uint64_t deadline = pc_sip_accepted_deadline(ua);
	uint64_t reliable = pc_sip_reliable_deadline(ua);
	uint64_t now = pc_now_ms(), wait_us = UINT64_MAX;
	struct timeval tv;

	osip_timers_gettimeout(ua->osip, &tv);
	if (tv.tv_sec < DAY_S) /* osip2 says a year when it means never */
		wait_us = (uint64_t)tv.tv_sec * 1000000 + (uint64_t)tv.tv_usec;
	if (reliable && (deadline == 0 || reliable < deadline))
		deadline = reliable;
	if (deadline) {
		uint64_t us = deadline > now ? (deadline - now) * 1000 : 0;

		if (us < wait_us)
			wait_us = us;
	}
	if (wait_us == UINT64_MAX)
		pc_timer_cancel(ua->timer);
	else
		pc_timer_set_us(ua->timer, wait_us);
}

static void tell_idle(struct pc_sip_ua *ua)
{
	bool busy = pc_sip_ua_busy(ua), was = ua->was_busy;

	ua->was_busy = busy;
	if (was && !busy && ua->config.idle)
		ua->config.idle(ua->config.arg);
}

static void run(void *arg)
{
	struct pc_sip_ua *ua = arg;
	osip_t *osip = ua->osip;
	bool any;

	ua->was_busy |= pc_sip_ua_busy(ua);
	ua->running = true;
	osip_timers_ict_execute(osip);
	osip_timers_ist_execute(osip);
	osip_timers_nict_execute(osip);
	osip_timers_nist_execute(osip);
	pc_sip_accepted_run(ua, pc_now_ms()); /* its callbacks may send */
	pc_sip_reliable_run(ua, pc_now_ms());
	do {
		any = drain(ua, &osip->osip_ict_transactions);
		any |= drain(ua, &osip->osip_ist_transactions);
		any |= drain(ua, &osip->osip_nict_transactions);
		any |= drain(ua, &osip->osip_nist_transactions);
	} while (any);
	reap(ua);
	ua->running = false;
	set_timer(ua);
	tell_idle(ua);
}

static int send_message(osip_transaction_t *tr, osip_message_t *msg, char *host,
			int port, int sock)
{
	struct pc_sip_ua *ua = osip_get_application_context(tr->config);
	bool client = tr->ctx_type == ICT || tr->ctx_type == NICT;
	struct pc_sip_client *c = client ? tr->reserved1 : NULL;
	struct pc_sip_server *s = client ? NULL : tr->reserved1;
	char *text;
	size_t len;
	int rc;

	(void)host, (void)port, (void)sock; /* ours are resolved already */
	if (MSG_IS_ACK(msg) && !pc_sip_header(msg, "Max-Forwards", 0))
		osip_message_set_max_forwards(msg, "70");
	text = pc_sip_text(msg, &len);
	if (!text)
		return -1;
	rc = pc_sip_ua_send_text(ua, text, len, c ? &c->to : &s->back);
	osip_free(text);
	if (c && rc < 0)
		c->err = -rc;
	/* the final response counts more than its ACK */
	return rc < 0 && !MSG_IS_ACK(msg) ? -1 : 0;
}

struct pc_sip_ua *pc_sip_ua_new(struct pc_tool *tool,
				const struct pc_sip_ua_config *config)
{
	struct pc_sip_ua *ua = calloc(1, sizeof(*ua));

	if (!ua)
		return NULL;
	pc_sip_init();
	ua->tool = tool;
	ua->config = *config;
	osip_list_init(&ua->dead);
	ua->timer = pc_timer_new(tool->loop, run, ua);
	if (!ua->timer || osip_init(&ua->osip) != 0) {
		pc_timer_free(ua->timer);
		free(ua);
		return NULL;
	}
	osip_set_application_context(ua->osip, ua);
	osip_set_cb_send_message(ua->osip, send_message);
	pc_sip_client_install(ua->osip);
	pc_sip_server_install(ua->osip);
	return ua;
}

static void free_list(struct pc_sip_ua *ua, osip_list_t *list)
{
	(void)ua;
	while (osip_list_size(list) > 0)
		osip_transaction_free(osip_list_get(list, 0));
}

void pc_sip_ua_free(struct pc_sip_ua *ua)
{
	if (!ua)
		return;
	while (!LIST_EMPTY(&ua->clients)) {
		struct pc_sip_client *c = LIST_FIRST(&ua->clients);

		LIST_REMOVE(c, link);
		free(c->cancel_reason);
		free(c);
	}
	while (!LIST_EMPTY(&ua->servers)) {
		struct pc_sip_server *s = LIST_FIRST(&ua->servers);

		LIST_REMOVE(s, link);
		pc_sip_reliable_free(s);
		free(s);
	}
	while (!LIST_EMPTY(&ua->accepted))
		pc_sip_accepted_free(LIST_FIRST(&ua->accepted));
	reap(ua);
	free_list(ua, &ua->osip->osip_ict_transactions);
	free_list(ua, &ua->osip->osip_ist_transactions);
	free_list(ua, &ua->osip->osip_nict_transactions);
	free_list(ua, &ua->osip->osip_nist_transactions);
	osip_release(ua->osip);
	pc_timer_free(ua->timer);
	free(ua);
}

void pc_sip_ua_set_transport(struct pc_sip_ua *ua,
			     struct pc_sip_transport *transport)
{
	ua->transport = transport;
}

static osip_event_t *event_new(osip_message_t *msg)
{
	osip_event_t *evt = osip_malloc(sizeof(*evt));

	if (!evt)
		return NULL;
	evt->transactionid = 0;
	evt->sip = msg;
	if (MSG_IS_REQUEST(msg))
		evt->type = MSG_IS_INVITE(msg) ? RCV_REQINVITE
			    : MSG_IS_ACK(msg)  ? RCV_REQACK
					       : RCV_REQUEST;
	else
		evt->type = MSG_IS_STATUS_1XX(msg)   ? RCV_STATUS_1XX
			    : MSG_IS_STATUS_2XX(msg) ? RCV_STATUS_2XX
						     : RCV_STATUS_3456XX;
	return evt;
}

/* What no transaction wanted. Frees evt, unless a new transaction took it. */
static void received_alone(struct pc_sip_ua *ua, osip_event_t *evt,
			   const struct pc_addr *from)
{
	osip_message_t *msg = evt->sip;

	if (MSG_IS_RESPONSE(msg)) {
		if (MSG_IS_STATUS_2XX(msg) &&
		    MSG_IS_RESPONSE_FOR(msg, "INVITE") && ua->config.stray)
			ua->config.stray(ua->config.arg, msg, from);
	} else if (MSG_IS_ACK(msg)) {
		if (pc_sip_accepted_ack(ua, msg) && ua->config.ack)
			ua->config.ack(ua->config.arg, msg);
	} else if (!MSG_IS_INVITE(msg) || !pc_sip_accepted_invite(ua, msg)) {
		pc_sip_server_new(ua, evt, from);
		return;
	}
	osip_event_free(evt);
}

static void received_good(struct pc_sip_ua *ua, osip_message_t *msg,
			  const struct pc_addr *from)
{
	osip_event_t *evt = event_new(msg);

	if (!evt) {
		osip_message_free(msg);
		return;
	}
	ua->running = true; /* callbacks may send: after this one */
	if (osip_find_transaction_and_add_event(ua->osip, evt) != 0)
		received_alone(ua, evt, from);
	run(ua);
}

void pc_sip_ua_received(void *arg, const char *data, size_t len,
			const struct pc_addr *from, const struct pc_addr *local)
{
	struct pc_sip_ua *ua = arg;
	osip_message_t *msg;
	const char *why;
	int rc = pc_sip_parse(&msg, data, len, &why);

	(void)local;
	if (rc == 0) {
		received_good(ua, msg, from);
		return;
	}
	pc_tool_malformed(ua->tool, "SIP", from, why);
	if (rc == -EBADMSG && !MSG_IS_ACK(msg))
		pc_sip_server_refuse(ua, msg, 400, why, from);
	else if (rc == -EINVAL)
		pc_sip_ua_refuse_text(ua, data, len, why, from);
	osip_message_free(msg);
}

static bool below(const osip_list_t *list, state_t state)
{
	osip_list_iterator_t it;
	const osip_transaction_t *tr = osip_list_get_first(list, &it);

	for (; osip_list_iterator_has_elem(it); tr = osip_list_get_next(&it))
		if (tr->state < state)
			return true;
	return false;
}

bool pc_sip_ua_busy(const struct pc_sip_ua *ua)
{
	const struct pc_sip_client *c;

	LIST_FOREACH(c, &ua->clients, link)
	if (!c->done)
		return true;
	return below(&ua->osip->osip_ist_transactions, IST_CONFIRMED) ||
	       below(&ua->osip->osip_nist_transactions, NIST_COMPLETED);
}
