/* What was found: for a person, and as JSON. */
#ifndef STUN_PROBE_REPORT_H
#define STUN_PROBE_REPORT_H

#include "base/buf.h"
#include "base/json.h"
#include "talk.h"

/* The exit status that a result comes to. */
int report_status(const struct answer *r);

/* "nobody answered ..." for a result that is not VERDICT_ANSWER. */
void report_failure(const struct answer *r, struct pc_buf *out);

void report_text(const struct answer *r, struct pc_buf *out);
json_t *report_json(const struct answer *r);

/* Parts of these, for the other reports. */
const char *report_meaning(const struct answer *r);
void report_row(struct pc_buf *out, const char *name, const char *text);
void report_row_addr(struct pc_buf *out, const char *name,
		     const struct pc_addr *addr);
json_t *report_addr_json(const struct pc_addr *addr); /* NULL if absent */

#endif
