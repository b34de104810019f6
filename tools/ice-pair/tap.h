/*
 * What libnice sends and receives: for the table of checks (checks.h), and for
 * --trace and --pcap.
 *
 * libnice offers no hook for it, and its sockets are its own. So tap.c
 * defines those functions of GLib through which all of them go,
 * g_socket_send_message and its kin: the dynamic linker looks in the program
 * before it looks in libgio, and libnice's calls come here. Each calls GLib's
 * own function and then, only between tap_start and tap_stop, reports what
 * went by. This is LD_PRELOAD's trick without the environment variable.
 *
 * STUN becomes `message` lines, also where a TURN channel or a Send or Data
 * indication carries it. DTLS and RTP are many, and go to --pcap alone. What
 * goes by TCP is in --pcap as the stream it is.
 */
#ifndef ICE_PAIR_TAP_H
#define ICE_PAIR_TAP_H

#include <stdbool.h>

/* libnice's name for what sends its checks, one each Ta. */
#define TAP_CHECKS_SOURCE "Connectivity check schedule"

struct checks;
struct pc_tool;

/* Report to the table, and to the tool's --trace and --pcap. */
void tap_start(struct pc_tool *tool, struct checks *checks);
void tap_stop(void); /* before these are gone */

bool tap_undecided(void); /* checks_undecided of that table */

#endif
