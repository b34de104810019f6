/*
 * What the lines of one description say together.
 */
#include "sdp/check_media.h"
#include "sdp/judge.h"
#include "sdp/mids.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define ERROR   PC_SDP_ERROR
#define WARNING PC_SDP_WARNING

static bool word_is(const char *word, size_t len, const char *is)
{
	return word && len == strlen(is) && memcmp(word, is, len) == 0;
}

/* A numeric address of its family, or a host name (RFC 8866 section 5.7). */
static bool address_fits(const char *word, size_t len, bool ip6)
{
	char text[128];
	struct in6_addr addr;

	if (len >= sizeof(text))
		return false;
	memcpy(text, word, len);
	text[len] = '\0';
	if (ip6)
		return inet_pton(AF_INET6, text, &addr) == 1 ||
		       !strchr(text, ':');
	return inet_pton(AF_INET, text, &addr) == 1 ||
	       text[strspn(text, "0123456789.")] != '\0';
}

/* IN IP4 224.2.36.42/127: RFC 8866 section 5.7. */
static void judge_address(struct pc_sdp_judge *j,
			  const struct pc_sdp_line *line, const char *at)
{
	static const char rfc[] = "RFC 8866 section 5.7";
	const char *net, *family, *word, *slash;
	size_t net_len, family_len, len, host;
	bool ip6;

	net = pc_sdp_word(&at, &net_len);
	family = pc_sdp_word(&at, &family_len);
	word = pc_sdp_word(&at, &len);
	if (!word_is(net, net_len, "IN") || !word)
		return; /* other networks have addresses of their own */
	ip6 = word_is(family, family_len, "IP6");
	if (!ip6 && !word_is(family, family_len, "IP4")) {
		pc_sdp_blame(j, ERROR, line, (size_t)(family - line->text) + 1,
			     rfc, "expected IP4 or IP6");
		return;
	}
	slash = memchr(word, '/', len);
	host = slash ? (size_t)(slash - word) : len;
	if (!address_fits(word, host, ip6) ||
	    (ip6 && strchr(word, '.') && !strchr(word, ':') &&
	     word[strspn(word, "0123456789.")] == '\0'))
		pc_sdp_blame(j, ERROR, line, (size_t)(word - line->text) + 1,
			     rfc, "expected an %s address",
			     ip6 ? "IPv6" : "IPv4");
	else if (!ip6 && !slash && line->text[0] == 'c' && atoi(word) >= 224 &&
		 atoi(word) <= 239)
		pc_sdp_blame(j, ERROR, line,
			     (size_t)(word - line->text) + len + 1, rfc,
			     "expected a TTL behind a multicast address, "
			     "like /127");
}

static void judge_origin(const struct pc_sdp *sdp, struct pc_sdp_judge *j)
{
	const struct pc_sdp_line *o = pc_sdp_find(&sdp->session, 'o');
	const char *at = o ? pc_sdp_value(o) : NULL, *id;
	size_t len, i;

	if (!o)
		return;
	pc_sdp_word(&at, &len);
	for (i = 0; i < 2; i++) {
		id = pc_sdp_word(&at, &len);
		if (id && len > 19 && strspn(id, "0123456789") >= len)
			pc_sdp_blame(j, WARNING, o, (size_t)(id - o->text) + 1,
				     "RFC 8829 section 5.2.1",
				     "a number of more than 63 bits");
	}
	judge_address(j, o, at);
}

static void judge_addresses(struct pc_sdp_judge *j,
			    const struct pc_sdp_section *s)
{
	const struct pc_sdp_line *line;
	const char *rtcp;

	for (line = s->first; line; line = line->next) {
		if (pc_sdp_type(line) == 'c')
			judge_address(j, line, pc_sdp_value(line));
		rtcp = pc_sdp_line_attr(line, "rtcp");
		if (rtcp)
			judge_address(j, line,
				      rtcp + strspn(rtcp, "0123456789"));
	}
}

static void judge_session(const struct pc_sdp *sdp, struct pc_sdp_judge *j)
{
	const struct pc_sdp_line *s = pc_sdp_find(&sdp->session, 's');
	const struct pc_sdp_line *k = pc_sdp_find(&sdp->session, 'k');

	judge_origin(sdp, j);
	judge_addresses(j, &sdp->session);
	if (s && !*pc_sdp_value(s))
		pc_sdp_blame(j, WARNING, s, 3, "RFC 8866 section 5.3",
			     "expected \"s=-\" or a space for a session "
			     "without a name");
	if (k)
		pc_sdp_blame(j, WARNING, k, 1, "RFC 8866 section 5.12",
			     "k= must not be used: anyone can read the key");
}

static void judge_mids(const struct pc_sdp_mids *mids, struct pc_sdp_judge *j)
{
	unsigned i;

	for (i = 1; i < mids->n; i++)
		if (strcmp(mids->v[i].mid, mids->v[i - 1].mid) == 0)
			pc_sdp_blame(j, ERROR,
				     pc_sdp_find_attr(mids->v[i].section->first,
						      "mid"),
				     7, "RFC 5888 section 4",
				     "expected a mid that no other section "
				     "has");
	if (mids->unknown)
		pc_sdp_blame(j, ERROR, mids->unknown, 1, "RFC 5888 section 6",
			     "the group names a mid that no section has");
	if (mids->twice)
		pc_sdp_blame(j, ERROR, mids->twice, 1, "RFC 9143 section 7.1",
			     "a section is in two BUNDLE groups");
}

/* What RFC 9143 wants of each section of a BUNDLE group. */
static void judge_bundled(const struct pc_sdp_mids *mids,
			  const struct pc_sdp_facts *f, struct pc_sdp_judge *j)
{
	static const char rfc[] = "RFC 9143 section 7.1";
	const struct pc_sdp_mid *mid = NULL;

	if (f->m.mid)
		mid = pc_sdp_mids_find(mids, f->m.mid, strlen(f->m.mid));
	if (mid && mid->bundled && f->m.rtp && !f->m.rtcp_mux && !f->rejected)
		pc_sdp_blame(j, ERROR, f->section->first, 1,
			     "RFC 9143 section 9.3",
			     "expected a=rtcp-mux in a bundled section");
	if (f->bundle_only && !(mid && mid->bundled))
		pc_sdp_blame(j, ERROR, f->bundle_only, 1, rfc,
			     "a=bundle-only in a section that no BUNDLE group "
			     "names");
	if (f->bundle_only && f->m.port)
		pc_sdp_blame(j, ERROR, f->bundle_only, 1, rfc,
			     "expected port 0 beside a=bundle-only");
	if (mid && mid->bundled && f->rejected)
		pc_sdp_blame(j, ERROR, f->section->first, 1, rfc,
			     "a rejected section (port 0) in a BUNDLE group");
}

/* ICE: credentials may stand in the session part or in the section. */
static void judge_ice(const struct pc_sdp *sdp, const struct pc_sdp_facts *f,
		      struct pc_sdp_judge *j, bool session_ufrag,
		      bool session_pwd)
{
	static const char rfc[] = "RFC 8839 section 5.4";
	const bool ufrag = f->ufrag || session_ufrag;
	const bool pwd = f->pwd || session_pwd;
	const char *value;

	(void)sdp;
	if (f->rejected)
		return;
	if (ufrag != pwd)
		pc_sdp_blame(j, ERROR, f->ufrag ? f->ufrag : f->pwd, 1, rfc,
			     "expected both a=ice-ufrag and a=ice-pwd");
	if (f->candidate && !ufrag)
		pc_sdp_blame(j, ERROR, f->candidate, 1, rfc,
			     "candidates without a=ice-ufrag and a=ice-pwd");
	value = f->ufrag ? pc_sdp_line_attr(f->ufrag, "ice-ufrag") : NULL;
	if (value && (strlen(value) < 4 || strlen(value) > 256))
		pc_sdp_blame(j, ERROR, f->ufrag, 13, rfc,
			     "expected 4 to 256 characters");
	value = f->pwd ? pc_sdp_line_attr(f->pwd, "ice-pwd") : NULL;
	if (value && (strlen(value) < 22 || strlen(value) > 256))
		pc_sdp_blame(j, ERROR, f->pwd, 11, rfc,
			     "expected 22 to 256 characters");
	if (!ufrag && f->m.dtls && f->m.port == 9)
		pc_sdp_blame(j, WARNING, f->section->first, 1,
			     "RFC 8829 section 5.2.1",
			     "port 9 means that ICE finds the address, but "
			     "there is no a=ice-ufrag");
}

static void judge_sections(const struct pc_sdp *sdp,
			   const struct pc_sdp_mids *mids,
			   struct pc_sdp_judge *j)
{
	const bool ufrag = pc_sdp_attr(&sdp->session, "ice-ufrag");
	const bool pwd = pc_sdp_attr(&sdp->session, "ice-pwd");
	struct pc_sdp_inherited from;
	struct pc_sdp_facts f;
	struct pc_sdp_error err = { 0 };
	const struct pc_sdp_section *s;

	pc_sdp_inherit(&from, sdp);
	for (s = sdp->media; s; s = s->next) {
		if (pc_sdp_check_m(s->first, NULL))
			continue;
		judge_addresses(j, s);
		if (pc_sdp_facts_read(&f, &from, s, &err)) {
			struct pc_sdp_line at = { .number = err.line };

			pc_sdp_blame(j, ERROR, &at, err.column, err.rfc, "%s",
				     err.what);
		}
		if (!f.c && !from.c)
			pc_sdp_blame(j, ERROR, s->first, 1,
				     "RFC 8866 section 5.7",
				     "expected c= here or in the session part");
		judge_bundled(mids, &f, j);
		judge_ice(sdp, &f, j, ufrag, pwd);
		pc_sdp_check_media(&f, &from, j);
	}
}

void pc_sdp_check(const struct pc_sdp *sdp, struct pc_sdp_judge *judge)
{
	struct pc_sdp_mids mids;

	if (pc_sdp_mids_init(&mids, sdp)) {
		pc_sdp_blame(judge, ERROR, NULL, 0, "this machine's",
			     "out of memory");
		return;
	}
	judge_session(sdp, judge);
	judge_mids(&mids, judge);
	judge_sections(sdp, &mids, judge);
	pc_sdp_mids_fini(&mids);
}
