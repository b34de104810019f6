/*
 * loop/loop.h over epoll alone: of what a bridge does, waiting is a third.
 * Where libevent sets a timer and reads the clock for each packet, one timerfd
 * is set here when a deadline comes before all others: once a second for a
 * call whose packets pass. Timers are kept in a heap by their time.
 *
 * Loops of many bridges may share one of these; see loop_epoll.h.
 */
#include "loop_epoll.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/home.h"

enum { BATCH = 64 };

struct pc_watch {
	struct pc_loop *loop;
	int fd;
	unsigned what; /* 0: not in the epoll set */
	pc_watch_fn *fn;
	void *arg;
};

struct pc_timer {
	struct pc_loop *loop;
	size_t at; /* in the heap; 0: it is not set */
	uint64_t due_us;
	uint64_t order; /* of those due at the same time */
	pc_timer_fn *fn;
	void *arg;
};

struct loop_signal {
	struct loop_signal *next;
	struct pc_watch *watch;
	int fd; /* -1: of a guest */
	int signo;
	pc_signal_fn *fn;
	void *arg;
};

struct pc_loop {
	struct pc_loop *host; /* whose the rest is: itself, or a guest's host */
	struct pc_home *home;
	bool stopped;
	struct loop_signal *signals;
	struct pc_loop *next; /* that has stopped; of a host: the first */
	pc_timer_fn *ended;
	void *arg;

	/* of a host */
	int epoll;
	bool due;                 /* the alarm went */
	struct pc_timer **timers; /* a heap, from [1] on */
	size_t n_timers, n_made, room;
	uint64_t order;
	struct pc_watch *watch; /* of the alarm */
	int alarm;              /* a timerfd, */
	uint64_t alarm_us;      /* set to this, or a later look; 0: not set */
	struct epoll_event ready[BATCH]; /* [at] to [n - 1] are still to do */
	int n, at;
};

static void on_alarm(int fd, unsigned what, void *arg)
{
	struct pc_loop *loop = arg;
	uint64_t times;

	(void)what;
	if (read(fd, &times, sizeof(times)) == (ssize_t)sizeof(times))
		loop->due = true;
}

struct pc_loop *pc_loop_new(void)
{
	struct pc_loop *loop = calloc(1, sizeof(*loop));

	if (!loop)
		return NULL;
	loop->home = pc_home;
	loop->host = pc_home->host ? pc_home->host : loop;
	if (loop->host != loop)
		return loop;
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	loop->alarm =
		timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (loop->epoll >= 0 && loop->alarm >= 0)
		loop->watch = pc_watch_new(loop, loop->alarm, PC_READ, on_alarm,
					   loop);
	if (loop->watch)
		return loop;
	if (loop->alarm >= 0)
		close(loop->alarm);
	if (loop->epoll >= 0)
		close(loop->epoll);
	free(loop);
	return NULL;
}

void pc_loop_free(struct pc_loop *loop)
{
	if (!loop)
		return;
	while (loop->signals) {
		struct loop_signal *s = loop->signals;

		loop->signals = s->next;
		pc_watch_free(s->watch);
		if (s->fd >= 0)
			close(s->fd);
		free(s);
	}
	if (loop->host != loop) {
		free(loop);
		return;
	}
	pc_watch_free(loop->watch);
	close(loop->alarm);
	close(loop->epoll);
	free(loop->timers);
	free(loop);
}

/* Be woken at the first deadline, unless that is so, or before it. */
static void set_alarm(struct pc_loop *loop)
{
	uint64_t us = loop->timers[1]->due_us;
	struct itimerspec at = { 0 };

	if (loop->alarm_us != 0 && loop->alarm_us <= us)
		return;
	loop->alarm_us = us;
	at.it_value.tv_sec = (time_t)(us / 1000000);
	at.it_value.tv_nsec = (long)(us % 1000000) * 1000 + 1; /* 0: never */
	(void)timerfd_settime(loop->alarm, TFD_TIMER_ABSTIME, &at, NULL);
}

/* The first timers that are due; each may set or free any. */
static void run_timers(struct pc_loop *loop)
{
	uint64_t now = pc_now_us();

	loop->due = false;
	loop->alarm_us = 0;
	while (loop->n_timers > 0 && loop->timers[1]->due_us <= now &&
	       !loop->stopped) {
		struct pc_timer *t = loop->timers[1];

		pc_timer_cancel(t);
		if (t->loop->stopped)
			continue;
		pc_home = t->loop->home;
		t->fn(t->arg);
	}
}

static void dispatch(const struct epoll_event *ev)
{
	struct pc_watch *w = ev->data.ptr;
	unsigned what = 0;

	if (!w || w->loop->stopped)
		return; /* freed, or paused, by one before it; or all ended */
	/* A hangup or error is found by the next read or write. */
	if (ev->events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		what |= PC_READ;
	if (ev->events & (EPOLLOUT | EPOLLERR))
		what |= PC_WRITE;
	what &= w->what;
	pc_home = w->loop->home;
	w->fn(w->fd, what ? what : w->what, w->arg);
}

/* Guests that stopped: now nothing of them is being called. */
static void say_ended(struct pc_loop *loop)
{
	while (loop->next) {
		struct pc_loop *guest = loop->next;

		loop->next = guest->next;
		pc_home = loop->home;
		guest->ended(guest->arg);
	}
}

void pc_loop_run(struct pc_loop *loop)
{
	while (!loop->stopped) {
		if (loop->n_timers > 0)
			set_alarm(loop);
		loop->n = epoll_wait(loop->epoll, loop->ready, BATCH, -1);
		for (loop->at = 0; loop->at < loop->n && !loop->stopped;)
			dispatch(&loop->ready[loop->at++]);
		loop->n = 0;
		if (loop->due)
			run_timers(loop);
		if (loop->next)
			say_ended(loop);
	}
	loop->stopped = false;
	pc_home = loop->home;
}

void pc_loop_stop(struct pc_loop *loop)
{
	if (!loop->stopped && loop->ended) {
		loop->next = loop->host->next;
		loop->host->next = loop;
	}
	loop->stopped = true;
}

void loop_ended(struct pc_loop *guest, pc_timer_fn *fn, void *arg)
{
	guest->ended = fn;
	guest->arg = arg;
}

void loop_raise(struct pc_loop *guest, int signo)
{
	for (struct loop_signal *s = guest->signals; s; s = s->next)
		if (s->signo == signo) {
			s->fn(signo, s->arg);
			return;
		}
}

/* What was found ready before has not happened. */
static void forget_ready(struct pc_watch *w)
{
	struct pc_loop *loop = w->loop->host;

	for (int i = loop->at; i < loop->n; i++)
		if (loop->ready[i].data.ptr == w)
			loop->ready[i].data.ptr = NULL;
}

static int change(struct pc_watch *w, unsigned what)
{
	struct epoll_event ev = { .data.ptr = w };
	int op = !w->what ? EPOLL_CTL_ADD
		 : what   ? EPOLL_CTL_MOD
			  : EPOLL_CTL_DEL;

	if (what == w->what)
		return 0;
	ev.events = (what & PC_READ ? EPOLLIN : 0) |
		    (what & PC_WRITE ? EPOLLOUT : 0);
	w->what = what;
	if (!what)
		forget_ready(w);
	return epoll_ctl(w->loop->host->epoll, op, w->fd, &ev);
}

struct pc_watch *pc_watch_new(struct pc_loop *loop, int fd, unsigned what,
			      pc_watch_fn *fn, void *arg)
{
	struct pc_watch *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	*w = (struct pc_watch){ .loop = loop, .fd = fd, .fn = fn, .arg = arg };
	if (change(w, what) == 0)
		return w;
	free(w); /* a plain file */
	return NULL;
}

void pc_watch_set(struct pc_watch *w, unsigned what)
{
	(void)change(w, what);
}

void pc_watch_free(struct pc_watch *w)
{
	if (!w)
		return;
	(void)change(w, 0);
	free(w);
}

/* There is room in the heap for all timers, so that setting one never fails. */
struct pc_timer *pc_timer_new(struct pc_loop *loop, pc_timer_fn *fn, void *arg)
{
	struct pc_loop *host = loop->host;
	struct pc_timer *t = calloc(1, sizeof(*t));

	if (t && host->n_made + 1 >= host->room) {
		size_t room = host->room ? 2 * host->room : 16;
		struct pc_timer **more =
			realloc(host->timers, room * sizeof(struct pc_timer *));

		if (!more) {
			free(t);
			return NULL;
		}
		host->timers = more;
		host->room = room;
	}
	if (!t)
		return NULL;
	host->n_made++;
	*t = (struct pc_timer){ .loop = loop, .fn = fn, .arg = arg };
	return t;
}

static void put(struct pc_loop *host, size_t at, struct pc_timer *t)
{
	host->timers[at] = t;
	t->at = at;
}

static bool before(const struct pc_timer *a, const struct pc_timer *b)
{
	return a->due_us != b->due_us ? a->due_us < b->due_us
				      : a->order < b->order;
}

/* Put t where at is empty, or above or below it as its time has it. */
static void sift(struct pc_loop *host, size_t at, struct pc_timer *t)
{
	struct pc_timer **h = host->timers;
	size_t n = host->n_timers, child;

	for (; at > 1 && before(t, h[at / 2]); at /= 2)
		put(host, at, h[at / 2]);
	for (; (child = 2 * at) <= n; at = child) {
		if (child < n && before(h[child + 1], h[child]))
			child++;
		if (!before(h[child], t))
			break;
		put(host, at, h[child]);
	}
	put(host, at, t);
}

void pc_timer_cancel(struct pc_timer *t)
{
	struct pc_loop *host = t->loop->host;
	struct pc_timer *last;

	if (t->at == 0)
		return;
	last = host->timers[host->n_timers--];
	if (last != t)
		sift(host, t->at, last);
	t->at = 0;
}

void pc_timer_set_us(struct pc_timer *t, uint64_t us)
{
	struct pc_loop *host = t->loop->host;

	pc_timer_cancel(t);
	t->due_us = pc_now_us() + us;
	t->order = host->order++;
	host->n_timers++;
	sift(host, host->n_timers, t);
}

void pc_timer_set(struct pc_timer *t, uint64_t ms)
{
	pc_timer_set_us(t, ms * 1000);
}

void pc_timer_free(struct pc_timer *t)
{
	if (!t)
		return;
	pc_timer_cancel(t);
	t->loop->host->n_made--;
	free(t);
}

static void on_signal(int fd, unsigned what, void *arg)
{
	struct loop_signal *s = arg;
	struct signalfd_siginfo info;

	(void)what;
	if (read(fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		s->fn((int)info.ssi_signo, s->arg);
}

int pc_loop_signal(struct pc_loop *loop, int signo, pc_signal_fn *fn, void *arg)
{
	struct loop_signal *s = calloc(1, sizeof(*s));
	sigset_t set;

	if (!s)
		return -ENOMEM;
	sigemptyset(&set);
	sigaddset(&set, signo);
	s->fn = fn;
	s->arg = arg;
	s->signo = signo;
	s->fd = -1;
	if (loop->host != loop)
		goto out;
	s->fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (s->fd >= 0)
		s->watch = pc_watch_new(loop, s->fd, PC_READ, on_signal, s);
	if (!s->watch) {
		if (s->fd >= 0)
			close(s->fd);
		free(s);
		return -ENOMEM;
	}
	sigprocmask(SIG_BLOCK, &set, NULL);
out:
	s->next = loop->signals;
	loop->signals = s;
	return 0;
}
