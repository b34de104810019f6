/* The dialogs of a call, early ones and the one it has (RFC 3261 12.1). */
#include "call.h"

#include <stdlib.h>
#include <string.h>

#include "sip/extension.h"

static void copy(struct pc_buf *to, const struct pc_buf *from)
{
	pc_buf_clear(to);
	pc_buf_add(to, from->data, from->len);
}

struct branch *branch_new(struct call *c, struct pc_sip_dialog *d)
{
	struct branch *b = calloc(1, sizeof(*b));

	if (!b) {
		pc_tool_error(c->tool, "out of memory");
		pc_sip_dialog_free(d);
		return NULL;
	}
	b->dialog = d;
	copy(&b->local, &c->base_sdp);
	LIST_INSERT_HEAD(&c->branches, b, link);
	return b;
}

struct branch *branch_of(const struct call *c, const osip_message_t *request)
{
	struct branch *b;

	LIST_FOREACH(b, &c->branches, link)
	if (pc_sip_dialog_match(b->dialog, request))
		return b;
	return NULL;
}

struct branch *branch_tagged(const struct call *c, const char *remote_tag)
{
	struct branch *b;

	LIST_FOREACH(b, &c->branches, link)
	if (strcmp(b->dialog->remote_tag, remote_tag) == 0)
		return b;
	return NULL;
}

static void swap(struct pc_buf *a, struct pc_buf *b)
{
	struct pc_buf held = *a;

	*a = *b;
	*b = held;
}

void branch_choose(struct call *c, struct branch *b)
{
	if (c->branch == b)
		return;
	if (c->branch) { /* it keeps what was its own */
		copy(&c->branch->local, &c->local_sdp);
		swap(&c->branch->remote, &c->remote_sdp);
	}
	if (!c->branch || b->local.len > 0)
		copy(&c->local_sdp, b->local.len ? &b->local : &c->base_sdp);
	pc_buf_clear(&c->remote_sdp);
	swap(&c->remote_sdp, &b->remote);
	c->branch = b;
	c->dialog = b->dialog;
}

void branch_learn(struct branch *b, const osip_message_t *m)
{
	if (pc_sip_lists(m, "Allow", "UPDATE"))
		b->peer_updates = true;
}

void branch_state(struct call *c, struct branch *b, const char *state,
		  const char *why)
{
	static const char terminated[] = "Terminated";
	const struct pc_sip_dialog *d = b->dialog;
	const char *was = b->state;

	if (was && (!strcmp(was, state) || !strcmp(was, terminated)))
		return;
	b->state = state;
	if (pc_trace_wanted(c->tool))
		pc_trace_state_with(
			c->tool, "dialog", was, state, why,
			pc_json_fields("call_id=%s local_tag=%s remote_tag=%s",
				       d->call_id, d->local_tag,
				       d->remote_tag));
}

void branches_terminated(struct call *c, const char *why)
{
	struct branch *b;

	LIST_FOREACH(b, &c->branches, link)
	branch_state(c, b, "Terminated", why);
}
