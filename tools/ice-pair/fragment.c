#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fragment.h"
#include "sdp/ice.h"

void fragment_write(const struct ice *ice, bool complete, struct pc_buf *out)
{
	pc_buf_printf(out, "a=ice-ufrag:%s\r\n", ice_ufrag(ice));
	pc_buf_printf(out, "a=ice-pwd:%s\r\n", ice_pwd(ice));
	/* Candidates may come later in either mode: half trickle at least. */
	pc_buf_adds(out, "a=ice-options:trickle\r\n");
	pc_buf_adds(out, "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n");
	pc_buf_adds(out, "a=mid:0\r\n");
	if (complete) {
		ice_candidates(ice, out);
		pc_buf_adds(out, "a=end-of-candidates\r\n");
	}
}

static void give_candidates(struct ice *ice, const struct pc_sdp_ice *lines,
			    struct fragment_count *count,
			    fragment_skip_fn *skip, void *arg)
{
	const char *why;
	char text[32];

	for (unsigned i = 0; i < lines->n_candidates; i++) {
		if (ice_candidate(ice, lines->candidates[i], &why) == 0) {
			count->used++;
			continue;
		}
		count->skipped++;
		skip(arg, lines->candidates[i], why);
	}
	count->skipped += lines->n_dropped;
	if (lines->n_dropped) {
		snprintf(text, sizeof(text), "and %u more", lines->n_dropped);
		skip(arg, text, "too many candidates");
	}
	/* Who does not trickle has said all (RFC 8838 section 4.4). */
	count->end = lines->end_of_candidates || !lines->trickle;
	if (count->end)
		ice_candidate(ice, "", &why);
}

/* RFC 8839 section 5.4: 4 to 256, and 22 to 256 characters. */
static bool length_ok(const struct pc_sdp_ice *lines)
{
	size_t ufrag = strlen(lines->ufrag), pwd = strlen(lines->pwd);

	return ufrag >= 4 && ufrag <= 256 && pwd >= 22 && pwd <= 256;
}

/* Is it a restart, and may it be? */
static int compare_credentials(struct ice *ice, const struct pc_sdp_ice *lines,
			       struct fragment_peer *peer, struct pc_buf *error)
{
	bool known = *peer->ufrag && strcmp(peer->ufrag, lines->ufrag) == 0;

	if (known && peer->awaited) {
		pc_buf_adds(error, "the peer's credentials are those of before "
				   "the restart: it has not taken part in it");
		return -ESTALE;
	}
	peer->restarted = *peer->ufrag && !known;
	if (peer->restarted && !peer->awaited && ice_restart(ice) != 0) {
		pc_buf_adds(error, "ICE cannot be restarted");
		return -EIO;
	}
	if (known)
		return 0;
	if (lines->lite || lines->more_options)
		ice_nominate_regularly(ice);
	return ice_remote(ice, lines->ufrag, lines->pwd);
}

static int give_credentials(struct ice *ice, const struct pc_sdp_ice *lines,
			    struct fragment_peer *peer, struct pc_buf *error)
{
	if (!lines->ufrag || !lines->pwd) {
		pc_buf_adds(error, "no a=ice-ufrag and a=ice-pwd: this peer "
				   "does not speak ICE");
		return -ENOENT;
	}
	if (!length_ok(lines)) {
		pc_buf_adds(error, "a=ice-ufrag takes 4 to 256 characters, "
				   "a=ice-pwd 22 to 256 (RFC 8839 5.4)");
		return -EBADMSG;
	}
	if (lines->lite && ice_peer_is_lite(ice) != 0) {
		pc_buf_adds(error, "an ICE-lite peer, for which we have to "
				   "gather anew, in vain");
		return -EIO;
	}
	snprintf(peer->new_ufrag, sizeof(peer->new_ufrag), "%s", lines->ufrag);
	snprintf(peer->mid, sizeof(peer->mid), "%s",
		 lines->mid ? lines->mid : "");
	return compare_credentials(ice, lines, peer, error);
}

int fragment_read(struct ice *ice, const char *data, size_t len,
		  struct fragment_peer *peer, struct fragment_count *count,
		  fragment_skip_fn *skip, void *arg, struct pc_buf *error)
{
	bool whole = len >= 2 && memcmp(data, "v=", 2) == 0;
	struct pc_sdp_error where;
	struct pc_sdp_ice lines;
	struct pc_sdp *sdp;
	int rc;

	memset(count, 0, sizeof(*count));
	rc = pc_sdp_parse(&sdp, data, len, whole ? 0 : PC_SDP_FRAGMENT, &where);
	if (rc != 0) {
		if (rc == -EBADMSG)
			pc_sdp_error_text(&where, error);
		else
			pc_buf_adds(error, strerror(-rc));
		return rc;
	}
	pc_sdp_ice_read(&lines, sdp, NULL);
	rc = give_credentials(ice, &lines, peer, error);
	if (rc == 0) {
		count->lite = lines.lite;
		count->trickle = lines.trickle;
		give_candidates(ice, &lines, count, skip, arg);
	}
	pc_sdp_free(sdp);
	return rc;
}
