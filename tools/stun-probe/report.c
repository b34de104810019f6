#include <errno.h>
#include <string.h>

#include "base/exit.h"
#include "report.h"

int report_status(const struct probe_result *r)
{
	switch (r->verdict) {
	case PROBE_MAPPED:
		return PC_EXIT_OK;
	case PROBE_ERROR:
		return r->code == 401 || r->code == 403 ? PC_EXIT_NOPERM
							: PC_EXIT_NO;
	case PROBE_BROKEN:
		return PC_EXIT_PROTOCOL;
	default:
		return PC_EXIT_NOANSWER;
	}
}

static bool same_ip(const struct pc_addr *a, const struct pc_addr *b)
{
	struct pc_addr x = *a, y = *b;

	pc_addr_set_port(&x, 0);
	pc_addr_set_port(&y, 0);
	return pc_addr_equal(&x, &y);
}

static const char *meaning(const struct probe_result *r)
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
static bool rewritten(const struct probe_result *r)
{
	return r->plain.len && !pc_addr_equal(&r->plain, &r->mapped);
}

static void row(struct pc_buf *out, const char *name, const char *text)
{
	pc_buf_printf(out, "%-9s %s\n", name, text);
}

static void row_addr(struct pc_buf *out, const char *name,
		     const struct pc_addr *addr)
{
	char text[PC_ADDR_TEXT];

	if (addr->len)
		row(out, name, pc_addr_text(addr, text));
}

void report_failure(const struct probe_result *r, struct pc_buf *out)
{
	char text[PC_ADDR_TEXT];

	pc_addr_text(&r->server, text);
	switch (r->verdict) {
	case PROBE_ERROR:
		pc_buf_printf(out, "%s: the server says %u %s", text, r->code,
			      r->reason);
		break;
	case PROBE_UNREACHABLE:
		pc_buf_printf(out, "%s: %s", text,
			      r->error == ECONNREFUSED ? "nothing listens there"
						       : strerror(r->error));
		break;
	case PROBE_BROKEN:
		pc_buf_printf(out, "%s: a broken answer: %s", text, r->why);
		break;
	default:
		pc_buf_printf(out, "%s: no answer to %u request%s in %.1f s",
			      text, r->requests, r->requests == 1 ? "" : "s",
			      (double)r->elapsed_us / 1e6);
		if (r->stray.len)
			pc_buf_printf(out, ", but one came from %s",
				      pc_addr_text(&r->stray, text));
	}
}

void report_text(const struct probe_result *r, struct pc_buf *out)
{
	row_addr(out, "server", &r->server);
	row_addr(out, "local", &r->local);
	row_addr(out, "mapped", &r->mapped);
	row(out, "meaning", meaning(r));
	if (rewritten(r))
		row(out, "rewritten",
		    "MAPPED-ADDRESS was changed on the way: "
		    "some helper (ALG) edits payloads");
	if (r->requests == 1)
		pc_buf_printf(out, "%-9s %.3f ms\n", "rtt",
			      (double)r->elapsed_us / 1e3);
	else
		pc_buf_printf(out, "%-9s %u requests, answered after %.3f ms\n",
			      "sent", r->requests, (double)r->elapsed_us / 1e3);
	if (*r->software)
		row(out, "software", r->software);
	row_addr(out, "origin", &r->origin);
	row_addr(out, "other", &r->other);
}

static json_t *addr_json(const struct pc_addr *addr)
{
	char text[PC_ADDR_TEXT];

	return addr->len ? json_string(pc_addr_text(addr, text)) : NULL;
}

json_t *report_json(const struct probe_result *r)
{
	json_t *o = pc_json_fields("server=%p local=%p requests=%u",
				   addr_json(&r->server), addr_json(&r->local),
				   r->requests);
	struct pc_buf why = { 0 };

	if (r->verdict != PROBE_MAPPED) {
		report_failure(r, &why);
		pc_json_add(o, "error=%s", why.data);
		if (r->code)
			pc_json_add(o, "code=%u", r->code);
		pc_buf_fini(&why);
		return o;
	}
	pc_json_add(o, "mapped=%p nat=%c rewritten=%c elapsed_ms=%f",
		    addr_json(&r->mapped),
		    !pc_addr_equal(&r->local, &r->mapped), rewritten(r),
		    (double)r->elapsed_us / 1e3);
	if (r->requests == 1) /* else: which request was answered? */
		pc_json_add(o, "rtt_ms=%f", (double)r->elapsed_us / 1e3);
	pc_json_add(o,
		    "software=%s fingerprint=%c response_origin=%p "
		    "other_address=%p",
		    *r->software ? r->software : NULL, r->fingerprint,
		    addr_json(&r->origin), addr_json(&r->other));
	return o;
}
