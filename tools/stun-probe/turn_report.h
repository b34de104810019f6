/* What a TURN check found: for a person, as JSON, and as an exit status. */
#ifndef STUN_PROBE_TURN_REPORT_H
#define STUN_PROBE_TURN_REPORT_H

#include "base/buf.h"
#include "base/json.h"
#include "turn.h"

/*
 * 0: it relays both ways; PC_EXIT_NO: it refused, or data does not come
 * through; PC_EXIT_UNKNOWN: our own peer cannot reach the relay; or what an
 * Allocate that failed comes to.
 */
int turn_report_status(const struct turn *t);

/* Why it is not 0, in one line. */
void turn_report_failure(const struct turn *t, struct pc_buf *out);

void turn_report_text(const struct turn *t, struct pc_buf *out);
json_t *turn_report_json(const struct turn *t);

#endif
