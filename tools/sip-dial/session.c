/* The two descriptions of a call: ours and theirs. */
#include "call.h"

#include <errno.h>
#include <string.h>

#include "sdp/edit.h"
#include "sdp/sdp.h"

static const char *const directions[] = { "inactive", "recvonly", "sendonly",
					  "sendrecv" };
enum { THEY_SEND = 2, THEY_RECEIVE = 1 }; /* bits of the index above */

static void add_crlf(struct pc_buf *to, const char *data, size_t len)
{
	while (len > 0) {
		const char *nl = memchr(data, '\n', len);
		size_t line = nl ? (size_t)(nl - data) : len;
		size_t text = line && data[line - 1] == '\r' ? line - 1 : line;

		pc_buf_add(to, data, text);
		pc_buf_adds(to, "\r\n");
		line += nl != NULL;
		data += line;
		len -= line;
	}
}

int session_take(struct call *c, struct pc_buf *to, const char *data,
		 size_t len, const char *whose)
{
	struct pc_buf why = { 0 };
	struct pc_sdp_error err;
	struct pc_sdp *sdp;
	int rc = pc_sdp_parse(&sdp, data, len, 0, &err);

	if (rc < 0) {
		if (rc == -EBADMSG)
			pc_sdp_error_text(&err, &why);
		pc_tool_error(c->tool, "%s: %s", whose,
			      why.data ? why.data : strerror(-rc));
		pc_buf_fini(&why);
		return rc;
	}
	pc_sdp_free(sdp);
	pc_buf_clear(to);
	add_crlf(to, data, len);
	return to->oom ? -ENOMEM : 0;
}

static int direction_of(const struct pc_sdp_section *s)
{
	for (int i = 0; i < 4; i++)
		if (pc_sdp_attr(s, directions[i]))
			return i;
	return -1;
}

static int declared(const struct pc_sdp *sdp, const struct pc_sdp_section *s)
{
	int dir = direction_of(s);

	if (dir < 0)
		dir = direction_of(&sdp->session);
	return dir < 0 ? 3 : dir;
}

/* What they do in this section; c=0.0.0.0 is hold of old (RFC 3264 8.4). */
static int direction(const struct pc_sdp *sdp, const struct pc_sdp_section *s)
{
	const struct pc_sdp_line *conn = pc_sdp_find(s, 'c');
	int dir = declared(sdp, s);

	if (!conn)
		conn = pc_sdp_find(&sdp->session, 'c');
	if (conn && strcmp(pc_sdp_value(conn), "IN IP4 0.0.0.0") == 0)
		dir &= ~THEY_RECEIVE;
	return dir;
}

/* Lines in which hold may differ, and those that count versions. */
static bool skipped(const struct pc_sdp_line *line)
{
	char type = pc_sdp_type(line);

	if (type == 'o' || type == 0)
		return true;
	for (int i = 0; i < 4; i++)
		if (pc_sdp_line_attr(line, directions[i]))
			return true;
	return false;
}

static const struct pc_sdp_line *next_line(const struct pc_sdp_line *line)
{
	while (line && skipped(line))
		line = line->next;
	return line;
}

static bool line_same(const struct pc_sdp_line *a, const struct pc_sdp_line *b)
{
	return strcmp(a->text, b->text) == 0 ||
	       (pc_sdp_type(a) == 'c' &&
		strcmp(b->text, "c=IN IP4 0.0.0.0") == 0);
}

static bool section_same(const struct pc_sdp_section *a,
			 const struct pc_sdp_section *b)
{
	const struct pc_sdp_line *x = next_line(a->first);
	const struct pc_sdp_line *y = next_line(b->first);

	while (x && y && line_same(x, y)) {
		x = next_line(x->next);
		y = next_line(y->next);
	}
	return !x && !y;
}

static bool same(const struct pc_sdp *before, const struct pc_sdp *now)
{
	const struct pc_sdp_section *x = before->media, *y = now->media;

	if (before->n_media != now->n_media ||
	    !section_same(&before->session, &now->session))
		return false;
	for (; x && y; x = x->next, y = y->next)
		if (!section_same(x, y))
			return false;
	return true;
}

bool session_same(const struct call *c, const char *sdp, size_t len)
{
	struct pc_sdp *before, *now;
	bool is = false;

	if (pc_sdp_parse(&now, sdp, len, 0, NULL) < 0)
		return false;
	if (pc_sdp_parse(&before, c->remote_sdp.data, c->remote_sdp.len, 0,
			 NULL) == 0) {
		is = same(before, now);
		pc_sdp_free(before);
	}
	pc_sdp_free(now);
	return is;
}

/* o='s version goes up by one when the description changes (RFC 3264 8). */
static void next_version(struct pc_sdp *sdp)
{
	struct pc_sdp_line *o = pc_sdp_find(&sdp->session, 'o');
	unsigned long long version;
	int before, after;

	if (o && sscanf(o->text, "o=%*s %*s %n%llu%n", &before, &version,
			&after) == 1)
		pc_sdp_rewrite(sdp, o, "hold", "%.*s%llu%s", before, o->text,
			       version + 1, o->text + after);
}

/* We receive what they send, and the other way round. */
static int answering(int dir)
{
	return (dir & THEY_SEND ? THEY_RECEIVE : 0) |
	       (dir & THEY_RECEIVE ? THEY_SEND : 0);
}

static bool answer_directions(struct pc_sdp *ours, const struct pc_sdp *offer)
{
	const struct pc_sdp_section *their = offer->media;
	struct pc_sdp_section *our = ours->media;
	bool changed = false;

	for (; our && their; our = our->next, their = their->next) {
		int want = answering(direction(offer, their));

		if (declared(ours, our) == want)
			continue;
		for (int i = 0; i < 4; i++)
			pc_sdp_remove_attr(ours, our, directions[i], "hold");
		pc_sdp_set_attr(ours, our, directions[want], "", "hold");
		changed = true;
	}
	return changed;
}

int session_answer(struct call *c, const char *offer, size_t len)
{
	struct pc_sdp *ours = NULL, *theirs = NULL;
	struct pc_buf out = { 0 };
	int rc = pc_sdp_parse(&ours, c->local_sdp.data, c->local_sdp.len, 0,
			      NULL);

	if (rc == 0)
		rc = pc_sdp_parse(&theirs, offer, len, 0, NULL);
	if (rc != 0 || !answer_directions(ours, theirs))
		goto out;
	next_version(ours);
	pc_sdp_write(ours, &out);
	rc = ours->oom || out.oom ? -ENOMEM : 1;
	if (rc > 0) {
		pc_buf_fini(&c->local_sdp);
		c->local_sdp = out;
	}
out:
	pc_sdp_free(ours);
	pc_sdp_free(theirs);
	return rc;
}

const char *session_direction(const struct call *c)
{
	const char *text = "sendrecv";
	struct pc_sdp *sdp;

	if (pc_sdp_parse(&sdp, c->local_sdp.data, c->local_sdp.len, 0, NULL))
		return text;
	if (sdp->media)
		text = directions[declared(sdp, sdp->media)];
	pc_sdp_free(sdp);
	return text;
}
