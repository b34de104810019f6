#include <errno.h>
#include <string.h>

#include "base/exit.h"
#include "report.h"
#include "turn_report.h"

/* --- the verdict ------------------------------------------------------ */

/* The first step that was not well; TURN_STEPS: all were. */
static enum turn_step first_failure(const struct turn *t)
{
	for (int i = 0; i < TURN_RELEASE; i++)
		if (t->step[i].outcome != TURN_OK)
			return (enum turn_step)i;
	return TURN_STEPS;
}

/*
 * With credentials the very request is bad that was challenged without them:
 * so pion's server answers a wrong user or password, where RFC 8489 section
 * 9.2.4 has 401.
 */
static bool is_bad_with_credentials(const struct turn *t,
				    const struct turn_result *r)
{
	return r->code == 400 && t->authenticated;
}

static int refused_status(const struct turn *t, const struct turn_result *r)
{
	return r->code == 401 || r->code == 403 || r->code == 441 ||
			       is_bad_with_credentials(t, r)
		       ? PC_EXIT_NOPERM
		       : PC_EXIT_NO;
}

static int failed_status(const struct turn_result *r)
{
	if (r->error == EMFILE || r->error == ENFILE || r->error == ENOMEM)
		return PC_EXIT_IO; /* it is we who could not */
	if (r->verdict == VERDICT_BROKEN || r->error == EPROTO)
		return PC_EXIT_PROTOCOL;
	return r->error == EKEYREJECTED ? PC_EXIT_NOPERM : PC_EXIT_NOANSWER;
}

int turn_report_status(const struct turn *t)
{
	enum turn_step at = first_failure(t);
	const struct turn_result *r;

	if (at == TURN_STEPS)
		return PC_EXIT_OK;
	r = &t->step[at];
	if (r->outcome == TURN_FAILED)
		return failed_status(r);
	if (r->outcome == TURN_NOT_TRIED) /* we were told to end */
		return PC_EXIT_UNKNOWN;
	if (at == TURN_ALLOCATE)
		return r->outcome == TURN_SILENT ? PC_EXIT_NOANSWER
						 : refused_status(t, r);
	return at == TURN_IN ? PC_EXIT_UNKNOWN : PC_EXIT_NO;
}

/* What a failed step means. NULL: its outcome says it all. */
static const char *means(const struct turn *t, enum turn_step at)
{
	const struct turn_result *r = &t->step[at];

	switch (at) {
	case TURN_ALLOCATE:
		if (r->code == 401 && !t->cfg.user)
			return "the server wants credentials: --user and "
			       "--password-file, or --turn-secret";
		return r->code == 401 || r->code == 441 ||
				       is_bad_with_credentials(t, r)
			       ? "the server does not take these credentials"
			       : NULL;
	case TURN_PERMISSION:
		return r->code == 403 ? "the server does not relay to the "
					"address that we have for it"
				      : NULL;
	case TURN_IN:
		return "our own peer's packets do not come out of the relay: "
		       "whether UDP from here to its port is blocked, or it "
		       "does not relay, is not known";
	case TURN_OUT:
	case TURN_ECHO:
		return "what we send does not come to the peer and back, "
		       "although the peer's packets come to us";
	default:
		return NULL;
	}
}

static void say_outcome(const struct turn_result *r, struct pc_buf *out)
{
	switch (r->outcome) {
	case TURN_OK:
		pc_buf_adds(out, "ok");
		break;
	case TURN_REFUSED:
		pc_buf_printf(out, "refused: %u%s%s", r->code,
			      *r->why ? " " : "", r->why);
		break;
	case TURN_SILENT:
		pc_buf_adds(out, "nothing came");
		break;
	case TURN_FAILED:
		pc_buf_printf(out, "failed: %s",
			      r->error == ECONNREFUSED ? "nothing listens there"
						       : r->why);
		break;
	default:
		pc_buf_adds(out, "not done");
	}
}

void turn_report_failure(const struct turn *t, struct pc_buf *out)
{
	enum turn_step at = first_failure(t);
	char text[PC_ADDR_TEXT];
	const char *meaning;

	if (at == TURN_STEPS)
		return;
	pc_buf_printf(out, "%s: %s: ", pc_addr_text(&t->cfg.server, text),
		      turn_step_name(at));
	say_outcome(&t->step[at], out);
	meaning = t->step[at].outcome == TURN_NOT_TRIED ? "it was ended before"
							: means(t, at);
	if (meaning)
		pc_buf_printf(out, " (%s)", meaning);
}

/* --- text ------------------------------------------------------------- */

static double ms(uint64_t us)
{
	return (double)us / 1e3;
}

static double loss_percent(const struct turn *t)
{
	return t->sent ? 100.0 * (t->sent - t->came) / t->sent : 0;
}

static void say_step(const struct turn *t, enum turn_step at,
		     struct pc_buf *out)
{
	const struct turn_result *r = &t->step[at];
	char text[PC_ADDR_TEXT];

	pc_buf_printf(out, "%-10s ", turn_step_name(at));
	say_outcome(r, out);
	if (r->outcome == TURN_OK && at == TURN_ALLOCATE)
		pc_buf_printf(out, ", for %u s", t->lifetime_s);
	if (r->outcome == TURN_OK && at == TURN_IN)
		pc_buf_printf(out, ", from our peer at %s",
			      pc_addr_text(&t->peer, text));
	if (r->outcome == TURN_OK && at == TURN_REFRESH)
		pc_buf_printf(out, ", for %u s", t->refreshed_s);
	if (at == TURN_ECHO && t->sent)
		pc_buf_printf(out, ", %u sent, %u came back, %.1f %% lost",
			      t->sent, t->came, loss_percent(t));
	if (at == TURN_ECHO && t->came)
		pc_buf_printf(out, ", round trip %.3f/%.3f/%.3f ms",
			      ms(t->rtt_min_us), ms(t->rtt_sum_us / t->came),
			      ms(t->rtt_max_us));
	pc_buf_adds(out, "\n");
}

void turn_report_text(const struct turn *t, struct pc_buf *out)
{
	report_row_addr(out, "server", &t->cfg.server);
	if (t->cfg.way.kind != WIRE_UDP)
		pc_buf_printf(out, "%-9s %s, connected in %.3f ms%s%s\n",
			      "transport", wire_name(t->cfg.way.kind),
			      ms(t->connect_us), *t->cipher ? ", " : "",
			      t->cipher);
	report_row(out, "user",
		   t->authenticated ? t->cfg.user
				    : "none: anybody may relay there");
	if (t->authenticated) {
		pc_buf_printf(out, "%-9s ", "realm");
		pc_buf_add_printable(out, t->auth.realm, strlen(t->auth.realm));
		pc_buf_printf(out, ", %s%s\n",
			      t->auth.sha256 ? "password algorithms, SHA-256 "
					       "integrity"
					     : "SHA-1 integrity",
			      t->auth.anonymous ? ", the user hashed" : "");
	}
	report_row_addr(out, "mapped", &t->mapped);
	report_row_addr(out, "relayed", &t->relayed);
	if (*t->software)
		report_row(out, "software", t->software);
	pc_buf_adds(out, "\n");
	for (int i = 0; i < TURN_STEPS; i++)
		say_step(t, (enum turn_step)i, out);
}

/* --- JSON ------------------------------------------------------------- */

static json_t *step_json(const struct turn_result *r)
{
	static const char *const names[] = {
		[TURN_NOT_TRIED] = "not tried", [TURN_OK] = "ok",
		[TURN_REFUSED] = "refused",     [TURN_SILENT] = "silent",
		[TURN_FAILED] = "failed",
	};
	json_t *o = pc_json_fields("outcome=%s", names[r->outcome]);

	if (r->outcome == TURN_REFUSED)
		pc_json_add(o, "code=%u reason=%s", r->code, r->why);
	if (r->outcome == TURN_FAILED)
		pc_json_add(o, "why=%s", r->why);
	if (r->outcome == TURN_OK && r->elapsed_us)
		pc_json_add(o, "elapsed_ms=%f", ms(r->elapsed_us));
	return o;
}

static json_t *steps_json(const struct turn *t)
{
	json_t *o = json_object();

	for (int i = 0; i < TURN_STEPS; i++) {
		json_t *step = step_json(&t->step[i]);
		json_t *packets = packets_of_json(
			t->cfg.env.packets, turn_step_name((enum turn_step)i));

		json_object_set_new(step, "packets", packets);
		json_object_set_new(o, turn_step_name((enum turn_step)i), step);
	}
	return o;
}

static json_t *works_json(int status)
{
	if (status == PC_EXIT_UNKNOWN || status == PC_EXIT_IO)
		return json_null();
	return json_boolean(status == PC_EXIT_OK);
}

json_t *turn_report_json(const struct turn *t)
{
	struct pc_buf why = { 0 };
	json_t *o = pc_json_fields("report=%s server=%p transport=%s works=%p",
				   "turn", report_addr_json(&t->cfg.server),
				   wire_name(t->cfg.way.kind),
				   works_json(turn_report_status(t)));

	turn_report_failure(t, &why);
	pc_json_add(o, "error=%s", why.data);
	pc_buf_fini(&why);
	if (t->cfg.way.kind != WIRE_UDP)
		pc_json_add(o, "connect_ms=%f", ms(t->connect_us));
	pc_json_add(o, "cipher=%s authenticated=%c",
		    *t->cipher ? t->cipher : NULL, t->authenticated);
	if (t->authenticated)
		pc_json_add(o, "user=%s realm=%s integrity=%s anonymous=%c",
			    t->cfg.user, t->auth.realm,
			    t->auth.sha256 ? "SHA-256" : "SHA-1",
			    t->auth.anonymous);
	pc_json_add(o, "mapped=%p relayed=%p peer=%p software=%s",
		    report_addr_json(&t->mapped), report_addr_json(&t->relayed),
		    report_addr_json(&t->peer),
		    *t->software ? t->software : NULL);
	if (t->lifetime_s)
		pc_json_add(o, "lifetime_s=%u", t->lifetime_s);
	if (t->sent)
		pc_json_add(o, "sent=%u came=%u loss_percent=%f", t->sent,
			    t->came, loss_percent(t));
	if (t->came)
		pc_json_add(o, "rtt_min_ms=%f rtt_avg_ms=%f rtt_max_ms=%f",
			    ms(t->rtt_min_us), ms(t->rtt_sum_us / t->came),
			    ms(t->rtt_max_us));
	pc_json_add(o, "steps=%p packets=%p", steps_json(t),
		    packets_json(t->cfg.env.packets));
	return o;
}
