#include "required.h"

int required_check(const struct pc_sdp *sdp, struct pc_sdp_error *err)
{
	static const struct {
		char type;
		const char *what, *rfc;
	} table[] = {
		{ 'v', "the version", "RFC 8866 section 5.1" },
		{ 'o', "the origin", "RFC 8866 section 5.2" },
		{ 's', "the session's name", "RFC 8866 section 5.3" },
		{ 't', "the time it is active", "RFC 8866 section 5.9" },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (!pc_sdp_find(&sdp->session, table[i].type))
			return pc_sdp_fail(err, sdp->session.last, table[i].rfc,
					   "expected %c=, %s, among the "
					   "session's lines, which end here; "
					   "--lenient does without",
					   table[i].type, table[i].what);
	return 0;
}
