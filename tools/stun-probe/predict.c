#include "judge.h"
#include "predict.h"

/* Does a check of x get in at y, for one behaviour of each? */
static bool gets_in(unsigned x_mapping, unsigned x_filtering,
		    unsigned y_mapping, unsigned y_filtering)
{
	/* y answers from another port than x sent to: x must allow that */
	if (y_filtering == ENDPOINT_INDEPENDENT)
		return y_mapping == ENDPOINT_INDEPENDENT ||
		       x_filtering != ADDRESS_AND_PORT_DEPENDENT;
	/* y has sent to x through a mapping that x does not know */
	if (y_mapping != ENDPOINT_INDEPENDENT)
		return false;
	/* x's packets come from its known address, but from which port? */
	if (y_filtering == ADDRESS_DEPENDENT)
		return true;
	return x_mapping == ENDPOINT_INDEPENDENT;
}

static bool connects(unsigned am, unsigned af, unsigned bm, unsigned bf)
{
	return gets_in(am, af, bm, bf) || gets_in(bm, bf, am, af);
}

enum prediction predict(const struct side *a, const struct side *b)
{
	bool yes = false, no = false;

	/* four sets of three behaviours: 81 cases */
	for (unsigned i = 0; i < 81; i++) {
		unsigned am = 1u << i % 3, af = 1u << i / 3 % 3;
		unsigned bm = 1u << i / 9 % 3, bf = 1u << i / 27;

		if (!(a->mapping & am) || !(a->filtering & af) ||
		    !(b->mapping & bm) || !(b->filtering & bf))
			continue;
		if (connects(am, af, bm, bf))
			yes = true;
		else
			no = true;
	}
	if (yes == no)
		return NOT_KNOWN;
	return yes ? WILL_CONNECT : NEEDS_RELAY;
}
