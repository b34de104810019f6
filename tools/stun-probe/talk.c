#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "loop/tool.h"
#include "stun/retry.h"
#include "take.h"
#include "talk.h"
#include "talk_show.h"
#include "wire.h"

#define REQUEST_MAX 4096

/* One question that is not answered yet. */
struct pending {
	struct talk *talk;
	struct pending *next;
	struct ask ask;
	struct answer answer;
	struct pc_timer *retry, *deadline;
	uint64_t first_us;
	uint8_t id[PC_STUN_ID];
	size_t len;
	uint8_t request[REQUEST_MAX];
};

struct talk {
	struct talk_env env;
	enum wire_kind kind;
	uint64_t opened_us, connected_us;
	struct wire *wire;
	struct pending *pending;
	unsigned strange; /* packets that answered nothing */
	const char *test; /* what other messages belong to */
	other_fn *other;
	void *other_arg;
	channel_fn *channel;
	void *channel_arg;
	int error; /* the wire is over; 0: it is not */
	char why[WIRE_WHY];
};

static void pending_free(struct pending *p)
{
	pc_timer_free(p->retry);
	pc_timer_free(p->deadline);
	free(p);
}

static void finish(struct pending *p, enum verdict verdict)
{
	struct pending **at = &p->talk->pending;

	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	if (verdict == VERDICT_ANSWER && p->answer.requests > 1)
		p->talk->env.packets->late++;
	p->answer.verdict = verdict;
	p->answer.elapsed_us = pc_now_us() - p->first_us;
	p->answer.connect_us = p->talk->connected_us;
	p->answer.strange = p->talk->strange;
	snprintf(p->answer.cipher, sizeof(p->answer.cipher), "%s",
		 p->talk->wire && wire_cipher(p->talk->wire)
			 ? wire_cipher(p->talk->wire)
			 : "");
	p->ask.done(p->ask.arg, &p->answer);
	pending_free(p);
}

static void show(struct talk *talk, const char *test, bool out,
		 const struct pc_addr *remote, const uint8_t *data, size_t len)
{
	struct pc_addr local;

	(void)wire_local(talk->wire, remote, &local);
	talk_show(&talk->env, &(struct shown){ .test = test,
					       .kind = talk->kind,
					       .out = out,
					       .local = &local,
					       .remote = remote,
					       .data = data,
					       .len = len });
}

/* --- sending ---------------------------------------------------------- */

static void unreachable(struct pending *p, int error, const char *why)
{
	p->answer.error = error;
	snprintf(p->answer.why, sizeof(p->answer.why), "%s", why);
	finish(p, VERDICT_UNREACHABLE);
}

/* Section 6.2.2: what is reliable is sent once, and waited for as long. */
static void send_request(void *arg)
{
	struct pending *p = arg;
	struct answer *a = &p->answer;
	bool reliable = wire_is_reliable(p->talk->kind);
	unsigned wait_ms;
	int rc;

	if (p->talk->error) {
		unreachable(p, p->talk->error, p->talk->why);
		return;
	}
	if (a->requests == (reliable ? 1 : PC_STUN_RC)) {
		finish(p, VERDICT_SILENT);
		return;
	}
	a->requests++;
	wait_ms = reliable ? PC_STUN_TI_MS : pc_stun_retry_ms(a->requests);
	pc_event(p->talk->env.tool, "request", "n=%u test=%s wait_ms=%u",
		 a->requests, p->ask.test, wait_ms);
	show(p->talk, p->ask.test, true, &a->server, p->request, p->len);
	pc_debug("request %u of %u; %s in %.1f s unless it is answered",
		 a->requests, reliable ? 1 : PC_STUN_RC,
		 reliable || a->requests == PC_STUN_RC ? "given up"
						       : "sent again",
		 wait_ms / 1e3);
	rc = wire_send(p->talk->wire, &a->server, p->request, p->len);
	if (rc != 0) {
		unreachable(p, -rc, strerror(-rc));
		return;
	}
	pc_timer_set(p->retry, wait_ms);
}

static void on_deadline(void *arg)
{
	finish(arg, VERDICT_SILENT);
}

/* --- receiving -------------------------------------------------------- */

static bool is_response(const struct pc_stun_msg *msg)
{
	return msg->class == PC_STUN_SUCCESS || msg->class == PC_STUN_ERROR;
}

/* Whose answer is it? The id is in the header, also of a broken message. */
static struct pending *find_pending(struct talk *talk, const uint8_t *data,
				    size_t len)
{
	if (len < PC_STUN_HEADER)
		return NULL;
	for (struct pending *p = talk->pending; p; p = p->next)
		if (memcmp(data + 8, p->id, PC_STUN_ID) == 0)
			return p;
	return NULL;
}

static void take_answer(struct pending *p, const struct pc_addr *from,
			const struct pc_stun_msg *msg)
{
	p->answer.from = *from;
	p->answer.msg = msg;
	finish(p, take(&p->answer, msg));
}

/* NULL if it is the answer (perhaps a broken one) to p, else why not. */
static const char *no_answer(const struct pending *p,
			     const struct pc_addr *from,
			     const struct pc_stun_msg *msg, int rc)
{
	if (rc == -EINVAL)
		return "not STUN";
	if (!p || !is_response(msg) ||
	    msg->method != (p->ask.method ? p->ask.method : PC_STUN_BINDING))
		return "not the answer to our request";
	if (!p->ask.any_source && !pc_addr_equal(from, &p->answer.server))
		return "not from the server asked";
	return NULL;
}

/* Is it ChannelData, for somebody who wants it? */
static bool take_channel(struct talk *talk, const struct pc_addr *from,
			 const uint8_t *buf, size_t len)
{
	const uint8_t *data;
	size_t data_len;
	uint16_t channel = pc_stun_channel(buf, len, &data, &data_len);

	if (!channel || !talk->channel)
		return false;
	show(talk, talk->test, false, from, buf, len);
	talk->channel(talk->channel_arg, channel, data, data_len);
	return true;
}

static void on_message(void *arg, const struct pc_addr *from,
		       const uint8_t *data, size_t len)
{
	struct talk *talk = arg;
	struct pending *p = find_pending(talk, data, len);
	struct pc_stun_msg msg;
	int rc = pc_stun_decode(&msg, data, len);
	const char *why = no_answer(p, from, &msg, rc);

	if (take_channel(talk, from, data, len))
		return;
	show(talk, p ? p->ask.test : talk->test, false, from, data, len);
	if (rc == 0 && !p && talk->other) {
		talk->other(talk->other_arg, from, &msg);
		return;
	}
	if (!why && rc != 0) {
		snprintf(p->answer.why, sizeof(p->answer.why), "%s",
			 "it is STUN, but its lengths are wrong");
		finish(p, VERDICT_BROKEN);
	} else if (!why) {
		take_answer(p, from, &msg);
	} else {
		pc_tool_malformed(talk->env.tool, "STUN", from, why);
		talk->strange++;
		if (p && rc == 0 && is_response(&msg))
			p->answer.stray = *from;
	}
}

/* UDP: of one question, that server's. Else the wire is over: of all, each in
 * its own time, because what it calls may free us. */
static void on_end(void *arg, const struct pc_addr *to, int error,
		   const char *why)
{
	struct talk *talk = arg;
	struct pending *p = talk->pending;

	if (talk->kind == WIRE_UDP) {
		while (p && !pc_addr_equal(&p->answer.server, to))
			p = p->next;
		if (p)
			unreachable(p, error, why);
		return;
	}
	talk->error = error;
	snprintf(talk->why, sizeof(talk->why), "%s", why);
	for (; p; p = p->next)
		pc_timer_set(p->retry, 0);
}

static void on_ready(void *arg)
{
	struct talk *talk = arg;

	talk->connected_us = pc_now_us() - talk->opened_us;
	for (struct pending *p = talk->pending; p; p = p->next) {
		(void)wire_local(talk->wire, &p->answer.server,
				 &p->answer.local);
		p->first_us = pc_now_us();
		pc_timer_set(p->retry, 0);
	}
}

/* --- start and end ---------------------------------------------------- */

int talk_open(struct talk **out, const struct talk_env *env,
	      const struct talk_way *way)
{
	struct talk *talk = calloc(1, sizeof(*talk));
	int rc;

	if (!talk)
		return -ENOMEM;
	talk->env = *env;
	talk->kind = way->kind;
	talk->test = "unasked";
	talk->opened_us = pc_now_us();
	rc = wire_open(&talk->wire,
		       &(struct wire_cfg){ .tool = env->tool,
					   .kind = way->kind,
					   .local = way->local,
					   .remote = way->remote,
					   .tls = way->tls,
					   .channels = way->channels,
					   .message = on_message,
					   .ready = on_ready,
					   .end = on_end,
					   .arg = talk });
	if (rc == 0)
		*out = talk;
	else
		free(talk);
	return rc;
}

void talk_drop(struct talk *talk)
{
	while (talk->pending) {
		struct pending *p = talk->pending;

		talk->pending = p->next;
		pending_free(p);
	}
}

void talk_free(struct talk *talk)
{
	if (!talk)
		return;
	talk_drop(talk);
	wire_free(talk->wire);
	free(talk);
}

static int make_request(struct pending *p)
{
	struct pc_stun_build b;
	ssize_t len;

	if (getrandom(p->id, sizeof(p->id), 0) != sizeof(p->id))
		return -EIO;
	pc_stun_build_init(&b, p->request, sizeof(p->request), PC_STUN_REQUEST,
			   p->ask.method ? p->ask.method : PC_STUN_BINDING,
			   p->id);
	pc_stun_put_text(&b, PC_STUN_SOFTWARE, "pipecall");
	if (p->ask.fill)
		p->ask.fill(&b, p->ask.arg);
	pc_stun_put_fingerprint(&b);
	len = pc_stun_build_end(&b);
	if (len < 0)
		return (int)len;
	p->len = (size_t)len;
	return 0;
}

int talk_ask(struct talk *talk, const struct ask *ask)
{
	struct pending *p = calloc(1, sizeof(*p));
	int rc;

	if (!p)
		return -ENOMEM;
	p->talk = talk;
	p->ask = *ask;
	p->answer.server = ask->to;
	p->answer.kind = talk->kind;
	rc = wire_local(talk->wire, &ask->to, &p->answer.local);
	if (rc != 0) {
		pc_warnx("our own address: %s", strerror(-rc));
		free(p);
		return rc;
	}
	p->retry = pc_timer_new(talk->env.tool->loop, send_request, p);
	p->deadline = pc_timer_new(talk->env.tool->loop, on_deadline, p);
	rc = p->retry && p->deadline ? make_request(p) : -ENOMEM;
	if (rc != 0) {
		pending_free(p);
		return rc;
	}
	p->next = talk->pending;
	talk->pending = p;
	p->first_us = pc_now_us();
	if (wire_ready(talk->wire) || talk->error)
		pc_timer_set(p->retry, 0);
	pc_timer_set(p->deadline,
		     ask->timeout_ms ? ask->timeout_ms : PC_STUN_TI_MS);
	return 0;
}

void talk_on_other(struct talk *talk, const char *test, other_fn *fn, void *arg)
{
	talk->test = test;
	talk->other = fn;
	talk->other_arg = arg;
}

void talk_answer(struct talk *talk, const struct pc_addr *from,
		 const struct pc_stun_msg *request)
{
	struct pc_stun_build b;
	uint8_t buf[128];
	ssize_t len;

	pc_stun_build_init(&b, buf, sizeof(buf), PC_STUN_SUCCESS,
			   PC_STUN_BINDING, request->id);
	pc_stun_put_addr(&b, PC_STUN_XOR_MAPPED_ADDRESS, from);
	pc_stun_put_fingerprint(&b);
	len = pc_stun_build_end(&b);
	if (len < 0)
		return;
	show(talk, talk->test, true, from, buf, (size_t)len);
	(void)wire_send(talk->wire, from, buf, (size_t)len);
}

void talk_on_channel(struct talk *talk, channel_fn *fn, void *arg)
{
	talk->channel = fn;
	talk->channel_arg = arg;
}

bool talk_stray(const struct talk *talk, struct pc_addr *from)
{
	for (const struct pending *p = talk->pending; p; p = p->next)
		if (p->answer.stray.len) {
			*from = p->answer.stray;
			return true;
		}
	return false;
}

int talk_send(struct talk *talk, const char *test, const struct pc_addr *to,
	      const void *data, size_t len)
{
	show(talk, test, true, to, data, len);
	return wire_send(talk->wire, to, data, len);
}

void talk_allow_fragments(struct talk *talk)
{
	wire_allow_fragments(talk->wire);
}
