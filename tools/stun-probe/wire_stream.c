/* TCP, and TLS in it: messages are told apart by their length (RFC 8489
 * section 6.2.2; RFC 8656 section 12.5 for ChannelData). */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "loop/tool.h"
#include "sip/tls.h"
#include "wire_private.h"

#define MESSAGE_MAX 65560

static void end(struct wire *w, int error, const char *why)
{
	pc_watch_set(w->watch, 0);
	w->ready = false;
	w->cfg.end(w->cfg.arg, &w->cfg.remote, error, why);
}

/* --- out -------------------------------------------------------------- */

static int flush(struct wire *w)
{
	ssize_t n;

	if (w->tls)
		pc_sip_tls_take(w->tls, &w->out);
	while (w->out.len) {
		n = send(w->fd, w->out.data, w->out.len,
			 MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && wire_is_final(errno))
			return -errno;
		if (n < 0)
			break;
		pc_buf_consume(&w->out, (size_t)n);
	}
	pc_watch_set(w->watch, PC_READ | (w->out.len ? PC_WRITE : 0));
	return w->out.oom ? -ENOMEM : 0;
}

int wire_stream_send(struct wire *w, const void *data, size_t len)
{
	int rc = 0;

	if (w->tls)
		rc = pc_sip_tls_write(w->tls, data, len);
	else
		pc_buf_add(&w->out, data, len);
	return rc ? rc : flush(w);
}

/* --- in --------------------------------------------------------------- */

/*
 * The length of the message that the buffer begins with; 0: not known yet;
 * -EPROTO: it begins with none. Channels are 0x4000 to 0x4fff, and only those
 * who bind some get any.
 */
static ssize_t message_length(const struct wire *w)
{
	static const uint8_t cookie[4] = { 0x21, 0x12, 0xa4, 0x42 };
	const uint8_t *p = (const uint8_t *)w->in.data;
	size_t have = w->in.len, len;

	if (have < 4)
		return 0;
	len = pc_get16(p + 2);
	if ((p[0] & 0xf0) == 0x40 && w->cfg.channels)
		return (ssize_t)(4 + len + pc_pad4(len));
	if ((p[0] & 0xc0) != 0 ||
	    (have >= 8 && memcmp(p + 4, cookie, sizeof(cookie)) != 0))
		return -EPROTO;
	return (ssize_t)(20 + len);
}

/*
 * Give out one message. The callback may free the wire, so the next one, if
 * it has come too, is a timer's.
 */
static void give_message(void *arg)
{
	static uint8_t copy[MESSAGE_MAX];
	struct wire *w = arg;
	ssize_t len = message_length(w);
	struct pc_addr from = w->cfg.remote;

	if (len < 0) {
		w->in.len = 0;
		end(w, EPROTO, "what comes back is not STUN");
		return;
	}
	if (len == 0 || (size_t)len > w->in.len)
		return;
	memcpy(copy, w->in.data, (size_t)len);
	pc_buf_consume(&w->in, (size_t)len);
	if (w->in.len)
		pc_timer_set(w->again, 0);
	w->cfg.message(w->cfg.arg, &from, copy, (size_t)len);
}

static void become_ready(struct wire *w)
{
	w->ready = true;
	if (w->tls)
		pc_sip_tls_describe(w->tls, w->cipher, sizeof(w->cipher));
	w->cfg.ready(w->cfg.arg);
}

/* What TLS had to say is sent, also when it is an alert. Returns 0 or -1. */
static int take_tls(struct wire *w, const char *data, size_t len)
{
	int rc = data ? pc_sip_tls_feed(w->tls, data, len, &w->in)
		      : pc_sip_tls_start(w->tls);
	char why[WIRE_WHY];

	(void)flush(w);
	if (rc == -ECONNRESET) {
		end(w, ECONNRESET, "the server closed the connection");
		return -1;
	}
	if (rc < 0) {
		snprintf(why, sizeof(why), "%s", pc_sip_tls_why(w->tls));
		end(w, -rc, why);
		return -1;
	}
	if (!w->ready && pc_sip_tls_ready(w->tls)) {
		become_ready(w);
		(void)flush(w);
	}
	return 0;
}

static void on_bytes(struct wire *w)
{
	char buf[16384];
	ssize_t n = recv(w->fd, buf, sizeof(buf), MSG_DONTWAIT);

	if (n < 0 && !wire_is_final(errno))
		return;
	if (n < 0) {
		end(w, errno, strerror(errno));
		return;
	}
	if (n == 0) {
		end(w, ECONNRESET, "the server closed the connection");
		return;
	}
	if (w->tls && take_tls(w, buf, (size_t)n) != 0)
		return;
	if (!w->tls)
		pc_buf_add(&w->in, buf, (size_t)n);
	give_message(w);
}

/* --- connecting ------------------------------------------------------- */

/* connect failed at once; what end calls may free us, so it is a timer's. */
static void on_failed(void *arg)
{
	struct wire *w = arg;

	end(w, w->failed, strerror(w->failed));
}

static void on_connected(struct wire *w)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (getsockopt(w->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		error = errno;
	if (error) {
		end(w, error, strerror(error));
		return;
	}
	w->connected = true;
	(void)pc_addr_local(&w->cfg.local, w->fd);
	pc_watch_set(w->watch, PC_READ);
	if (w->tls)
		(void)take_tls(w, NULL, 0);
	else
		become_ready(w);
}

static void on_socket(int fd, unsigned what, void *arg)
{
	struct wire *w = arg;

	(void)fd;
	if (!w->connected)
		on_connected(w);
	else if (what & PC_READ)
		on_bytes(w);
	else if (what & PC_WRITE)
		(void)flush(w);
}

static int open_tls(struct wire *w)
{
	const struct wire_tls *t = &w->cfg.tls;
	char why[WIRE_WHY];
	int rc = pc_sip_tls_context_new(
		&w->ctx,
		&(struct pc_sip_tls_config){ .ca = t->ca,
					     .no_verify = t->no_verify },
		why, sizeof(why));

	if (rc != 0) {
		pc_warnx("%s", why);
		return rc;
	}
	return pc_sip_tls_new(&w->tls, w->ctx, t->name, PC_SIP_TLS_HTTPS);
}

int wire_stream_open(struct wire *w)
{
	const struct pc_addr *remote = &w->cfg.remote;
	struct pc_addr *local = &w->cfg.local;
	char text[PC_ADDR_TEXT];
	int rc = 0;

	w->fd = socket(remote->sa.sa_family,
		       SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (w->fd < 0)
		return -errno;
	if (bind(w->fd, &local->sa, local->len) < 0) {
		rc = -errno;
		pc_warnx("%s: %s", pc_addr_text(local, text), strerror(-rc));
		return rc;
	}
	if (w->cfg.kind == WIRE_TLS)
		rc = open_tls(w);
	if (rc != 0)
		return rc;
	if (connect(w->fd, &remote->sa, remote->len) < 0 &&
	    errno != EINPROGRESS)
		w->failed = errno;
	(void)pc_addr_local(local, w->fd);
	w->watch = pc_watch_new(w->cfg.tool->loop, w->fd,
				w->failed ? 0 : PC_WRITE, on_socket, w);
	w->again = pc_timer_new(w->cfg.tool->loop,
				w->failed ? on_failed : give_message, w);
	if (!w->watch || !w->again)
		return -ENOMEM;
	if (w->failed)
		pc_timer_set(w->again, 0);
	return 0;
}

void wire_stream_free(struct wire *w)
{
	if (w->tls && w->ready) {
		pc_sip_tls_goodbye(w->tls);
		(void)flush(w);
	}
	pc_timer_free(w->again);
	pc_sip_tls_free(w->tls);
	pc_sip_tls_context_free(w->ctx);
	pc_buf_fini(&w->in);
	pc_buf_fini(&w->out);
}
