/* Both channels: of what has two, in order and apart. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "media/codec.h"
#include "media/hear.h"
#include "media/tone.h"

enum { N = 480 }; /* 10 ms */

static const enum pc_codec codecs[] = { PC_CODEC_OPUS, PC_CODEC_L16 };
static int16_t left[PC_FRAME_MAX], right[PC_FRAME_MAX];
static uint8_t payload[4 * N];

/* Left 440 Hz, right 1000: one second, as heard in each channel. */
static void through(enum pc_codec codec, unsigned lose, bool both,
		    struct pc_heard heard[2])
{
	const struct pc_encoder_config config = { .codec = codec,
						  .clock_hz = 48000,
						  .channels = 2,
						  .both = true,
						  .rate_hz = 48000 };
	struct pc_encoder *e = pc_encoder_new(&config);
	struct pc_decoder *d = pc_decoder_new(codec, 48000, 2, 48000);
	struct pc_hear *hear[2] = { pc_hear_new(48000), pc_hear_new(48000) };
	struct pc_tone tone[2];
	ssize_t len;

	ck_assert(e && d);
	ck_assert_ptr_null(pc_decoder_right(d));
	if (both)
		ck_assert_int_eq(pc_decoder_both(d), 0);
	pc_tone_init(&tone[0], 440, -12, 48000);
	pc_tone_init(&tone[1], 1000, -18, 48000);
	for (unsigned k = 0; k < 120; k++) {
		pc_tone_make(&tone[0], left, N);
		pc_tone_make(&tone[1], right, N);
		len = pc_encode_both(e, left, right, N, payload,
				     sizeof(payload));
		ck_assert_int_gt(len, 0);
		memset(left, 0, sizeof(left));
		if (lose && k % lose == 3)
			len = pc_conceal(d, left, N);
		else
			len = pc_decode(d, payload, (size_t)len, left,
					PC_FRAME_MAX);
		ck_assert_int_eq(len, N);
		if (k < 20)
			continue; /* Opus begins softly */
		pc_hear_add(hear[0], left, N);
		if (both)
			pc_hear_add(hear[1], pc_decoder_right(d), N);
	}
	for (int i = 0; i < 2; i++) {
		pc_hear_result(hear[i], &heard[i]);
		pc_hear_free(hear[i]);
	}
	pc_encoder_free(e);
	pc_decoder_free(d);
}

static void is(const struct pc_heard *h, double hz, double dbfs, double ratio)
{
	ck_assert_msg(fabs(h->hz - hz) < 3 && fabs(h->dbfs - dbfs) < 2 &&
			      h->ratio > ratio,
		      "%.1f Hz, %.1f dBFS, ratio %.2f", h->hz, h->dbfs,
		      h->ratio);
}

START_TEST(test_apart)
{
	struct pc_heard heard[2];

	through(codecs[_i], 0, true, heard);
	is(&heard[0], 440, -12, 0.95);
	is(&heard[1], 1000, -18, 0.95);
	through(codecs[_i], 10, true, heard); /* and when some are lost */
	is(&heard[0], 440, -12, 0.7);
	is(&heard[1], 1000, -18, 0.7);
}
END_TEST

/* Mono is the mean of both: each half as loud. */
START_TEST(test_together)
{
	struct pc_heard heard[2];

	through(codecs[_i], 0, false, heard);
	is(&heard[0], 440, -18 + 1, 0.7);
}
END_TEST

/* What has one channel has it in both. */
START_TEST(test_one)
{
	struct pc_decoder *d = pc_decoder_new(PC_CODEC_PCMU, 8000, 1, 8000);

	ck_assert_int_eq(pc_decoder_both(d), 0);
	memset(payload, 0x80, 160); /* loud */
	ck_assert_int_eq(pc_decode(d, payload, 160, left, PC_FRAME_MAX), 160);
	ck_assert_int_gt(abs(left[80]), 1000);
	ck_assert_mem_eq(left, pc_decoder_right(d), 320);
	ck_assert_int_eq(pc_conceal(d, left, 160), 160);
	ck_assert_mem_eq(left, pc_decoder_right(d), 320);
	pc_decoder_free(d);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("stereo");
	TCase *t = tcase_create("stereo");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 60); /* on a busy machine */
	tcase_add_loop_test(t, test_apart, 0, 2);
	tcase_add_loop_test(t, test_together, 0, 2);
	tcase_add_test(t, test_one);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
