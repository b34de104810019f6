/* Who the other end of a dtls: leg has to be, and what is told of the keys. */
#ifndef RTP_BRIDGE_DTLS_PEER_H
#define RTP_BRIDGE_DTLS_PEER_H

#include "bridge.h"
#include "media/dtls.h"

/* The a=fingerprint lines of a description. */
struct dtls_prints {
	struct pc_sdp_fingerprint list[PC_SDP_FINGERPRINTS_MAX];
	unsigned n;
};

void dtls_prints_take(struct dtls_prints *p, const struct pc_sdp_media *m);
bool dtls_prints_same(const struct dtls_prints *p,
		      const struct pc_sdp_media *m);
/*
 * RFC 8122 section 5: of several fingerprints those of the strongest hash
 * that is known count, and the certificate has to match one of them.
 */
bool dtls_prints_match(const struct dtls_prints *p, const struct pc_dtls *dtls);

/* RFC 8842 5.3: the answerer chooses, and active is what it should be. */
bool dtls_be_server(const struct description *d);

/*
 * A line for $SSLKEYLOGFILE, as browsers write it, and for --pcap. Never
 * without being asked for.
 */
void dtls_secret(struct pc_tool *tool, const char *line);

#endif
