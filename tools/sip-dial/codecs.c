/*
 * Whether a new offer of theirs leaves the call's codec where it is. PBXs
 * offer all that they know, or only what is in use, with each hold and move.
 * As long as the codec in use stays, the answer is what was agreed on before.
 */
#include "call.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "sdp/edit.h"
#include "sdp/media.h"
#include "sdp/sdp.h"

/* No payload type means something else than it means to us. */
static bool agrees(const struct pc_sdp_media *ours,
		   const struct pc_sdp_media *now)
{
	for (unsigned i = 0; i < ours->n_codecs; i++) {
		const struct pc_sdp_codec *same =
			pc_sdp_codec_by_pt(now, ours->codecs[i].pt);

		if (same && !pc_sdp_codec_same(same, &ours->codecs[i]))
			return false;
	}
	return true;
}

/* The first of theirs that is ours too is what goes over the wire. */
static bool still_there(const struct pc_sdp_media *ours,
			const struct pc_sdp_media *before,
			const struct pc_sdp_media *now)
{
	for (unsigned i = 0; i < before->n_codecs; i++) {
		const struct pc_sdp_codec *used = &before->codecs[i];
		const struct pc_sdp_codec *our =
			pc_sdp_codec_by_pt(ours, used->pt);

		if (our && pc_sdp_codec_same(our, used))
			return pc_sdp_codec_by_pt(now, used->pt) != NULL;
	}
	return false;
}

static bool goes_on(const struct pc_sdp_media *ours,
		    const struct pc_sdp_media *before,
		    const struct pc_sdp_media *now)
{
	if (strcasecmp(before->kind, now->kind) != 0 ||
	    strcasecmp(before->proto, now->proto) != 0 ||
	    (before->port == 0) != (now->port == 0))
		return false;
	if (now->port == 0)
		return true;
	return now->rtp && !now->secure && before->rtcp_mux == now->rtcp_mux &&
	       agrees(ours, now) && still_there(ours, before, now);
}

static bool all_go_on(const struct pc_sdp *ours, const struct pc_sdp *before,
		      const struct pc_sdp *now)
{
	const struct pc_sdp_section *o = ours->media, *b = before->media;
	const struct pc_sdp_section *n = now->media;
	static struct pc_sdp_media media[3]; /* large */

	for (; o && b && n; o = o->next, b = b->next, n = n->next)
		if (pc_sdp_media_read(&media[0], ours, o, NULL) < 0 ||
		    pc_sdp_media_read(&media[1], before, b, NULL) < 0 ||
		    pc_sdp_media_read(&media[2], now, n, NULL) < 0 ||
		    !goes_on(&media[0], &media[1], &media[2]))
			return false;
	return !o && !b && !n;
}

/* --- the answer ----------------------------------------------------------- */

static bool has(const struct pc_sdp_media *m, unsigned pt)
{
	return pc_sdp_codec_by_pt(m, pt) != NULL;
}

/* The lines of a payload type that goes. */
static void remove_lines(struct pc_sdp *sdp, struct pc_sdp_section *section,
			 unsigned pt)
{
	static const char *const names[] = { "rtpmap", "fmtp", "rtcp-fb" };
	struct pc_sdp_line *line, *next;

	for (line = section->first; line; line = next) {
		next = line->next;
		for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
			const char *value = pc_sdp_line_attr(line, names[i]);
			char *end;

			if (!value || strtoul(value, &end, 10) != pt ||
			    end == value || *end != ' ')
				continue;
			pc_sdp_remove(sdp, section, line, "not agreed on");
			break;
		}
	}
}

/* Of our payload types only those that they had, and have. */
static bool narrow(struct pc_sdp *sdp, struct pc_sdp_section *section,
		   const struct pc_sdp_media *ours,
		   const struct pc_sdp_media *before,
		   const struct pc_sdp_media *now)
{
	struct pc_sdp_line *m = pc_sdp_find(section, 'm');
	struct pc_buf list = { 0 };
	bool changed = false;
	int head = 0;

	if (now->port == 0 || !m ||
	    sscanf(m->text, "%*s %*s %*s%n", &head) < 0 || head == 0)
		return false;
	for (unsigned i = 0; i < ours->n_codecs; i++) {
		unsigned pt = ours->codecs[i].pt;

		if (has(before, pt) && has(now, pt)) {
			pc_buf_printf(&list, " %u", pt);
		} else {
			remove_lines(sdp, section, pt);
			changed = true;
		}
	}
	if (changed)
		pc_sdp_rewrite(sdp, m, "agreed on", "%.*s%s", head, m->text,
			       list.data);
	sdp->oom |= list.oom;
	pc_buf_fini(&list);
	return changed;
}

static int parse(struct pc_sdp **sdp, const struct pc_buf *text)
{
	return pc_sdp_parse(sdp, text->data, text->len, 0, NULL);
}

static bool narrow_all(struct pc_sdp *ours, const struct pc_sdp *before,
		       const struct pc_sdp *now)
{
	const struct pc_sdp_section *b = before->media, *n = now->media;
	struct pc_sdp_section *o = ours->media;
	static struct pc_sdp_media media[3]; /* large */
	bool changed = false;

	for (; o && b && n; o = o->next, b = b->next, n = n->next)
		if (pc_sdp_media_read(&media[0], ours, o, NULL) == 0 &&
		    pc_sdp_media_read(&media[1], before, b, NULL) == 0 &&
		    pc_sdp_media_read(&media[2], now, n, NULL) == 0)
			changed |= narrow(ours, o, &media[0], &media[1],
					  &media[2]);
	return changed;
}

int session_narrow(struct call *c, const char *offer, size_t len)
{
	struct pc_sdp *ours = NULL, *before = NULL, *now = NULL;
	struct pc_buf out = { 0 };
	int rc = parse(&ours, &c->local_sdp);

	if (rc == 0)
		rc = parse(&before, &c->remote_sdp);
	if (rc == 0)
		rc = pc_sdp_parse(&now, offer, len, 0, NULL);
	if (rc == 0 && narrow_all(ours, before, now)) {
		pc_sdp_write(ours, &out);
		rc = ours->oom || out.oom ? -ENOMEM : 1;
	}
	if (rc > 0) {
		pc_buf_fini(&c->local_sdp);
		c->local_sdp = out;
	} else {
		pc_buf_fini(&out);
	}
	pc_sdp_free(ours);
	pc_sdp_free(before);
	pc_sdp_free(now);
	return rc;
}

bool session_codecs_stay(const struct call *c, const struct pc_sdp *before,
			 const struct pc_sdp *now)
{
	struct pc_sdp *ours;
	bool stay;

	if (pc_sdp_parse(&ours, c->local_sdp.data, c->local_sdp.len, 0, NULL) <
	    0)
		return false;
	stay = all_go_on(ours, before, now);
	pc_sdp_free(ours);
	return stay;
}
