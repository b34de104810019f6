/*
 * hear: judge a recording by its dominant frequency and its level.
 *
 *	hear answer.wav 1000
 *	hz=999.8 dbfs=-18.2 ratio=0.991
 *
 * Exits 0 when the dominant frequency is within 2 % of the one named and the
 * level above -40 dBFS; 1 when not; 66 when the file cannot be read. Without
 * a frequency it only tells.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/exit.h"
#include "media/hear.h"
#include "media/wav.h"

struct job {
	const char *file;
	double hz, from, span;
};

static int usage(void)
{
	fputs("usage: hear FILE.wav [HZ] [--from SECONDS] [--for SECONDS]\n",
	      stderr);
	return PC_EXIT_USAGE;
}

static int parse(struct job *job, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		double *into = NULL;

		if (strcmp(argv[i], "--from") == 0)
			into = &job->from;
		else if (strcmp(argv[i], "--for") == 0)
			into = &job->span;
		else if (!job->file)
			job->file = argv[i];
		else
			into = &job->hz;
		if (into && argv[i][0] == '-' && ++i >= argc)
			return -EINVAL;
		if (into) {
			char *end;

			*into = strtod(argv[i], &end);
			if (*end || end == argv[i] || *into < 0)
				return -EINVAL;
		}
	}
	return job->file ? 0 : -EINVAL;
}

static int listen_to(struct pc_wav_reader *wav, const struct job *job,
		     struct pc_heard *heard)
{
	struct pc_hear *h = pc_hear_new(wav->rate_hz);
	double at = 0, end = job->span > 0 ? job->from + job->span : INFINITY;
	int16_t pcm[80];
	size_t n;

	if (!h)
		return -ENOMEM;
	while (at < end && (n = pc_wav_read(wav, pcm, NULL, 80)) > 0) {
		if (at >= job->from)
			pc_hear_add(h, pcm, n);
		at += (double)n / wav->rate_hz;
	}
	pc_hear_result(h, heard);
	pc_hear_free(h);
	return 0;
}

int main(int argc, char **argv)
{
	struct job job = { 0 };
	struct pc_wav_reader wav;
	struct pc_heard heard;
	int rc;

	if (parse(&job, argc, argv) < 0)
		return usage();
	rc = pc_wav_open(&wav, job.file);
	if (rc < 0) {
		fprintf(stderr, "hear: %s: %s\n", job.file, strerror(-rc));
		return PC_EXIT_NOINPUT;
	}
	rc = listen_to(&wav, &job, &heard);
	pc_wav_reader_fini(&wav);
	if (rc < 0)
		return PC_EXIT_IO;
	printf("hz=%.1f dbfs=%.1f ratio=%.3f\n", heard.hz, heard.dbfs,
	       heard.ratio);
	if (job.hz > 0 &&
	    (fabs(heard.hz - job.hz) > 0.02 * job.hz || heard.dbfs <= -40))
		return PC_EXIT_NO;
	return PC_EXIT_OK;
}
