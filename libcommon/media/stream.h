/*
 * One continuous RTP stream out, whatever comes in: the other side sees one
 * SSRC, a sequence without jumps and a timestamp that follows the clock on
 * the wall, though sources change, restart, fall silent or are transcoded.
 * (Jumps make some phones go silent, and SRTP reject packets as replayed.)
 *
 *	pc_rtp_stream_map(&out, &in, now_us, &rtp)
 *
 *	in   seq 7    8    9   | new SSRC: 501  502  503
 *	out  seq 7001 7002 7003|           7004 7005 7006
 *
 * A packet lost before us is a number missing in our sequence as well, so
 * that the receiver can conceal it and report it.
 */
#ifndef PC_MEDIA_STREAM_H
#define PC_MEDIA_STREAM_H

#include "media/rtp.h"

struct pc_rtp_stream {
	uint32_t ssrc;
	uint64_t packets, octets; /* for the sender report */
	bool started;
	/* The newest packet sent. */
	uint16_t seq;
	uint32_t ts;
	unsigned clock_hz;
	uint64_t sent_us;
	/* How the present source maps to us. */
	bool anchored;
	bool timed; /* in_ts is the source's: not after an event alone */
	uint64_t source;
	unsigned in_hz;
	uint16_t in_seq, first_in_seq, out_seq;
	uint32_t in_ts, out_ts;
};

/*
 * In the name of a source: its packets are made here, of what it says, by its
 * clock; so when it is passed again, or made again, time goes on as it did.
 */
#define PC_RTP_MADE (1ull << 63)

/* A packet as it came from a source. */
struct pc_rtp_in {
	uint64_t source; /* names it: an SSRC, or what the caller likes */
	bool restart;    /* its sequence began anew */
	uint16_t seq;
	uint32_t ts;
	unsigned in_hz;  /* the clock of ts */
	unsigned out_hz; /* the clock of the payload type it leaves with */
	bool placed;     /* ts is ours already (an event's): only number it */
};

/* Begin with random numbers (RFC 3550 5.1): ssrc, and the low 48 of seed. */
void pc_rtp_stream_init(struct pc_rtp_stream *out, uint32_t ssrc,
			uint64_t seed);

/*
 * Give a packet its place: rtp's seq, ts, ssrc are set, and marker where the
 * stream is spliced (RFC 3551 4.1); pt and payload are the caller's.
 * Returns 0, or -ESTALE: older than the splice, drop it.
 */
int pc_rtp_stream_map(struct pc_rtp_stream *out, const struct pc_rtp_in *in,
		      uint64_t now_us, struct pc_rtp *rtp);

/*
 * The newest packet of the present source is not forwarded: leave no hole but
 * for those that were lost before it.
 */
void pc_rtp_stream_skip(struct pc_rtp_stream *out, const struct pc_rtp_in *in);

/*
 * Nothing of a source is forwarded for a while, as on hold: what it says next
 * is spliced on. Its sequence may have gone round by then.
 */
void pc_rtp_stream_part(struct pc_rtp_stream *out, uint64_t source);

/*
 * A packet of our own between those of a source: rtp's seq and ssrc are set,
 * ts is the caller's. What of the source comes late is dropped from now on.
 */
void pc_rtp_stream_insert(struct pc_rtp_stream *out, struct pc_rtp *rtp);

/*
 * Our timestamp for a moment of a source: by its own clock while that is the
 * one we follow, else now.
 */
uint32_t pc_rtp_stream_when(struct pc_rtp_stream *out, uint64_t source,
			    uint32_t ts, unsigned in_hz, uint64_t now_us);

/* The timestamp of this moment, for sender reports. */
uint32_t pc_rtp_stream_now(const struct pc_rtp_stream *out, uint64_t now_us);

#endif
