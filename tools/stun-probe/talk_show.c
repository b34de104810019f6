#include <string.h>

#include "base/buf.h"
#include "loop/tool.h"
#include "stun/explain.h"
#include "talk_show.h"

static void explain(const struct shown *m, const char *summary)
{
	struct pc_buf text = { 0 };
	char remote[PC_ADDR_TEXT], *save = NULL;

	pc_verbose("%s %s, %zu bytes: %s", m->out ? "to" : "from",
		   pc_addr_text(m->remote, remote), m->len, summary);
	(void)pc_stun_explain(&text, m->data, m->len, NULL);
	for (char *at = strtok_r(text.data, "\n", &save); at;
	     at = strtok_r(NULL, "\n", &save))
		pc_verbose("%s", at);
	pc_buf_fini(&text);
}

void talk_show(const struct talk_env *env, const struct shown *m)
{
	const char *transport = wire_is_reliable(m->kind) ? "tcp" : "udp";
	struct pc_buf line = { 0 };

	packets_add(env->packets, m->test, m->out, m->local, m->remote, m->data,
		    m->len);
	pc_stun_summary(&line, m->data, m->len);
	pc_trace_message(env->tool,
			 &(struct pc_trace_msg){ .protocol = "STUN",
						 .out = m->out,
						 .local = m->local,
						 .remote = m->remote,
						 .transport = transport,
						 .summary = line.data,
						 .data = m->data,
						 .len = m->len });
	if (pc_log_enabled(PC_LOG_VERBOSE))
		explain(m, line.data);
	pc_buf_fini(&line);
}
