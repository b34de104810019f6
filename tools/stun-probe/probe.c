#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/buf.h"
#include "loop/tool.h"
#include "probe.h"
#include "stun/build.h"
#include "stun/explain.h"
#include "stun/integrity.h"
#include "stun/retry.h"

struct probe {
	struct pc_tool *tool;
	int fd;
	struct pc_watch *watch;
	struct pc_timer *retry, *deadline;
	uint8_t request[64];
	size_t request_len;
	uint8_t id[PC_STUN_ID];
	uint64_t first_us;
	struct probe_result result;
	bool over;
	probe_done_fn *done;
	void *arg;
};

static void finish(struct probe *p, enum probe_verdict verdict)
{
	if (p->over)
		return;
	p->over = true;
	p->result.verdict = verdict;
	p->result.elapsed_us = pc_now_us() - p->first_us;
	pc_watch_set(p->watch, 0);
	pc_timer_cancel(p->retry);
	pc_timer_cancel(p->deadline);
	p->done(p->arg, &p->result);
}

/* --- what is shown ---------------------------------------------------- */

static void show(struct probe *p, bool out, const struct pc_addr *remote,
		 const uint8_t *data, size_t len)
{
	struct pc_buf text = { 0 }, line = { 0 };
	char from[PC_ADDR_TEXT];

	pc_stun_summary(&line, data, len);
	pc_trace_message(p->tool,
			 &(struct pc_trace_msg){ .protocol = "STUN",
						 .out = out,
						 .local = &p->result.local,
						 .remote = remote,
						 .transport = "udp",
						 .summary = line.data,
						 .data = data,
						 .len = len });
	if (pc_log_enabled(PC_LOG_VERBOSE)) {
		char *at, *save = NULL;

		pc_verbose("%s %s, %zu bytes: %s", out ? "to" : "from",
			   pc_addr_text(remote, from), len, line.data);
		pc_stun_explain(&text, data, len);
		for (at = strtok_r(text.data, "\n", &save); at;
		     at = strtok_r(NULL, "\n", &save))
			pc_verbose("%s", at);
	}
	pc_buf_fini(&text);
	pc_buf_fini(&line);
}

/* --- sending ---------------------------------------------------------- */

static bool is_final(int error)
{
	return error != EAGAIN && error != EINTR && error != ENOBUFS;
}

static void send_request(void *arg)
{
	struct probe *p = arg;
	struct probe_result *r = &p->result;

	if (r->requests == PC_STUN_RC) {
		finish(p, PROBE_SILENT);
		return;
	}
	r->requests++;
	pc_event(p->tool, "request", "n=%u", r->requests);
	show(p, true, &r->server, p->request, p->request_len);
	if (sendto(p->fd, p->request, p->request_len, 0, &r->server.sa,
		   r->server.len) < 0 &&
	    is_final(errno)) {
		r->error = errno;
		finish(p, PROBE_UNREACHABLE);
		return;
	}
	pc_timer_set(p->retry, pc_stun_retry_ms(r->requests));
}

static void on_deadline(void *arg)
{
	finish(arg, PROBE_SILENT);
}

/* --- receiving -------------------------------------------------------- */

static void copy_text(char *out, size_t size, const void *text, size_t len)
{
	struct pc_buf b = { 0 };

	pc_buf_add_printable(&b, text, len);
	snprintf(out, size, "%s", b.data ? b.data : "");
	pc_buf_fini(&b);
}

static void read_address(const struct pc_stun_msg *msg, uint16_t type,
			 struct pc_addr *addr)
{
	const struct pc_stun_attr *a = pc_stun_find(msg, type);

	if (!a || pc_stun_address(msg, a, addr) != 0)
		addr->len = 0;
}

/* Section 6.3: what must be so before an answer is believed. */
static const char *objection(const struct pc_stun_msg *msg)
{
	struct pc_addr mapped;

	if (pc_stun_check_fingerprint(msg) == -EBADMSG)
		return "its FINGERPRINT is wrong";
	if (pc_stun_unknown_required(msg))
		return "it has an attribute that must be understood and is "
		       "not known";
	if (msg->class == PC_STUN_ERROR)
		return pc_stun_error(msg, NULL, NULL)
			       ? NULL
			       : "an error response without ERROR-CODE";
	switch (pc_stun_mapped(msg, &mapped)) {
	case 0:
		return NULL;
	case -ENOENT:
		return "it has no mapped address";
	default:
		return "its mapped address is broken";
	}
}

static void take_answer(struct probe *p, const struct pc_stun_msg *msg)
{
	const struct pc_stun_attr *software =
		pc_stun_find(msg, PC_STUN_SOFTWARE);
	struct probe_result *r = &p->result;
	const char *reason;
	size_t len;

	if (software)
		copy_text(r->software, sizeof(r->software), software->value,
			  software->len);
	r->fingerprint = pc_stun_check_fingerprint(msg) == 0;
	r->why = objection(msg);
	if (r->why) {
		finish(p, PROBE_BROKEN);
		return;
	}
	if (msg->class == PC_STUN_ERROR) {
		r->code = pc_stun_error(msg, &reason, &len);
		copy_text(r->reason, sizeof(r->reason), reason, len);
		finish(p, PROBE_ERROR);
		return;
	}
	pc_stun_mapped(msg, &r->mapped);
	read_address(msg, PC_STUN_MAPPED_ADDRESS, &r->plain);
	read_address(msg, PC_STUN_RESPONSE_ORIGIN, &r->origin);
	read_address(msg, PC_STUN_OTHER_ADDRESS, &r->other);
	finish(p, PROBE_MAPPED);
}

static bool is_answer(const struct probe *p, const struct pc_stun_msg *msg)
{
	return (msg->class == PC_STUN_SUCCESS || msg->class == PC_STUN_ERROR) &&
	       msg->method == PC_STUN_BINDING &&
	       memcmp(msg->id, p->id, PC_STUN_ID) == 0;
}

static void take_datagram(struct probe *p, const struct pc_addr *from,
			  const uint8_t *data, size_t len)
{
	bool expected = pc_addr_equal(from, &p->result.server);
	struct pc_stun_msg msg;
	int rc = pc_stun_decode(&msg, data, len);
	char text[PC_ADDR_TEXT];

	show(p, false, from, data, len);
	if (!expected || rc == -EINVAL || (rc == 0 && !is_answer(p, &msg))) {
		pc_tool_malformed(p->tool, "STUN", from,
				  !expected ? "not from the server asked"
				  : rc      ? "not STUN"
					    : "not the answer to our request");
		if (!expected && rc == 0 && is_answer(p, &msg)) {
			p->result.stray = *from;
			pc_verbose("the answer came from %s",
				   pc_addr_text(from, text));
		}
	} else if (rc != 0) {
		p->result.why = "it is STUN, but its lengths are wrong";
		finish(p, PROBE_BROKEN);
	} else {
		take_answer(p, &msg);
	}
}

/* ICMP errors are read where the kernel keeps them (ip(7), IP_RECVERR). */
static void on_socket_error(struct probe *p, int error)
{
	char control[512];
	struct msghdr msg = { .msg_control = control,
			      .msg_controllen = sizeof(control) };

	while (recvmsg(p->fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0)
		msg.msg_controllen = sizeof(control);
	p->result.error = error;
	finish(p, PROBE_UNREACHABLE);
}

static void on_readable(int fd, unsigned what, void *arg)
{
	struct probe *p = arg;
	uint8_t buf[65536];
	struct pc_addr from;
	ssize_t n;

	(void)what;
	from.len = sizeof(from.ss);
	n = recvfrom(fd, buf, sizeof(buf), MSG_DONTWAIT, &from.sa, &from.len);
	if (n >= 0)
		take_datagram(p, &from, buf, (size_t)n);
	else if (is_final(errno))
		on_socket_error(p, errno);
}

/* --- start ------------------------------------------------------------ */

static int open_socket(struct probe *p, const struct pc_addr *local)
{
	struct probe_result *r = &p->result;
	bool v6 = r->server.sa.sa_family == AF_INET6;
	const int on = 1;
	struct pc_addr towards;

	r->local = *local;
	p->fd = pc_addr_bind(&r->local, SOCK_DGRAM);
	if (p->fd < 0) {
		char text[PC_ADDR_TEXT];

		pc_warnx("%s: %s", pc_addr_text(local, text), strerror(-p->fd));
		return p->fd;
	}
	setsockopt(p->fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP,
		   v6 ? IPV6_RECVERR : IP_RECVERR, &on, sizeof(on));
	if (pc_addr_is_any(&r->local) &&
	    pc_addr_towards(&towards, &r->server) == 0) {
		pc_addr_set_port(&towards, pc_addr_port(&r->local));
		r->local = towards;
	}
	return 0;
}

static int make_request(struct probe *p)
{
	struct pc_stun_build b;

	if (getrandom(p->id, sizeof(p->id), 0) != sizeof(p->id))
		return -EIO;
	pc_stun_build_init(&b, p->request, sizeof(p->request), PC_STUN_REQUEST,
			   PC_STUN_BINDING, p->id);
	pc_stun_put_text(&b, PC_STUN_SOFTWARE, "pipecall");
	pc_stun_put_fingerprint(&b);
	p->request_len = (size_t)pc_stun_build_end(&b);
	return 0;
}

int probe_start(struct probe **out, struct pc_tool *tool,
		const struct pc_addr *server, const struct pc_addr *local,
		unsigned timeout_ms, probe_done_fn *done, void *arg)
{
	struct probe *p = calloc(1, sizeof(*p));
	int rc;

	if (!p)
		return -ENOMEM;
	*out = p;
	p->tool = tool;
	p->done = done;
	p->arg = arg;
	p->result.server = *server;
	p->fd = -1;
	rc = open_socket(p, local);
	if (rc == 0)
		rc = make_request(p);
	if (rc != 0)
		return rc;
	p->watch = pc_watch_new(tool->loop, p->fd, PC_READ, on_readable, p);
	p->retry = pc_timer_new(tool->loop, send_request, p);
	p->deadline = pc_timer_new(tool->loop, on_deadline, p);
	if (!p->watch || !p->retry || !p->deadline)
		return -ENOMEM;
	p->first_us = pc_now_us();
	pc_timer_set(p->retry, 0);
	if (timeout_ms)
		pc_timer_set(p->deadline, timeout_ms);
	return 0;
}

void probe_free(struct probe *p)
{
	if (!p)
		return;
	pc_watch_free(p->watch);
	pc_timer_free(p->retry);
	pc_timer_free(p->deadline);
	if (p->fd >= 0)
		close(p->fd);
	free(p);
}
