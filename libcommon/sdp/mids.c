#include "sdp/mids.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int by_mid(const void *a, const void *b)
{
	const struct pc_sdp_mid *x = a, *y = b;
	const int order = strcmp(x->mid, y->mid);

	return order ? order : x->index < y->index ? -1 : 1;
}

struct pc_sdp_mid *pc_sdp_mids_find(const struct pc_sdp_mids *mids,
				    const char *mid, size_t len)
{
	unsigned low = 0, high = mids->n;

	while (low < high) {
		const unsigned middle = low + (high - low) / 2;
		int order = strncmp(mids->v[middle].mid, mid, len);

		if (order == 0 && mids->v[middle].mid[len])
			order = 1;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == mids->n || strncmp(mids->v[low].mid, mid, len) != 0 ||
	    mids->v[low].mid[len])
		return NULL;
	return &mids->v[low];
}

static void read_group(struct pc_sdp_mids *mids, const struct pc_sdp_line *line)
{
	const char *at = pc_sdp_line_attr(line, "group"), *word;
	size_t len;
	bool bundle;

	word = pc_sdp_word(&at, &len);
	bundle = word && len == 6 && memcmp(word, "BUNDLE", 6) == 0;
	while (word && (word = pc_sdp_word(&at, &len))) {
		struct pc_sdp_mid *mid = pc_sdp_mids_find(mids, word, len);

		if (!mid)
			mids->unknown = line;
		else if (bundle && mid->bundled)
			mids->twice = line;
		else if (bundle) {
			mid->bundled = true;
			mid->bundle = mids->n_bundles;
		}
	}
	mids->n_bundles += bundle;
}

int pc_sdp_mids_init(struct pc_sdp_mids *mids, const struct pc_sdp *sdp)
{
	struct pc_sdp_section *s;
	struct pc_sdp_line *line;
	unsigned index = 0;

	memset(mids, 0, sizeof(*mids));
	mids->v = calloc(sdp->n_media + 1, sizeof(*mids->v));
	if (!mids->v)
		return -ENOMEM;
	for (s = sdp->media; s; s = s->next, index++) {
		struct pc_sdp_mid *mid = &mids->v[mids->n];

		mid->mid = pc_sdp_attr(s, "mid");
		if (!mid->mid)
			continue;
		mid->section = s;
		mid->index = index;
		mids->n++;
	}
	qsort(mids->v, mids->n, sizeof(*mids->v), by_mid);
	for (line = sdp->session.first; line; line = line->next)
		if (pc_sdp_line_attr(line, "group"))
			read_group(mids, line);
	return 0;
}

void pc_sdp_mids_fini(struct pc_sdp_mids *mids)
{
	free(mids->v);
	memset(mids, 0, sizeof(*mids));
}
