/*
 * Our description as the answer to an offer that we did not make it for (RFC
 * 3264 6): what is not in the offer is left out. Nothing is put in, and a
 * payload type means what it meant: whoever has our media need not change.
 */
#include "beside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sdp/edit.h"
#include "sdp/sdp.h"

#define WHY "the offer has no such format"

/* "m=audio 4000 RTP/AVP 0 8": its n'th word behind "m=", from 0. */
static const char *word(const char *text, int n, size_t *len)
{
	const char *p = text + 2;

	for (;; n--) {
		p += strspn(p, " ");
		*len = strcspn(p, " ");
		if (n == 0 || *len == 0)
			return p;
		p += *len;
	}
}

static bool word_equal(const char *a, const char *b, int n)
{
	size_t x, y;
	const char *p = word(a, n, &x), *q = word(b, n, &y);

	return x == y && strncasecmp(p, q, x) == 0;
}

/* What a=rtpmap says of a format: "PCMU/8000"; NULL: nothing. */
static const char *rtpmap(const struct pc_sdp_section *s, const char *format,
			  size_t len)
{
	for (struct pc_sdp_line *l = pc_sdp_find_attr(s->first, "rtpmap"); l;
	     l = pc_sdp_find_attr(l->next, "rtpmap")) {
		const char *value = pc_sdp_line_attr(l, "rtpmap");

		if (strncmp(value, format, len) == 0 && value[len] == ' ')
			return value + len + strspn(value + len, " ");
	}
	return NULL;
}

/* Codec, clock and channels; one channel may go without saying. */
static bool map_equal(const char *a, const char *b)
{
	size_t x = strlen(a), y = strlen(b);

	if (x > 2 && strcmp(a + x - 2, "/1") == 0 && memchr(a, '/', x - 2))
		x -= 2;
	if (y > 2 && strcmp(b + y - 2, "/1") == 0 && memchr(b, '/', y - 2))
		y -= 2;
	return x == y && strncasecmp(a, b, x) == 0;
}

/* Whether the offer has this format of ours, and means the same. */
static bool offered(const struct pc_sdp_section *offer,
		    const struct pc_sdp_section *ours, const char *format,
		    size_t len)
{
	const char *m = offer->first->text, *a, *b;
	size_t n;

	for (int i = 3;; i++) {
		const char *p = word(m, i, &n);

		if (n == 0)
			return false;
		if (n == len && strncmp(p, format, len) == 0)
			break;
	}
	a = rtpmap(ours, format, len);
	b = rtpmap(offer, format, len);
	return !a || !b || map_equal(a, b);
}

/* Take the lines about a format out. */
static void drop_format(struct pc_sdp *sdp, struct pc_sdp_section *s,
			const char *format, size_t len)
{
	static const char *const names[] = { "rtpmap", "fmtp", "rtcp-fb" };
	struct pc_sdp_line *next;

	for (struct pc_sdp_line *l = s->first; l; l = next) {
		next = l->next;
		for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
			const char *value = pc_sdp_line_attr(l, names[i]);

			if (value && strncmp(value, format, len) == 0 &&
			    value[len] == ' ') {
				pc_sdp_remove(sdp, s, l, WHY);
				break;
			}
		}
	}
}

/* Ours with the formats that the offer has. False: none. */
static bool fit_formats(struct pc_sdp *sdp, struct pc_sdp_section *ours,
			const struct pc_sdp_section *offer)
{
	char *m = strdup(ours->first->text);
	struct pc_buf kept = { 0 };
	bool any = false;
	const char *p;
	size_t n;

	if (!m)
		return false;
	for (int i = 3; *(p = word(m, i, &n)); i++) {
		if (offered(offer, ours, p, n)) {
			pc_buf_printf(&kept, " %.*s", (int)n, p);
			any |= true;
		} else {
			drop_format(sdp, ours, p, n);
		}
	}
	p = word(m, 3, &n);
	if (any && !kept.oom)
		pc_sdp_rewrite(sdp, ours->first, WHY, "%.*s%s",
			       (int)(p - m - 1), m, kept.data);
	pc_buf_fini(&kept);
	free(m);
	return any;
}

/* 6: a stream that is not taken has port 0, and says what was offered. */
static void refuse(struct pc_sdp *sdp, struct pc_sdp_section *before,
		   const struct pc_sdp_section *offer)
{
	const char *m = offer->first->text;
	size_t kind, port, rest;
	const char *k = word(m, 0, &kind), *p = word(m, 1, &port);

	(void)p;
	pc_sdp_section_insert(sdp, before, WHY, "m=%.*s 0 %s", (int)kind, k,
			      word(m, 2, &rest));
}

static bool same_kind(const struct pc_sdp_section *a,
		      const struct pc_sdp_section *b)
{
	return word_equal(a->first->text, b->first->text, 0) &&
	       word_equal(a->first->text, b->first->text, 2);
}

/* Section by section; how many streams are left. */
static unsigned fit_sections(struct pc_sdp *ours, const struct pc_sdp *offer)
{
	struct pc_sdp_section *o = ours->media, *next;
	unsigned fit = 0;

	for (const struct pc_sdp_section *t = offer->media; t; t = t->next) {
		if (o && same_kind(o, t)) {
			next = o->next;
			if (fit_formats(ours, o, t)) {
				fit++;
			} else {
				refuse(ours, o, t);
				pc_sdp_section_remove(ours, o, WHY);
			}
			o = next;
		} else {
			refuse(ours, o, t);
		}
	}
	for (; o; o = next) {
		next = o->next;
		pc_sdp_section_remove(ours, o, WHY);
	}
	return fit;
}

int fit_answer(struct pc_buf *out, const struct pc_buf *description,
	       const char *offer, size_t len)
{
	struct pc_sdp *ours = NULL, *theirs = NULL;
	int rc = pc_sdp_parse(&ours, description->data, description->len, 0,
			      NULL);

	if (rc == 0)
		rc = pc_sdp_parse(&theirs, offer, len, 0, NULL);
	if (rc == 0 && fit_sections(ours, theirs) == 0)
		rc = -ENOTSUP;
	if (rc == 0)
		pc_sdp_write(ours, out);
	if (rc == 0 && (ours->oom || out->oom))
		rc = -ENOMEM;
	pc_sdp_free(ours);
	pc_sdp_free(theirs);
	return rc;
}
