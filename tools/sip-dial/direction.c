/*
 * Hold and resume: who sends, in each section (RFC 3264 section 8.4). A
 * direction is two bits: we send, we receive. What the user's own description
 * declares is the most that we ever do; hold takes from it.
 */
#include "call.h"

#include <errno.h>
#include <string.h>

#include "sdp/edit.h"
#include "sdp/sdp.h"

static const char *const directions[] = { "inactive", "recvonly", "sendonly",
					  "sendrecv" };

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
	return dir < 0 ? DIRECTION_BOTH : dir;
}

/* What they do in this section; c=0.0.0.0 is hold of old (RFC 3264 8.4). */
static int theirs(const struct pc_sdp *sdp, const struct pc_sdp_section *s)
{
	const struct pc_sdp_line *conn = pc_sdp_find(s, 'c');
	int dir = declared(sdp, s);

	if (!conn)
		conn = pc_sdp_find(&sdp->session, 'c');
	if (conn && strcmp(pc_sdp_value(conn), "IN IP4 0.0.0.0") == 0)
		dir &= ~DIRECTION_RECEIVE;
	return dir;
}

/* We receive what they send, and the other way round (RFC 3264 6.1). */
static int mirrored(int dir)
{
	return (dir & DIRECTION_SEND ? DIRECTION_RECEIVE : 0) |
	       (dir & DIRECTION_RECEIVE ? DIRECTION_SEND : 0);
}

/* Set them all, as base and mask and (if any) their offer allow. */
static bool set_directions(struct pc_sdp *ours, const struct pc_sdp *base,
			   const struct pc_sdp *offer, int mask)
{
	const struct pc_sdp_section *their = offer ? offer->media : NULL;
	const struct pc_sdp_section *most = base->media;
	struct pc_sdp_section *our = ours->media;
	bool changed = false;

	for (; our; our = our->next) {
		int want = mask & (most ? declared(base, most) : mask);

		if (their)
			want &= mirrored(theirs(offer, their));
		most = most ? most->next : NULL;
		their = their ? their->next : NULL;
		if (declared(ours, our) == want)
			continue;
		for (int i = 0; i < 4; i++)
			pc_sdp_remove_attr(ours, our, directions[i], "hold");
		pc_sdp_set_attr(ours, our, directions[want], "", "hold");
		changed = true;
	}
	return changed;
}

static int parse(struct pc_sdp **sdp, const struct pc_buf *text)
{
	return pc_sdp_parse(sdp, text->data, text->len, 0, NULL);
}

/*
 * Ours with new directions into out; 1: they are new, 0: as they were. news:
 * it differs already from what they had of us.
 */
static int directed(const struct call *c, struct pc_buf *out,
		    const struct pc_sdp *offer, int mask, bool news)
{
	struct pc_sdp *ours = NULL, *base = NULL;
	bool changed = false;
	int rc = parse(&ours, &c->local_sdp);

	if (rc == 0)
		rc = parse(&base, &c->base_sdp);
	if (rc == 0) {
		changed = set_directions(ours, base, offer, mask);
		if (changed || news)
			session_next_version(ours);
		pc_sdp_write(ours, out);
		rc = ours->oom || out->oom ? -ENOMEM : changed;
	}
	pc_sdp_free(ours);
	pc_sdp_free(base);
	return rc;
}

int session_direct(const struct call *c, struct pc_buf *out, int mask)
{
	return directed(c, out, NULL, mask, false);
}

int session_answer(struct call *c, const char *offer, size_t len, bool news)
{
	struct pc_sdp *their = NULL;
	struct pc_buf out = { 0 };
	int rc = pc_sdp_parse(&their, offer, len, 0, NULL);

	if (rc == 0)
		rc = directed(c, &out, their, c->mask, news);
	pc_sdp_free(their);
	if (rc > 0 || (rc == 0 && news)) {
		pc_buf_fini(&c->local_sdp);
		c->local_sdp = out;
	} else {
		pc_buf_fini(&out);
	}
	return rc;
}

const char *session_direction(const struct call *c)
{
	struct pc_sdp *ours = NULL, *their = NULL;
	int dir = DIRECTION_BOTH;

	if (parse(&ours, &c->local_sdp) == 0 && ours->media)
		dir = declared(ours, ours->media);
	if (parse(&their, &c->remote_sdp) == 0 && their->media)
		dir &= mirrored(theirs(their, their->media));
	pc_sdp_free(ours);
	pc_sdp_free(their);
	return directions[dir];
}
