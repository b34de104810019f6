#include "ws/http_trace.h"

#include <stdio.h>
#include <string.h>

void pc_http_trace(struct pc_tool *tool, const struct pc_addr *local,
		   const struct pc_addr *remote, bool out, const char *head,
		   size_t len)
{
	const char *eol = memchr(head, '\r', len);
	char line[128];

	snprintf(line, sizeof(line), "%.*s",
		 (int)(eol ? eol - head : (ssize_t)len), head);
	pc_trace_message(tool, &(struct pc_trace_msg){ .protocol = "HTTP",
						       .out = out,
						       .local = local,
						       .remote = remote,
						       .transport = "tcp",
						       .summary = line,
						       .data = head,
						       .len = len,
						       .text = true });
}
