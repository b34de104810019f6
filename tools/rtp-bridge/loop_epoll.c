/*
 * loop/loop.h over epoll alone: of what a bridge does, waiting is a third.
 * Where libevent sets a timer and reads the clock for each packet, one timerfd
 * is set here when a deadline comes before all others: once a second for a
 * call whose packets pass. Timers are few and kept in a list by their time.
 */
#include "loop/loop.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { BATCH = 32 };

struct pc_watch {
	struct pc_loop *loop;
	int fd;
	unsigned what; /* 0: not in the epoll set */
	pc_watch_fn *fn;
	void *arg;
};

struct pc_timer {
	struct pc_loop *loop;
	struct pc_timer *next; /* later; while set */
	bool set;
	uint64_t due_us;
	pc_timer_fn *fn;
	void *arg;
};

struct loop_signal {
	struct loop_signal *next;
	struct pc_watch *watch;
	int fd;
	pc_signal_fn *fn;
	void *arg;
};

struct pc_loop {
	int epoll;
	bool stopped;
	bool due; /* the alarm went */
	struct pc_timer *timers;
	struct pc_watch *watch; /* of the alarm */
	int alarm;              /* a timerfd, */
	uint64_t alarm_us;      /* set to this, or a later look; 0: not set */
	struct loop_signal *signals;
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
		close(s->fd);
		free(s);
	}
	pc_watch_free(loop->watch);
	close(loop->alarm);
	close(loop->epoll);
	free(loop);
}

/* Be woken at the first deadline, unless that is so, or before it. */
static void set_alarm(struct pc_loop *loop)
{
	uint64_t us = loop->timers->due_us;
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
	while (loop->timers && loop->timers->due_us <= now && !loop->stopped) {
		struct pc_timer *t = loop->timers;

		loop->timers = t->next;
		t->set = false;
		t->fn(t->arg);
	}
}

static void dispatch(const struct epoll_event *ev)
{
	struct pc_watch *w = ev->data.ptr;
	unsigned what = 0;

	if (!w)
		return; /* freed, or paused, by one before it */
	/* A hangup or error is found by the next read or write. */
	if (ev->events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		what |= PC_READ;
	if (ev->events & (EPOLLOUT | EPOLLERR))
		what |= PC_WRITE;
	what &= w->what;
	w->fn(w->fd, what ? what : w->what, w->arg);
}

void pc_loop_run(struct pc_loop *loop)
{
	while (!loop->stopped) {
		if (loop->timers)
			set_alarm(loop);
		loop->n = epoll_wait(loop->epoll, loop->ready, BATCH, -1);
		for (loop->at = 0; loop->at < loop->n && !loop->stopped;)
			dispatch(&loop->ready[loop->at++]);
		loop->n = 0;
		if (loop->due)
			run_timers(loop);
	}
	loop->stopped = false;
}

void pc_loop_stop(struct pc_loop *loop)
{
	loop->stopped = true;
}

/* What was found ready before has not happened. */
static void forget_ready(struct pc_watch *w)
{
	struct pc_loop *loop = w->loop;

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
	return epoll_ctl(w->loop->epoll, op, w->fd, &ev);
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

struct pc_timer *pc_timer_new(struct pc_loop *loop, pc_timer_fn *fn, void *arg)
{
	struct pc_timer *t = calloc(1, sizeof(*t));

	if (t)
		*t = (struct pc_timer){ .loop = loop, .fn = fn, .arg = arg };
	return t;
}

void pc_timer_cancel(struct pc_timer *t)
{
	struct pc_timer **at = &t->loop->timers;

	if (!t->set)
		return;
	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	t->set = false;
}

void pc_timer_set_us(struct pc_timer *t, uint64_t us)
{
	struct pc_timer **at = &t->loop->timers;

	pc_timer_cancel(t);
	t->due_us = pc_now_us() + us;
	while (*at && (*at)->due_us <= t->due_us)
		at = &(*at)->next;
	t->next = *at;
	*at = t;
	t->set = true;
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
	s->next = loop->signals;
	loop->signals = s;
	return 0;
}
