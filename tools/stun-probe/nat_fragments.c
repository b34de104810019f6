/*
 * Fragments (RFC 5780 section 4.7): a request whose PADDING makes it longer
 * than one packet; the server pads its answer likewise. That a server drops all
 * with PADDING is told apart by a short one.
 */
#include <stdlib.h>

#include "nat.h"

#define LONG_BYTES  1800 /* more than fits into 1500 with its headers */
#define SHORT_BYTES 64   /* the control: does the server take PADDING? */

struct question {
	struct nat *nat;
	unsigned bytes;
};

struct nat_fragments {
	struct talk *talk;
	struct question fragmented, control;
};

static void put_padding(struct pc_stun_build *b, void *arg)
{
	static const uint8_t padding[LONG_BYTES];
	const struct question *q = arg;

	pc_stun_put(b, PC_STUN_PADDING, padding, q->bytes);
}

static void on_fragmented(struct nat_facts *f, const struct answer *a)
{
	const struct pc_stun_attr *padding;

	if (a->verdict != VERDICT_ANSWER) {
		f->fragments = a->verdict == VERDICT_SILENT ? SILENCE : REFUSED;
		return;
	}
	padding = pc_stun_find(a->msg, PC_STUN_PADDING);
	f->fragments = CAME;
	/* a padded answer that fits into one packet proves nothing */
	if (padding && a->msg->len > 1500)
		f->fragment_bytes = padding->len;
}

static void on_answer(void *arg, const struct answer *a)
{
	struct question *q = arg;
	struct nat_facts *f = &q->nat->facts;

	if (q->bytes == LONG_BYTES)
		on_fragmented(f, a);
	else if (a->verdict == VERDICT_ANSWER)
		f->padding_taken = true;
	nat_test_over(q->nat);
}

static void ask_padded(struct nat *nat, struct question *q, unsigned bytes)
{
	*q = (struct question){ .nat = nat, .bytes = bytes };
	nat->running++;
	if (nat_ask(nat, nat->fragments->talk,
		    (struct ask){ .to = nat->server,
				  .test = "fragments",
				  .fill = put_padding,
				  .done = on_answer,
				  .arg = q }) != 0)
		nat_test_over(nat);
}

void nat_fragments_start(struct nat *nat)
{
	struct nat_fragments *t = calloc(1, sizeof(*t));

	nat->fragments = t;
	if (!t || nat_fresh(nat, &t->talk) != 0)
		return;
	talk_allow_fragments(t->talk);
	ask_padded(nat, &t->fragmented, LONG_BYTES);
	ask_padded(nat, &t->control, SHORT_BYTES);
}

void nat_fragments_free(struct nat_fragments *t)
{
	if (!t)
		return;
	talk_free(t->talk);
	free(t);
}
