/* What is seen, for --trace and --pcap. */
#include <errno.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "loop/tool.h"
#include "old_stun.h"
#include "stun/demux.h"
#include "stun/explain.h"
#include "stun/stun.h"
#include "tap_private.h"

/* What ICE and TURN add to Binding and its kin. */
enum {
	XOR_PEER_ADDRESS = 0x0012,
	DATA = 0x0013,
	XOR_RELAYED_ADDRESS = 0x0016,
	USE_CANDIDATE = 0x0025,
	ICE_CONTROLLING = 0x802a,
};

static struct pc_tool *tapped; /* NULL: nobody looks */

void tap_trace_to(struct pc_tool *tool)
{
	tapped = tool && pc_trace_wanted(tool) ? tool : NULL;
}

bool tap_tracing(void)
{
	return tapped;
}

/* --- what it says ----------------------------------------------------- */

static void say_attr(struct pc_buf *out, const struct pc_stun_msg *msg,
		     const struct pc_stun_attr *a)
{
	char text[PC_ADDR_TEXT];
	struct pc_addr addr;

	switch (a->type) {
	case USE_CANDIDATE:
	case PC_STUN_ICE_CONTROLLED:
	case ICE_CONTROLLING:
		pc_buf_printf(out, ", %s", pc_stun_attr_name(a->type, NULL));
		break;
	case PC_STUN_PRIORITY:
		if (a->len == 4)
			pc_buf_printf(out, ", PRIORITY %u", pc_get32(a->value));
		break;
	case XOR_PEER_ADDRESS:
	case XOR_RELAYED_ADDRESS:
		if (pc_stun_address(msg, a, &addr) == 0)
			pc_buf_printf(out, ", %s %s",
				      pc_stun_attr_name(a->type, NULL),
				      pc_addr_text(&addr, text));
		break;
	default:
		break;
	}
}

static bool say_rfc3489(struct pc_buf *out, const uint8_t *data, size_t len)
{
	uint8_t copy[OLD_STUN_MAX];
	struct pc_stun_msg msg;

	if (old_stun_decode(&msg, copy, data, len) != 0)
		return false;
	pc_buf_adds(out, "RFC 3489 ");
	pc_stun_summary(out, copy, len);
	return true;
}

/* STUN that is not in anything; false if it is something else. */
static bool say_message(struct pc_buf *out, const uint8_t *data, size_t len)
{
	struct pc_stun_msg msg;
	int rc = pc_stun_decode(&msg, data, len);

	if (rc == -EINVAL)
		return say_rfc3489(out, data, len);
	pc_stun_summary(out, data, len);
	for (unsigned i = 0; rc == 0 && i < msg.n_attrs; i++)
		say_attr(out, &msg, &msg.attrs[i]);
	return true;
}

static void say_inner(struct pc_buf *out, const uint8_t *data, size_t len)
{
	pc_buf_adds(out, ": ");
	if (!say_message(out, data, len))
		pc_buf_printf(out, "%zu bytes of data", len);
}

/*
 * A datagram that is STUN, or of a TURN channel that has STUN in it: "Binding
 * request, USE-CANDIDATE, PRIORITY 1845494271". Else nothing is appended.
 */
static void say_datagram(struct pc_buf *out, const uint8_t *data, size_t len)
{
	const struct pc_stun_attr *a;
	struct pc_stun_msg msg;

	if (len == 0)
		return;
	if (pc_demux(data[0]) == PC_DEMUX_STUN) {
		if (say_message(out, data, len) &&
		    pc_stun_decode(&msg, data, len) == 0 &&
		    (a = pc_stun_find(&msg, DATA)) != NULL)
			say_inner(out, a->value, a->len);
	} else if (pc_demux(data[0]) == PC_DEMUX_TURN && len > CHANNEL_HEADER &&
		   pc_demux(data[CHANNEL_HEADER]) == PC_DEMUX_STUN) {
		pc_buf_printf(out, "channel 0x%02x%02x", data[0], data[1]);
		say_inner(out, data + CHANNEL_HEADER, len - CHANNEL_HEADER);
	}
}

/* --- where it goes ---------------------------------------------------- */

/* A whole message of it; data NULL: --pcap has it already. */
static void trace(const struct seen *s, const struct pc_buf *summary,
		  const uint8_t *data, size_t len)
{
	pc_trace_message(tapped, &(struct pc_trace_msg){
					 .protocol = "STUN",
					 .out = s->out,
					 .local = &s->local,
					 .remote = &s->remote,
					 .transport = s->transport,
					 .summary = summary->data,
					 .data = data,
					 .len = len,
				 });
}

static void capture(const struct seen *s)
{
	pc_pcap_packet(tapped, s->transport, s->out ? &s->local : &s->remote,
		       s->out ? &s->remote : &s->local, s->data, s->len, NULL);
}

void tap_trace_stream(const struct seen *s)
{
	if (tapped)
		capture(s);
}

void tap_trace_message(const struct seen *s, const uint8_t *data, size_t len)
{
	bool whole = data == s->data && len == s->len; /* not of a stream */
	struct pc_buf summary = { 0 };

	if (!tapped)
		return;
	say_datagram(&summary, data, len);
	if (summary.len > 0)
		trace(s, &summary, whole ? data : NULL, len);
	else if (whole)
		capture(s);
	pc_buf_fini(&summary);
}
