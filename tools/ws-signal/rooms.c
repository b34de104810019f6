#include "rooms.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Send an object to p and give it back. What fails is p's own affair. */
static int send_object(struct participant *p, json_t *object)
{
	size_t len = 0;
	char *line = pc_json_line(object, &len);
	int rc = -ENOMEM;

	if (line)
		rc = p->rooms->send(p->owner, line, len - 1); /* no newline */
	free(line);
	json_decref(object);
	return rc;
}

static bool same_room(const struct participant *a, const struct participant *b)
{
	return a->room && b->room && strcmp(a->room, b->room) == 0;
}

/* To everybody else in p's room. */
static void tell_others(struct participant *p, json_t *object)
{
	for (struct participant *q = p->rooms->first; q; q = q->next)
		if (q != p && same_room(p, q))
			(void)send_object(q, json_incref(object));
	json_decref(object);
}

static json_t *describe(const struct participant *p)
{
	return pc_json_fields("id=%s name=%s kind=%s", p->id, p->name, p->kind);
}

static void send_room(struct participant *p)
{
	json_t *list = json_array();

	for (struct participant *q = p->rooms->first; q; q = q->next)
		if (same_room(p, q))
			json_array_append_new(list, describe(q));
	(void)send_object(p, pc_json_fields("type=%s room=%s participants=%p",
					    "room", p->room, (void *)list));
}

static void forget(struct participant *p)
{
	free(p->name);
	free(p->kind);
	free(p->room);
	p->name = p->kind = p->room = NULL;
}

static void leave(struct participant *p, const char *why)
{
	if (!p->room)
		return;
	tell_others(p,
		    pc_json_fields("type=%s id=%s why=%s", "left", p->id, why));
	pc_event(p->rooms->tool, "left", "id=%s room=%s why=%s", p->id, p->room,
		 why);
	forget(p);
}

/* A member that is a text of at most WORD_MAX, or absent when optional. */
static const char *word(const json_t *m, const char *key, const char *absent)
{
	const json_t *v = json_object_get(m, key);
	const char *s = v ? json_string_value(v) : absent;

	return s && strlen(s) <= WORD_MAX ? s : NULL;
}

static const char *on_enter(struct participant *p, const json_t *m)
{
	const char *room = word(m, "room", NULL), *name = word(m, "name", ""),
		   *kind = word(m, "kind", "");

	if (!room || !*room || !name || !kind)
		return "enter needs a room, and texts of at most 64 bytes";
	leave(p, "entered another room");
	p->room = strdup(room);
	p->name = strdup(name);
	p->kind = strdup(kind);
	if (!p->room || !p->name || !p->kind) {
		forget(p);
		return "out of memory";
	}
	pc_event(p->rooms->tool, "entered", "id=%s room=%s name=%s kind=%s",
		 p->id, room, name, kind);
	send_room(p);
	tell_others(p, pc_json_fields("type=%s id=%s name=%s kind=%s room=%s",
				      "entered", p->id, name, kind, room));
	return NULL;
}

static const char *on_leave(struct participant *p, const json_t *m)
{
	(void)m;
	leave(p, "left");
	return NULL;
}

static const char *on_who(struct participant *p, const json_t *m)
{
	(void)m;
	if (!p->room)
		return "who: enter a room first";
	send_room(p);
	return NULL;
}

static struct participant *find(struct rooms *rooms, const char *id)
{
	for (struct participant *p = rooms->first; p; p = p->next)
		if (strcmp(p->id, id) == 0)
			return p;
	return NULL;
}

/* Why a message for to cannot be delivered; NULL if it was. */
static const char *relay(struct participant *p, struct participant *to,
			 json_t *m)
{
	int rc;

	if (!p->room)
		return "enter a room first";
	if (!to || !same_room(p, to))
		return "nobody of that id is in your room";
	json_object_set_new(m, "from", json_string(p->id));
	rc = send_object(to, json_incref(m));
	if (rc == 0)
		return NULL;
	return rc == -ENOBUFS ? "it does not read its messages"
			      : "it is leaving";
}

/* What the server itself says: from a participant it would be a forgery. */
static bool is_ours(const char *type)
{
	static const char *const ours[] = { "welcome", "room",        "entered",
					    "left",    "undelivered", "error" };

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (strcmp(ours[i], type) == 0)
			return true;
	return false;
}

static const char *on_relay(struct participant *p, json_t *m)
{
	const char *to = pc_json_str(m, "to");
	const char *why;

	if (!to)
		return "\"to\" is the id of a participant";
	if (is_ours(pc_json_str(m, "type")))
		return "only the server says that";
	why = relay(p, find(p->rooms, to), m);
	if (!why)
		return NULL;
	(void)send_object(p, pc_json_fields("type=%s to=%s call=%s message=%s "
					    "why=%s",
					    "undelivered", to,
					    pc_json_str(m, "call"),
					    pc_json_str(m, "type"), why));
	return NULL;
}

static const char *dispatch(struct participant *p, json_t *m)
{
	static const struct {
		const char *type;
		const char *(*fn)(struct participant *, const json_t *);
	} table[] = {
		{ "enter", on_enter },
		{ "leave", on_leave },
		{ "who", on_who },
	};
	const char *type = pc_json_str(m, "type");

	if (!json_is_object(m))
		return "not a JSON object";
	if (!type)
		return "no \"type\"";
	if (json_object_get(m, "to"))
		return on_relay(p, m);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strcmp(table[i].type, type) == 0)
			return table[i].fn(p, m);
	return "unknown type, and no \"to\"";
}

int rooms_message(struct participant *p, const char *text, size_t len,
		  const char **why)
{
	json_t *m = json_loadb(text, len, 0, NULL);

	*why = m ? dispatch(p, m) : "not JSON";
	json_decref(m);
	if (!*why)
		return 0;
	(void)send_object(p, pc_json_fields("type=%s why=%s", "error", *why));
	return -EBADMSG;
}

void rooms_join(struct rooms *rooms, struct participant *p, void *owner)
{
	*p = (struct participant){ .rooms = rooms,
				   .owner = owner,
				   .prev = rooms->last };
	snprintf(p->id, sizeof(p->id), "p%lu", ++rooms->next_id);
	if (p->prev)
		p->prev->next = p;
	else
		rooms->first = p;
	rooms->last = p;
	(void)send_object(p, pc_json_fields("type=%s id=%s", "welcome", p->id));
}

void rooms_part(struct participant *p, const char *why)
{
	leave(p, why);
	if (p->prev)
		p->prev->next = p->next;
	else
		p->rooms->first = p->next;
	if (p->next)
		p->next->prev = p->prev;
	else
		p->rooms->last = p->prev;
}

void rooms_fini(struct rooms *rooms)
{
	for (struct participant *p = rooms->first; p; p = p->next)
		forget(p);
	rooms->first = rooms->last = NULL;
}

json_t *rooms_list(const struct rooms *rooms)
{
	json_t *list = json_array();

	for (const struct participant *p = rooms->first; p; p = p->next) {
		json_t *one = describe(p);

		pc_json_add(one, "room=%s", p->room);
		json_array_append_new(list, one);
	}
	return list;
}
