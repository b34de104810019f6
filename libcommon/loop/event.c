/* Events, traces and errors: what a tool tells of itself. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/home.h"
#include "loop/state.h"

bool pc_events_wanted(const struct pc_tool *tool)
{
	return tool->state->events;
}

bool pc_trace_wanted(const struct pc_tool *tool)
{
	return tool->state->trace || tool->state->pcap;
}

/* The members that every line has. */
static json_t *envelope(const struct pc_tool *tool, const char *event)
{
	const char *call = tool->common->call;

	if (!call)
		call = pc_home_env("PIPECALL_CALL");
	return pc_json_fields("time=%f tool=%s call=%s event=%s",
			      (double)pc_wall_us() / 1e6,
			      tool->spec->usage.name, call ? call : "", event);
}

static const char *why_failed(int rc)
{
	return rc == -EPIPE ? "its reader is gone" : strerror(-rc);
}

/* Who reads the events is a neighbour in the chain: without it, it ends. */
void pc_events_failed(void *arg, int rc)
{
	struct pc_tool *tool = arg;

	pc_out_close(tool->state->events);
	tool->state->events = NULL;
	pc_warnx("--events: %s", why_failed(rc));
	pc_tool_fatal(tool, PC_EXIT_IO, "an output failed");
}

/*
 * Who reads --trace or --pcap only looks on: what is looked at goes on. One who
 * leaves may; what could not be written is told again by the exit status.
 */
static void onlooker_failed(struct pc_tool *tool, int rc, const char *option)
{
	if (rc != -EPIPE)
		tool->state->spoilt = PC_EXIT_IO;
	pc_tool_error(tool, "--%s: %s: no more is written to it", option,
		      why_failed(rc));
}

void pc_trace_failed(void *arg, int rc)
{
	struct pc_tool *tool = arg;

	pc_out_close(tool->state->trace);
	tool->state->trace = NULL;
	onlooker_failed(tool, rc, "trace");
}

static void write_line(struct pc_tool *tool, struct pc_out *out, json_t *object,
		       pc_out_failed_fn *failed)
{
	size_t len = 0;
	char *line = pc_json_line(object, &len);
	int rc = line ? pc_out_write(out, line, len) : -ENOMEM;

	free(line);
	json_decref(object);
	if (rc < 0)
		failed(tool, rc);
}

void pc_event(struct pc_tool *tool, const char *event, const char *fmt, ...)
{
	json_t *object;
	va_list ap;

	/* unwanted fields are made all the same where one is ours to free */
	if (!tool->state->events && !(fmt && strstr(fmt, "%p")))
		return;
	object = envelope(tool, event);
	if (fmt) {
		va_start(ap, fmt);
		pc_json_vadd(object, fmt, ap);
		va_end(ap);
	}
	if (tool->state->events)
		write_line(tool, tool->state->events, object, pc_events_failed);
	else
		json_decref(object);
}

void pc_tool_error(struct pc_tool *tool, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	pc_warnx("%s", text);
	pc_event(tool, "error", "why=%s", text);
}

#define MALFORMED_A_SECOND 10

void pc_tool_malformed(struct pc_tool *tool, const char *protocol,
		       const struct pc_addr *from, const char *why)
{
	struct pc_tool_state *s = tool->state;
	uint64_t second = pc_now_ms() / 1000;
	char text[PC_ADDR_TEXT];

	s->malformed.count++;
	if (second != s->malformed.second) {
		s->malformed.second = second;
		s->malformed.in_second = 0;
	}
	if (++s->malformed.in_second > MALFORMED_A_SECOND)
		return;
	if (from)
		pc_addr_text(from, text);
	pc_verbose("malformed %s from %s: %s", protocol, from ? text : "?",
		   why);
	pc_event(tool, "malformed", "protocol=%s from=%s why=%s count=%lu",
		 protocol, from ? text : NULL, why, s->malformed.count);
}

void pc_tool_listening(struct pc_tool *tool, const char *transport,
		       const struct pc_addr *addr)
{
	char text[PC_ADDR_TEXT];

	pc_addr_text(addr, text);
	pc_info("listening %s %s", transport, text);
	pc_event(tool, "listening", "transport=%s address=%s port=%d",
		 transport, text, pc_addr_port(addr));
}

static json_t *raw_bytes(const struct pc_trace_msg *msg)
{
	return msg->text && msg->data ? pc_json_text(msg->data, msg->len)
				      : NULL;
}

void pc_trace_message(struct pc_tool *tool, const struct pc_trace_msg *msg)
{
	char local[PC_ADDR_TEXT] = "", remote[PC_ADDR_TEXT] = "";
	json_t *object;

	if (msg->local)
		pc_addr_text(msg->local, local);
	if (msg->remote)
		pc_addr_text(msg->remote, remote);
	pc_debug("%s %s %s %s", msg->protocol, msg->out ? "->" : "<-", remote,
		 msg->summary);
	if (tool->state->trace) {
		object = envelope(tool, "message");
		pc_json_add(object,
			    "protocol=%s direction=%s local=%s remote=%s "
			    "transport=%s summary=%s bytes=%zu raw=%p",
			    msg->protocol, msg->out ? "out" : "in", local,
			    remote, msg->transport, msg->summary, msg->len,
			    (void *)raw_bytes(msg));
		write_line(tool, tool->state->trace, object, pc_trace_failed);
	}
	if (msg->local && msg->remote && msg->transport && msg->data)
		pc_pcap_packet(tool, msg->transport,
			       msg->out ? msg->local : msg->remote,
			       msg->out ? msg->remote : msg->local, msg->data,
			       msg->len, NULL);
}

void pc_trace_state(struct pc_tool *tool, const char *machine, const char *from,
		    const char *to, const char *why)
{
	pc_trace_state_with(tool, machine, from, to, why, NULL);
}

void pc_trace_state_with(struct pc_tool *tool, const char *machine,
			 const char *from, const char *to, const char *why,
			 json_t *more)
{
	json_t *object;

	pc_debug("%s: %s%s%s%s%s", machine, from ? from : "",
		 from ? " -> " : "", to, why ? ": " : "", why ? why : "");
	if (!tool->state->trace) {
		json_decref(more);
		return;
	}
	object = envelope(tool, "state");
	pc_json_add(object, "machine=%s from=%s to=%s why=%s", machine, from,
		    to, why);
	if (more)
		json_object_update(object, more);
	json_decref(more);
	write_line(tool, tool->state->trace, object, pc_trace_failed);
}

/* What a reader of the file may lag behind. */
#define PCAP_FLUSH_MS 500

static void pcap_wrote(struct pc_tool *tool, int rc)
{
	struct pc_tool_state *s = tool->state;

	if (rc == 0)
		return;
	pc_pcapng_close(s->pcap);
	s->pcap = NULL;
	tool->pcap = false;
	onlooker_failed(tool, rc, "pcap");
}

void pc_pcap_flush(void *arg)
{
	struct pc_tool *tool = arg;

	tool->state->pcap_waits = false;
	if (tool->state->pcap)
		pcap_wrote(tool, pc_pcapng_flush(tool->state->pcap));
}

void pc_pcap_write(struct pc_tool *tool, const char *transport,
		   const struct pc_addr *from, const struct pc_addr *to,
		   const void *data, size_t len, const char *comment)
{
	struct pc_tool_state *s = tool->state;
	int rc;

	if (!s->pcap)
		return;
	rc = pc_pcapng_packet(s->pcap, pc_wall_us(), transport, from, to, data,
			      len, comment);
	if (rc == -EINVAL)
		return;
	pcap_wrote(tool, rc);
	if (rc == 0 && !s->pcap_waits) {
		s->pcap_waits = true;
		pc_timer_set(s->pcap_flush, PCAP_FLUSH_MS);
	}
}

void pc_pcap_secret(struct pc_tool *tool, const char *line)
{
	if (tool->state->pcap)
		pcap_wrote(tool, pc_pcapng_secret(tool->state->pcap, line));
}
