/* The describe command: which addresses, which payload types, which keys. */
#include "bridge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "media/wide.h"

/* One description while it is being read. */
struct text {
	const char *what; /* "local", "remote" */
	struct pc_buf buf;
	struct pc_sdp *sdp;
	struct pc_sdp_media media;
	struct pc_sdes_list crypto;
	const char *kind; /* "audio", "video" */
	unsigned fb;      /* of the section's a=rtcp-fb: FB_... */
	uint8_t wide_id;  /* of transport-cc's header extension; 0: none */
	bool given;
};

static int fetch(struct bridge *b, struct text *t, const struct pc_command *cmd,
		 int position)
{
	const char *arg = pc_command_arg(cmd, t->what, position);
	int rc;

	if (!arg || strcmp(arg, "-") == 0)
		return 0;
	t->given = true;
	if (cmd->object) {
		pc_buf_adds(&t->buf, arg);
		return t->buf.oom ? -ENOMEM : 0;
	}
	rc = pc_buf_read_file(&t->buf, arg, PC_TOOL_DOC_MAX);
	if (rc < 0)
		pc_tool_error(&b->tool, "describe: %s: %s", arg, strerror(-rc));
	return rc;
}

/* The first section of its kind that is not rejected. */
static const struct pc_sdp_section *choose(struct text *t,
					   struct pc_sdp_error *err)
{
	const struct pc_sdp_section *s;

	for (s = t->sdp->media; s; s = s->next)
		if (pc_sdp_media_read(&t->media, t->sdp, s, err) == 0 &&
		    strcmp(t->media.kind, t->kind) == 0 &&
		    !pc_sdp_section_rejected(s))
			return s;
	if (t->sdp->media)
		pc_sdp_media_read(&t->media, t->sdp, t->sdp->media, err);
	return NULL;
}

/* The a=crypto lines that are known here. */
static void read_crypto(struct text *t, const struct pc_sdp_section *section)
{
	struct pc_sdp_line *line = section->first;
	struct pc_sdes_list *list = &t->crypto;

	for (; (line = pc_sdp_find_attr(line, "crypto")); line = line->next) {
		const char *value = pc_sdp_line_attr(line, "crypto");

		if (list->n == PC_SDES_MAX)
			return;
		if (pc_sdes_parse(&list->line[list->n], value) == 0)
			list->n++;
		else
			pc_verbose("describe: %s description: a=crypto:%.*s "
				   "is passed over", /* up to the key */
				   t->what, (int)strcspn(value, ":"), value);
	}
}

/* What the section's end can do of RFC 4585 and RFC 5104. */
static unsigned read_feedback(const struct pc_sdp_section *section)
{
	struct pc_sdp_line *line = section->first;
	unsigned fb = 0;

	for (; (line = pc_sdp_find_attr(line, "rtcp-fb")); line = line->next) {
		const char *value = pc_sdp_line_attr(line, "rtcp-fb");
		size_t len = strcspn(value, " ");

		value += len + strspn(value + len, " ");
		if (strcmp(value, "nack pli") == 0)
			fb |= FB_PLI;
		else if (strcmp(value, "ccm fir") == 0)
			fb |= FB_FIR;
		else if (strcmp(value, "nack") == 0)
			fb |= FB_NACK;
		else if (strcmp(value, "goog-remb") == 0)
			fb |= FB_REMB;
		else if (strcmp(value, "transport-cc") == 0)
			fb |= FB_WIDE;
	}
	return fb;
}

/* The number of transport-cc's header extension (RFC 8285 section 5). */
static uint8_t read_wide(const struct pc_sdp_section *section)
{
	struct pc_sdp_line *line = section->first;

	for (; (line = pc_sdp_find_attr(line, "extmap")); line = line->next) {
		const char *value = pc_sdp_line_attr(line, "extmap");
		unsigned long id = strtoul(value, NULL, 10);

		value += strcspn(value, " ");
		if (id > 0 && id < 256 && *value &&
		    strcmp(value + 1, PC_WIDE_URI) == 0)
			return (uint8_t)id;
	}
	return 0;
}

static void read_section(struct text *t, const struct pc_sdp_section *section)
{
	t->fb = read_feedback(section);
	t->wide_id = read_wide(section);
}

/* What both sides have of feedback. */
static void agree(struct description *d, const struct text *local,
		  const struct text *remote)
{
	d->remote_fb = remote->fb;
	if (local->given) /* what is asked for in any case does no harm */
		d->remote_fb &= local->fb | (FB_NACK | FB_PLI | FB_FIR);
	if (!(remote->fb & FB_WIDE) || !remote->wide_id)
		return;
	d->wide_id = local->given ? local->wide_id : remote->wide_id;
}

static int read_media(struct bridge *b, struct text *t)
{
	struct pc_sdp_error err = { 0 };
	struct pc_buf why = { 0 };
	const struct pc_sdp_section *section = NULL;
	int rc;

	if (!t->given)
		return 0;
	rc = pc_sdp_parse(&t->sdp, t->buf.data ? t->buf.data : "", t->buf.len,
			  0, &err);
	if (rc == 0)
		section = choose(t, &err);
	if (section) {
		read_crypto(t, section);
		read_section(t, section);
		return 0;
	}
	rc = rc < 0 ? rc : -EBADMSG;
	if (err.what[0])
		pc_sdp_error_text(&err, &why);
	pc_tool_error(&b->tool, "describe: %s description: %s", t->what,
		      why.len                         ? why.data
		      : strcmp(t->kind, "video") == 0 ? "no video in it"
						      : "no audio in it");
	pc_buf_fini(&why);
	return rc;
}

static void text_free(struct text *t)
{
	if (!t)
		return;
	pc_sdp_free(t->sdp);
	pc_buf_fini(&t->buf);
	explicit_bzero(&t->crypto, sizeof(t->crypto));
	free(t);
}

/* The video of a bundle, if both sides have it; if not, there is none. */
static int apply_child(struct leg *leg, struct text *local, struct text *remote)
{
	struct leg *child = leg->child;
	struct description d = { 0 };
	struct pc_sdp_error err;
	const struct pc_sdp_section *section;

	local->kind = remote->kind = "video";
	if (!remote->given || !(section = choose(remote, &err)))
		return 0;
	read_section(remote, section);
	if (local->given) {
		section = choose(local, &err);
		if (!section)
			return 0;
		read_section(local, section);
	}
	agree(&d, local, remote);
	d.remote = &remote->media;
	d.local = local->given ? &local->media : NULL;
	return child->kind->describe(child, &d);
}

/* A group may be sent to by to=, on the word of our own user. */
static bool is_one_host(const struct leg *leg, const struct pc_addr *addr)
{
	if (addr->sa.sa_family == AF_INET6)
		return !IN6_IS_ADDR_MULTICAST(&addr->in6.sin6_addr) ||
		       leg_option(leg, "to");
	return addr->in.sin_addr.s_addr != htonl(INADDR_BROADCAST) &&
	       (!IN_MULTICAST(ntohl(addr->in.sin_addr.s_addr)) ||
		leg_option(leg, "to"));
}

int leg_remote_addr(struct leg *leg, const struct pc_sdp_media *r,
		    const struct pc_addr *local, struct pc_addr *to)
{
	struct pc_tool *tool = &leg->bridge->tool;
	int rc = pc_addr_from_ip(to, r->ip, r->port);

	if (strncmp(r->proto, "TCP/", 4) == 0) {
		pc_tool_error(tool,
			      "%s: the remote description asks for %s: only "
			      "UDP is known",
			      leg->name, r->proto);
		return -EINVAL;
	}
	if (rc == 0 && !is_one_host(leg, to)) {
		pc_tool_error(tool,
			      "%s: %s is no one's address: a call is with one "
			      "other side",
			      leg->name, r->ip);
		return -EINVAL;
	}
	if (rc == 0 && to->sa.sa_family == local->sa.sa_family)
		return 0;
	if (!r->ip[0])
		pc_tool_error(tool,
			      "%s: the remote description has no c= line: "
			      "where is the other side?",
			      leg->name);
	else if (rc < 0)
		pc_tool_error(tool,
			      "%s: c= of the remote description: names are not "
			      "looked up while media flows: give the address "
			      "of %s",
			      leg->name, r->ip);
	else
		pc_tool_error(tool, "%s: cannot send to \"%s\" from %s",
			      leg->name, r->ip, leg->where);
	return -EINVAL;
}

/* The texts are there: read them, and tell the leg. */
static int apply(struct leg *leg, struct text *local, struct text *remote)
{
	struct bridge *b = leg->bridge;
	struct description d = { 0 };
	int rc;

	local->kind = remote->kind = leg->video ? "video" : "audio";
	rc = read_media(b, local);

	if (rc == 0)
		rc = read_media(b, remote);
	if (rc < 0)
		return rc;
	d.local = local->given ? &local->media : NULL;
	d.remote = remote->given ? &remote->media : NULL;
	d.local_crypto = local->given ? &local->crypto : NULL;
	d.remote_crypto = &remote->crypto;
	agree(&d, local, remote);
	rc = leg->kind->describe(leg, &d);
	if (rc == 0)
		bridge_wake(b);
	if (rc == 0 && leg->child)
		rc = apply_child(leg, local, remote);
	return rc;
}

int leg_describe_text(struct leg *leg, const char *text)
{
	struct text *local = calloc(1, sizeof(*local));
	struct text *remote = calloc(1, sizeof(*remote));
	int rc = -ENOMEM;

	if (local && remote) {
		local->what = "local";
		remote->what = "remote";
		remote->given = true;
		pc_buf_adds(&remote->buf, text);
		rc = remote->buf.oom ? -ENOMEM : apply(leg, local, remote);
	}
	text_free(local);
	text_free(remote);
	return rc;
}

int bridge_describe(void *arg, const struct pc_command *cmd)
{
	struct bridge *b = arg;
	const char *name = pc_command_arg(cmd, "leg", 0);
	struct leg *leg = name ? bridge_leg(b, name) : NULL;
	struct text *local = calloc(1, sizeof(*local));
	struct text *remote = calloc(1, sizeof(*remote));
	int rc = -ENOMEM;

	if (!local || !remote)
		goto out;
	local->what = "local";
	remote->what = "remote";
	rc = -EINVAL;
	if (!leg || !leg->kind->describe) {
		pc_tool_error(&b->tool, "describe: %s: %s", name ? name : "leg",
			      leg ? "this leg needs no description"
				  : "there is no such leg");
		goto out;
	}
	rc = fetch(b, local, cmd, 1);
	if (rc == 0)
		rc = fetch(b, remote, cmd, 2);
	if (rc == 0 && !local->given && !remote->given) {
		pc_tool_error(&b->tool,
			      "describe: %s: with what? (describe %s local.sdp "
			      "remote.sdp, - for none)",
			      name, name);
		rc = -EINVAL;
	}
	if (rc == 0)
		rc = apply(leg, local, remote);
out:
	text_free(local);
	text_free(remote);
	return rc;
}
