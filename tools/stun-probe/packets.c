#include <stdlib.h>
#include <string.h>

#include "loop/loop.h"
#include "packets.h"
#include "stun/explain.h"

static bool grow(struct packets *log)
{
	unsigned cap = log->cap ? 2 * log->cap : 32;
	struct packet *v;

	if (log->n < log->cap)
		return true;
	if (log->n >= PACKETS_MAX)
		return false;
	v = realloc(log->v, cap * sizeof(*v));
	if (!v)
		return false;
	log->v = v;
	log->cap = cap;
	return true;
}

unsigned packets_add(struct packets *log, const char *test, bool out,
		     const struct pc_addr *local, const struct pc_addr *remote,
		     const void *data, size_t len)
{
	struct pc_buf line = { 0 };
	struct packet *p;

	if (!grow(log)) {
		log->dropped++;
		return 0;
	}
	pc_stun_summary(&line, data, len);
	p = &log->v[log->n++];
	*p = (struct packet){ .test = test,
			      .time_us = pc_now_us(),
			      .out = out,
			      .local = *local,
			      .remote = *remote,
			      .len = len,
			      .summary = line.data };
	return log->n;
}

void packets_clear(struct packets *log)
{
	for (unsigned i = 0; i < log->n; i++)
		free(log->v[i].summary);
	free(log->v);
	*log = (struct packets){ 0 };
}

static bool is_of(const struct packets *log, unsigned i, const char *test)
{
	return i < log->n && strcmp(log->v[i].test, test) == 0;
}

json_t *packets_of_json(const struct packets *log, const char *test)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < log->n; i++)
		if (is_of(log, i, test))
			json_array_append_new(list, json_integer(i + 1));
	return list;
}

void packets_of_text(const struct packets *log, const char *test,
		     struct pc_buf *out)
{
	const char *comma = "";

	for (unsigned i = 0; i < log->n; i++) {
		unsigned first = i;

		if (!is_of(log, i, test))
			continue;
		while (is_of(log, i + 1, test))
			i++;
		pc_buf_printf(out, "%s%u", comma, first + 1);
		if (i > first)
			pc_buf_printf(out, "-%u", i + 1);
		comma = ", ";
	}
}

static double since_first(const struct packets *log, const struct packet *p)
{
	return (double)(p->time_us - log->v[0].time_us) / 1e6;
}

json_t *packets_json(const struct packets *log)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < log->n; i++) {
		const struct packet *p = &log->v[i];
		char local[PC_ADDR_TEXT], remote[PC_ADDR_TEXT];

		json_array_append_new(
			list, pc_json_fields("n=%u at=%f test=%s direction=%s "
					     "local=%s remote=%s bytes=%zu "
					     "summary=%s",
					     i + 1, since_first(log, p),
					     p->test, p->out ? "out" : "in",
					     pc_addr_text(&p->local, local),
					     pc_addr_text(&p->remote, remote),
					     p->len, p->summary));
	}
	return list;
}

void packets_text(const struct packets *log, struct pc_buf *out)
{
	for (unsigned i = 0; i < log->n; i++) {
		const struct packet *p = &log->v[i];
		char local[PC_ADDR_TEXT], remote[PC_ADDR_TEXT];

		pc_buf_printf(out, "%4u %7.3f  %-12s %s %s %s  %s\n", i + 1,
			      since_first(log, p), p->test,
			      pc_addr_text(&p->local, local),
			      p->out ? "->" : "<-",
			      pc_addr_text(&p->remote, remote),
			      p->summary ? p->summary : "");
	}
	if (log->dropped)
		pc_buf_printf(out, "and %u more, not kept\n", log->dropped);
}
