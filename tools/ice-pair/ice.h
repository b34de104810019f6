/*
 * One ICE session with one component (RFC 8445, RFC 8838, RFC 7675), on
 * libnice: its signals become the calls below, its GObjects stay inside.
 *
 *	ice_start(&ice, tool, &cfg, &events, arg);   gathering begins
 *	... events->candidate, events->gathered ...
 *	ice_remote(ice, ufrag, pwd);
 *	ice_candidate(ice, "candidate:1 1 udp ...");
 *	... events->selected ...
 */
#ifndef ICE_PAIR_ICE_H
#define ICE_PAIR_ICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/opt.h"

struct pc_tool;
struct ice;

struct ice_config {
	bool controlling, relay_only, no_host, loopback, tcp;
	bool aggressive; /* nominate so; only if controlling, without tcp */
	const struct pc_opt_list *addresses;  /* empty: all */
	const struct pc_opt_list *interfaces; /* empty: all */
	const char *stun;                     /* HOST:PORT, or NULL */
	const char *turn, *turn_transport;
	char *turn_user, *turn_password; /* ice_start makes copies */
	uint16_t port_min, port_max;     /* 0: any */
	unsigned consent_ms;
};

/* A selected pair. */
struct ice_pair {
	struct pc_addr local, remote; /* local: the base, where packets go */
	const char *local_type, *remote_type, *transport;
	int fd; /* the base's UDP socket, libnice's own; -1: relayed or TCP */
};

/* Data of which pair? */
enum ice_when {
	ICE_EARLY, /* one that is not selected here yet */
	ICE_NOW,   /* the one that is in use */
	ICE_LATE,  /* one that another has taken over from, after a restart */
};

struct ice_events {
	void (*candidate)(void *arg, const char *candidate); /* no "a=" */
	void (*gathered)(void *arg);
	void (*restarted)(void *arg); /* our credentials are others */
	void (*state)(void *arg, const char *from, const char *to);
	void (*selected)(void *arg, const struct ice_pair *pair);
	/* Not STUN: media or DTLS that came to libnice's socket. */
	void (*data)(void *arg, enum ice_when when, const void *data,
		     size_t len);
	void (*lost)(void *arg, const char *why);
	/*
	 * The name of the TURN server, or the STUN server, could not be looked
	 * up. From within libnice, which must not be called then.
	 */
	void (*unresolved)(void *arg, bool turn);
};

/*
 * Make the agent and begin to gather; events may come before it returns.
 * Returns 0, -EADDRNOTAVAIL (no local address can be bound), -EINVAL (a
 * bad address, or an unresolvable server) after one line.
 */
int ice_start(struct ice **ice, struct pc_tool *tool,
	      const struct ice_config *cfg, const struct ice_events *events,
	      void *arg);
void ice_free(struct ice *ice); /* NULL is fine */

/*
 * Give the relays back (RFC 8656 section 7: Refresh with lifetime 0); done is
 * called when the servers have answered. The caller bounds the wait.
 */
void ice_close(struct ice *ice, void (*done)(void *arg), void *arg);

/* Our ufrag and pwd; borrowed. */
const char *ice_ufrag(const struct ice *ice);
const char *ice_pwd(const struct ice *ice);

/* All local candidates so far, each as an a=candidate line with CRLF. */
void ice_candidates(const struct ice *ice, struct pc_buf *out);

/* The peer's credentials: checks may begin. 0 or -EINVAL (bad). */
int ice_remote(struct ice *ice, const char *ufrag, const char *pwd);

/*
 * Restart (RFC 8445 section 9): we have new credentials and gather anew, on
 * other ports; none of the peer's are known any more. The selected pair is used,
 * and checks with the old credentials are answered, until another pair is
 * selected and has taken over. With no port or relay left, what there is has to
 * do: then the old credentials are refused. events->restarted is called, then
 * ->candidate and ->gathered, as in the beginning. 0 or -errno.
 */
int ice_restart(struct ice *ice);

/*
 * The peer is ICE-lite, so the controlling role is ours (RFC 8445 6.1.1). To be
 * called before ice_remote. 0, or as ice_start.
 */
int ice_peer_is_lite(struct ice *ice);

/*
 * The peer wants no aggressive nomination: it is ICE-lite, or has options that
 * we do not know (RFC 5245 section 8.1.1), such as ice2 (RFC 8445 section 10).
 * To be called before ice_remote.
 */
void ice_nominate_regularly(struct ice *ice);

/*
 * One of the peer's candidates ("candidate:1 1 udp ..."), or "" for the end.
 *   why  set to the reason when it is not used
 * Returns 0, -EINVAL (not a candidate) or -EPROTONOSUPPORT (skipped: mDNS
 * name, other component, unknown type or transport, too many).
 */
int ice_candidate(struct ice *ice, const char *text, const char **why);

/*
 * Is a candidate of the generation that has these credentials? Only browsers
 * say it, by the extension "ufrag" (RFC 8838 section 10); else it is true.
 */
bool ice_candidate_of(const char *text, const char *ufrag);

/* Send over the selected pair. 0, -EAGAIN (dropped) or -ENOTCONN. */
int ice_send(struct ice *ice, const void *data, size_t len);

/* A message of libnice's log: it says what no signal does. */
void ice_heard(struct ice *ice, const char *message);

/* One end of a pair. local's address is the base: where packets go from. */
struct ice_end {
	struct pc_addr addr;
	const char *type, *transport; /* "host", "udp" */
};

/* Each pair of candidates that is possible (RFC 8445 section 6.1.2.2). */
void ice_each_pair(struct ice *ice,
		   void (*fn)(void *arg, const struct ice_end *local,
			      const struct ice_end *remote),
		   void *arg);

#endif
