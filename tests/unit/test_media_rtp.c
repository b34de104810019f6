/*
 * RTP and RTCP packets (RFC 3550 sections 5.1, 6.4, 6.5, 6.6), which is which
 * (RFC 5761), telephone-events (RFC 4733).
 */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "media/event.h"
#include "media/rtcp.h"
#include "media/rtp.h"

/* A copy of exactly len bytes, so that a sanitizer sees one too many read. */
static uint8_t *copy_of(const void *data, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, data, len);
	return copy;
}

static int decode(struct pc_rtp *rtp, const void *data, size_t len)
{
	uint8_t *copy = copy_of(data, len);
	int rc = pc_rtp_decode(rtp, copy, len);

	if (rc == 0)
		rtp->payload = (uint8_t *)(uintptr_t)(rtp->payload - copy);
	free(copy);
	return rc;
}

/* --- RTP ---------------------------------------------------------------- */

START_TEST(test_rtp_plain)
{
	static const uint8_t packet[] = { 0x80, 0x88, 0xff, 0xfe, 0x89,
					  0xab, 0xcd, 0xef, 0x12, 0x34,
					  0x56, 0x78, 'p',  'a',  'y' };
	struct pc_rtp rtp;
	uint8_t again[PC_RTP_HEADER];

	ck_assert_int_eq(decode(&rtp, packet, sizeof(packet)), 0);
	ck_assert(rtp.marker);
	ck_assert_uint_eq(rtp.pt, 8);
	ck_assert_uint_eq(rtp.seq, 0xfffe);
	ck_assert_uint_eq(rtp.ts, 0x89abcdef);
	ck_assert_uint_eq(rtp.ssrc, 0x12345678);
	ck_assert_uint_eq((uintptr_t)rtp.payload, 12);
	ck_assert_uint_eq(rtp.payload_len, 3);
	pc_rtp_encode(again, &rtp);
	ck_assert_mem_eq(again, packet, sizeof(again));
}
END_TEST

static const struct {
	const char *what;
	uint8_t bytes[40];
	size_t len;
	int rc;
	size_t at, payload;
} rtp_rows[] = {
	{ "no payload", { 0x80 }, 12, 0, 12, 0 },
	{ "too short", { 0x80 }, 11, -EINVAL, 0, 0 },
	{ "empty", { 0 }, 0, -EINVAL, 0, 0 },
	{ "version 0", { 0x00 }, 20, -EINVAL, 0, 0 },
	{ "version 1", { 0x40 }, 20, -EINVAL, 0, 0 },
	{ "version 3", { 0xc0 }, 20, -EINVAL, 0, 0 },
	{ "two CSRC", { 0x82 }, 24, 0, 20, 4 },
	{ "15 CSRC do not fit", { 0x8f }, 40, -EBADMSG, 0, 0 },
	{ "CSRC one byte short", { 0x82 }, 19, -EBADMSG, 0, 0 },
	{ "extension of none",
	  { 0x90, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xbe, 0xde, 0, 0 },
	  17,
	  0,
	  16,
	  1 },
	{ "extension of one word",
	  { 0x90, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xbe, 0xde, 0, 1 },
	  24,
	  0,
	  20,
	  4 },
	{ "extension too long",
	  { 0x90, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xbe, 0xde, 0xff, 0xff },
	  24,
	  -EBADMSG,
	  0,
	  0 },
	{ "extension header cut", { 0x90 }, 15, -EBADMSG, 0, 0 },
	{ "CSRC and extension",
	  { 0x91, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 },
	  30,
	  0,
	  24,
	  6 },
	{ "padding of 3",
	  { 0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 0, 0, 3 },
	  18,
	  0,
	  12,
	  3 },
	{ "all padding",
	  { 0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4 },
	  16,
	  0,
	  12,
	  0 },
	{ "padding of 0", { 0xa0 }, 20, -EBADMSG, 0, 0 },
	{ "padding over the header",
	  { 0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5 },
	  16,
	  -EBADMSG,
	  0,
	  0 },
	{ "padding without a byte for its count",
	  { 0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9 },
	  12,
	  -EBADMSG,
	  0,
	  0 },
};

START_TEST(test_rtp_rows)
{
	struct pc_rtp rtp;
	int rc = decode(&rtp, rtp_rows[_i].bytes, rtp_rows[_i].len);

	ck_assert_msg(rc == rtp_rows[_i].rc, "%s: %d", rtp_rows[_i].what, rc);
	if (rc < 0)
		return;
	ck_assert_msg((uintptr_t)rtp.payload == rtp_rows[_i].at &&
			      rtp.payload_len == rtp_rows[_i].payload,
		      "%s: %zu at %zu", rtp_rows[_i].what, rtp.payload_len,
		      (size_t)(uintptr_t)rtp.payload);
}
END_TEST

/* RFC 5761 section 4: 64 to 95 with and without marker. */
START_TEST(test_demux)
{
	uint8_t packet[2] = { 0x80, 0 };

	for (int b = 0; b < 256; b++) {
		packet[1] = (uint8_t)b;
		ck_assert_int_eq(pc_rtp_is_rtcp(packet, 2),
				 b >= 192 && b <= 223);
	}
	ck_assert(!pc_rtp_is_rtcp(packet, 1));
	ck_assert(!pc_rtp_is_rtcp(packet, 0));
}
END_TEST

/* --- RTCP --------------------------------------------------------------- */

/* Read a compound; returns how many packets, or the error. */
static int read_all(const void *data, size_t len, struct pc_rtcp *p, int max)
{
	uint8_t *copy = copy_of(data, len);
	struct pc_rtcp_reader r;
	int n = 0, rc;
	struct pc_rtcp one;

	pc_rtcp_begin(&r, copy, len);
	while ((rc = pc_rtcp_next(&r, &one)) > 0) {
		if (n < max)
			p[n] = one;
		n++;
	}
	free(copy);
	return rc < 0 ? rc : n;
}

/* A sender report as another stack writes it: RFC 3550 6.4.1, and SDES. */
static const uint8_t sr[] = {
	0x81, 200,  0,    12,                           /* SR, 1 block */
	0x11, 0x22, 0x33, 0x44,                         /* SSRC */
	0xe5, 0x5a, 0x01, 0x02, 0x80, 0x00, 0x00, 0x00, /* NTP */
	0x00, 0x01, 0x00, 0x00,                         /* RTP time */
	0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0xa0, 0x00, /* packets, octets */
	0xaa, 0xbb, 0xcc, 0xdd,                         /* block: SSRC */
	0x40, 0xff, 0xff, 0xfe,                         /* 1/4, -2 lost */
	0x00, 0x01, 0xff, 0xff,                         /* highest */
	0x00, 0x00, 0x00, 0x50,                         /* jitter */
	0x01, 0x02, 0x80, 0x00, 0x00, 0x01, 0x00, 0x00, /* LSR, DLSR */
	0x81, 202,  0,    3,                            /* SDES */
	0x11, 0x22, 0x33, 0x44, 0x01, 0x03, 'a',  'b',  'c', 0, 0, 0,
};

START_TEST(test_rtcp_sr)
{
	struct pc_rtcp p[2];

	/* SDES of 4 words: 2 + 3 + 3 zeros */
	ck_assert_int_eq(read_all(sr, sizeof(sr), p, 2), 2);
	ck_assert_uint_eq(p[0].type, PC_RTCP_SR);
	ck_assert_uint_eq(p[0].ssrc, 0x11223344);
	ck_assert_uint_eq(p[0].ntp, 0xe55a010280000000);
	ck_assert_uint_eq(p[0].ts, 0x10000);
	ck_assert_uint_eq(p[0].packets, 256);
	ck_assert_uint_eq(p[0].octets, 40960);
	ck_assert_uint_eq(p[0].n_blocks, 1);
	ck_assert_uint_eq(p[0].blocks[0].ssrc, 0xaabbccdd);
	ck_assert_uint_eq(p[0].blocks[0].fraction, 64);
	ck_assert_int_eq(p[0].blocks[0].lost, -2);
	ck_assert_uint_eq(p[0].blocks[0].highest, 0x1ffff);
	ck_assert_uint_eq(p[0].blocks[0].jitter, 80);
	ck_assert_uint_eq(p[0].blocks[0].last_sr, 0x01028000);
	ck_assert_uint_eq(p[0].blocks[0].delay_sr, 0x10000);
	ck_assert_uint_eq(p[1].type, PC_RTCP_SDES);
	ck_assert_uint_eq(p[1].ssrc, 0x11223344);
}
END_TEST

/* Cut anywhere, only the boundary between the two packets is a compound. */
START_TEST(test_rtcp_cut)
{
	for (size_t len = 0; len < sizeof(sr); len++)
		ck_assert_int_eq(read_all(sr, len, NULL, 0),
				 len == 52 ? 1 : -EBADMSG);
}
END_TEST

START_TEST(test_rtcp_broken)
{
	static const uint8_t rows[][12] = {
		{ 0x00, 201, 0, 1 },       /* version */
		{ 0x81, 201, 0, 1 },       /* a block that is not there */
		{ 0x9f, 201, 0, 2 },       /* 31 of them */
		{ 0x80, 200, 0, 2 },       /* an SR without its sender */
		{ 0x80, 201, 0, 3 },       /* longer than the packet */
		{ 0x80, 201, 0xff, 0xff }, /* much longer */
		{ 0x80, 201, 0, 0 },       /* no SSRC */
		{ 0x80, 199, 0, 2 },       /* not RTCP (A.2) */
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(read_all(rows[i], 12, NULL, 0) == -EBADMSG,
			      "row %zu", i);
}
END_TEST

/* All 31 blocks, and what is behind them (an extension) is passed over. */
START_TEST(test_rtcp_31_blocks)
{
	static uint8_t rr[8 + 31 * 24 + 4];
	struct pc_rtcp p;

	rr[0] = 0x9f;
	rr[1] = 201;
	rr[3] = sizeof(rr) / 4 - 1;
	rr[8 + 30 * 24] = 0x77;
	ck_assert_int_eq(read_all(rr, sizeof(rr), &p, 1), 1);
	ck_assert_uint_eq(p.n_blocks, 31);
	ck_assert_uint_eq(p.blocks[30].ssrc, 0x77000000);
}
END_TEST

/* RFC 5506: feedback may come alone. */
START_TEST(test_rtcp_reduced)
{
	static const uint8_t pli[] = {
		0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2
	};
	struct pc_rtcp p;

	ck_assert_int_eq(read_all(pli, sizeof(pli), &p, 1), 1);
	ck_assert_uint_eq(p.type, PC_RTCP_PSFB);
	ck_assert_uint_eq(p.count, 1);
	ck_assert_uint_eq(p.ssrc, 1);
}
END_TEST

/* What we write we read; every length of text keeps the words (6.5). */
START_TEST(test_rtcp_encode)
{
	struct pc_rtcp_report r = {
		.ssrc = 7,
		.sender = true,
		.ntp = 0x0123456789abcdef,
		.ts = 3,
		.packets = 4,
		.octets = 5,
		.has_block = true,
		.block = { 9, 128, -8388608, 0x20001, 6, 7, 8 },
	};
	char name[256] = "", why[256] = "";
	uint8_t buf[1024];
	const struct pc_rtcp_block *b;
	struct pc_rtcp p[3];

	for (size_t i = 0; i < 255; i++) {
		ssize_t n;

		r.cname = name;
		r.bye = i % 2 ? why : NULL;
		n = pc_rtcp_encode(&r, buf, sizeof(buf));
		ck_assert_int_gt(n, 0);
		ck_assert_int_eq(n % 4, 0);
		ck_assert_int_eq(read_all(buf, (size_t)n, p, 3), i % 2 ? 3 : 2);
		ck_assert_uint_eq(p[0].ntp, r.ntp);
		ck_assert_uint_eq(p[0].octets, 5);
		b = &p[0].blocks[0];
		ck_assert_uint_eq(b->ssrc, 9);
		ck_assert_uint_eq(b->fraction, 128);
		ck_assert_int_eq(b->lost, -8388608);
		ck_assert_uint_eq(b->highest, 0x20001);
		ck_assert_uint_eq(b->jitter, 6);
		ck_assert_uint_eq(b->last_sr, 7);
		ck_assert_uint_eq(b->delay_sr, 8);
		ck_assert_uint_eq(buf[52 + 9], i);      /* CNAME's length */
		ck_assert_uint_eq(buf[52 + 10 + i], 0); /* and its end */
		strcat(name, "n");
		strcat(why, "w");
	}
	ck_assert_int_eq(pc_rtcp_encode(&r, buf, 80), -EMSGSIZE);
	r.sender = r.has_block = false;
	r.bye = NULL;
	r.cname = "x";
	ck_assert_int_eq(pc_rtcp_encode(&r, buf, sizeof(buf)), 8 + 12);
	ck_assert_uint_eq(buf[1], PC_RTCP_RR);
}
END_TEST

START_TEST(test_rtcp_time)
{
	/* RFC 5905: 1 Jan 1970 is 2208988800. */
	ck_assert_uint_eq(pc_rtcp_ntp(0), 2208988800ull << 32);
	ck_assert_uint_eq(pc_rtcp_ntp(1500000),
			  (2208988801ull << 32) + 0x80000000);
	/* RFC 3550 6.3.1 */
	ck_assert_uint_eq(pc_rtcp_interval_ms(true, 0), 1026);
	ck_assert_uint_eq(pc_rtcp_interval_ms(false, 0), 2052);
	ck_assert_uint_eq(pc_rtcp_interval_ms(false, UINT32_MAX), 6156);
}
END_TEST

/* --- telephone-event ---------------------------------------------------- */

START_TEST(test_event)
{
	/* RFC 4733 section 5: digit 9, E, volume 7, 800 */
	static const uint8_t nine[] = { 9, 0x87, 0x03, 0x20 };
	struct pc_tel_event ev;
	uint8_t again[PC_TEL_EVENT_LEN];

	ck_assert_int_eq(pc_tel_event_decode(&ev, nine, 3), -EBADMSG);
	ck_assert_int_eq(pc_tel_event_decode(&ev, nine, 4), 0);
	ck_assert_uint_eq(ev.code, 9);
	ck_assert(ev.end);
	ck_assert_uint_eq(ev.volume, 7);
	ck_assert_uint_eq(ev.duration, 800);
	pc_tel_event_encode(again, &ev);
	ck_assert_mem_eq(again, nine, 4);
	for (int i = 0; i < 256; i++)
		ck_assert_int_eq(pc_tel_event_digit((uint8_t)i),
				 i < 17 ? "0123456789*#ABCD!"[i] : '\0');
}
END_TEST

START_TEST(test_event_rescale)
{
	uint32_t add;

	ck_assert_uint_eq(pc_tel_event_rescale(800, 8000, 48000, &add), 4800);
	ck_assert_uint_eq(add, 0);
	ck_assert_uint_eq(pc_tel_event_rescale(4800, 48000, 8000, &add), 800);
	ck_assert_uint_eq(add, 0);
	ck_assert_uint_eq(pc_tel_event_rescale(0, 8000, 48000, &add), 0);
	ck_assert_uint_eq(pc_tel_event_rescale(65535, 8000, 8000, &add), 65535);
	ck_assert_uint_eq(add, 0);
	/* 1.5 s at 48000 does not fit: the rest is in the timestamp */
	ck_assert_uint_eq(pc_tel_event_rescale(12000, 8000, 48000, &add),
			  72000 - 65535);
	ck_assert_uint_eq(add, 65535);
}
END_TEST

/* Clocks are the remote description's: no pair of them may stop us. */
START_TEST(test_event_rescale_extreme)
{
	uint32_t add;
	uint64_t whole = 65535ull * UINT32_MAX;
	uint16_t d = pc_tel_event_rescale(65535, 1, UINT32_MAX, &add);

	ck_assert_uint_eq(add, (uint32_t)(whole - d));
	ck_assert_uint_ne(d, 0);
}
END_TEST

static enum pc_tel_part follow(struct pc_tel_span *span, uint8_t code,
			       uint32_t ts, uint16_t duration, bool end)
{
	struct pc_tel_event ev = { .code = code,
				   .end = end,
				   .duration = duration };

	return pc_tel_event_follow(span, &ev, ts, false, 48000);
}

/* RFC 4733 2.5.1.3, also as browsers do it; and what comes late. */
START_TEST(test_event_segments)
{
	struct pc_tel_span s = { 0 };
	const uint32_t at = UINT32_MAX - 70000, second = at + 65535;
	const uint32_t third = second + 65535 + 700;

	ck_assert_int_eq(follow(&s, 5, at, 960, false), PC_TEL_BEGINS);
	ck_assert_int_eq(follow(&s, 5, at, 65535, false), PC_TEL_GOES_ON);
	ck_assert_uint_eq(s.before, 0);
	ck_assert_int_eq(follow(&s, 5, second, 300, false), PC_TEL_GOES_ON);
	ck_assert_uint_eq(s.before, 65535);
	ck_assert_int_eq(follow(&s, 5, at, 64000, false), PC_TEL_OLDER);
	ck_assert_int_eq(follow(&s, 5, third, 700, false), PC_TEL_GOES_ON);
	ck_assert_uint_eq(s.before, 2 * 65535);
	ck_assert_int_eq(follow(&s, 5, third, 960, true), PC_TEL_GOES_ON);
	/* behind an end it is another, as is another digit */
	ck_assert_int_eq(follow(&s, 5, third + 65535, 960, false),
			 PC_TEL_BEGINS);
	ck_assert_uint_eq(s.before, 0);
	ck_assert_int_eq(follow(&s, 6, third + 2 * 65535, 960, false),
			 PC_TEL_BEGINS);
	ck_assert_int_eq(follow(&s, 6, third + 65535, 960, true), PC_TEL_OLDER);
	/* and where the clock has jumped far back */
	ck_assert_int_eq(follow(&s, 6, third - 200000, 960, false),
			 PC_TEL_BEGINS);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("RTP, RTCP, events");
	TCase *t = tcase_create("packets");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 60); /* on a busy machine */
	tcase_add_test(t, test_rtp_plain);
	tcase_add_loop_test(t, test_rtp_rows, 0,
			    (int)(sizeof(rtp_rows) / sizeof(rtp_rows[0])));
	tcase_add_test(t, test_demux);
	tcase_add_test(t, test_rtcp_sr);
	tcase_add_test(t, test_rtcp_cut);
	tcase_add_test(t, test_rtcp_broken);
	tcase_add_test(t, test_rtcp_31_blocks);
	tcase_add_test(t, test_rtcp_reduced);
	tcase_add_test(t, test_rtcp_encode);
	tcase_add_test(t, test_rtcp_time);
	tcase_add_test(t, test_event);
	tcase_add_test(t, test_event_rescale);
	tcase_add_test(t, test_event_rescale_extreme);
	tcase_add_test(t, test_event_segments);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
