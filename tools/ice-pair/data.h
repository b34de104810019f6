/*
 * Data over the connected path, from and to two descriptors: netcat over ICE.
 * Either datagrams (what one read(2) gives is one datagram, and one datagram
 * one write(2)), or a byte stream by libnice's pseudo-TCP, which brings all of
 * it in order, and each end of file to the other side.
 */
#ifndef ICE_PAIR_DATA_H
#define ICE_PAIR_DATA_H

#include <stdbool.h>
#include <stddef.h>

struct ice;
struct pc_tool;
struct data;

#define DATAGRAM_MAX 1200 /* what every path carries whole (RFC 8085 3.2) */

/*
 * Both streams have ended (error 0), or one has failed: EPIPE (nobody reads
 * what comes), EPROTO (one end has a stream, the other has not), another errno
 * of the path's stream. Called from the loop.
 */
typedef void data_ended_fn(void *arg, int error);

enum data_kind {
	DATA_PIECES,    /* of out, a reader may take what it likes */
	DATA_DATAGRAMS, /* in and out are sockets that keep them apart */
	DATA_RELIABLE,  /* a byte stream; the peer must have it so, too */
};

/*
 * The path is connected: begin. in and out become ours.
 * Returns 0 or -ENOMEM.
 */
int data_start(struct data **data, struct pc_tool *tool, struct ice *ice,
	       int in, int out, enum data_kind kind, data_ended_fn *ended,
	       void *arg);
void data_free(struct data *data); /* NULL is fine */

/* A datagram came. */
void data_take(struct data *data, const void *bytes, size_t len);

/*
 * Who read and wrote here is gone: what was written goes out, and when nothing
 * has come for a second, or both ends know of the end, ended is called. Of
 * datagrams, when all have gone.
 */
void data_linger(struct data *data);

#endif
