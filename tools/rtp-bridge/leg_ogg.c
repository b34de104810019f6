/*
 * ogg:record=FILE,from=LEG - the Opus packets of a leg, written as they came
 * (RFC 7845): not decoded, so nothing is lost and nothing costs. Without from=,
 * those of the first leg that sends Opus. What was lost is filled in as RFC
 * 7845 section 4.1 says, so that the file is as long as the call.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ogg/ogg.h>
#include <opus/opus.h>

#include "base/buf.h"
#include "base/home.h"
#include "media/reorder.h"
#include "net.h"

enum {
	CLOCK_HZ = 48000,
	PRE_SKIP = 312,      /* 6.5 ms: an encoder looks ahead */
	SLACK = CLOCK_HZ,    /* a source's clock may be ahead of ours */
	LATE = CLOCK_HZ / 5, /* and so much behind it is no pause */
	MAX_FRAME = 120 * CLOCK_HZ / 1000,
};

struct ogg_leg {
	const char *file, *from;
	int fd;
	bool failed;
	char other[48];   /* the coding of speech that could not be recorded */
	uint32_t from_id; /* the leg whose packets these are; 0: none yet */
	uint32_t ssrc;
	struct pc_reorder order;
	ogg_stream_state stream;
	uint64_t begin_us; /* the first packet came; 0: none did */
	bool begun;        /* next_ts is known */
	uint32_t next_ts;  /* where the next packet should begin */
	uint8_t toc;       /* of the latest packet */
	int64_t granule, packets;
};

static void failed(struct leg *leg, int rc)
{
	struct ogg_leg *o = leg->state;

	if (o->failed)
		return;
	o->failed = true;
	pc_tool_error(&leg->bridge->tool, "%s: %s: recording stops", o->file,
		      strerror(-rc));
	leg->bridge->status = PC_EXIT_IO;
}

static int write_pages(struct ogg_leg *o, bool flush)
{
	ogg_page page;
	int rc = 0;

	while (rc == 0 && (flush ? ogg_stream_flush(&o->stream, &page)
				 : ogg_stream_pageout(&o->stream, &page))) {
		rc = pc_write_all(o->fd, page.header, (size_t)page.header_len);
		if (rc == 0)
			rc = pc_write_all(o->fd, page.body,
					  (size_t)page.body_len);
	}
	return rc;
}

static void add_packet(struct ogg_leg *o, uint8_t *data, size_t len, bool first,
		       bool last)
{
	ogg_packet p = {
		.packet = data,
		.bytes = (long)len,
		.b_o_s = first,
		.e_o_s = last,
		.granulepos = o->granule,
		.packetno = o->packets++,
	};

	ogg_stream_packetin(&o->stream, &p);
}

/* RFC 7845 sections 5.1 and 5.2, a page each. */
static int write_headers(struct ogg_leg *o)
{
	uint8_t head[19] = "OpusHead\1\2"; /* version 1, 2 channels */
	uint8_t tags[] = "OpusTags\x08\0\0\0pipecall\0\0\0";
	int rc;

	head[10] = PRE_SKIP & 0xff;
	head[11] = PRE_SKIP >> 8;
	head[12] = CLOCK_HZ & 0xff;
	head[13] = CLOCK_HZ >> 8 & 0xff;
	add_packet(o, head, sizeof(head), true, false);
	rc = write_pages(o, true);
	add_packet(o, tags, sizeof(tags), false, false);
	return rc < 0 ? rc : write_pages(o, true);
}

/* A frame that is one byte long says that it was lost (RFC 7845 4.1). */
static void fill(struct ogg_leg *o, uint32_t until)
{
	uint8_t lost = o->toc & 0xfc;
	int n = opus_packet_get_samples_per_frame(&lost, CLOCK_HZ);

	while ((int32_t)(until - o->next_ts) >= n) {
		o->granule += n;
		o->next_ts += (uint32_t)n;
		add_packet(o, &lost, 1, false, false);
	}
}

/*
 * What is missing before a packet: by the clock of its source, if that is sane
 * and the same; else by ours.
 */
static void fill_gap(struct ogg_leg *o, uint32_t ts)
{
	int64_t wall =
		(int64_t)((pc_now_us() - o->begin_us) * CLOCK_HZ / 1000000);
	int64_t behind = wall - o->granule;
	int32_t gap = (int32_t)(ts - o->next_ts);

	if (o->begun && gap <= 0 && gap > -SLACK)
		return;
	if (!o->begun || gap < 0 || gap > behind + SLACK)
		gap = behind > LATE && behind < INT32_MAX ? (int32_t)behind : 0;
	fill(o, o->next_ts + (uint32_t)gap);
}

static void write_opus(struct leg *leg, const struct pc_rtp *rtp)
{
	struct ogg_leg *o = leg->state;
	int n = opus_packet_get_nb_samples(
		rtp->payload, (opus_int32)rtp->payload_len, CLOCK_HZ);
	int rc;

	if (n <= 0 || n > MAX_FRAME)
		return;
	if (!o->begin_us)
		o->begin_us = pc_now_us();
	else
		fill_gap(o, rtp->ts);
	o->begun = true;
	o->toc = rtp->payload[0];
	o->granule += n;
	o->next_ts = rtp->ts + (uint32_t)n;
	add_packet(o, rtp->payload, rtp->payload_len, false, false);
	rc = write_pages(o, false);
	if (rc < 0)
		failed(leg, rc);
}

static void drain(struct leg *leg, uint64_t now_us)
{
	struct ogg_leg *o = leg->state;
	struct pc_rtp rtp;
	unsigned lost;

	while (!o->failed && pc_reorder_next(&o->order, now_us, &rtp, &lost))
		write_opus(leg, &rtp);
}

static bool is_there(const struct bridge *b, uint32_t id)
{
	for (int i = 0; i < LEGS_MAX; i++)
		if (b->legs[i] && b->legs[i]->id == id)
			return true;
	return false;
}

static void ogg_packet_came(struct leg *leg, const struct leg *from,
			    const struct pc_rtp *rtp, const struct payload *in)
{
	struct ogg_leg *o = leg->state;
	uint64_t now = pc_now_us();
	bool opus = in->codec == PC_CODEC_OPUS;

	if (o->from && strcmp(o->from, from->name) != 0)
		return;
	if (!opus && !o->other[0] && net_is_speech(in))
		net_write_coding(o->other, in);
	if (o->failed || (!o->from_id && !opus) ||
	    (o->from_id != from->id && is_there(leg->bridge, o->from_id)))
		return;
	if (o->from_id && (o->from_id != from->id || o->ssrc != rtp->ssrc)) {
		drain(leg, UINT64_MAX);
		pc_reorder_reset(&o->order);
		o->begun = false;
	}
	o->from_id = from->id;
	o->ssrc = rtp->ssrc;
	if (pc_reorder_put(&o->order, rtp, !opus, now) == PC_REORDER_NOW)
		write_opus(leg, rtp);
	drain(leg, now);
}

static void ogg_second(struct leg *leg, uint64_t now_us)
{
	struct ogg_leg *o = leg->state;
	int rc;

	drain(leg, now_us);
	rc = o->failed ? 0 : write_pages(o, true);
	if (rc < 0)
		failed(leg, rc);
}

/* The leg that it is to record has to be there, and to have packets. */
static int ogg_settle(struct leg *leg)
{
	const struct ogg_leg *o = leg->state;
	const struct leg *from =
		o->from ? bridge_leg(leg->bridge, o->from) : NULL;

	if (!o->from || (from && from->kind->net))
		return 0;
	pc_tool_error(&leg->bridge->tool, "%s: from=%s: %s", leg->name, o->from,
		      from ? "this leg has no packets"
			   : "there is no such leg");
	return -EINVAL;
}

/* There is a file, of silence: a player takes it, and nobody misses it. */
static void say_nothing_came(struct leg *leg)
{
	struct ogg_leg *o = leg->state;

	if (!leg->bridge->up)
		return;
	pc_tool_error(&leg->bridge->tool,
		      "%s: nothing to record came%s%s: only Opus can be, and "
		      "%s was sent; wav:record= takes all",
		      o->file, o->from ? " from " : "", o->from ? o->from : "",
		      o->other[0] ? o->other : "nothing");
	if (leg->bridge->status == PC_EXIT_OK)
		leg->bridge->status = PC_EXIT_NO;
}

static void ogg_close(struct leg *leg)
{
	struct ogg_leg *o = leg->state;
	uint8_t lost = o->toc & 0xfc;

	if (o->fd >= 0) {
		drain(leg, UINT64_MAX);
		/* The last page has to say that it is: with a packet. */
		if (!o->failed && !o->begin_us)
			say_nothing_came(leg);
		if (!o->failed) {
			o->granule += opus_packet_get_samples_per_frame(
				&lost, CLOCK_HZ);
			add_packet(o, &lost, 1, false, true);
			if (write_pages(o, true) < 0)
				failed(leg, -EIO);
		}
		close(o->fd);
		pc_event(&leg->bridge->tool, "recorded",
			 "leg=%s file=%s seconds=%f", leg->name, o->file,
			 (double)o->granule / CLOCK_HZ);
	}
	pc_reorder_fini(&o->order);
	ogg_stream_clear(&o->stream);
	free(o);
	leg->state = NULL;
}

static int open_file(const char *path)
{
	char room[PC_HERE];
	struct stat st;
	int rc = 0,
	    fd = open(pc_here(path, room),
		      O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0666);

	if (fd < 0)
		return errno == ENXIO ? -ENODEV : -errno;
	if (fstat(fd, &st) == 0 && S_ISCHR(st.st_mode))
		return fd;
	if (!S_ISREG(st.st_mode))
		rc = -ENODEV;
	else if (flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK)
		rc = -EBUSY; /* see pc_wav_claim */
	else if (ftruncate(fd, 0) < 0)
		rc = -errno;
	if (rc == 0)
		return fd;
	close(fd);
	return rc;
}

static int ogg_open(struct leg *leg)
{
	static const char *const known[] = { "record", "from", NULL };
	struct ogg_leg *o;
	int serial = 0, rc;

	if (leg_check_options(leg, known) < 0)
		return -EINVAL;
	o = calloc(1, sizeof(*o));
	if (!o)
		return -ENOMEM;
	leg->state = o;
	leg->listens = true;
	o->fd = -1;
	o->file = leg_option(leg, "record");
	o->from = leg_option(leg, "from");
	(void)!getrandom(&serial, sizeof(serial), 0);
	if (ogg_stream_init(&o->stream, serial) != 0)
		return -ENOMEM;
	if (!o->file) {
		pc_tool_error(&leg->bridge->tool, "ogg: give record=FILE");
		return -EINVAL;
	}
	o->fd = open_file(o->file);
	rc = o->fd < 0 ? o->fd : write_headers(o);
	if (rc == 0)
		return 0;
	pc_tool_error(&leg->bridge->tool, "%s: %s", o->file,
		      rc == -ENODEV  ? "not a regular file"
		      : rc == -EBUSY ? "it is being played, or recorded to"
				     : strerror(-rc));
	return -EIO;
}

const struct leg_kind leg_ogg = {
	.name = "ogg",
	.nowhere = true,
	.open = ogg_open,
	.settle = ogg_settle,
	.close = ogg_close,
	.packet = ogg_packet_came,
	.second = ogg_second,
};
