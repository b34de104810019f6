/*
 * The steps with packets. The peer is a socket of ours. Its first packet to
 * the relayed address opens the way back through any NAT here, and the Data
 * indication that it becomes says where the relay sees it.
 */
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "loop/tool.h"
#include "turn.h"

#define EVERY_MS 20  /* as audio has it */
#define BYTES    172 /* an RTP packet of 20 ms of G.711 */
#define TRY_MS   500 /* a lost one is sent again */

static const char hello[] = "pipecall: hello, relay";

/* --- packets that are echoed ------------------------------------------ */

struct stamp {
	uint32_t magic, number;
	uint64_t sent_us;
};

#define MAGIC 0x70636563u

static void send_stamped(struct turn *t)
{
	uint8_t packet[4 + BYTES] = { TURN_CHANNEL_NUMBER >> 8, 0, 0, BYTES };
	struct stamp stamp = { .magic = MAGIC,
			       .number = t->sent++,
			       .sent_us = pc_now_us() };

	memcpy(packet + 4, &stamp, sizeof(stamp));
	(void)talk_send(t->talk, "echo", &t->cfg.server, packet,
			sizeof(packet));
}

static void echo_over(struct turn *t)
{
	pc_timer_cancel(t->timer);
	if (t->came == 0)
		turn_step_over(t, TURN_SILENT, NULL);
	else
		turn_step_over(t, TURN_OK, NULL);
}

static void on_channel(void *arg, uint16_t channel, const uint8_t *data,
		       size_t len)
{
	struct turn *t = arg;
	struct stamp stamp;
	uint64_t rtt_us;

	if (channel != TURN_CHANNEL_NUMBER || len != BYTES)
		return;
	memcpy(&stamp, data, sizeof(stamp));
	if (stamp.magic != MAGIC || stamp.number >= t->sent ||
	    t->seen[stamp.number])
		return;
	t->seen[stamp.number] = 1;
	rtt_us = pc_now_us() - stamp.sent_us;
	if (!t->came || rtt_us < t->rtt_min_us)
		t->rtt_min_us = rtt_us;
	if (rtt_us > t->rtt_max_us)
		t->rtt_max_us = rtt_us;
	t->rtt_sum_us += rtt_us;
	t->came++;
	if (t->at == TURN_ECHO && t->came == t->cfg.packets)
		echo_over(t);
}

/* --- the peer --------------------------------------------------------- */

/* From the relay alone; what is stamped goes back. */
static void on_peer_packet(void *arg, const struct pc_addr *from,
			   const uint8_t *data, size_t len)
{
	struct turn *t = arg;

	if (!pc_addr_equal(from, &t->relayed))
		return;
	t->peer_heard++;
	if (len == BYTES)
		(void)wire_send(t->peer_wire, from, data, len);
	else if (t->at == TURN_OUT && len == sizeof(hello) &&
		 memcmp(data, hello, len) == 0) {
		pc_timer_cancel(t->timer);
		turn_step_over(t, TURN_OK, NULL);
	}
}

static void on_peer_end(void *arg, const struct pc_addr *to, int error,
			const char *why)
{
	(void)arg;
	(void)to;
	(void)error;
	pc_verbose("the peer's packet to the relay came back: %s", why);
}

/* --- in: peer to relay to us ------------------------------------------ */

static void on_data(void *arg, const struct pc_addr *from,
		    const struct pc_stun_msg *msg)
{
	const struct pc_stun_attr *data = pc_stun_find(msg, PC_STUN_DATA);
	const struct pc_stun_attr *peer =
		pc_stun_find(msg, PC_STUN_XOR_PEER_ADDRESS);
	struct turn *t = arg;

	(void)from;
	if (t->at != TURN_IN || msg->class != PC_STUN_INDICATION ||
	    msg->method != PC_STUN_DATA_IND || !data || !peer ||
	    data->len != sizeof(hello) ||
	    memcmp(data->value, hello, sizeof(hello)) != 0 ||
	    pc_stun_address(msg, peer, &t->peer) != 0)
		return;
	pc_timer_cancel(t->timer);
	turn_step_over(t, TURN_OK, NULL);
}

static void send_in(struct turn *t)
{
	(void)wire_send(t->peer_wire, &t->relayed, hello, sizeof(hello));
}

/* --- out: us to relay to peer ----------------------------------------- */

static void send_out(struct turn *t)
{
	uint8_t buf[128], id[PC_STUN_ID];
	struct pc_stun_build b;
	ssize_t len;

	if (getrandom(id, sizeof(id), 0) != sizeof(id))
		return;
	pc_stun_build_init(&b, buf, sizeof(buf), PC_STUN_INDICATION,
			   PC_STUN_SEND, id);
	pc_stun_put_addr(&b, PC_STUN_XOR_PEER_ADDRESS, &t->peer);
	pc_stun_put(&b, PC_STUN_DATA, hello, sizeof(hello));
	len = pc_stun_build_end(&b);
	if (len > 0)
		(void)talk_send(t->talk, "out", &t->cfg.server, buf,
				(size_t)len);
}

/* --- the timer that drives them --------------------------------------- */

static void try_again(struct turn *t, void (*send)(struct turn *))
{
	if (t->tries * TRY_MS >= t->cfg.silence_ms) {
		turn_step_over(t, TURN_SILENT, NULL);
		return;
	}
	t->tries++;
	send(t);
	pc_timer_set(t->timer, TRY_MS);
}

static void on_timer(void *arg)
{
	struct turn *t = arg;

	if (t->at == TURN_IN) {
		try_again(t, send_in);
	} else if (t->at == TURN_OUT) {
		try_again(t, send_out);
	} else if (t->at == TURN_ECHO && t->sent < t->cfg.packets) {
		send_stamped(t);
		pc_timer_set(t->timer, t->sent < t->cfg.packets
					       ? EVERY_MS
					       : t->cfg.silence_ms);
	} else if (t->at == TURN_ECHO) {
		echo_over(t);
	}
}

static void begin(struct turn *t)
{
	t->tries = 0;
	pc_timer_set(t->timer, 0);
}

void turn_data_in(struct turn *t)
{
	talk_on_other(t->talk, "in", on_data, t);
	begin(t);
}

void turn_data_out(struct turn *t)
{
	begin(t);
}

void turn_data_echo(struct turn *t)
{
	talk_on_other(t->talk, "echo", on_data, t);
	talk_on_channel(t->talk, on_channel, t);
	begin(t);
}

int turn_data_open(struct turn *t)
{
	struct wire_cfg cfg = { .tool = t->cfg.env.tool,
				.kind = WIRE_UDP,
				.message = on_peer_packet,
				.end = on_peer_end,
				.arg = t };
	const char *any =
		t->relayed.sa.sa_family == AF_INET6 ? "::" : "0.0.0.0";

	if (t->cfg.way.local.sa.sa_family == t->relayed.sa.sa_family) {
		cfg.local = t->cfg.way.local;
		pc_addr_set_port(&cfg.local, 0);
	} else {
		(void)pc_addr_from_ip(&cfg.local, any, 0);
	}
	t->timer = pc_timer_new(t->cfg.env.tool->loop, on_timer, t);
	return t->timer ? wire_open(&t->peer_wire, &cfg) : -ENOMEM;
}
