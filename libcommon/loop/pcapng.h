/*
 * Write a pcapng file (draft-ietf-opsawg-pcapng) that Wireshark opens: IP
 * packets (LINKTYPE_RAW) made from payloads and the addresses they went by.
 *
 *	Section Header | Interface Description, twice | Enhanced Packet ...
 *
 * TCP payloads are given running sequence numbers per direction, so that
 * Wireshark can follow the stream. Sections may be concatenated: the captures
 * of several tools become one with cat(1) (mergecap sorts them by time).
 */
#ifndef PC_LOOP_PCAPNG_H
#define PC_LOOP_PCAPNG_H

#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

struct pc_pcapng;

/*
 * Create path with a section header naming tool; a FIFO nobody reads is waited
 * for, up to wait_ms (-ENXIO). 0 or -errno.
 */
int pc_pcapng_open(struct pc_pcapng **file, const char *path, const char *tool,
		   unsigned wait_ms);
void pc_pcapng_close(struct pc_pcapng *file);

/*
 * Write what is still in memory (blocks are collected, up to 64 KiB, since a
 * write per packet costs more than the packet). 0 or -errno.
 */
int pc_pcapng_flush(struct pc_pcapng *file);

/*
 * One packet at wall clock time_us. transport is "udp" or "tcp". comment is
 * NULL, or says what it is that never went by a socket so ("decrypted", ...):
 * such packets are of the interface "clear", all others of "wire" (of which each
 * section has both: tshark 4.0 takes their names from the first). from and to
 * are of one family.
 * 0 or -errno (-ENOSPC ...).
 */
int pc_pcapng_packet(struct pc_pcapng *file, uint64_t time_us,
		     const char *transport, const struct pc_addr *from,
		     const struct pc_addr *to, const void *data, size_t len,
		     const char *comment);

/* TLS secrets (a line of an SSLKEYLOGFILE), for what comes after. 0 or -errno. */
int pc_pcapng_secret(struct pc_pcapng *file, const char *line);

#endif
