/*
 * --via SOCK: let a server do the work (serve.h), and seem to have done it.
 *
 * What this process was given goes to the server: words, folder, descriptors.
 * Then it waits for its exit status, and passes signals on. What may take long
 * to open, a FIFO that nobody reads yet, is opened here: nobody else waits.
 */
#ifndef RTP_BRIDGE_VIA_H
#define RTP_BRIDGE_VIA_H

#include "bridge.h"

/* The exit status. */
int via_run(const struct config *cfg, int argc, char **argv);

#endif
