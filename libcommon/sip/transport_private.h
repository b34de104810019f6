/* Between transport.c and the kinds of transport behind it. */
#ifndef PC_SIP_TRANSPORT_PRIVATE_H
#define PC_SIP_TRANSPORT_PRIVATE_H

#include "sip/guard.h"
#include "sip/transport.h"

struct pc_sip_transport_ops {
	int (*open)(struct pc_sip_transport *tp);
	void (*close)(struct pc_sip_transport *tp);
	int (*send)(struct pc_sip_transport *tp, const char *data, size_t len,
		    const struct pc_addr *to);
	int (*ping)(struct pc_sip_transport *tp, const struct pc_addr *to,
		    bool must); /* NULL: as a message */
};

#define PC_SIP_NAMES 16

struct pc_sip_transport {
	struct pc_tool *tool;
	struct pc_sip_transport_config config;
	const struct pc_sip_transport_ops *ops;
	struct pc_sip_identity identity;
	void *impl;       /* the kind's own */
	unsigned calling; /* callbacks of ours on the stack */
	bool closing;     /* pc_sip_transport_close was called in one */
	struct {
		struct pc_addr addr;
		char *name;
	} names[PC_SIP_NAMES]; /* whom a certificate must be for */
	unsigned n_names;      /* so far; the oldest give way */
	int why_err;
	char why[300]; /* that failure in words */
};

extern const struct pc_sip_transport_ops pc_sip_udp_ops;
extern const struct pc_sip_transport_ops pc_sip_stream_ops;
extern const struct pc_sip_transport_ops pc_sip_line_ops;

/*
 * A callback of the loop brackets its work with these, because the owner may
 * close the transport in any callback. leave returns false when it has:
 * tp and impl are freed then.
 */
void pc_sip_transport_enter(struct pc_sip_transport *tp);
bool pc_sip_transport_leave(struct pc_sip_transport *tp);

/* UDP's keep-alive by STUN. */
int pc_sip_udp_stun(struct pc_sip_transport *tp, const struct pc_addr *to);

/* Remember what a failure is in words. */
void pc_sip_transport_note(struct pc_sip_transport *tp, int err,
			   const char *why);
/* Whom a certificate at that address must be for: its name, or ip itself. */
const char *pc_sip_transport_name(const struct pc_sip_transport *tp,
				  const struct pc_addr *addr,
				  char ip[PC_ADDR_TEXT]);

/* Deliver: one whole message came (len may be 0 or not SIP at all). */
void pc_sip_transport_in(struct pc_sip_transport *tp, const char *data,
			 size_t len, const struct pc_addr *from,
			 const struct pc_addr *local);
/* What guard.h does not let through: an event, and an answer if it says so. */
void pc_sip_transport_refuse(struct pc_sip_transport *tp,
			     const struct pc_sip_verdict *v, const char *data,
			     size_t len, const struct pc_addr *from,
			     const struct pc_addr *local);
void pc_sip_transport_unreachable(struct pc_sip_transport *tp, int err,
				  const struct pc_addr *to);
void pc_sip_transport_closed(struct pc_sip_transport *tp, int err,
			     const char *why);

/* Of a stream: whether there is a connection to that address. */
bool pc_sip_stream_to(struct pc_sip_transport *tp, const struct pc_addr *to);

#endif
