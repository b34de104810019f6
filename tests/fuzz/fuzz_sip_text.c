/*
 * SIP as text: what transports and the line look at before any parser does.
 * seeds: tests/fuzz/sip
 */
#include <stdlib.h>

#include "sip/text.h"

static void inside(const char *data, size_t len, struct pc_sip_span s)
{
	if (s.p && (s.p < data || s.p + s.len > data + len))
		abort();
}

static void headers(const char *data, size_t len, const char *name)
{
	struct pc_sip_span value, rest, one, param;
	size_t at = 0;

	while (pc_sip_text_header(data, len, name, &at, &value)) {
		inside(data, len, value);
		inside(data, len, pc_sip_text_uri(value));
		inside(data, len, pc_sip_text_first(value));
		if (pc_sip_text_param(value, "tag", &param))
			inside(data, len, param);
		rest = value;
		while (pc_sip_text_next(&rest, &one))
			inside(data, len, one);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const char *const names[] = { "Via", "From", "Contact",
					     "Route" };
	const char *data = (const char *)bytes;
	struct pc_buf out = { 0 };
	struct pc_sip_start start;
	struct pc_addr from;
	ssize_t whole = pc_sip_text_frame(data, len, 65536);

	if (whole > (ssize_t)len)
		abort();
	if (pc_sip_text_start(&start, data, len) == 0) {
		inside(data, len, start.method);
		inside(data, len, start.uri);
		inside(data, len, start.reason);
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		headers(data, len, names[i]);
	inside(data, len, pc_sip_text_body(data, len));
	if (pc_addr_parse(&from, "127.0.0.1:5060", 0) == 0)
		(void)pc_sip_text_received(&out, data, len, &from);
	pc_sip_text_reply(&out, data, len, 486, "Busy Here", "tag", NULL);
	pc_sip_text_summary(&out, data, len);
	pc_buf_fini(&out);
	return 0;
}
