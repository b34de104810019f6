/* What data.c and stream.c share. */
#ifndef ICE_PAIR_DATA_PRIVATE_H
#define ICE_PAIR_DATA_PRIVATE_H

#include <nice/pseudotcp.h>

#include "base/buf.h"
#include "data.h"
#include "ice.h"
#include "loop/tool.h"
#include "stream_clock.h"
#include "stream_echo.h"

#define LINGER_MS   1000  /* for the last acknowledgements */
#define WAITING_MAX 65536 /* bytes read but not gone on yet, each way */

struct data {
	struct pc_tool *tool;
	struct ice *ice;
	enum data_kind kind;
	int in, out;                           /* -1: closed */
	struct pc_watch *in_watch, *out_watch; /* NULL for a plain file */
	struct pc_timer *again;                /* a plain file, a full path */
	struct pc_timer *end;                  /* tells ended, from the loop */
	bool in_ended;
	struct pc_buf to_path, to_out;
	int error;
	data_ended_fn *ended;
	void *arg;

	/* A reliable stream; NULL for datagrams. */
	PseudoTcpSocket *tcp;
	struct pc_timer *clock, *resend;
	struct stream_clock time;
	struct stream_echo echo;
	bool window_closed; /* the peer takes no more for now */
	uint64_t sent, received, remote_total;
	bool open, shut, acked; /* our end was told, and is known */
	bool remote_total_known, remote_ended;
	bool lingering, closing;
};

/* Write to out what waits; it will go on by itself. */
void data_write_out(struct data *d);
/* Call ended soon, with this error or 0. */
void data_over(struct data *d, int error, unsigned after_ms);

int stream_start(struct data *d);
void stream_free(struct data *d);
void stream_push(struct data *d); /* to_path has more, or in has ended */
void stream_pull(struct data *d); /* to_out has room */
void stream_packet(struct data *d, const void *bytes, size_t len);

/* Is this what connects a stream? Whoever has none may be sent it. */
bool stream_is_connect(const void *bytes, size_t len);

#endif
