/*
 * A description as JSON and back, without loss: byte for byte the same.
 *
 *	json_t *object = pc_sdp_to_json(sdp);
 *	rc = pc_sdp_from_json(object, &text, &err);  text: what sdp was
 *
 *	{"eol": "\r\n",
 *	 "session": [{"type": "v", "value": "0"},
 *		     {"type": "o", "username": "-", "id": "7", ...}],
 *	 "media": [{"lines": [
 *		{"type": "m", "media": "audio", "port": 9,
 *		 "proto": "UDP/TLS/RTP/SAVPF", "formats": ["111", "0"]},
 *		{"type": "a", "name": "rtpmap", "payload": 111,
 *		 "codec": "opus", "clock": 48000, "channels": 2},
 *		{"type": "a", "name": "rtcp-mux"}]}]}
 *
 * A line has members of its own where they give back its exact bytes, else
 * "value", which every line may have instead. What is no <letter>=<value> is
 * {"raw": "text"}, and what is not UTF-8 {"hex": "613d..."}. "eol" stands on
 * a line only when its ending is not the document's. Each fact stands once,
 * so that an edit by jq(1) cannot leave a stale copy behind.
 */
#ifndef PC_SDP_JSON_H
#define PC_SDP_JSON_H

#include "base/json.h"
#include "sdp/sdp.h"

/* NULL: out of memory. The caller owns it. */
json_t *pc_sdp_to_json(const struct pc_sdp *sdp);

/*
 * Append the description's text to text; parse it to have it.
 * Returns 0, -EBADMSG (err says which member of which line), or -ENOMEM.
 */
int pc_sdp_from_json(const json_t *object, struct pc_buf *text,
		     struct pc_sdp_error *err);

#endif
