/*
 * Payload types, and codecs as a person names them.
 */
#include "sdp/media.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

/* RFC 3551 tables 4 and 5. G722's clock is 8000 by an old mistake (4.5.2). */
static const struct pc_sdp_codec fixed[] = {
	{ 0, "PCMU", 8000, 1, NULL },   { 3, "GSM", 8000, 1, NULL },
	{ 4, "G723", 8000, 1, NULL },   { 5, "DVI4", 8000, 1, NULL },
	{ 6, "DVI4", 16000, 1, NULL },  { 7, "LPC", 8000, 1, NULL },
	{ 8, "PCMA", 8000, 1, NULL },   { 9, "G722", 8000, 1, NULL },
	{ 10, "L16", 44100, 2, NULL },  { 11, "L16", 44100, 1, NULL },
	{ 12, "QCELP", 8000, 1, NULL }, { 13, "CN", 8000, 1, NULL },
	{ 14, "MPA", 90000, 1, NULL },  { 15, "G728", 8000, 1, NULL },
	{ 16, "DVI4", 11025, 1, NULL }, { 17, "DVI4", 22050, 1, NULL },
	{ 18, "G729", 8000, 1, NULL },  { 25, "CelB", 90000, 1, NULL },
	{ 26, "JPEG", 90000, 1, NULL }, { 28, "nv", 90000, 1, NULL },
	{ 31, "H261", 90000, 1, NULL }, { 32, "MPV", 90000, 1, NULL },
	{ 33, "MP2T", 90000, 1, NULL }, { 34, "H263", 90000, 1, NULL },
};

int pc_sdp_codec_static(struct pc_sdp_codec *codec, unsigned pt)
{
	size_t i;

	for (i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
		if (fixed[i].pt == pt) {
			*codec = fixed[i];
			return 0;
		}
	}
	return -ENOENT;
}

const struct pc_sdp_codec *pc_sdp_codec_by_pt(const struct pc_sdp_media *m,
					      unsigned pt)
{
	unsigned i;

	for (i = 0; i < m->n_codecs; i++)
		if (m->codecs[i].pt == pt)
			return &m->codecs[i];
	return NULL;
}

bool pc_sdp_codec_same(const struct pc_sdp_codec *a,
		       const struct pc_sdp_codec *b)
{
	return strcasecmp(a->name, b->name) == 0 &&
	       a->clock_hz == b->clock_hz && a->channels == b->channels;
}

const char *pc_sdp_fmtp_param(const char *fmtp, const char *name, size_t *len)
{
	size_t n = strlen(name), at;

	while (fmtp && *fmtp) {
		fmtp += strspn(fmtp, " \t;");
		at = strcspn(fmtp, ";");
		if (at > n && strncasecmp(fmtp, name, n) == 0 &&
		    fmtp[n] == '=') {
			*len = at - n - 1;
			return fmtp + n + 1;
		}
		fmtp += at;
	}
	return NULL;
}

const char *pc_sdp_direction_text(enum pc_sdp_direction direction)
{
	static const char *const text[] = {
		[PC_SDP_INACTIVE] = "inactive",
		[PC_SDP_SENDONLY] = "sendonly",
		[PC_SDP_RECVONLY] = "recvonly",
		[PC_SDP_SENDRECV] = "sendrecv",
	};

	return text[direction];
}

enum pc_sdp_direction pc_sdp_direction_flip(enum pc_sdp_direction direction)
{
	unsigned d = direction;

	return (enum pc_sdp_direction)((d & 1) << 1 | d >> 1);
}

const char *pc_sdp_setup_text(enum pc_sdp_setup setup)
{
	static const char *const text[] = {
		[PC_SDP_SETUP_NONE] = NULL,
		[PC_SDP_SETUP_ACTPASS] = "actpass",
		[PC_SDP_SETUP_ACTIVE] = "active",
		[PC_SDP_SETUP_PASSIVE] = "passive",
		[PC_SDP_SETUP_HOLDCONN] = "holdconn",
	};

	return text[setup];
}
