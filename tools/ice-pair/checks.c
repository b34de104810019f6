#include <stdlib.h>
#include <string.h>

#include "checks_private.h"
#include "old_stun.h"
#include "stun/demux.h"

enum { USE_CANDIDATE = 0x0025, CONTROLLING = 0x802a, ROLE_CONFLICT = 487 };

/* --- entries ---------------------------------------------------------- */

static bool is_tcp(const char *transport)
{
	return strcmp(transport, "tcp") == 0;
}

static bool same_local(const struct check *c, const struct pc_addr *local)
{
	struct pc_addr a = c->local, b = *local;

	if (is_tcp(c->transport)) {
		pc_addr_set_port(&a, 0);
		pc_addr_set_port(&b, 0);
	}
	return pc_addr_equal(&a, &b);
}

const struct check *checks_find(const struct checks *checks,
				const struct pc_addr *local,
				const struct pc_addr *remote,
				const char *transport)
{
	for (unsigned i = 0; i < checks->n_checks; i++) {
		const struct check *c = &checks->checks[i];

		if (is_tcp(c->transport) == is_tcp(transport) &&
		    pc_addr_equal(&c->remote, remote) && same_local(c, local))
			return c;
	}
	return NULL;
}

/* The entry of a pair, made if need be; NULL if there are too many. */
static struct check *entry(struct checks *checks, const struct sighting *s)
{
	const struct check *found =
		checks_find(checks, s->local, s->remote, s->transport);
	struct check *c;

	if (found)
		return &checks->checks[found - checks->checks];
	if (checks->n_checks == CHECKS_MAX)
		return NULL;
	c = &checks->checks[checks->n_checks++];
	memset(c, 0, sizeof(*c));
	c->local = *s->local;
	c->remote = *s->remote;
	c->transport = s->transport;
	c->relayed = s->relayed;
	return c;
}

struct base *checks_base(struct checks *checks, const struct pc_addr *local)
{
	struct base *base;

	for (unsigned i = 0; i < checks->n_bases; i++)
		if (pc_addr_equal(&checks->bases[i].local, local))
			return &checks->bases[i];
	if (checks->n_bases == BASES_MAX)
		return NULL;
	base = &checks->bases[checks->n_bases++];
	base->local = *local;
	return base;
}

static struct check *of_transaction(struct checks *checks,
				    const uint8_t id[static PC_STUN_ID])
{
	for (unsigned i = 0; i < checks->n_checks; i++)
		for (unsigned j = 0; j < CHECK_IDS; j++)
			if (j < checks->checks[i].n_ids &&
			    memcmp(checks->checks[i].ids[j], id, PC_STUN_ID) ==
				    0)
				return &checks->checks[i];
	return NULL;
}

/* --- what is seen ----------------------------------------------------- */

static void sent(struct checks *checks, const struct sighting *s,
		 const struct pc_stun_msg *msg)
{
	struct base *base;
	struct check *c;

	if (!pc_stun_find(msg, PC_STUN_USERNAME)) { /* to a STUN server */
		base = checks_base(checks, s->local);
		if (base)
			memcpy(base->id, msg->id, PC_STUN_ID);
		return;
	}
	c = entry(checks, s);
	if (!c)
		return;
	c->sent++;
	checks->controlling = !!pc_stun_find(msg, CONTROLLING);
	c->nominated |= !!pc_stun_find(msg, USE_CANDIDATE);
	if (of_transaction(checks, msg->id) != c)
		memcpy(c->ids[c->n_ids++ % CHECK_IDS], msg->id, PC_STUN_ID);
}

static void server_answered(struct checks *checks, const struct sighting *s,
			    const struct pc_stun_msg *msg)
{
	struct base *base = checks_base(checks, s->local);
	unsigned code = 0;

	if (!base || memcmp(base->id, msg->id, PC_STUN_ID) != 0)
		return;
	if (msg->class == PC_STUN_ERROR)
		code = pc_stun_error(msg, NULL, NULL);
	else
		pc_stun_mapped(msg, &base->mapped);
	if (code != TRY_ALTERNATE || ++base->sent_on >= AGAIN_MAX)
		checks->stun_refused = code;
}

static void answer_came(struct checks *checks, const struct sighting *s,
			const struct pc_stun_msg *msg)
{
	struct check *c = of_transaction(checks, msg->id);

	if (!c) {
		server_answered(checks, s, msg);
	} else if (!pc_addr_equal(&c->remote, s->remote)) {
		c->elsewhere = *s->remote; /* section 7.2.5.2.1: it fails */
	} else if (msg->class == PC_STUN_ERROR) {
		c->error = pc_stun_error(msg, NULL, NULL);
	} else {
		c->answered++;
		c->error = 0;
		pc_stun_mapped(msg, &c->mapped);
	}
}

/* libnice answers with success only what has our password. */
static void answered(struct checks *checks, const struct sighting *s,
		     const struct pc_stun_msg *msg)
{
	struct check *c;

	if (msg->class == PC_STUN_SUCCESS) {
		c = entry(checks, s);
		if (!c)
			return;
		c->asked++;
		c->nominated |=
			memcmp(checks->nominating, msg->id, PC_STUN_ID) == 0;
		return;
	}
	/* a stranger's check is refused, too: that makes no entry */
	if (!checks_find(checks, s->local, s->remote, s->transport))
		return;
	c = entry(checks, s);
	c->refused = pc_stun_error(msg, NULL, NULL);
}

/* What a report is made of, so that only news is reported. */
static unsigned shown(const struct check *c)
{
	return (unsigned)check_state(c) | (c->asked ? 4u : 0) |
	       (c->nominated ? 8u : 0) | (c->elsewhere.len ? 16u : 0) |
	       (c->mapped.len ? 32u : 0) | 64u | c->error << 8 |
	       c->refused << 18;
}

void checks_binding(struct checks *checks, const struct sighting *s,
		    const struct pc_stun_msg *msg)
{
	if (s->out && msg->class == PC_STUN_REQUEST)
		sent(checks, s, msg);
	else if (s->out)
		answered(checks, s, msg);
	else if (msg->class != PC_STUN_REQUEST)
		answer_came(checks, s, msg);
	else if (pc_stun_find(msg, USE_CANDIDATE))
		memcpy(checks->nominating, msg->id, PC_STUN_ID);
	for (unsigned i = 0; i < checks->n_checks; i++) {
		struct check *c = &checks->checks[i];

		if (c->shown == shown(c))
			continue;
		c->shown = shown(c);
		checks->changed(checks->arg, c);
	}
}

void checks_datagram(struct checks *checks, bool out, const char *transport,
		     const struct pc_addr *local, const struct pc_addr *remote,
		     const uint8_t *data, size_t len)
{
	struct sighting s = { .out = out,
			      .transport = transport,
			      .local = local,
			      .remote = remote };
	uint8_t old[OLD_STUN_MAX];
	struct pc_stun_msg msg;

	if (len == 0)
		return;
	if (pc_demux(data[0]) == PC_DEMUX_STUN &&
	    ((pc_stun_decode(&msg, data, len) == 0 &&
	      msg.method == PC_STUN_BINDING) ||
	     old_stun_decode(&msg, old, data, len) == 0))
		checks_binding(checks, &s, &msg);
	else if (pc_demux(data[0]) == PC_DEMUX_STUN ||
		 pc_demux(data[0]) == PC_DEMUX_TURN)
		checks_turn(checks, &s, data, len);
}

/* --- what comes of it ------------------------------------------------- */

unsigned checks_stun_refused(const struct checks *checks)
{
	return checks->stun_refused;
}

static bool vain(const struct base *base, const struct pc_stun_msg *msg)
{
	if (msg->class != PC_STUN_REQUEST)
		return false;
	if (msg->method == PC_STUN_ALLOCATE)
		return base->again >= AGAIN_MAX;
	return msg->method == PC_STUN_BINDING && base->sent_on >= AGAIN_MAX &&
	       !pc_stun_find(msg, PC_STUN_USERNAME); /* no check */
}

bool checks_vain(const struct checks *checks, const struct pc_addr *local,
		 const uint8_t *data, size_t len)
{
	uint8_t old[OLD_STUN_MAX];
	struct pc_stun_msg msg;

	for (unsigned i = 0; i < checks->n_bases; i++)
		if (pc_addr_equal(&checks->bases[i].local, local))
			return (pc_stun_decode(&msg, data, len) == 0 ||
				old_stun_decode(&msg, old, data, len) == 0) &&
			       vain(&checks->bases[i], &msg);
	return false;
}

void checks_remotes(const struct checks *checks, json_t *array)
{
	for (unsigned i = 0; i < checks->n_checks; i++) {
		const struct check *c = &checks->checks[i];
		char text[PC_ADDR_TEXT];

		if ((c->answered || c->asked || c->before) && !c->relayed &&
		    !is_tcp(c->transport))
			json_array_append_new(
				array,
				json_string(pc_addr_text(&c->remote, text)));
	}
}

enum check_state check_state(const struct check *c)
{
	if (!c || (!c->sent && !c->answered))
		return CHECK_WAITING;
	if (c->answered)
		return CHECK_SUCCEEDED;
	if (c->elsewhere.len || (c->error && c->error != ROLE_CONFLICT))
		return CHECK_FAILED;
	return CHECK_IN_PROGRESS;
}

const char *check_state_name(enum check_state state)
{
	static const char *const names[] = { "waiting", "in-progress",
					     "succeeded", "failed" };

	return names[state];
}

static bool any_nominated(const struct checks *checks)
{
	for (unsigned i = 0; i < checks->n_checks; i++)
		if (checks->checks[i].nominated)
			return true;
	return false;
}

bool checks_undecided(const struct checks *checks)
{
	bool answered = false;

	for (unsigned i = 0; i < checks->n_checks; i++)
		answered |= checks->checks[i].answered > 0;
	return answered && checks->controlling && !any_nominated(checks);
}

static const char *nomination(const struct checks *checks,
			      const struct check *c)
{
	if (c->nominated)
		return "; nominated";
	if (any_nominated(checks))
		return "; not nominated: another is";
	return checks->controlling
		       ? "; not nominated yet: others may still answer"
		       : "; the peer has not nominated it yet";
}

/* Does the peer see us where no server does? Then our NAT's mapping changes. */
static void say_mapping(const struct checks *checks, const struct check *c,
			struct pc_buf *out)
{
	char here[PC_ADDR_TEXT], there[PC_ADDR_TEXT];

	if (c->relayed || !c->mapped.len ||
	    pc_addr_equal(&c->mapped, &c->local))
		return;
	pc_buf_printf(out, "; it sees us at %s",
		      pc_addr_text(&c->mapped, here));
	for (unsigned i = 0; i < checks->n_bases; i++) {
		const struct base *b = &checks->bases[i];

		if (pc_addr_equal(&b->local, &c->local) && b->mapped.len &&
		    !pc_addr_equal(&b->mapped, &c->mapped))
			pc_buf_printf(out,
				      ", the server at %s: our NAT's "
				      "mapping changes",
				      pc_addr_text(&b->mapped, there));
	}
}

static const char *meaning(unsigned code)
{
	switch (code) {
	case 400:
		return " (a broken request)";
	case 401:
		return " (wrong password or user name)";
	case 403:
		return " (no consent)";
	case ROLE_CONFLICT:
		return " (both have the same role)";
	default:
		return "";
	}
}

void check_reason(const struct checks *checks, const struct check *c,
		  struct pc_buf *out)
{
	char text[PC_ADDR_TEXT];

	if (!c || (!c->sent && !c->asked))
		pc_buf_adds(out, "no check was sent, and none came");
	else if (!c->sent)
		pc_buf_adds(out, "its checks come, ours have not begun");
	else if (c->answered)
		pc_buf_printf(out, "answered%s", nomination(checks, c));
	else if (c->elsewhere.len)
		pc_buf_printf(out, "the reply came from another source, %s",
			      pc_addr_text(&c->elsewhere, text));
	else if (c->error)
		pc_buf_printf(out, "it answers %u%s", c->error,
			      meaning(c->error));
	else
		pc_buf_printf(out, "no reply to %u check%s, %s", c->sent,
			      c->sent == 1 ? "" : "s",
			      c->asked ? "although its own come: ours, or the "
					 "replies, get lost"
				       : "and none of its own came");
	if (c && c->refused)
		pc_buf_printf(out, "; to its check we answered %u%s",
			      c->refused, meaning(c->refused));
	if (c && c->answered)
		say_mapping(checks, c, out);
}

struct checks *checks_new(checks_changed_fn *changed, void *arg)
{
	struct checks *checks = calloc(1, sizeof(*checks));

	if (!checks)
		return NULL;
	checks->changed = changed;
	checks->arg = arg;
	return checks;
}

void checks_free(struct checks *checks)
{
	free(checks);
}

void checks_restart(struct checks *checks)
{
	unsigned n = 0;

	checks->turn_refused = checks->stun_refused = 0;
	for (unsigned i = 0; i < checks->n_bases; i++)
		checks->bases[i].again = checks->bases[i].sent_on = 0;
	for (unsigned i = 0; i < checks->n_checks; i++) {
		const struct check *c = &checks->checks[i];

		if (!c->answered && !c->asked)
			continue;
		checks->checks[n] = (struct check){ .local = c->local,
						    .remote = c->remote,
						    .transport = c->transport,
						    .relayed = c->relayed,
						    .before = true };
		checks->checks[n].shown = shown(&checks->checks[n]);
		n++;
	}
	checks->n_checks = n;
}
