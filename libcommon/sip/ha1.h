/*
 * A file of hashes in the place of passwords (digest.h), as htdigest(1) makes
 * it: USER:REALM:HASH, one a line.
 *
 *	struct pc_sip_ha1_file hashes = { 0 };
 *	status = pc_sip_ha1_read(&hashes, "--ha1-file ", path);
 *	credentials.ha1 = hashes.list, credentials.n_ha1 = hashes.n
 */
#ifndef PC_SIP_HA1_H
#define PC_SIP_HA1_H

#include "sip/digest.h"

struct pc_sip_ha1_file {
	struct pc_sip_ha1 *list; /* borrows the file, which stays in memory */
	size_t n;
};

/*
 * Read it. -1, or the exit status (PC_EXIT_DATA, PC_EXIT_NOINPUT): it has been
 * said why, after the option's name.
 */
int pc_sip_ha1_read(struct pc_sip_ha1_file *file, const char *option,
		    const char *path);

#endif
