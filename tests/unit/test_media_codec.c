/*
 * Coders: a tone goes through each and between them with its frequency and
 * level; loss is concealed; nothing the network sends does harm.
 */
#include <check.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "media/codec.h"
#include "media/conceal.h"
#include "media/hear.h"
#include "media/tone.h"

static int16_t pcm[PC_FRAME_MAX];
static uint8_t payload[16000];

static const struct {
	const char *name;
	enum pc_codec codec;
	unsigned clock_hz, channels, rate_hz;
} coders[] = {
	{ "PCMU", PC_CODEC_PCMU, 8000, 1, 8000 },
	{ "pcma", PC_CODEC_PCMA, 8000, 1, 8000 },
	{ "L16", PC_CODEC_L16, 8000, 1, 8000 },
	{ "L16", PC_CODEC_L16, 16000, 2, 16000 },
	{ "L16", PC_CODEC_L16, 44100, 2, 44100 },
	{ "opus", PC_CODEC_OPUS, 48000, 2, 8000 },
	{ "OPUS", PC_CODEC_OPUS, 48000, 2, 16000 },
	{ "opus", PC_CODEC_OPUS, 48000, 2, 48000 },
	{ "G722", PC_CODEC_G722, 8000, 1, 16000 },
};
enum { N_CODERS = sizeof(coders) / sizeof(coders[0]) };

static struct pc_encoder *encoder(int i)
{
	struct pc_encoder_config config = {
		.codec = coders[i].codec,
		.clock_hz = coders[i].clock_hz,
		.channels = coders[i].channels,
		.rate_hz = coders[i].rate_hz,
		.fec = true,
	};
	struct pc_encoder *e = pc_encoder_new(&config);

	ck_assert_ptr_nonnull(e);
	ck_assert_uint_eq(pc_encoder_rate(e), coders[i].rate_hz);
	return e;
}

static struct pc_decoder *decoder(int i)
{
	struct pc_decoder *d =
		pc_decoder_new(coders[i].codec, coders[i].clock_hz,
			       coders[i].channels, coders[i].rate_hz);

	ck_assert_ptr_nonnull(d);
	ck_assert_uint_eq(pc_decoder_rate(d), coders[i].rate_hz);
	return d;
}

/* A second and a half of 997 Hz at -12 dBFS, with every lose-th lost. */
static struct pc_heard through(int i, unsigned ptime_ms, int lose)
{
	struct pc_encoder *e = encoder(i);
	struct pc_decoder *d = decoder(i);
	struct pc_hear *hear = pc_hear_new(coders[i].rate_hz);
	size_t n = coders[i].rate_hz * ptime_ms / 1000;
	struct pc_heard heard;
	struct pc_tone tone;

	pc_tone_init(&tone, 997, -12, coders[i].rate_hz);
	for (unsigned k = 0; k * ptime_ms < 1500; k++) {
		ssize_t len, got;

		pc_tone_make(&tone, pcm, n);
		len = pc_encode(e, pcm, n, payload, sizeof(payload));
		ck_assert_int_gt(len, 0);
		if (lose && k % lose == 3)
			got = pc_conceal(d, pcm, n);
		else
			got = pc_decode(d, payload, (size_t)len, pcm,
					PC_FRAME_MAX);
		ck_assert_int_eq(got, (ssize_t)n);
		if (k * ptime_ms >= 240) /* Opus begins softly */
			pc_hear_add(hear, pcm, n);
	}
	pc_hear_result(hear, &heard);
	pc_hear_free(hear);
	pc_encoder_free(e);
	pc_decoder_free(d);
	return heard;
}

START_TEST(test_tone)
{
	static const unsigned ptimes[] = { 10, 20, 40, 60 };

	for (int p = 0; p < 4; p++) {
		struct pc_heard h = through(_i, ptimes[p], 0);

		ck_assert_msg(fabs(h.hz - 997) < 1 && h.ratio > 0.95 &&
				      fabs(h.dbfs + 12) < 1,
			      "%u ms: %.1f Hz, %.1f dBFS, ratio %.2f",
			      ptimes[p], h.hz, h.dbfs, h.ratio);
	}
}
END_TEST

/* One packet in ten lost: the tone stays, a little weaker. */
START_TEST(test_concealed)
{
	struct pc_heard h = through(_i, 20, 10);

	ck_assert_msg(fabs(h.hz - 997) < 3 && h.ratio > 0.7 &&
			      fabs(h.dbfs + 12) < 2,
		      "%.1f Hz, %.1f dBFS, ratio %.2f", h.hz, h.dbfs, h.ratio);
}
END_TEST

/* 30 ms is no Opus frame; G.711 and L16 do not mind. */
START_TEST(test_30_ms)
{
	struct pc_encoder *e = encoder(_i);
	size_t n = coders[_i].rate_hz * 30 / 1000;
	bool opus = coders[_i].codec == PC_CODEC_OPUS;
	ssize_t len;

	memset(pcm, 0, sizeof(pcm));
	len = pc_encode(e, pcm, n, payload, sizeof(payload));
	ck_assert_int_eq(len < 0, opus);
	if (!opus)
		ck_assert_int_eq(pc_encode(e, pcm, n, payload, (size_t)len - 1),
				 -EINVAL);
	pc_encoder_free(e);
}
END_TEST

/* Opus to PCMU, as between a browser and a phone, and back. */
START_TEST(test_transcode)
{
	struct pc_encoder *browser = encoder(7), *there = encoder(0),
			  *back = encoder(5);
	struct pc_decoder *in = decoder(5), *phone = decoder(0),
			  *heard_by = decoder(7);
	struct pc_hear *h8 = pc_hear_new(8000), *h48 = pc_hear_new(48000);
	struct pc_heard heard;
	struct pc_tone tone;
	ssize_t n;

	pc_tone_init(&tone, 440, -18, 48000);
	for (int k = 0; k < 100; k++) {
		pc_tone_make(&tone, pcm, 960);
		n = pc_encode(browser, pcm, 960, payload, sizeof(payload));
		n = pc_decode(in, payload, (size_t)n, pcm, PC_FRAME_MAX);
		ck_assert_int_eq(n, 160);
		n = pc_encode(there, pcm, 160, payload, sizeof(payload));
		ck_assert_int_eq(n, 160);
		n = pc_decode(phone, payload, 160, pcm, PC_FRAME_MAX);
		ck_assert_int_eq(n, 160);
		if (k > 10)
			pc_hear_add(h8, pcm, 160);
		n = pc_encode(back, pcm, 160, payload, sizeof(payload));
		n = pc_decode(heard_by, payload, (size_t)n, pcm, PC_FRAME_MAX);
		ck_assert_int_eq(n, 960);
		if (k > 10)
			pc_hear_add(h48, pcm, 960);
	}
	pc_hear_result(h8, &heard);
	ck_assert_double_eq_tol(heard.hz, 440, 1);
	ck_assert_double_eq_tol(heard.dbfs, -18, 1);
	pc_hear_result(h48, &heard);
	ck_assert_double_eq_tol(heard.hz, 440, 1);
	ck_assert_double_eq_tol(heard.dbfs, -18, 2);
	pc_encoder_free(browser);
	pc_encoder_free(there);
	pc_encoder_free(back);
	pc_decoder_free(in);
	pc_decoder_free(phone);
	pc_decoder_free(heard_by);
	pc_hear_free(h8);
	pc_hear_free(h48);
}
END_TEST

/* A long gap ends in silence, not in a buzz. */
START_TEST(test_long_gap)
{
	struct pc_decoder *d = decoder(_i);
	size_t n = coders[_i].rate_hz / 50;
	struct pc_encoder *e = encoder(_i);
	struct pc_tone tone;
	ssize_t len;

	ck_assert_int_eq(pc_conceal(d, pcm, n), (ssize_t)n); /* of nothing */
	pc_tone_init(&tone, 440, -6, coders[_i].rate_hz);
	for (int k = 0; k < 10; k++) {
		pc_tone_make(&tone, pcm, n);
		len = pc_encode(e, pcm, n, payload, sizeof(payload));
		ck_assert_int_gt(len, 0);
		pc_decode(d, payload, (size_t)len, pcm, PC_FRAME_MAX);
	}
	for (int k = 0; k < 50; k++)
		ck_assert_int_eq(pc_conceal(d, pcm, n), (ssize_t)n);
	for (size_t k = 0; k < n; k++)
		ck_assert_int_lt(abs(pcm[k]), 200);
	pc_decoder_free(d);
	pc_encoder_free(e);
}
END_TEST

/* Whatever comes: at most max samples, no read beyond the payload. */
START_TEST(test_hostile)
{
	struct pc_decoder *d = decoder(_i);
	uint32_t random = 12345;

	ck_assert_int_eq(pc_decode(d, payload, 0, pcm, PC_FRAME_MAX), 0);
	for (int k = 0; k < 3000; k++) {
		size_t len = (size_t)k % 1500 + 1, max = 480;
		int16_t *out = malloc(max * sizeof(*out));
		uint8_t *data = malloc(len);
		ssize_t n;

		ck_assert_ptr_nonnull(out);
		ck_assert_ptr_nonnull(data);
		for (size_t i = 0; i < len; i++) {
			random = random * 1664525 + 1013904223;
			data[i] = (uint8_t)(random >> 24);
		}
		n = pc_decode(d, data, len, out, max);
		ck_assert_int_le(n, (ssize_t)max);
		if (n < 0)
			ck_assert_int_eq(n, -EBADMSG);
		free(data);
		free(out);
	}
	pc_decoder_free(d);
}
END_TEST

/* Stereo L16: both channels in, their mean out; half a sample is refused. */
START_TEST(test_stereo)
{
	static const uint8_t two[] = { 0x7f, 0xff, 0x7f, 0xff, 0x80, 0,
				       0x7f, 0xff, 0xff, 0xfe, 0,    4 };
	struct pc_decoder *d = pc_decoder_new(PC_CODEC_L16, 44100, 2, 8000);

	ck_assert_uint_eq(pc_decoder_rate(d), 44100); /* has no other */
	ck_assert_int_eq(pc_decode(d, two, 12, pcm, 3), 3);
	ck_assert_int_eq(pcm[0], 32767);
	ck_assert_int_eq(pcm[1], 0);
	ck_assert_int_eq(pcm[2], 1);
	ck_assert_int_eq(pc_decode(d, two, 10, pcm, 3), -EBADMSG);
	ck_assert_int_eq(pc_decode(d, two, 12, pcm, 2), -EBADMSG);
	pc_decoder_free(d);
}
END_TEST

START_TEST(test_names)
{
	static const struct {
		enum pc_codec codec;
		unsigned clock_hz, channels;
	} bad[] = {
		{ PC_CODEC_OTHER, 8000, 1 },  { PC_CODEC_EVENT, 8000, 1 },
		{ PC_CODEC_PCMU, 16000, 1 },  { PC_CODEC_PCMA, 8000, 2 },
		{ PC_CODEC_L16, 96000, 1 },   { PC_CODEC_L16, 8000, 3 },
		{ PC_CODEC_L16, 8000, 0 },    { PC_CODEC_OPUS, 8000, 2 },
		{ PC_CODEC_L16, 4000000, 2 },
	};

	for (int i = 0; i < N_CODERS; i++)
		ck_assert_int_eq(pc_codec_by_name(coders[i].name),
				 coders[i].codec);
	ck_assert_int_eq(pc_codec_by_name("telephone-event"), PC_CODEC_EVENT);
	ck_assert_int_eq(pc_codec_by_name("PCMUX"), PC_CODEC_OTHER);
	ck_assert_int_eq(pc_codec_by_name(""), PC_CODEC_OTHER);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct pc_encoder_config c = { .codec = bad[i].codec,
					       .clock_hz = bad[i].clock_hz,
					       .channels = bad[i].channels,
					       .rate_hz = 8000 };

		ck_assert_ptr_null(pc_decoder_new(bad[i].codec, bad[i].clock_hz,
						  bad[i].channels, 8000));
		ck_assert_ptr_null(pc_encoder_new(&c));
	}
	pc_decoder_free(NULL);
	pc_encoder_free(NULL);
}
END_TEST

static double energy_at(const int16_t *x, size_t n, double hz, double rate)
{
	double c = 0, s = 0;

	for (size_t i = 0; i < n; i++) {
		c += x[i] * cos(2 * M_PI * hz * i / rate);
		s += x[i] * sin(2 * M_PI * hz * i / rate);
	}
	return c * c + s * s;
}

/* RFC 6716 2.1.7: the next packet tells what was in the one that was lost. */
START_TEST(test_opus_fec)
{
	struct pc_encoder_config config = { .codec = PC_CODEC_OPUS,
					    .clock_hz = 48000,
					    .channels = 2,
					    .rate_hz = 16000,
					    .bitrate = 32000,
					    .fec = true };
	struct pc_encoder *e = pc_encoder_new(&config);
	struct pc_decoder *d = pc_decoder_new(PC_CODEC_OPUS, 48000, 2, 16000);
	struct pc_tone tone;

	pc_tone_init(&tone, 500, -12, 16000);
	for (int k = 0; k < 42; k++) {
		ssize_t len;

		if (k == 40) /* the packet that is lost changes the tone */
			pc_tone_init(&tone, 1500, -12, 16000);
		pc_tone_make(&tone, pcm, 320);
		len = pc_encode(e, pcm, 320, payload, sizeof(payload));
		ck_assert_int_gt(len, 0);
		if (k < 40)
			pc_decode(d, payload, (size_t)len, pcm, PC_FRAME_MAX);
		else if (k == 41)
			ck_assert_int_eq(pc_decode_before(d, payload,
							  (size_t)len, pcm,
							  320),
					 320);
	}
	/* (the coder looks ahead: the second half is all new) */
	ck_assert_double_gt(energy_at(pcm + 160, 160, 1500, 16000),
			    4 * energy_at(pcm + 160, 160, 500, 16000));
	pc_encoder_free(e);
	pc_decoder_free(d);
}
END_TEST

/* A period taken out, or put in, of a voice is no click and no other pitch. */
START_TEST(test_pitch)
{
	static const unsigned rates[] = { 8000, 16000, 48000 };
	unsigned rate = rates[_i];
	static int16_t x[4 * 48000 / 25], y[4 * 48000 / 25];
	size_t n = rate / 25, m;
	int most = 0, step;

	for (size_t i = 0; i < n; i++) /* 125 Hz with harmonics */
		for (int h = 1; h <= 5; h++)
			x[i] += (int16_t)(3000.0 / h *
					  sin(2 * M_PI * 125 * h * i / rate));
	for (size_t i = 1; i < n; i++)
		if (abs(x[i] - x[i - 1]) > most)
			most = abs(x[i] - x[i - 1]);
	ck_assert_double_eq_tol(pc_pitch(x, n, rate), rate / 125.0,
				rate / 4000.0);
	for (int longer = 0; longer < 2; longer++) {
		memcpy(y, x, sizeof(y));
		m = longer ? pc_pitch_longer(y, NULL, n, rate)
			   : pc_pitch_shorter(y, NULL, n, rate);
		ck_assert_double_eq_tol((double)m,
					n + (longer ? 1 : -1) * (rate / 125.0),
					rate / 4000.0);
		for (size_t i = 1; i < m; i++) {
			step = abs(y[i] - y[i - 1]);
			ck_assert_msg(step <= most * 3 / 2, "%zu: %d > %d", i,
				      step, most);
		}
	}
	memset(x, 0, sizeof(x));
}
END_TEST

/* What is made up goes on as it was, dies away, and what follows is whole. */
START_TEST(test_conceal)
{
	struct pc_conceal c;
	struct pc_tone tone;
	double before, made, late;

	pc_conceal_init(&c, 8000);
	pc_tone_init(&tone, 200, -12, 8000);
	for (int i = 0; i < 10; i++) {
		pc_tone_make(&tone, pcm, 160);
		pc_conceal_heard(&c, pcm, 160);
	}
	before = energy_at(pcm, 160, 200, 8000);
	pc_conceal_make(&c, pcm, 160);
	made = energy_at(pcm, 160, 200, 8000);
	ck_assert_double_gt(made, before * 0.6);
	ck_assert_double_lt(made, before * 1.05);
	pc_conceal_make(&c, pcm, 160);
	pc_conceal_make(&c, pcm, 160);
	pc_conceal_make(&c, pcm, 160);
	late = energy_at(pcm, 160, 200, 8000);
	ck_assert_double_eq(late, 0);
	for (int i = 0; i < 160; i++)
		pcm[i] = 8000;
	pc_conceal_heard(&c, pcm, 160);
	ck_assert_int_lt(pcm[0], 200); /* faded in */
	ck_assert_int_eq(pcm[100], 8000);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("coders");
	TCase *t = tcase_create("codec");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, test_tone, 0, N_CODERS);
	tcase_add_loop_test(t, test_concealed, 0, N_CODERS);
	tcase_add_loop_test(t, test_30_ms, 0, N_CODERS);
	tcase_add_test(t, test_transcode);
	tcase_add_loop_test(t, test_long_gap, 0, N_CODERS);
	tcase_add_loop_test(t, test_hostile, 0, N_CODERS);
	tcase_add_test(t, test_stereo);
	tcase_add_test(t, test_names);
	tcase_add_test(t, test_opus_fec);
	tcase_add_loop_test(t, test_pitch, 0, 3);
	tcase_add_test(t, test_conceal);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
