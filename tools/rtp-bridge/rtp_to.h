/*
 * rtp:...,to=HOST:PORT,codec=NAME,sdp=FILE - a leg that needs no describe: the
 * other side is a program that was told what to expect (ffmpeg, a player), and
 * FILE tells it.
 */
#ifndef RTP_BRIDGE_RTP_TO_H
#define RTP_BRIDGE_RTP_TO_H

#include "bridge.h"

/* Describe the leg as to= says, if it does. 0, or -errno said. */
int rtp_to_open(struct leg *leg);

#endif
