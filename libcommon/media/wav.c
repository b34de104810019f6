/* WAV files of 16-bit PCM; see wav.h. */
#include "media/wav.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/home.h"

enum {
	TAG_PCM = 1,
	TAG_EXTENSIBLE = 0xfffe,
	HEADER_SIZE = 44,
};

static uint32_t le32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

static unsigned le16(const uint8_t *p)
{
	return p[0] | (unsigned)p[1] << 8;
}

static void put_le32(uint8_t *p, uint32_t v)
{
	p[0] = v;
	p[1] = v >> 8;
	p[2] = v >> 16;
	p[3] = v >> 24;
}

static void put_le16(uint8_t *p, unsigned v)
{
	p[0] = v;
	p[1] = v >> 8;
}

static bool skip(FILE *f, uint32_t n)
{
	uint8_t junk[512];

	while (n > 0) {
		size_t want = n < sizeof(junk) ? n : sizeof(junk);

		if (fread(junk, 1, want, f) != want)
			return false;
		n -= want;
	}
	return true;
}

/* The fmt chunk: tag, channels, rate, byte rate, block, bits, extension. */
static int read_format(struct pc_wav_reader *r, uint32_t size)
{
	uint8_t b[40];
	size_t n = size < sizeof(b) ? size : sizeof(b);
	unsigned tag;

	if (size < 16 || fread(b, 1, n, r->file) != n ||
	    !skip(r->file, size - n + (size & 1)))
		return -EBADMSG;
	tag = le16(b);
	if (tag == TAG_EXTENSIBLE && n >= 26)
		tag = le16(b + 24); /* the sub-format GUID begins with it */
	r->channels = le16(b + 2);
	r->rate_hz = le32(b + 4);
	if (tag != TAG_PCM || le16(b + 14) != 16 || r->channels < 1 ||
	    r->channels > 2 || r->rate_hz < 8000 || r->rate_hz > 48000)
		return -ENOTSUP;
	return 0;
}

static int read_chunks(struct pc_wav_reader *r)
{
	uint8_t b[12];
	int rc;

	if (fread(b, 1, 12, r->file) != 12 || memcmp(b, "RIFF", 4) != 0 ||
	    memcmp(b + 8, "WAVE", 4) != 0)
		return -EBADMSG;
	while (fread(b, 1, 8, r->file) == 8) {
		uint32_t size = le32(b + 4);

		if (memcmp(b, "data", 4) == 0) {
			r->left = size == 0 ? UINT32_MAX : size;
			return r->rate_hz ? 0 : -EBADMSG;
		}
		if (memcmp(b, "fmt ", 4) == 0) {
			rc = read_format(r, size);
			if (rc < 0)
				return rc;
		} else if (size == UINT32_MAX ||
			   !skip(r->file, size + (size & 1))) {
			return -EBADMSG;
		}
	}
	return -EBADMSG;
}

/* Never waits: a FIFO would have us wait for its other end. */
static int open_file(const char *path, int flags)
{
	char room[PC_HERE];
	int fd =
		open(pc_here(path, room), flags | O_CLOEXEC | O_NONBLOCK, 0666);
	struct stat st;

	if (fd < 0)
		return errno == ENXIO ? -ENODEV : -errno;
	if (fstat(fd, &st) == 0 && (S_ISREG(st.st_mode) || S_ISCHR(st.st_mode)))
		return fd;
	close(fd);
	return -ENODEV;
}

/* Of a regular file; one without locks (NFS) is let be. 0 or -EBUSY. */
static int lock(int fd, int how, off_t *size)
{
	struct stat st;

	*size = 0;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	*size = st.st_size;
	return flock(fd, how | LOCK_NB) < 0 && errno == EWOULDBLOCK ? -EBUSY
								    : 0;
}

int pc_wav_claim(const char *path, bool *stale)
{
	int fd = open_file(path, O_WRONLY | O_CREAT);
	off_t size;
	int rc;

	if (fd < 0)
		return fd;
	rc = lock(fd, LOCK_EX, &size);
	*stale = size > 0;
	if (rc == 0)
		return fd;
	close(fd);
	return rc;
}

int pc_wav_open(struct pc_wav_reader *r, const char *path)
{
	off_t size;
	int fd, rc;

	memset(r, 0, sizeof(*r));
	fd = open_file(path, O_RDONLY);
	if (fd < 0)
		return fd;
	rc = lock(fd, LOCK_SH, &size);
	if (rc == 0)
		r->file = fdopen(fd, "rb");
	if (!r->file) {
		rc = rc < 0 ? rc : -errno;
		close(fd);
		return rc;
	}
	rc = read_chunks(r);
	if (rc < 0) {
		fclose(r->file);
		r->file = NULL;
	}
	return rc;
}

size_t pc_wav_read(struct pc_wav_reader *r, int16_t *pcm, int16_t *right,
		   size_t n)
{
	size_t done = 0;
	unsigned frame = 2 * r->channels;

	while (r->file && done < n && r->left >= frame) {
		uint8_t b[4];
		int a, z;

		if (fread(b, 1, frame, r->file) != frame) {
			r->left = 0;
			break;
		}
		if (r->left != UINT32_MAX)
			r->left -= frame;
		a = (int16_t)le16(b);
		z = r->channels == 1 ? a : (int16_t)le16(b + 2);
		if (right)
			right[done] = (int16_t)z;
		pcm[done++] = (int16_t)(right ? a : (a + z) / 2);
	}
	return done;
}

void pc_wav_reader_fini(struct pc_wav_reader *r)
{
	if (r->file)
		fclose(r->file);
	r->file = NULL;
}

static int write_header(struct pc_wav_writer *w)
{
	uint8_t h[HEADER_SIZE] = "RIFF....WAVEfmt ";
	ssize_t n;

	put_le32(h + 4, w->data_bytes + HEADER_SIZE - 8);
	put_le32(h + 16, 16);
	put_le16(h + 20, TAG_PCM);
	put_le16(h + 22, w->channels);
	put_le32(h + 24, w->rate_hz);
	put_le32(h + 28, w->rate_hz * 2 * w->channels);
	put_le16(h + 32, 2 * w->channels);
	put_le16(h + 34, 16);
	memcpy(h + 36, "data", 4);
	put_le32(h + 40, w->data_bytes);
	n = pwrite(w->fd, h, sizeof(h), 0);
	if (n == (ssize_t)sizeof(h)) {
		w->noted_bytes = w->data_bytes;
		return 0;
	}
	return n < 0 ? -errno : -ENOSPC;
}

int pc_wav_create(struct pc_wav_writer *w, const char *path, unsigned rate_hz,
		  unsigned channels)
{
	int rc;

	memset(w, 0, sizeof(*w));
	w->rate_hz = rate_hz;
	w->channels = channels;
	w->fd = open_file(path, O_WRONLY | O_CREAT | O_TRUNC);
	if (w->fd < 0)
		return w->fd;
	rc = write_header(w);
	if (rc == 0 && lseek(w->fd, HEADER_SIZE, SEEK_SET) < 0)
		rc = -errno;
	if (rc < 0) {
		close(w->fd);
		w->fd = -1;
	}
	return rc;
}

int pc_wav_flush(struct pc_wav_writer *w)
{
	int rc;

	if (w->used == 0 && w->noted_bytes == w->data_bytes)
		return 0;
	if (w->data_bytes > UINT32_MAX - HEADER_SIZE - sizeof(w->pending))
		return -EFBIG;
	for (size_t i = 0; i < w->used; i++) /* to little-endian, in place */
		put_le16((uint8_t *)&w->pending[i], (uint16_t)w->pending[i]);
	rc = pc_write_all(w->fd, w->pending, w->used * 2);
	if (rc < 0)
		return rc;
	w->data_bytes += w->used * 2;
	w->used = 0;
	return write_header(w);
}

int pc_wav_write(struct pc_wav_writer *w, const int16_t *pcm, size_t n)
{
	const size_t cap = sizeof(w->pending) / sizeof(w->pending[0]);

	while (n > 0) {
		size_t m = n < cap - w->used ? n : cap - w->used;
		int rc;

		memcpy(w->pending + w->used, pcm, m * 2);
		w->used += m;
		pcm += m;
		n -= m;
		if (w->used < cap)
			continue;
		rc = pc_wav_flush(w);
		if (rc < 0) {
			w->used = 0;
			return rc;
		}
	}
	return 0;
}

int pc_wav_writer_fini(struct pc_wav_writer *w)
{
	int rc;

	if (w->fd < 0)
		return 0;
	rc = pc_wav_flush(w);
	if (close(w->fd) < 0 && rc == 0)
		rc = -errno;
	w->fd = -1;
	return rc;
}
