/*
 * Handshakes with those who are not where the peer is described to be, for a
 * dtls: leg without ICE: behind a NAT the peer is one of them. Who it is, its
 * certificate says; until then a stranger is given no more than a handshake of
 * its own beside the others', and not many are held at once.
 *
 *	dtls = dtls_elsewhere_take(&e, &prints, buf, len);
 *	if (dtls)	the peer: it is to be believed that it is there
 */
#ifndef RTP_BRIDGE_DTLS_ELSEWHERE_H
#define RTP_BRIDGE_DTLS_ELSEWHERE_H

#include "dtls_peer.h"
#include "path.h"

struct dtls_elsewhere; /* NULL: nobody came as yet */

/*
 * A datagram of DTLS from path_from(), which is not the peer's address; we are
 * the server.
 *   e         made when it is needed
 *   identity  ours, which outlives all of this
 * Returns a connection with one whose certificate is the described one: it is
 * the caller's, and from now on sends by path_send. Else NULL.
 */
struct pc_dtls *dtls_elsewhere_take(struct dtls_elsewhere **e, struct leg *leg,
				    struct path *path,
				    const struct pc_dtls_identity *identity,
				    const struct dtls_prints *prints,
				    const uint8_t *buf, size_t len);

/* The peer is known: the others' are over. */
void dtls_elsewhere_settled(struct dtls_elsewhere *e); /* NULL is fine */
/* Also what was taken is over. */
void dtls_elsewhere_free(struct dtls_elsewhere *e); /* NULL is fine */

#endif
