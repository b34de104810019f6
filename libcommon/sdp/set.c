#include "sdp/set.h"

#include "base/addr.h"
#include "sdp/attribute.h"
#include "sdp/edit.h"
#include "sdp/media.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char why_set[] = "as --set has it";

static int refuse(struct pc_sdp_error *err, const char *what)
{
	pc_sdp_fail(err, NULL, "sdp-convert(1)", "%s", what);
	return -EINVAL;
}

static int nowhere(struct pc_sdp_error *err)
{
	pc_sdp_fail(err, NULL, "sdp-convert(1)", "%s",
		    "no section is of the place that --set or --delete names");
	return -ENODATA;
}

/* WHERE, and the line behind its slash. */
struct place {
	char where[64]; /* "" when there is none */
	const char *line;
};

static int read_place(struct place *p, const char *what,
		      struct pc_sdp_error *err)
{
	const char *slash = strchr(what, '/');

	p->where[0] = '\0';
	p->line = what;
	if (strlen(what) >= 2 && what[1] == '=')
		slash = NULL; /* it is in the value */
	if (slash) {
		if ((size_t)(slash - what) >= sizeof(p->where))
			return refuse(err, "expected a shorter place");
		memcpy(p->where, what, (size_t)(slash - what));
		p->where[slash - what] = '\0';
		p->line = slash + 1;
	}
	if (!isalpha((unsigned char)p->line[0]) || p->line[1] != '=' ||
	    strpbrk(p->line, "\r\n"))
		return refuse(err, "expected one line, like a=ptime:20 or "
				   "audio/a=ptime:20");
	return 0;
}

static bool is_at(const struct pc_sdp_section *s, unsigned index,
		  const char *where)
{
	const char *at = pc_sdp_value(s->first), *kind, *mid;
	size_t len;

	if (!*where || strcmp(where, "media") == 0)
		return true;
	if (strncmp(where, "mid=", 4) == 0) {
		mid = pc_sdp_attr(s, "mid");
		return mid && strcmp(mid, where + 4) == 0;
	}
	if (isdigit((unsigned char)*where))
		return strtoul(where, NULL, 10) == index;
	kind = pc_sdp_word(&at, &len);
	return kind && strlen(where) == len && memcmp(kind, where, len) == 0;
}

/* Mark the sections that a place means. false: it means none. */
static bool mark(struct pc_sdp *sdp, const struct place *p)
{
	struct pc_sdp_section *s;
	unsigned index = 0;
	bool any;

	sdp->session.used = !*p->where || strcmp(p->where, "session") == 0;
	any = sdp->session.used;
	for (s = sdp->media; s; s = s->next, index++) {
		s->used = is_at(s, index, p->where);
		any |= s->used;
	}
	return any;
}

static struct pc_sdp_section *after(struct pc_sdp *sdp,
				    struct pc_sdp_section *s)
{
	return s == &sdp->session ? sdp->media : s->next;
}

static bool is_direction(const struct pc_sdp_line *line)
{
	int d;

	for (d = PC_SDP_INACTIVE; d <= PC_SDP_SENDRECV; d++)
		if (pc_sdp_line_attr(line, pc_sdp_direction_text(d)))
			return true;
	return false;
}

static bool of_payload(const struct pc_sdp_line *line)
{
	return pc_sdp_line_attr(line, "rtpmap") ||
	       pc_sdp_line_attr(line, "fmtp") ||
	       pc_sdp_line_attr(line, "rtcp-fb");
}

static bool alike(const struct pc_sdp_line *a, const struct pc_sdp_line *b)
{
	size_t n;

	if (pc_sdp_type(a) != pc_sdp_type(b))
		return false;
	if (pc_sdp_type(a) != 'a')
		return true;
	if (is_direction(a))
		return is_direction(b);
	n = strcspn(a->text, of_payload(a) ? " \t" : ": \t");
	return strcspn(b->text, of_payload(a) ? " \t" : ": \t") == n &&
	       memcmp(a->text, b->text, n) == 0;
}

/* Replace what is like line in one section; false: nothing is. */
static bool replace(struct pc_sdp *sdp, struct pc_sdp_section *s,
		    const struct pc_sdp_line *line)
{
	struct pc_sdp_line *at, *next;
	bool done = false;

	for (at = s->first; at; at = next) {
		next = at->next;
		if (!alike(line, at))
			continue;
		if (done)
			pc_sdp_remove(sdp, s, at, why_set);
		else
			pc_sdp_rewrite(sdp, at, why_set, "%s", line->text);
		done = true;
	}
	return done;
}

/* Where a line goes that is nowhere yet. */
static bool belongs(const struct pc_sdp *sdp, const struct pc_sdp_section *s,
		    const struct pc_sdp_line *line)
{
	const struct pc_sdp_attribute *a = NULL;
	const bool session = s == &sdp->session;

	if (pc_sdp_type(line) != 'a')
		return session;
	a = pc_sdp_attribute_of(line);
	if (!sdp->media || (a && a->levels == PC_SDP_AT_SESSION))
		return session;
	return !session;
}

int pc_sdp_set(struct pc_sdp *sdp, const char *what, struct pc_sdp_error *err)
{
	struct pc_sdp_section *s;
	struct pc_sdp_line line = { 0 };
	struct place p;
	bool any = false;

	if (read_place(&p, what, err))
		return -EINVAL;
	line.text = p.line;
	line.len = strlen(p.line);
	if (!mark(sdp, &p))
		return nowhere(err);
	if (p.line[0] == 'm' && pc_sdp_check_m(&line, err))
		return -EINVAL;
	for (s = &sdp->session; s; s = after(sdp, s))
		if (s->used && replace(sdp, s, &line)) {
			any = true;
			s->used = false;
		}
	for (s = &sdp->session; s; s = after(sdp, s))
		if (s->used && p.line[0] != 'm' &&
		    (*p.where || (!any && belongs(sdp, s, &line))))
			pc_sdp_add_ordered(sdp, s, why_set, "%s", p.line);
	return 0;
}

static bool begins(const struct pc_sdp_line *line, const char *with)
{
	const size_t n = strlen(with);

	if (strncmp(line->text, with, n) != 0)
		return false;
	return n == 2 || !line->text[n] || strchr(": \t", line->text[n]) ||
	       with[n - 1] == ':';
}

int pc_sdp_delete(struct pc_sdp *sdp, const char *what,
		  struct pc_sdp_error *err)
{
	struct pc_sdp_section *s;
	struct pc_sdp_line *line, *next;
	struct place p;

	if (read_place(&p, what, err))
		return -EINVAL;
	if (p.line[0] == 'm' || p.line[0] == 'v')
		return refuse(err, "v= and m= lines cannot be deleted (--drop "
				   "KIND drops whole sections)");
	if (!mark(sdp, &p))
		return nowhere(err);
	for (s = &sdp->session; s; s = after(sdp, s)) {
		for (line = s->used ? s->first : NULL; line; line = next) {
			next = line->next;
			if (begins(line, p.line))
				pc_sdp_remove(sdp, s, line,
					      "as --delete has it");
		}
	}
	return 0;
}

static const char why_address[] = "as --address has it";

static void set_ports(struct pc_sdp *sdp, unsigned port)
{
	struct pc_sdp_section *s;
	const char *at, *kind;
	size_t kind_len, len;

	for (s = sdp->media; s && port && port < 65536; s = s->next) {
		if (pc_sdp_check_m(s->first, NULL) ||
		    pc_sdp_section_rejected(s))
			continue;
		at = pc_sdp_value(s->first);
		kind = pc_sdp_word(&at, &kind_len);
		pc_sdp_word(&at, &len);
		pc_sdp_rewrite(sdp, s->first, why_address, "m=%.*s %u%s",
			       (int)kind_len, kind, port, at);
		port += 2;
	}
}

static void set_rtcp(struct pc_sdp *sdp, struct pc_sdp_section *s,
		     struct pc_sdp_line *line, const char *family,
		     const char *ip, unsigned port)
{
	const char *value = pc_sdp_line_attr(line, "rtcp"), *at;
	const size_t digits = value ? strspn(value, "0123456789") : 0;
	size_t len;

	if (!value)
		return;
	if (port) {
		at = pc_sdp_value(s->first);
		pc_sdp_word(&at, &len);
		port = (unsigned)strtoul(at, NULL, 10);
		port += pc_sdp_attr(s, "rtcp-mux") ? 0 : 1;
	} else {
		port = (unsigned)strtoul(value, NULL, 10);
	}
	if (value[digits])
		pc_sdp_rewrite(sdp, line, why_address, "a=rtcp:%u IN %s %s",
			       port, family, ip);
	else
		pc_sdp_rewrite(sdp, line, why_address, "a=rtcp:%u", port);
}

/* o=- 7 1 IN IP4 10.0.0.1: the last of its six words. */
static void set_origin(struct pc_sdp *sdp, struct pc_sdp_line *o,
		       const char *family, const char *ip)
{
	const char *at = pc_sdp_value(o);
	size_t len;
	int i;

	for (i = 0; i < 3; i++)
		if (!pc_sdp_word(&at, &len))
			return;
	pc_sdp_rewrite(sdp, o, why_address, "%.*s IN %s %s",
		       (int)(at - o->text), o->text, family, ip);
}

int pc_sdp_set_address(struct pc_sdp *sdp, const char *address,
		       struct pc_sdp_error *err)
{
	struct pc_sdp_section *s;
	struct pc_sdp_line *line;
	struct pc_addr addr;
	const char *family;
	char ip[64];
	unsigned port;

	if (isdigit((unsigned char)*address) && !strpbrk(address, ".:"))
		return refuse(err, "expected an address, like 203.0.113.5 or "
				   "[2001:db8::5]:40000");
	if (*address == ':' && address[1] != ':')
		return refuse(err, "expected an address before the port");
	if (pc_addr_parse(&addr, address, 0))
		return refuse(err, "expected a numeric address, like "
				   "203.0.113.5 or [2001:db8::5]:40000");
	family = addr.sa.sa_family == AF_INET6 ? "IP6" : "IP4";
	inet_ntop(addr.sa.sa_family,
		  addr.sa.sa_family == AF_INET6 ? (void *)&addr.in6.sin6_addr
						: (void *)&addr.in.sin_addr,
		  ip, sizeof(ip));
	port = ntohs(addr.sa.sa_family == AF_INET6 ? addr.in6.sin6_port
						   : addr.in.sin_port);
	set_ports(sdp, port);
	for (s = &sdp->session; s; s = after(sdp, s)) {
		for (line = s->first; line; line = line->next) {
			if (pc_sdp_type(line) == 'o' && s == &sdp->session)
				set_origin(sdp, line, family, ip);
			else if (pc_sdp_type(line) == 'c')
				pc_sdp_rewrite(sdp, line, why_address,
					       "c=IN %s %s", family, ip);
			else if (s != &sdp->session)
				set_rtcp(sdp, s, line, family, ip, port);
		}
	}
	return 0;
}
