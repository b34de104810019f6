/*
 * What --pcap gets of a network leg beside the packets that went by its
 * sockets: what was encrypted, in clear, from another port of ours, since
 * a reader tells conversations apart by ports; and what its payload types
 * are, as an announcement (RFC 2974) that Wireshark understands.
 */
#ifndef RTP_BRIDGE_CAPTURE_H
#define RTP_BRIDGE_CAPTURE_H

#include "net.h"

/* Use the inline functions below. */
void capture_write_clear(struct leg *leg, const struct pc_addr *local, bool mux,
			 const struct pc_addr *remote, bool out,
			 const uint8_t *buf, size_t len);
void capture_write_announcement(struct leg *leg, const struct pc_addr *at,
				bool mux);

/*
 * The clear copy of a packet that went out, or came in, encrypted, between
 * local and remote. mux: RTCP shares local with RTP; else, local of RTCP is the
 * odd port.
 */
static inline void capture_clear(struct leg *leg, const struct pc_addr *local,
				 bool mux, const struct pc_addr *remote,
				 bool out, const uint8_t *buf, size_t len)
{
	if (leg->bridge->tool.pcap)
		capture_write_clear(leg, local, mux, remote, out, buf, len);
}

/*
 * What the clear packets from and to this address of ours are, once the leg is
 * described, and once for a description.
 */
static inline void capture_announce(struct leg *leg, const struct pc_addr *at,
				    bool mux)
{
	if (leg->bridge->tool.pcap)
		capture_write_announcement(leg, at, mux);
}

#endif
