/* What a NAT test found: for a person, as JSON, and as an exit status. */
#ifndef STUN_PROBE_NAT_REPORT_H
#define STUN_PROBE_NAT_REPORT_H

#include "base/buf.h"
#include "base/json.h"
#include "nat.h"

/*
 * 0: the mapping is the same for all; PC_EXIT_NO: it is not; PC_EXIT_UNKNOWN;
 * or what the first server's failure comes to.
 */
int nat_report_status(const struct nat *nat);

void nat_report_text(const struct nat *nat, struct pc_buf *out);
json_t *nat_report_json(const struct nat *nat);

#endif
