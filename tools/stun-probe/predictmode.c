/* --predict A.json B.json: two reports of --nat --json in, one verdict out. */
#include <errno.h>
#include <string.h>

#include "app.h"
#include "predict.h"
#include "report.h"

#define REPORT_MAX (1u << 20)

struct report_file {
	const char *path;
	json_t *json;
	struct side side;
	struct pc_addr mapped, local;
	bool nat;
	bool loses; /* its mapping, to who knocks first */
	const char *rfc3489, *hairpin;
};

/* The set that a finding leaves possible; 0 if there is no such finding. */
static unsigned possible_of(const json_t *report, const char *name)
{
	const json_t *list =
		json_object_get(json_object_get(report, name), "possible");
	unsigned set = 0;
	const json_t *value;
	size_t i;

	json_array_foreach(list, i,
			   value) for (unsigned bit = 1; bit <= ANY_BEHAVIOUR;
				       bit <<=
				       1) if (json_is_string(value) &&
					      strcmp(json_string_value(value),
						     behaviour_name(bit)) == 0)
		set |= bit;
	return set;
}

static bool is_verdict(const json_t *report, const char *name,
		       const char *verdict)
{
	const char *is = pc_json_str(json_object_get(report, name), "verdict");

	return is && strcmp(is, verdict) == 0;
}

static int bad(const struct report_file *r, const char *why)
{
	pc_warnx("%s: %s", r->path, why);
	return PC_EXIT_DATA;
}

static int parse(struct report_file *r, const struct pc_buf *text)
{
	json_error_t error;
	const char *mapped, *local;

	r->json = json_loadb(text->data, text->len, 0, &error);
	if (!r->json) {
		pc_warnx("%s: line %d: %s", r->path, error.line, error.text);
		return PC_EXIT_DATA;
	}
	mapped = pc_json_str(r->json, "mapped");
	local = pc_json_str(r->json, "local");
	r->side.mapping = possible_of(r->json, "mapping");
	r->side.filtering = possible_of(r->json, "filtering");
	if (!mapped && json_object_get(r->json, "failed"))
		return bad(r, "no STUN server had answered: nothing can be "
			      "foretold");
	if (!mapped || pc_addr_parse(&r->mapped, mapped, 0) != 0 || !local ||
	    pc_addr_parse(&r->local, local, 0) != 0 || !r->side.mapping ||
	    !r->side.filtering)
		return bad(r, "not a report of stun-probe --nat --json");
	r->nat = json_is_true(json_object_get(r->json, "nat"));
	r->rfc3489 = pc_json_str(r->json, "rfc3489");
	r->loses = is_verdict(r->json, "uninvited", "mapping lost");
	r->hairpin =
		pc_json_str(json_object_get(r->json, "hairpin"), "verdict");
	return -1;
}

static int read_report(struct report_file *r, const char *path)
{
	struct pc_buf text = { 0 };
	int rc = pc_buf_read_file(&text, path, REPORT_MAX);
	int status;

	r->path = path;
	if (rc < 0) {
		pc_warnx("%s: %s", path, pc_buf_file_error(rc));
		status = rc == -EFBIG ? PC_EXIT_DATA : PC_EXIT_NOINPUT;
	} else if (text.len == 0) {
		pc_warnx("%s: empty", path);
		status = PC_EXIT_NOINPUT;
	} else {
		status = parse(r, &text);
	}
	pc_buf_fini(&text);
	return status;
}

/* --- what is known beyond the behaviours ------------------------------ */

struct verdict_text {
	enum prediction verdict;
	const char *why;
};

static struct verdict_text of_one_nat(const struct report_file *a,
				      const struct report_file *b)
{
	if (a->hairpin && b->hairpin && strcmp(a->hairpin, "yes") == 0 &&
	    strcmp(b->hairpin, "yes") == 0)
		return (struct verdict_text){
			WILL_CONNECT,
			"both are behind one address, whose NAT lets them "
			"reach each other by it (hairpin)"
		};
	return (struct verdict_text){
		NOT_KNOWN,
		"both are behind one address: they connect by their local "
		"addresses if they are in one network, else it takes a "
		"hairpin, which this NAT was not seen to do"
	};
}

static struct verdict_text judge(const struct report_file *a,
				 const struct report_file *b)
{
	static const char *const why[] = {
		[WILL_CONNECT] = "each sends to where the other is seen: "
				 "what comes from there is let in by one "
				 "filter, or by what it has sent itself",
		[NEEDS_RELAY] = "each side's packets come to a mapping or "
				"from a port that the other's filter does not "
				"know: only a relay (TURN) connects them",
		[NOT_KNOWN] = "what is not known of the NATs decides it",
	};
	struct side x = a->side, y = b->side;
	enum prediction p;

	if (a->mapped.sa.sa_family != b->mapped.sa.sa_family)
		return (struct verdict_text){
			NOT_KNOWN, "one report is of IPv4, the other of IPv6: "
				   "ask with the same -4 or -6 at both"
		};
	if (same_ip(&a->mapped, &b->mapped) && (a->nat || b->nat))
		return of_one_nat(a, b);
	p = predict(&x, &y);
	if (p != WILL_CONNECT)
		return (struct verdict_text){ p, why[p] };
	/* the other's first packet may make the mapping another */
	x.mapping |= a->loses ? ADDRESS_AND_PORT_DEPENDENT : 0;
	y.mapping |= b->loses ? ADDRESS_AND_PORT_DEPENDENT : 0;
	if (predict(&x, &y) == NOT_KNOWN)
		return (struct verdict_text){
			NOT_KNOWN, "a NAT gives its mapping up to who sends "
				   "first: chance decides"
		};
	return (struct verdict_text){ p, why[p] };
}

/* --- the report ------------------------------------------------------- */

static void say_side(struct pc_buf *out, const char *name,
		     const struct report_file *r)
{
	const char *mapping = behaviour_name(r->side.mapping);
	const char *filtering = behaviour_name(r->side.filtering);

	pc_buf_printf(out, "%-9s ", name);
	if (r->rfc3489)
		pc_buf_add_printable(out, r->rfc3489, strlen(r->rfc3489));
	pc_buf_printf(out, ": mapping %s, filtering %s\n",
		      mapping ? mapping : "unknown",
		      filtering ? filtering : "unknown");
}

static json_t *side_json(const struct report_file *r)
{
	const char *mapping = behaviour_name(r->side.mapping);
	const char *filtering = behaviour_name(r->side.filtering);

	return pc_json_fields("rfc3489=%s mapping=%s filtering=%s mapped=%p",
			      r->rfc3489, mapping ? mapping : "unknown",
			      filtering ? filtering : "unknown",
			      report_addr_json(&r->mapped));
}

static void report(struct app *app, const struct report_file *a,
		   const struct report_file *b)
{
	static const struct {
		const char *name;
		int status;
	} of[] = { [WILL_CONNECT] = { "direct", PC_EXIT_OK },
		   [NEEDS_RELAY] = { "relay", PC_EXIT_NO },
		   [NOT_KNOWN] = { "unknown", PC_EXIT_UNKNOWN } };
	struct verdict_text v = judge(a, b);
	struct pc_buf out = { 0 };

	say_side(&out, "a", a);
	say_side(&out, "b", b);
	report_row(&out, "verdict", of[v.verdict].name);
	report_row(&out, "because", v.why);
	app_report(app, &out,
		   pc_json_fields("report=%s verdict=%s why=%s a=%p b=%p",
				  "prediction", of[v.verdict].name, v.why,
				  side_json(a), side_json(b)),
		   of[v.verdict].status);
	pc_buf_fini(&out);
}

int predict_start(struct app *app)
{
	struct report_file a = { 0 }, b = { 0 };
	int status;

	if (app->tool.n_operands != 2) {
		pc_warnx("--predict wants two reports of stun-probe --nat "
			 "--json, as in stun-probe --predict a.json b.json");
		return PC_EXIT_USAGE;
	}
	status = read_report(&a, app->tool.operands[0]);
	if (status < 0)
		status = read_report(&b, app->tool.operands[1]);
	if (status < 0)
		report(app, &a, &b);
	json_decref(a.json);
	json_decref(b.json);
	return status;
}
