/*
 * SIP messages through osip2's parser and our checks: what is let through can
 * be answered, summed up and written again.
 * seeds: tests/fuzz/sip
 */

#include "sip/msg.h"

static void use(osip_message_t *msg)
{
	osip_message_t *response = NULL;
	char text[128], *written;
	size_t len;

	(void)pc_sip_summary(msg, text, sizeof(text));
	(void)pc_sip_body(msg, "application/sdp", &len);
	(void)pc_sip_header(msg, "subject", 0);
	(void)pc_sip_tag(msg->from);
	(void)pc_sip_branch(msg);
	(void)pc_sip_cseq(msg);
	written = pc_sip_text(msg, &len);
	osip_free(written); /* a macro that looks at it three times */
	if (MSG_IS_REQUEST(msg) &&
	    pc_sip_response_new(&response, msg, 180, NULL, "tag") == 0)
		osip_message_free(response);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	osip_message_t *msg = NULL;
	const char *why;

	pc_sip_init();
	(void)pc_sip_parse(&msg, (const char *)data, len, &why);
	if (msg) {
		use(msg);
		osip_message_free(msg);
	}
	return 0;
}
