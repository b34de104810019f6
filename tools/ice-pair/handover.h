/*
 * The handover of a connected path to the media process.
 *
 * For a direct UDP path a second socket is bound to the same address and
 * port, the kernel told to give it DTLS and RTP (stun/demux.h), and sent
 * over a Unix SOCK_SEQPACKET socket with SCM_RIGHTS:
 *
 *	--> {"type":"handover","local":"127.0.0.1:40000",
 *	     "remote":"127.0.0.1:50000","component":1,"relayed":false,
 *	     "remotes":["127.0.0.1:50000", ...]} + fd
 *	--> {"type":"remotes","remotes":[...]}   when there are more
 *	--> (packets that came before, one datagram each)
 *	--> {"type":"lost","why":"..."}
 *
 * With "relayed":true there is no socket, and media packets travel over the
 * same Unix socket both ways. A JSON packet begins with `{`, which no media
 * packet does (RFC 7983).
 */
#ifndef ICE_PAIR_HANDOVER_H
#define ICE_PAIR_HANDOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "ice.h"

struct pc_tool;
struct handover;

struct handover_stats {
	uint64_t early;  /* came before the handover, forwarded after */
	uint64_t passed; /* came to us after it on a direct path: 0 */
	uint64_t relayed_in, relayed_out;
	uint64_t dropped; /* the reader was too slow */
	uint64_t stray;   /* neither DTLS nor RTP */
	uint64_t late;    /* by a pair that another has taken over from */
	unsigned handovers;
};

struct handover_events {
	void (*done)(void *arg, const struct ice_pair *pair, bool relayed);
	/* From the media process, to be sent to the peer. */
	void (*data)(void *arg, const void *data, size_t len);
	/* The media process ended (error 0), or cannot be reached. */
	void (*closed)(void *arg, int error);
};

/*
 * Nothing is connected yet.
 *   path     the media process's socket; kept
 *   wait_ms  how long it may take to appear once a pair is selected
 * Returns 0 or -ENOMEM.
 */
int handover_new(struct handover **h, struct pc_tool *tool, const char *path,
		 unsigned wait_ms, const struct handover_events *events,
		 void *arg);
void handover_free(struct handover *h); /* NULL is fine */

/*
 * A pair was selected: hand it over, as soon as the media process listens.
 * A failure to split the socket is not an error: the path is relayed then.
 */
void handover_pair(struct handover *h, const struct ice_pair *pair);

/*
 * The addresses the peer may send from (a JSON array, stolen): a browser moves
 * its media to another of its candidates without ICE telling us.
 */
void handover_remotes(struct handover *h, json_t *remotes);

/* A packet that came to libnice: kept, forwarded, or counted and dropped. */
void handover_data(struct handover *h, enum ice_when when, const void *data,
		   size_t len);

/* Tell the media process that consent is gone. */
void handover_lost(struct handover *h, const char *why);

struct handover_stats handover_stats(const struct handover *h);

#endif
