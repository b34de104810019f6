/* Checks that go through a TURN server of ours (RFC 8656). */
#include <string.h>

#include "base/bytes.h"
#include "checks_private.h"
#include "stun/demux.h"

#define CHANNEL_HEADER 4 /* section 12.4: number, length */

enum { ALLOCATE = 3, SEND = 6, DATA_METHOD = 7, CHANNEL_BIND = 9 };
enum { UNAUTHORIZED = 401, STALE_NONCE = 438 };
enum {
	CHANNEL_NUMBER = 0x000c,
	XOR_PEER_ADDRESS = 0x0012,
	DATA = 0x0013,
	XOR_RELAYED_ADDRESS = 0x0016,
};

static struct relay *find_relay(struct checks *checks, const struct sighting *s)
{
	for (unsigned i = 0; i < checks->n_relays; i++)
		if (pc_addr_equal(&checks->relays[i].local, s->local) &&
		    pc_addr_equal(&checks->relays[i].server, s->remote))
			return &checks->relays[i];
	return NULL;
}

static void allocated(struct checks *checks, const struct sighting *s,
		      const struct pc_stun_msg *msg)
{
	const struct pc_stun_attr *a = pc_stun_find(msg, XOR_RELAYED_ADDRESS);
	struct base *base = checks_base(checks, s->local);
	struct relay *relay = find_relay(checks, s);
	struct pc_addr relayed;

	if (base)
		pc_stun_mapped(msg, &base->mapped);
	if (!a || pc_stun_address(msg, a, &relayed) != 0)
		return;
	if (!relay && checks->n_relays < RELAYS_MAX) {
		relay = &checks->relays[checks->n_relays++];
		relay->local = *s->local;
		relay->server = *s->remote;
	}
	if (relay)
		relay->relayed = relayed;
}

/*
 * To ask again is right when the server wants credentials, has another nonce
 * (RFC 8489 section 9.2.5) or another server (section 10), but not for ever.
 */
static bool is_asked_again(struct base *base, unsigned code)
{
	if (code == UNAUTHORIZED)
		return !base->authenticated;
	return (code == STALE_NONCE || code == TRY_ALTERNATE) &&
	       ++base->again < AGAIN_MAX;
}

static void allocating(struct checks *checks, const struct sighting *s,
		       const struct pc_stun_msg *msg)
{
	struct base *base = checks_base(checks, s->local);
	unsigned code;

	if (base && s->out && msg->class == PC_STUN_REQUEST) {
		memcpy(base->allocating, msg->id, PC_STUN_ID);
		base->authenticated = pc_stun_find(msg, PC_STUN_USERNAME);
	}
	if (!base || s->out || msg->class != PC_STUN_ERROR ||
	    memcmp(base->allocating, msg->id, PC_STUN_ID) != 0)
		return;
	code = pc_stun_error(msg, NULL, NULL);
	if (is_asked_again(base, code))
		return;
	checks->turn_refused = code;
	checks->changed(checks->arg, NULL);
}

unsigned checks_turn_refused(const struct checks *checks)
{
	return checks->turn_refused;
}

static void bound(struct relay *relay, const struct pc_stun_msg *msg)
{
	const struct pc_stun_attr *n = pc_stun_find(msg, CHANNEL_NUMBER);
	const struct pc_stun_attr *a = pc_stun_find(msg, XOR_PEER_ADDRESS);
	struct pc_addr peer;

	if (!n || n->len < 2 || !a || pc_stun_address(msg, a, &peer) != 0 ||
	    relay->n_channels == CHANNELS_MAX)
		return;
	relay->channels[relay->n_channels].number = pc_get16(n->value);
	relay->channels[relay->n_channels++].peer = peer;
}

static void inner(struct checks *checks, const struct sighting *s,
		  const struct relay *relay, const struct pc_addr *peer,
		  const uint8_t *data, size_t len)
{
	struct sighting in = { .out = s->out,
			       .relayed = true,
			       .transport = "udp",
			       .local = &relay->relayed,
			       .remote = peer };
	struct pc_stun_msg msg;

	if (pc_stun_decode(&msg, data, len) == 0 &&
	    msg.method == PC_STUN_BINDING)
		checks_binding(checks, &in, &msg);
}

static void indication(struct checks *checks, const struct sighting *s,
		       const struct relay *relay, const struct pc_stun_msg *msg)
{
	const struct pc_stun_attr *a = pc_stun_find(msg, XOR_PEER_ADDRESS);
	const struct pc_stun_attr *d = pc_stun_find(msg, DATA);
	struct pc_addr peer;

	if (a && d && pc_stun_address(msg, a, &peer) == 0)
		inner(checks, s, relay, &peer, d->value, d->len);
}

static void channel_data(struct checks *checks, const struct sighting *s,
			 const uint8_t *data, size_t len)
{
	const struct relay *relay = find_relay(checks, s);
	uint16_t number = pc_get16(data);
	size_t inner_len = pc_get16(data + 2);

	if (!relay || inner_len > len - CHANNEL_HEADER)
		return;
	for (unsigned i = 0; i < relay->n_channels; i++)
		if (relay->channels[i].number == number)
			inner(checks, s, relay, &relay->channels[i].peer,
			      data + CHANNEL_HEADER, inner_len);
}

void checks_turn(struct checks *checks, const struct sighting *s,
		 const uint8_t *data, size_t len)
{
	struct pc_stun_msg msg;
	struct relay *relay;

	if (pc_demux(data[0]) == PC_DEMUX_TURN) {
		if (len > CHANNEL_HEADER &&
		    pc_demux(data[CHANNEL_HEADER]) == PC_DEMUX_STUN)
			channel_data(checks, s, data, len);
		return;
	}
	if (pc_stun_decode(&msg, data, len) != 0)
		return;
	if (msg.method == ALLOCATE && msg.class == PC_STUN_SUCCESS && !s->out)
		allocated(checks, s, &msg);
	else if (msg.method == ALLOCATE)
		allocating(checks, s, &msg);
	relay = find_relay(checks, s);
	if (!relay)
		return;
	if (msg.method == CHANNEL_BIND && msg.class == PC_STUN_REQUEST)
		bound(relay, &msg);
	else if (msg.method == SEND || msg.method == DATA_METHOD)
		indication(checks, s, relay, &msg);
}
