#include <errno.h>
#include <string.h>

#include "base/bytes.h"
#include "stun/capture.h"

/* https://www.tcpdump.org/linktypes.html */
enum {
	LINK_NULL = 0,
	LINK_ETHERNET = 1,
	LINK_RAW_BSD = 12,
	LINK_RAW = 101,
	LINK_LOOP = 108,
	LINK_SLL = 113,
	LINK_IPV4 = 228,
	LINK_IPV6 = 229,
	LINK_SLL2 = 276,
};

#define INTERFACES_MAX 64

struct reader {
	const uint8_t *data;
	size_t len;
	bool swapped; /* the writer's byte order is not the network's */
	uint32_t link[INTERFACES_MAX];
	unsigned n_links;
	pc_capture_fn *fn;
	void *arg;
	struct pc_capture_payload payload;
	struct pc_capture_unread *unread;
};

static uint16_t word16(const struct reader *r, size_t at)
{
	uint16_t v = pc_get16(r->data + at);

	return r->swapped ? (uint16_t)(v << 8 | v >> 8) : v;
}

static uint32_t word32(const struct reader *r, size_t at)
{
	uint32_t v = pc_get32(r->data + at);

	return r->swapped ? __builtin_bswap32(v) : v;
}

/* --- a frame ---------------------------------------------------------- */

static void take_transport(struct reader *r, unsigned protocol,
			   const uint8_t *p, size_t len)
{
	struct pc_capture_payload *out = &r->payload;
	size_t header = 8;

	if (protocol == 17 && len >= 8) {
		size_t whole = pc_get16(p + 4);

		if (whole >= 8 && whole < len)
			len = whole; /* Ethernet pads */
	} else if (protocol == 6 && len >= 20) {
		header = (size_t)(p[12] >> 4) * 4;
		if (header < 20)
			return;
	} else {
		return;
	}
	if (len <= header)
		return;
	out->tcp = protocol == 6;
	pc_addr_set_port(&out->from, pc_get16(p));
	pc_addr_set_port(&out->to, pc_get16(p + 2));
	out->data = p + header;
	out->len = len - header;
	r->fn(r->arg, out);
}

static void set_ip(struct pc_addr *addr, const uint8_t *ip, bool v6)
{
	memset(addr, 0, sizeof(*addr));
	if (v6) {
		addr->in6.sin6_family = AF_INET6;
		memcpy(&addr->in6.sin6_addr, ip, 16);
		addr->len = sizeof(addr->in6);
	} else {
		addr->in.sin_family = AF_INET;
		memcpy(&addr->in.sin_addr, ip, 4);
		addr->len = sizeof(addr->in);
	}
}

static void take_ipv4(struct reader *r, const uint8_t *p, size_t len)
{
	size_t header, whole;

	if (len < 20)
		return;
	header = (size_t)(p[0] & 15) * 4;
	whole = pc_get16(p + 2);
	if (whole && whole < len)
		len = whole;
	if (header < 20 || header > len)
		return;
	if (pc_get16(p + 6) & 0x3fff) {
		r->unread->fragments++;
		return;
	}
	set_ip(&r->payload.from, p + 12, false);
	set_ip(&r->payload.to, p + 16, false);
	take_transport(r, p[9], p + header, len - header);
}

enum {
	IP6_HOP_BY_HOP = 0,
	IP6_ROUTING = 43,
	IP6_FRAGMENT = 44,
	IP6_AUTHENTICATION = 51,
	IP6_DESTINATION = 60
};

/* The length of an extension header, at least 8 bytes of it; 0 if it is none */
static size_t extension(unsigned type, const uint8_t *p)
{
	switch (type) {
	case IP6_HOP_BY_HOP:
	case IP6_ROUTING:
	case IP6_DESTINATION:
		return 8u + 8u * p[1];
	case IP6_FRAGMENT:
		return 8;
	case IP6_AUTHENTICATION:
		return 8u + 4u * p[1];
	default:
		return 0;
	}
}

/* Extension headers are stepped over. */
static void take_ipv6(struct reader *r, const uint8_t *p, size_t len)
{
	size_t at = 40, whole, step;
	unsigned next;

	if (len < 40)
		return;
	whole = 40u + pc_get16(p + 4);
	if (whole > 40 && whole < len)
		len = whole;
	next = p[6];
	while (at + 8 <= len && (step = extension(next, p + at)) > 0) {
		/* RFC 6946: one that is whole is no fragment */
		if (next == IP6_FRAGMENT && pc_get16(p + at + 2) & 0xfff9) {
			r->unread->fragments++;
			return;
		}
		next = p[at];
		at += step;
	}
	if (at > len)
		return;
	set_ip(&r->payload.from, p + 8, true);
	set_ip(&r->payload.to, p + 24, true);
	take_transport(r, next, p + at, len - at);
}

static void take_ip(struct reader *r, const uint8_t *p, size_t len)
{
	if (len && p[0] >> 4 == 4)
		take_ipv4(r, p, len);
	else if (len && p[0] >> 4 == 6)
		take_ipv6(r, p, len);
}

static bool is_ip_type(uint16_t type)
{
	return type == 0x0800 || type == 0x86dd;
}

static bool is_vlan(uint16_t type)
{
	return type == 0x8100 || type == 0x88a8 || type == 0x9100;
}

/* Where IP begins, or 0 when it is not IP (raw frames begin with it). */
static bool find_ip(uint32_t link, const uint8_t *p, size_t len, size_t *at)
{
	switch (link) {
	case LINK_RAW:
	case LINK_RAW_BSD:
	case LINK_IPV4:
	case LINK_IPV6:
		*at = 0;
		return true;
	case LINK_NULL:
	case LINK_LOOP:
		*at = 4;
		return true;
	case LINK_SLL2:
		*at = 20;
		return len >= 20 && is_ip_type(pc_get16(p));
	default: /* Ethernet, Linux cooked */
		*at = link == LINK_SLL ? 16 : 14;
		while (len >= *at && is_vlan(pc_get16(p + *at - 2)))
			*at += 4;
		return len >= *at && is_ip_type(pc_get16(p + *at - 2));
	}
}

static bool is_read(uint32_t link)
{
	switch (link) {
	case LINK_NULL:
	case LINK_ETHERNET:
	case LINK_RAW_BSD:
	case LINK_RAW:
	case LINK_LOOP:
	case LINK_SLL:
	case LINK_IPV4:
	case LINK_IPV6:
	case LINK_SLL2:
		return true;
	default:
		return false;
	}
}

static void take_frame(struct reader *r, uint32_t link, size_t at, size_t len)
{
	size_t ip;

	r->payload.number++;
	if (!is_read(link))
		r->unread->frames++;
	else if (find_ip(link, r->data + at, len, &ip) && ip <= len)
		take_ip(r, r->data + at + ip, len - ip);
}

/* --- pcap ------------------------------------------------------------- */

static int read_pcap(struct reader *r)
{
	size_t at = 24;
	uint32_t link;

	if (r->len < 24)
		return -EBADMSG;
	r->swapped = r->data[0] == 0xd4 || r->data[0] == 0x4d;
	link = word32(r, 20) & 0xffff;
	while (at + 16 <= r->len) {
		size_t len = word32(r, at + 8);

		at += 16;
		if (len > r->len - at)
			return -EBADMSG;
		take_frame(r, link, at, len);
		at += len;
	}
	return at == r->len ? 0 : -EBADMSG;
}

/* --- pcapng ----------------------------------------------------------- */

enum { SECTION = 0x0a0d0d0a, INTERFACE = 1, SIMPLE = 3, ENHANCED = 6 };

static void take_block(struct reader *r, uint32_t type, size_t at, size_t len)
{
	if (type == INTERFACE && len >= 20) {
		if (r->n_links < INTERFACES_MAX)
			r->link[r->n_links++] = word16(r, at + 8);
	} else if (type == ENHANCED && len >= 32) {
		uint32_t interface = word32(r, at + 8);
		size_t caught = word32(r, at + 20);

		if (interface < r->n_links && caught <= len - 32)
			take_frame(r, r->link[interface], at + 28, caught);
	} else if (type == SIMPLE && len >= 16 && r->n_links) {
		size_t whole = word32(r, at + 8);

		take_frame(r, r->link[0], at + 12,
			   whole < len - 16 ? whole : len - 16);
	}
}

static int read_pcapng(struct reader *r)
{
	size_t at = 0;

	while (at + 12 <= r->len) {
		uint32_t type = pc_get32(r->data + at);
		size_t len;

		if (type == SECTION) {
			r->swapped = pc_get32(r->data + at + 8) == 0x4d3c2b1a;
			r->n_links = 0;
		} else {
			type = word32(r, at);
		}
		len = word32(r, at + 4);
		if (len < 12 || len % 4 || len > r->len - at)
			return -EBADMSG;
		take_block(r, type, at, len);
		at += len;
	}
	return at == r->len ? 0 : -EBADMSG;
}

/* ---------------------------------------------------------------------- */

static bool is_pcap(const uint8_t *data)
{
	uint32_t magic = pc_get32(data);

	return magic == 0xa1b2c3d4 || magic == 0xd4c3b2a1 ||
	       magic == 0xa1b23c4d || magic == 0x4d3cb2a1;
}

bool pc_capture_is(const uint8_t *data, size_t len)
{
	return len >= 4 && (is_pcap(data) || pc_get32(data) == SECTION);
}

int pc_capture_each(const uint8_t *data, size_t len, pc_capture_fn *fn,
		    void *arg, struct pc_capture_unread *unread)
{
	struct reader r = {
		.data = data, .len = len, .fn = fn, .arg = arg, .unread = unread
	};

	*unread = (struct pc_capture_unread){ 0 };
	if (!pc_capture_is(data, len))
		return -EINVAL;
	return is_pcap(data) ? read_pcap(&r) : read_pcapng(&r);
}
