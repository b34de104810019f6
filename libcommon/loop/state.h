/* What the files of loop/ know of a tool and the tools do not. */
#ifndef PC_LOOP_STATE_H
#define PC_LOOP_STATE_H

#include "base/buf.h"
#include "loop/control.h"
#include "loop/out.h"
#include "loop/pcapng.h"
#include "loop/tool.h"

struct pc_tool_state {
	struct pc_out *events, *trace;
	struct pc_pcapng *pcap;
	struct pc_timer *fatal_timer;
	const char *fatal_why;
	struct pc_timer *pcap_flush; /* runs while packets wait in memory */
	bool pcap_waits;
	struct pc_control *control;
	struct pc_timer *deadline;
	struct {
		int fd;
		struct pc_watch *watch;
	} pids[PC_OPT_LIST_MAX];
	unsigned n_pids;
	struct {
		struct pc_watch *watch;
		struct pc_timer *start;
		struct pc_buf data;
		pc_tool_input_fn *fn;
		int flags;
	} input;
	struct {
		unsigned long count;
		uint64_t second; /* events are counted within this one */
		unsigned in_second;
	} malformed;
	bool product_done;
	uint64_t signal_ms; /* when the first asked us to end, or 0 */
	int status;         /* -1: running */
	int spoilt;         /* of a --trace or --pcap that is not whole, or 0 */
	int fatal; /* the status of a broken --events, stdin, ... or 0 */
	char *why;
};

/* An output, --events or --trace, failed by itself. */
void pc_events_failed(void *tool, int rc);
void pc_trace_failed(void *tool, int rc);

/* Write the packets that wait in memory; a timer's function. */
void pc_pcap_flush(void *tool);

/*
 * End politely, but with this status in place of 0: soon, not now, because who
 * emits an event does not expect to be ended by it. why is kept.
 */
void pc_tool_fatal(struct pc_tool *tool, int status, const char *why);

#endif
