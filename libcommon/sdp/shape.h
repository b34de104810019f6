/*
 * The lines whose parts have names: text to members of a JSON object, and
 * back to the same bytes. Private to libcommon/sdp.
 *
 *	"{payload:d} {codec:w}/{clock:d}" and "111 opus/48000"
 *	-> {"payload": 111, "codec": "opus", "clock": 48000}
 *
 * {name:d} a number without leading zeros   {name:w} up to the character that
 * follows in the shape, no space   {name:r} the rest   {name:l} the rest as a
 * list of words, one space between.
 */
#ifndef PC_SDP_SHAPE_H
#define PC_SDP_SHAPE_H

#include "base/buf.h"
#include "base/json.h"

/*
 * Take value apart into object by the shapes of key: a type letter, or for
 * attributes "a:name". false: none fits exactly, object is as it was.
 */
bool pc_sdp_shape_read(json_t *object, const char *key, const char *value);

/*
 * Put it together again: the first shape of key that has all its members in
 * object. false: there is none.
 */
bool pc_sdp_shape_write(const json_t *object, const char *key,
			struct pc_buf *value);

#endif
