/*
 * --follow-refer: the call that they want us to make (RFC 3515, 5589). It is a
 * call like any other, a second one in this process, with our description and
 * a transport of its own; it and the first one each have a copy of the tool,
 * so that the process ends when the last of them does.
 *
 *	them --- REFER ---> us
 *	                    us --- INVITE ---> whom they named
 *	     <-- NOTIFY --- us <-- 180, 200 --
 *	     --- BYE -----> us                  from now on this is the call
 */
#include "beside.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sip/text.h"

#define FOLLOWS_MAX 8 /* in one call: each has a socket till the end */
#define LEAVE_MS    3000

/* A second call, with all that it has of its own. Kept till the process ends. */
struct follower {
	struct follower *next;
	struct call call;
	struct beside beside;
	struct config cfg;
};

struct call_set {
	struct pc_tool *tool; /* the process's own */
	struct follower *followers;
	unsigned alive;
};

/* --- the set ---------------------------------------------------------------- */

static void failed(struct call *c, int exit_status)
{
	struct call *first = c->beside->referrer;
	bool silence = exit_status == PC_EXIT_NOANSWER;
	int status = silence ? 408 : 503;
	const char *reason =
		silence ? "Request Timeout" : "Service Unavailable";

	if (c->final_status >= 300) {
		status = c->final_status;
		reason = c->final_reason;
	}
	if (!first || first->beside->exited)
		return;
	first->beside->follower = NULL;
	pc_event(first->tool, "follow-failed", "uri=%s status=%d reason=%s",
		 c->uri, status, reason);
	referred_notify(first, status, reason);
}

/* In place of pc_tool_exit, of one of the calls. */
static void on_exited(void *arg, int status)
{
	struct call *c = arg;
	struct call_set *set = c->beside->set;

	if (c->beside->exited)
		return;
	c->beside->exited = true;
	c->state = CALL_OVER;
	set->alive--;
	if (!c->beside->arrived)
		failed(c, status);
	if (set->alive == 0)
		pc_tool_exit(set->tool, status);
}

static void join(struct call_set *set, struct call *c)
{
	c->beside->set = set;
	c->beside->tool = *set->tool;
	c->beside->tool.arg = c;
	c->beside->tool.exited = on_exited;
	c->tool = &c->beside->tool;
	set->alive++;
}

static struct call_set *set_of(struct call *c)
{
	struct call_set *set = c->beside->set;

	if (set)
		return set;
	set = calloc(1, sizeof(*set));
	if (!set)
		return NULL;
	set->tool = c->tool;
	c->beside->arrived = true; /* it was there before */
	join(set, c);
	return set;
}

/* --- the second call ---------------------------------------------------------- */

static char *header_line(const char *name, const char *value)
{
	char *line;

	return asprintf(&line, "%s: %s", name, value) < 0 ? NULL : line;
}

static void add_header(struct config *cfg, const char *name, const char *value)
{
	struct pc_opt_list *list = &cfg->headers;
	char *line = value ? header_line(name, value) : NULL;

	if (line && list->n < PC_OPT_LIST_MAX)
		list->v[list->n++] = line;
	else
		free(line);
}

/*
 * We are there who we are here: on a line the account, else the URI of our end
 * of the first call.
 */
static char *our_uri(const struct call *c)
{
	const char *aor = pc_sip_transport_identity(c->tp)->aor;
	struct pc_sip_span local = { c->dialog->local,
				     strlen(c->dialog->local) };

	if (c->cfg->line)
		return aor ? strdup(aor) : NULL;
	return pc_sip_span_dup(pc_sip_text_uri(local));
}

/* The same address, but the port is taken. */
static char *any_port(const char *local)
{
	struct pc_addr addr;
	char text[PC_ADDR_TEXT];

	if (!local || pc_addr_parse_own(&addr, local, 0) < 0)
		return NULL;
	pc_addr_set_port(&addr, 0);
	return strdup(pc_addr_text(&addr, text));
}

static void configure(struct follower *f, const struct call *first)
{
	const struct referral *r = &first->beside->referral;
	struct config *cfg = &f->cfg;

	*cfg = *first->cfg;
	cfg->answer = cfg->early = cfg->late_offer = cfg->dry_run = false;
	cfg->expect = cfg->invite = NULL;
	cfg->local = any_port(cfg->local);
	if (!cfg->from)
		cfg->from = our_uri(first);
	cfg->headers.n = first->cfg->answer ? 0 : cfg->headers.n;
	add_header(cfg, "Referred-By", r->referred_by);
	add_header(cfg, "Replaces", r->replaces);
}

static struct follower *follower_new(struct call_set *set, struct call *first)
{
	const struct referral *r = &first->beside->referral;
	struct follower *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->next = set->followers;
	set->followers = f;
	configure(f, first);
	f->call.cfg = &f->cfg;
	f->call.beside = &f->beside;
	f->call.ask = first->ask;
	f->call.password = first->password;
	f->call.ha1 = first->ha1;
	f->call.uri = strdup(r->uri);
	f->call.ws_url = first->ws_url;
	f->call.printed = true; /* stdout had the first one's */
	f->beside.referrer = first;
	f->beside.follows = first->beside->follows;
	return f;
}

/* The way there is known. */
static int go(struct call *c)
{
	caller_go(c);
	return 0;
}

int second_start(struct call *first)
{
	const struct pc_buf *sdp =
		first->base_sdp.len ? &first->base_sdp : &first->local_sdp;
	struct call_set *set = set_of(first);
	struct follower *f = set && first->beside->follows++ < FOLLOWS_MAX
				     ? follower_new(set, first)
				     : NULL;
	int rc;

	if (!f || !f->call.uri) {
		referred_notify(first, 603, "Decline");
		pc_tool_error(first->tool, "the REFER is not followed: too "
					   "many in one call");
		return -EBUSY;
	}
	first->beside->follower = &f->call;
	join(set, &f->call);
	if (call_open(&f->call) < 0)
		return -ENOMEM;
	if (session_ours(&f->call, sdp->data, sdp->len, "our description") <
	    0) {
		pc_tool_exit(f->call.tool, PC_EXIT_DATA);
		return -EINVAL;
	}
	rc = way_find(&f->call, f->call.uri, go);
	if (rc < 0)
		pc_tool_exit(f->call.tool, PC_EXIT_IO);
	return rc;
}

int second_command(void *arg, const struct pc_command *cmd)
{
	struct call *c = arg;

	(void)cmd;
	if (!c->beside->referral.active || c->beside->follower) {
		pc_tool_error(c->tool, "refer-follow: nothing was asked");
		return -EINVAL;
	}
	return second_start(c);
}

/* --- what becomes of it -------------------------------------------------------- */

void second_progress(struct call *c, int status, const char *reason)
{
	struct call *first = c->beside->referrer;

	if (first && !first->beside->exited && status > 100)
		referred_notify(first, status, reason);
}

static void on_leave(void *arg)
{
	call_hangup(arg, "transferred", PC_EXIT_OK);
}

/* It is up: from now on it is the call, and the first one is for them to end. */
void second_up(struct call *c)
{
	struct call *first = c->beside->referrer;

	if (!first || c->beside->arrived)
		return;
	c->beside->arrived = true;
	c->beside->set->tool->arg = c;
	pc_event(c->tool, "followed", "uri=%s sdp=%s", c->uri,
		 c->remote_sdp.data);
	if (first->beside->exited || first->state != CALL_UP)
		return;
	referred_notify(first, 200, "OK");
	first->beside->leave = pc_timer_new(first->tool->loop, on_leave, first);
	if (first->beside->leave)
		pc_timer_set(first->beside->leave, LEAVE_MS);
}

void second_hangup(struct call *c)
{
	struct call *other = c->beside->follower;

	if (c->beside->leave)
		pc_timer_cancel(c->beside->leave);
	if (other && !other->beside->arrived)
		call_hangup(other, "hangup", PC_EXIT_OK);
	other = c->beside->referrer;
	if (other && c->beside->arrived && !other->beside->exited)
		call_hangup(other, "transferred", PC_EXIT_OK);
}
