/*
 * The event loop, as small as the tools need it: descriptors, timers,
 * signals. libevent underneath (loop_event.c); ice-pair alone has one over
 * GLib's loop with the same calls, because libnice lives there.
 *
 *	struct pc_loop *loop = pc_loop_new();
 *	struct pc_timer *t = pc_timer_new(loop, on_deadline, arg);
 *	pc_timer_set(t, 500);
 *	pc_loop_run(loop);
 *
 * Nothing polls: a loop with no due timer and no ready descriptor sleeps.
 */
#ifndef PC_LOOP_LOOP_H
#define PC_LOOP_LOOP_H

#include <stdint.h>

struct pc_loop;
struct pc_watch;
struct pc_timer;

enum { PC_READ = 1, PC_WRITE = 2 };

typedef void pc_watch_fn(int fd, unsigned what, void *arg);
typedef void pc_timer_fn(void *arg);
typedef void pc_signal_fn(int signo, void *arg);

struct pc_loop *pc_loop_new(void); /* NULL: out of memory or descriptors */
void pc_loop_free(struct pc_loop *loop);
void pc_loop_run(struct pc_loop *loop);
void pc_loop_stop(struct pc_loop *loop); /* pc_loop_run returns soon */

/*
 * Call fn while fd is ready for what (PC_READ, PC_WRITE, both), level
 * triggered. Returns NULL when it cannot be watched (a plain file).
 */
struct pc_watch *pc_watch_new(struct pc_loop *loop, int fd, unsigned what,
			      pc_watch_fn *fn, void *arg);
void pc_watch_set(struct pc_watch *watch, unsigned what); /* 0: pause */
void pc_watch_free(struct pc_watch *watch); /* NULL is fine; fd stays open */

/* A one-shot timer, created stopped. May be freed or set in its callback. */
struct pc_timer *pc_timer_new(struct pc_loop *loop, pc_timer_fn *fn, void *arg);
void pc_timer_set(struct pc_timer *timer, uint64_t ms);
void pc_timer_set_us(struct pc_timer *timer, uint64_t us);
void pc_timer_cancel(struct pc_timer *timer);
void pc_timer_free(struct pc_timer *timer); /* NULL is fine */

/* Call fn in the loop (not in the handler) when signo comes. 0 or -errno. */
int pc_loop_signal(struct pc_loop *loop, int signo, pc_signal_fn *fn,
		   void *arg);

/* Monotonic time for timers; wall clock (since 1970) for records. */
uint64_t pc_now_ms(void);
uint64_t pc_now_us(void);
uint64_t pc_wall_us(void);

/* The libevent base; only in the libevent loop. */
struct event_base;
struct event_base *pc_loop_event_base(struct pc_loop *loop);

#endif
