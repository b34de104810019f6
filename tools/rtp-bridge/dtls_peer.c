/* Who the other end has to be; see dtls_peer.h. */
#include "dtls_peer.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/home.h"
#include "net.h"

void dtls_prints_take(struct dtls_prints *p, const struct pc_sdp_media *m)
{
	p->n = m->n_fingerprints;
	memcpy(p->list, m->fingerprints, sizeof(p->list));
}

bool dtls_prints_same(const struct dtls_prints *p, const struct pc_sdp_media *m)
{
	if (p->n != m->n_fingerprints)
		return false;
	for (unsigned i = 0; i < p->n; i++)
		if (p->list[i].len != m->fingerprints[i].len ||
		    strcmp(p->list[i].hash, m->fingerprints[i].hash) != 0 ||
		    memcmp(p->list[i].bytes, m->fingerprints[i].bytes,
			   p->list[i].len) != 0)
			return false;
	return true;
}

bool dtls_prints_match(const struct dtls_prints *p, const struct pc_dtls *dtls)
{
	size_t strongest = 0;
	bool right = false;

	for (unsigned i = 0; i < p->n; i++)
		if (pc_dtls_hash_known(p->list[i].hash) &&
		    p->list[i].len > strongest)
			strongest = p->list[i].len;
	for (unsigned i = 0; i < p->n; i++)
		right |= p->list[i].len == strongest &&
			 pc_dtls_peer_is(dtls, p->list[i].hash,
					 p->list[i].bytes, p->list[i].len) == 0;
	return right;
}

int dtls_waits(struct leg *leg, bool *waits)
{
	const char *setup = leg_option(leg, "setup");

	*waits = setup != NULL;
	if (!setup || strcmp(setup, "passive") == 0)
		return 0;
	pc_tool_error(&leg->bridge->tool, "%s: setup= can be passive",
		      leg->name);
	return -EINVAL;
}

int dtls_roles(struct leg *leg, const struct description *d, bool waits)
{
	enum pc_sdp_setup theirs = d->remote->setup;
	enum pc_sdp_setup ours = waits      ? PC_SDP_SETUP_PASSIVE
				 : d->local ? d->local->setup
					    : PC_SDP_SETUP_NONE;
	bool both = theirs == ours && (ours == PC_SDP_SETUP_ACTIVE ||
				       ours == PC_SDP_SETUP_PASSIVE);

	if (!both && theirs != PC_SDP_SETUP_HOLDCONN)
		return 0;
	pc_tool_error(&leg->bridge->tool, "%s: a=setup: %s", leg->name,
		      !both ? "the other side says holdconn, and does not want "
			      "a handshake"
		      : ours == PC_SDP_SETUP_ACTIVE
			      ? "both sides are active, so neither answers"
			      : "both sides are passive, so neither begins");
	return -EINVAL;
}

bool dtls_be_server(const struct description *d, bool waits)
{
	switch (d->remote->setup) {
	case PC_SDP_SETUP_ACTIVE:
		return true;
	case PC_SDP_SETUP_PASSIVE:
		return false;
	default:
		return waits ||
		       (d->local && d->local->setup == PC_SDP_SETUP_PASSIVE);
	}
}

void dtls_say(struct leg *leg, const char *state, const char *why, bool server,
	      const struct pc_dtls *up)
{
	struct pc_tool *tool = &leg->bridge->tool;

	pc_event(tool, "dtls",
		 "leg=%s state=%s why=%s role=%s cipher=%s profile=%s "
		 "fingerprint=%s",
		 leg->name, state, why, server ? "passive" : "active",
		 up ? pc_dtls_cipher(up) : NULL,
		 up ? pc_dtls_profile(up) : NULL, up ? "checked" : NULL);
	net_trace_state(leg, "dtls", leg->dtls, state, why);
	leg->dtls = state;
	pc_verbose("%s: DTLS %s%s%s", leg->name, state, why ? ": " : "",
		   why ? why : "");
}

void dtls_trace(struct leg *leg, const struct pc_addr *local,
		const struct pc_addr *remote, bool out, const uint8_t *buf,
		size_t len)
{
	struct pc_trace_msg m = {
		.protocol = "DTLS",
		.out = out,
		.local = local,
		.remote = remote,
		.transport = "udp",
		.data = buf,
		.len = len,
	};

	if (!pc_trace_wanted(&leg->bridge->tool))
		return;
	m.summary = pc_dtls_describe(buf, len);
	pc_trace_message(&leg->bridge->tool, &m);
}

/* To SSLKEYLOGFILE, if there is to be one; what cannot be done is said once. */
static void append_secret(struct leg *leg, const char *line)
{
	const char *path = pc_home_env("SSLKEYLOGFILE");
	char room[PC_HERE];
	int fd, rc;

	if (!path || !*path || leg->bridge->no_keylog)
		return;
	fd = open(pc_here(path, room),
		  O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600);
	rc = fd < 0 ? -errno : pc_write_all(fd, line, strlen(line));
	if (rc == -ENXIO && !*line)
		return; /* a FIFO's reader may still come */
	if (fd >= 0)
		close(fd);
	leg->bridge->no_keylog = rc < 0;
	if (rc < 0)
		pc_tool_error(&leg->bridge->tool,
			      "SSLKEYLOGFILE: %s: %s: no secrets are written",
			      path, strerror(-rc));
}

void dtls_secret(struct leg *leg, const char *line)
{
	struct pc_buf text = { 0 };

	pc_pcap_secret(&leg->bridge->tool, line);
	pc_buf_printf(&text, "%s\n", line);
	if (!text.oom)
		append_secret(leg, text.data);
	explicit_bzero(text.data, text.len);
	pc_buf_fini(&text);
}

void dtls_early_keep(struct dtls_early *e, const struct pc_addr *from,
		     const uint8_t *buf, size_t len)
{
	if (e->n == EARLY_MAX || len > EARLY_LEN)
		return;
	memcpy(e->packet[e->n], buf, len);
	e->from[e->n] = *from;
	e->len[e->n++] = len;
}

int dtls_identity(struct leg *leg, struct pc_dtls_identity **identity)
{
	const char *file = leg_option(leg, "cert");
	int rc = file ? pc_dtls_identity_load(identity, file)
		      : pc_dtls_identity_new(identity);

	append_secret(leg, ""); /* what is wrong is told before the call */
	if (rc < 0 && file)
		pc_tool_error(&leg->bridge->tool, "%s: %s", file,
			      rc == -EBADMSG ? "no certificate with its key"
					     : strerror(-rc));
	return rc;
}
