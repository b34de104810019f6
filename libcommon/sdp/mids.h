/*
 * The m= sections by their a=mid, found fast however many there are. Private
 * to libcommon/sdp.
 *
 *	struct pc_sdp_mids mids;
 *	if (pc_sdp_mids_init(&mids, sdp) == 0)
 *		entry = pc_sdp_mids_find(&mids, "audio", 5);
 *	pc_sdp_mids_fini(&mids);
 */
#ifndef PC_SDP_MIDS_H
#define PC_SDP_MIDS_H

#include "sdp/sdp.h"

struct pc_sdp_mid {
	const char *mid;
	struct pc_sdp_section *section;
	unsigned index;  /* of the section, from 0 */
	bool bundled;    /* named by a group of semantics BUNDLE */
	unsigned bundle; /* which of these groups, from 0 */
};

struct pc_sdp_mids {
	struct pc_sdp_mid *v; /* sorted by mid, then index */
	unsigned n;
	unsigned n_bundles;
	const struct pc_sdp_line *unknown; /* a group names who is not there */
	const struct pc_sdp_line *twice;   /* two BUNDLE groups name one mid */
};

/* Also reads the session's a=group lines. 0 or -ENOMEM. */
int pc_sdp_mids_init(struct pc_sdp_mids *mids, const struct pc_sdp *sdp);
void pc_sdp_mids_fini(struct pc_sdp_mids *mids);

/* The first of that mid, or NULL. */
struct pc_sdp_mid *pc_sdp_mids_find(const struct pc_sdp_mids *mids,
				    const char *mid, size_t len);

#endif
