/* Between transport_udp.c and what stands beside it. */
#ifndef PC_SIP_TRANSPORT_UDP_H
#define PC_SIP_TRANSPORT_UDP_H

#include "sip/transport_private.h"

#define SWITCHED_MAX 64
#define NO_TCP_MAX   8
#define BY_TCP_MAX   8

/* A request that was too large for a datagram. */
struct switched {
	uint64_t branch, method; /* hashes */
	bool by_udp;             /* TCP could not be had: UDP after all */
};

struct udp_switch {
	struct switched requests[SWITCHED_MAX];
	unsigned n; /* so far; the oldest give way */
	struct {
		struct pc_addr to;
		uint64_t until_ms;
	} no_tcp[NO_TCP_MAX];
	unsigned n_no_tcp;
	struct pc_addr by_tcp[BY_TCP_MAX]; /* all requests go there by it */
	unsigned n_by_tcp;
};

/* The keep-alive by STUN (RFC 5626 4.4.2). */
struct udp_stun {
	struct pc_timer *timer;
	uint8_t id[12];
	struct pc_addr to, mapped; /* mapped.len 0: not known */
	unsigned sent;             /* of this request; 0: none is out */
};

struct udp {
	int fd;
	struct pc_watch *watch;
	struct pc_sip_transport *tcp; /* at the same port; or NULL */
	struct udp_switch sw;
	struct udp_stun stun;
	char buf[PC_SIP_MESSAGE_MAX + 1];
};

int pc_sip_udp_datagram(struct pc_sip_transport *tp, const char *data,
			size_t len, const struct pc_addr *to);

/* transport_switch.c */
void pc_sip_switch_open(struct pc_sip_transport *tp,
			const struct pc_addr *local);
/*
 * Send it by TCP, if that is its way. False: it is for UDP. True: *rc is
 * what came of it.
 */
bool pc_sip_switch_send(struct pc_sip_transport *tp, const char *data,
			size_t len, const struct pc_addr *to, int *rc);

/* transport_stun.c. True: it was STUN, and is dealt with. */
bool pc_sip_stun_received(struct pc_sip_transport *tp, const char *data,
			  size_t len, const struct pc_addr *from);

#endif
