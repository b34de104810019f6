/* What an end of HTTP said, for --trace and --pcap. */
#ifndef PC_WS_HTTP_TRACE_H
#define PC_WS_HTTP_TRACE_H

#include "base/addr.h"
#include "loop/tool.h"

/* A message's head, summed up by its first line. */
void pc_http_trace(struct pc_tool *tool, const struct pc_addr *local,
		   const struct pc_addr *remote, bool out, const char *head,
		   size_t len);

#endif
