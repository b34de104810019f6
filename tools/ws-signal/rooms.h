/*
 * Participants and rooms: who is where, and who may speak to whom.
 *
 *	client -> server   enter {room, name, kind}   leave   who
 *	server -> client   welcome {id}  room {participants}  entered  left
 *	either             anything with "to" goes to that participant of the
 *	                   same room, with "from" set by the server
 */
#ifndef WS_SIGNAL_ROOMS_H
#define WS_SIGNAL_ROOMS_H

#include "base/json.h"
#include "loop/tool.h"

#define ID_MAX   16
#define WORD_MAX 64 /* octets of a room's or participant's name, or kind */

struct participant {
	struct participant *next, *prev;
	char id[ID_MAX];
	char *name, *kind, *room; /* room: NULL outside */
	struct rooms *rooms;
	void *owner; /* what send is called with */
};

/* Deliver a line; 0, or -errno when it cannot be delivered. */
typedef int rooms_send_fn(void *owner, const char *text, size_t len);

struct rooms {
	struct pc_tool *tool;
	rooms_send_fn *send;
	struct participant *first, *last;
	unsigned long next_id;
};

/* A connection is there: it gets an id and is welcomed. */
void rooms_join(struct rooms *rooms, struct participant *p, void *owner);

/* It is gone; the others in its room are told why. */
void rooms_part(struct participant *p, const char *why);

/*
 * A message from p. Returns 0, or -EBADMSG when it was not understood (p is
 * told by an `error`); *why is then set.
 */
int rooms_message(struct participant *p, const char *text, size_t len,
		  const char **why);

/* {"participants": [...]} of everyone, whatever the room; new reference. */
json_t *rooms_list(const struct rooms *rooms);

/* Forget everyone, and tell nobody. */
void rooms_fini(struct rooms *rooms);

#endif
