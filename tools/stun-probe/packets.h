/*
 * The packets that findings rest on: numbered from 1, each with the test that
 * it was part of. Kept to be shown, so only a bounded number of them is.
 *
 *	n = packets_add(&log, "mapping", true, &local, &remote, data, len);
 */
#ifndef STUN_PROBE_PACKETS_H
#define STUN_PROBE_PACKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/buf.h"
#include "base/json.h"

#define PACKETS_MAX 1000

struct packet {
	const char *test; /* a literal */
	uint64_t time_us; /* pc_now_us() */
	bool out;
	struct pc_addr local, remote;
	size_t len;
	char *summary;
};

struct packets {
	struct packet *v;
	unsigned n, cap;
	unsigned dropped; /* beyond PACKETS_MAX, or out of memory */
	unsigned late;    /* answers that took more than one request */
};

/* Returns the packet's number, or 0 when it was not kept. */
unsigned packets_add(struct packets *log, const char *test, bool out,
		     const struct pc_addr *local, const struct pc_addr *remote,
		     const void *data, size_t len);
void packets_clear(struct packets *log);

/* The numbers of the packets of a test: a JSON array, or "3-7, 12". */
json_t *packets_of_json(const struct packets *log, const char *test);
void packets_of_text(const struct packets *log, const char *test,
		     struct pc_buf *out);

/* All of them: an array of objects, or a line each. */
json_t *packets_json(const struct packets *log);
void packets_text(const struct packets *log, struct pc_buf *out);

#endif
