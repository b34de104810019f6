/*
 * Memory that lives as long as one description: bump allocation, freed at
 * once. Private to libcommon/sdp.
 *
 *	struct pc_sdp_arena *arena = pc_sdp_arena_new();
 *	char *text = pc_sdp_arena_text(arena, "a=mid:0", 7);
 *	pc_sdp_arena_free(arena);
 */
#ifndef PC_SDP_ARENA_H
#define PC_SDP_ARENA_H

#include <stddef.h>

struct pc_sdp_arena;

struct pc_sdp_arena *pc_sdp_arena_new(void);        /* NULL: out of memory */
void pc_sdp_arena_free(struct pc_sdp_arena *arena); /* NULL is fine */

/* Zeroed and aligned for any struct; NULL when out of memory. */
void *pc_sdp_arena_alloc(struct pc_sdp_arena *arena, size_t size);

/* A NUL-terminated copy of len bytes; NULL when out of memory. */
char *pc_sdp_arena_text(struct pc_sdp_arena *arena, const char *text,
			size_t len);

#endif
