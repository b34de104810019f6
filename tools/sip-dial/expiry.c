/*
 * Session timers (RFC 4028): a call whose refreshes stop is hung up, by
 * whoever notices, so that none is left when a peer has died.
 */
#include "call.h"

#include <stdio.h>
#include <string.h>

#include "sip/extension.h"

#define TAG      "timer"
#define MARGIN_S 32 /* 10: BYE so long before the end, or a third of it */

static const char *word(bool uac)
{
	return uac ? "uac" : "uas";
}

/* --- what messages say ---------------------------------------------------- */

static int add_expires(osip_message_t *m, uint32_t seconds, const char *who)
{
	char text[48];

	snprintf(text, sizeof(text), "%u%s%s", seconds,
		 who ? ";refresher=" : "", who ? who : "");
	return pc_sip_add(m, "Session-Expires", text);
}

static int add_min(osip_message_t *m, uint32_t seconds)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", seconds);
	return pc_sip_add(m, "Min-SE", text);
}

/* What we ask for in an INVITE or UPDATE of ours (7.1, 7.4). */
int expiry_request(const struct call *c, osip_message_t *m)
{
	const struct expiry *x = &c->expiry;
	uint32_t seconds = x->seconds ? x->seconds : c->cfg->session_expires;
	const char *who = NULL, *wanted = c->cfg->refresher;
	int rc = 0;

	if (seconds == 0)
		return 0;
	if (x->seconds) /* roles stay as they are */
		who = word(x->ours);
	else if (wanted)
		who = word(strcmp(wanted, "us") == 0);
	if (seconds < x->min)
		seconds = x->min;
	rc = add_expires(m, seconds, who);
	if (rc == 0 && x->min > EXPIRY_MIN_S)
		rc = add_min(m, x->min);
	return rc;
}

/* 9: their request names too short a time. True: it has been refused. */
bool expiry_refuses(const struct call *c, struct pc_sip_server *tr,
		    const osip_message_t *m)
{
	enum pc_sip_refresher who;
	uint32_t seconds;
	char text[16];

	if (pc_sip_session_expires(m, &seconds, &who) < 0 ||
	    seconds >= c->cfg->min_se || !pc_sip_lists(m, "Supported", TAG))
		return false;
	snprintf(text, sizeof(text), "%u", c->cfg->min_se);
	pc_sip_ua_reply(tr, 422, "Session Interval Too Small", c->tag, "Min-SE",
			text);
	return true;
}

/* --- the timer ------------------------------------------------------------ */

static void on_timer(void *arg);

static void set_timer(struct expiry *x)
{
	uint64_t now = pc_now_ms();
	uint64_t due = x->refresh_ms && x->refresh_ms < x->end_ms
			       ? x->refresh_ms
			       : x->end_ms;

	pc_timer_set(x->timer, due > now ? (unsigned)(due - now) : 0);
}

static void begin(struct call *c, uint32_t seconds, bool ours)
{
	struct expiry *x = &c->expiry;
	bool news = x->seconds != seconds || x->ours != ours;
	uint32_t margin = seconds / 3 < MARGIN_S ? seconds / 3 : MARGIN_S;
	uint64_t now = pc_now_ms();

	if (!x->timer)
		x->timer = pc_timer_new(c->tool->loop, on_timer, c);
	if (!x->timer)
		return;
	x->seconds = seconds;
	x->ours = ours;
	x->end_ms = now + (uint64_t)(seconds - margin) * 1000;
	x->refresh_ms = ours ? now + (uint64_t)seconds * 500 : 0;
	set_timer(x);
	pc_event(c->tool, news ? "session-timer" : "refreshed",
		 "seconds=%u refresher=%s", seconds, ours ? "us" : "them");
}

void expiry_stop(struct call *c)
{
	if (c->expiry.timer)
		pc_timer_cancel(c->expiry.timer);
	c->expiry.seconds = 0;
}

static void refresh(struct call *c)
{
	bool update = c->branch->peer_updates;
	struct pc_buf sdp = { 0 };

	if (!update)
		pc_buf_add(&sdp, c->local_sdp.data, c->local_sdp.len);
	if (!modify_pending(c) && !c->modify.waiting && !reoffer_pending(c))
		modify_start(c, "refresh", &sdp, update, c->mask);
	pc_buf_fini(&sdp);
}

static void on_timer(void *arg)
{
	struct call *c = arg;
	struct expiry *x = &c->expiry;
	uint64_t now = pc_now_ms();

	if (c->state != CALL_UP)
		return;
	if (now >= x->end_ms) {
		pc_tool_error(c->tool,
			      "the session was not refreshed within "
			      "%u s",
			      x->seconds);
		call_hangup(c, "session expired", PC_EXIT_NOANSWER);
		return;
	}
	/* half of what is left, should this one come to nothing */
	x->refresh_ms = now + (x->end_ms - now) / 2 + 100;
	set_timer(x);
	refresh(c);
}

/* --- what is agreed ------------------------------------------------------- */

/* The 2xx to a request of ours (7.2). */
void expiry_accepted(struct call *c, const osip_message_t *response)
{
	enum pc_sip_refresher who;
	uint32_t seconds;

	if (pc_sip_session_expires(response, &seconds, &who) == 0 && seconds)
		begin(c, seconds, who != PC_SIP_REFRESHER_UAS);
	else if (c->cfg->session_expires) /* they know nothing of it: we do */
		begin(c, c->cfg->session_expires, true);
	else
		expiry_stop(c);
}

/* 9, table 2: who shall refresh, of what they asked for. */
static bool ours(const struct call *c, bool they_can, enum pc_sip_refresher who)
{
	const char *wanted = c->cfg->refresher;

	if (!they_can)
		return true;
	if (who != PC_SIP_REFRESHER_NONE)
		return who == PC_SIP_REFRESHER_UAS;
	if (c->expiry.seconds) /* a refresh that does not say */
		return c->expiry.ours;
	return wanted && strcmp(wanted, "us") == 0;
}

/* Ours is taken where it is shorter, and not too short for them. */
static uint32_t interval(const struct call *c, const osip_message_t *request,
			 uint32_t theirs)
{
	uint32_t wanted = c->cfg->session_expires, min = EXPIRY_MIN_S;

	if (wanted == 0)
		return theirs;
	if (pc_sip_number(request, "Min-SE", &min) < 0 &&
	    c->cfg->min_se < EXPIRY_MIN_S)
		min = c->cfg->min_se;
	if (wanted < min)
		wanted = min;
	return theirs == 0 || wanted < theirs ? wanted : theirs;
}

/* The 2xx that we give to a request of theirs (9). 0 or -errno. */
int expiry_answer(struct call *c, const osip_message_t *request,
		  osip_message_t *response)
{
	bool they_can = pc_sip_lists(request, "Supported", TAG);
	enum pc_sip_refresher who = PC_SIP_REFRESHER_NONE;
	uint32_t seconds = 0;
	bool we;
	int rc;

	if (pc_sip_session_expires(request, &seconds, &who) < 0)
		seconds = 0;
	seconds = interval(c, request, seconds);
	if (seconds == 0) {
		expiry_stop(c);
		return 0;
	}
	we = ours(c, they_can, who);
	rc = add_expires(response, seconds, word(!we));
	if (rc == 0 && !we)
		rc = pc_sip_add(response, "Require", TAG);
	if (rc == 0)
		begin(c, seconds, we);
	return rc;
}

/* 422 to a request of ours (7.3): true: it may be sent again, with more. */
bool expiry_raise(struct call *c, const osip_message_t *response)
{
	struct expiry *x = &c->expiry;
	uint32_t min;

	if (pc_sip_number(response, "Min-SE", &min) < 0 || min <= x->min)
		return false;
	x->min = min;
	if (x->seconds && x->seconds < min)
		x->seconds = min;
	return true;
}
