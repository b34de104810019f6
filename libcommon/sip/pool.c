/* Many users written as one: see pool.h. */
#include "sip/pool.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS     "0123456789"
#define DIGITS_MAX 18u /* of a range's end: it fits into 64 bits */

struct range {
	unsigned long long first, last;
	int width;  /* that is kept, or 0 */
	size_t len; /* of its text, brackets and all */
};

__attribute__((format(printf, 3, 4))) static int
wrong(struct pc_sip_pool *pool, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(pool->why, sizeof pool->why, format, args);
	va_end(args);
	return err;
}

/* [A-B] at text, which ends with NUL. */
static int take_range(struct pc_sip_pool *pool, struct range *r,
		      const char *text)
{
	const char *a = text + 1, *b;
	size_t n_a = strspn(a, DIGITS), n_b;
	int shown;

	b = a + n_a + 1;
	n_b = a[n_a] == '-' ? strspn(b, DIGITS) : 0;
	shown = (int)strcspn(text, "]") + 1;
	if (shown > 40)
		shown = 40;
	if (n_a == 0 || n_b == 0 || b[n_b] != ']')
		return wrong(pool, -EINVAL, "%.*s: a range is like [06-19]",
			     shown, text);
	if (n_a > DIGITS_MAX || n_b > DIGITS_MAX)
		return wrong(pool, -EINVAL,
			     "a range's ends have %u digits at most",
			     DIGITS_MAX);
	if (n_a != n_b && (*a == '0' || *b == '0'))
		return wrong(pool, -EINVAL,
			     "%.*s: with a zero before them, both ends have "
			     "as many digits",
			     shown, text);
	r->first = strtoull(a, NULL, 10);
	r->last = strtoull(b, NULL, 10);
	r->width = n_a == n_b ? (int)n_a : 0;
	r->len = (size_t)(b + n_b + 1 - text);
	if (r->last < r->first)
		return wrong(pool, -EINVAL, "%.*s: it ends before it begins",
			     shown, text);
	return 0;
}

static int too_many(struct pc_sip_pool *pool)
{
	return wrong(pool, -E2BIG, "more than %u accounts", PC_SIP_POOL_MAX);
}

static int add(struct pc_sip_pool *pool, const char *user)
{
	char *copy;

	for (size_t i = 0; i < pool->n; i++)
		if (pool->users[i] && !strcmp(pool->users[i], user))
			return wrong(pool, -EEXIST, "%s is named twice", user);
	if (pool->n == PC_SIP_POOL_MAX)
		return too_many(pool);
	copy = strdup(user);
	if (!copy)
		return wrong(pool, -ENOMEM, "%s", strerror(ENOMEM));
	pool->users[pool->n++] = copy;
	return 0;
}

/*
 * What begins with the first len bytes of user and goes on as item has it.
 * No deeper than an item has ranges, which its length bounds.
 */
static int expand(struct pc_sip_pool *pool, char user[PC_SIP_POOL_USER_MAX],
		  size_t len, const char *item)
{
	size_t n = strcspn(item, "[]"), more;
	struct range r = { 0 };
	int rc;

	if (len + n >= PC_SIP_POOL_USER_MAX)
		return wrong(pool, -EINVAL,
			     "an account's name is longer than %u bytes",
			     PC_SIP_POOL_USER_MAX - 1);
	memcpy(user + len, item, n);
	len += n;
	user[len] = '\0';
	item += n;
	if (*item == '\0')
		return add(pool, user);
	if (*item == ']')
		return wrong(pool, -EINVAL, "a ] without its [");
	rc = take_range(pool, &r, item);
	if (rc == 0 && r.last - r.first >= PC_SIP_POOL_MAX)
		return too_many(pool);
	for (; rc == 0 && r.first <= r.last; r.first++) {
		more = (size_t)snprintf(user + len, PC_SIP_POOL_USER_MAX - len,
					"%0*llu", r.width, r.first);
		rc = expand(pool, user, len + more, item + r.len);
	}
	return rc;
}

int pc_sip_pool_parse(struct pc_sip_pool *pool, const char *text, size_t len)
{
	char user[PC_SIP_POOL_USER_MAX];
	char *copy = strndup(text, len), *rest = copy, *item;
	int rc = 0;

	*pool = (struct pc_sip_pool){ 0 };
	pool->users = calloc(PC_SIP_POOL_MAX, sizeof *pool->users);
	if (!copy || !pool->users)
		rc = wrong(pool, -ENOMEM, "%s", strerror(ENOMEM));
	while (rc == 0 && (item = strsep(&rest, ";")))
		rc = *item ? expand(pool, user, 0, item)
			   : wrong(pool, -EINVAL, "an account has no name");
	free(copy);
	if (rc < 0)
		pc_sip_pool_free(pool);
	return rc;
}

void pc_sip_pool_free(struct pc_sip_pool *pool)
{
	while (pool->n > 0)
		free(pool->users[--pool->n]);
	free(pool->users);
	pool->users = NULL;
}
