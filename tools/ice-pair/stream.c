/*
 * A reliable stream over the path: libnice's pseudo-TCP.
 *
 * It cannot half-close: after its shutdown it throws away what still comes. So
 * the end of our data is told beside it, in a datagram of another conversation,
 * which a libnice agent that does not know it ignores:
 *
 *	 0                   1                   2                   3
 *	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *	|   conversation "pced" (end), "pcea" (the end is acknowledged) |
 *	|   bytes in all that way, 64 bits                              |
 *
 * It is sent again until the peer has all of them, and says so.
 */
#include <errno.h>
#include <string.h>

#include "data_private.h"

/*
 * Room for what TURN, IPv6 and UDP put around a segment; libnice's own
 * reliable agents take 1400, and both ends may differ.
 */
#define MTU      1300
#define AGAIN_MS 200 /* until the end is acknowledged */

enum { END_LEN = 12 };
static const char END[4] = "pced", ACK[4] = "pcea";

enum { FLAG_CTL = 2, PACKET_MAX = 1500 };

/* --- pseudo-TCP, by its own clock ------------------------------------- */

/*
 * While it connects it is slow, because it tries only 30 times, each time after
 * a second of its own; and while the peer's window is closed, because it gives
 * up after 15.
 */
enum { FAST = 10 };

static void set_rate(struct data *d)
{
	stream_clock_rate(&d->time, d->open && !d->window_closed ? FAST : 1);
}

static gint64 enter(struct data *d)
{
	return stream_clock_show(stream_clock_now(&d->time));
}

static void leave(gint64 before)
{
	stream_clock_show(before);
}

static gint send_some(struct data *d)
{
	gint64 before = enter(d);
	gint n = pseudo_tcp_socket_send(d->tcp, d->to_path.data,
					(guint32)d->to_path.len);

	leave(before);
	return n;
}

static gint receive_some(struct data *d, char *bytes, size_t size)
{
	gint64 before = enter(d);
	gint n = pseudo_tcp_socket_recv(d->tcp, bytes, size);

	leave(before);
	return n;
}

static void take_packet(struct data *d, const void *bytes, size_t len)
{
	uint8_t copy[PACKET_MAX];
	gint64 before = enter(d);

	memcpy(copy, bytes, len);
	if (d->open)
		stream_echo_mend(&d->echo,
				 (uint32_t)(stream_clock_now(&d->time) / 1000),
				 copy, len);
	pseudo_tcp_socket_notify_packet(d->tcp, (gchar *)copy, (guint32)len);
	leave(before);
}

static void close_tcp(struct data *d, bool reset)
{
	gint64 before = enter(d);

	pseudo_tcp_socket_close(d->tcp, reset);
	leave(before);
}

static void set_clock(struct data *d)
{
	guint64 due = 0, now = (guint64)(stream_clock_now(&d->time) / 1000);
	gint64 before = enter(d);
	bool open = pseudo_tcp_socket_get_next_clock(d->tcp, &due);

	leave(before);
	if (!open && d->error == 0) /* else it is known already why */
		data_over(d, d->remote_ended && d->acked ? 0 : ECONNRESET, 0);
	else if (open)
		pc_timer_set_us(d->clock,
				due > now ? (due - now) * 1000 / d->time.rate
					  : 0);
}

static void on_clock(void *arg)
{
	struct data *d = arg;
	gint64 before = enter(d);

	pseudo_tcp_socket_notify_clock(d->tcp);
	leave(before);
	set_clock(d);
}

/* --- both ends of the data -------------------------------------------- */

static void send_end(struct data *d, const char what[static 4], uint64_t n)
{
	uint8_t bytes[END_LEN];

	memcpy(bytes, what, 4);
	for (int i = 0; i < 8; i++)
		bytes[4 + i] = (uint8_t)(n >> (56 - 8 * i));
	ice_send(d->ice, bytes, sizeof(bytes));
}

static void on_resend(void *arg)
{
	struct data *d = arg;

	if (d->acked)
		return;
	send_end(d, END, d->sent);
	pc_timer_set(d->resend, AGAIN_MS);
}

/* Both ways are done: FIN, and the time to answer what may come again. */
static void check_over(struct data *d)
{
	if (!d->remote_ended || !d->acked || d->closing)
		return;
	d->closing = true;
	close_tcp(d, false);
	data_over(d, 0, LINGER_MS);
}

static void check_remote(struct data *d)
{
	if (d->remote_total_known && d->received == d->remote_total &&
	    !d->remote_ended)
		d->remote_ended = true;
	if (d->remote_total_known && d->remote_ended)
		send_end(d, ACK, d->remote_total);
}

/* True if it was of the end, and not pseudo-TCP's. */
static bool take_end(struct data *d, const uint8_t *bytes, size_t len)
{
	uint64_t n = 0;

	if (len != END_LEN ||
	    (memcmp(bytes, END, 4) != 0 && memcmp(bytes, ACK, 4) != 0))
		return false;
	for (int i = 0; i < 8; i++)
		n = n << 8 | bytes[4 + i];
	if (memcmp(bytes, ACK, 4) == 0) {
		d->acked |= d->shut && n == d->sent;
	} else {
		d->remote_total = n;
		d->remote_total_known = true;
		check_remote(d);
		data_write_out(d);
	}
	check_over(d);
	return true;
}

void stream_push(struct data *d)
{
	while (d->to_path.len > 0) {
		gint n = send_some(d);

		if (n <= 0)
			break; /* it will call when it is writable */
		pc_buf_consume(&d->to_path, (size_t)n);
		d->sent += (uint64_t)n;
	}
	if (d->in_ended && d->to_path.len == 0 && !d->shut && d->open) {
		d->shut = true;
		on_resend(d);
	}
	if (d->in_watch)
		pc_watch_set(d->in_watch,
			     d->to_path.len < WAITING_MAX ? PC_READ : 0);
	else if (!d->in_ended && d->to_path.len < WAITING_MAX)
		pc_timer_set(d->again, 0);
	set_clock(d);
}

/* False when there is no more for now. */
static bool pull_some(struct data *d)
{
	char bytes[16384];
	gint n = receive_some(d, bytes, sizeof(bytes));

	/* 0 is also what a stream gives that was reset */
	if (n < 0 || (n == 0 && pseudo_tcp_socket_is_closed(d->tcp)))
		return false;
	if (n == 0)
		d->remote_ended = true;
	else
		pc_buf_add(&d->to_out, bytes, (size_t)n);
	d->received += (uint64_t)n;
	return n > 0;
}

void stream_pull(struct data *d)
{
	bool more = !d->remote_ended;

	/* It calls again only when it has been read to the end. */
	while (more && d->to_out.len < WAITING_MAX) {
		more = pull_some(d);
		data_write_out(d);
	}
	if (!d->closing)
		check_remote(d);
	data_write_out(d);
	check_over(d);
}

/*
 * libnice counts the bytes that connect as data where they come late, and puts
 * what overtook them in the wrong place. The peer sends that again.
 */
static bool is_too_early(const struct data *d, const uint8_t *bytes, size_t len)
{
	return !d->open && len > SEGMENT_FLAGS &&
	       !(bytes[SEGMENT_FLAGS] & FLAG_CTL);
}

bool stream_is_connect(const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	static const uint8_t begin[SEGMENT_FLAGS + 1] = { [SEGMENT_FLAGS] =
								  FLAG_CTL };

	return len > SEGMENT_HEADER && memcmp(p, begin, sizeof(begin)) == 0 &&
	       p[SEGMENT_HEADER] == 0;
}

/*
 * Before the peer's stream is open, it sends what connects it; whoever has no
 * stream sends something else.
 */
static bool is_foreign(const struct data *d, const uint8_t *bytes, size_t len)
{
	static const uint8_t conversation[4] = { 0 };

	return !d->open &&
	       (len < SEGMENT_HEADER || memcmp(bytes, conversation, 4) != 0);
}

void stream_packet(struct data *d, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;

	if (take_end(d, bytes, len) || len > PACKET_MAX)
		return;
	if (is_foreign(d, bytes, len)) {
		data_over(d, EPROTO, 0);
		return;
	}
	if (is_too_early(d, bytes, len))
		return;
	if (len >= SEGMENT_HEADER)
		d->window_closed = !p[SEGMENT_WINDOW] && !p[SEGMENT_WINDOW + 1];
	set_rate(d);
	take_packet(d, bytes, len);
	if (d->open)
		stream_push(d);
	stream_pull(d);
	set_clock(d);
	if (d->lingering && !d->error)
		data_over(d, 0, LINGER_MS);
}

static void on_opened(PseudoTcpSocket *tcp, gpointer arg)
{
	struct data *d = arg;
	gint64 before = stream_clock_show(0);

	(void)tcp;
	d->open = true;
	set_rate(d);
	stream_push(d);
	leave(before);
}

static void on_readable(PseudoTcpSocket *tcp, gpointer arg)
{
	gint64 before = stream_clock_show(0);

	(void)tcp;
	stream_pull(arg);
	leave(before);
}

static void on_writable(PseudoTcpSocket *tcp, gpointer arg)
{
	gint64 before = stream_clock_show(0);

	(void)tcp;
	stream_push(arg);
	leave(before);
}

static void on_closed(PseudoTcpSocket *tcp, guint32 error, gpointer arg)
{
	struct data *d = arg;
	gint64 before = stream_clock_show(0);

	(void)tcp;
	/* its FIN may come before its acknowledgement, but no reset does */
	if (d->remote_ended && (d->acked || (d->shut && error == 0)))
		data_over(d, 0, 0);
	else
		data_over(d, error ? (int)error : ECONNRESET, 0);
	leave(before);
}

static PseudoTcpWriteResult write_packet(PseudoTcpSocket *tcp,
					 const gchar *bytes, guint32 len,
					 gpointer arg)
{
	struct data *d = arg;
	gint64 before = stream_clock_show(0);

	(void)tcp;
	stream_echo_sent(&d->echo, (const uint8_t *)bytes, len);
	ice_send(d->ice, bytes, len); /* what is lost is sent again */
	leave(before);
	return WR_SUCCESS;
}

int stream_start(struct data *d)
{
	PseudoTcpCallbacks callbacks = {
		.user_data = d,
		.PseudoTcpOpened = on_opened,
		.PseudoTcpReadable = on_readable,
		.PseudoTcpWritable = on_writable,
		.PseudoTcpClosed = on_closed,
		.WritePacket = write_packet,
	};
	gint64 before;

	d->clock = pc_timer_new(d->tool->loop, on_clock, d);
	d->resend = pc_timer_new(d->tool->loop, on_resend, d);
	d->tcp = pseudo_tcp_socket_new(0, &callbacks);
	if (!d->clock || !d->resend || !d->tcp)
		return -ENOMEM;
	/* Both connect, as libnice's reliable agents do. */
	stream_clock_start(&d->time);
	pseudo_tcp_socket_notify_mtu(d->tcp, MTU);
	before = enter(d);
	pseudo_tcp_socket_connect(d->tcp);
	leave(before);
	set_clock(d);
	return 0;
}

void stream_free(struct data *d)
{
	pc_timer_free(d->clock);
	pc_timer_free(d->resend);
	if (!d->tcp)
		return;
	if (!d->closing) /* RST, or the peer would wait for consent's end */
		close_tcp(d, true);
	g_object_unref(d->tcp);
}
