/* The way to a WebRTC peer, handed over by ice-pair; see path.h. */
#include "path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/home.h"
#include "media/dtls.h"
#include "path_private.h"
#include "socket.h"

enum { READ_BATCH = 16, LAST_MAX = 128 };

bool path_is_ready(const struct path *p)
{
	return p->ready;
}

const struct pc_addr *path_local(const struct path *p)
{
	return &p->local;
}

const struct pc_addr *path_remote(const struct path *p)
{
	return &p->remote;
}

const struct pc_addr *path_from(const struct path *p)
{
	return &p->from;
}

void path_confirm(struct path *p)
{
	char text[PC_ADDR_TEXT];

	if (p->relayed || pc_addr_equal(&p->from, &p->remote))
		return;
	p->remote = p->from;
	pc_event(&p->leg->bridge->tool, "moved", "leg=%s remote=%s",
		 p->leg->name, pc_addr_text(&p->remote, text));
	pc_verbose("%s: the peer's media now comes from %s", p->leg->name,
		   text);
}

uint64_t path_rejected(struct path *p)
{
	uint64_t n = p->rejected;

	p->rejected = 0;
	return n;
}

static void sent(const struct path *p, ssize_t n)
{
	if (n < 0 && errno != EAGAIN && errno != ECONNREFUSED)
		pc_debug("%s: send: %s", p->leg->name, strerror(errno));
}

void path_send_to(struct path *p, const struct pc_addr *to, const uint8_t *buf,
		  size_t len)
{
	sent(p, sendto(p->udp, buf, len, MSG_DONTWAIT, &to->sa, to->len));
}

void path_send(struct path *p, const uint8_t *buf, size_t len)
{
	if (!p->ready)
		return;
	if (p->relayed)
		sent(p, send(p->conn, buf, len, MSG_DONTWAIT | MSG_NOSIGNAL));
	else
		path_send_to(p, &p->remote, buf, len);
}

static void drop_udp(struct path *p)
{
	pc_watch_free(p->udp_watch);
	p->udp_watch = NULL;
	if (p->udp >= 0)
		close(p->udp);
	p->udp = -1;
}

static void lose(struct path *p, const char *why)
{
	bool was = p->ready;

	p->ready = false;
	drop_udp(p);
	pc_event(&p->leg->bridge->tool, "lost", "leg=%s why=%s", p->leg->name,
		 why);
	pc_verbose("%s: path lost: %s", p->leg->name, why);
	if (was)
		p->events.lost(p->events.arg, why);
}

static bool is_peer(const struct path *p, const struct pc_addr *from)
{
	if (pc_addr_equal(from, &p->remote))
		return true;
	for (size_t i = 0; i < p->n_remotes; i++)
		if (pc_addr_equal(from, &p->remotes[i]))
			return true;
	return false;
}

bool path_from_peer(const struct path *p)
{
	return is_peer(p, &p->from);
}

static void on_datagram(void *arg, uint8_t *buf, size_t len,
			const struct pc_addr *from)
{
	struct path *p = arg;

	bool taken = p->plain ? p->ready || pc_dtls_is_hello(buf, len)
			      : p->ready && is_peer(p, from);

	if (!taken) {
		p->rejected++;
		return;
	}
	p->from = *from;
	p->events.datagram(p->events.arg, buf, len);
}

static void on_udp(int fd, unsigned what, void *arg)
{
	struct path *p = arg;

	(void)what;
	datagrams_read(&p->leg->bridge->tool, fd, on_datagram, p);
}

static void say_handover(struct path *p)
{
	char local[PC_ADDR_TEXT], remote[PC_ADDR_TEXT];

	pc_event(&p->leg->bridge->tool, "handover",
		 "leg=%s local=%s remote=%s relayed=%c", p->leg->name,
		 pc_addr_text(&p->local, local),
		 pc_addr_text(&p->remote, remote), p->relayed);
	pc_verbose("%s: path to %s%s", p->leg->name, remote,
		   p->relayed ? " (relayed)" : "");
}

static void take_remotes(struct path *p, const json_t *msg)
{
	const json_t *list = json_object_get(msg, "remotes"), *text;
	size_t i;

	p->n_remotes = 0;
	json_array_foreach(list, i, text)
	{
		const char *s = json_string_value(text);

		if (p->n_remotes < REMOTES_MAX && s &&
		    pc_addr_parse(&p->remotes[p->n_remotes], s, 0) == 0)
			p->n_remotes++;
	}
}

/* Takes udp, which is -1 when the path is relayed. */
static int take_handover(struct path *p, json_t *msg, int udp)
{
	const char *local = pc_json_str(msg, "local");
	const char *remote = pc_json_str(msg, "remote");
	bool relayed = json_is_true(json_object_get(msg, "relayed"));
	struct pc_addr to;
	struct pc_watch *watch = NULL;

	if (!remote || pc_addr_parse(&to, remote, 0) < 0 ||
	    relayed != (udp < 0))
		return -EBADMSG;
	if (udp >= 0) {
		watch = pc_watch_new(p->leg->bridge->tool.loop, udp, PC_READ,
				     on_udp, p);
		if (!watch)
			return -ENOMEM;
	}
	/* what has come by the last one still counts */
	for (int i = 0; p->udp >= 0 && i < LAST_MAX; i++)
		if (datagrams_read(&p->leg->bridge->tool, p->udp, on_datagram,
				   p) == 0)
			break;
	drop_udp(p);
	p->udp = udp;
	p->udp_watch = watch;
	p->remote = p->from = to;
	take_remotes(p, msg);
	p->relayed = relayed;
	if (!local || pc_addr_parse(&p->local, local, 0) < 0)
		memset(&p->local, 0, sizeof(p->local));
	p->ready = true;
	say_handover(p);
	p->events.ready(p->events.arg);
	return 0;
}

static void take_json(struct path *p, size_t len, int udp)
{
	json_t *msg = json_loadb((char *)p->packet, len, 0, NULL);
	const char *type = msg ? pc_json_str(msg, "type") : NULL;
	int rc = -EBADMSG;

	if (type && strcmp(type, "handover") == 0) {
		rc = take_handover(p, msg, udp);
		if (rc == 0)
			udp = -1;
	} else if (type && strcmp(type, "remotes") == 0) {
		take_remotes(p, msg);
		rc = 0;
	} else if (type && strcmp(type, "lost") == 0) {
		const char *why = pc_json_str(msg, "why");

		lose(p, why ? why : "not said");
		rc = 0;
	}
	if (rc < 0)
		pc_tool_malformed(&p->leg->bridge->tool, "handover", NULL,
				  "not a handover message");
	if (udp >= 0)
		close(udp);
	json_decref(msg);
}

/* Take one packet, and the descriptor that may come with it. */
static ssize_t receive(struct path *p, int *fd)
{
	struct iovec iov = { p->packet, PACKET_MAX + 1 };
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control.space,
			      .msg_controllen = sizeof(control.space) };
	ssize_t n = recvmsg(p->conn, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	struct cmsghdr *c;

	*fd = -1;
	if (n < 0)
		return -errno;
	c = CMSG_FIRSTHDR(&msg);
	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
	    c->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(fd, CMSG_DATA(c), sizeof(int));
	return n;
}

static void drop_conn(struct path *p)
{
	pc_watch_free(p->conn_watch);
	p->conn_watch = NULL;
	if (p->conn >= 0)
		close(p->conn);
	p->conn = -1;
}

static void on_conn(int fd, unsigned what, void *arg)
{
	struct path *p = arg;

	(void)what;
	(void)fd;
	for (int i = 0; i < READ_BATCH && p->conn >= 0; i++) {
		int udp;
		ssize_t n = receive(p, &udp);

		if (n == -EAGAIN || n == -EINTR)
			return;
		if (n <= 0) { /* ice-pair has ended: consent with it */
			drop_conn(p);
			lose(p, "the ICE process ended");
			return;
		}
		if (p->packet[0] == '{')
			take_json(p, (size_t)n, udp);
		else if (udp >= 0)
			close(udp);
		else if (n > PACKET_MAX)
			pc_tool_malformed(&p->leg->bridge->tool, "UDP", NULL,
					  "too long for a media packet");
		else if (p->ready) {
			p->from = p->remote; /* or so ice-pair says */
			p->events.datagram(p->events.arg, p->packet, (size_t)n);
		}
	}
}

/* One ICE process at a time; another may follow when it has ended. */
static void on_listener(int fd, unsigned what, void *arg)
{
	struct path *p = arg;
	int conn = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)what;
	if (conn < 0)
		return;
	if (p->conn >= 0) {
		pc_warnx("%s: a second connection is refused: one ICE process "
			 "at a time",
			 p->where.sun_path);
		close(conn);
		return;
	}
	p->conn = conn;
	p->conn_watch = pc_watch_new(p->leg->bridge->tool.loop, conn, PC_READ,
				     on_conn, p);
	if (!p->conn_watch)
		drop_conn(p);
}

static bool is_socket(const char *where)
{
	struct stat st;

	return lstat(where, &st) == 0 && S_ISSOCK(st.st_mode);
}

/* A socket file whose listener is gone is in the way: remove it. */
static void remove_stale(const struct sockaddr_un *where)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	if (is_socket(where->sun_path) &&
	    connect(fd, (const struct sockaddr *)where, sizeof(*where)) < 0 &&
	    errno == ECONNREFUSED)
		unlink(where->sun_path);
	close(fd);
}

static int listen_on(struct path *p, const char *where)
{
	char room[PC_HERE];
	mode_t mask;
	int rc = 0;

	where = pc_here(where, room);
	if (strlen(where) >= sizeof(p->where.sun_path))
		return -ENAMETOOLONG;
	p->where.sun_family = AF_UNIX;
	strcpy(p->where.sun_path, where);
	remove_stale(&p->where);
	p->listener = socket(AF_UNIX,
			     SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (p->listener < 0)
		return -errno;
	mask = umask(0177); /* mode 0600: media keys go through here */
	if (bind(p->listener, (void *)&p->where, sizeof(p->where)) < 0)
		rc = -errno;
	umask(mask);
	if (rc == -EADDRINUSE && !is_socket(where))
		rc = -EEXIST;
	if (rc < 0) {
		close(p->listener);
		p->listener = -1;
		return rc;
	}
	if (listen(p->listener, 4) < 0)
		return -errno;
	p->listener_watch = pc_watch_new(p->leg->bridge->tool.loop, p->listener,
					 PC_READ, on_listener, p);
	return p->listener_watch ? 0 : -ENOMEM;
}

int path_open(struct path **path, struct leg *leg,
	      const struct path_events *events)
{
	struct path *p = calloc(1, sizeof(*p));
	int rc = -EINVAL;

	if (!p)
		return -ENOMEM;
	p->leg = leg;
	p->events = *events;
	p->listener = p->conn = p->udp = -1;
	if (leg_at_address(leg))
		rc = path_bind(p, leg->where, on_udp);
	else if (leg->where[0])
		rc = listen_on(p, leg->where);
	if (rc < 0) {
		pc_tool_error(&leg->bridge->tool, "dtls:%s: %s", leg->where,
			      rc == -EINVAL
				      ? "name the socket to listen on, or "
					"HOST:PORT"
			      : rc == -EHOSTUNREACH ? "no such host"
						    : strerror(-rc));
		path_close(p);
		return rc == -EINVAL ? rc : -EIO;
	}
	*path = p;
	if (p->plain)
		return 0;
	pc_info("listening unix %s", leg->where);
	pc_event(&leg->bridge->tool, "listening", "transport=%s address=%s",
		 "unix", leg->where);
	return 0;
}

void path_close(struct path *p)
{
	char room[PC_HERE];

	if (!p)
		return;
	drop_udp(p);
	drop_conn(p);
	pc_watch_free(p->listener_watch);
	if (p->listener >= 0) {
		unlink(pc_here(p->where.sun_path, room));
		close(p->listener);
	}
	free(p);
}
