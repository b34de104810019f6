/*
 * Many users written as one: 1005;10[06-19] is 1005, 1006 ... 1019, fifteen
 * in all.
 *
 *	pool  = item *( ";" item )
 *	item  = 1*( text / range )
 *	range = "[" digits "-" digits "]"
 *
 * A range whose ends have as many digits keeps them: [006-019] begins with
 * 006. An item with several ranges is all their combinations, the last one
 * counting fastest.
 */
#ifndef PC_SIP_POOL_H
#define PC_SIP_POOL_H

#include <stddef.h>

#define PC_SIP_POOL_MAX      1000u /* users in a pool */
#define PC_SIP_POOL_USER_MAX 128u  /* bytes of a user, with its NUL */

struct pc_sip_pool {
	char **users; /* in the order in which they are written */
	size_t n;
	char why[128]; /* after an error: what is wrong, for people */
};

/*
 * Take text apart; at its first len bytes.
 * Returns 0, -EINVAL (not a pool), -E2BIG (more than PC_SIP_POOL_MAX),
 * -EEXIST (a user is named twice) or -ENOMEM; pool->why says more, and then
 * there is nothing to be freed.
 */
int pc_sip_pool_parse(struct pc_sip_pool *pool, const char *text, size_t len);
void pc_sip_pool_free(struct pc_sip_pool *pool);

#endif
