#include <dlfcn.h>
#include <gio/gio.h>
#include <sys/uio.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "checks.h"
#include "stun/demux.h"
#include "tap_private.h"

static struct checks *watched; /* NULL: not begun, or ended */

void tap_start(struct pc_tool *tool, struct checks *checks)
{
	watched = checks;
	tap_trace_to(tool);
}

void tap_stop(void)
{
	watched = NULL;
	tap_trace_to(NULL);
}

bool tap_undecided(void)
{
	return watched && checks_undecided(watched);
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
	size_t len = stream->bytes.len, told;

	if (stream->framing == UNKNOWN && len >= 10)
		stream->framing = pc_get32(p + 4) == PC_STUN_COOKIE   ? BARE
				  : pc_get32(p + 6) == PC_STUN_COOKIE ? RFC4571
								      : FOREIGN;
	*skip = stream->framing == RFC4571 ? 2 : 0;
	if (stream->framing == UNKNOWN || len < 4)
		return 0;
	if (stream->framing == RFC4571)
		return 2 + pc_get16(p);
	told = pc_get16(p + 2);
	if (pc_demux(p[0]) == PC_DEMUX_TURN)
		return CHANNEL_HEADER + told + pc_pad4(told);
	return PC_STUN_HEADER + told;
}

static void report_message(const struct seen *s, const uint8_t *data,
			   size_t len)
{
	checks_datagram(watched, s->out, s->transport, &s->local, &s->remote,
			data, len);
	tap_trace_message(s, data, len);
}

static void report_stream(const struct seen *s, struct stream *stream)
{
	size_t size, skip;

	tap_trace_stream(s);
	pc_buf_add(&stream->bytes, s->data, s->len);
	while ((size = message_size(stream, &skip)) != 0 &&
	       size <= stream->bytes.len && stream->framing != FOREIGN) {
		report_message(s, (const uint8_t *)stream->bytes.data + skip,
			       size - skip);
		pc_buf_consume(&stream->bytes, size);
	}
	if (stream->framing == FOREIGN)
		pc_buf_clear(&stream->bytes);
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

/* A relay's packets are many, and nothing is told of them. */
static bool is_media(const struct iovec *v)
{
	return v->iov_len > 0 && pc_demux_is_media(*(uint8_t *)v->iov_base);
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

	if (udp && !tap_tracing() && is_media(v))
		return;
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
			report_message(&s, s.data, s.len);
		else
			report_stream(&s, stream_of(socket, out));
	}
	pc_buf_fini(&bytes);
}

/*
 * libnice asks a server that wants to be asked again, each Ta and without end,
 * where all it ever says is that a nonce is stale or another server knows.
 */
static bool is_vain(GSocket *socket, const GOutputVector *v)
{
	struct pc_addr local;

	return watched && v->size > 0 &&
	       pc_demux(*(const uint8_t *)v->buffer) == PC_DEMUX_STUN &&
	       pc_addr_local(&local, g_socket_get_fd(socket)) == 0 &&
	       checks_vain(watched, &local, v->buffer, v->size);
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
	if (is_vain(socket, vectors)) /* as a packet that is lost */
		return (gssize)vectors->size;
	n = real(socket, address, vectors, n_vectors, messages, n_messages,
		 flags, cancellable, error);
	if (watched && n > 0)
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
	for (gint i = 0; watched && i < n; i++)
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
	if (watched && n > 0)
		see(socket, address ? *address : from, false,
		    (const struct iovec *)vectors, n_vectors, (size_t)n);
	if (from)
		g_object_unref(from);
	return n;
}
