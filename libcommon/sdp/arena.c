#include "sdp/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_MIN 4096
#define BLOCK_MAX (1u << 20)

struct block {
	struct block *next;
	alignas(max_align_t) char data[];
};

struct pc_sdp_arena {
	struct block *blocks;
	char *at;
	size_t left, size; /* of the newest block */
};

struct pc_sdp_arena *pc_sdp_arena_new(void)
{
	return calloc(1, sizeof(struct pc_sdp_arena));
}

void pc_sdp_arena_free(struct pc_sdp_arena *arena)
{
	if (!arena)
		return;
	while (arena->blocks) {
		struct block *next = arena->blocks->next;

		free(arena->blocks);
		arena->blocks = next;
	}
	free(arena);
}

/* Blocks double, so that a long description takes few of them. */
static int grow(struct pc_sdp_arena *arena, size_t need)
{
	size_t size = arena->size ? arena->size * 2 : BLOCK_MIN;
	struct block *block;

	if (size > BLOCK_MAX)
		size = BLOCK_MAX;
	if (size < need)
		size = need;
	block = malloc(sizeof(*block) + size);
	if (!block)
		return -1;
	block->next = arena->blocks;
	arena->blocks = block;
	arena->at = block->data;
	arena->left = size;
	if (size <= BLOCK_MAX)
		arena->size = size;
	return 0;
}

void *pc_sdp_arena_alloc(struct pc_sdp_arena *arena, size_t size)
{
	const size_t align = alignof(max_align_t);
	void *p;

	if (size > SIZE_MAX / 2)
		return NULL;
	size = (size + align - 1) / align * align;
	if (size > arena->left && grow(arena, size))
		return NULL;
	p = arena->at;
	arena->at += size;
	arena->left -= size;
	return memset(p, 0, size);
}

char *pc_sdp_arena_text(struct pc_sdp_arena *arena, const char *text,
			size_t len)
{
	char *copy = pc_sdp_arena_alloc(arena, len + 1);

	if (copy)
		memcpy(copy, text, len);
	return copy;
}
