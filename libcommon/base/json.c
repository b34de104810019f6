#include "base/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/utf8.h"

json_t *pc_json_text(const char *s, size_t len)
{
	struct pc_buf b = { 0 };
	json_t *text;

	if (pc_utf8_valid(s, len))
		return json_stringn(s, len);
	while (len > 0) {
		size_t n = pc_utf8_char(s, len);

		if (n == 0)
			pc_buf_adds(&b, "\xef\xbf\xbd"); /* U+FFFD */
		else
			pc_buf_add(&b, s, n);
		s += n ? n : 1;
		len -= n ? n : 1;
	}
	text = b.oom ? NULL : json_stringn(b.data, b.len);
	pc_buf_fini(&b);
	return text;
}

/*
 * The value of one conversion. *spec stands behind the '%' and is left behind
 * the conversion. NULL: leave the field out.
 */
static json_t *convert(const char **spec, va_list *ap)
{
	const char *s;
	int longs = 0;
	bool size = false;

	for (; **spec == 'l' || **spec == 'z'; (*spec)++) {
		longs += **spec == 'l';
		size |= **spec == 'z';
	}
	switch (*(*spec)++) {
	case 'd':
		if (size)
			return json_integer(va_arg(*ap, ssize_t));
		if (longs == 0)
			return json_integer(va_arg(*ap, int));
		return json_integer(longs == 1 ? va_arg(*ap, long)
					       : va_arg(*ap, long long));
	case 'u':
		if (size)
			return json_integer((json_int_t)va_arg(*ap, size_t));
		if (longs == 0)
			return json_integer(va_arg(*ap, unsigned));
		if (longs == 1)
			return json_integer(
				(json_int_t)va_arg(*ap, unsigned long));
		return json_integer(
			(json_int_t)va_arg(*ap, unsigned long long));
	case 'c':
		return json_boolean(va_arg(*ap, int));
	case 'f':
		return json_real(round(va_arg(*ap, double) * 1e6) / 1e6);
	case 's':
		s = va_arg(*ap, const char *);
		return s ? pc_json_text(s, strlen(s)) : NULL;
	case 'p':
		return va_arg(*ap, json_t *);
	default:
		abort(); /* a format the compiler's check cannot refuse */
	}
}

void pc_json_vadd(json_t *object, const char *fmt, va_list args)
{
	va_list ap;

	va_copy(ap, args);
	while (*fmt) {
		const char *equals = strchr(fmt, '=');
		char key[64];
		json_t *value;

		if (!equals || (size_t)(equals - fmt) >= sizeof(key) ||
		    equals[1] != '%')
			abort();
		memcpy(key, fmt, (size_t)(equals - fmt));
		key[equals - fmt] = '\0';
		fmt = equals + 2;
		value = convert(&fmt, &ap);
		if (value)
			json_object_set_new(object, key, value);
		fmt += strspn(fmt, " ");
	}
	va_end(ap);
}

void pc_json_add(json_t *object, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	pc_json_vadd(object, fmt, ap);
	va_end(ap);
}

json_t *pc_json_fields(const char *fmt, ...)
{
	json_t *object = json_object();
	va_list ap;

	va_start(ap, fmt);
	pc_json_vadd(object, fmt, ap);
	va_end(ap);
	return object;
}

char *pc_json_line(const json_t *object, size_t *len)
{
	/* 17 digits would turn 0.1 into 0.10000000000000001 */
	char *line = json_dumps(object, JSON_COMPACT | JSON_PRESERVE_ORDER |
						JSON_REAL_PRECISION(16));
	char *more;
	size_t n;

	if (!line)
		return NULL;
	n = strlen(line);
	more = realloc(line, n + 2);
	if (!more) {
		free(line);
		return NULL;
	}
	strcpy(more + n, "\n");
	if (len)
		*len = n + 1;
	return more;
}

const char *pc_json_str(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}
