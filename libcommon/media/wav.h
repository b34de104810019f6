/*
 * WAV files of 16-bit PCM of any rate, mono or stereo.
 *
 *	+------+--------+------+  +------+----+-----------------+
 *	|"RIFF"|size LE |"WAVE"|  |"fmt "|size| tag ch rate ... |
 *	+------+--------+------+  +------+----+-----------------+
 *	                          |"data"|size| samples, LE ... |
 *	                          +------+----+-----------------+
 *
 * WAVE_FORMAT_PCM and WAVE_FORMAT_EXTENSIBLE are read; other chunks are
 * skipped. A data size of 0 or 0xffffffff (a writer that could not seek)
 * means: to the end of the file.
 *
 *	struct pc_wav_reader r;
 *	if (pc_wav_open(&r, "hello.wav") == 0)
 *		while ((n = pc_wav_read(&r, pcm, NULL, 160)) > 0)
 *			...
 */
#ifndef PC_MEDIA_WAV_H
#define PC_MEDIA_WAV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

struct pc_wav_reader {
	FILE *file;
	unsigned rate_hz;
	unsigned channels;
	uint32_t left; /* bytes of data not read yet */
};

/*
 * Open path and read up to the samples.
 * Returns 0, -errno, -EBUSY (claimed, see below), -EBADMSG (not a WAV file, or cut off before its data)
 * -ENOTSUP (not 16-bit PCM, more than 2 channels, rate not 8 to 48 kHz) or
 * -ENODEV (a FIFO, a directory: not a file).
 */
int pc_wav_open(struct pc_wav_reader *r, const char *path);

/*
 * Read up to n samples: of two channels the left to pcm and the other to right,
 * or, where that is NULL, their mean to pcm; one goes to both.
 * Returns how many, 0 at the end.
 */
size_t pc_wav_read(struct pc_wav_reader *r, int16_t *pcm, int16_t *right,
		   size_t n);
void pc_wav_reader_fini(struct pc_wav_reader *r);

/*
 * Open path to be recorded to, with nothing done to it as yet, and keep all
 * others from claiming it, or from playing it (flock), until it is closed;
 * fails where somebody does already. Returns the descriptor, or -errno:
 * -EBUSY, or -ENODEV as above. stale: it is a file that has something in it.
 */
int pc_wav_claim(const char *path, bool *stale);

struct pc_wav_writer {
	int fd;
	uint32_t data_bytes;  /* in the file */
	uint32_t noted_bytes; /* what the header says */
	unsigned rate_hz, channels;
	size_t used;
	int16_t pending[4096];
};

/*
 * Create (or overwrite) path and write a header. 0 or -errno (-ENODEV: a
 * FIFO).
 *   channels  1, or 2: samples are then written left, right, left ...
 */
int pc_wav_create(struct pc_wav_writer *w, const char *path, unsigned rate_hz,
		  unsigned channels);

/*
 * Append n samples (of both channels together). They reach the file in blocks of 4096, each with the
 * header brought up to date, so that a file whose writer was killed is valid.
 * Returns 0, -errno, or -EFBIG at 4 GiB.
 */
int pc_wav_write(struct pc_wav_writer *w, const int16_t *pcm, size_t n);

/* Write what is pending, and the header. 0 or -errno. */
int pc_wav_flush(struct pc_wav_writer *w);

/* Flush and close. 0 or -errno. w may be closed already. */
int pc_wav_writer_fini(struct pc_wav_writer *w);

#endif
