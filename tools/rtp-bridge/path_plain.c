/* A way without ICE: a UDP port of our own; see path.h. */
#include <errno.h>

#include "path_private.h"
#include "socket.h"

int path_bind(struct path *p, const char *where, pc_watch_fn *on_udp)
{
	struct pc_tool *tool = &p->leg->bridge->tool;
	int rc = pc_addr_resolve(&p->local, where, 0);

	p->plain = true;
	if (rc < 0)
		return rc;
	p->udp = pc_addr_bind(&p->local, SOCK_DGRAM);
	if (p->udp < 0)
		return p->udp;
	p->udp_watch = pc_watch_new(tool->loop, p->udp, PC_READ, on_udp, p);
	if (!p->udp_watch)
		return -ENOMEM;
	pc_tool_listening(tool, "udp", &p->local);
	return 0;
}

bool path_is_plain(const struct path *p)
{
	return p->plain;
}

int path_check(struct path *p, const struct pc_sdp_media *remote)
{
	struct pc_addr to;

	return p->plain ? leg_remote_addr(p->leg, remote, &p->local, &to) : 0;
}

void path_point(struct path *p, const struct pc_sdp_media *remote)
{
	struct pc_addr to;

	if (!p->plain || pc_addr_from_ip(&to, remote->ip, remote->port) < 0 ||
	    (p->ready && pc_addr_equal(&p->told, &to)))
		return; /* what was learned since stays */
	p->remote = p->from = p->told = to;
	p->ready = pc_addr_port(&to) != 0 && !pc_addr_is_any(&to);
	if (p->ready)
		p->events.ready(p->events.arg);
}

void path_fragment(const struct path *p, const char *kind, struct pc_buf *out)
{
	struct pc_addr named = datagrams_named(&p->local);
	char ip[PC_ADDR_TEXT];

	if (p->plain)
		pc_buf_printf(out,
			      "m=%s %u UDP/TLS/RTP/SAVPF 0\r\nc=IN IP%c %s\r\n",
			      kind, pc_addr_port(&named),
			      named.sa.sa_family == AF_INET6 ? '6' : '4',
			      pc_addr_ip(&named, ip));
	else
		pc_buf_printf(out,
			      "m=%s 9 UDP/TLS/RTP/SAVPF 0\r\n"
			      "c=IN IP4 0.0.0.0\r\n",
			      kind);
}

void path_was_from(struct path *p, const struct pc_addr *from)
{
	if (p->plain)
		p->from = *from;
}
