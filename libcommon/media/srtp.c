/*
 * SRTP packets; see srtp.h.
 *
 *	header | payload, encrypted | MKI | tag            HMAC-SHA1 profiles
 *	header | payload, encrypted, and its tag | MKI     GCM
 *
 * and in SRTCP E and the 31-bit index: before MKI and tag in the first, behind
 * the tag in the second.
 */
#include "media/srtp.h"

#include <errno.h>
#include <nettle/memops.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "media/replay.h"
#include "media/srtp_session.h"

enum {
	RTP_HEADER = 12,
	RTCP_HEADER = 8,
	RTCP_AAD = RTCP_HEADER + 4,
	STREAMS_MAX = 1024, /* sources of one direction */
};

#define E_BIT       0x80000000u
#define INDEX_LIMIT (1ll << 48) /* RFC 3711 section 9.2: then a new key */

struct stream {
	uint32_t ssrc;
	uint32_t rtcp_next; /* the index of the next that goes */
	struct pc_replay rtp, rtcp;
};

struct direction {
	bool gcm;
	size_t rtp_tag, rtcp_tag;
	size_t mki_len;
	struct stream *streams;
	size_t n, room;
	size_t last; /* the one that was looked for last */
	struct pc_srtp_session rtp, rtcp;
	uint8_t mki[PC_SRTP_MKI_MAX];
};

struct pc_srtp {
	struct direction *in, *out;
};

size_t pc_srtp_key_len(enum pc_srtp_profile profile)
{
	switch (profile) {
	case PC_SRTP_AES128_CM_SHA1_80:
	case PC_SRTP_AES128_CM_SHA1_32:
	case PC_SRTP_AEAD_AES_128_GCM:
		return 16;
	case PC_SRTP_AES256_CM_SHA1_80:
	case PC_SRTP_AES256_CM_SHA1_32:
	case PC_SRTP_AEAD_AES_256_GCM:
		return 32;
	default:
		return 0;
	}
}

size_t pc_srtp_salt_len(enum pc_srtp_profile profile)
{
	if (pc_srtp_key_len(profile) == 0)
		return 0;
	return pc_srtp_is_gcm(profile) ? 12 : 14;
}

static size_t tag_len(enum pc_srtp_profile profile, bool rtcp)
{
	if (pc_srtp_is_gcm(profile))
		return PC_SRTP_GCM_TAG;
	/* SRTCP has the long tag also beside the short one (RFC 4568 6.2.2). */
	if (!rtcp && (profile == PC_SRTP_AES128_CM_SHA1_32 ||
		      profile == PC_SRTP_AES256_CM_SHA1_32))
		return 4;
	return 10;
}

static void direction_free(struct direction *d)
{
	if (!d)
		return;
	pc_srtp_session_fini(&d->rtp);
	pc_srtp_session_fini(&d->rtcp);
	free(d->streams);
	free(d);
}

static int direction_new(struct direction **out,
			 const struct pc_srtp_keys *keys, bool in)
{
	const uint8_t *master = in ? keys->in : keys->out;
	struct direction *d = calloc(1, sizeof(*d));
	int rc;

	if (!d)
		return -ENOMEM;
	d->gcm = pc_srtp_is_gcm(keys->profile);
	d->rtp_tag = tag_len(keys->profile, false);
	d->rtcp_tag = tag_len(keys->profile, true);
	if (in) {
		memcpy(d->mki, keys->mki_in, sizeof(d->mki));
		d->mki_len = keys->mki_in_len;
	}
	rc = pc_srtp_session_init(&d->rtp, keys->profile, master, false);
	if (rc == 0)
		rc = pc_srtp_session_init(&d->rtcp, keys->profile, master,
					  true);
	if (rc < 0) {
		direction_free(d);
		return rc;
	}
	*out = d;
	return 0;
}

static void replace(struct direction **d, struct direction *by)
{
	direction_free(*d);
	*d = by;
}

int pc_srtp_rekey(struct pc_srtp *s, const struct pc_srtp_keys *keys, bool in,
		  bool out)
{
	struct direction *new_in = NULL, *new_out = NULL;
	int rc = 0;

	if (pc_srtp_key_len(keys->profile) == 0 ||
	    keys->mki_in_len > PC_SRTP_MKI_MAX)
		return -ENOTSUP;
	if (in)
		rc = direction_new(&new_in, keys, true);
	if (rc == 0 && out)
		rc = direction_new(&new_out, keys, false);
	if (rc < 0) {
		direction_free(new_in);
		return rc;
	}
	if (in)
		replace(&s->in, new_in);
	if (out)
		replace(&s->out, new_out);
	return 0;
}

int pc_srtp_new(struct pc_srtp **srtp, const struct pc_srtp_keys *keys)
{
	struct pc_srtp *s = calloc(1, sizeof(*s));
	int rc;

	if (!s)
		return -ENOMEM;
	rc = pc_srtp_rekey(s, keys, true, true);
	if (rc < 0) {
		free(s);
		return rc;
	}
	*srtp = s;
	return 0;
}

void pc_srtp_free(struct pc_srtp *s)
{
	if (!s)
		return;
	direction_free(s->in);
	direction_free(s->out);
	free(s);
}

/* NULL: nothing of this source has been. */
static struct stream *find(struct direction *d, uint32_t ssrc)
{
	if (d->last < d->n && d->streams[d->last].ssrc == ssrc)
		return &d->streams[d->last];
	for (size_t i = 0; i < d->n; i++)
		if (d->streams[i].ssrc == ssrc) {
			d->last = i;
			return &d->streams[i];
		}
	return NULL;
}

/* Only for who has the key: anybody can invent sources. NULL: no room. */
static struct stream *add(struct direction *d, uint32_t ssrc)
{
	struct stream *s;

	if (d->n == d->room) {
		size_t room = d->room ? 2 * d->room : 1;

		s = room <= STREAMS_MAX
			    ? reallocarray(d->streams, room, sizeof(*s))
			    : NULL;
		if (!s)
			return NULL;
		d->streams = s;
		d->room = room;
	}
	d->last = d->n++;
	s = &d->streams[d->last];
	memset(s, 0, sizeof(*s));
	s->ssrc = ssrc;
	return s;
}

/* The header, with sources and extension; or -EINVAL: it leads outside. */
static ssize_t rtp_header(const uint8_t *buf, size_t len)
{
	size_t n = RTP_HEADER;

	if (len < n || buf[0] >> 6 != 2)
		return -EINVAL;
	n += 4 * (buf[0] & 0x0f);
	if (buf[0] & 0x10) {
		if (n + 4 > len)
			return -EINVAL;
		n += 4 + 4 * (size_t)pc_get16(buf + n + 2);
	}
	return n <= len ? (ssize_t)n : -EINVAL;
}

static void put_roc(uint8_t roc[4], int64_t index)
{
	pc_put32(roc, (uint32_t)(index >> 16));
}

/* RFC 7714 section 9.2 */
static void rtcp_aad(uint8_t aad[RTCP_AAD], const uint8_t *buf,
		     const uint8_t word[4])
{
	memcpy(aad, buf, RTCP_HEADER);
	memcpy(aad + RTCP_HEADER, word, 4);
}

/* --- what goes ----------------------------------------------------------- */

ssize_t pc_srtp_protect(struct pc_srtp *srtp, uint8_t *buf, size_t len)
{
	struct direction *d = srtp->out;
	ssize_t head = rtp_header(buf, len);
	uint8_t roc[4], tag[PC_SRTP_SHA1_TAG];
	struct stream *s;
	uint32_t ssrc;
	int64_t index;

	if (head < 0)
		return head;
	ssrc = pc_get32(buf + 8);
	s = find(d, ssrc);
	if (!s)
		s = add(d, ssrc);
	if (!s)
		return -EALREADY;
	/* A number used twice gives both packets away. */
	index = pc_replay_index(&s->rtp, pc_get16(buf + 2));
	if (index >= INDEX_LIMIT || pc_replay_check(&s->rtp, index) < 0)
		return -EALREADY;
	pc_replay_take(&s->rtp, index);
	if (d->gcm) {
		pc_srtp_seal(&d->rtp, ssrc, (uint64_t)index, buf, (size_t)head,
			     buf + head, len - (size_t)head);
		return (ssize_t)(len + PC_SRTP_GCM_TAG);
	}
	pc_srtp_ctr(&d->rtp, ssrc, (uint64_t)index, buf + head,
		    len - (size_t)head);
	put_roc(roc, index);
	pc_srtp_tag(&d->rtp, tag, buf, len, roc, sizeof(roc));
	memcpy(buf + len, tag, d->rtp_tag);
	return (ssize_t)(len + d->rtp_tag);
}

ssize_t pc_srtp_protect_rtcp(struct pc_srtp *srtp, uint8_t *buf, size_t len)
{
	struct direction *d = srtp->out;
	uint8_t aad[RTCP_AAD], word[4], tag[PC_SRTP_SHA1_TAG];
	struct stream *s;
	uint32_t ssrc, index;

	if (len < RTCP_HEADER || buf[0] >> 6 != 2)
		return -EINVAL;
	ssrc = pc_get32(buf + 4);
	s = find(d, ssrc);
	if (!s)
		s = add(d, ssrc);
	if (!s || s->rtcp_next & E_BIT)
		return -EALREADY;
	index = s->rtcp_next++;
	pc_put32(word, E_BIT | index);
	if (d->gcm) {
		rtcp_aad(aad, buf, word);
		pc_srtp_seal(&d->rtcp, ssrc, index, aad, sizeof(aad),
			     buf + RTCP_HEADER, len - RTCP_HEADER);
		len += PC_SRTP_GCM_TAG;
		memcpy(buf + len, word, sizeof(word));
		return (ssize_t)(len + sizeof(word));
	}
	pc_srtp_ctr(&d->rtcp, ssrc, index, buf + RTCP_HEADER,
		    len - RTCP_HEADER);
	memcpy(buf + len, word, sizeof(word));
	len += sizeof(word);
	pc_srtp_tag(&d->rtcp, tag, buf, len, NULL, 0);
	memcpy(buf + len, tag, d->rtcp_tag);
	return (ssize_t)(len + d->rtcp_tag);
}

/* --- what comes ---------------------------------------------------------- */

/* The name of the key, when packets have one, is the one we have. */
static bool right_key(const struct direction *d, const uint8_t *mki)
{
	return d->mki_len == 0 || memcmp(mki, d->mki, d->mki_len) == 0;
}

ssize_t pc_srtp_unprotect(struct pc_srtp *srtp, uint8_t *buf, size_t len)
{
	struct direction *d = srtp->in;
	ssize_t head = rtp_header(buf, len);
	size_t behind = d->mki_len + d->rtp_tag;
	uint8_t roc[4], tag[PC_SRTP_SHA1_TAG];
	struct stream *s, fresh = { 0 };
	uint32_t ssrc;
	int64_t index;

	if (head < 0 || (size_t)head + behind > len)
		return -EINVAL;
	len -= behind;
	ssrc = pc_get32(buf + 8);
	s = find(d, ssrc);
	index = pc_replay_index(s ? &s->rtp : &fresh.rtp, pc_get16(buf + 2));
	if (s && pc_replay_check(&s->rtp, index) < 0)
		return -EALREADY;
	if (!right_key(d, buf + len + (d->gcm ? d->rtp_tag : 0)))
		return -EBADMSG;
	if (d->gcm) {
		if (pc_srtp_open(&d->rtp, ssrc, (uint64_t)index, buf,
				 (size_t)head, buf + head,
				 len - (size_t)head) < 0)
			return -EBADMSG;
	} else {
		put_roc(roc, index);
		pc_srtp_tag(&d->rtp, tag, buf, len, roc, sizeof(roc));
		if (!memeql_sec(tag, buf + len + d->mki_len, d->rtp_tag))
			return -EBADMSG;
		pc_srtp_ctr(&d->rtp, ssrc, (uint64_t)index, buf + head,
			    len - (size_t)head);
	}
	if (!s)
		s = add(d, ssrc);
	if (!s)
		return -EBADMSG;
	pc_replay_take(&s->rtp, index);
	return (ssize_t)len;
}

ssize_t pc_srtp_unprotect_rtcp(struct pc_srtp *srtp, uint8_t *buf, size_t len)
{
	struct direction *d = srtp->in;
	uint8_t aad[RTCP_AAD], tag[PC_SRTP_SHA1_TAG], *word, *behind;
	struct stream *s;
	uint32_t ssrc, index;

	if (len < RTCP_HEADER + 4 + d->mki_len + d->rtcp_tag ||
	    buf[0] >> 6 != 2)
		return -EINVAL;
	len -= 4 + d->mki_len + d->rtcp_tag;
	word = buf + len + (d->gcm ? d->rtcp_tag : 0);
	behind = word + 4;
	if (!(pc_get32(word) & E_BIT)) /* it is agreed to be encrypted */
		return -EBADMSG;
	index = pc_get32(word) & ~E_BIT;
	ssrc = pc_get32(buf + 4);
	s = find(d, ssrc);
	if (s && pc_replay_check(&s->rtcp, index) < 0)
		return -EALREADY;
	if (!right_key(d, behind))
		return -EBADMSG;
	if (d->gcm) {
		rtcp_aad(aad, buf, word);
		if (pc_srtp_open(&d->rtcp, ssrc, index, aad, sizeof(aad),
				 buf + RTCP_HEADER, len - RTCP_HEADER) < 0)
			return -EBADMSG;
	} else {
		pc_srtp_tag(&d->rtcp, tag, buf, len + 4, NULL, 0);
		if (!memeql_sec(tag, behind + d->mki_len, d->rtcp_tag))
			return -EBADMSG;
		pc_srtp_ctr(&d->rtcp, ssrc, index, buf + RTCP_HEADER,
			    len - RTCP_HEADER);
	}
	if (!s)
		s = add(d, ssrc);
	if (!s)
		return -EBADMSG;
	pc_replay_take(&s->rtcp, index);
	return (ssize_t)len;
}
