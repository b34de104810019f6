#include "sdp/json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "sdp/shape.h"

static const char rfc[] = "the JSON form of a description";

static json_t *hex_of(const struct pc_sdp_line *line)
{
	struct pc_buf b = { 0 };
	json_t *text;

	pc_buf_add_hex(&b, line->text, line->len);
	text = b.oom ? NULL : json_stringn(b.data, b.len);
	pc_buf_fini(&b);
	return text;
}

/* a=name[:value]; a name is what comes before the first colon. */
static bool attribute(json_t *object, const char *value)
{
	const char *colon = strchr(value, ':');
	const size_t n = colon ? (size_t)(colon - value) : strlen(value);
	char key[40];

	if (json_object_set_new(object, "name", json_stringn(value, n)))
		return false;
	if (!colon)
		return true;
	snprintf(key, sizeof(key), "a:%.*s", n < 32 ? (int)n : 0, value);
	return pc_sdp_shape_read(object, key, colon + 1) ||
	       json_object_set_new(object, "value", json_string(colon + 1)) ==
		       0;
}

/* One line, without its ending: {"type": "a", ...}; NULL: out of memory. */
static json_t *line_to_json(const struct pc_sdp_line *line)
{
	json_t *object = json_object();
	const char *value = pc_sdp_value(line);
	const char key[2] = { pc_sdp_type(line), '\0' };
	int rc;

	if (!pc_utf8_valid(line->text, line->len)) {
		rc = json_object_set_new(object, "hex", hex_of(line));
	} else if (line->len < 2 || line->text[1] != '=') {
		rc = json_object_set_new(object, "raw",
					 json_string(line->text));
	} else {
		rc = json_object_set_new(object, "type", json_string(key));
		if (rc == 0 && key[0] == 'a')
			rc = attribute(object, value) ? 0 : -1;
		else if (rc == 0 && !pc_sdp_shape_read(object, key, value))
			rc = json_object_set_new(object, "value",
						 json_string(value));
	}
	if (rc == 0)
		return object;
	json_decref(object);
	return NULL;
}

static json_t *lines_to_json(const struct pc_sdp *sdp,
			     const struct pc_sdp_section *section)
{
	const struct pc_sdp_line *line;
	json_t *lines = json_array();

	for (line = section->first; line; line = line->next) {
		json_t *object = line_to_json(line);

		if (object && strcmp(line->eol, sdp->eol) != 0)
			json_object_set_new(object, "eol",
					    json_string(line->eol));
		if (json_array_append_new(lines, object)) {
			json_decref(lines);
			return NULL;
		}
	}
	return lines;
}

json_t *pc_sdp_to_json(const struct pc_sdp *sdp)
{
	const struct pc_sdp_section *s;
	json_t *object = json_object(), *media = json_array();
	int rc = json_object_set_new(object, "eol", json_string(sdp->eol));

	rc |= json_object_set_new(object, "session",
				  lines_to_json(sdp, &sdp->session));
	for (s = sdp->media; s && rc == 0; s = s->next) {
		json_t *section = json_object();

		rc = json_object_set_new(section, "lines",
					 lines_to_json(sdp, s)) |
		     json_array_append_new(media, section);
	}
	rc |= json_object_set_new(object, "media", media);
	if (rc == 0)
		return object;
	json_decref(object);
	return NULL;
}

/* --- and back --------------------------------------------------------- */

struct reader {
	struct pc_buf *out;
	struct pc_sdp_error *err;
	const char *eol;
	unsigned number;
};

static int fail(struct reader *r, const char *what)
{
	const struct pc_sdp_line here = { .number = r->number };

	return pc_sdp_fail(r->err, r->number ? &here : NULL, rfc, "%s", what);
}

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

static int put_hex(struct reader *r, const char *text)
{
	for (; *text; text += 2) {
		int high = hex_digit(text[0]);
		int low = high < 0 ? -1 : hex_digit(text[1]);
		char byte;

		if (low < 0)
			return fail(r, "expected \"hex\" in pairs of digits");
		byte = (char)((unsigned)high << 4 | (unsigned)low);
		pc_buf_add(r->out, &byte, 1);
	}
	return 0;
}

/* A member that is text, or a number meant as text; NULL: it is not there. */
static const char *member(const json_t *object, const char *name, char *room,
			  size_t size)
{
	const json_t *value = json_object_get(object, name);

	if (!json_is_integer(value))
		return json_string_value(value);
	snprintf(room, size, "%" JSON_INTEGER_FORMAT,
		 json_integer_value(value));
	return room;
}

static int put_attribute(struct reader *r, const json_t *object)
{
	const char *name = pc_json_str(object, "name"), *value;
	struct pc_buf shaped = { 0 };
	char key[40], room[24];

	if (!name)
		return fail(r, "expected \"name\", as in {\"type\": \"a\", "
			       "\"name\": \"mid\", \"value\": \"0\"}");
	pc_buf_printf(r->out, "a=%s", name);
	value = member(object, "value", room, sizeof(room));
	if (value) {
		pc_buf_printf(r->out, ":%s", value);
		return 0;
	}
	snprintf(key, sizeof(key), "a:%s", strlen(name) < 32 ? name : "");
	if (pc_sdp_shape_write(object, key, &shaped))
		pc_buf_printf(r->out, ":%s", shaped.data);
	r->out->oom |= shaped.oom;
	pc_buf_fini(&shaped);
	return 0;
}

static int put_typed(struct reader *r, const json_t *object)
{
	const char *type = pc_json_str(object, "type"), *value;
	char room[24];

	if (!type || strlen(type) != 1)
		return fail(r, "expected \"type\" with one letter, or \"raw\" "
			       "or \"hex\"");
	if (type[0] == 'a' && json_object_get(object, "name"))
		return put_attribute(r, object);
	pc_buf_printf(r->out, "%s=", type);
	value = member(object, "value", room, sizeof(room));
	if (value)
		pc_buf_adds(r->out, value);
	else if (!pc_sdp_shape_write(object, type, r->out))
		return fail(r, "expected \"value\", or all members that a "
			       "line of this type has");
	return 0;
}

static bool is_ending(const char *eol)
{
	eol += strspn(eol, "\r");
	return !*eol || strcmp(eol, "\n") == 0;
}

static int put_line(struct reader *r, const json_t *object)
{
	const char *raw = pc_json_str(object, "raw");
	const char *hex = pc_json_str(object, "hex");
	const char *eol = pc_json_str(object, "eol");
	size_t before = r->out->len;
	int rc = 0;

	r->number++;
	if (before && r->out->data[before - 1] != '\n')
		pc_buf_adds(r->out, r->eol); /* it was the last one */
	before = r->out->len;
	if (raw)
		pc_buf_adds(r->out, raw);
	else if (hex)
		rc = put_hex(r, hex);
	else
		rc = put_typed(r, object);
	if (rc || r->out->oom)
		return rc ? rc : -ENOMEM;
	/* A value cannot smuggle in lines of its own. */
	if (memchr(r->out->data + before, '\n', r->out->len - before))
		return fail(r, "expected no line feed inside a line");
	if (!eol)
		eol = r->eol;
	if (!is_ending(eol))
		return fail(r, "expected \"eol\" of CRs and one LF at most");
	pc_buf_adds(r->out, eol);
	return 0;
}

static int put_lines(struct reader *r, const json_t *lines)
{
	size_t i;
	int rc = 0;

	if (!json_is_array(lines))
		return fail(r, "expected an array of lines");
	for (i = 0; i < json_array_size(lines) && rc == 0; i++)
		rc = put_line(r, json_array_get(lines, i));
	return rc;
}

int pc_sdp_from_json(const json_t *object, struct pc_buf *text,
		     struct pc_sdp_error *err)
{
	const char *eol = pc_json_str(object, "eol");
	const json_t *media = json_object_get(object, "media");
	struct reader r = { .out = text,
			    .err = err,
			    .eol = eol ? eol : "\r\n" };
	size_t i;
	int rc;

	if (!json_is_object(object) || !json_object_get(object, "session"))
		return fail(&r, "expected an object with \"session\" and "
				"\"media\"");
	rc = put_lines(&r, json_object_get(object, "session"));
	for (i = 0; rc == 0 && i < json_array_size(media); i++)
		rc = put_lines(
			&r, json_object_get(json_array_get(media, i), "lines"));
	return rc;
}
