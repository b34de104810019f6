/*
 * The small jobs that people use sed for, done to whole lines.
 *
 *	pc_sdp_set(sdp, "audio/a=ptime:30", &err);
 *	pc_sdp_delete(sdp, "a=candidate", &err);
 *	pc_sdp_set_address(sdp, "203.0.113.5:40000", &err);
 *
 *	[WHERE/]LINE   WHERE: session, media (all m= sections), a kind like
 *	               audio, mid=NAME, or a number, the first m= being 0
 *
 * Without WHERE: wherever such a line is; if there is none, the session part
 * for what belongs there, else all m= sections. Such a line: of the same
 * type, for attributes of the same name, for those of a payload type (rtpmap,
 * fmtp, rtcp-fb) of the same number, too; directions are all alike.
 */
#ifndef PC_SDP_SET_H
#define PC_SDP_SET_H

#include "sdp/sdp.h"

/*
 * Put the line in place of those like it. 0; -EINVAL (no line or place), or
 * -ENODATA (sdp has no such place), with err filled.
 */
int pc_sdp_set(struct pc_sdp *sdp, const char *what, struct pc_sdp_error *err);

/*
 * Remove the lines that are, or begin with, what: "b=", "a=candidate",
 * "a=rtcp-fb:96". 0, also when there are none, or as pc_sdp_set.
 */
int pc_sdp_delete(struct pc_sdp *sdp, const char *what,
		  struct pc_sdp_error *err);

/*
 * Make it an address's: ADDRESS, ADDRESS:PORT or [V6]:PORT into o=, every c=
 * and a=rtcp. The first section that is not rejected gets PORT, the next
 * PORT + 2 and so on. 0, or -EINVAL with err filled.
 */
int pc_sdp_set_address(struct pc_sdp *sdp, const char *address,
		       struct pc_sdp_error *err);

#endif
