#include <errno.h>
#include <string.h>

#include "app.h"
#include "reach.h"
#include "report.h"
#include "stun/retry.h"

static int begin(struct reach *r);

/* --- whom next -------------------------------------------------------- */

static unsigned left_ms(const struct reach *r)
{
	unsigned total = r->cfg.app->cfg.common.timeout_ms;
	uint64_t took = pc_now_ms() - r->begun_ms;

	total = total ? total : PC_STUN_TI_MS;
	return took < total ? (unsigned)(total - took) : 0;
}

/* What was asked in vain is told, and kept for the report. */
static void keep(struct reach *r, const char *then)
{
	struct pc_buf why = { 0 };

	report_failure(&r->answer, &why);
	pc_verbose("%s; %s", why.data, then);
	pc_buf_fini(&why);
	r->before[r->n_before++] = r->answer;
}

static bool may_follow(struct reach *r)
{
	const struct pc_addr *to = &r->answer.alternate;
	const char *why = NULL;

	if (to->sa.sa_family != r->answer.server.sa.sa_family)
		why = "which is of another family";
	else if (r->hops == REACH_HOPS)
		why = "but it has sent us on so often that we stop";
	else if (pc_addr_equal(to, &r->answer.server))
		why = "which is itself: a loop";
	for (unsigned i = 0; i < r->n_before && !why; i++)
		if (pc_addr_equal(to, &r->before[i].server))
			why = "which was asked already: a loop";
	if (!why)
		return true;
	snprintf(r->answer.why, sizeof(r->answer.why), "%s", why);
	return false;
}

/* Try Alternate (section 10). True if it is asked. */
static bool follow(struct reach *r)
{
	const struct answer *a = &r->answer;

	if (a->verdict != VERDICT_ERROR || a->code != 300 ||
	    !a->alternate.len || !may_follow(r))
		return false;
	r->hops++;
	r->at.addr = a->alternate;
	if (*a->domain)
		snprintf(r->at.host, sizeof(r->at.host), "%s", a->domain);
	if (begin(r) >= 0)
		return false;
	keep(r, "that is done");
	return true;
}

/* Is nobody there? What a certificate says is no reason to go elsewhere. */
static bool is_absent(const struct answer *a)
{
	return a->verdict == VERDICT_SILENT ||
	       (a->verdict == VERDICT_UNREACHABLE && a->error != EKEYREJECTED);
}

/* True if another of its addresses is asked. */
static bool go_on(struct reach *r)
{
	const struct target *t = r->cfg.target;

	if (!is_absent(&r->answer))
		return false;
	while (r->next < t->n_others && left_ms(r) > 0) {
		r->at = *t;
		r->at.addr = t->others[r->next++];
		if (begin(r) < 0) {
			keep(r, "its next address is asked");
			return true;
		}
	}
	return false;
}

/* --- one question ----------------------------------------------------- */

static void on_answer(void *arg, const struct answer *a)
{
	struct reach *r = arg;

	r->answer = *a;
	r->answer.msg = NULL;
	if (!follow(r) && !go_on(r))
		r->cfg.done(r->cfg.arg);
}

/* The socket for who is to be asked; -1 or the status. */
static int open_talk(struct reach *r, struct talk **out)
{
	struct talk_env env = app_env(r->cfg.app);
	struct talk **talk = &r->talk;
	struct talk_way way;
	int status, rc;

	if (r->at.kind == WIRE_UDP) {
		talk = r->at.addr.sa.sa_family == AF_INET6 ? r->cfg.udp6
							   : r->cfg.udp4;
	} else {
		talk_free(r->talk);
		r->talk = NULL;
	}
	if (!*talk) {
		status = app_way(r->cfg.app, &r->at, &way);
		if (status >= 0)
			return status;
		rc = talk_open(talk, &env, &way);
		if (rc != 0)
			return app_open_status(rc);
	}
	*out = *talk;
	return -1;
}

/* -1, or the status if it cannot be asked. */
static int begin(struct reach *r)
{
	unsigned limit = r->cfg.app->cfg.silence_ms, left = left_ms(r);
	bool last = r->next == r->cfg.target->n_others;
	struct talk *talk = NULL;
	int status = open_talk(r, &talk);

	if (status >= 0)
		return status;
	if ((last && !r->cfg.hurry) || left < limit)
		limit = left;
	if (talk_ask(talk, &(struct ask){ .to = r->at.addr,
					  .test = "binding",
					  .timeout_ms = limit ? limit : 1,
					  .done = on_answer,
					  .arg = r }) != 0)
		return PC_EXIT_IO;
	return -1;
}

int reach_start(struct reach *r, const struct reach_cfg *cfg)
{
	memset(r, 0, sizeof(*r));
	r->cfg = *cfg;
	r->at = *cfg->target;
	r->begun_ms = pc_now_ms();
	return begin(r);
}

void reach_free(struct reach *r)
{
	talk_free(r->talk);
}
