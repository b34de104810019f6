/* RTP, RTCP and telephone-events. */
#include <stdlib.h>
#include <string.h>

#include "media/event.h"
#include "media/rtcp.h"
#include "media/rtp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct pc_rtcp_reader reader;
	struct pc_rtcp rtcp;
	struct pc_tel_event event;
	struct pc_rtp rtp;
	uint8_t *copy = malloc(len ? len : 1);

	if (!copy)
		return 0;
	memcpy(copy, data, len);
	if (pc_rtp_decode(&rtp, copy, len) == 0) {
		if (rtp.payload < copy + PC_RTP_HEADER ||
		    rtp.payload + rtp.payload_len > copy + len)
			abort();
		(void)pc_tel_event_decode(&event, rtp.payload, rtp.payload_len);
	}
	pc_rtcp_begin(&reader, copy, len);
	while (pc_rtcp_next(&reader, &rtcp) > 0)
		if (rtcp.n_blocks > PC_RTCP_BLOCKS_MAX)
			abort();
	free(copy);
	return 0;
}
