/*
 * INFO (RFC 6086, and before it RFC 2976): digits as application/dtmf-relay
 * and application/dtmf, which no RFC has and every PBX knows, and the call for
 * a whole picture (RFC 5168).
 *
 *	Signal=5            5            <media_control><vc_primitive>
 *	Duration=160                       <to_encoder><picture_fast_update/>...
 */
#include "beside.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define RELAY    "application/dtmf-relay"
#define PLAIN    "application/dtmf"
#define PICTURE  "application/media_control+xml"
#define DIGITS   "0123456789*#ABCDabcd"
#define DIGIT_MS 160
#define PICTURE_ML                                                             \
	"<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n"                       \
	"<media_control><vc_primitive><to_encoder>"                            \
	"<picture_fast_update/>"                                               \
	"</to_encoder></vc_primitive></media_control>\r\n"

/* --- in ------------------------------------------------------------------- */

/* A digit; 10 and 11 are * and # to those who write RFC 2833's numbers. */
static char digit_at(const char *p)
{
	if (p[0] == '1' && isdigit((unsigned char)p[1]))
		p = p[1] == '0' ? "*" : p[1] == '1' ? "#" : p;
	if (!*p || !strchr(DIGITS, *p))
		return 0;
	return (char)toupper((unsigned char)*p);
}

static char dtmf_of(const char *body, size_t len, bool relay, long *ms)
{
	char text[128];
	const char *p, *duration;

	snprintf(text, sizeof(text), "%.*s", (int)len, body);
	*ms = 0;
	duration = strcasestr(text, "duration");
	duration = duration ? strchr(duration, '=') : NULL;
	if (duration)
		*ms = strtol(duration + 1, NULL, 10);
	p = strcasestr(text, "signal"); /* in some application/dtmf too */
	p = p ? strchr(p, '=') : NULL;
	if (p)
		p++;
	else if (relay)
		return 0;
	else
		p = text;
	return digit_at(p + strspn(p, " \t\r\n"));
}

static void on_dtmf(struct call *c, struct pc_sip_server *tr, const char *body,
		    size_t len, bool relay)
{
	char digit[2] = "";
	long ms;

	digit[0] = dtmf_of(body, len, relay, &ms);
	if (!digit[0]) {
		pc_sip_ua_reply(tr, 400, "No DTMF digit", NULL, NULL, NULL);
		return;
	}
	pc_event(c->tool, "dtmf", "digit=%s duration_ms=%ld by=%s", digit, ms,
		 "INFO");
	pc_sip_ua_reply(tr, 200, NULL, NULL, NULL, NULL);
}

static void on_media_control(struct call *c, struct pc_sip_server *tr,
			     const char *body, size_t len)
{
	if (!memmem(body, len, "picture_fast_update",
		    strlen("picture_fast_update"))) {
		pc_sip_ua_reply(tr, 400, "No primitive that is known", NULL,
				NULL, NULL);
		return;
	}
	pc_event(c->tool, "picture-fast-update", "by=%s", "them");
	pc_sip_ua_reply(tr, 200, NULL, NULL, NULL, NULL);
}

void info_received(struct call *c, struct pc_sip_server *tr, osip_message_t *m)
{
	const char *body;
	size_t len;

	if (pc_sip_header(m, "Info-Package", 0)) { /* RFC 6086 4.2.2 */
		pc_sip_ua_reply(tr, 469, "Bad Info Package", NULL, "Recv-Info",
				"");
		return;
	}
	beside_body(m, &len);
	if (len == 0)
		pc_sip_ua_reply(tr, 200, NULL, NULL, NULL, NULL);
	else if ((body = pc_sip_body(m, RELAY, &len)))
		on_dtmf(c, tr, body, len, true);
	else if ((body = pc_sip_body(m, PLAIN, &len)))
		on_dtmf(c, tr, body, len, false);
	else if ((body = pc_sip_body(m, PICTURE, &len)))
		on_media_control(c, tr, body, len);
	else
		pc_sip_ua_reply(tr, 415, NULL, NULL, "Accept",
				RELAY ", " PLAIN ", " PICTURE);
}

/* --- out ------------------------------------------------------------------ */

static void next_digit(struct call *c);

static bool knows_plain(const osip_message_t *m)
{
	for (int i = 0; i < osip_list_size(&m->accepts); i++) {
		const osip_accept_t *a = osip_list_get(&m->accepts, i);

		if (a->subtype && strcasecmp(a->subtype, "dtmf") == 0)
			return true;
	}
	return false;
}

static void on_digit_answer(struct call *c, void *arg,
			    const osip_message_t *sent,
			    const struct pc_sip_response *r)
{
	struct beside *b = c->beside;
	char digit[2] = { b->digits[0], 0 };

	(void)arg, (void)sent;
	if (r->status < 200)
		return;
	b->digit_sent = false;
	if (c->state >= CALL_ENDING)
		return;
	if (r->status == 415 && !b->digit_plain && r->message &&
	    knows_plain(r->message)) { /* the same digit in the other form */
		b->digit_plain = true;
		next_digit(c);
		return;
	}
	pc_event(c->tool, "dtmf-sent", "digit=%s status=%d reason=%s", digit,
		 r->status, r->reason);
	if (r->status >= 300)
		pc_warnx("DTMF %s by INFO: %d %s", digit, r->status, r->reason);
	memmove(b->digits, b->digits + 1, strlen(b->digits));
	next_digit(c);
}

/* One at a time: INFOs under way together may come in any order. */
static void next_digit(struct call *c)
{
	struct beside *b = c->beside;
	osip_message_t *m;
	char body[64];
	int n;

	if (b->digit_sent || !b->digits[0])
		return;
	m = beside_new(c, "INFO", NULL);
	if (!m) {
		b->digits[0] = '\0';
		return;
	}
	if (b->digit_plain)
		n = snprintf(body, sizeof(body), "%c\r\n", b->digits[0]);
	else
		n = snprintf(body, sizeof(body), "Signal=%c\r\nDuration=%u\r\n",
			     b->digits[0], b->digit_ms);
	b->digit_sent = beside_send(c, m, b->digit_plain ? PLAIN : RELAY, body,
				    (size_t)n, on_digit_answer, NULL) == 0;
	if (!b->digit_sent)
		b->digits[0] = '\0';
}

static int bad_dtmf(struct call *c)
{
	pc_tool_error(c->tool,
		      "dtmf: digits (0-9 * # A-D, at most %d), and if "
		      "wished how long each is, in ms (40 to 6000)",
		      DIGITS_MAX);
	return -EINVAL;
}

int info_dtmf(void *arg, const struct pc_command *cmd)
{
	const char *digits = pc_command_arg(cmd, "digits", 0);
	const char *duration = pc_command_arg(cmd, "duration", 1);
	const char *form = pc_command_arg(cmd, "form", 2);
	struct call *c = arg;
	struct beside *b = c->beside;
	size_t used = strlen(b->digits);
	long ms = duration ? strtol(duration, NULL, 10) : DIGIT_MS;

	if (!digits || !*digits || digits[strspn(digits, DIGITS)] ||
	    used + strlen(digits) > DIGITS_MAX || ms < 40 || ms > 6000 ||
	    (form && strcmp(form, "dtmf") && strcmp(form, "dtmf-relay")))
		return bad_dtmf(c);
	if (!c->dialog || c->state > CALL_UP) {
		pc_tool_error(c->tool, "dtmf: no call is up");
		return -EINVAL;
	}
	snprintf(b->digits + used, sizeof(b->digits) - used, "%s", digits);
	b->digit_ms = (unsigned)ms;
	if (form)
		b->digit_plain = !strcmp(form, "dtmf");
	next_digit(c);
	return 0;
}

static void on_picture_answer(struct call *c, void *arg,
			      const osip_message_t *sent,
			      const struct pc_sip_response *r)
{
	(void)arg, (void)sent;
	if (r->status >= 200 && c->state < CALL_ENDING)
		beside_tell(c, "picture-fast-update-sent", r);
}

int info_picture(void *arg, const struct pc_command *cmd)
{
	struct call *c = arg;
	osip_message_t *m = beside_new(c, "INFO", cmd);

	return m ? beside_send(c, m, PICTURE, PICTURE_ML, strlen(PICTURE_ML),
			       on_picture_answer, NULL)
		 : -EINVAL;
}
