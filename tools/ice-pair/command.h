/*
 * A command over the path, as UCSPI has it for TCP: its stdin is what comes,
 * what it writes to stdout goes, and its environment says who is there.
 *
 *	PROTO=ICE ICELOCALIP ICELOCALPORT ICELOCALTYPE
 *	ICEREMOTEIP ICEREMOTEPORT ICEREMOTETYPE ICETRANSPORT
 */
#ifndef ICE_PAIR_COMMAND_H
#define ICE_PAIR_COMMAND_H

#include <stdbool.h>
#include <sys/types.h>

#include "ice.h"

/*
 * Start it, in a process group of its own, so that all it starts can be ended.
 *   argv   the command; ends with NULL
 *   seq    its stdin and stdout keep datagrams apart (SOCK_SEQPACKET): what a
 *          read(2) does not take of one is lost. Else they are streams.
 *   in     set to where its output is read, out to where its input goes
 * Returns its pid or -errno. That it cannot be executed is its exit status,
 * 127, after one line.
 */
pid_t command_start(const char *const *argv, bool seq,
		    const struct ice_pair *pair, int *in, int *out);

#endif
