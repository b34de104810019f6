/* Big-endian numbers in packets. */
#ifndef PC_BASE_BYTES_H
#define PC_BASE_BYTES_H

#include <stddef.h>
#include <stdint.h>

static inline uint16_t pc_get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t pc_get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

static inline void pc_put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void pc_put32(uint8_t *p, uint32_t v)
{
	pc_put16(p, (uint16_t)(v >> 16));
	pc_put16(p + 2, (uint16_t)v);
}

/* How many bytes bring len to a multiple of 4. */
static inline size_t pc_pad4(size_t len)
{
	return -len & 3;
}

#endif
