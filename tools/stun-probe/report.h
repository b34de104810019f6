/* What was found: for a person, and as JSON. */
#ifndef STUN_PROBE_REPORT_H
#define STUN_PROBE_REPORT_H

#include "base/buf.h"
#include "base/json.h"
#include "probe.h"

/* The exit status that a result comes to. */
int report_status(const struct probe_result *r);

/* "nobody answered ..." for a result that is not PROBE_MAPPED. */
void report_failure(const struct probe_result *r, struct pc_buf *out);

void report_text(const struct probe_result *r, struct pc_buf *out);
json_t *report_json(const struct probe_result *r);

#endif
