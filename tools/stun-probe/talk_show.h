/* One message, for everybody who wants to see it. */
#ifndef STUN_PROBE_TALK_SHOW_H
#define STUN_PROBE_TALK_SHOW_H

#include "talk.h"

struct shown {
	const char *test;
	enum wire_kind kind;
	bool out;
	const struct pc_addr *local, *remote;
	const uint8_t *data;
	size_t len;
};

/* Into the packets of the run, --trace and --pcap, and with -v on stderr. */
void talk_show(const struct talk_env *env, const struct shown *message);

#endif
