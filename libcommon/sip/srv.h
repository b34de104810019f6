/*
 * In which order the targets of SRV records are tried (RFC 2782). Pure.
 */
#ifndef PC_SIP_SRV_H
#define PC_SIP_SRV_H

#include <stddef.h>
#include <stdint.h>

struct pc_sip_srv {
	uint16_t priority, weight, port;
	char host[256];
};

/* A random number from 0 to max, both included. */
typedef uint32_t pc_sip_random_fn(uint32_t max);

/*
 * Sort: lowest priority first; among those of one priority, each next one is
 * drawn with a chance in proportion to its weight.
 */
void pc_sip_srv_order(struct pc_sip_srv *records, size_t n,
		      pc_sip_random_fn *random);

#endif
