/* What --answer does without being told. */
#include "call.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool policy_refuses(const struct config *cfg)
{
	return cfg->dnd || cfg->refusal || cfg->elsewhere.n > 0;
}

static bool is_code(const char *text)
{
	return strlen(text) == 3 && strspn(text, "0123456789") == 3 &&
	       text[0] >= '4' && text[0] <= '6';
}

int policy_check(const struct config *cfg)
{
	int given = cfg->dnd + (cfg->refusal != NULL) + (cfg->elsewhere.n > 0);

	if (given > 1)
		pc_warnx("one of --reject, --redirect and --dnd, please");
	else if (cfg->refusal && !is_code(cfg->refusal))
		pc_warnx("--reject %s: a code from 400 to 699, like 486",
			 cfg->refusal);
	else if (given && cfg->ring_ms)
		pc_warnx("--ring is for a call that is answered: without "
			 "--reject, --redirect and --dnd");
	else if (cfg->retry_after_s && !cfg->refusal && !cfg->dnd)
		pc_warnx("--retry-after: only with --reject or --dnd");
	else
		return 0;
	return -EINVAL;
}

/* 302 with each place, the first given the best (20.10). */
static void redirect(struct call *c)
{
	const struct pc_opt_list *list = &c->cfg->elsewhere;
	struct pc_buf b = { 0 };

	for (unsigned i = 0; i < list->n; i++) {
		pc_buf_printf(&b, "%s<%s>", i ? ", " : "", list->v[i]);
		if (list->n > 1)
			pc_buf_printf(&b, ";q=%.2f",
				      1.0 - (double)i / (list->n + 1));
	}
	answerer_refuse_with(c, 302, NULL, "Contact", b.oom ? NULL : b.data);
	pc_buf_fini(&b);
}

void policy_refuse(struct call *c)
{
	const struct config *cfg = c->cfg;
	char seconds[16];

	snprintf(seconds, sizeof(seconds), "%u", cfg->retry_after_s);
	if (cfg->elsewhere.n > 0)
		redirect(c);
	else
		answerer_refuse_with(c, cfg->dnd ? 480 : atoi(cfg->refusal),
				     cfg->dnd ? "Do Not Disturb" : NULL,
				     cfg->retry_after_s ? "Retry-After" : NULL,
				     seconds);
}

static void on_ring(void *arg)
{
	answerer_go_on(arg);
}

bool policy_rings(struct call *c)
{
	uint64_t now = pc_now_ms();

	if (c->cfg->ring_ms == 0)
		return false;
	if (!c->ring) {
		c->ring = pc_timer_new(c->tool->loop, on_ring, c);
		c->ring_end_ms = now + c->cfg->ring_ms;
	}
	if (!c->ring || now >= c->ring_end_ms)
		return false;
	pc_timer_set(c->ring, (unsigned)(c->ring_end_ms - now));
	return true;
}
