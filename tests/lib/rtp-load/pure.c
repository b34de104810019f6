#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/addr.h"
#include "load.h"
#include "media/srtp.h"

static double cpu_us(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_utime.tv_sec * 1e6 + u.ru_utime.tv_usec +
	       u.ru_stime.tv_sec * 1e6 + u.ru_stime.tv_usec;
}

static void pure_transcode(const struct speech *pcmu, const struct speech *opus)
{
	struct pc_encoder *e = pc_encoder_new(
		&(struct pc_encoder_config){ .codec = PC_CODEC_OPUS,
					     .clock_hz = 48000,
					     .channels = 2,
					     .rate_hz = 8000 });
	struct pc_decoder *d = pc_decoder_new(PC_CODEC_OPUS, 48000, 2, 8000);
	struct pc_decoder *u = pc_decoder_new(PC_CODEC_PCMU, 8000, 1, 8000);
	int16_t pcm[PC_FRAME_MAX];
	uint8_t out[400];
	double began = cpu_us();

	for (unsigned i = 0; i < FRAMES; i++)
		pc_decode(d, opus->data[i], opus->len[i], pcm, PC_FRAME_MAX);
	printf("opus-decode-us %.2f\n", (cpu_us() - began) / FRAMES);
	began = cpu_us();
	for (unsigned i = 0; i < FRAMES; i++) {
		pc_decode(u, pcmu->data[i], pcmu->len[i], pcm, PC_FRAME_MAX);
		pc_encode(e, pcm, 160, out, sizeof(out));
	}
	printf("opus-encode-us %.2f\n", (cpu_us() - began) / FRAMES);
	pc_encoder_free(e);
	pc_decoder_free(d);
	pc_decoder_free(u);
}

static void pure_srtp(enum pc_srtp_profile profile, const char *name)
{
	enum { N = 20000 };
	struct pc_srtp_keys keys = { .profile = profile };
	struct pc_srtp *s = NULL;
	uint8_t buf[600] = { 0x80 };
	double began;

	if (pc_srtp_new(&s, &keys) < 0)
		die("SRTP");
	began = cpu_us();
	for (unsigned i = 0; i < N; i++) {
		ssize_t n;

		buf[2] = (uint8_t)(i >> 8);
		buf[3] = (uint8_t)i;
		n = pc_srtp_protect(s, buf, 172);
		(void)pc_srtp_unprotect(s, buf, (size_t)n);
	}
	printf("srtp-%s-us %.2f\n", name, (cpu_us() - began) / N / 2);
	pc_srtp_free(s);
}

static void pure_udp(void)
{
	enum { N = 20000 };
	struct pc_addr addr;
	uint8_t buf[600] = { 0 };
	double began;
	int fd;

	pc_addr_parse(&addr, "127.0.0.1:0", 0);
	fd = pc_addr_bind(&addr, SOCK_DGRAM);
	began = cpu_us();
	for (unsigned i = 0; i < N; i++) {
		(void)!sendto(fd, buf, 172, 0, &addr.sa, addr.len);
		(void)!recv(fd, buf, sizeof(buf), 0);
	}
	printf("udp-us %.2f\n", (cpu_us() - began) / N);
	close(fd);
}

void pure_costs(const struct speech *pcmu, const struct speech *opus)
{
	pure_transcode(pcmu, opus);
	pure_srtp(PC_SRTP_AES128_CM_SHA1_80, "sha1");
	pure_srtp(PC_SRTP_AEAD_AES_128_GCM, "gcm");
	pure_udp();
}
