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

/* DTLS that came before the description: a ClientHello, likely. */
enum { EARLY_MAX = 8, EARLY_LEN = 1500 };
struct dtls_early {
	unsigned n;
	size_t len[EARLY_MAX];
	struct pc_addr from[EARLY_MAX];
	uint8_t packet[EARLY_MAX][EARLY_LEN];
};

/* What is too much, or too long, is dropped. */
void dtls_early_keep(struct dtls_early *e, const struct pc_addr *from,
		     const uint8_t *buf, size_t len);

/*
 * The leg's certificate: that of cert=FILE (PEM, with its key), or one of its
 * own. 0, or -errno after saying it.
 */
int dtls_identity(struct leg *leg, struct pc_dtls_identity **identity);

/* setup=passive: wait for the peer's handshake. 0, or -EINVAL said. */
int dtls_waits(struct leg *leg, bool *waits);

/* Can one of both begin the handshake? 0, or -EINVAL said. */
int dtls_roles(struct leg *leg, const struct description *d, bool waits);

/*
 * RFC 8842 5.3: the answerer chooses, and active is what it should be, unless
 * the leg is to wait.
 */
bool dtls_be_server(const struct description *d, bool waits);

/* A dtls event; up: what the keys are of, once there are some; or NULL. */
void dtls_say(struct leg *leg, const char *state, const char *why, bool server,
	      const struct pc_dtls *up);

/* A datagram, for --trace. */
void dtls_trace(struct leg *leg, const struct pc_addr *local,
		const struct pc_addr *remote, bool out, const uint8_t *buf,
		size_t len);

/*
 * A line for $SSLKEYLOGFILE, as browsers write it, and for --pcap. Never
 * without being asked for.
 */
void dtls_secret(struct leg *leg, const char *line);

#endif
