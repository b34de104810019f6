/*
 * rtp-bridge inside: legs, and what goes between them.
 *
 * A network leg hands packets on as they come when the other leg knows their
 * coding ("pass"); otherwise it decodes them, and the other leg encodes what
 * it gets ("transcode"). Local legs (wav, tone) make and take PCM. Three or
 * more legs that talk are mixed; legs that only listen hear the mix, while the
 * two that talk pass their packets as ever.
 *
 *	socket -> [SRTP] -> net_receive -+- pass ------> net_pass --+-> [SRTP]
 *	                                 '- decode -> frame -> encode'   socket
 */
#ifndef RTP_BRIDGE_BRIDGE_H
#define RTP_BRIDGE_BRIDGE_H

#include "base/buf.h"
#include "loop/tool.h"
#include "media/codec.h"
#include "media/rtp.h"
#include "media/sdes.h"
#include "sdp/media.h"

enum {
	LEGS_MAX = 64,
	TICK_US = 20000,    /* local legs make 20 ms at a time */
	PACKET_MAX = 12288, /* 60 ms of L16 in stereo at 48 kHz, and more */
	TRAILER_MAX = 64,   /* room an SRTP or SRTCP packet may need */
	NAME_MAX_LEN = 32,
};

struct bridge;
struct leg;
struct net;
struct payload;

/* A stretch of PCM on its way to a leg. */
struct frame {
	uint64_t source; /* whose; a change is a splice */
	uint32_t ts;     /* of the first sample, in clock_hz */
	unsigned clock_hz;
	unsigned rate_hz; /* of pcm */
	const int16_t *pcm;
	const int16_t *right; /* a second channel, if there is one; or NULL */
	size_t n;
	bool silent; /* its source says so: no more may come for a while */
};

/* What is read from `describe`; either side may be NULL. */
struct description {
	const struct pc_sdp_media *local, *remote;
	const struct pc_sdes_list *local_crypto, *remote_crypto;
	unsigned remote_fb; /* FB_... */
	uint8_t wide_id;    /* of transport-cc's header extension; 0: none */
};

/* What an end understands of RTCP feedback. */
enum { FB_NACK = 1, FB_PLI = 2, FB_FIR = 4, FB_REMB = 8, FB_WIDE = 16 };

struct leg_kind {
	const char *name;
	/* Create leg->state from the words of its SPEC. 0, or -errno said. */
	int (*open)(struct leg *leg);
	/* All legs of the command line are there. 0, or -errno said; or NULL. */
	int (*settle)(struct leg *leg);
	/* Say goodbye (BYE, close_notify) and free. */
	void (*close)(struct leg *leg);
	/* For network legs: NULL in local ones. */
	struct net *(*net)(struct leg *leg);
	int (*describe)(struct leg *leg, const struct description *d);
	void (*fragment)(struct leg *leg, struct pc_buf *out);
	/* Send one finished RTP or RTCP packet; room for a trailer behind. */
	void (*send)(struct leg *leg, uint8_t *buf, size_t len, bool rtcp);
	/* Send once more what net_video_keep was given. */
	void (*resend)(struct leg *leg, const uint8_t *buf, size_t len);
	/* May audio be sent now? NULL: always. */
	bool (*ready)(struct leg *leg);
	/* May RTCP be sent now? NULL: always. */
	bool (*may_report)(struct leg *leg);
	/* Take PCM; at what rate, given that of the source. NULL: no thanks. */
	void (*frame)(struct leg *leg, const struct frame *frame);
	unsigned (*wants_hz)(struct leg *leg, unsigned native_hz);
	/* Make 20 ms for the other leg; false when there is no more. */
	bool (*tick)(struct leg *leg, struct leg *to);
	/* Once a second. */
	void (*second)(struct leg *leg, uint64_t now_us);
	/* Of what kind the video of its bundle is; NULL: it has none. */
	const struct leg_kind *child;
	bool echoes;  /* what comes goes back */
	bool nowhere; /* its words are options alone */
	/* A packet came to another leg, as it is. NULL: no thanks. */
	void (*packet)(struct leg *leg, const struct leg *from,
		       const struct pc_rtp *rtp, const struct payload *in);
	/* Wants the two that talk apart: frames with right. NULL: no. */
	bool (*apart)(const struct leg *leg);
	/* Takes both channels of what has two. NULL: no. */
	bool (*both)(struct leg *leg);
};

extern const struct leg_kind leg_rtp, leg_srtp, leg_dtls, leg_wav, leg_tone,
	leg_echo, leg_null, leg_ogg;

struct leg_option {
	const char *key, *value;
};

struct leg {
	const struct leg_kind *kind;
	struct bridge *bridge;
	char name[NAME_MAX_LEN];
	uint32_t id;
	char *spec; /* owns what the words point at */
	const char *where;
	struct leg_option options[8];
	unsigned n_options;
	struct leg
		*peer;   /* whom its media goes to: a leg, the mixer, or NULL */
	struct leg *tap; /* the mixer, which hears it beside the peer; NULL */
	bool video;      /* else audio */
	bool listens;    /* never talks */
	bool deaf;       /* never hears */
	bool hears_mix;
	bool muted;             /* what it says is heard by nobody */
	float gain;             /* of what it says; 1: as it is */
	struct leg *child;      /* the video of a bundle; described with it */
	struct leg *parent;     /* the other way */
	struct mix_source *mix; /* NULL: it is not mixed */
	bool dry;               /* its tick said that there is no more */
	int failed; /* the exit status for that nothing can come of it; or 0 */
	const char *dtls; /* the state that was last told of */
	void *state;
};

struct config {
	struct pc_tool_common common;
	unsigned handshake_ms;
	bool stats;
	const char *dtmf; /* events or inband; a leg may know better */
	const char *serve, *via;
};

struct bridge {
	unsigned n_packet;   /* legs with packet() */
	unsigned n_watching; /* legs of video that only listen */
	struct pc_tool tool;
	struct config cfg;
	struct leg *legs[LEGS_MAX];
	uint32_t last_id;
	struct pc_timer *tick, *second, *ending, *silence;
	uint64_t tick_us;    /* the next tick's deadline; 0: not running */
	struct mixer *mixer; /* made when it is first needed */
	uint64_t second_us, started_us;
	bool up; /* all legs of the command line are there */
	/* On the terminal, to be redrawn; said: pc_home->said then. */
	struct {
		unsigned lines, widest, said;
	} table;
	int status;     /* to exit with, when all went well but for a leg */
	bool silent;    /* nothing came for --timeout */
	bool no_keylog; /* $SSLKEYLOGFILE cannot be written, and it was said */
	/* Work space, so that nothing is allocated for a packet. */
	uint8_t packet[PACKET_MAX + TRAILER_MAX]; /* being built */
	int16_t pcm[PC_FRAME_MAX];                /* being decoded, or made */
	int16_t right[PC_FRAME_MAX];              /* played beside it */
	int16_t resampled[PC_FRAME_MAX];
};

/*
 * rtp-bridge.c: up to the loop. -1: it runs; or the exit status, and all is
 * closed.
 */
int rtp_bridge_begin(struct bridge *b, int argc, char **argv);

/* bridge.c */
int bridge_start(struct bridge *b);
void bridge_end(struct bridge *b, const char *why);
/* End from within a leg's callback: soon, not at once. */
void bridge_end_soon(struct bridge *b, int status);
int bridge_add(struct bridge *b, const char *spec);
int bridge_drop(struct bridge *b, const char *name);
struct leg *bridge_leg(struct bridge *b, const char *name);
void bridge_fragments(struct bridge *b, struct pc_buf *out);
/* Something may have become ready: see whether there is audio to make. */
void bridge_wake(struct bridge *b);
/* A leg event; with the leg's fragment when it is new. */
void bridge_say_leg(struct leg *leg, const char *state, bool fragment);
/* Whom a leg's media goes to: its peer, itself when that echoes, or NULL. */
struct leg *leg_sink(struct leg *leg);
/* Hand PCM to a leg, if it takes any. */
void leg_frame(struct leg *to, const struct frame *frame);
/* Apply a leg's gain to what it says. */
void leg_gain(const struct leg *leg, int16_t *pcm, size_t n);
/* Find the leg that a command names; NULL, and said. */
struct leg *bridge_command_leg(struct bridge *b, const struct pc_command *cmd);

/* pair.c: who hears whom, after a leg came or went. 0 or -ENOMEM. */
int bridge_pair(struct bridge *b);

/* legspec.c: "KIND:where,option=value,..." into leg. 0, or -EINVAL said. */
int leg_parse(struct bridge *b, struct leg *leg, const char *spec);
const char *leg_option(const struct leg *leg, const char *key);
/* Is its where like "127.0.0.1:5000"? */
bool leg_at_address(const struct leg *leg);
/* A whole number; none is absent. False: it is none from min to max, said. */
bool leg_number(const struct leg *leg, const char *key, unsigned min,
		unsigned max, unsigned absent, unsigned *value);
/* Set leg->gain. -EINVAL, said, when it is no number from -60 to 30. */
int leg_set_gain(struct leg *leg, const char *db);
/* Is it a value of dtmf? If not, said; who is "--dtmf" or the leg. */
bool leg_good_dtmf(struct bridge *b, const char *who, const char *how);
/* Say that an option is not known, if one is not among known. */
int leg_check_options(struct leg *leg, const char *const *known);

/*
 * describe.c: where to send, from a socket at local. 0, or -EINVAL said: it is
 * no address, or none that can be sent to from there.
 */
int leg_remote_addr(struct leg *leg, const struct pc_sdp_media *remote,
		    const struct pc_addr *local, struct pc_addr *to);
/* As by describe with this remote description. 0 or -errno said. */
int leg_describe_text(struct leg *leg, const char *remote);

/* The describe command. */
int bridge_describe(void *arg, const struct pc_command *cmd);

#endif
