/*
 * Descriptions and fragments: whatever is parsed is written back byte for
 * byte; whatever can be converted gives a description again.
 * seeds: tests/data/sdp
 */
#include <stdlib.h>
#include <string.h>

#include "sdp/convert.h"
#include "sdp/ice.h"
#include "sdp/media.h"
#include "sdp/sdp.h"

static void read_all(const struct pc_sdp *sdp)
{
	struct pc_sdp_media m;
	struct pc_sdp_ice ice;
	struct pc_sdp_section *s;

	pc_sdp_ice_read(&ice, sdp, NULL);
	for (s = sdp->media; s; s = s->next) {
		(void)pc_sdp_media_read(&m, sdp, s, NULL);
		pc_sdp_ice_read(&ice, sdp, s);
	}
}

static void must_parse(const struct pc_sdp *sdp)
{
	struct pc_buf out = { 0 };
	struct pc_sdp *again = NULL;

	pc_sdp_write(sdp, &out);
	if (pc_sdp_parse(&again, out.data, out.len, 0, NULL) != 0)
		abort();
	pc_sdp_free(again);
	pc_buf_fini(&out);
}

static void convert(const char *data, size_t len, enum pc_sdp_to to)
{
	struct pc_sdp_convert how = { .to = to };
	struct pc_sdp *sdp;

	if (pc_sdp_parse(&sdp, data, len, 0, NULL) != 0)
		return;
	if (pc_sdp_convert(sdp, &how, NULL) == 0)
		must_parse(sdp);
	pc_sdp_free(sdp);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct pc_buf out = { 0 };
	struct pc_sdp_error err;
	struct pc_sdp *sdp;
	unsigned flags;

	for (flags = 0; flags <= PC_SDP_FRAGMENT; flags++) {
		if (pc_sdp_parse(&sdp, (const char *)data, len, flags, &err)) {
			pc_sdp_error_text(&err, &out);
			pc_buf_clear(&out);
			continue;
		}
		pc_sdp_write(sdp, &out);
		if (out.len != len || memcmp(out.data, data, len) != 0)
			abort();
		pc_buf_clear(&out);
		read_all(sdp);
		pc_sdp_free(sdp);
	}
	pc_buf_fini(&out);
	convert((const char *)data, len, PC_SDP_TO_SIP);
	convert((const char *)data, len, PC_SDP_TO_WEBRTC);
	return 0;
}
