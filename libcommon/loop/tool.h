/*
 * What every tool does the same way: the pipe contract in one place.
 *
 *	int main(int argc, char **argv)
 *	{
 *		struct config cfg;
 *		struct pc_tool tool;
 *		int status = pc_tool_init(&tool, &spec, &cfg, argc, argv);
 *
 *		if (status >= 0)
 *			return status;     --help, or a usage error
 *		...start; pc_tool_exit(&tool, PC_EXIT_OK) when done...
 *		return pc_tool_run(&tool);
 *	}
 *
 * The config struct begins with struct pc_tool_common; the option table
 * begins with PC_TOOL_OPTIONS.
 *
 * Ending: SIGINT, SIGTERM, end of file on a control stdin or fd:N, a --pid
 * that ended, a broken --events, --trace or --control: spec->stop is called
 * once, and has PC_TOOL_STOP_MS to say goodbye and call pc_tool_exit. A
 * second signal (one within 0.1 s is still the first), or that time, ends
 * the tool at once.
 */
#ifndef PC_LOOP_TOOL_H
#define PC_LOOP_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/exit.h"
#include "base/json.h"
#include "base/log.h"
#include "base/opt.h"
#include "loop/loop.h"

#define PC_TOOL_STOP_MS 2000
#define PC_TOOL_DOC_MAX (16u << 20) /* largest document taken on stdin */

struct pc_tool_common {
	const char *events, *control, *trace, *pcap, *call;
	struct pc_opt_list pids;
	unsigned timeout_ms;
	int verbose;
	bool quiet, help, help_mdoc, version;
};

/* The shared rows; TIMEOUT is the tool's default in seconds, as text. */
/* clang-format off */
#define PC_TOOL_OPT(l, n, m, h, d, k, field)                                   \
	{ l, n, m, h, d, k, offsetof(struct pc_tool_common, field) }
#define PC_TOOL_OPTIONS(TIMEOUT, TIMEOUT_HELP)                                 \
	PC_TOOL_OPT('e', "events", "PATH",                                     \
		    "write events as JSON lines to PATH (file, FIFO, fd:N)",\
		    NULL, PC_OPT_STR, events),                                 \
	PC_TOOL_OPT('c', "control", "PATH",                                    \
		    "read commands, one a line, from PATH (FIFO, fd:N, -)",    \
		    NULL, PC_OPT_STR, control),                                \
	PC_TOOL_OPT(0, "trace", "PATH",                                        \
		    "write every message and state change to PATH", NULL,      \
		    PC_OPT_STR, trace),                                        \
	PC_TOOL_OPT(0, "pcap", "PATH",                                         \
		    "write every packet to PATH as pcapng for Wireshark",      \
		    NULL, PC_OPT_STR, pcap),                                   \
	PC_TOOL_OPT(0, "call", "NAME",                                         \
		    "the call's name in events (else $PIPECALL_CALL)", NULL,   \
		    PC_OPT_STR, call),                                         \
	PC_TOOL_OPT(0, "pid", "PID",                                           \
		    "end politely when process PID ends; may be repeated",     \
		    NULL, PC_OPT_LIST, pids),                                  \
	PC_TOOL_OPT('t', "timeout", "SECONDS", TIMEOUT_HELP, TIMEOUT,          \
		    PC_OPT_MS, timeout_ms),                                    \
	PC_TOOL_OPT('v', "verbose", NULL, "say more (twice: still more)",      \
		    NULL, PC_OPT_COUNT, verbose),                              \
	PC_TOOL_OPT('q', "quiet", NULL, "say only what went wrong", NULL,      \
		    PC_OPT_FLAG, quiet),                                       \
	PC_TOOL_OPT('h', "help", NULL, "print this", NULL, PC_OPT_FLAG, help), \
	PC_TOOL_OPT(0, "help-mdoc", NULL, "print the options as mdoc(7)",      \
		    NULL, PC_OPT_FLAG, help_mdoc),                             \
	PC_TOOL_OPT(0, "version", NULL, "print the version", NULL,             \
		    PC_OPT_FLAG, version)

/* clang-format on */

struct pc_tool;

/*
 * A control command: its words ("dtmf 12#" gives name "dtmf", argv {"12#"}),
 * or a JSON object {"command": "dtmf", ...}.
 */
struct pc_command {
	const char *name;
	int argc;
	const char **argv;
	const char *rest; /* what follows the name, as it stands; or NULL */
	json_t *object;   /* NULL when it came as words; borrowed */
};

/* The argument called key of an object, or the position'th word; or NULL. */
const char *pc_command_arg(const struct pc_command *cmd, const char *key,
			   int position);

struct pc_tool_command {
	const char *name; /* the table ends with NULL */
	/* Returns 0, or -errno after pc_tool_error(). */
	int (*fn)(void *arg, const struct pc_command *cmd);
	const char *help; /* "dtmf DIGITS: send them" */
};

struct pc_tool_spec {
	struct pc_opt_usage usage;
	const struct pc_tool_command *commands; /* or NULL */
	void (*stop)(void *arg); /* say goodbye; NULL: exit 0 at once */
	bool product_is_events;  /* --events - is allowed, and the default */
	/* Free what hangs on the loop; pc_tool_run calls it at the end. */
	void (*fini)(void *arg);
	/*
	 * Once the options are read, and before anything is opened: do all of
	 * it elsewhere, and return the exit status; or -1.
	 */
	int (*instead)(void *config, int argc, char **argv);
};

struct pc_tool {
	const struct pc_tool_spec *spec;
	const struct pc_tool_common *common;
	void *arg; /* handed to commands and stop; set by the tool */
	struct pc_loop *loop;
	const char **operands;
	int n_operands;
	bool stopping;
	bool pcap; /* --pcap takes packets */
	/*
	 * NULL; or in a copy of a tool, which stands for one of several things
	 * that it does at a time: what pc_tool_exit calls for it, with arg.
	 */
	void (*exited)(void *arg, int status);
	struct pc_tool_state *state; /* private */
};

/*
 * Parse options, open --events, --trace, --pcap, --control, catch signals.
 * Returns -1 to go on, or the exit status to return from main at once.
 */
int pc_tool_init(struct pc_tool *tool, const struct pc_tool_spec *spec,
		 void *config, int argc, char **argv);

/* Run the loop until pc_tool_exit; close everything; the exit status. */
int pc_tool_run(struct pc_tool *tool);

/* The second half of pc_tool_run, for who has run the loop himself. */
int pc_tool_finish(struct pc_tool *tool);

/* How long an option's FIFO is waited for that nobody reads. */
unsigned pc_tool_fifo_wait_ms(const struct pc_tool_common *common);

/* End the loop with this status (the first call counts). */
void pc_tool_exit(struct pc_tool *tool, int status);

/* Begin a polite ending as SIGTERM would; why goes to -v and an event. */
void pc_tool_stop(struct pc_tool *tool, const char *why);

/*
 * Call fn(arg, data, len) with all of stdin once it has come to its end,
 * without blocking the loop. len is 0 for an empty stdin. data is borrowed.
 * Too large (PC_TOOL_DOC_MAX) or unreadable: one line, and the tool exits.
 */
typedef void pc_tool_input_fn(void *arg, const char *data, size_t len);
int pc_tool_read_stdin(struct pc_tool *tool, pc_tool_input_fn *fn);

/*
 * Write the product and close stdout: filters behind us see the end of file
 * although we live on. 0, or -errno after one line on stderr (the caller
 * then exits with PC_EXIT_IO). Second call: -EALREADY, nothing written.
 */
int pc_tool_product(struct pc_tool *tool, const void *data, size_t len);
/* Close stdout with nothing (more) on it. */
void pc_tool_product_end(struct pc_tool *tool);

/*
 * Emit an event. Fields as in base/json.h:
 *	pc_event(tool, "ringing", "status=%d reason=%s", 180, "Ringing");
 * fmt may be NULL. Cheap without --events.
 */
void pc_event(struct pc_tool *tool, const char *event, const char *fmt, ...)
	__attribute__((cold, format(printf, 3, 4)));
bool pc_events_wanted(const struct pc_tool *tool);

/* An `error` event and a line on stderr, of the same text. */
void pc_tool_error(struct pc_tool *tool, const char *fmt, ...)
	__attribute__((cold, format(printf, 2, 3)));

/*
 * Something malformed came from the network: counted, an event
 * (`malformed`: protocol, from, why, count; at most 10 a second, the count
 * tells of the rest), said with -v, and survived.
 */
void pc_tool_malformed(struct pc_tool *tool, const char *protocol,
		       const struct pc_addr *from, const char *why)
	__attribute__((cold));

/* `listening udp 127.0.0.1:40312` on stderr and as an event. */
void pc_tool_listening(struct pc_tool *tool, const char *transport,
		       const struct pc_addr *addr);

/* --trace: one protocol message. text is the raw message where it is text. */
struct pc_trace_msg {
	const char *protocol; /* "SIP", "STUN", "DTLS", "WebSocket", ... */
	bool out;
	const struct pc_addr *local, *remote; /* may be NULL */
	const char *transport; /* "udp", "tcp", ...; for --pcap; may be NULL */
	const char *summary;   /* one line */
	const void *data;      /* the bytes; NULL if not to be shown */
	size_t len;
	bool text; /* data goes into the trace as it is */
};
/* Writes the trace line, and the packet into --pcap (if both addresses). */
void pc_trace_message(struct pc_tool *tool, const struct pc_trace_msg *msg);
/* A state machine went on; from NULL: it is new, why NULL: nobody knows. */
void pc_trace_state(struct pc_tool *tool, const char *machine, const char *from,
		    const char *to, const char *why);
/* The same with more members (stolen; NULL: none). */
void pc_trace_state_with(struct pc_tool *tool, const char *machine,
			 const char *from, const char *to, const char *why,
			 json_t *more);
bool pc_trace_wanted(const struct pc_tool *tool); /* --trace or --pcap */

/* A packet for --pcap alone (media: too many for the trace). */
void pc_pcap_write(struct pc_tool *tool, const char *transport,
		   const struct pc_addr *from, const struct pc_addr *to,
		   const void *data, size_t len, const char *comment)
	__attribute__((cold));

static inline void pc_pcap_packet(struct pc_tool *tool, const char *transport,
				  const struct pc_addr *from,
				  const struct pc_addr *to, const void *data,
				  size_t len, const char *comment)
{
	if (tool->pcap)
		pc_pcap_write(tool, transport, from, to, data, len, comment);
}

/* Secrets for who reads --pcap: a line of an SSLKEYLOGFILE. */
void pc_pcap_secret(struct pc_tool *tool, const char *line);

#endif
