/* The loop over libevent. */
#include "loop/loop.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/exit.h"
#include "base/log.h"

struct pc_signal {
	struct pc_signal *next;
	struct event *event;
	pc_signal_fn *fn;
	void *arg;
};

struct pc_loop {
	struct event_base *base;
	struct pc_signal *signals;
};

struct pc_watch {
	struct event_base *base;
	struct event *event;
	pc_watch_fn *fn;
	void *arg;
	int fd;
};

struct pc_timer {
	struct event *event;
	pc_timer_fn *fn;
	void *arg;
};

/* That epoll refuses plain files is no news: our callers are told by NULL. */
static void on_libevent_log(int severity, const char *text)
{
	if (severity == EVENT_LOG_ERR)
		pc_warnx("%s", text);
	else
		pc_debug("libevent: %s", text);
}

/* libevent gives up, after a last word: no descriptors, no memory. */
static void on_libevent_fatal(int error)
{
	(void)error;
	exit(PC_EXIT_IO);
}

struct pc_loop *pc_loop_new(void)
{
	struct pc_loop *loop = calloc(1, sizeof(*loop));
	struct event_config *config = event_config_new();

	event_set_log_callback(on_libevent_log);
	event_set_fatal_callback(on_libevent_fatal);
	if (loop && config) {
		/* to the microsecond: media is timed by these timers */
		event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
		loop->base = event_base_new_with_config(config);
	}
	if (config)
		event_config_free(config);
	if (!loop || !loop->base) {
		free(loop);
		return NULL;
	}
	return loop;
}

void pc_loop_free(struct pc_loop *loop)
{
	if (!loop)
		return;
	while (loop->signals) {
		struct pc_signal *s = loop->signals;

		loop->signals = s->next;
		event_free(s->event);
		free(s);
	}
	event_base_free(loop->base);
	free(loop);
}

void pc_loop_run(struct pc_loop *loop)
{
	event_base_dispatch(loop->base);
}

void pc_loop_stop(struct pc_loop *loop)
{
	event_base_loopbreak(loop->base);
}

struct event_base *pc_loop_event_base(struct pc_loop *loop)
{
	return loop->base;
}

static void on_ready(evutil_socket_t fd, short what, void *arg)
{
	struct pc_watch *w = arg;

	w->fn(fd,
	      (what & EV_READ ? PC_READ : 0) | (what & EV_WRITE ? PC_WRITE : 0),
	      w->arg);
}

struct pc_watch *pc_watch_new(struct pc_loop *loop, int fd, unsigned what,
			      pc_watch_fn *fn, void *arg)
{
	struct pc_watch *w;
	struct stat st;

	/* epoll refuses plain files, and libevent would remark on it */
	if (fstat(fd, &st) == 0 && (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)))
		return NULL;
	w = calloc(1, sizeof(*w));
	if (!w)
		return NULL;
	*w = (struct pc_watch){
		.base = loop->base, .fn = fn, .arg = arg, .fd = fd
	};
	w->event = event_new(loop->base, fd, EV_PERSIST, on_ready, w);
	if (!w->event) {
		free(w);
		return NULL;
	}
	pc_watch_set(w, what);
	if (what && !event_pending(w->event, EV_READ | EV_WRITE, NULL)) {
		pc_watch_free(w); /* /dev/null and its like */
		return NULL;
	}
	return w;
}

void pc_watch_set(struct pc_watch *w, unsigned what)
{
	short flags = EV_PERSIST;

	event_del(w->event);
	if (what & PC_READ)
		flags |= EV_READ;
	if (what & PC_WRITE)
		flags |= EV_WRITE;
	if (what &&
	    event_assign(w->event, w->base, w->fd, flags, on_ready, w) == 0)
		event_add(w->event, NULL);
}

void pc_watch_free(struct pc_watch *w)
{
	if (!w)
		return;
	event_free(w->event);
	free(w);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct pc_timer *t = arg;

	(void)fd;
	(void)what;
	t->fn(t->arg);
}

struct pc_timer *pc_timer_new(struct pc_loop *loop, pc_timer_fn *fn, void *arg)
{
	struct pc_timer *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->fn = fn;
	t->arg = arg;
	t->event = event_new(loop->base, -1, 0, on_timer, t);
	if (!t->event) {
		free(t);
		return NULL;
	}
	return t;
}

void pc_timer_set_us(struct pc_timer *t, uint64_t us)
{
	struct timeval tv = { .tv_sec = (time_t)(us / 1000000),
			      .tv_usec = (suseconds_t)(us % 1000000) };

	event_add(t->event, &tv);
}

void pc_timer_set(struct pc_timer *t, uint64_t ms)
{
	pc_timer_set_us(t, ms * 1000);
}

void pc_timer_cancel(struct pc_timer *t)
{
	event_del(t->event);
}

void pc_timer_free(struct pc_timer *t)
{
	if (!t)
		return;
	event_free(t->event);
	free(t);
}

static void on_signal(evutil_socket_t signo, short what, void *arg)
{
	struct pc_signal *s = arg;

	(void)what;
	s->fn((int)signo, s->arg);
}

int pc_loop_signal(struct pc_loop *loop, int signo, pc_signal_fn *fn, void *arg)
{
	struct pc_signal *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->fn = fn;
	s->arg = arg;
	s->event = evsignal_new(loop->base, signo, on_signal, s);
	if (!s->event || event_add(s->event, NULL) < 0) {
		if (s->event)
			event_free(s->event);
		free(s);
		return -ENOMEM;
	}
	s->next = loop->signals;
	loop->signals = s;
	return 0;
}
