/*
 * Packets of the line between sip-register and sip-dial.
 * seeds: tests/fuzz/line
 */
#include <stdlib.h>
#include <string.h>

#include "sip/line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct pc_line_packet packet;
	char *copy = malloc(len + 1);

	if (!copy)
		return 0;
	memcpy(copy, data, len);
	copy[len] = '\0';
	if (pc_line_decode(&packet, copy, len) == 0) {
		if (packet.body && packet.body + packet.len > copy + len)
			abort();
		json_decref(packet.head);
	}
	free(copy);
	return 0;
}
