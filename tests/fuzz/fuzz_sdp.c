/*
 * Any bytes as a description and as a fragment: what is taken is written back
 * byte for byte, also by way of JSON, and can be judged, explained, compared
 * and edited. (fuzz_sdp_convert.c converts it.)
 *
 * seeds: tests/data/sdp
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sdp/diff.h"
#include "sdp/explain.h"
#include "sdp/ice.h"
#include "sdp/json.h"
#include "sdp/judge.h"
#include "sdp/media.h"
#include "sdp/set.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct pc_sdp *parse(const void *data, size_t size, unsigned flags)
{
	struct pc_sdp *sdp = NULL;

	return pc_sdp_parse(&sdp, data, size, flags, NULL) ? NULL : sdp;
}

/* JSON and back is the same bytes. */
static void check_json(const struct pc_sdp *sdp, const uint8_t *data,
		       size_t size)
{
	json_t *object = pc_sdp_to_json(sdp);
	struct pc_buf out = { 0 };

	if (!object || pc_sdp_from_json(object, &out, NULL) ||
	    out.len != size || (size && memcmp(out.data, data, size) != 0))
		abort();
	json_decref(object);
	pc_buf_fini(&out);
}

/* Judged by itself and as both of a pair; what is found has its reason. */
static void on_finding(void *arg, enum pc_sdp_severity severity,
		       const struct pc_sdp_error *err)
{
	(void)arg;
	(void)severity;
	if (!err->rfc || !err->what[0])
		abort();
}

static void judge(const struct pc_sdp *sdp)
{
	struct pc_sdp_judge j = { .fn = on_finding };

	pc_sdp_grammar(sdp, &j);
	pc_sdp_check(sdp, &j);
	pc_sdp_check_pair(sdp, sdp, &j);
}

/* Written again it is the same; all that can be read is read. */
static void check_model(const uint8_t *data, size_t size, unsigned flags)
{
	struct pc_sdp *sdp = parse(data, size, flags);
	const struct pc_sdp_section *s;
	struct pc_sdp_media m;
	struct pc_sdp_ice ice;
	struct pc_buf out = { 0 };

	if (!sdp)
		return;
	pc_sdp_write(sdp, &out);
	if (out.len != size || (size && memcmp(out.data, data, size) != 0))
		abort();
	pc_buf_fini(&out);
	check_json(sdp, data, size);
	judge(sdp);
	for (s = sdp->media; s; s = s->next) {
		pc_sdp_media_read(&m, sdp, s, NULL);
		pc_sdp_ice_read(&ice, sdp, s);
	}
	pc_sdp_ice_read(&ice, sdp, NULL);
	pc_sdp_free(sdp);
}

static void ignore(void *arg, int section, const char *what, const char *before,
		   const char *after)
{
	(void)section;
	(void)before;
	(void)after;
	if (!what)
		abort();
	++*(unsigned *)arg;
}

/* Compared with itself nothing differs; edited it can still be written. */
static void check_use(const uint8_t *data, size_t size)
{
	struct pc_sdp *sdp = parse(data, size, PC_SDP_LENIENT);
	struct pc_buf out = { 0 };
	unsigned different = 0;

	if (!sdp)
		return;
	if (pc_sdp_diff(sdp, sdp, ignore, &different) || different)
		abort();
	pc_sdp_explain(sdp, &out);
	pc_sdp_set(sdp, "a=ptime:20", NULL);
	pc_sdp_set(sdp, "audio/a=rtpmap:96 x/1", NULL);
	pc_sdp_delete(sdp, "a=mid", NULL);
	pc_sdp_set_address(sdp, "[2001:db8::5]:4000", NULL);
	pc_buf_clear(&out);
	pc_sdp_write(sdp, &out);
	pc_buf_fini(&out);
	pc_sdp_free(sdp);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_model(data, size, 0);
	check_model(data, size, PC_SDP_FRAGMENT);
	check_model(data, size, PC_SDP_LENIENT);
	check_use(data, size);
	return 0;
}
