/*
 * rtp:...,to=HOST:PORT,codec=NAME,sdp=FILE - a leg that needs no describe: the
 * other side is a program that was told what to expect (ffmpeg, a player), and
 * FILE tells it. Of an srtp: leg it has the key that we send with, and there is
 * none to send to us with: such a leg only listens.
 */
#ifndef RTP_BRIDGE_RTP_TO_H
#define RTP_BRIDGE_RTP_TO_H

#include "sdes.h"

/*
 * Describe the leg as to= says, if it does. 0, or -errno said.
 *   sdes  its keys; NULL: it is not encrypted
 */
int rtp_to_open(struct leg *leg, const struct sdes *sdes);

#endif
