/*
 * How SIP messages travel (RFC 3261 section 18): UDP, TCP, TLS, WebSocket and
 * its secure form (RFC 7118, as a client), or a line (the Unix socket of a
 * sip-register that owns the flow).
 *
 *	struct pc_sip_transport *tp;
 *	int rc = pc_sip_transport_open(&tp, tool, &(struct pc_sip_transport_config){
 *		.kind = PC_SIP_UDP, .local = &any, .received = on_message,
 *		.closed = on_closed, .arg = ua });
 *
 * Messages come whole: a stream is cut by Content-Length (18.3), CRLF
 * keep-alives are answered and swallowed (RFC 5626 3.5.1). UDP has TCP at the
 * same port beside it (18.2.1), for what comes by it, and for requests that
 * are too large for a datagram (18.1.1). Whatever is not
 * SIP is counted as malformed and dropped. received/rport (RFC 3581) is put
 * into the top Via of what came.
 */
#ifndef PC_SIP_TRANSPORT_H
#define PC_SIP_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"
#include "loop/tool.h"
#include "sip/tls.h"

enum pc_sip_transport_kind {
	PC_SIP_UDP,
	PC_SIP_TCP,
	PC_SIP_TLS,
	PC_SIP_WS,
	PC_SIP_WSS,
	PC_SIP_LINE
};

#define PC_SIP_MESSAGE_MAX 65535u
#define PC_SIP_UDP_MAX     1300u /* longer requests go by TCP (18.1.1) */

struct pc_sip_transport;
struct pc_sip_identity;

/* One whole message; data is borrowed and followed by a NUL. */
typedef void pc_sip_received_fn(void *arg, const char *data, size_t len,
				const struct pc_addr *from,
				const struct pc_addr *local);
/*
 * LINE: the line is gone, nothing more can be sent. TCP, TLS, WS: an open
 * connection ended and no other is left; not fatal, the next send opens a
 * new one. err > 0 (ECONNRESET when the other side closed it, ETIMEDOUT when
 * it did not answer a keep-alive, EKEYREJECTED when it did not accept our
 * certificate).
 */
typedef void pc_sip_closed_fn(void *arg, int err, const char *why);

/*
 * Nothing can be sent to this address: ICMP said so (UDP), or no connection
 * to it could be made (TCP); also told over a line. err > 0 (ECONNREFUSED,
 * EHOSTUNREACH, ETIMEDOUT ...; EKEYREJECTED: a certificate was not accepted,
 * EPROTO: no TLS or no WebSocket there). pc_sip_transport_why has the words. Client transactions towards it have failed
 * (RFC 3261 17.1.4, 8.1.3.1: treat as a 503) and need not wait for timer B/F.
 * Never called from within pc_sip_transport_send.
 */
typedef void pc_sip_unreachable_fn(void *arg, int err,
				   const struct pc_addr *to);

struct pc_ws_url;

struct pc_sip_transport_config {
	enum pc_sip_transport_kind kind;
	const struct pc_addr *local; /* to bind; port 0 allowed; not for LINE */
	const char *line_path;       /* LINE only */
	const char *line_as; /* LINE: who calls, a URI: the account of that
				user, in a pool; NULL: the first */
	bool listen; /* say `listening` (TCP accepts on local in any case,
			TLS when there is a certificate) */
	struct pc_sip_tls_config tls;   /* TLS, WSS */
	struct pc_addr server;          /* WS, WSS: all goes there */
	const struct pc_ws_url *ws_url; /* WS, WSS; the owner keeps it */
	pc_sip_received_fn *received;
	pc_sip_closed_fn *closed;
	pc_sip_unreachable_fn *unreachable; /* NULL: closed is called */
	/*
	 * Streams: the messages that no connection could be made for, in
	 * place of unreachable. NULL for all but UDP's own TCP.
	 */
	void (*unsent)(void *arg, int err, const char *data, size_t len,
		       const struct pc_addr *to);
	void *arg;
};

/*
 * What the transport is, for Via and Contact (RFC 3261 18.1.1, 8.1.1.8).
 * A line's may change (it registers, it learns its address behind a NAT):
 * read it when it is needed, keep no pointers into it.
 */
struct pc_sip_identity {
	const char
		*transport; /* "UDP", "TCP", "TLS", "WS", "WSS": Via's word */
	bool reliable;      /* no retransmission timers (17.1.1.2) */
	bool flow;          /* it listens nowhere: reached by its connection */
	struct pc_addr local; /* sent-by */
	const char *host;     /* sent-by in place of local (WS), or NULL */
	const char *contact;  /* the line's Contact URI; else NULL: make one */
	const char *aor;      /* the line's address of record; else NULL */
	struct pc_addr proxy; /* the line's next hop; len 0: none */
	/* the line's Service-Route (RFC 3608), for requests outside of calls */
	const char *const *routes;
	size_t n_routes;
	bool registered;
};

/* "UDP" for PC_SIP_UDP: Via's word (RFC 3261 20.42, RFC 7118). */
const char *pc_sip_transport_word(enum pc_sip_transport_kind kind);
/* From such a word, or a URI's (";transport=tls"); any case. False: none. */
bool pc_sip_transport_kind_of(enum pc_sip_transport_kind *kind,
			      const char *word);
/*
 * ";transport=tls", as a URI of ours says how we are reached (RFC 3261
 * 19.1.1, RFC 7118 5.3: "ws" for both); "" for UDP. Returns text.
 */
const char *pc_sip_transport_param(const struct pc_sip_identity *id,
				   char text[24]);
/* 5060, 5061, 80 or 443 (RFC 3261 19.1.2, RFC 7118). */
uint16_t pc_sip_transport_port(enum pc_sip_transport_kind kind);

/*
 * Open. For LINE this connects and waits (bounded) for the line's hello.
 * 0; -ECONNREFUSED/-ENOENT (no line there), -EADDRINUSE, -EKEYREJECTED (a
 * certificate's file is not good: it has been said which and why), other
 * -errno.
 */
int pc_sip_transport_open(struct pc_sip_transport **tp, struct pc_tool *tool,
			  const struct pc_sip_transport_config *config);
void pc_sip_transport_close(struct pc_sip_transport *tp); /* NULL is fine */

const struct pc_sip_identity *
pc_sip_transport_identity(const struct pc_sip_transport *tp);

/*
 * What goes to this address from now on goes there by the TCP that is beside
 * UDP. Of no effect on other kinds.
 */
void pc_sip_transport_by_tcp(struct pc_sip_transport *tp,
			     const struct pc_addr *to);

/*
 * The last failure in words: "the server's certificate is for a.example, not
 * for b.example"; that of err, or what errno means. Borrowed.
 */
const char *pc_sip_transport_why(const struct pc_sip_transport *tp, int err);

/*
 * TLS: that address was found for this name, and its certificate must be for
 * it (RFC 5922 4); without, for the address itself. A copy is kept.
 */
void pc_sip_transport_named(struct pc_sip_transport *tp,
			    const struct pc_addr *addr, const char *name);

/*
 * A keep-alive towards to (RFC 5626 4.4): CRLF CRLF, WebSocket's Ping, or
 * over UDP with stun a Binding request.
 *   must  no answer within 10 s is the end of the flow: closed(ETIMEDOUT).
 *         It is in any case when it was answered before, and with WebSocket.
 * STUN: no answer, or that we are seen at another address than the last time
 * (ENETRESET), is the end of the flow as well. 0 or -errno.
 */
int pc_sip_transport_ping(struct pc_sip_transport *tp, const struct pc_addr *to,
			  bool stun, bool must);

/*
 * Send one message towards to (TCP: on the connection to it, opened when
 * there is none; bytes wait for the connection). 0 or -errno; a later
 * failure of a TCP connection is told by closed().
 */
int pc_sip_transport_send(struct pc_sip_transport *tp, const char *data,
			  size_t len, const struct pc_addr *to);

/*
 * LINE only. Ask the line for the answer to a 401/407 (the credentials stay
 * there): fn(arg, header_name, value), or value NULL and why in header_name.
 */
typedef void pc_sip_authorized_fn(void *arg, const char *header,
				  const char *value);
int pc_sip_transport_authorize(struct pc_sip_transport *tp, const char *method,
			       const char *uri, const char *response,
			       size_t len, pc_sip_authorized_fn *fn, void *arg);

/*
 * The address we have as seen by to: identity->local, with the address the
 * kernel would send from in place of 0.0.0.0 or ::. 0 or -errno.
 */
int pc_sip_transport_local(const struct pc_sip_transport *tp,
			   const struct pc_addr *to, struct pc_addr *local);

/*
 * LINE only. Take a waiting INVITE; id NULL: the next one, now or when it
 * comes. 0 or -errno. It comes by received(); when the one of that id was
 * taken by another or has gone, closed(ENOENT, why) is called.
 */
int pc_sip_transport_take(struct pc_sip_transport *tp, const char *id);
/*
 * The same for requests of a method that makes no call ("MESSAGE"): each that
 * comes from now on.
 */
int pc_sip_transport_take_method(struct pc_sip_transport *tp,
				 const char *method);

#endif
