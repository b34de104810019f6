/*
 * Two ends of a SIP transport on loopback, for the tests: what each was told,
 * and a loop with a deadline.
 *
 *	open_end(&b, PC_SIP_UDP, "127.0.0.1:0");
 *	...
 *	run();
 *	ck_assert_uint_eq(b.received, 1);
 */
#ifndef TESTS_UNIT_SIP_ENDS_H
#define TESTS_UNIT_SIP_ENDS_H

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "sip/transport.h"

#include "own_tool.h"

#define MESSAGE(body_length, body)                                             \
	"OPTIONS sip:x SIP/2.0\r\n"                                            \
	"Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1;rport\r\n"                 \
	"From: <sip:a>;tag=1\r\nTo: <sip:x>\r\n"                               \
	"Call-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: " body_length        \
	"\r\n\r\n" body

/* What one end was told. */
static struct end {
	struct pc_sip_transport *tp;
	unsigned received, want, closed, unreachable;
	char last[70000];
	struct pc_addr from, dead;
	int err;
	bool close_in_callback;
} a, b;

static inline void on_received(void *arg, const char *data, size_t len,
			       const struct pc_addr *from,
			       const struct pc_addr *local)
{
	struct end *e = arg;

	ck_assert_uint_eq(strlen(data), len);
	ck_assert(!pc_addr_is_any(local));
	snprintf(e->last, sizeof e->last, "%s", data);
	e->from = *from;
	if (e->close_in_callback) {
		pc_sip_transport_close(e->tp);
		e->tp = NULL;
	}
	if (++e->received >= e->want)
		pc_loop_stop(tool.loop);
}

static inline void on_closed(void *arg, int err, const char *why)
{
	struct end *e = arg;

	ck_assert_ptr_nonnull(why);
	e->closed++;
	e->err = err;
	pc_loop_stop(tool.loop);
}

static inline void on_unreachable(void *arg, int err, const struct pc_addr *to)
{
	struct end *e = arg;

	e->unreachable++;
	e->err = err;
	e->dead = *to;
	pc_loop_stop(tool.loop);
}

/* Run until something stops it; a deadline is a failure. */
static inline void run(void)
{
	run_for(20000);
	pc_timer_cancel(deadline);
}

static inline void open_end(struct end *e, enum pc_sip_transport_kind kind,
			    const char *local)
{
	struct pc_addr addr;

	*e = (struct end){ .want = 1 };
	ck_assert_int_eq(pc_addr_parse(&addr, local, 0), 0);
	ck_assert_int_eq(
		pc_sip_transport_open(&e->tp, &tool,
				      &(struct pc_sip_transport_config){
					      .kind = kind,
					      .local = &addr,
					      .received = on_received,
					      .closed = on_closed,
					      .unreachable = on_unreachable,
					      .arg = e }),
		0);
}

static inline const struct pc_addr *at(const struct end *e)
{
	return &pc_sip_transport_identity(e->tp)->local;
}

static inline void teardown(void)
{
	pc_sip_transport_close(a.tp);
	pc_sip_transport_close(b.tp);
	a.tp = b.tp = NULL;
	own_tool_fini();
}

#endif
