/*
 * What a registrar says about its bindings (RFC 3261 10.3), and about the way
 * to them: Path (RFC 3327), Service-Route (RFC 3608), GRUU (RFC 5627).
 */
#include "registration.h"

#include <stdlib.h>

/* A parameter as text, without the quotes around it; heap, or NULL. */
static char *unquoted(struct pc_sip_span value, const char *name)
{
	struct pc_sip_span p;

	if (!pc_sip_text_param(value, name, &p))
		return NULL;
	if (p.len >= 2 && p.p[0] == '"' && p.p[p.len - 1] == '"') {
		p.p++;
		p.len -= 2;
	}
	return pc_sip_span_dup(p);
}

static json_t *binding(struct pc_sip_span value)
{
	struct pc_sip_span uri = pc_sip_text_uri(value);
	char *expires = unquoted(value, "expires"), *q = unquoted(value, "q");
	char *instance = unquoted(value, "+sip.instance");
	char *public = unquoted(value, "pub-gruu");
	char *temporary = unquoted(value, "temp-gruu");
	json_t *o = pc_json_fields(
		"uri=%p q=%s instance=%s pub_gruu=%s temp_gruu=%s",
		(void *)pc_json_text(uri.p ? uri.p : "", uri.len), q, instance,
		public, temporary);

	if (expires && o)
		pc_json_add(o, "expires=%lu", strtoul(expires, NULL, 10));
	free(expires);
	free(q);
	free(instance);
	free(public);
	free(temporary);
	return o;
}

json_t *bindings_of(const char *text, size_t len)
{
	struct pc_sip_span value, rest, one;
	json_t *list = json_array();
	size_t at = 0;

	while (list && pc_sip_text_header(text, len, "Contact", &at, &value))
		for (rest = value; pc_sip_text_next(&rest, &one);)
			json_array_append_new(list, binding(one));
	return list;
}

json_t *bindings_header(const char *text, size_t len, const char *name)
{
	struct pc_sip_span value, rest, one;
	json_t *list = json_array();
	size_t at = 0;

	while (list && pc_sip_text_header(text, len, name, &at, &value))
		for (rest = value; pc_sip_text_next(&rest, &one);)
			json_array_append_new(list,
					      pc_json_text(one.p, one.len));
	if (json_array_size(list) > 0)
		return list;
	json_decref(list);
	return NULL;
}

void bindings_routes(struct account *a, const char *text, size_t len)
{
	json_t *list = bindings_header(text, len, "Service-Route");

	json_decref(a->routes);
	a->routes = list;
}
