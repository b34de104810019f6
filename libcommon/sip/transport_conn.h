/*
 * One connection of SIP over TCP, TLS, WebSocket, or WebSocket over TLS:
 * bytes of a socket on one side, whole messages on the other.
 *
 *	socket <-> [ TLS ] <-> [ WebSocket ] <-> messages
 */
#ifndef PC_SIP_TRANSPORT_CONN_H
#define PC_SIP_TRANSPORT_CONN_H

#include <sys/queue.h>

#include "sip/tls.h"
#include "sip/transport_private.h"
#include "sip/transport_ws.h"

enum conn_state {
	CONN_CONNECTING, /* TCP */
	CONN_SHAKING,    /* TLS, WebSocket */
	CONN_OPEN,
};

struct conn {
	LIST_ENTRY(conn) link;
	struct pc_sip_transport *tp;
	int fd;
	struct pc_watch *watch;
	struct pc_timer *timer; /* until it is open; then until the pong */
	struct pc_addr remote, local;
	struct pc_buf in;      /* of a message, as far as it came */
	struct pc_buf waiting; /* whole messages that wait for CONN_OPEN */
	struct pc_buf out;     /* bytes for the socket */
	struct pc_sip_tls *tls;
	struct pc_sip_ws *ws;
	enum conn_state state;
	bool incoming;
	bool heard;  /* a whole message has come by it */
	bool pinged; /* a keep-alive is unanswered */
	bool ponged; /* the other end answers keep-alives */
};

/* All connections of a transport. */
struct stream {
	int fd; /* listens, or keeps the port for ours; or -1 */
	struct pc_watch *watch;
	LIST_HEAD(conns, conn) conns;
	unsigned n;
	struct pc_sip_tls_context *tls;
	char host[40]; /* WebSocket: our name, which leads nowhere */
};

/*
 * Take over fd. NULL: too many, or no memory (fd is closed then).
 *   connecting  connect() is under way; else it was accepted
 */
struct conn *pc_sip_conn_new(struct pc_sip_transport *tp, int fd,
			     const struct pc_addr *remote, bool connecting);
/* 0, -ENOBUFS (too much waits) or -ENOMEM. A failure of it comes later. */
int pc_sip_conn_send(struct conn *c, const char *data, size_t len);
/* A keep-alive; must: it ends the connection when no answer comes. */
int pc_sip_conn_ping(struct conn *c, bool must);
/* The owner closes: say goodbye as far as that does not take time. */
void pc_sip_conn_close(struct conn *c);

#endif
