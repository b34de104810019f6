/*
 * A conversion in hand. Private to libcommon/sdp: convert.c plans, section.c
 * converts one section, arrange.c puts them into their places.
 */
#ifndef PC_SDP_WORK_H
#define PC_SDP_WORK_H

#include "sdp/convert.h"
#include "sdp/mids.h"
#include "sdp/payload.h"

enum pc_sdp_fate {
	PC_SDP_CARRY,     /* convert it */
	PC_SDP_KEEP,      /* it stays, rejected as it is */
	PC_SDP_LEAVE_OUT, /* of an offer */
	PC_SDP_REJECT,    /* port 0 in an answer */
};

/* One section: of an offer, or what answers one of an offer. */
struct pc_sdp_pair {
	struct pc_sdp_section *section;       /* of sdp; NULL when there is
						 nothing that could answer */
	const struct pc_sdp_section *offered; /* in answer_to; or NULL */
	enum pc_sdp_fate fate;
	const char *why; /* it is not carried; static text */
	bool first;      /* of its kind: the fragments' lines are for it */
	bool dropped;    /* it is not wanted, whatever the other side is */
	bool gone;       /* its section is no longer in sdp */
	unsigned number; /* among those that are not left out of an offer */
	const char *mid; /* of the result; or NULL */
	char made[24];   /* the mid, when it had none */
};

struct pc_sdp_work {
	const struct pc_sdp_convert *how;
	struct pc_sdp *sdp;
	struct pc_sdp_error *err, here;           /* here: of one section */
	struct pc_sdp_inherited from, offer_from; /* of sdp, of answer_to */
	struct pc_sdp_mids mids;                  /* of answer_to; or of sdp */
	struct pc_sdp_pair *pairs;
	unsigned n;
	bool crossing;      /* what speaks of one hop only is replaced */
	bool media_laid;    /* some fragment says where media goes */
	bool any_laid_dtls; /* the first lays were for a DTLS section */
	const struct pc_sdp_line *path; /* the a=ice-ufrag that was laid last */
	int path_group;                 /* the offer's BUNDLE of it; -1: none */
	struct pc_sdp_codec taken[PC_SDP_CODECS_MAX]; /* by pt, in a BUNDLE */
	/* The pair in work, as it came: */
	struct pc_sdp_media m, offer;
};

/*
 * Convert the section of a pair that is carried.
 * Returns 0, -EBADMSG, or -ENODATA with err filled and nothing changed.
 */
int pc_sdp_convert_section(struct pc_sdp_work *w, struct pc_sdp_pair *pair);

/*
 * Take the numbers of a rejected section's codecs, so that those of the others
 * are what they were before it was rejected.
 */
void pc_sdp_reserve(struct pc_sdp_work *w, const struct pc_sdp_pair *pair);

/* Lay the fragments into it. 0 or -EBADMSG. */
int pc_sdp_lay_all(struct pc_sdp_work *w, struct pc_sdp_pair *pair, bool dtls);

/* Put the sections of an answer in the order of the offer. */
void pc_sdp_arrange(struct pc_sdp_work *w);

/* Reject a pair's section in an answer, or leave it out of an offer. */
void pc_sdp_give_up(struct pc_sdp_work *w, struct pc_sdp_pair *pair,
		    const char *why);

/* Give the section of a pair its a=mid. */
void pc_sdp_set_mid(struct pc_sdp_work *w, struct pc_sdp_pair *pair);

/*
 * Whether the fragments have a path for the offer's section: what is in no BUNDLE
 * with a section that has taken it needs one of its own. 0 or -ENODATA.
 */
int pc_sdp_check_path(struct pc_sdp_work *w, const struct pc_sdp_pair *pair);

/* BUNDLE groups; c= of the session. */
void pc_sdp_finish(struct pc_sdp_work *w);

/* Is the hop that the result is for a browser's? */
bool pc_sdp_to_webrtc(const struct pc_sdp_work *w);

int pc_sdp_nothing(struct pc_sdp_error *err, const char *rfc, const char *why);

#endif
