/*
 * What rtp: and dtls: legs have in common: payload types, streams, RTCP.
 *
 * net_receive() takes clear RTP from the other side; net_pass() and
 * net_frame() give it clear RTP through the leg's send().
 */
#ifndef RTP_BRIDGE_NET_H
#define RTP_BRIDGE_NET_H

#include "bridge.h"
#include "media/dtmf_cut.h"
#include "media/event.h"
#include "media/rate.h"
#include "media/reorder.h"
#include "media/resample.h"
#include "media/source.h"
#include "media/stream.h"

enum {
	TX_MAX = 32,   /* payload types that can be sent */
	NET_PRIME = 8, /* packets kept that passed */
};

/* What a payload type means on a leg. */
struct payload {
	bool used;
	bool routed;  /* route has been found out */
	bool refused; /* that it leads nowhere has been said */
	uint8_t pt;
	bool fec, dtx, stereo;
	enum pc_codec codec;
	unsigned clock_hz, channels;
	/* What the sink sends it as; NULL: it does not pass. */
	const struct payload *route;
	unsigned bitrate;
	int apt;          /* of RTX: whose packets it repeats; else -1 */
	unsigned variant; /* H.264's packetization-mode, a profile */
	char name[32];
};

/* Receiving: from packets to PCM for one listener. */
struct net_rx {
	struct net *net;
	struct leg *to;
	struct pc_reorder order; /* while they are decoded */
	struct pc_timer *timer;  /* a hole is given up */
	struct pc_decoder *decoder;
	uint8_t pt; /* the decoder's, and what that meant: */
	enum pc_codec codec;
	unsigned clock_hz, channels;
	unsigned want_hz; /* what the sink wanted of it */
	uint32_t next_ts; /* where the next packet should begin */
	size_t last_n;    /* samples in the last packet */
	bool both;        /* channels were wanted of it */
	bool timed;
	bool silent;        /* the packet says that there is nothing to hear */
	bool pause;         /* so it was when last listened for */
	uint64_t return_us; /* since when packets could pass again; 0: not */
};

/* The digit that is being received. */
struct net_digit {
	uint64_t seen_us; /* 0: none */
	struct pc_tel_span span;
	uint32_t duration; /* in all segments */
	unsigned hz;
	bool done;
};

/* Sending: from PCM to packets. */
struct net_tx {
	struct pc_encoder *encoder;
	struct pc_resampler *resampler, *right; /* of the channels */
	unsigned resample_hz;                   /* what the resampler takes */
	uint64_t source;                        /* whose PCM is in fifo */
	const struct payload *payload;
	unsigned rate_hz;
	uint32_t fifo_ts;
	unsigned fifo_clock_hz;
	size_t fifo_n;
	uint16_t made; /* packets made here: their sequence number */
	bool quiet;    /* silence was said instead of sent */
	uint32_t quiet_ts;
	uint64_t event_source; /* whose event is passed: */
	struct pc_tel_span event;
	uint32_t event_ts;      /* in our stream, of its first segment */
	uint32_t event_segment; /* of ours: behind event_ts */
};

/* The background of who says that it is silent. */
struct net_noise {
	struct pc_timer *timer;
	bool on;
	double amplitude;
	uint32_t ts, seed;
	unsigned ms; /* since the last packet */
};

/* The digits that are being sent, or wait for it. */
struct net_digits {
	size_t n;
	struct pc_timer *timer;
	uint64_t due_us;
	char queue[64]; /* [0] is on */
	unsigned length_ms[64];
	const struct payload *payload; /* NULL: by tones */
	unsigned hz;                   /* the payload's clock */
	uint32_t ts, segment;          /* segment: behind ts */
	unsigned ms;                   /* into the first */
	bool making;                   /* the frame on its way is ours */
};

struct net_rtcp {
	struct pc_timer *timer;
	char cname[32];
	uint32_t last_sr; /* middle 32 bits of the NTP time of their SR */
	uint64_t last_sr_us;
	double rtt_ms;                       /* below 0: not known */
	unsigned remote_lost, remote_jitter; /* of what we sent */
	double remote_loss_percent;          /* in the last report */
	double remote_mos;                   /* by XR; below 1: not said */
	unsigned reports;                    /* of what we sent */
	uint64_t packets_at_report;
	bool started, bye, collided;
};

/* How what comes has been in the last seconds. */
struct net_quality {
	int64_t lost;        /* a second ago */
	uint64_t received;   /* late ones not counted, as they are not heard */
	double loss_percent; /* of the last five or so */
	double loss_now;     /* of the last */
	double mos, mos_out; /* below 1: not known */
};

/* What was last said of a direction. */
struct media_said {
	uint64_t key;
	char in[48], out[48];
	const char *mode;
};

struct net_count {
	uint64_t in_packets, in_bytes, out_packets, out_bytes;
	uint64_t late, duplicate, rejected, unknown, concealed, resent, kept;
};

/* How much video the other side may send. */
struct net_rate {
	struct pc_rate rate;
	uint64_t told_bps;     /* by REMB; 0: it was not */
	uint64_t allowed_bps;  /* what REMB of the other side lets us */
	uint64_t bytes, at_us; /* at the last step */
	unsigned reports;      /* of the far end, taken */
};

struct net_history;
struct net_prime;

/*
 * What each packet needs comes first, in as few pages as it fits: a process
 * that sleeps between packets has to look each page up anew.
 */
struct net {
	struct leg *leg;
	bool described;  /* by the remote's description */
	bool may_send;   /* its direction and address allow it */
	bool expects;    /* the other side may send */
	bool silent;     /* nothing came for a while; and said */
	bool flowing;    /* pictures have been passed to it */
	bool announced;  /* --pcap has what it is described as */
	bool refused;    /* PCM cannot be coded for it; and said */
	uint8_t in_pt;   /* of the last speech received */
	uint8_t wide_id; /* of the extension with transport-wide numbers */
	struct pc_dtmf_cut *listening; /* for tones in what comes; or NULL */
	const struct payload *sending;
	uint64_t last_in_us;
	struct pc_rtp_source source;
	struct pc_rtp_stream stream;
	struct net_count count;
	struct media_said said; /* from here to the sink */
	struct net_noise noise;
	struct net_digits digits;
	struct net_rx rx; /* for the sink */
	struct net_tx tx;
	/* What only some do. */
	struct payload rx_map[128];
	struct payload tx_map[TX_MAX];
	unsigned n_tx, ptime_ms, maxptime_ms; /* maxptime 0: none */
	struct net_rx tap; /* for the mixer, beside the sink */
	struct net_digit digit;
	struct net_rtcp rtcp;
	/* Between whom it goes, in its leg; NULL: not known yet. */
	const struct pc_addr *rtcp_local, *rtcp_remote;
	uint64_t since_us; /* it was described first; or it is there */
	struct net_quality quality;
	struct media_said said_made; /* from a local leg to here */
	/* Video. */
	unsigned fb; /* of the other side: FB_... */
	uint8_t fir_count;
	uint64_t asked_us; /* for a picture, the last time */
	struct net_rate rate;
	struct net_history *history;
	struct net_prime *prime;    /* the last packets that passed */
	int16_t fifo[PC_FRAME_MAX]; /* of tx */
	int16_t fifo_right[PC_FRAME_MAX];
};

/* net.c */
int net_init(struct net *net, struct leg *leg);
void net_fini(struct net *net);
/* Take the payload maps of a description. 0, or -EINVAL said: none fits. */
int net_describe(struct net *net, const struct description *d);
void net_fragment(const struct net *net, struct pc_buf *out);
/* The sink is another, or takes other codings. */
void net_forget_routes(struct net *net);
/* May it be decoded? */
bool net_is_speech(const struct payload *p);
/* The payload that speech is encoded to; or NULL. */
const struct payload *net_tx_speech(const struct net *net);
void net_write_coding(char text[48], const struct payload *p); /* "PCMU/8000" */
/* The payload that events are sent as; or NULL. */
const struct payload *net_tx_event(const struct net *net);
/* The payload type that carries the same coding out; or NULL. */
const struct payload *net_tx_same(const struct net *net,
				  const struct payload *in);
/*
 * A media event, when what is done with a direction has changed. in or out
 * is NULL where a leg makes or takes PCM.
 */
void net_say_media(struct media_said *said, struct leg *from, struct leg *to,
		   const struct payload *in, const struct payload *out,
		   bool pass);
/*
 * An error: nothing that to takes can be made of what from says in this coding
 * (NULL: PCM). Once for each; said_it says whether it was.
 */
void net_refuse(bool *said_it, struct leg *from, struct leg *to,
		const struct payload *in);

/* net_stats.c: events; a row of the table of --stats, or its head (NULL). */
void net_stats(struct net *net, uint64_t now_us);
void net_table(const struct net *net, struct pc_buf *out);

/*
 * net_rx.c: one clear RTP packet of len bytes from the other side. Its
 * buffer is ours to write on.
 */
void net_receive(struct leg *leg, const struct pc_rtp *rtp, size_t len,
		 uint64_t now_us);
/*
 * Whether a packet of len bytes is new to its source: then it is counted, and
 * verdict says where it stands.
 */
bool net_take(struct net *net, const struct pc_rtp *rtp, size_t len,
	      uint64_t now_us, enum pc_rtp_verdict *verdict);
int net_rx_init(struct net *net);
void net_rx_fini(struct net *net);
/* Where media goes elsewhere now, nothing of the past is carried on. */
void net_rx_reset(struct net *net);

/* net_digit.c */
/* An event's packet has come: report each digit once, when it has ended. */
void net_digit_follow(struct net *net, const struct pc_rtp *rtp,
		      const struct payload *in, uint64_t now_us);
/* Report a digit whose end never came. */
void net_digit_second(struct net *net, uint64_t now_us);
/* Digits in n samples of sound become events, and are taken out of it. */
void net_digit_listen(struct net *net, unsigned rate, int16_t *pcm, size_t n);

/* net_tx.c */
/* A packet on its way from one network leg to another. */
struct passing {
	const struct pc_rtp *rtp;
	uint64_t source; /* net_source() of its leg */
	const struct payload *in, *out;
	bool restart;
	uint64_t now_us;
};
uint64_t net_source(const struct leg *leg, uint32_t ssrc);
void net_pass(struct net *net, const struct passing *p);
void net_pass_event(struct net *net, const struct passing *p);
void net_skip(struct net *net, const struct passing *p);
/* Nor are the next ones passed, until one is. */
void net_part(struct net *net, const struct passing *p);
void net_frame(struct leg *leg, const struct frame *frame);
unsigned net_wants_hz(struct leg *leg, unsigned native_hz);
bool net_both(struct leg *leg); /* speech is sent in stereo */
void net_tx_reset(struct net *net);
/* The payloads are new; was: what was sent. If it is so again, it goes on. */
void net_tx_described(struct net *net, const struct payload *was);

/* The place in the stream of the packet that is made of what waits. */
int net_number_made(struct net *net, struct pc_rtp *rtp);

/*
 * Lead the encoder up to what it will be given, which d has decoded; nothing is
 * sent.
 */
void net_tx_prime(struct net *net, const struct frame *frame,
		  const struct pc_decoder *d);

/* Count and send a finished packet. */
void net_send(struct net *net, uint8_t *buf, size_t len);

/*
 * net_dtmf.c: send digits, each ms long, behind those that wait. 0, -EINVAL
 * (no digit) or -ENOSPC (too many).
 */
int net_digits_send(struct net *net, const char *digits, unsigned ms);
bool net_digits_busy(const struct net *net);
/* What can be sent has changed: one that is on goes on by that, or ends. */
void net_digits_described(struct net *net);
int net_digits_init(struct net *net);
void net_digits_fini(struct net *net);

/* net_prime.c: a packet has passed: it may be needed. */
void net_prime_keep(struct net *net, const struct pc_rtp *rtp,
		    const struct payload *in);
/* A decoder that begins in the middle hears what has just passed first. */
void net_lead_up(struct net_rx *rx, const struct pc_rtp *rtp,
		 const struct payload *in);
void net_prime_fini(struct net *net);
/* What is coded now could pass: is it a good moment? */
bool net_may_return(struct net *net, const struct net *to,
		    const struct payload *in, const struct payload *out,
		    uint64_t now_us);
/* Is what was decoded a pause? */
void net_hear_pause(struct net_rx *rx, const int16_t *pcm, size_t n);

/* net_quiet.c: true when a silent frame was sent on as comfort noise. */
bool net_quiet(struct net *net, const struct frame *frame);

/* net_noise.c: a comfort noise packet of 8000 Hz; speech is back. */
void net_noise_take(struct net *net, const struct pc_rtp *rtp);
void net_noise_stop(struct net *net);
int net_noise_init(struct net *net);
void net_noise_fini(struct net *net);

/* net_rtcp.c; fini says BYE, while send() still works */
int net_rtcp_init(struct net *net);
void net_rtcp_fini(struct net *net);
void net_rtcp_receive(struct leg *leg, const uint8_t *buf, size_t len,
		      const struct pc_addr *from, uint64_t now_us);
void net_rtcp_start(struct net *net); /* media flows: report */
/* The other side sends by the SSRC that we do: ours changes. */
void net_rtcp_collided(struct net *net);

/* net_trace.c: for --trace; each costs next to nothing without. */
void net_trace_state(struct leg *leg, const char *machine, const char *from,
		     const char *to, const char *why);
/* RTCP goes between these, which stay where they are. */
void net_ends(struct net *net, const struct pc_addr *local,
	      const struct pc_addr *remote, const char *why);
/* remote: NULL, or who sent it. */
void net_trace_rtcp(struct leg *leg, bool outgoing,
		    const struct pc_addr *remote, const uint8_t *buf,
		    size_t len);
void net_send_rtcp(struct leg *leg, uint8_t *buf, size_t len);

#endif
