#include "sdp/shape.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Of one key the longer shapes come first. */
static const struct shape {
	const char *key, *shape;
} shapes[] = {
	{ "m", "{media:w} {port:d}/{ports:d} {proto:w} {formats:l}" },
	{ "m", "{media:w} {port:d} {proto:w} {formats:l}" },
	{ "o", "{username:w} {id:w} {version:w} {nettype:w} {addrtype:w} "
	       "{address:w}" },
	{ "c", "{nettype:w} {addrtype:w} {address:w}" },
	{ "b", "{bwtype:w}:{bandwidth:d}" },
	{ "t", "{start:d} {stop:d}" },
	{ "a:rtpmap", "{payload:d} {codec:w}/{clock:d}/{channels:d}" },
	{ "a:rtpmap", "{payload:d} {codec:w}/{clock:d}" },
	{ "a:fmtp", "{payload:d} {parameters:r}" },
	{ "a:rtcp-fb", "{payload:w} {feedback:w} {parameter:r}" },
	{ "a:rtcp-fb", "{payload:w} {feedback:w}" },
	{ "a:rtcp", "{port:d} {nettype:w} {addrtype:w} {address:w}" },
	{ "a:rtcp", "{port:d}" },
	{ "a:ptime", "{milliseconds:d}" },
	{ "a:maxptime", "{milliseconds:d}" },
	{ "a:candidate",
	  "{foundation:w} {component:d} {transport:w} {priority:d} "
	  "{address:w} {port:d} typ {candidate:w} raddr {raddr:w} "
	  "rport {rport:d} {extensions:r}" },
	{ "a:candidate",
	  "{foundation:w} {component:d} {transport:w} {priority:d} "
	  "{address:w} {port:d} typ {candidate:w} raddr {raddr:w} "
	  "rport {rport:d}" },
	{ "a:candidate",
	  "{foundation:w} {component:d} {transport:w} {priority:d} "
	  "{address:w} {port:d} typ {candidate:w} {extensions:r}" },
	{ "a:candidate",
	  "{foundation:w} {component:d} {transport:w} {priority:d} "
	  "{address:w} {port:d} typ {candidate:w}" },
	{ "a:crypto", "{tag:d} {suite:w} {key:w} {parameters:r}" },
	{ "a:crypto", "{tag:d} {suite:w} {key:w}" },
	{ "a:fingerprint", "{hash:w} {fingerprint:w}" },
	{ "a:extmap", "{id:d}/{direction:w} {uri:w} {parameters:r}" },
	{ "a:extmap", "{id:d}/{direction:w} {uri:w}" },
	{ "a:extmap", "{id:d} {uri:w} {parameters:r}" },
	{ "a:extmap", "{id:d} {uri:w}" },
	{ "a:group", "{semantics:w} {mids:l}" },
	{ "a:msid", "{stream:w} {track:w}" },
	{ "a:rid", "{rid:w} {direction:w} {parameters:r}" },
	{ "a:rid", "{rid:w} {direction:w}" },
	{ "a:ssrc-group", "{semantics:w} {ssrcs:l}" },
	{ "a:ssrc", "{ssrc:d} {attribute:w}:{content:r}" },
	{ "a:sctp-port", "{port:d}" },
	{ "a:max-message-size", "{bytes:d}" },
};
#define N_SHAPES (sizeof(shapes) / sizeof(shapes[0]))

/* One {name:kind} of a shape. */
struct field {
	char name[24];
	char kind;
};

/* Read the {name:kind} at *shape, moving behind it. */
static struct field next_field(const char **shape)
{
	struct field f = { 0 };
	const char *colon = strchr(*shape, ':');

	memcpy(f.name, *shape + 1, (size_t)(colon - *shape - 1));
	f.kind = colon[1];
	*shape = colon + 3;
	return f;
}

static json_t *number(const char **text)
{
	const char *start = *text;
	char *end;
	long long n;

	if (!isdigit((unsigned char)*start) ||
	    (*start == '0' && isdigit((unsigned char)start[1])) ||
	    strspn(start, "0123456789") > 18)
		return NULL;
	n = strtoll(start, &end, 10);
	*text = end;
	return json_integer(n);
}

static json_t *words(const char *text)
{
	json_t *list = json_array();

	for (;;) {
		size_t n = strcspn(text, " ");

		if (n == 0 ||
		    json_array_append_new(list, json_stringn(text, n))) {
			json_decref(list);
			return NULL;
		}
		text += n;
		if (!*text)
			return list;
		text++;
	}
}

/* The value of one field at *text, moving behind it; until: what follows. */
static json_t *take(char kind, const char **text, char until)
{
	const char *start = *text;
	size_t n;

	if (kind == 'd')
		return number(text);
	n = strlen(start);
	*text = start + n;
	if (n == 0)
		return NULL;
	if (kind == 'r')
		return json_stringn(start, n);
	if (kind == 'l')
		return words(start);
	n = 0;
	while (start[n] && start[n] != ' ' && start[n] != '\t' &&
	       (until == ' ' || start[n] != until))
		n++;
	*text = start + n;
	return n ? json_stringn(start, n) : NULL;
}

static bool read_shape(json_t *object, const char *shape, const char *text)
{
	while (*shape) {
		if (*shape == '{') {
			struct field f = next_field(&shape);
			json_t *value = take(f.kind, &text, *shape);

			if (!value ||
			    json_object_set_new(object, f.name, value))
				return false;
		} else if (*shape++ != *text++) {
			return false;
		}
	}
	return !*text;
}

bool pc_sdp_shape_read(json_t *object, const char *key, const char *value)
{
	bool fits = false;
	size_t i;

	for (i = 0; i < N_SHAPES && !fits; i++) {
		json_t *members;

		if (strcmp(shapes[i].key, key) != 0)
			continue;
		members = json_object();
		fits = members && read_shape(members, shapes[i].shape, value);
		if (fits)
			fits = json_object_update(object, members) == 0;
		json_decref(members);
	}
	return fits;
}

static bool put_words(const json_t *list, struct pc_buf *out)
{
	size_t i;

	if (!json_is_array(list) || json_array_size(list) == 0)
		return false;
	for (i = 0; i < json_array_size(list); i++) {
		const json_t *word = json_array_get(list, i);

		if (!json_is_string(word))
			return false;
		if (i)
			pc_buf_adds(out, " ");
		pc_buf_add(out, json_string_value(word),
			   json_string_length(word));
	}
	return true;
}

static bool put(char kind, const json_t *value, struct pc_buf *out)
{
	if (kind == 'l')
		return put_words(value, out);
	if (json_is_integer(value))
		pc_buf_printf(out, "%" JSON_INTEGER_FORMAT,
			      json_integer_value(value));
	else if (json_is_string(value))
		pc_buf_add(out, json_string_value(value),
			   json_string_length(value));
	else
		return false;
	return true;
}

static bool write_shape(const json_t *object, const char *shape,
			struct pc_buf *out)
{
	while (*shape) {
		if (*shape == '{') {
			struct field f = next_field(&shape);

			if (!put(f.kind, json_object_get(object, f.name), out))
				return false;
		} else {
			pc_buf_add(out, shape++, 1);
		}
	}
	return true;
}

bool pc_sdp_shape_write(const json_t *object, const char *key,
			struct pc_buf *value)
{
	const size_t before = value->len;
	size_t i;

	for (i = 0; i < N_SHAPES; i++) {
		if (strcmp(shapes[i].key, key) != 0)
			continue;
		if (write_shape(object, shapes[i].shape, value))
			return true;
		if (value->data)
			value->data[before] = '\0';
		value->len = before;
	}
	return false;
}
