/*
 * loop/loop.h over a GMainContext. A watch and a timer are each a GSource of
 * their own, so GLib's rules for destroying one inside its dispatch hold.
 */
#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loop/loop.h"
#include "loop_glib.h"

struct pc_watch {
	GSource source;
	gpointer tag; /* NULL while paused */
	int fd;
	pc_watch_fn *fn;
	void *arg;
};

struct pc_timer {
	GSource source;
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
	GMainContext *context;
	struct loop_signal *signals;
	bool stopped;
};

GMainContext *pc_loop_glib_context(struct pc_loop *loop)
{
	return loop->context;
}

struct pc_loop *pc_loop_new(void)
{
	struct pc_loop *loop = calloc(1, sizeof(*loop));

	if (loop)
		loop->context = g_main_context_new();
	return loop;
}

void pc_loop_free(struct pc_loop *loop)
{
	if (!loop)
		return;
	while (loop->signals) {
		struct loop_signal *sig = loop->signals;

		loop->signals = sig->next;
		pc_watch_free(sig->watch);
		close(sig->fd);
		free(sig);
	}
	g_main_context_unref(loop->context);
	free(loop);
}

void pc_loop_run(struct pc_loop *loop)
{
	while (!loop->stopped)
		g_main_context_iteration(loop->context, TRUE);
	loop->stopped = false;
}

void pc_loop_stop(struct pc_loop *loop)
{
	loop->stopped = true;
	g_main_context_wakeup(loop->context);
}

static gboolean watch_dispatch(GSource *source, GSourceFunc unused,
			       gpointer unused_data)
{
	struct pc_watch *w = (struct pc_watch *)source;
	GIOCondition got = w->tag ? g_source_query_unix_fd(source, w->tag) : 0;
	unsigned what = 0;

	(void)unused;
	(void)unused_data;
	/* A hangup or error is found by the next read or write. */
	if (got & (G_IO_IN | G_IO_HUP | G_IO_ERR | G_IO_NVAL))
		what |= PC_READ;
	if (got & (G_IO_OUT | G_IO_ERR | G_IO_NVAL))
		what |= PC_WRITE;
	if (what)
		w->fn(w->fd, what, w->arg);
	return G_SOURCE_CONTINUE;
}

static gboolean timer_dispatch(GSource *source, GSourceFunc unused,
			       gpointer unused_data)
{
	struct pc_timer *t = (struct pc_timer *)source;

	(void)unused;
	(void)unused_data;
	g_source_set_ready_time(source, -1);
	t->fn(t->arg);
	return G_SOURCE_CONTINUE;
}

static GSourceFuncs watch_funcs = { .dispatch = watch_dispatch };
static GSourceFuncs timer_funcs = { .dispatch = timer_dispatch };

struct pc_watch *pc_watch_new(struct pc_loop *loop, int fd, unsigned what,
			      pc_watch_fn *fn, void *arg)
{
	struct pc_watch *w;
	struct stat st;

	/* poll(2) calls a plain file always ready: a loop that spins. */
	if (fstat(fd, &st) != 0 || S_ISREG(st.st_mode) || S_ISDIR(st.st_mode))
		return NULL;
	w = (struct pc_watch *)g_source_new(&watch_funcs, sizeof(*w));
	w->fd = fd;
	w->fn = fn;
	w->arg = arg;
	pc_watch_set(w, what);
	g_source_attach(&w->source, loop->context);
	return w;
}

void pc_watch_set(struct pc_watch *w, unsigned what)
{
	GIOCondition cond = 0;

	if (what & PC_READ)
		cond |= G_IO_IN;
	if (what & PC_WRITE)
		cond |= G_IO_OUT;
	if (!cond) { /* even an empty condition would report a hangup */
		if (w->tag)
			g_source_remove_unix_fd(&w->source, w->tag);
		w->tag = NULL;
	} else if (w->tag) {
		g_source_modify_unix_fd(&w->source, w->tag, cond);
	} else {
		w->tag = g_source_add_unix_fd(&w->source, w->fd, cond);
	}
}

void pc_watch_free(struct pc_watch *w)
{
	if (!w)
		return;
	g_source_destroy(&w->source);
	g_source_unref(&w->source);
}

struct pc_timer *pc_timer_new(struct pc_loop *loop, pc_timer_fn *fn, void *arg)
{
	struct pc_timer *t =
		(struct pc_timer *)g_source_new(&timer_funcs, sizeof(*t));

	t->fn = fn;
	t->arg = arg;
	g_source_attach(&t->source, loop->context);
	return t;
}

void pc_timer_set_us(struct pc_timer *t, uint64_t us)
{
	g_source_set_ready_time(&t->source,
				g_get_monotonic_time() + (gint64)us);
}

void pc_timer_set(struct pc_timer *t, uint64_t ms)
{
	pc_timer_set_us(t, ms * 1000);
}

void pc_timer_cancel(struct pc_timer *t)
{
	g_source_set_ready_time(&t->source, -1);
}

void pc_timer_free(struct pc_timer *t)
{
	if (!t)
		return;
	g_source_destroy(&t->source);
	g_source_unref(&t->source);
}

static void signal_ready(int fd, unsigned what, void *arg)
{
	struct loop_signal *sig = arg;
	struct signalfd_siginfo info;

	(void)what;
	if (read(fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		sig->fn((int)info.ssi_signo, sig->arg);
}

int pc_loop_signal(struct pc_loop *loop, int signo, pc_signal_fn *fn, void *arg)
{
	struct loop_signal *sig = calloc(1, sizeof(*sig));
	sigset_t set;
	int rc;

	if (!sig)
		return -ENOMEM;
	sigemptyset(&set);
	sigaddset(&set, signo);
	sig->fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (sig->fd < 0) {
		rc = -errno;
		free(sig);
		return rc;
	}
	sigprocmask(SIG_BLOCK, &set, NULL);
	sig->fn = fn;
	sig->arg = arg;
	sig->watch = pc_watch_new(loop, sig->fd, PC_READ, signal_ready, sig);
	sig->next = loop->signals;
	loop->signals = sig;
	return 0;
}
