/*
 * A session description (RFC 8866) as its lines, in order, with their bytes.
 *
 *	struct pc_sdp *sdp;
 *	struct pc_sdp_error err;
 *	if (pc_sdp_parse(&sdp, data, len, 0, &err) == 0) {
 *		mid = pc_sdp_attr(sdp->media, "mid");
 *		pc_sdp_write(sdp, &buf);   the same bytes as data
 *	}
 *
 *	v=0 o=... s=... t=... a=group:BUNDLE 0    the session section
 *	m=audio 9 UDP/TLS/RTP/SAVPF 111 a=mid:0   a media section
 *	m=video ...                               the next one
 *
 * Nothing is interpreted until it is asked for and nothing is normalised:
 * unknown lines, odd spacing, LF or CRLF and a missing final newline stay as
 * they came. media.h and ice.h read what media and ICE need, edit.h changes
 * lines, convert.h makes offers and answers for the other kind of peer.
 *
 * A fragment (RFC 8840 section 9) is the same without its v= line.
 */
#ifndef PC_SDP_SDP_H
#define PC_SDP_SDP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct pc_sdp_line {
	struct pc_sdp_line *prev, *next; /* in its section */
	const char *text; /* "a=mid:0": no line ending; NUL-terminated */
	const char *eol;  /* "\r\n", "\n", or whatever it was; "" at the end */
	size_t len;       /* of text */
	unsigned number;  /* in the input, from 1; 0 when added since */
};

/* The session's lines, or an m= line and those up to the next. */
struct pc_sdp_section {
	struct pc_sdp_line *first, *last;
	struct pc_sdp_section *prev, *next; /* the next m= section */
	bool used; /* a mark for whoever walks over them */
};

/*
 * Told of each change made by edit.h: before or after may be NULL; number is
 * the line's in the input, 0 when it is not from there.
 */
typedef void pc_sdp_report_fn(void *arg, unsigned number, const char *before,
			      const char *after, const char *why);

struct pc_sdp {
	struct pc_sdp_section session;
	struct pc_sdp_section *media, *last_media; /* NULL: there are none */
	unsigned n_media;
	const char *eol; /* what added lines end in: that of the first line */
	pc_sdp_report_fn *report;
	void *report_arg;
	bool oom; /* an edit found no memory: the description is spoilt */
	struct pc_sdp_arena *arena; /* owns every line and text */
};

/* Where and why a description is refused. */
struct pc_sdp_error {
	enum { PC_SDP_IN_INPUT, PC_SDP_IN_OFFER, PC_SDP_IN_FRAGMENT } where;
	unsigned fragment;     /* which one, from 0 */
	unsigned line, column; /* from 1; line 0: the description as a whole */
	char what[160];        /* "expected a port from 0 to 65535, not ..." */
	const char *rfc;       /* "RFC 8866 section 5.14" */
};

enum {
	PC_SDP_FRAGMENT = 1, /* no v= line; RFC 8840 section 9 */
	PC_SDP_LENIENT = 2,  /* keep lines that are not SDP, too */
};

/*
 * Parse a document. Linear in len.
 *   sdp    set on success; the caller frees it with pc_sdp_free
 *   data   copied
 *   flags  PC_SDP_FRAGMENT and PC_SDP_LENIENT, or 0
 *   err    filled on -EBADMSG; may be NULL
 * Lenient where RFC 8866 section 5 asks a reader to be (a lone LF), and in
 * what is common and harmless: line order, missing s= and t= lines, blank
 * lines, runs of spaces, letters not in the RFC. PC_SDP_LENIENT takes every
 * text: then check m= lines (pc_sdp_check_m) before reading their words.
 * Returns 0, -EBADMSG (not SDP: err says where) or -ENOMEM.
 */
int pc_sdp_parse(struct pc_sdp **sdp, const char *data, size_t len,
		 unsigned flags, struct pc_sdp_error *err);
void pc_sdp_free(struct pc_sdp *sdp); /* NULL is fine */

/*
 * Is this m= line of a form that media can be read from: a kind, a port from
 * 0 to 65535, a protocol? 0, or -EBADMSG with err filled.
 */
int pc_sdp_check_m(const struct pc_sdp_line *line, struct pc_sdp_error *err);

/* Append the document to out (out->oom says if memory ran out). */
void pc_sdp_write(const struct pc_sdp *sdp, struct pc_buf *out);

/* Fill err; always returns -EBADMSG. */
int pc_sdp_fail(struct pc_sdp_error *err, const struct pc_sdp_line *line,
		const char *rfc, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* "line 3: expected ... (RFC 8866 section 5.14)" appended to out. */
void pc_sdp_error_text(const struct pc_sdp_error *err, struct pc_buf *out);

/* --- reading ---------------------------------------------------------- */

/* The type letter of a line, 0 if it has none; its value ("" at least). */
char pc_sdp_type(const struct pc_sdp_line *line);
const char *pc_sdp_value(const struct pc_sdp_line *line);

/* The first line of this type in a section, or NULL. */
struct pc_sdp_line *pc_sdp_find(const struct pc_sdp_section *section,
				char type);

/* If line is a=name or a=name:value: the value ("" for none); else NULL. */
const char *pc_sdp_line_attr(const struct pc_sdp_line *line, const char *name);

/* The first a=name line at or after from (may be NULL) in its section. */
struct pc_sdp_line *pc_sdp_find_attr(struct pc_sdp_line *from,
				     const char *name);

/*
 * The value of the section's first a=name line: "" when it has none, NULL
 * when there is no such line. Borrowed from the description.
 */
const char *pc_sdp_attr(const struct pc_sdp_section *section, const char *name);

/* The same, and if the section has none, the session's (RFC 8866 5.13). */
const char *pc_sdp_attr_inherited(const struct pc_sdp *sdp,
				  const struct pc_sdp_section *section,
				  const char *name);

/* The m= section with a=mid:mid, or NULL. */
struct pc_sdp_section *pc_sdp_section_by_mid(const struct pc_sdp *sdp,
					     const char *mid);

/* Port 0 (RFC 3264 section 6), unless a=bundle-only says why (RFC 9143). */
bool pc_sdp_section_rejected(const struct pc_sdp_section *section);

/*
 * Take the next word (up to spaces or tabs) from *text: sets *len and moves
 * *text behind it. Returns the word, or NULL at the end.
 */
const char *pc_sdp_word(const char **text, size_t *len);

#endif
