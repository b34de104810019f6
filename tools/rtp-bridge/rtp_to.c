/* A leg that is described by its options; see rtp_to.h. */
#include "rtp_to.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/addr.h"
#include "base/home.h"

static const struct {
	const char *name, *rtpmap;
	unsigned pt;
} codings[] = {
	{ "opus", "opus/48000/2", 96 }, { "PCMU", "PCMU/8000", 0 },
	{ "PCMA", "PCMA/8000", 8 },     { "G722", "G722/8000", 9 },
	{ "L16", "L16/16000", 97 },
};

static void write_sdp(struct pc_buf *out, const struct leg *leg,
		      const struct pc_addr *to, unsigned coding)
{
	char ip[PC_ADDR_TEXT];
	char family = to->sa.sa_family == AF_INET6 ? '6' : '4';

	pc_addr_ip(to, ip);
	pc_buf_printf(out,
		      "v=0\r\no=- 0 0 IN IP%c %s\r\ns=%s\r\n"
		      "c=IN IP%c %s\r\nt=0 0\r\nm=audio %u RTP/AVP %u\r\n"
		      "a=rtpmap:%u %s\r\n",
		      family, ip, leg->name, family, ip, pc_addr_port(to),
		      codings[coding].pt, codings[coding].pt,
		      codings[coding].rtpmap);
	if (leg->listens)
		pc_buf_adds(out, "a=recvonly\r\n");
}

static int write_file(struct leg *leg, const char *path,
		      const struct pc_buf *text)
{
	char room[PC_HERE];
	FILE *file = fopen(pc_here(path, room), "we");
	bool good = file && fwrite(text->data, text->len, 1, file) == 1;

	if (file && fclose(file) != 0)
		good = false;
	if (good)
		return 0;
	pc_tool_error(&leg->bridge->tool, "%s: %s", path, strerror(errno));
	return -EIO;
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

int rtp_to_open(struct leg *leg)
{
	const char *where = leg_option(leg, "to");
	const char *codec = leg_option(leg, "codec");
	const char *file = leg_option(leg, "sdp");
	const unsigned n = sizeof(codings) / sizeof(codings[0]);
	struct pc_buf text = { 0 };
	struct pc_addr to;
	unsigned i = 0;
	int rc;

	while (codec && i < n && strcasecmp(codec, codings[i].name) != 0)
		i++;
	if ((!where && (codec || file)) || i == n) {
		pc_tool_error(&leg->bridge->tool,
			      "%s: give to=HOST:PORT, and codec= opus, PCMU, "
			      "PCMA, G722 or L16",
			      leg->name);
		return -EINVAL;
	}
	if (!where)
		return 0;
	if (read_where(leg, &to, where) < 0)
		return -EINVAL;
	write_sdp(&text, leg, &to, i);
	rc = text.oom ? -ENOMEM : leg_describe_text(leg, text.data);
	if (rc == 0 && file)
		rc = write_file(leg, file, &text);
	pc_buf_fini(&text);
	return rc;
}
