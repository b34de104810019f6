/*
 * sdp-convert: a session description for the other kind of peer (RFC 8866,
 * RFC 3264, RFC 8829), as a filter.
 *
 *	sdp-convert --to sip --with media.sdpfrag <offer.sdp >offer.sip.sdp
 *	sdp-convert --to webrtc --answer-to offer.sdp --with media.sdpfrag \
 *		--with ice.sdpfrag <answer.sip.sdp >answer.sdp
 *
 * Without options what comes in goes out, byte for byte, if it is SDP.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "loop/tool.h"
#include "sdp/convert.h"
#include "sdp/media.h"

#include "input.h"
#include "required.h"

/* A fragment is looked through many times; no real one is near this. */
#define FRAGMENT_MAX (64u << 10)

struct config {
	struct pc_tool_common common;
	const char *to, *answer_to, *codecs, *transcode;
	struct pc_opt_list with;
};

struct convert {
	struct config cfg;
	struct pc_tool tool;
	struct pc_timer *deadline;
	struct input input;
	unsigned n_read; /* of the files that options name */
	struct pc_sdp_convert how;
	struct pc_sdp *offer;
	struct pc_sdp *fragments[PC_OPT_LIST_MAX];
	struct pc_sdp_lay lays[PC_OPT_LIST_MAX];
	char *names[PC_OPT_LIST_MAX];
	unsigned changes;
};

static const struct pc_opt options[] = {
	PC_TOOL_OPTIONS("600", "give up when the input has not ended by then"),
	{ 0, "to", "KIND", "sip: for plain SIP phones; webrtc: for browsers",
	  NULL, PC_OPT_STR, offsetof(struct config, to) },
	{ 'a', "answer-to", "FILE",
	  "make an answer to the offer in FILE, which came from that side",
	  NULL, PC_OPT_STR, offsetof(struct config, answer_to) },
	{ 'w', "with", "FILE[#MID]",
	  "lay in this SDP fragment (its section MID); may be repeated", NULL,
	  PC_OPT_LIST, offsetof(struct config, with) },
	{ 0, "codecs", "NAMES",
	  "these codecs in this order, e.g. opus,PCMU,telephone-event", NULL,
	  PC_OPT_STR, offsetof(struct config, codecs) },
	{ 0, "transcode", "NAME",
	  "answer with this codec first although it is transcoded", NULL,
	  PC_OPT_STR, offsetof(struct config, transcode) },
	{ 0 }
};

static void fini(void *arg)
{
	struct convert *c = arg;
	unsigned i;

	pc_timer_free(c->deadline);
	input_stop(&c->input);
	pc_sdp_free(c->offer);
	for (i = 0; i < c->cfg.with.n; i++) {
		pc_sdp_free(c->fragments[i]);
		free(c->names[i]);
	}
}

static const struct pc_tool_spec spec = {
	.usage = {
		.name = "sdp-convert",
		.synopsis = "[options] <description >description",
		.purpose = "make a session description fit for a SIP phone "
			   "or a browser",
		.examples =
			"sdp-convert --to sip --with media.sdpfrag "
			"<offer.sdp >offer.sip.sdp\n"
			"sdp-convert --to webrtc --answer-to offer.sdp "
			"--with media.sdpfrag <answer.sip.sdp >answer.sdp\n",
		.options = options,
	},
	.fini = fini,
};

/* -v: each line that is dropped, added or rewritten, and why. */
static void on_change(void *arg, const char *before, const char *after,
		      const char *why)
{
	struct convert *c = arg;

	c->changes++;
	if (before && after)
		pc_verbose("%s -> %s (%s)", before, after, why);
	else
		pc_verbose("%c %s (%s)", before ? '-' : '+',
			   before ? before : after, why);
}

static void say_sdp_error(struct convert *c, const char *what,
			  const struct pc_sdp_error *err)
{
	struct pc_buf text = { 0 };

	pc_sdp_error_text(err, &text);
	pc_tool_error(&c->tool, "%s: %s", what,
		      text.oom ? "out of memory" : text.data);
	pc_buf_fini(&text);
}

/* What a file came to: -1, or an exit status after one line. */
static int parse_file(struct convert *c, struct pc_sdp **sdp, const char *path,
		      int rc, const struct pc_buf *data, unsigned flags)
{
	struct pc_sdp_error err = { 0 };

	if (rc == 0 && data->len == 0) {
		pc_tool_error(&c->tool, "%s: empty", path);
		return PC_EXIT_NOINPUT;
	}
	if (rc == 0)
		rc = pc_sdp_parse(sdp, data->data, data->len, flags, &err);
	if (rc == 0)
		return -1;
	if (rc == -EBADMSG) {
		say_sdp_error(c, path, &err);
		return PC_EXIT_DATA;
	}
	pc_tool_error(&c->tool, "%s: %s", path,
		      rc == -EFBIG ? "too large for what it should be"
				   : strerror(-rc));
	if (rc == -EFBIG)
		return PC_EXIT_DATA;
	return rc == -ENOENT ? PC_EXIT_NOINPUT : PC_EXIT_IO;
}

/* FILE#MID: the last # divides, unless there is a file of the whole name. */
static int name_fragment(struct convert *c, unsigned i)
{
	char *path = strdup(c->cfg.with.v[i]);
	char *hash = path ? strrchr(path, '#') : NULL;

	c->names[i] = path;
	if (!path)
		return -ENOMEM;
	if (hash && access(path, F_OK) != 0) {
		*hash = '\0';
		c->lays[i].name = hash + 1;
	}
	return 0;
}

static void warn_unfinished(struct convert *c, const struct pc_sdp *sdp)
{
	if (c->how.to == PC_SDP_TO_WEBRTC && !c->how.n_lays)
		pc_info("no --with: browsers need ICE and DTLS lines, from "
			"ice-pair's and rtp-bridge's fragments");
	else if (c->how.to == PC_SDP_TO_SIP && !c->how.n_lays && sdp->media)
		pc_info("no --with: media would go to the address of the "
			"input, not to rtp-bridge's");
}

/* The result as an event: what is on offer, or agreed. */
static void tell(struct convert *c, const struct pc_sdp *sdp)
{
	struct pc_sdp_section *s = sdp->media;
	struct pc_sdp_media m;
	json_t *codecs;
	unsigned i;

	while (s && pc_sdp_section_rejected(s))
		s = s->next;
	if (!pc_events_wanted(&c->tool) || !s ||
	    pc_sdp_media_read(&m, sdp, s, NULL))
		return;
	codecs = json_array();
	for (i = 0; i < m.n_codecs; i++)
		json_array_append_new(
			codecs, pc_json_fields("type=%d name=%s clock=%u",
					       m.codecs[i].pt, m.codecs[i].name,
					       m.codecs[i].clock_hz));
	pc_event(&c->tool, "converted",
		 "to=%s proto=%s port=%u direction=%s sections=%u changes=%u "
		 "codecs=%p",
		 c->cfg.to, m.proto, m.port, pc_sdp_direction_text(m.direction),
		 sdp->n_media, c->changes, (void *)codecs);
}

/* The document an error is in. */
static const char *where(const struct convert *c,
			 const struct pc_sdp_error *err)
{
	if (err->where == PC_SDP_IN_OFFER)
		return c->cfg.answer_to;
	if (err->where == PC_SDP_IN_FRAGMENT)
		return c->names[err->fragment];
	return "stdin";
}

static int convert(struct convert *c, struct pc_sdp *sdp)
{
	struct pc_sdp_error err = { 0 };
	struct pc_buf out = { 0 };
	int rc, status = PC_EXIT_OK;

	sdp->report = on_change;
	sdp->report_arg = c;
	rc = pc_sdp_convert(sdp, &c->how, &err);
	if (rc == -EBADMSG || rc == -ENODATA) {
		say_sdp_error(c, where(c, &err), &err);
		return rc == -ENODATA ? PC_EXIT_NO : PC_EXIT_DATA;
	}
	pc_sdp_write(sdp, &out);
	if (rc || out.oom) {
		pc_tool_error(&c->tool, "out of memory");
		status = PC_EXIT_IO;
	} else if (pc_tool_product(&c->tool, out.data, out.len)) {
		status = PC_EXIT_IO;
	} else {
		warn_unfinished(c, sdp);
		tell(c, sdp);
	}
	pc_buf_fini(&out);
	return status;
}

static void on_input(void *arg, const char *data, size_t len)
{
	struct convert *c = arg;
	struct pc_sdp_error err = { 0 };
	struct pc_sdp *sdp;
	int rc, status;

	if (len == 0) {
		pc_tool_error(&c->tool, "stdin: no input (did the program in "
					"front of me fail?)");
		pc_tool_exit(&c->tool, PC_EXIT_NOINPUT);
		return;
	}
	rc = pc_sdp_parse(&sdp, data, len, 0, &err);
	if (rc == 0) {
		if (!c->cfg.to) /* else what lacks is put in */
			rc = required_check(sdp, &err);
		status = rc ? PC_EXIT_DATA : convert(c, sdp);
		pc_sdp_free(sdp);
		if (rc)
			say_sdp_error(c, "stdin", &err);
	} else if (rc == -EBADMSG) {
		say_sdp_error(c, "stdin", &err);
		status = PC_EXIT_DATA;
	} else {
		pc_tool_error(&c->tool, "stdin: %s", strerror(-rc));
		status = PC_EXIT_IO;
	}
	pc_tool_exit(&c->tool, status);
}

static void on_deadline(void *arg)
{
	struct convert *c = arg;

	pc_tool_error(&c->tool, "no end of input within --timeout");
	pc_tool_exit(&c->tool, PC_EXIT_NOINPUT);
}

/* Check what the options say. Returns -1, or a status after one line. */
static int configure(struct convert *c)
{
	const struct config *cfg = &c->cfg;

	if (c->tool.n_operands) {
		pc_tool_error(&c->tool,
			      "%s: the description comes on stdin "
			      "(use <FILE)",
			      c->tool.operands[0]);
		return PC_EXIT_USAGE;
	}
	if (cfg->to && strcmp(cfg->to, "sip") == 0) {
		c->how.to = PC_SDP_TO_SIP;
	} else if (cfg->to && strcmp(cfg->to, "webrtc") == 0) {
		c->how.to = PC_SDP_TO_WEBRTC;
	} else if (cfg->to) {
		pc_tool_error(&c->tool, "--to %s: expected sip or webrtc",
			      cfg->to);
		return PC_EXIT_USAGE;
	} else if (cfg->answer_to || cfg->codecs || cfg->transcode) {
		pc_tool_error(&c->tool, "--answer-to, --codecs and --transcode "
					"go with --to sip or --to webrtc");
		return PC_EXIT_USAGE;
	}
	c->how.codecs = cfg->codecs;
	c->how.transcode = cfg->transcode;
	c->how.lays = c->lays;
	c->how.n_lays = cfg->with.n;
	return -1;
}

static void read_next(struct convert *c);

static void on_offer(void *arg, int rc, const struct pc_buf *data)
{
	struct convert *c = arg;
	int status = parse_file(c, &c->offer, c->cfg.answer_to, rc, data, 0);

	c->how.answer_to = c->offer;
	if (status >= 0)
		pc_tool_exit(&c->tool, status);
	else
		read_next(c);
}

static void on_fragment(void *arg, int rc, const struct pc_buf *data)
{
	struct convert *c = arg;
	const unsigned i = c->n_read++;
	int status = parse_file(c, &c->fragments[i], c->names[i], rc, data,
				PC_SDP_FRAGMENT);

	c->lays[i].sdp = c->fragments[i];
	if (status >= 0)
		pc_tool_exit(&c->tool, status);
	else
		read_next(c);
}

/* The offer, the fragments in their order, and at last stdin. */
static void read_next(struct convert *c)
{
	const unsigned i = c->n_read;
	int rc = 0;

	if (c->cfg.answer_to && !c->offer) {
		input_start(&c->input, &c->tool, c->cfg.answer_to,
			    PC_TOOL_DOC_MAX, on_offer, c);
	} else if (i < c->cfg.with.n) {
		rc = name_fragment(c, i);
		if (rc == 0)
			input_start(&c->input, &c->tool, c->names[i],
				    FRAGMENT_MAX, on_fragment, c);
	} else {
		rc = pc_tool_read_stdin(&c->tool, on_input);
	}
	if (rc)
		pc_tool_exit(&c->tool, PC_EXIT_IO);
}

static void start(struct convert *c)
{
	int status = configure(c);

	if (status < 0) {
		c->deadline = pc_timer_new(c->tool.loop, on_deadline, c);
		if (!c->deadline)
			status = PC_EXIT_IO;
	}
	if (status >= 0) {
		pc_tool_exit(&c->tool, status);
		return;
	}
	pc_timer_set(c->deadline, c->cfg.common.timeout_ms);
	read_next(c);
}

int main(int argc, char **argv)
{
	static struct convert c;
	int status = pc_tool_init(&c.tool, &spec, &c.cfg, argc, argv);

	if (status >= 0)
		return status;
	c.tool.arg = &c;
	start(&c);
	return pc_tool_run(&c.tool);
}
