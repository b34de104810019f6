/*
 * G.711: PCMU (mu-law) and PCMA (A-law), 8 bits a sample at 8000 Hz
 * (ITU-T G.711; RFC 3551 section 4.5.14).
 *
 *	pcm[i] = pc_ulaw_decode(payload[i]);
 */
#ifndef PC_MEDIA_G711_H
#define PC_MEDIA_G711_H

#include <stdint.h>

/* 14 and 13 bit values of the recommendation, shifted to 16 bits. */
int16_t pc_ulaw_decode(uint8_t code);
int16_t pc_alaw_decode(uint8_t code);
uint8_t pc_ulaw_encode(int16_t sample);
uint8_t pc_alaw_encode(int16_t sample);

#endif
