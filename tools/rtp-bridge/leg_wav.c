/*
 * wav:play=FILE,record=FILE - plays a file once to the other leg, and records
 * what comes from it. Gaps are recorded as silence, as long as they were.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bridge.h"
#include "media/resample.h"
#include "media/wav.h"

struct wav_leg {
	struct pc_wav_reader play;
	bool plays;
	uint32_t ts;   /* of the next sample played */
	unsigned tick; /* in its second, 0 to 49 */
	uint64_t played;
	/* Recording. The file is made when its rate is known. */
	const char *record;
	int claim;  /* on that file, as long as the leg is there */
	bool stale; /* it still has in it what was there before */
	bool recording, failed;
	struct pc_wav_writer out;
	uint64_t begin_us, written; /* samples */
	uint64_t source;
	unsigned clock_hz;
	uint32_t anchor_ts;
	uint64_t anchor;         /* the sample that anchor_ts is */
	unsigned rate, channels; /* of the file; rate 0: as it comes */
	bool as_heard; /* a mix is recorded in stereo, not who said what */
	struct pc_resampler *resampler[2]; /* of the channels */
	unsigned resample_hz;
	int16_t work[2][PC_FRAME_MAX]; /* channels at the file's rate */
	int16_t both[2 * PC_FRAME_MAX];
};

static void record_failed(struct leg *leg, int rc)
{
	struct wav_leg *w = leg->state;

	pc_tool_error(&leg->bridge->tool, "%s: %s: recording stops", w->record,
		      strerror(-rc));
	w->failed = true;
	leg->bridge->status = PC_EXIT_IO;
}

static bool wav_tick(struct leg *leg, struct leg *to)
{
	struct wav_leg *w = leg->state;
	unsigned rate = w->play.rate_hz, n;
	struct frame f = { .source = (uint64_t)leg->id << 32,
			   .ts = w->ts,
			   .clock_hz = rate,
			   .rate_hz = rate,
			   .pcm = leg->bridge->pcm };
	int16_t *right = NULL;

	if (!w->plays)
		return false;
	/* 20 ms may be no whole number of samples: 50 of them are. */
	n = rate * (w->tick + 1) / 50 - rate * w->tick / 50;
	w->tick = (w->tick + 1) % 50;
	if (w->play.channels == 2 && to->kind->both && to->kind->both(to))
		right = leg->bridge->right;
	f.n = pc_wav_read(&w->play, leg->bridge->pcm, right, n);
	w->played += f.n;
	if (f.n < n) {
		memset(leg->bridge->pcm + f.n, 0, (n - f.n) * sizeof(int16_t));
		if (right)
			memset(right + f.n, 0, (n - f.n) * sizeof(int16_t));
		w->plays = false;
	}
	if (f.n > 0) {
		f.n = n;
		f.right = right;
		leg_gain(leg, leg->bridge->pcm, n);
		if (right)
			leg_gain(leg, right, n);
		leg_frame(to, &f);
	}
	w->ts += n;
	if (!w->plays)
		pc_event(&leg->bridge->tool, "played", "leg=%s seconds=%f",
			 leg->name, (double)w->played / rate);
	return w->plays;
}

static unsigned wav_wants_hz(struct leg *leg, unsigned native_hz)
{
	struct wav_leg *w = leg->state;

	if (w->recording)
		return w->out.rate_hz;
	return w->rate ? w->rate : native_hz;
}

static int start_recording(struct wav_leg *w, unsigned rate_hz)
{
	int rc = pc_wav_create(&w->out, w->record, w->rate ? w->rate : rate_hz,
			       w->channels);

	if (rc < 0)
		return rc;
	w->stale = false;
	w->recording = true;
	w->begin_us = pc_now_us();
	return 0;
}

/* Where in the file this frame belongs: by its clock, if that is sane. */
static uint64_t place(struct wav_leg *w, const struct frame *f)
{
	uint64_t rate = w->out.rate_hz;
	uint64_t wall = (pc_now_us() - w->begin_us) * rate / 1000000;
	bool follows = w->source == f->source && w->clock_hz == f->clock_hz;
	int64_t at = 0;

	if (follows)
		at = (int64_t)w->anchor +
		     (int64_t)(int32_t)(f->ts - w->anchor_ts) * (int64_t)rate /
			     f->clock_hz;
	if (!follows || at + 1 < (int64_t)w->written ||
	    at > (int64_t)(wall + rate)) {
		at = (int64_t)(wall > w->written && w->written > 0 &&
					       wall - w->written > rate / 5
				       ? wall
				       : w->written);
	}
	w->source = f->source;
	w->clock_hz = f->clock_hz;
	w->anchor_ts = f->ts;
	w->anchor = (uint64_t)at;
	return (uint64_t)at;
}

static int write_silence(struct wav_leg *w, uint64_t until)
{
	static const int16_t zero[2 * 480];
	int rc = 0;

	while (rc == 0 && w->written < until) {
		uint64_t n = until - w->written;

		if (n > 480)
			n = 480;
		rc = pc_wav_write(&w->out, zero, (size_t)n * w->channels);
		w->written += n;
	}
	return rc;
}

/* One channel at the file's rate; how many samples, or 0 without memory. */
static const int16_t *at_rate(struct wav_leg *w, int channel, unsigned from_hz,
			      const int16_t *pcm, size_t *n)
{
	struct pc_resampler **r = &w->resampler[channel];

	if (from_hz == w->out.rate_hz)
		return pcm;
	if (*r && w->resample_hz != from_hz) {
		pc_resampler_free(*r);
		*r = NULL;
	}
	if (!*r)
		*r = pc_resampler_new(from_hz, w->out.rate_hz);
	*n = *r ? pc_resample(*r, pcm, *n, w->work[channel], PC_FRAME_MAX) : 0;
	return w->work[channel];
}

/* Both channels side by side; what is mono is in both. */
static int write_both(struct wav_leg *w, const struct frame *f)
{
	size_t n = f->n, m = n;
	const int16_t *left = at_rate(w, 0, f->rate_hz, f->pcm, &n), *right;

	if (w->channels == 1) {
		w->resample_hz = f->rate_hz;
		w->written += n;
		return pc_wav_write(&w->out, left, n);
	}
	right = f->right ? at_rate(w, 1, f->rate_hz, f->right, &m) : left;
	w->resample_hz = f->rate_hz;
	for (size_t i = 0; i < n; i++) {
		w->both[2 * i] = left[i];
		w->both[2 * i + 1] = right[i];
	}
	w->written += n;
	return pc_wav_write(&w->out, w->both, 2 * n);
}

static int write_frame(struct leg *leg, const struct frame *f)
{
	struct wav_leg *w = leg->state;
	uint64_t at = place(w, f);
	int rc = 0;

	if (at > w->written + w->out.rate_hz / 200) /* not mere rounding */
		rc = write_silence(w, at);
	return rc < 0 ? rc : write_both(w, f);
}

static bool wav_apart(const struct leg *leg)
{
	const struct wav_leg *w = leg->state;

	return w->channels == 2 && !w->as_heard;
}

static bool wav_both(struct leg *leg)
{
	const struct wav_leg *w = leg->state;

	return w->channels == 2;
}

static void wav_frame(struct leg *leg, const struct frame *f)
{
	struct wav_leg *w = leg->state;
	int rc = 0;

	if (!w->record || w->failed)
		return;
	if (!w->recording)
		rc = start_recording(w, f->rate_hz);
	if (rc == 0)
		rc = write_frame(leg, f);
	if (rc < 0)
		record_failed(leg, rc);
}

/* What nobody plays or records to is written over. */
static void empty(struct leg *leg)
{
	struct wav_leg *w = leg->state;
	int rc = pc_wav_create(&w->out, w->record, 8000, 1);

	w->stale = false;
	if (rc == 0)
		rc = pc_wav_writer_fini(&w->out);
	if (rc < 0)
		record_failed(leg, rc);
}

static void wav_second(struct leg *leg, uint64_t now_us)
{
	struct wav_leg *w = leg->state;
	int rc;

	(void)now_us;
	if (w->stale && leg->bridge->up)
		empty(leg);
	if (!w->recording || w->failed)
		return;
	rc = pc_wav_flush(&w->out);
	if (rc < 0)
		record_failed(leg, rc);
}

static void wav_close(struct leg *leg)
{
	struct wav_leg *w = leg->state;

	pc_wav_reader_fini(&w->play);
	if (w->recording) {
		int rc = pc_wav_writer_fini(&w->out);

		if (rc < 0 && !w->failed)
			record_failed(leg, rc);
		pc_event(&leg->bridge->tool, "recorded",
			 "leg=%s file=%s seconds=%f", leg->name, w->record,
			 (double)w->written / w->out.rate_hz);
	}
	if (w->claim >= 0)
		close(w->claim);
	pc_resampler_free(w->resampler[0]);
	pc_resampler_free(w->resampler[1]);
	free(w);
	leg->state = NULL;
}

static int open_play(struct leg *leg, struct wav_leg *w, const char *path)
{
	int rc = pc_wav_open(&w->play, path);

	w->plays = rc == 0;
	if (rc == 0)
		return 0;
	pc_tool_error(&leg->bridge->tool, "%s: %s", path,
		      rc == -EBADMSG   ? "not a WAV file"
		      : rc == -ENODEV  ? "not a regular file"
		      : rc == -EBUSY   ? "it is being recorded to"
		      : rc == -ENOTSUP ? "not 16-bit PCM of 8 to 48 kHz, mono "
					 "or stereo: convert it (sox, ffmpeg)"
				       : strerror(-rc));
	return rc == -ENOTSUP ? -EBADMSG : rc == -EBUSY ? -EIO : rc;
}

/* Nobody waits for media to learn that a file cannot be written. */
static int check_record(struct leg *leg, struct wav_leg *w)
{
	int rc = w->claim = pc_wav_claim(w->record, &w->stale);

	if (rc >= 0 && w->stale)
		return 0;
	if (rc >= 0)
		rc = pc_wav_create(&w->out, w->record, 8000, 1);
	if (rc == 0)
		return pc_wav_writer_fini(&w->out);
	pc_tool_error(&leg->bridge->tool, "%s: %s", w->record,
		      rc == -ENODEV  ? "not a regular file"
		      : rc == -EBUSY ? "it is being played, or recorded to"
				     : strerror(-rc));
	return -EIO;
}

static int wav_open(struct leg *leg)
{
	static const char *const known[] = { "play",     "record", "rate",
					     "channels", "stereo", NULL };
	const char *play = leg_option(leg, "play");
	struct wav_leg *w;
	unsigned stereo;
	int rc = 0;

	if (leg_check_options(leg, known) < 0)
		return -EINVAL;
	w = calloc(1, sizeof(*w));
	if (!w)
		return -ENOMEM;
	leg->state = w;
	w->out.fd = w->claim = -1;
	w->record = leg_option(leg, "record");
	leg->listens |= !play;
	leg->deaf = !w->record;
	if (!leg_number(leg, "rate", 8000, 48000, 0, &w->rate) ||
	    !leg_number(leg, "channels", 1, 2, 1, &w->channels) ||
	    !leg_number(leg, "stereo", 0, 1, 0, &stereo))
		return -EINVAL;
	w->as_heard = stereo;
	if (stereo)
		w->channels = 2;
	if (!play && !w->record) {
		pc_tool_error(&leg->bridge->tool,
			      "wav: give play=FILE, record=FILE or both");
		return -EINVAL;
	}
	if (play)
		rc = open_play(leg, w, play);
	if (rc == 0 && w->record)
		rc = check_record(leg, w);
	return rc;
}

const struct leg_kind leg_wav = {
	.name = "wav",
	.nowhere = true,
	.open = wav_open,
	.close = wav_close,
	.frame = wav_frame,
	.wants_hz = wav_wants_hz,
	.tick = wav_tick,
	.second = wav_second,
	.apart = wav_apart,
	.both = wav_both,
};
