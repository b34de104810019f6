/* The two descriptions of a call: taken in, compared, made to follow. */
#include "call.h"

#include <errno.h>
#include <string.h>

#include "sdp/edit.h"
#include "sdp/sdp.h"

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

int session_copy(struct pc_buf *to, const char *data, size_t len)
{
	pc_buf_clear(to);
	add_crlf(to, data, len);
	return to->oom ? -ENOMEM : 0;
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
	return session_copy(to, data, len);
}

int session_ours(struct call *c, const char *data, size_t len,
		 const char *whose)
{
	int rc = session_take(c, &c->local_sdp, data, len, whose);

	pc_buf_clear(&c->base_sdp);
	pc_buf_add(&c->base_sdp, c->local_sdp.data, c->local_sdp.len);
	return rc;
}

/* --- what an offer changes ------------------------------------------------ */

/* Lines in which hold may differ, and those that count versions. */
static bool skipped(const struct pc_sdp_line *line)
{
	char type = pc_sdp_type(line);

	return type == 'o' || type == 0 || pc_sdp_line_attr(line, "sendrecv") ||
	       pc_sdp_line_attr(line, "sendonly") ||
	       pc_sdp_line_attr(line, "recvonly") ||
	       pc_sdp_line_attr(line, "inactive");
}

static const struct pc_sdp_line *next_line(const struct pc_sdp_line *line)
{
	while (line && skipped(line))
		line = line->next;
	return line;
}

/* "m=audio 4000 RTP/AVP 0" without its port; both open or both closed. */
static bool media_moved(const char *a, const char *b)
{
	size_t head = strcspn(a, " "), port_a, port_b;

	if (strncmp(a, b, head + 1) != 0)
		return false;
	a += head + 1;
	b += head + 1;
	port_a = strcspn(a, " ");
	port_b = strcspn(b, " ");
	return strcmp(a + port_a, b + port_b) == 0 &&
	       (strncmp(a, "0 ", 2) == 0) == (strncmp(b, "0 ", 2) == 0);
}

/* What differs between two lines of one place. */
static enum session_change line_change(const struct pc_sdp_line *a,
				       const struct pc_sdp_line *b)
{
	if (strcmp(a->text, b->text) == 0)
		return SESSION_SAME;
	if (pc_sdp_type(a) != pc_sdp_type(b))
		return SESSION_MEDIA;
	if (pc_sdp_type(a) == 'c') /* 0.0.0.0: hold of old, RFC 3264 8.4 */
		return strcmp(b->text, "c=IN IP4 0.0.0.0") == 0
			       ? SESSION_SAME
			       : SESSION_ADDRESS;
	if (pc_sdp_type(a) == 'm' && media_moved(a->text, b->text))
		return SESSION_ADDRESS;
	if (pc_sdp_line_attr(a, "rtcp") && pc_sdp_line_attr(b, "rtcp"))
		return SESSION_ADDRESS;
	return SESSION_MEDIA;
}

static enum session_change more(enum session_change a, enum session_change b)
{
	return a > b ? a : b;
}

static enum session_change section_change(const struct pc_sdp_section *a,
					  const struct pc_sdp_section *b)
{
	const struct pc_sdp_line *x = next_line(a->first);
	const struct pc_sdp_line *y = next_line(b->first);
	enum session_change change = SESSION_SAME;

	while (x && y && change < SESSION_MEDIA) {
		change = more(change, line_change(x, y));
		x = next_line(x->next);
		y = next_line(y->next);
	}
	return x || y ? SESSION_MEDIA : change;
}

static enum session_change compare(const struct pc_sdp *before,
				   const struct pc_sdp *now)
{
	const struct pc_sdp_section *x = before->media, *y = now->media;
	enum session_change change =
		section_change(&before->session, &now->session);

	if (before->n_media != now->n_media)
		return SESSION_MEDIA;
	for (; x && y; x = x->next, y = y->next)
		change = more(change, section_change(x, y));
	return change;
}

enum session_change session_change(const struct call *c, const char *sdp,
				   size_t len)
{
	enum session_change change = SESSION_BROKEN;
	struct pc_sdp *before, *now;

	if (pc_sdp_parse(&now, sdp, len, 0, NULL) < 0)
		return change;
	change = SESSION_MEDIA;
	if (pc_sdp_parse(&before, c->remote_sdp.data, c->remote_sdp.len, 0,
			 NULL) == 0) {
		change = compare(before, now);
		if (change == SESSION_MEDIA &&
		    session_codecs_stay(c, before, now))
			change = SESSION_CODECS;
		pc_sdp_free(before);
	}
	pc_sdp_free(now);
	return change;
}

const char *session_change_name(enum session_change change)
{
	static const char *const names[] = { "direction", "address", "codecs",
					     "media", "broken" };

	return names[change];
}

/* --- o= ------------------------------------------------------------------- */

void session_next_version(struct pc_sdp *sdp)
{
	struct pc_sdp_line *o = pc_sdp_find(&sdp->session, 'o');
	unsigned long long version;
	int before, after;

	if (o && sscanf(o->text, "o=%*s %*s %n%llu%n", &before, &version,
			&after) == 1)
		pc_sdp_rewrite(sdp, o, "it changes", "%.*s%llu%s", before,
			       o->text, version + 1, o->text + after);
}

int session_follow(const struct call *c, struct pc_buf *sdp)
{
	struct pc_sdp *old = NULL, *new = NULL;
	const struct pc_sdp_line *was;
	struct pc_sdp_line *is;
	struct pc_buf out = { 0 };
	int rc = 0;

	if (c->local_sdp.len == 0 ||
	    (c->local_sdp.len == sdp->len &&
	     memcmp(c->local_sdp.data, sdp->data, sdp->len) == 0))
		return 0;
	rc = pc_sdp_parse(&old, c->local_sdp.data, c->local_sdp.len, 0, NULL);
	if (rc == 0)
		rc = pc_sdp_parse(&new, sdp->data, sdp->len, 0, NULL);
	was = rc == 0 ? pc_sdp_find(&old->session, 'o') : NULL;
	is = rc == 0 ? pc_sdp_find(&new->session, 'o') : NULL;
	if (was && is) {
		pc_sdp_rewrite(new, is, "it follows", "%s", was->text);
		session_next_version(new);
		pc_sdp_write(new, &out);
		rc = new->oom || out.oom ? -ENOMEM : 0;
		if (rc == 0) {
			pc_buf_fini(sdp);
			*sdp = out;
		}
	}
	pc_sdp_free(old);
	pc_sdp_free(new);
	return rc;
}
