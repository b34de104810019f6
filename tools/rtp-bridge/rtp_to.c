/* A leg that is described by its options; see rtp_to.h. */
#include "rtp_to.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/home.h"

static const struct {
	const char *name, *rtpmap;
	unsigned pt;
	bool video;
	const char *fmtp;
} codings[] = {
	{ "opus", "opus/48000/2", 96, false, NULL },
	{ "PCMU", "PCMU/8000", 0, false, NULL },
	{ "PCMA", "PCMA/8000", 8, false, NULL },
	{ "G722", "G722/8000", 9, false, NULL },
	{ "L16", "L16/16000", 97, false, NULL },
	{ "H264", "H264/90000", 98, true, "packetization-mode=1" },
	{ "VP8", "VP8/90000", 99, true, NULL },
	{ "VP9", "VP9/90000", 100, true, NULL },
};

enum { N_CODINGS = sizeof(codings) / sizeof(codings[0]) };

/*
 * Profile AVP also for video: AVPF would have ffmpeg ask for pictures, but not
 * every live555, and so not every VLC, reads such a line.
 */
static void write_sdp(struct pc_buf *out, const struct leg *leg,
		      const struct pc_addr *to, unsigned coding, bool secure)
{
	char ip[PC_ADDR_TEXT];
	char family = to->sa.sa_family == AF_INET6 ? '6' : '4';
	unsigned pt = codings[coding].pt;

	pc_addr_ip(to, ip);
	pc_buf_printf(out,
		      "v=0\r\no=- 0 0 IN IP%c %s\r\ns=%s\r\n"
		      "c=IN IP%c %s\r\nt=0 0\r\nm=%s %u RTP/%s %u\r\n"
		      "a=rtpmap:%u %s\r\n",
		      family, ip, leg->name, family, ip,
		      leg->video ? "video" : "audio", pc_addr_port(to),
		      secure ? "SAVP" : "AVP", pt, pt, codings[coding].rtpmap);
	if (codings[coding].fmtp)
		pc_buf_printf(out, "a=fmtp:%u %s\r\n", pt,
			      codings[coding].fmtp);
	if (leg->listens)
		pc_buf_adds(out, "a=recvonly\r\n");
}

/* A file that was there keeps its mode: not when a key is to be in it. */
static bool is_private(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 &&
	       (!S_ISREG(st.st_mode) || fchmod(fd, 0600) == 0);
}

static int write_file(struct leg *leg, const char *path,
		      const struct pc_buf *text, bool secret)
{
	char room[PC_HERE];
	int fd = open(pc_here(path, room),
		      O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK,
		      secret ? 0600 : 0666);
	bool good = fd >= 0 && (!secret || is_private(fd)) &&
		    pc_write_all(fd, text->data, text->len) == 0;

	if (!good)
		pc_tool_error(&leg->bridge->tool, "%s: %s", path,
			      errno == ENXIO ? "nobody reads this FIFO"
					     : strerror(errno));
	if (fd >= 0)
		close(fd);
	return good ? 0 : -EIO;
}

/* HOST may be a name, as that of a leg may. */
static int read_where(struct leg *leg, struct pc_addr *to, const char *where)
{
	int rc = pc_addr_parse_own(to, where, 0);

	if (rc < 0)
		rc = pc_addr_resolve(to, where, 0);
	if (rc == 0 && pc_addr_port(to) != 0 && !pc_addr_is_any(to))
		return 0;
	pc_tool_error(&leg->bridge->tool, "%s: to=%s: %s", leg->name, where,
		      rc == -EHOSTUNREACH ? "no such host" : "not HOST:PORT");
	return -EINVAL;
}

/* Of the leg's medium; video has none that all know. -1: said. */
static int find_coding(struct leg *leg, const char *codec)
{
	for (int i = 0; i < N_CODINGS; i++)
		if (codings[i].video == leg->video &&
		    (codec ? strcasecmp(codec, codings[i].name) == 0
			   : !leg->video))
			return i;
	pc_tool_error(&leg->bridge->tool, "%s: with to= give codec= %s",
		      leg->name,
		      leg->video ? "H264, VP8 or VP9"
				 : "opus, PCMU, PCMA, G722 or L16");
	return -1;
}

/*
 * Nobody has the key that the other side would send with: it is forgotten as
 * soon as ours is agreed on.
 */
static void write_their_key(struct pc_buf *out, const struct sdes *sdes)
{
	struct pc_sdes line;
	char text[PC_SDES_TEXT];

	if (pc_sdes_new(&line, 1, sdes->offer.line[0].profile) < 0) {
		out->oom = true;
		return;
	}
	pc_sdes_text(&line, text);
	pc_buf_printf(out, "a=crypto:%s\r\n", text);
	explicit_bzero(&line, sizeof(line));
	explicit_bzero(text, sizeof(text));
}

static int describe(struct leg *leg, const struct pc_addr *to, unsigned coding,
		    const struct sdes *sdes)
{
	struct pc_buf text = { 0 };
	int rc;

	write_sdp(&text, leg, to, coding, sdes);
	if (sdes)
		write_their_key(&text, sdes);
	rc = text.oom ? -ENOMEM : leg_describe_text(leg, text.data);
	pc_buf_fini(&text);
	return rc;
}

int rtp_to_open(struct leg *leg, const struct sdes *sdes)
{
	const char *where = leg_option(leg, "to");
	const char *codec = leg_option(leg, "codec");
	const char *file = leg_option(leg, "sdp");
	struct pc_buf text = { 0 };
	struct pc_addr to;
	int i, rc;

	if (!where && (codec || file)) {
		pc_tool_error(&leg->bridge->tool,
			      "%s: codec= and sdp= need to=HOST:PORT",
			      leg->name);
		return -EINVAL;
	}
	if (!where)
		return 0;
	i = find_coding(leg, codec);
	if (i < 0 || read_where(leg, &to, where) < 0)
		return -EINVAL;
	leg->listens |= sdes != NULL;
	rc = describe(leg, &to, (unsigned)i, sdes);
	if (rc < 0 || !file)
		return rc;
	write_sdp(&text, leg, &to, (unsigned)i, sdes);
	if (sdes)
		sdes_fragment(sdes, &text);
	rc = text.oom ? -ENOMEM : write_file(leg, file, &text, sdes);
	pc_buf_fini(&text);
	return rc;
}
