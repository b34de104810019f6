/*
 * likeness: how like the source is what was heard of it, in figures.
 *
 *	likeness source.wav heard.wav [--rate HZ] [--snr DB] [--lsd DB]
 *	snr=18.21 lsd=2.43 holes=0.000 lag_ms=92.3
 *
 * Both are taken at HZ (8000), and what was heard is laid over the source
 * where it correlates best; every 200 ms it may lie up to 5 ms elsewhere, as a
 * playout buffer moves it. Of the frames in which the source speaks:
 *
 *   snr    segmental signal-to-noise ratio: the mean over frames of 20 ms of
 *          10 log (source / difference), each held to -10..35 dB, after one
 *          gain for all; exact coders have it high, Opus has it low
 *   lsd    log-spectral distance: the mean over frames of 32 ms of the rms
 *          difference, in dB, of 16 bands from 150 Hz to 0.43 HZ, those 40 dB
 *          under the loudest being as loud as that; what an ear goes by, whose
 *          waveform it is not
 *   holes  the share of frames of 20 ms that are 20 dB weaker than said
 *
 * Exits 1 when snr is below, or lsd above, what was asked for; 66 when a file
 * cannot be read.
 */
#include <complex.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/exit.h"
#include "media/resample.h"
#include "media/wav.h"

enum {
	FINE = 6, /* places between two samples that are tried */
	COARSE = 4,
	MAX_LAG_S = 5,
	BANDS = 16,
	FFT_MAX = 2048,
};

struct sound {
	float *v;
	long n;
	unsigned rate_hz;
};

struct job {
	const char *source, *heard;
	double rate, snr, lsd;
};

/* Convert s, in place. */
static void convert(struct sound *s, unsigned rate_hz)
{
	struct pc_resampler *r = pc_resampler_new(s->rate_hz, rate_hz);
	size_t max = PC_RESAMPLE_MAX((size_t)s->n, s->rate_hz, rate_hz);
	float *v = calloc(max + 1, sizeof(*v));
	int16_t in[80], out[PC_RESAMPLE_MAX(80, 8000, 48000 * FINE)];
	long made = 0;

	if (!r || !v)
		exit(PC_EXIT_IO);
	for (long at = 0; at < s->n; at += 80) {
		long n = s->n - at < 80 ? s->n - at : 80;
		size_t got;

		for (long i = 0; i < n; i++)
			in[i] = (int16_t)lrintf(s->v[at + i]);
		got = pc_resample(r, in, (size_t)n, out,
				  sizeof(out) / sizeof(*out));
		for (size_t i = 0; i < got && made < (long)max; i++)
			v[made++] = out[i];
	}
	pc_resampler_free(r);
	free(s->v);
	*s = (struct sound){ v, made, rate_hz };
}

static int load(struct sound *s, const char *path)
{
	struct pc_wav_reader wav;
	int16_t pcm[160];
	size_t n;
	int rc = pc_wav_open(&wav, path);

	*s = (struct sound){ .rate_hz = wav.rate_hz };
	if (rc < 0) {
		fprintf(stderr, "likeness: %s: %s\n", path, strerror(-rc));
		return rc;
	}
	while ((n = pc_wav_read(&wav, pcm, NULL, 160)) > 0) {
		float *v = realloc(s->v, (size_t)(s->n + 160) * sizeof(*v));

		if (!v)
			exit(PC_EXIT_IO);
		s->v = v;
		for (size_t i = 0; i < n; i++)
			s->v[s->n++] = pcm[i];
	}
	pc_wav_reader_fini(&wav);
	return 0;
}

/* What was heard when the source's sample i was said. */
static double heard_at(const struct sound *h, long i, long lag)
{
	long at = i * FINE + lag;

	return at >= 0 && at < h->n ? (double)h->v[at] : 0;
}

/* How well they go together, from the source's sample `from` to `to`. */
static double correlation(const struct sound *s, const struct sound *h,
			  long from, long to, long lag, long step)
{
	double both = 0, own = 1;

	for (long i = from; i < to; i += step) {
		double x = heard_at(h, i, lag);

		both += (double)s->v[i] * x;
		own += x * x;
	}
	return both / sqrt(own);
}

/* The best lag in first..last, by steps. */
static long best_lag(const struct sound *s, const struct sound *h,
		     const long range[2], const long lags[2], long step,
		     long every)
{
	long best = lags[0];
	double most = -INFINITY;

	for (long lag = lags[0]; lag <= lags[1]; lag += step) {
		double c = correlation(s, h, range[0], range[1], lag, every);

		if (c > most) {
			most = c;
			best = lag;
		}
	}
	return best;
}

/* The lag of each 200 ms; the caller frees them. */
static long *align(const struct sound *s, const struct sound *h)
{
	long block = s->rate_hz / 5, n = s->n / block + 1;
	long wander = (long)s->rate_hz / 200 * FINE;
	long all[2] = { 0, s->n };
	long far[2] = { -(long)s->rate_hz / 2 * FINE,
			(long)s->rate_hz * MAX_LAG_S * FINE };
	long *lags = calloc((size_t)n, sizeof(*lags));
	long lag = best_lag(s, h, all, far, FINE, COARSE);

	if (!lags)
		exit(PC_EXIT_IO);
	lag = best_lag(s, h, all, (long[2]){ lag - FINE, lag + FINE }, 1, 1);
	for (long i = 0; i < n; i++) {
		long range[2] = { i * block, (i + 1) * block };
		long best;

		if (range[1] > s->n)
			range[1] = s->n;
		best = best_lag(s, h, range,
				(long[2]){ lag - wander, lag + wander }, 1, 1);
		/* not for a pause, nor for what was made up in between */
		if (correlation(s, h, range[0], range[1], best, 1) >
		    1.02 * correlation(s, h, range[0], range[1], lag, 1) +
			    50.0 * sqrt((double)block))
			lag = best;
		lags[i] = lag;
	}
	return lags;
}

static double power(const struct sound *s, long from, long n)
{
	double sum = 0;

	for (long i = from; i < from + n; i++)
		sum += (double)s->v[i] * (double)s->v[i];
	return sum / (double)n;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* The median over frames of n, which what was made up in some does not move. */
static double gain_of(const struct sound *s, const double *h, double speaks,
		      long n)
{
	double *gains = calloc((size_t)(s->n / n) + 1, sizeof(*gains)), gain;
	size_t frames = 0;

	if (!gains)
		exit(PC_EXIT_IO);
	for (long at = 0; at + n <= s->n; at += n) {
		double both = 0, own = 1;

		if (power(s, at, n) < speaks)
			continue;
		for (long i = at; i < at + n; i++) {
			both += (double)s->v[i] * h[i];
			own += h[i] * h[i];
		}
		gains[frames++] = both / own;
	}
	qsort(gains, frames, sizeof(*gains), compare);
	gain = frames ? gains[frames / 2] : 1;
	free(gains);
	return gain;
}

static void measure_snr(const struct sound *s, const double *h, double speaks,
			double *snr, double *holes)
{
	long n = s->rate_hz / 50, frames = 0;
	double gain = gain_of(s, h, speaks, n), sum = 0, weak = 0;

	for (long at = 0; at + n <= s->n; at += n) {
		double signal = power(s, at, n), noise = 0, said = 0, db;

		if (signal < speaks)
			continue;
		for (long i = at; i < at + n; i++) {
			double x = gain * h[i];

			noise += pow((double)s->v[i] - x, 2) / (double)n;
			said += x * x / (double)n;
		}
		db = 10 * log10(signal / (noise + 1e-3));
		sum += fmin(fmax(db, -10), 35);
		weak += said < signal / 100;
		frames++;
	}
	*snr = frames ? sum / (double)frames : -10;
	*holes = frames ? weak / (double)frames : 1;
}

static void fft(double complex *x, long n)
{
	double complex even[FFT_MAX / 2], odd[FFT_MAX / 2];

	if (n == 1)
		return;
	for (long i = 0; i < n / 2; i++) {
		even[i] = x[2 * i];
		odd[i] = x[2 * i + 1];
	}
	fft(even, n / 2);
	fft(odd, n / 2);
	for (long i = 0; i < n / 2; i++) {
		double complex t =
			cexp(-2 * I * M_PI * (double)i / (double)n) * odd[i];

		x[i] = even[i] + t;
		x[i + n / 2] = even[i] - t;
	}
}

/* The level of each band in dB; none is 40 dB under the loudest. */
static void bands_of(const double *v, long n, unsigned rate_hz,
		     double db[BANDS])
{
	double complex x[FFT_MAX];
	double loudest = -INFINITY, top = 0.43 * rate_hz;

	for (long i = 0; i < n; i++)
		x[i] = v[i] *
		       (0.5 - 0.5 * cos(2 * M_PI * (double)i / (double)n));
	fft(x, n);
	for (int b = 0; b < BANDS; b++) {
		/* equally wide on a logarithmic scale, as an ear's nearly are */
		double from = 150 * pow(top / 150, (double)b / BANDS);
		double to = 150 * pow(top / 150, (double)(b + 1) / BANDS);
		long i = (long)ceil(from * (double)n / rate_hz);
		double sum = 1;

		do
			sum += pow(cabs(x[i]), 2);
		while (++i < (long)(to * (double)n / rate_hz));
		db[b] = 10 * log10(sum);
		loudest = fmax(loudest, db[b]);
	}
	for (int b = 0; b < BANDS; b++)
		db[b] = fmax(db[b], loudest - 40);
}

static double measure_lsd(const struct sound *s, const double *h, double speaks)
{
	long n = 1, frames = 0;
	double total = 0;

	while (n * 2 <= (long)s->rate_hz / 31 && n * 2 <= FFT_MAX)
		n *= 2;
	for (long at = 0; at + n <= s->n; at += n / 2) {
		double frame[FFT_MAX], a[BANDS], b[BANDS], sum = 0;

		if (power(s, at, n) < speaks)
			continue;
		for (long i = 0; i < n; i++)
			frame[i] = (double)s->v[at + i];
		bands_of(frame, n, s->rate_hz, a);
		bands_of(h + at, n, s->rate_hz, b);
		for (int i = 0; i < BANDS; i++)
			sum += pow(a[i] - b[i], 2) / BANDS;
		total += sqrt(sum);
		frames++;
	}
	return frames ? total / (double)frames : INFINITY;
}

static int judge(const struct job *job, struct sound *s, struct sound *h)
{
	double *laid, speaks, snr, holes, lsd;
	long *lags;

	if (load(s, job->source) < 0 || load(h, job->heard) < 0)
		return PC_EXIT_NOINPUT;
	convert(s, (unsigned)job->rate);
	convert(h, (unsigned)job->rate);
	convert(h, (unsigned)job->rate * FINE);
	lags = align(s, h);
	laid = calloc((size_t)s->n + 1, sizeof(*laid));
	if (!laid)
		exit(PC_EXIT_IO);
	for (long i = 0; i < s->n; i++)
		laid[i] = heard_at(h, i, lags[i / (s->rate_hz / 5)]);
	speaks = power(s, 0, s->n) / 100;
	measure_snr(s, laid, speaks, &snr, &holes);
	lsd = measure_lsd(s, laid, speaks);
	printf("snr=%.2f lsd=%.2f holes=%.3f lag_ms=%.1f\n", snr, lsd, holes,
	       1000.0 * (double)lags[0] / FINE / s->rate_hz);
	free(laid);
	free(lags);
	return snr >= job->snr && lsd <= job->lsd ? PC_EXIT_OK : PC_EXIT_NO;
}

static int parse(struct job *job, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		double *into = NULL;
		char *end;

		if (strcmp(argv[i], "--rate") == 0)
			into = &job->rate;
		else if (strcmp(argv[i], "--snr") == 0)
			into = &job->snr;
		else if (strcmp(argv[i], "--lsd") == 0)
			into = &job->lsd;
		else if (!job->source)
			job->source = argv[i];
		else if (!job->heard)
			job->heard = argv[i];
		else
			return -EINVAL;
		if (!into)
			continue;
		if (++i >= argc)
			return -EINVAL;
		*into = strtod(argv[i], &end);
		if (*end || end == argv[i])
			return -EINVAL;
	}
	return job->heard && job->rate >= 8000 && job->rate <= 48000 ? 0
								     : -EINVAL;
}

int main(int argc, char **argv)
{
	struct job job = { .rate = 8000, .snr = -INFINITY, .lsd = INFINITY };
	struct sound s = { 0 }, h = { 0 };
	int status;

	if (parse(&job, argc, argv) < 0) {
		fputs("usage: likeness SOURCE.wav HEARD.wav [--rate HZ] "
		      "[--snr DB] [--lsd DB]\n",
		      stderr);
		return PC_EXIT_USAGE;
	}
	status = judge(&job, &s, &h);
	free(s.v);
	free(h.v);
	return status;
}
