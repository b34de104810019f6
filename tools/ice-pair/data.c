#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "data_private.h"

#define FULL_MS     2    /* before a datagram is sent again that had no room */
#define REFUSING_MS 2500 /* the peer begins its stream once a second */

static void on_end(void *arg)
{
	struct data *d = arg;

	d->ended(d->arg, d->error);
}

void data_over(struct data *d, int error, unsigned after_ms)
{
	if (d->error == EPROTO)
		return; /* whatever comes of that */
	d->error = error;
	pc_timer_set(d->end, after_ms);
}

/* --- what comes ------------------------------------------------------- */

/* Room for PIPE_BUF bytes? They are shared, and must not become O_NONBLOCK. */
static bool has_room(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	return poll(&p, 1, 0) == 1;
}

static void close_out(struct data *d)
{
	pc_watch_free(d->out_watch);
	d->out_watch = NULL;
	if (d->out >= 0)
		close(d->out);
	d->out = -1;
}

static void reader_gone(struct data *d)
{
	close_out(d);
	data_over(d, EPIPE, 0);
}

void data_write_out(struct data *d)
{
	while (d->out >= 0 && d->to_out.len > 0 && has_room(d->out)) {
		size_t len =
			d->to_out.len < PIPE_BUF ? d->to_out.len : PIPE_BUF;
		ssize_t n = write(d->out, d->to_out.data, len);

		if (n < 0 && errno != EAGAIN && errno != EINTR) {
			reader_gone(d);
			return;
		}
		if (n > 0)
			pc_buf_consume(&d->to_out, (size_t)n);
	}
	if (d->out_watch)
		pc_watch_set(d->out_watch, d->to_out.len > 0 ? PC_WRITE : 0);
	if (d->remote_ended && d->to_out.len == 0)
		close_out(d);
}

static void on_out(int fd, unsigned what, void *arg)
{
	struct data *d = arg;

	(void)fd;
	(void)what;
	data_write_out(d);
	if (d->tcp && d->out >= 0)
		stream_pull(d);
}

/*
 * The peer has a stream, and would wait in vain for ours: what is no part of one
 * tells it. It asks again each second, and then knows.
 */
static void refuse_stream(struct data *d)
{
	static const char none[] = "no stream";

	ice_send(d->ice, none, strlen(none));
	data_over(d, EPROTO, REFUSING_MS);
}

/* What finds no room is lost, as it may be on its way. */
static void write_datagram(struct data *d, const void *bytes, size_t len)
{
	if (has_room(d->out) && write(d->out, bytes, len) < 0 &&
	    errno != EAGAIN)
		reader_gone(d);
}

void data_take(struct data *d, const void *bytes, size_t len)
{
	if (d->tcp) {
		stream_packet(d, bytes, len);
	} else if (stream_is_connect(bytes, len)) {
		refuse_stream(d);
	} else if (d->error == EPROTO || d->out < 0) {
		return;
	} else if (d->kind == DATA_DATAGRAMS) {
		write_datagram(d, bytes, len);
	} else if (d->to_out.len + len <= WAITING_MAX) {
		pc_buf_add(&d->to_out, bytes, len);
		data_write_out(d);
	}
}

/* --- what goes -------------------------------------------------------- */

static void end_input(struct data *d)
{
	pc_watch_free(d->in_watch);
	d->in_watch = NULL;
	if (d->in >= 0)
		close(d->in);
	d->in = -1;
	d->in_ended = true;
	if (d->tcp)
		stream_push(d);
	else if (d->lingering)
		data_over(d, 0, 0); /* that was all of it */
}

static void send_datagram(struct data *d)
{
	if (d->to_path.len == 0)
		return;
	if (ice_send(d->ice, d->to_path.data, d->to_path.len) == -EAGAIN) {
		pc_timer_set(d->again, FULL_MS);
		return;
	}
	pc_buf_clear(&d->to_path);
	if (d->in >= 0 && !d->in_watch)
		pc_timer_set(d->again, 0);
}

static void read_in(struct data *d)
{
	char bytes[16384];
	size_t max = d->tcp ? sizeof(bytes) : DATAGRAM_MAX;
	ssize_t n = read(d->in, bytes, max);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		end_input(d);
		return;
	}
	pc_buf_add(&d->to_path, bytes, (size_t)n);
	if (d->tcp)
		stream_push(d);
	else
		send_datagram(d);
}

static void on_in(int fd, unsigned what, void *arg)
{
	struct data *d = arg;

	(void)fd;
	(void)what;
	if (d->tcp || d->to_path.len == 0)
		read_in(d);
	if (!d->tcp && d->in_watch)
		pc_watch_set(d->in_watch, d->to_path.len == 0 ? PC_READ : 0);
}

static void on_again(void *arg)
{
	struct data *d = arg;

	if (!d->tcp && d->to_path.len > 0)
		send_datagram(d);
	else if (d->in >= 0)
		read_in(d);
	if (!d->tcp && d->in_watch && d->to_path.len == 0)
		pc_watch_set(d->in_watch, PC_READ);
}

void data_linger(struct data *d)
{
	d->lingering = true;
	data_over(d, 0, d->tcp || d->in >= 0 ? LINGER_MS : 0);
}

/* --- both ------------------------------------------------------------- */

int data_start(struct data **data, struct pc_tool *tool, struct ice *ice,
	       int in, int out, enum data_kind kind, data_ended_fn *ended,
	       void *arg)
{
	struct data *d = calloc(1, sizeof(*d));

	if (!d)
		return -ENOMEM;
	d->tool = tool;
	d->ice = ice;
	d->in = in;
	d->out = out;
	d->kind = kind;
	d->ended = ended;
	d->arg = arg;
	*data = d;
	d->again = pc_timer_new(tool->loop, on_again, d);
	d->end = pc_timer_new(tool->loop, on_end, d);
	if (!d->again || !d->end ||
	    (kind == DATA_RELIABLE && stream_start(d) != 0))
		return -ENOMEM;
	d->in_watch = pc_watch_new(tool->loop, in, PC_READ, on_in, d);
	d->out_watch = pc_watch_new(tool->loop, out, 0, on_out, d);
	if (!d->in_watch)
		pc_timer_set(d->again, 0);
	return 0;
}

void data_free(struct data *d)
{
	if (!d)
		return;
	stream_free(d);
	pc_watch_free(d->in_watch);
	close_out(d);
	if (d->in >= 0)
		close(d->in);
	pc_timer_free(d->again);
	pc_timer_free(d->end);
	pc_buf_fini(&d->to_path);
	pc_buf_fini(&d->to_out);
	free(d);
}
