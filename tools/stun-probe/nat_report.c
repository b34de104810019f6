#include <string.h>

#include "base/exit.h"
#include "nat_report.h"
#include "report.h"

#define FINDINGS 11

struct named {
	const char *name, *test; /* whose packets it rests on */
	struct finding finding;
};

/* RFC 4787's names for what is found, in the order of weight for a call. */
static void judge(const struct nat *nat, struct named out[FINDINGS])
{
	const struct nat_facts *f = &nat->facts;
	const struct named all[FINDINGS] = {
		{ "mapping", "mapping", judge_mapping(f) },
		{ "filtering", "filtering", judge_filtering(f) },
		{ "uninvited", "uninvited", judge_uninvited(f) },
		{ "reply_source", "mapping", judge_source(f) },
		{ "hairpin", "hairpin", judge_hairpin(f) },
		{ "port_preservation", "ports", judge_preservation(f) },
		{ "port_parity", "ports", judge_parity(f) },
		{ "pooling", "ports", judge_pooling(f) },
		{ "rewriting", "mapping", judge_rewriting(f) },
		{ "fragments", "fragments", judge_fragments(f) },
		{ "lifetime", "lifetime", judge_lifetime(f) },
	};

	memcpy(out, all, sizeof(all));
}

int nat_report_status(const struct nat *nat)
{
	struct finding mapping = judge_mapping(&nat->facts);

	if (nat->best < 0)
		return report_status(&nat->first[0]);
	if (mapping.possible == ENDPOINT_INDEPENDENT)
		return PC_EXIT_OK;
	return mapping.possible & ENDPOINT_INDEPENDENT ? PC_EXIT_UNKNOWN
						       : PC_EXIT_NO;
}

static const char *rfc3489(const struct nat *nat)
{
	return judge_rfc3489(judge_nat(&nat->facts),
			     judge_mapping(&nat->facts).possible,
			     judge_filtering(&nat->facts).possible);
}

/* --- text ------------------------------------------------------------- */

static void say_numbers(const struct nat *nat, const char *name,
			struct pc_buf *out)
{
	const struct nat_facts *f = &nat->facts;

	if (strcmp(name, "lifetime") != 0 || !f->lifetime_tried ||
	    !f->response_port)
		return;
	if (f->dead_ms)
		pc_buf_printf(out, " (%.1f to %.1f s)",
			      (double)f->alive_ms / 1e3,
			      (double)f->dead_ms / 1e3);
	else
		pc_buf_printf(out, " (than %.1f s)", (double)f->alive_ms / 1e3);
}

static void say_finding(const struct nat *nat, const struct named *n,
			struct pc_buf *out)
{
	const struct finding *f = &n->finding;
	size_t before;

	pc_buf_printf(out, "%-18s %s", n->name, f->verdict);
	say_numbers(nat, n->name, out);
	if (!f->certain && strcmp(f->verdict, "unknown") != 0)
		pc_buf_adds(out, " (inferred)");
	pc_buf_printf(out, "\n    because  %s\n", f->why);
	if (f->means)
		pc_buf_printf(out, "    means    %s\n", f->means);
	before = out->len;
	pc_buf_adds(out, "    packets  ");
	packets_of_text(nat->cfg.env.packets, n->test, out);
	if (out->len == before + strlen("    packets  "))
		out->len = before; /* it rests on none */
	else
		pc_buf_adds(out, "\n");
}

static void say_head(const struct nat *nat, struct pc_buf *out)
{
	const struct answer *a = &nat->first[nat->best];

	report_row_addr(out, "server", &nat->server);
	if (nat->facts.has_other)
		report_row_addr(out, "other", &nat->other);
	report_row_addr(out, "local", &a->local);
	report_row_addr(out, "mapped", &a->mapped);
	report_row(out, "meaning", report_meaning(a));
	report_row(out, "rfc3489", rfc3489(nat));
	if (nat->facts.lossy)
		pc_buf_printf(out,
			      "%-9s %u answers took more than one request: "
			      "what rests on silence is less certain "
			      "(--silence)\n",
			      "lossy", nat->cfg.env.packets->late);
}

/* Who was asked besides, and did not answer. */
static void say_failures(const struct nat *nat, struct pc_buf *out)
{
	for (unsigned i = 0; i < nat->cfg.n_servers; i++) {
		const struct answer *a = &nat->first[i];

		if (a->verdict == VERDICT_ANSWER || !a->server.len)
			continue;
		pc_buf_adds(out, "failed    ");
		report_failure(a, out);
		pc_buf_adds(out, "\n");
	}
}

void nat_report_text(const struct nat *nat, struct pc_buf *out)
{
	struct named all[FINDINGS];

	say_head(nat, out);
	say_failures(nat, out);
	judge(nat, all);
	for (unsigned i = 0; i < FINDINGS; i++) {
		pc_buf_adds(out, "\n");
		say_finding(nat, &all[i], out);
	}
	pc_buf_adds(out, "\nthe packets\n");
	packets_text(nat->cfg.env.packets, out);
}

/* --- JSON ------------------------------------------------------------- */

static json_t *possible_json(unsigned set)
{
	json_t *list;

	if (!set)
		return NULL;
	list = json_array();
	for (unsigned bit = 1; bit <= ANY_BEHAVIOUR; bit <<= 1)
		if (set & bit)
			json_array_append_new(list,
					      json_string(behaviour_name(bit)));
	return list;
}

static json_t *finding_json(const struct nat *nat, const struct named *n)
{
	const struct finding *f = &n->finding;

	return pc_json_fields("verdict=%s possible=%p certain=%c why=%s "
			      "means=%s packets=%p",
			      f->verdict, possible_json(f->possible),
			      f->certain, f->why, f->means,
			      packets_of_json(nat->cfg.env.packets, n->test));
}

static void add_points(const struct nat *nat, json_t *mapping)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < nat->facts.n_points; i++)
		json_array_append_new(
			list,
			pc_json_fields(
				"to=%p mapped=%p",
				report_addr_json(&nat->facts.point[i].to),
				report_addr_json(&nat->facts.point[i].mapped)));
	json_object_set_new(mapping, "seen", list);
}

static void add_numbers(const struct nat *nat, json_t *o)
{
	const struct nat_facts *f = &nat->facts;

	add_points(nat, json_object_get(o, "mapping"));
	if (f->stray.len)
		pc_json_add(json_object_get(o, "reply_source"), "from=%p",
			    report_addr_json(&f->stray));
	if (f->hairpin_came)
		pc_json_add(json_object_get(o, "hairpin"), "from=%p outside=%c",
			    report_addr_json(&f->hairpin_from),
			    f->hairpin_outside);
	if (!f->lifetime_tried || !f->response_port)
		return;
	pc_json_add(json_object_get(o, "lifetime"), "alive_s=%f",
		    (double)f->alive_ms / 1e3);
	if (f->dead_ms)
		pc_json_add(json_object_get(o, "lifetime"), "dead_s=%f",
			    (double)f->dead_ms / 1e3);
}

static json_t *failures_json(const struct nat *nat)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < nat->cfg.n_servers; i++) {
		const struct answer *a = &nat->first[i];

		if (a->verdict != VERDICT_ANSWER && a->server.len)
			json_array_append_new(list, report_json(a));
	}
	return list;
}

json_t *nat_report_json(const struct nat *nat)
{
	const struct answer *a = &nat->first[nat->best < 0 ? 0 : nat->best];
	struct named all[FINDINGS];
	json_t *o = pc_json_fields("report=%s", "nat");

	if (nat->best < 0) {
		json_object_set_new(o, "failed", failures_json(nat));
		pc_json_add(o, "packets=%p",
			    packets_json(nat->cfg.env.packets));
		return o;
	}
	pc_json_add(o, "server=%p other_address=%p local=%p mapped=%p nat=%c",
		    report_addr_json(&nat->server),
		    nat->facts.has_other ? report_addr_json(&nat->other) : NULL,
		    report_addr_json(&a->local), report_addr_json(&a->mapped),
		    judge_nat(&nat->facts));
	pc_json_add(o, "rfc3489=%s late_answers=%u", rfc3489(nat),
		    nat->cfg.env.packets->late);
	judge(nat, all);
	for (unsigned i = 0; i < FINDINGS; i++)
		json_object_set_new(o, all[i].name, finding_json(nat, &all[i]));
	add_numbers(nat, o);
	pc_json_add(o, "failed=%p packets=%p", failures_json(nat),
		    packets_json(nat->cfg.env.packets));
	return o;
}
