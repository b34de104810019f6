/*
 * Any bytes as what ice-pair is told of its peer (RFC 8840): as the first
 * description, as one in the middle, that restarts ICE, and as the one that a
 * restart waits for. The session behind it is not there: its calls are checked.
 *
 * seeds: tests/data/sdp
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../tools/ice-pair/fragment.h"
#include "../../tools/ice-pair/ice_private.h"
#include "sdp/ice.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned n_credentials, n_restarts, n_candidates, n_dropped;

static void must(bool so)
{
	if (!so)
		abort();
}

/* --- in the session's place ------------------------------------------- */

const char *ice_ufrag(const struct ice *ice)
{
	(void)ice;
	return "ours";
}

const char *ice_pwd(const struct ice *ice)
{
	(void)ice;
	return "0123456789abcdefghijkl";
}

void ice_candidates(const struct ice *ice, struct pc_buf *out)
{
	(void)ice;
	pc_buf_adds(out, "a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n");
}

int ice_remote(struct ice *ice, const char *ufrag, const char *pwd)
{
	(void)ice;
	must(strlen(ufrag) >= 4 && strlen(ufrag) <= 256);
	must(strlen(pwd) >= 22 && strlen(pwd) <= 256);
	n_credentials++;
	return 0;
}

int ice_restart(struct ice *ice)
{
	(void)ice;
	n_restarts++;
	return 0;
}

int ice_peer_is_lite(struct ice *ice)
{
	(void)ice;
	return 0;
}

void ice_nominate_regularly(struct ice *ice)
{
	(void)ice;
}

int ice_candidate(struct ice *ice, const char *text, const char **why)
{
	NiceCandidate *c = NULL;
	int rc;

	(void)ice;
	*why = NULL;
	if (!*text)
		return 0;
	n_candidates++;
	ice_candidate_of(text, "peer");
	rc = ice_candidate_parse(&c, 1, text, why);
	if (rc != 0) {
		must(!c && *why && (rc == -EINVAL || rc == -EPROTONOSUPPORT));
		return rc;
	}
	must(nice_address_is_valid(&c->addr) && c->component_id == 1 &&
	     c->stream_id == 1 && *c->foundation);
	nice_candidate_free(c);
	return 0;
}

/* --- one reading ------------------------------------------------------- */

/* Once for each, and once for all that are beyond the bound. */
static void on_skipped(void *arg, const char *candidate, const char *why)
{
	must(candidate && why && *why && n_dropped == 0);
	if (sscanf(candidate, "and %u more", &n_dropped) == 1)
		must(n_dropped > 0 && n_candidates == PC_SDP_CANDIDATES_MAX);
	*(unsigned *)arg += n_dropped ? n_dropped : 1;
}

static void read_as(const uint8_t *data, size_t size, const char *ufrag,
		    bool awaited)
{
	struct fragment_peer peer = { .ufrag = ufrag, .awaited = awaited };
	struct fragment_count count;
	struct pc_buf error = { 0 };
	unsigned skipped = 0;
	int rc;

	n_credentials = n_restarts = n_candidates = n_dropped = 0;
	rc = fragment_read(NULL, (const char *)data, size, &peer, &count,
			   on_skipped, &skipped, &error);
	if (rc != 0) {
		must(error.len > 0 && n_credentials == 0);
	} else {
		must(strlen(peer.new_ufrag) >= 4);
		must(count.skipped == skipped);
		must(count.used + count.skipped == n_candidates + n_dropped);
		must(n_candidates <= PC_SDP_CANDIDATES_MAX);
		must(n_credentials == (strcmp(ufrag, peer.new_ufrag) != 0));
		must(n_restarts == (peer.restarted && !awaited));
	}
	pc_buf_fini(&error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read_as(data, size, "", false);
	read_as(data, size, "peer", false);
	read_as(data, size, "peer", true);
	return 0;
}
