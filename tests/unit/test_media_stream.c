/* One continuous stream made of whatever comes. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>

#include "media/stream.h"

static struct pc_rtp_stream out;
static uint64_t now_us;

static void open_at(uint64_t seed)
{
	pc_rtp_stream_init(&out, 0xfeed, seed);
	now_us = 5000000;
}

static struct pc_rtp_in packet(uint64_t src, unsigned seq, uint32_t ts,
			       unsigned in_hz, unsigned out_hz)
{
	struct pc_rtp_in in = {
		.source = src,
		.seq = (uint16_t)seq,
		.ts = ts,
		.in_hz = in_hz,
		.out_hz = out_hz,
	};

	return in;
}

static struct pc_rtp map(struct pc_rtp_in in)
{
	struct pc_rtp rtp = { .payload_len = 160 };

	ck_assert_int_eq(pc_rtp_stream_map(&out, &in, now_us, &rtp), 0);
	ck_assert_uint_eq(rtp.ssrc, 0xfeed);
	return rtp;
}

/* RFC 3711 3.3.1: begin in the lower half; seq and ts wrap without a jump. */
START_TEST(test_wraps)
{
	struct pc_rtp before, rtp;

	open_at(0xffff00000000 | (UINT32_MAX - 1000));
	ck_assert_uint_lt(out.seq, 0x8000);
	before = map(packet(1, 65000, UINT32_MAX - 5000, 8000, 8000));
	ck_assert(before.marker);
	for (unsigned i = 1; i < 300000; i++) {
		now_us += 20000;
		rtp = map(packet(1, 65000 + i, UINT32_MAX - 5000 + i * 160,
				 8000, 8000));
		ck_assert_uint_eq(rtp.seq, (uint16_t)(before.seq + 1));
		ck_assert_uint_eq(rtp.ts, before.ts + 160);
		ck_assert(!rtp.marker);
		before = rtp;
	}
	ck_assert_uint_eq(out.packets, 300000);
	ck_assert_uint_eq(out.octets, 300000ull * 160);
}
END_TEST

/* Rescaled, 30 hours: the distance to the anchor is kept short. */
START_TEST(test_rescaled_for_long)
{
	struct pc_rtp first, rtp;

	for (int up = 0; up < 2; up++) {
		unsigned in_hz = up ? 8000 : 48000, out_hz = 56000 - in_hz;
		uint32_t ts = 77;

		open_at(5);
		first = map(packet(1, 0, ts, in_hz, out_hz));
		for (unsigned i = 1; i <= 108000; i++) {
			now_us += 1000000;
			ts += in_hz;
			rtp = map(packet(1, i, ts, in_hz, out_hz));
			ck_assert_uint_eq(rtp.ts, first.ts + i * out_hz);
			ck_assert(!rtp.marker);
		}
	}
}
END_TEST

/* Another SSRC, seconds later: the sequence goes on, the time has passed. */
START_TEST(test_another_ssrc)
{
	struct pc_rtp a, b;

	open_at(9);
	map(packet(1, 7, 1000, 8000, 8000));
	now_us += 20000;
	a = map(packet(1, 8, 1160, 8000, 8000));
	now_us += 3000000;
	b = map(packet(2, 501, 0x80000000, 8000, 8000));
	ck_assert(b.marker);
	ck_assert_uint_eq(b.seq, (uint16_t)(a.seq + 1));
	ck_assert_uint_eq(b.ts, a.ts + 24000);
	now_us += 20000;
	a = map(packet(2, 502, 0x80000000 + 160, 8000, 8000));
	ck_assert_uint_eq(a.seq, (uint16_t)(b.seq + 1));
	ck_assert_uint_eq(a.ts, b.ts + 160);
	ck_assert(!a.marker);
	/* at once: never the same instant */
	b = map(packet(3, 1, 1, 8000, 8000));
	ck_assert_uint_eq(b.seq, (uint16_t)(a.seq + 1));
	ck_assert_uint_eq(b.ts, a.ts + 80);
}
END_TEST

/* Loss stays loss, order stays order, what is older than a splice is gone. */
START_TEST(test_loss_and_order)
{
	struct pc_rtp_in old = packet(1, 99, 840, 8000, 8000);
	struct pc_rtp first, rtp = { 0 };

	open_at(9);
	first = map(packet(1, 100, 1000, 8000, 8000));
	now_us += 60000;
	rtp = map(packet(1, 103, 1480, 8000, 8000));
	ck_assert_uint_eq(rtp.seq, first.seq + 3);
	rtp = map(packet(1, 102, 1320, 8000, 8000));
	ck_assert_uint_eq(rtp.seq, first.seq + 2);
	ck_assert_uint_eq(rtp.ts, first.ts + 320);
	ck_assert_int_eq(pc_rtp_stream_map(&out, &old, now_us, &rtp), -ESTALE);
	rtp = map(packet(1, 104, 1640, 8000, 8000));
	ck_assert_uint_eq(rtp.seq, first.seq + 4);
}
END_TEST

/* A packet that is not passed on leaves no hole, and no number twice. */
START_TEST(test_skip)
{
	struct pc_rtp_in in = packet(1, 101, 1160, 8000, 8000);
	struct pc_rtp_in late = packet(1, 99, 840, 8000, 8000);
	struct pc_rtp first, rtp = { 0 };

	open_at(9);
	map(packet(1, 98, 680, 8000, 8000));
	first = map(packet(1, 100, 1000, 8000, 8000));
	pc_rtp_stream_skip(&out, &in);
	now_us += 40000;
	rtp = map(packet(1, 102, 1320, 8000, 8000));
	ck_assert_uint_eq(rtp.seq, first.seq + 1);
	/* 99 was left out a number; now it must not have another's */
	if (pc_rtp_stream_map(&out, &late, now_us, &rtp) == 0)
		ck_assert_uint_eq(rtp.seq, first.seq - 1);
}
END_TEST

/* What was lost before it stays lost; and many, with losses, leave no more. */
START_TEST(test_skip_over_losses)
{
	struct pc_rtp_in in = packet(1, 102, 1320, 8000, 8000);
	struct pc_rtp_in late = packet(1, 101, 1160, 8000, 8000);
	struct pc_rtp first, rtp = { 0 };
	unsigned lost = 0;

	open_at(9);
	first = map(packet(1, 100, 1000, 8000, 8000));
	pc_rtp_stream_skip(&out, &in);
	ck_assert_int_eq(pc_rtp_stream_map(&out, &late, now_us, &rtp), -ESTALE);
	pc_rtp_stream_skip(&out, &late); /* nor does it move anything */
	now_us += 60000;
	rtp = map(packet(1, 103, 1480, 8000, 8000));
	ck_assert_uint_eq(rtp.seq, first.seq + 2);
	for (unsigned seq = 104; seq < 80000; seq++) {
		if (seq % 50 == 0) {
			lost++;
			continue;
		}
		in = packet(1, seq, 1000 + (seq - 100) * 160, 8000, 8000);
		pc_rtp_stream_skip(&out, &in);
		now_us += 20000;
	}
	first = rtp;
	rtp = map(packet(1, 80000, 1000 + 79900 * 160, 8000, 8000));
	ck_assert_uint_eq((uint16_t)(rtp.seq - first.seq), lost + 1);
}
END_TEST

/* On hold nothing passes, for half a cycle of numbers and more. */
START_TEST(test_on_hold)
{
	static const unsigned held[] = { 1, 100, 32000, 33000, 60000, 65536 };
	struct pc_rtp before, rtp;
	unsigned seq = 1;

	open_at(9);
	before = map(packet(1, seq, seq * 160, 8000, 8000));
	for (size_t i = 0; i < sizeof(held) / sizeof(held[0]); i++) {
		pc_rtp_stream_part(&out, 2); /* not of that one */
		now_us += 20000;
		seq++;
		rtp = map(packet(1, seq, seq * 160, 8000, 8000));
		ck_assert_uint_eq(rtp.seq, (uint16_t)(before.seq + 1));
		ck_assert(!rtp.marker);
		before = rtp;
		for (unsigned n = 0; n < held[i]; n++)
			pc_rtp_stream_part(&out, 1);
		seq += 1 + held[i];
		now_us += 20000 * (1 + (uint64_t)held[i]);
		rtp = map(packet(1, seq, seq * 160, 8000, 8000));
		ck_assert_uint_eq(rtp.seq, (uint16_t)(before.seq + 1));
		ck_assert_uint_eq(rtp.ts, before.ts + (1 + held[i]) * 160);
		ck_assert(rtp.marker);
		before = rtp;
	}
}
END_TEST

/* A clock that jumps, paused or mad, is spliced to the wall's. */
START_TEST(test_clock_jumps)
{
	static const uint32_t jumps[] = { 0,          0x7fffffff, 0x80000000,
					  0x80000001, 48000 * 3,  -48000u * 3 };

	for (size_t i = 0; i < sizeof(jumps) / sizeof(jumps[0]); i++) {
		struct pc_rtp a, b;

		open_at(9);
		a = map(packet(1, 1, 1000, 48000, 8000));
		now_us += 300000000; /* five minutes of hold */
		b = map(packet(1, 2, 1000 + jumps[i], 48000, 8000));
		ck_assert_uint_eq(b.seq, a.seq + 1);
		ck_assert_uint_eq(b.ts, a.ts + 300 * 8000);
		ck_assert(b.marker);
		now_us += 20000;
		a = map(packet(1, 3, 1960 + jumps[i], 48000, 8000));
		ck_assert_uint_eq(a.ts, b.ts + 160);
		ck_assert(!a.marker);
	}
}
END_TEST

/* ... also when no time has passed: never one instant for two. */
START_TEST(test_clock_jumps_at_once)
{
	struct pc_rtp a, b;

	open_at(9);
	a = map(packet(1, 1, 1000, 8000, 8000));
	b = map(packet(1, 2, 0x40000000, 8000, 8000));
	ck_assert_int_gt((int32_t)(b.ts - a.ts), 0);
}
END_TEST

/*
 * Clocks are the remote description's. 1 Hz and mad timestamps must cost no
 * more than others.
 */
START_TEST(test_slow_clock)
{
	uint32_t when;

	open_at(9);
	map(packet(1, 1, 0, 1, 1000000000));
	for (unsigned i = 0; i < 100000; i++) {
		now_us += 20000;
		map(packet(1, i + 2, i % 2 ? 0x7fffffff : 0, 1, 1000000000));
		when = pc_rtp_stream_when(&out, 1, i * 0x40000000, 1, now_us);
		(void)when;
	}
}
END_TEST

/* --- telephone-events in it --------------------------------------------- */

/*
 * RFC 4733: one timestamp for all packets of an event, where it began, on a
 * clock of 48000 that came as one of 8000.
 */
START_TEST(test_event_among_speech)
{
	struct pc_rtp speech, rtp;
	struct pc_rtp_in ev;
	uint32_t ts;

	open_at(9);
	map(packet(1, 1, 1000, 8000, 48000));
	now_us += 20000;
	speech = map(packet(1, 2, 1160, 8000, 48000));
	now_us += 20000;
	ts = pc_rtp_stream_when(&out, 1, 1320, 8000, now_us);
	ck_assert_uint_eq(ts, speech.ts + 960);
	for (unsigned i = 0; i < 5; i++, now_us += 20000) {
		ev = packet(1, 3 + i, ts, 8000, 48000);
		ev.placed = true;
		rtp = map(ev);
		ck_assert_uint_eq(rtp.ts, ts);
		ck_assert_uint_eq(rtp.seq, speech.seq + 1 + i);
	}
	rtp = map(packet(1, 8, 1320 + 800, 8000, 48000));
	ck_assert_uint_eq(rtp.ts, ts + 4800);
	ck_assert_uint_eq(rtp.seq, speech.seq + 6);
	ck_assert(!rtp.marker);
}
END_TEST

/* A call may begin with a digit: speech follows it in time. */
START_TEST(test_event_first)
{
	struct pc_rtp_in ev;
	struct pc_rtp first, rtp;

	open_at(9);
	ev = packet(1, 1, pc_rtp_stream_when(&out, 1, 555, 8000, now_us), 8000,
		    8000);
	ev.placed = true;
	first = map(ev);
	now_us += 100000;
	rtp = map(packet(1, 2, 0xdeadbeef, 8000, 8000));
	ck_assert_uint_eq(rtp.seq, first.seq + 1);
	ck_assert_uint_eq(rtp.ts, first.ts + 800);
	now_us += 20000;
	first = rtp;
	rtp = map(packet(1, 3, 0xdeadbeef + 160, 8000, 8000));
	ck_assert_uint_eq(rtp.ts, first.ts + 160);
}
END_TEST

START_TEST(test_report_time)
{
	struct pc_rtp rtp;

	open_at(1234);
	ck_assert_uint_eq(pc_rtp_stream_now(&out, now_us), 1234);
	rtp = map(packet(1, 1, 1000, 48000, 48000));
	ck_assert_uint_eq(pc_rtp_stream_now(&out, now_us + 500000),
			  rtp.ts + 24000);
}
END_TEST

/*
 * Packets of our own among those of a source, over hours: one sequence without
 * a hole through every wrap, and what comes late finds its number taken.
 */
START_TEST(test_inserted)
{
	struct pc_rtp_stream stream;
	uint16_t last = 0, in_seq = 65000;
	uint32_t in_ts = 4294900000u;
	uint64_t now = 1000000;

	pc_rtp_stream_init(&stream, 7, 0x7ff000000000ull);
	for (unsigned i = 0; i < 300000; i++, now += 20000) {
		struct pc_rtp rtp = { .payload_len = 160 };
		struct pc_rtp_in in = { .source = 1,
					.seq = in_seq++,
					.ts = in_ts,
					.in_hz = 8000,
					.out_hz = 8000 };

		in_ts += 160;
		ck_assert_int_eq(pc_rtp_stream_map(&stream, &in, now, &rtp), 0);
		if (i > 0)
			ck_assert_uint_eq(rtp.seq, (uint16_t)(last + 1));
		last = rtp.seq;
		if (i % 1000 != 500)
			continue;
		for (int k = 0; k < 7; k++) {
			pc_rtp_stream_insert(&stream, &rtp);
			ck_assert_uint_eq(rtp.seq, (uint16_t)(last + 1));
			ck_assert_uint_eq(rtp.ssrc, 7);
			last = rtp.seq;
		}
		in.seq -= 1;
		in.ts -= 160;
		ck_assert_int_eq(pc_rtp_stream_map(&stream, &in, now, &rtp),
				 -ESTALE);
	}
	ck_assert_uint_eq(stream.packets, 300000 + 300 * 7);
}
END_TEST

/* The same source, passed or coded here: time goes on as it did, unmarked. */
START_TEST(test_passed_and_made)
{
	struct pc_rtp rtp;
	uint32_t ts;

	open_at(77);
	ts = map(packet(5, 100, 1000, 8000, 8000)).ts;
	now_us += 23000; /* it comes late */
	rtp = map(packet(5 | PC_RTP_MADE, 0, 1160, 8000, 8000));
	ck_assert_uint_eq(rtp.ts, ts + 160);
	ck_assert(!rtp.marker);
	now_us += 11000;
	rtp = map(packet(5, 102, 1320, 8000, 8000));
	ck_assert_uint_eq(rtp.ts, ts + 320);
	ck_assert(!rtp.marker);
	now_us += 20000;
	/* another is joined on, as ever; so is one that would go back */
	rtp = map(packet(6 | PC_RTP_MADE, 1, 1480, 8000, 8000));
	ck_assert(rtp.marker);
	rtp = map(packet(6, 1, 1480, 8000, 8000));
	ck_assert(rtp.marker);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("stream");
	TCase *t = tcase_create("stream");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 60); /* on a busy machine */
	tcase_add_test(t, test_wraps);
	tcase_add_test(t, test_rescaled_for_long);
	tcase_add_test(t, test_another_ssrc);
	tcase_add_test(t, test_loss_and_order);
	tcase_add_test(t, test_skip);
	tcase_add_test(t, test_skip_over_losses);
	tcase_add_test(t, test_on_hold);
	tcase_add_test(t, test_clock_jumps);
	tcase_add_test(t, test_clock_jumps_at_once);
	tcase_add_test(t, test_slow_clock);
	tcase_add_test(t, test_event_among_speech);
	tcase_add_test(t, test_event_first);
	tcase_add_test(t, test_report_time);
	tcase_add_test(t, test_inserted);
	tcase_add_test(t, test_passed_and_made);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
