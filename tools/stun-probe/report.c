#include <errno.h>

#include "base/exit.h"
#include "judge.h"
#include "report.h"

int report_status(const struct answer *r)
{
	switch (r->verdict) {
	case VERDICT_ANSWER:
		return PC_EXIT_OK;
	case VERDICT_ERROR:
		return r->code == 401 || r->code == 403 ? PC_EXIT_NOPERM
							: PC_EXIT_NO;
	case VERDICT_BROKEN:
		return PC_EXIT_PROTOCOL;
	case VERDICT_UNREACHABLE:
		return r->error == EKEYREJECTED ? PC_EXIT_NOPERM
		       : r->error == EPROTO     ? PC_EXIT_PROTOCOL
						: PC_EXIT_NOANSWER;
	default:
		return PC_EXIT_NOANSWER;
	}
}

const char *report_meaning(const struct answer *r)
{
	if (pc_addr_equal(&r->local, &r->mapped))
		return "no NAT towards this server: it sees our own address";
	if (same_ip(&r->local, &r->mapped))
		return "the port is translated, the address is not";
	if (pc_addr_port(&r->local) == pc_addr_port(&r->mapped))
		return "a NAT that translates the address and kept the port";
	return "a NAT that translates the address and the port";
}

/* A helper in the middle rewrote the address it found in the payload. */
static bool rewritten(const struct answer *r)
{
	return r->plain.len && r->xored.len &&
	       !pc_addr_equal(&r->plain, &r->xored);
}

void report_row(struct pc_buf *out, const char *name, const char *text)
{
	pc_buf_printf(out, "%-9s %s\n", name, text);
}

void report_row_addr(struct pc_buf *out, const char *name,
		     const struct pc_addr *addr)
{
	char text[PC_ADDR_TEXT];

	if (addr->len)
		report_row(out, name, pc_addr_text(addr, text));
}

void report_failure(const struct answer *r, struct pc_buf *out)
{
	char text[PC_ADDR_TEXT];

	pc_addr_text(&r->server, text);
	switch (r->verdict) {
	case VERDICT_ERROR:
		pc_buf_printf(out, "%s: the server says %u%s%s", text, r->code,
			      *r->reason ? " " : "", r->reason);
		if (r->alternate.len)
			pc_buf_printf(out, ": ask %s instead%s%s",
				      pc_addr_text(&r->alternate, text),
				      *r->why ? ", " : "", r->why);
		break;
	case VERDICT_UNREACHABLE:
		pc_buf_printf(out, "%s: %s", text,
			      r->error == ECONNREFUSED ? "nothing listens there"
						       : r->why);
		break;
	case VERDICT_BROKEN:
		pc_buf_printf(out, "%s: a broken answer: %s", text, r->why);
		break;
	default:
		if (r->requests == 0) {
			pc_buf_printf(out, "%s: no connection in %.1f s", text,
				      (double)r->elapsed_us / 1e6);
			break;
		}
		pc_buf_printf(out, "%s: no answer to %u request%s in %.1f s",
			      text, r->requests, r->requests == 1 ? "" : "s",
			      (double)r->elapsed_us / 1e6);
		if (r->stray.len)
			pc_buf_printf(out, ", but one came from %s",
				      pc_addr_text(&r->stray, text));
		else if (r->strange)
			pc_buf_printf(out,
				      ", but %u packet%s came that %s no "
				      "answer to them (see --trace)",
				      r->strange, r->strange == 1 ? "" : "s",
				      r->strange == 1 ? "is" : "are");
	}
}

void report_text(const struct answer *r, struct pc_buf *out)
{
	report_row_addr(out, "server", &r->server);
	if (r->kind != WIRE_UDP)
		pc_buf_printf(out, "%-9s %s, connected in %.3f ms%s%s\n",
			      "transport", wire_name(r->kind),
			      (double)r->connect_us / 1e3,
			      *r->cipher ? ", " : "", r->cipher);
	report_row_addr(out, "local", &r->local);
	report_row_addr(out, "mapped", &r->mapped);
	report_row(out, "meaning", report_meaning(r));
	if (rewritten(r))
		report_row(out, "rewritten",
			   "MAPPED-ADDRESS was changed on the way: "
			   "some helper (ALG) edits payloads");
	if (r->requests == 1)
		pc_buf_printf(out, "%-9s %.3f ms\n", "rtt",
			      (double)r->elapsed_us / 1e3);
	else
		pc_buf_printf(out, "%-9s %u requests, answered after %.3f ms\n",
			      "sent", r->requests, (double)r->elapsed_us / 1e3);
	if (*r->software)
		report_row(out, "software", r->software);
	report_row_addr(out, "origin", &r->origin);
	report_row_addr(out, "other", &r->other);
}

json_t *report_addr_json(const struct pc_addr *addr)
{
	char text[PC_ADDR_TEXT];

	return addr->len ? json_string(pc_addr_text(addr, text)) : NULL;
}

json_t *report_json(const struct answer *r)
{
	json_t *o =
		pc_json_fields("server=%p transport=%s local=%p "
			       "requests=%u",
			       report_addr_json(&r->server), wire_name(r->kind),
			       report_addr_json(&r->local), r->requests);
	struct pc_buf why = { 0 };

	if (r->verdict != VERDICT_ANSWER) {
		report_failure(r, &why);
		pc_json_add(o, "error=%s", why.data);
		if (r->code)
			pc_json_add(o, "code=%u alternate=%p", r->code,
				    report_addr_json(&r->alternate));
		pc_buf_fini(&why);
		return o;
	}
	if (r->kind != WIRE_UDP)
		pc_json_add(o, "connect_ms=%f", (double)r->connect_us / 1e3);
	pc_json_add(o, "cipher=%s", *r->cipher ? r->cipher : NULL);
	pc_json_add(o, "mapped=%p nat=%c rewritten=%c elapsed_ms=%f",
		    report_addr_json(&r->mapped),
		    !pc_addr_equal(&r->local, &r->mapped), rewritten(r),
		    (double)r->elapsed_us / 1e3);
	if (r->requests == 1) /* else: which request was answered? */
		pc_json_add(o, "rtt_ms=%f", (double)r->elapsed_us / 1e3);
	pc_json_add(o,
		    "software=%s fingerprint=%c response_origin=%p "
		    "other_address=%p",
		    *r->software ? r->software : NULL, r->fingerprint,
		    report_addr_json(&r->origin), report_addr_json(&r->other));
	return o;
}
