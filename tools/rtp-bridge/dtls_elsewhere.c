/* Handshakes with strangers; see dtls_elsewhere.h. */
#include "dtls_elsewhere.h"

#include <stdlib.h>

enum {
	TRIES_MAX = 8,
	KEEP_US = 2000000,    /* so long it may not be pushed out by another */
	EXPIRE_US = 10000000, /* after that we send it nothing more */
};

struct
try {
	struct dtls_elsewhere *e;
	struct pc_addr from;
	struct pc_dtls *dtls; /* NULL: it failed, or it was taken */
	bool taken;
	uint64_t since_us; /* 0: never used */
};

struct dtls_elsewhere {
	struct leg *leg;
	struct path *path;
	struct pc_timer *resend;
	struct try tries[TRIES_MAX];
};

static void on_send(void *arg, const uint8_t *buf, size_t len)
{
	struct try *t = arg;
	struct path *path = t->e->path;
	const struct pc_addr *to = t->taken ? path_remote(path) : &t->from;

	dtls_trace(t->e->leg, path_local(path), to, true, buf, len);
	path_send_to(path, to, buf, len);
}

static void on_secret(void *arg, const char *line)
{
	struct try *t = arg;

	dtls_secret(t->e->leg, line);
}

static void give_up(struct try *t, const char *why)
{
	char text[PC_ADDR_TEXT];

	pc_verbose("%s: DTLS with %s: %s", t->e->leg->name,
		   pc_addr_text(&t->from, text), why);
	pc_dtls_free(t->dtls);
	t->dtls = NULL;
}

/* The next time that one of them has to send again. */
static void set_timer(struct dtls_elsewhere *e)
{
	int64_t least = -1;

	for (int i = 0; i < TRIES_MAX; i++) {
		struct try *t = &e->tries[i];
		int64_t wait = t->dtls ? pc_dtls_wait_us(t->dtls) : -1;

		if (wait >= 0 && (least < 0 || wait < least))
			least = wait;
	}
	if (least >= 0)
		pc_timer_set_us(e->resend, (uint64_t)least);
	else
		pc_timer_cancel(e->resend);
}

static void on_resend(void *arg)
{
	struct dtls_elsewhere *e = arg;
	uint64_t now_us = pc_now_us();

	for (int i = 0; i < TRIES_MAX; i++) {
		struct try *t = &e->tries[i];

		if (!t->dtls || pc_dtls_wait_us(t->dtls) != 0)
			continue;
		if (now_us - t->since_us > EXPIRE_US)
			give_up(t, "it does not go on");
		else if (pc_dtls_expire(t->dtls) == PC_DTLS_FAILED)
			give_up(t, pc_dtls_why(t->dtls));
	}
	set_timer(e);
}

static struct dtls_elsewhere *make(struct leg *leg, struct path *path)
{
	struct dtls_elsewhere *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	e->leg = leg;
	e->path = path;
	e->resend = pc_timer_new(leg->bridge->tool.loop, on_resend, e);
	if (e->resend)
		return e;
	free(e);
	return NULL;
}

/* A place for a handshake that begins: a free one, or that of the oldest. */
static struct try *place(struct dtls_elsewhere *e, uint64_t now_us)
{
	struct try *oldest = &e->tries[0];

	for (int i = 1; i < TRIES_MAX; i++)
		if (e->tries[i].since_us < oldest->since_us)
			oldest = &e->tries[i];
	if (oldest->since_us && now_us - oldest->since_us < KEEP_US)
		return NULL;
	if (oldest->dtls)
		give_up(oldest, "another came");
	return oldest;
}

static struct try *begin(struct dtls_elsewhere *e,
			 const struct pc_dtls_identity *identity,
			 const struct pc_addr *from)
{
	uint64_t now_us = pc_now_us();
	struct try *t = place(e, now_us);
	struct pc_dtls_config config = {
		.identity = identity,
		.server = true,
		.send = on_send,
		.secret = on_secret,
		.arg = t,
	};

	if (!t || pc_dtls_new(&t->dtls, &config) < 0)
		return NULL;
	t->e = e;
	t->from = *from;
	t->since_us = now_us;
	(void)pc_dtls_start(t->dtls);
	return t;
}

static struct try *find(struct dtls_elsewhere *e, const struct pc_addr *from)
{
	for (int i = 0; i < TRIES_MAX; i++)
		if (e->tries[i].dtls && pc_addr_equal(&e->tries[i].from, from))
			return &e->tries[i];
	return NULL;
}

struct pc_dtls *dtls_elsewhere_take(struct dtls_elsewhere **elsewhere,
				    struct leg *leg, struct path *path,
				    const struct pc_dtls_identity *identity,
				    const struct dtls_prints *prints,
				    const uint8_t *buf, size_t len)
{
	const struct pc_addr *from = path_from(path);
	struct dtls_elsewhere *e = *elsewhere;
	struct pc_dtls *dtls = NULL;
	struct try *t;

	if (!e)
		e = *elsewhere = make(leg, path);
	t = e ? find(e, from) : NULL;
	if (e && !t && pc_dtls_is_hello(buf, len))
		t = begin(e, identity, from);
	if (!t)
		return NULL;
	switch (pc_dtls_take(t->dtls, buf, len)) {
	case PC_DTLS_CONNECTED:
		if (!dtls_prints_match(prints, t->dtls)) {
			give_up(t, "its certificate is not the one described");
			break;
		}
		dtls = t->dtls;
		t->dtls = NULL;
		t->taken = true;
		break;
	case PC_DTLS_FAILED:
	case PC_DTLS_CLOSED:
		give_up(t, pc_dtls_why(t->dtls));
		break;
	case PC_DTLS_CONNECTING:
		break;
	}
	set_timer(e);
	return dtls;
}

void dtls_elsewhere_settled(struct dtls_elsewhere *e)
{
	for (int i = 0; e && i < TRIES_MAX; i++)
		if (e->tries[i].dtls)
			give_up(&e->tries[i], "the peer is another");
}

void dtls_elsewhere_free(struct dtls_elsewhere *e)
{
	if (!e)
		return;
	for (int i = 0; i < TRIES_MAX; i++)
		pc_dtls_free(e->tries[i].dtls);
	pc_timer_free(e->resend);
	free(e);
}
