/* The keys of an srtp: leg; see sdes.h. */
#include "sdes.h"

#include <errno.h>
#include <string.h>

/*
 * The first is what most take. GCM costs a third of SHA-1 (RFC 7714), but some
 * phones refuse an offer over a first line that they do not know.
 */
static const enum pc_srtp_profile suites[] = {
	PC_SRTP_AES128_CM_SHA1_80, PC_SRTP_AEAD_AES_128_GCM,
	PC_SRTP_AEAD_AES_256_GCM,  PC_SRTP_AES256_CM_SHA1_80,
	PC_SRTP_AES128_CM_SHA1_32, PC_SRTP_AES256_CM_SHA1_32,
};

enum { N_SUITES = sizeof(suites) / sizeof(suites[0]) };

static int refuse(struct leg *leg, const char *suite)
{
	struct pc_buf known = { 0 };

	for (unsigned i = 0; i < N_SUITES; i++)
		pc_buf_printf(&known, "%s%s",
			      i == 0             ? ""
			      : i + 1 < N_SUITES ? ", "
						 : " or ",
			      pc_sdes_suite(suites[i]));
	pc_tool_error(&leg->bridge->tool, "suite=%s: not known: use %s", suite,
		      known.oom ? "another" : known.data);
	pc_buf_fini(&known);
	return -EINVAL;
}

int sdes_open(struct sdes *s, struct leg *leg)
{
	const char *only = leg_option(leg, "suite");
	enum pc_srtp_profile one = only ? pc_sdes_profile(only) : PC_SRTP_NONE;

	if (only && one == PC_SRTP_NONE)
		return refuse(leg, only);
	for (unsigned i = 0; i < N_SUITES; i++) {
		struct pc_sdes *line = &s->offer.line[s->offer.n];

		if (only && suites[i] != one)
			continue;
		if (pc_sdes_new(line, s->offer.n + 1, suites[i]) < 0)
			return -EIO;
		s->offer.n++;
	}
	s->said = s->offer;
	return 0;
}

void sdes_close(struct sdes *s)
{
	pc_srtp_free(s->srtp);
	explicit_bzero(s, sizeof(*s));
}

/* Our line with the suite and the tag of theirs. */
static int answer(struct sdes *s, const struct pc_sdes_list *theirs)
{
	for (unsigned i = 0; i < theirs->n; i++)
		for (unsigned j = 0; j < s->offer.n; j++) {
			if (s->offer.line[j].profile != theirs->line[i].profile)
				continue;
			s->said.n = 1;
			s->said.line[0] = s->offer.line[j];
			s->said.line[0].tag = theirs->line[i].tag;
			return 0;
		}
	return -ENOENT;
}

int sdes_agree(struct sdes *s, struct leg *leg, const struct description *d,
	       struct pc_srtp_keys *keys)
{
	const struct pc_sdes_list *mine = d->local_crypto;
	const char *why = NULL;

	if (!d->remote->secure)
		why = "the remote description is not RTP/SAVP: an srtp: leg "
		      "needs a=crypto";
	else if (d->remote_crypto->n == 0)
		why = "the remote description has no a=crypto that is known "
		      "here";
	else if (!mine && answer(s, d->remote_crypto) < 0)
		why = "the remote description has no suite that is used here";
	else if (pc_sdes_choose(mine ? mine : &s->said, d->remote_crypto,
				keys) < 0)
		why = "the descriptions have no a=crypto in common (its tag "
		      "and its suite)";
	if (!why)
		return 0;
	pc_tool_error(&leg->bridge->tool, "%s: %s", leg->name, why);
	return -EINVAL;
}

int sdes_use(struct sdes *s, struct leg *leg, const struct pc_srtp_keys *keys)
{
	bool other = !s->srtp || s->keys.profile != keys->profile;
	bool in = other ||
		  memcmp(s->keys.in, keys->in, sizeof(keys->in)) != 0 ||
		  s->keys.mki_in_len != keys->mki_in_len;
	bool out =
		other || memcmp(s->keys.out, keys->out, sizeof(keys->out)) != 0;
	int rc = s->srtp ? pc_srtp_rekey(s->srtp, keys, in, out)
			 : pc_srtp_new(&s->srtp, keys);

	if (rc < 0) {
		pc_tool_error(&leg->bridge->tool, "%s: SRTP: %s", leg->name,
			      strerror(-rc));
		return rc;
	}
	s->keys = *keys;
	if (in || out)
		pc_event(&leg->bridge->tool, "keyed",
			 "leg=%s suite=%s new_in=%c new_out=%c", leg->name,
			 pc_sdes_suite(keys->profile), in, out);
	return 0;
}

void sdes_fragment(const struct sdes *s, struct pc_buf *out)
{
	char text[PC_SDES_TEXT];

	for (unsigned i = 0; i < s->said.n; i++) {
		pc_sdes_text(&s->said.line[i], text);
		pc_buf_printf(out, "a=crypto:%s\r\n", text);
	}
	explicit_bzero(text, sizeof(text));
}
