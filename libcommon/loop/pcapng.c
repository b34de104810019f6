#include "loop/pcapng.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/home.h"
#include "loop/fd.h"

enum {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_SECRETS = 10,
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET = 6,
	LINKTYPE_RAW = 101,
	OPTION_COMMENT = 1,
	OPTION_USERAPPL = 4,
	OPTION_IF_NAME = 2,
	SNAP = 65535,
	OUT_MAX = 64 * 1024,
	LATE_MAX = 1 << 20, /* of a host, which waits for no reader */
};

/* One direction of a TCP connection, for its running sequence number. */
struct stream {
	struct stream *next;
	struct pc_addr from, to;
	uint32_t sent;
};

struct pc_pcapng {
	int fd;
	struct pc_buf block;
	struct pc_buf out; /* blocks not written yet */
	struct stream *streams;
};

static void add32(struct pc_buf *b, uint32_t v)
{
	pc_buf_add(b, &v, sizeof(v));
}

static void add16(struct pc_buf *b, uint16_t v)
{
	pc_buf_add(b, &v, sizeof(v));
}

static void add16be(struct pc_buf *b, size_t v)
{
	add16(b, htons((uint16_t)v));
}

static void pad(struct pc_buf *b)
{
	static const char zeros[4];

	pc_buf_add(b, zeros, -b->len & 3);
}

static void add_option(struct pc_buf *b, uint16_t code, const char *text)
{
	size_t len = strlen(text);

	if (len > 60000)
		len = 60000;
	add16(b, code);
	add16(b, (uint16_t)len);
	pc_buf_add(b, text, len);
	pad(b);
	add32(b, 0); /* opt_endofopt */
}

static void begin(struct pc_buf *b, uint32_t type)
{
	pc_buf_clear(b);
	add32(b, type);
	add32(b, 0); /* total length, set by finish */
}

static int finish(struct pc_pcapng *f)
{
	struct pc_buf *b = &f->block;
	uint32_t total = (uint32_t)b->len + 4;

	add32(b, total);
	if (b->oom)
		return -ENOMEM;
	memcpy(b->data + 4, &total, 4);
	pc_buf_add(&f->out, b->data, b->len);
	return f->out.len < OUT_MAX ? 0 : pc_pcapng_flush(f);
}

static int flush_some(struct pc_pcapng *f)
{
	ssize_t n = pc_write_some(f->fd, f->out.data, f->out.len);

	if (n < 0)
		return (int)n;
	pc_buf_consume(&f->out, (size_t)n);
	return f->out.len > LATE_MAX ? -EAGAIN : 0;
}

int pc_pcapng_flush(struct pc_pcapng *f)
{
	int rc;

	if (!f->out.oom && pc_home_is_hosted())
		return flush_some(f);
	rc = f->out.oom ? -ENOMEM
			: pc_write_all(f->fd, f->out.data, f->out.len);

	pc_buf_clear(&f->out);
	return rc;
}

static int add_interface(struct pc_pcapng *f, const char *name)
{
	begin(&f->block, BLOCK_INTERFACE);
	add16(&f->block, LINKTYPE_RAW);
	add16(&f->block, 0);
	add32(&f->block, SNAP);
	add_option(&f->block, OPTION_IF_NAME, name);
	return finish(f);
}

int pc_pcapng_open(struct pc_pcapng **file, const char *path, const char *tool,
		   unsigned wait_ms)
{
	struct pc_pcapng *f = calloc(1, sizeof(*f));
	int rc;

	if (!f)
		return -ENOMEM;
	f->fd = pc_fd_from_path(path, 1);
	if (f->fd == -ENOENT)
		f->fd = pc_fd_open_write(path, O_TRUNC, 0600, wait_ms);
	if (f->fd < 0) {
		rc = f->fd;
		free(f);
		return rc;
	}
	begin(&f->block, BLOCK_SECTION);
	add32(&f->block, 0x1a2b3c4d); /* byte order */
	add16(&f->block, 1);          /* version 1.0 */
	add16(&f->block, 0);
	add32(&f->block, UINT32_MAX); /* section length: not said */
	add32(&f->block, UINT32_MAX);
	add_option(&f->block, OPTION_USERAPPL, tool);
	rc = finish(f);
	if (rc == 0)
		rc = add_interface(f, "wire");
	if (rc == 0)
		rc = add_interface(f, "clear");
	if (rc == 0)
		rc = pc_pcapng_flush(f);
	if (rc < 0) {
		pc_pcapng_close(f);
		return rc;
	}
	*file = f;
	return 0;
}

void pc_pcapng_close(struct pc_pcapng *f)
{
	if (!f)
		return;
	while (f->streams) {
		struct stream *s = f->streams;

		f->streams = s->next;
		free(s);
	}
	(void)pc_pcapng_flush(f);
	pc_buf_fini(&f->block);
	pc_buf_fini(&f->out);
	close(f->fd);
	free(f);
}

static struct stream *stream_of(struct pc_pcapng *f, const struct pc_addr *from,
				const struct pc_addr *to)
{
	struct stream *s;

	for (s = f->streams; s; s = s->next)
		if (pc_addr_equal(&s->from, from) && pc_addr_equal(&s->to, to))
			return s;
	s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->from = *from;
	s->to = *to;
	s->next = f->streams;
	f->streams = s;
	return s;
}

/* RFC 1071: the one's complement sum of an IPv4 header. */
static uint16_t checksum(const char *data, size_t len)
{
	uint32_t sum = 0;
	uint16_t word;

	for (size_t i = 0; i + 1 < len; i += 2) {
		memcpy(&word, data + i, 2);
		sum += word;
	}
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* RFC 791 section 3.1, RFC 8200 section 3. */
static void add_ip(struct pc_buf *b, const struct pc_addr *from,
		   const struct pc_addr *to, uint8_t protocol, size_t len)
{
	size_t start = b->len;
	uint16_t sum;

	if (from->sa.sa_family == AF_INET6) {
		add32(b, htonl(0x60000000));
		add16be(b, len);
		pc_buf_add(b, (uint8_t[]){ protocol, 64 }, 2);
		pc_buf_add(b, &from->in6.sin6_addr, 16);
		pc_buf_add(b, &to->in6.sin6_addr, 16);
		return;
	}
	add16be(b, 0x4500);
	add16be(b, 20 + len);
	add32(b, 0); /* identification, fragment */
	pc_buf_add(b, (uint8_t[]){ 64, protocol, 0, 0 }, 4);
	pc_buf_add(b, &from->in.sin_addr, 4);
	pc_buf_add(b, &to->in.sin_addr, 4);
	if (b->oom)
		return;
	sum = checksum(b->data + start, 20);
	memcpy(b->data + start + 10, &sum, 2);
}

static void add_udp(struct pc_buf *b, const struct pc_addr *from,
		    const struct pc_addr *to, size_t len)
{
	add_ip(b, from, to, IPPROTO_UDP, 8 + len);
	add16be(b, pc_addr_port(from));
	add16be(b, pc_addr_port(to));
	add16be(b, 8 + len);
	add16be(b, 0); /* checksum: none */
}

static void add_tcp(struct pc_pcapng *f, const struct pc_addr *from,
		    const struct pc_addr *to, size_t len)
{
	struct stream *out = stream_of(f, from, to);
	struct stream *in = stream_of(f, to, from);
	struct pc_buf *b = &f->block;

	add_ip(b, from, to, IPPROTO_TCP, 20 + len);
	add16be(b, pc_addr_port(from));
	add16be(b, pc_addr_port(to));
	add32(b, htonl(1 + (out ? out->sent : 0)));
	add32(b, htonl(1 + (in ? in->sent : 0)));
	add16be(b, 0x5018); /* 20 bytes of header, PSH and ACK */
	add16be(b, 65535);
	add32(b, 0);
	if (out)
		out->sent += (uint32_t)len;
}

int pc_pcapng_packet(struct pc_pcapng *f, uint64_t time_us,
		     const char *transport, const struct pc_addr *from,
		     const struct pc_addr *to, const void *data, size_t len,
		     const char *comment)
{
	struct pc_buf *b = &f->block;
	bool tcp = strcmp(transport, "tcp") == 0;
	size_t headers =
		(from->sa.sa_family == AF_INET6 ? 40 : 20) + (tcp ? 20 : 8);

	if (from->sa.sa_family != to->sa.sa_family)
		return -EINVAL;
	if (headers + len > SNAP)
		len = SNAP - headers;
	begin(b, BLOCK_PACKET);
	add32(b, comment ? 1 : 0); /* interface */
	add32(b, (uint32_t)(time_us >> 32));
	add32(b, (uint32_t)time_us);
	add32(b, (uint32_t)(headers + len));
	add32(b, (uint32_t)(headers + len));
	if (tcp)
		add_tcp(f, from, to, len);
	else
		add_udp(b, from, to, len);
	pc_buf_add(b, data, len);
	pad(b);
	if (comment)
		add_option(b, OPTION_COMMENT, comment);
	return finish(f);
}

/* A Decryption Secrets Block (section 4.7) of type "TLSK". */
int pc_pcapng_secret(struct pc_pcapng *f, const char *line)
{
	struct pc_buf *b = &f->block;
	size_t len = strlen(line);

	begin(b, BLOCK_SECRETS);
	add32(b, 0x544c534b);
	add32(b, (uint32_t)len + 1);
	pc_buf_add(b, line, len);
	pc_buf_adds(b, "\n");
	pad(b);
	return finish(f);
}
