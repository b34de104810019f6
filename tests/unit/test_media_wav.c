/* WAV files: what we write, what others write, and what is none. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "media/wav.h"

#include "folder.h"

static char folder[FOLDER_MAX], path[FOLDER_MAX + 4];

static void setup(void)
{
	make_folder(folder);
	snprintf(path, sizeof(path), "%s/wav", folder);
}

static void teardown(void)
{
	unlink(path);
	rmdir(folder);
}

static uint8_t file[200];
static size_t len;

static void put(const void *data, size_t n)
{
	memcpy(file + len, data, n);
	len += n;
}

static void put_le(uint32_t v, int n)
{
	for (; n > 0; n--, v >>= 8)
		file[len++] = (uint8_t)v;
}

struct fmt {
	unsigned tag, channels, rate, bits, size;
};

static void put_fmt(struct fmt f)
{
	put("fmt ", 4);
	put_le(f.size, 4);
	put_le(f.tag, 2);
	put_le(f.channels, 2);
	put_le(f.rate, 4);
	put_le(f.rate * f.channels * 2, 4);
	put_le(f.channels * 2, 2);
	put_le(f.bits, 2);
	if (f.size >= 40) { /* WAVE_FORMAT_EXTENSIBLE, sub-format PCM */
		put("\x16\0\x10\0\x03\0\0\0\x01\0\0\0\0\0\x10\0", 16);
		put("\x80\0\0\xaa\0\x38\x9b\x71", 8);
	} else {
		for (unsigned i = 16; i < f.size; i++)
			put_le(0, 1);
	}
}

static void put_riff(void)
{
	len = 0;
	put("RIFF", 4);
	put_le(0, 4); /* nobody relies on it */
	put("WAVE", 4);
}

static void put_data(uint32_t size)
{
	put("data", 4);
	put_le(size, 4);
	put("\x01\x00\x03\x00\xff\xff\xfd\xff", 8); /* 1 3 -1 -3 */
}

static int open_file(struct pc_wav_reader *r, size_t n)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(file, 1, n, f), n);
	fclose(f);
	return pc_wav_open(r, path);
}

static const struct fmt plain = { 1, 1, 8000, 16, 16 };

START_TEST(test_write_read)
{
	static const unsigned rates[] = { 8000, 11025, 16000, 44100, 48000 };
	static int16_t in[10000], out[10001];
	struct pc_wav_writer w;
	struct pc_wav_reader r;
	struct stat st;

	for (int i = 0; i < 10000; i++)
		in[i] = (int16_t)(i * 13 - 32768);
	for (int i = 0; i < 5; i++) {
		ck_assert_int_eq(pc_wav_create(&w, path, rates[i], 1), 0);
		for (int at = 0; at < 10000; at += 125)
			ck_assert_int_eq(pc_wav_write(&w, in + at, 125), 0);
		/* killed now: valid, with what has been written */
		ck_assert_int_eq(pc_wav_open(&r, path), 0);
		ck_assert_uint_eq(pc_wav_read(&r, out, NULL, 10001), 8192);
		pc_wav_reader_fini(&r);
		ck_assert_int_eq(pc_wav_writer_fini(&w), 0);
		ck_assert_int_eq(pc_wav_writer_fini(&w), 0);
		ck_assert_int_eq(stat(path, &st), 0);
		ck_assert_int_eq(st.st_size, 44 + 20000);
		ck_assert_int_eq(pc_wav_open(&r, path), 0);
		ck_assert_uint_eq(r.rate_hz, rates[i]);
		ck_assert_uint_eq(r.channels, 1);
		ck_assert_uint_eq(pc_wav_read(&r, out, NULL, 10001), 10000);
		ck_assert_mem_eq(in, out, sizeof(in));
		ck_assert_uint_eq(pc_wav_read(&r, out, NULL, 1), 0);
		pc_wav_reader_fini(&r);
		pc_wav_reader_fini(&r);
	}
}
END_TEST

/* Byte for byte, as "sox -n -r 8000 -b 16 -c 1" writes it. */
START_TEST(test_header)
{
	static const uint8_t header[] = {
		'R',  'I',  'F', 'F', 40,   0,    0, 0, 'W',  'A',  'V', 'E',
		'f',  'm',  't', ' ', 16,   0,    0, 0, 1,    0,    1,   0,
		0x40, 0x1f, 0,   0,   0x80, 0x3e, 0, 0, 2,    0,    16,  0,
		'd',  'a',  't', 'a', 4,    0,    0, 0, 0xfe, 0xff, 2,   0
	};
	static const int16_t two[] = { -2, 2 };
	uint8_t got[100];
	struct pc_wav_writer w;
	FILE *f;

	ck_assert_int_eq(pc_wav_create(&w, path, 8000, 1), 0);
	ck_assert_int_eq(pc_wav_write(&w, two, 2), 0);
	ck_assert_int_eq(pc_wav_writer_fini(&w), 0);
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fread(got, 1, 100, f), sizeof(header));
	fclose(f);
	ck_assert_mem_eq(got, header, sizeof(header));
}
END_TEST

static void check_reads(size_t n, const int16_t *want)
{
	struct pc_wav_reader r;
	int16_t pcm[200];

	ck_assert_int_eq(open_file(&r, len), 0);
	ck_assert_uint_eq(pc_wav_read(&r, pcm, NULL, 200), n);
	ck_assert_mem_eq(pcm, want, n * 2);
	pc_wav_reader_fini(&r);
}

static const int16_t mono[] = { 1, 3, -1, -3 }, stereo[] = { 2, -2 };

START_TEST(test_stereo)
{
	put_riff();
	put_fmt((struct fmt){ 1, 2, 44100, 16, 16 });
	put_data(8);
	check_reads(2, stereo);
}
END_TEST

START_TEST(test_extensible)
{
	put_riff();
	put_fmt((struct fmt){ 0xfffe, 2, 48000, 16, 40 });
	put_data(8);
	check_reads(2, stereo);
}
END_TEST

/* Others' chunks before and behind, of odd size too; a longer fmt. */
START_TEST(test_other_chunks)
{
	put_riff();
	put("LIST\x03\0\0\0abc\0", 12);
	put_fmt((struct fmt){ 1, 1, 8000, 16, 18 });
	put("fact\x04\0\0\0\0\0\0\0", 12);
	put_data(8);
	put("LIST\x04\0\0\0abcd", 12);
	check_reads(4, mono);
}
END_TEST

/* A writer that could not seek left no size: to the end of the file. */
START_TEST(test_no_size)
{
	for (int i = 0; i < 2; i++) {
		put_riff();
		put_fmt(plain);
		put_data(i ? UINT32_MAX : 0);
		check_reads(4, mono);
	}
	put_riff();
	put_fmt(plain);
	put_data(1000000); /* says more than there is */
	check_reads(4, mono);
	put_riff();
	put_fmt(plain);
	put_data(7); /* half a sample is none */
	check_reads(3, mono);
}
END_TEST

/* Cut off anywhere: no WAV file before its data, and a short one then. */
START_TEST(test_truncated)
{
	put_riff();
	put_fmt(plain);
	put_data(8);
	for (size_t n = 0; n < len; n++) {
		struct pc_wav_reader r;
		int16_t pcm[8];
		int rc = open_file(&r, n);

		ck_assert_int_eq(rc, n < 44 ? -EBADMSG : 0);
		if (rc == 0)
			ck_assert_uint_eq(pc_wav_read(&r, pcm, NULL, 8),
					  (n - 44) / 2);
		pc_wav_reader_fini(&r);
	}
}
END_TEST

START_TEST(test_not_supported)
{
	static const struct fmt rows[] = {
		{ 7, 1, 8000, 8, 16 },       { 1, 1, 8000, 8, 16 },
		{ 1, 1, 8000, 24, 16 },      { 3, 1, 8000, 32, 16 },
		{ 1, 0, 8000, 16, 16 },      { 1, 3, 8000, 16, 16 },
		{ 1, 1, 7999, 16, 16 },      { 1, 1, 96000, 16, 16 },
		{ 1, 1, 0, 16, 16 },         { 1, 65535, 8000, 16, 16 },
		{ 0xfffe, 1, 8000, 16, 16 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pc_wav_reader r;

		put_riff();
		put_fmt(rows[i]);
		put_data(8);
		ck_assert_int_eq(open_file(&r, len), -ENOTSUP);
		ck_assert_ptr_null(r.file);
		pc_wav_reader_fini(&r);
	}
}
END_TEST

/* Sizes that lead nowhere, no fmt, no RIFF, no file. */
START_TEST(test_broken)
{
	static const char *const rows[] = {
		"fmt \xff\xff\xff\xff", "fmt \x0f\0\0\0",
		"LIST\xff\xff\xff\xff", "LIST\xfe\xff\xff\xff",
		"data\x08\0\0\0",
	};
	struct pc_wav_reader r;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		put_riff();
		put(rows[i], 8);
		put("\1\0\1\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0", 16);
		ck_assert_int_eq(open_file(&r, len), -EBADMSG);
	}
	memset(file, 'x', sizeof(file));
	ck_assert_int_eq(open_file(&r, sizeof(file)), -EBADMSG);
	ck_assert_int_eq(pc_wav_open(&r, "/nonexistent/x.wav"), -ENOENT);
	ck_assert_int_lt(pc_wav_open(&r, "/"), 0);
}
END_TEST

START_TEST(test_full_disk)
{
	static int16_t zero[5000];
	struct pc_wav_writer w;

	ck_assert_int_eq(pc_wav_create(&w, "/dev/full", 8000, 1), -ENOSPC);
	ck_assert_int_eq(pc_wav_create(&w, "/nonexistent/x", 8000, 1), -ENOENT);
	/* full later: said each time, and no loop */
	ck_assert_int_eq(pc_wav_create(&w, path, 8000, 1), 0);
	close(w.fd);
	w.fd = fileno(fopen("/dev/full", "w"));
	ck_assert_int_eq(pc_wav_write(&w, zero, 5000), -ENOSPC);
	ck_assert_int_eq(pc_wav_write(&w, zero, 5000), -ENOSPC);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("WAV");
	TCase *t = tcase_create("wav");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 60); /* on a busy machine */
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, test_write_read);
	tcase_add_test(t, test_header);
	tcase_add_test(t, test_stereo);
	tcase_add_test(t, test_extensible);
	tcase_add_test(t, test_other_chunks);
	tcase_add_test(t, test_no_size);
	tcase_add_test(t, test_truncated);
	tcase_add_test(t, test_not_supported);
	tcase_add_test(t, test_broken);
	tcase_add_test(t, test_full_disk);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
