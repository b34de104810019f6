/*
 * What is wrong with a description, and how badly: all of it, not only the
 * first thing.
 *
 *	struct pc_sdp_judge judge = { .fn = print, .arg = out };
 *	pc_sdp_grammar(sdp, &judge);           is each line as RFC 8866 has it?
 *	pc_sdp_check(sdp, &judge);             do they make sense together?
 *	pc_sdp_check_pair(offer, answer, &judge);       and with the other's?
 *	if (judge.errors) ...
 *
 * An error is what a MUST forbids or what makes the media fail; a warning is
 * what a SHOULD asks for or what is known to trouble a peer.
 */
#ifndef PC_SDP_JUDGE_H
#define PC_SDP_JUDGE_H

#include "sdp/sdp.h"

enum pc_sdp_severity { PC_SDP_ERROR, PC_SDP_WARNING };

/* Told of each finding: err has its place, words and RFC. */
typedef void pc_sdp_judge_fn(void *arg, enum pc_sdp_severity severity,
			     const struct pc_sdp_error *err);

struct pc_sdp_judge {
	pc_sdp_judge_fn *fn;
	void *arg;
	int where; /* PC_SDP_IN_INPUT or _OFFER: the document looked at */
	unsigned errors, warnings; /* counted */
};

/*
 * Each line by itself, and their order (RFC 8866 section 9, and the sections
 * and RFCs that define attributes). Linear.
 */
void pc_sdp_grammar(const struct pc_sdp *sdp, struct pc_sdp_judge *judge);

/*
 * What the lines say together: codecs, transport, keys, ICE, groups. An m=
 * line that pc_sdp_grammar refuses is left out. Linear but for sorting.
 */
void pc_sdp_check(const struct pc_sdp *sdp, struct pc_sdp_judge *judge);

/* An answer beside its offer (RFC 3264 section 6 and what extends it). */
void pc_sdp_check_pair(const struct pc_sdp *offer, const struct pc_sdp *answer,
		       struct pc_sdp_judge *judge);

/*
 * Tell of one thing.
 *   line    where; NULL: the description as a whole
 *   column  from 1
 */
void pc_sdp_blame(struct pc_sdp_judge *judge, enum pc_sdp_severity severity,
		  const struct pc_sdp_line *line, size_t column,
		  const char *rfc, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));

#endif
