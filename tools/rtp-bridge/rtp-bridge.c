/*
 * rtp-bridge: a socat for RTP (RFC 3550, 3711, 5764, 7587, 4733).
 *
 *	rtp-bridge --control ctl dtls:ice.sock,name=web \
 *		rtp:127.0.0.1:0,name=sip >media.sdpfrag
 *	echo 'describe sip offer.sip.sdp answer.sip.sdp' >ctl
 */
#include "bridge.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/home.h"
#include "net_video.h"
#include "serve.h"
#include "via.h"

enum { DIGIT_MS = 160 };

static const struct pc_opt options[] = {
	PC_TOOL_OPTIONS("0", "end when no media came for so long; 0: never"),
	{ 0, "handshake", "SECONDS", "give a DTLS handshake up after so long",
	  "20", PC_OPT_MS, offsetof(struct config, handshake_ms) },
	{ 0, "dtmf", "HOW",
	  "inband: hear digits where a leg has no telephone-event", "events",
	  PC_OPT_STR, offsetof(struct config, dtmf) },
	{ 0, "stats", NULL, "a table of all legs each second, on the terminal",
	  NULL, PC_OPT_FLAG, offsetof(struct config, stats) },
	{ 0, "serve", "SOCK",
	  "be the process of all bridges that are --via SOCK", NULL, PC_OPT_STR,
	  offsetof(struct config, serve) },
	{ 0, "via", "SOCK", "let the one that has --serve SOCK do the work",
	  NULL, PC_OPT_STR, offsetof(struct config, via) },
	{ 0 }
};

/* What is said of a leg that cannot be opened is said where it is known. */
static int status_of(int rc)
{
	switch (rc) {
	case -EINVAL:
	case -EBUSY:
		return PC_EXIT_USAGE;
	case -EBADMSG:
		return PC_EXIT_DATA;
	case -ENOENT:
		return PC_EXIT_NOINPUT;
	default:
		return PC_EXIT_IO;
	}
}

/* Words behind the last that is known. */
static bool too_many(struct bridge *b, const struct pc_command *cmd, int known)
{
	if (cmd->object || cmd->argc <= known)
		return false;
	pc_tool_error(&b->tool, "%s: %s: what is that for?%s", cmd->name,
		      cmd->argv[known],
		      strcmp(cmd->name, "add") == 0
			      ? " (a file's name with spaces: as JSON)"
			      : "");
	return true;
}

static int on_describe(void *arg, const struct pc_command *cmd)
{
	return too_many(arg, cmd, 3) ? -EINVAL : bridge_describe(arg, cmd);
}

static int on_add(void *arg, const struct pc_command *cmd)
{
	struct bridge *b = arg;
	const char *spec = pc_command_arg(cmd, "leg", 0);

	if (too_many(b, cmd, 1))
		return -EINVAL;
	if (!spec) {
		pc_tool_error(&b->tool, "add: which leg? (add echo:)");
		return -EINVAL;
	}
	return bridge_add(b, spec);
}

static int on_drop(void *arg, const struct pc_command *cmd)
{
	struct bridge *b = arg;
	const char *name = pc_command_arg(cmd, "leg", 0);

	if (too_many(b, cmd, 1))
		return -EINVAL;
	if (!name) {
		pc_tool_error(&b->tool, "drop: which leg? (drop wav)");
		return -EINVAL;
	}
	return bridge_drop(b, name);
}

/* The same where JSON has a number; into text. */
static const char *number_arg(const struct pc_command *cmd, const char *key,
			      int position, char text[32])
{
	const json_t *v =
		cmd->object ? json_object_get(cmd->object, key) : NULL;

	if (!json_is_number(v))
		return pc_command_arg(cmd, key, position);
	snprintf(text, 32, "%.10g", json_number_value(v));
	return text;
}

static int on_mute(void *arg, const struct pc_command *cmd)
{
	struct leg *leg = bridge_command_leg(arg, cmd);

	if (!leg)
		return -ENOENT;
	if (too_many(arg, cmd, 1))
		return -EINVAL;
	leg->muted = strcmp(cmd->name, "mute") == 0;
	return 0;
}

static int on_gain(void *arg, const struct pc_command *cmd)
{
	struct leg *leg = bridge_command_leg(arg, cmd);
	char text[32];
	const char *db = number_arg(cmd, "db", 1, text);

	if (!leg)
		return -ENOENT;
	if (too_many(arg, cmd, 2))
		return -EINVAL;
	return leg_set_gain(leg, db ? db : "");
}

static int on_dtmf(void *arg, const struct pc_command *cmd)
{
	struct bridge *b = arg;
	struct leg *leg = bridge_command_leg(b, cmd);
	const char *digits = pc_command_arg(cmd, "digits", 1);
	char text[32];
	const char *ms = number_arg(cmd, "ms", 2, text);
	char *end = "";
	unsigned long length = ms ? strtoul(ms, &end, 10) : DIGIT_MS;
	int rc;

	if (!leg)
		return -ENOENT;
	if (too_many(b, cmd, 3))
		return -EINVAL;
	if (!leg->kind->net || !leg->kind->ready(leg)) {
		pc_tool_error(&b->tool, "dtmf %s: it cannot send yet",
			      leg->name);
		return -ENOTCONN;
	}
	if (!digits || *end || length < 40 || length > 5000) {
		pc_tool_error(&b->tool,
			      "dtmf: dtmf LEG DIGITS [MS], 40 to 5000");
		return -EINVAL;
	}
	rc = net_digits_send(leg->kind->net(leg), digits, (unsigned)length);
	if (rc < 0)
		pc_tool_error(&b->tool, "dtmf %s: %s", digits,
			      rc == -ENOSPC ? "too many digits at once"
					    : "use 0-9 * # A-D");
	return rc;
}

static int on_keyframe(void *arg, const struct pc_command *cmd)
{
	struct leg *leg = bridge_command_leg(arg, cmd);

	if (!leg)
		return -ENOENT;
	if (too_many(arg, cmd, 1))
		return -EINVAL;
	if (leg->child)
		leg = leg->child;
	if (!leg->video || !leg->kind->net) {
		pc_tool_error(&leg->bridge->tool, "keyframe %s: no video",
			      leg->name);
		return -EINVAL;
	}
	net_video_ask(leg->kind->net(leg));
	return 0;
}

static int on_hangup(void *arg, const struct pc_command *cmd)
{
	struct bridge *b = arg;

	(void)cmd;
	pc_tool_stop(&b->tool, "hangup");
	return 0;
}

static const struct pc_tool_command commands[] = {
	{ "describe", on_describe,
	  "describe LEG LOCAL REMOTE: the descriptions of a leg (files, - for "
	  "none)" },
	{ "add", on_add, "add SPEC: add a leg" },
	{ "mute", on_mute, "mute NAME: nobody hears it" },
	{ "unmute", on_mute, "unmute NAME: they do again" },
	{ "gain", on_gain, "gain NAME DB: what it says is louder or softer" },
	{ "dtmf", on_dtmf,
	  "dtmf NAME DIGITS [MS]: send digits to the leg's other side" },
	{ "keyframe", on_keyframe,
	  "keyframe NAME: ask this leg's other side for a whole picture" },
	{ "drop", on_drop, "drop NAME: drop a leg" },
	{ "hangup", on_hangup, "hangup: end" },
	{ "quit", on_hangup, "quit: end" },
	{ 0 }
};

static void on_stop(void *arg)
{
	struct bridge *b = arg;

	bridge_end(b, "asked to");
	pc_tool_exit(&b->tool, b->status);
}

/* What still lives, because a second signal or the deadline ended it. */
static void on_fini(void *arg)
{
	struct bridge *b = arg;

	if (b->second)
		bridge_end(b, "at once");
}

/* Only its options are read in this process, and again in the server's. */
static int instead(void *config, int argc, char **argv)
{
	const struct config *cfg = config;

	if (cfg->via && cfg->serve) {
		pc_warnx("--serve and --via: which of them?");
		return PC_EXIT_USAGE;
	}
	return cfg->via ? via_run(cfg, argc, argv) : -1;
}

static const struct pc_tool_spec spec = {
	.usage = {
		.name = "rtp-bridge",
		.synopsis = "[options] LEG [LEG...] >media.sdpfrag",
		.purpose = "Bridge or mix legs of media: RTP, SRTP, DTLS-SRTP, "
			   "WAV files, tones, an echo.",
		.examples =
			"rtp-bridge --control ctl rtp:127.0.0.1:0 echo: "
			">media.sdpfrag\n"
			"rtp-bridge --control ctl dtls:ice.sock,name=web "
			"rtp:127.0.0.1:0,name=sip >media.sdpfrag",
		.options = options,
	},
	.commands = commands,
	.stop = on_stop,
	.fini = on_fini,
	.instead = instead,
};

static int start(struct bridge *b)
{
	struct pc_buf out = { 0 };
	int rc = leg_good_dtmf(b, "--dtmf", b->cfg.dtmf) ? bridge_start(b)
							 : -EINVAL;

	for (int i = 0; rc == 0 && i < b->tool.n_operands; i++)
		rc = bridge_add(b, b->tool.operands[i]);
	for (int i = 0; rc == 0 && i < LEGS_MAX; i++)
		if (b->legs[i] && b->legs[i]->kind->settle)
			rc = b->legs[i]->kind->settle(b->legs[i]);
	if (rc < 0)
		return status_of(rc);
	if (b->tool.n_operands == 1 && !b->cfg.common.control)
		pc_info("one leg alone: nobody hears it, and without --control "
			"no other will come");
	b->up = true;
	bridge_fragments(b, &out);
	if (out.oom)
		rc = -ENOMEM;
	else if (out.len == 0)
		pc_tool_product_end(&b->tool);
	else
		rc = pc_tool_product(&b->tool, out.data, out.len);
	pc_buf_fini(&out);
	return rc < 0 ? PC_EXIT_IO : PC_EXIT_OK;
}

int rtp_bridge_begin(struct bridge *b, int argc, char **argv)
{
	int status = pc_tool_init(&b->tool, &spec, &b->cfg, argc, argv);

	if (status >= 0)
		return status;
	b->tool.arg = b;
	if (b->cfg.serve && !pc_home_is_hosted())
		return serve_run(&b->tool, b->cfg.serve);
	if (b->tool.n_operands == 0) {
		pc_tool_error(&b->tool, "no leg: name some, as in "
					"rtp-bridge rtp:127.0.0.1:0 echo:");
		status = PC_EXIT_USAGE;
	} else {
		status = start(b);
	}
	if (status == PC_EXIT_OK)
		return -1;
	bridge_end(b, "could not start");
	pc_tool_exit(&b->tool, status);
	return pc_tool_finish(&b->tool);
}

int main(int argc, char **argv)
{
	static struct bridge b;
	int status = rtp_bridge_begin(&b, argc, argv);

	return status >= 0 ? status : pc_tool_run(&b.tool);
}
