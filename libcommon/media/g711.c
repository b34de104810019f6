/* G.711; see g711.h. */
#include "media/g711.h"

/*
 *	mu-law  s eee mmmm, all inverted; value ((m * 2 + 33) << e) - 33, 14 bit
 *	A-law   s eee mmmm, even bits inverted; value m * 2 + 1 in the lowest
 *	        segment, else (m * 2 + 33) << (e - 1), 13 bit
 */
enum { ULAW_BIAS = 33, ULAW_CLIP = 8158, ALAW_INVERT = 0x55 };

int16_t pc_ulaw_decode(uint8_t code)
{
	uint8_t c = (uint8_t)~code;
	int e = (c >> 4) & 7, m = c & 15;
	int v = (((m << 1) + ULAW_BIAS) << e) - ULAW_BIAS;

	return (int16_t)((c & 0x80 ? -v : v) * 4);
}

int16_t pc_alaw_decode(uint8_t code)
{
	uint8_t c = code ^ ALAW_INVERT;
	int e = (c >> 4) & 7, m = c & 15;
	int v = e == 0 ? (m << 1) + 1 : ((m << 1) + 33) << (e - 1);

	return (int16_t)((c & 0x80 ? v : -v) * 8); /* here 1 is positive */
}

/* The segment of v: how often it halves before it is under limit. */
static int segment(int v, int limit)
{
	int e = 0;

	while (e < 7 && v >= limit << e)
		e++;
	return e;
}

uint8_t pc_ulaw_encode(int16_t sample)
{
	int v = sample < 0 ? -(int)sample >> 2 : sample >> 2;
	int e;

	if (v > ULAW_CLIP)
		v = ULAW_CLIP;
	v += ULAW_BIAS;
	e = segment(v, 64);
	return (uint8_t) ~((sample < 0 ? 0x80 : 0) | e << 4 |
			   ((v >> (e + 1)) & 15));
}

uint8_t pc_alaw_encode(int16_t sample)
{
	int v = sample < 0 ? ~(int)sample >> 3 : sample >> 3;
	int e = segment(v, 32);
	int m = e == 0 ? v >> 1 : v >> e;

	return (uint8_t)(((sample < 0 ? 0 : 0x80) | e << 4 | (m & 15)) ^
			 ALAW_INVERT);
}
