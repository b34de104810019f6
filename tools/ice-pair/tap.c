#include <dlfcn.h>
#include <gio/gio.h>
#include <stdbool.h>
#include <string.h>
#include <sys/uio.h>

#include "base/buf.h"
#include "loop/tool.h"
#include "stun/demux.h"
#include "stun/explain.h"
#include "stun/stun.h"
#include "tap.h"

#define CHANNEL_HEADER 4 /* RFC 8656 section 12.4: number, length */

/* What ICE and TURN add to Binding and its kin. */
enum {
	XOR_PEER_ADDRESS = 0x0012,
	DATA = 0x0013,
	XOR_RELAYED_ADDRESS = 0x0016,
	USE_CANDIDATE = 0x0025,
	ICE_CONTROLLING = 0x802a,
};

static struct pc_tool *tapped; /* NULL: nobody looks */

void tap_start(struct pc_tool *tool)
{
	tapped = pc_trace_wanted(tool) ? tool : NULL;
}

void tap_stop(void)
{
	tapped = NULL;
}

/* --- what it says ----------------------------------------------------- */

static uint32_t read32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

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
			pc_buf_printf(out, ", PRIORITY %u", read32(a->value));
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

/* STUN that is not in anything; false if it is something else. */
static bool say_message(struct pc_buf *out, const uint8_t *data, size_t len)
{
	struct pc_stun_msg msg;
	int rc = pc_stun_decode(&msg, data, len);

	if (rc == -EINVAL)
		return false;
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

struct seen {
	bool out;
	const char *transport;
	struct pc_addr local, remote;
	const uint8_t *data;
	size_t len;
};

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

static void report_datagram(const struct seen *s)
{
	struct pc_buf summary = { 0 };

	say_datagram(&summary, s->data, s->len);
	if (summary.len > 0)
		trace(s, &summary, s->data, s->len);
	else
		capture(s);
	pc_buf_fini(&summary);
}

/* --- TCP -------------------------------------------------------------- */

/* One direction of a connection, from where its next message begins. */
struct stream {
	enum { UNKNOWN, BARE, RFC4571, FOREIGN } framing;
	struct pc_buf bytes;
};

static void stream_free(gpointer arg)
{
	struct stream *stream = arg;

	pc_buf_fini(&stream->bytes);
	g_free(stream);
}

static struct stream *stream_of(GSocket *socket, bool out)
{
	const char *key = out ? "pc-tap-out" : "pc-tap-in";
	struct stream *stream = g_object_get_data(G_OBJECT(socket), key);

	if (!stream) {
		stream = g_new0(struct stream, 1);
		g_object_set_data_full(G_OBJECT(socket), key, stream,
				       stream_free);
	}
	return stream;
}

/*
 * TURN's messages follow each other as they are (RFC 8656 section 12.5: those
 * of channels padded to 4 bytes), ICE's behind a length (RFC 4571). The first
 * is STUN, whose cookie shows which. Returns the size of the message that
 * begins here, or 0 if that takes more bytes to tell; *skip: its length field.
 */
static size_t message_size(struct stream *stream, size_t *skip)
{
	const uint8_t *p = (const uint8_t *)stream->bytes.data;
	size_t len = stream->bytes.len;

	if (stream->framing == UNKNOWN && len >= 10)
		stream->framing = read32(p + 4) == PC_STUN_COOKIE   ? BARE
				  : read32(p + 6) == PC_STUN_COOKIE ? RFC4571
								    : FOREIGN;
	*skip = stream->framing == RFC4571 ? 2 : 0;
	if (stream->framing == UNKNOWN || len < 4)
		return 0;
	if (stream->framing == RFC4571)
		return 2 + (read32(p) >> 16);
	if (pc_demux(p[0]) == PC_DEMUX_TURN)
		return CHANNEL_HEADER + (((read32(p) & 0xffff) + 3) & ~3u);
	return PC_STUN_HEADER + (read32(p) & 0xffff);
}

static void report_stream(const struct seen *s, struct stream *stream)
{
	struct pc_buf summary = { 0 };
	size_t size, skip;

	capture(s);
	pc_buf_add(&stream->bytes, s->data, s->len);
	while ((size = message_size(stream, &skip)) != 0 &&
	       size <= stream->bytes.len && stream->framing != FOREIGN) {
		pc_buf_clear(&summary);
		say_datagram(&summary,
			     (const uint8_t *)stream->bytes.data + skip,
			     size - skip);
		if (summary.len > 0)
			trace(s, &summary, NULL, size - skip);
		pc_buf_consume(&stream->bytes, size);
	}
	if (stream->framing == FOREIGN)
		pc_buf_clear(&stream->bytes);
	pc_buf_fini(&summary);
}

/* --- both ------------------------------------------------------------- */

static bool peer_addr(struct pc_addr *addr, GSocket *socket,
		      GSocketAddress *peer)
{
	if (!peer)
		return pc_addr_remote(addr, g_socket_get_fd(socket)) == 0;
	addr->len = (socklen_t)g_socket_address_get_native_size(peer);
	return g_socket_address_to_native(peer, &addr->ss, sizeof(addr->ss),
					  NULL);
}

/*
 * The first len bytes of what stands in n vectors (-1: up to one of NULL).
 * GLib's two kinds of vector have the layout of an iovec, and are cast to it
 * by GLib as well.
 */
static void see(GSocket *socket, GSocketAddress *peer, bool out,
		const struct iovec *v, gint n, size_t len)
{
	bool udp = g_socket_get_socket_type(socket) == G_SOCKET_TYPE_DATAGRAM;
	struct seen s = { .out = out, .transport = udp ? "udp" : "tcp" };
	struct pc_buf bytes = { 0 };

	for (gint i = 0; bytes.len < len && (n < 0 ? !!v[i].iov_base : i < n);
	     i++)
		pc_buf_add(&bytes, v[i].iov_base,
			   MIN(v[i].iov_len, len - bytes.len));
	s.data = (const uint8_t *)bytes.data;
	s.len = bytes.len;
	if (!bytes.oom && s.len > 0 &&
	    pc_addr_local(&s.local, g_socket_get_fd(socket)) == 0 &&
	    peer_addr(&s.remote, socket, peer)) {
		if (udp)
			report_datagram(&s);
		else
			report_stream(&s, stream_of(socket, out));
	}
	pc_buf_fini(&bytes);
}

/* --- in GLib's place -------------------------------------------------- */

gssize g_socket_send_message(GSocket *socket, GSocketAddress *address,
			     GOutputVector *vectors, gint n_vectors,
			     GSocketControlMessage **messages, gint n_messages,
			     gint flags, GCancellable *cancellable,
			     GError **error)
{
	static __typeof__(g_socket_send_message) *real;
	gssize n;

	if (!real)
		real = dlsym(RTLD_NEXT, "g_socket_send_message");
	n = real(socket, address, vectors, n_vectors, messages, n_messages,
		 flags, cancellable, error);
	if (tapped && n > 0)
		see(socket, address, true, (const struct iovec *)vectors,
		    n_vectors, (size_t)n);
	return n;
}

gint g_socket_send_messages(GSocket *socket, GOutputMessage *messages,
			    guint n_messages, gint flags,
			    GCancellable *cancellable, GError **error)
{
	static __typeof__(g_socket_send_messages) *real;
	gint n;

	if (!real)
		real = dlsym(RTLD_NEXT, "g_socket_send_messages");
	n = real(socket, messages, n_messages, flags, cancellable, error);
	for (gint i = 0; tapped && i < n; i++)
		see(socket, messages[i].address, true,
		    (const struct iovec *)messages[i].vectors,
		    (gint)messages[i].num_vectors, messages[i].bytes_sent);
	return n;
}

gssize g_socket_receive_message(GSocket *socket, GSocketAddress **address,
				GInputVector *vectors, gint n_vectors,
				GSocketControlMessage ***messages,
				gint *n_messages, gint *flags,
				GCancellable *cancellable, GError **error)
{
	static __typeof__(g_socket_receive_message) *real;
	GSocketAddress *from = NULL;
	gssize n;

	if (!real)
		real = dlsym(RTLD_NEXT, "g_socket_receive_message");
	n = real(socket, address ? address : &from, vectors, n_vectors,
		 messages, n_messages, flags, cancellable, error);
	if (tapped && n > 0)
		see(socket, address ? *address : from, false,
		    (const struct iovec *)vectors, n_vectors, (size_t)n);
	if (from)
		g_object_unref(from);
	return n;
}
