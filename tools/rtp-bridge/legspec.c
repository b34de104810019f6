/* Legs as they are written: KIND:where,option=value,... as in socat. */
#include "bridge.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct leg_kind *const kinds[] = { &leg_rtp,  &leg_srtp, &leg_dtls,
						&leg_wav,  &leg_tone, &leg_echo,
						&leg_null, &leg_ogg };

static const struct leg_kind *find_kind(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i]->name, name) == 0)
			return kinds[i];
	return NULL;
}

const char *leg_option(const struct leg *leg, const char *key)
{
	for (unsigned i = 0; i < leg->n_options; i++)
		if (strcmp(leg->options[i].key, key) == 0)
			return leg->options[i].value;
	return NULL;
}

bool leg_number(const struct leg *leg, const char *key, unsigned min,
		unsigned max, unsigned absent, unsigned *value)
{
	const char *text = leg_option(leg, key);
	unsigned long v;
	char *end;

	*value = absent;
	if (!text)
		return true;
	v = strtoul(text, &end, 10);
	*value = (unsigned)v;
	if (*text >= '0' && *text <= '9' && !*end && v >= min && v <= max)
		return true;
	pc_tool_error(&leg->bridge->tool, "%s: %s=%s: use %u to %u", leg->name,
		      key, text, min, max);
	return false;
}

int leg_set_gain(struct leg *leg, const char *db)
{
	char *end;
	double v = strtod(db, &end);

	if (end == db || *end || !(v >= -60 && v <= 30)) {
		pc_tool_error(&leg->bridge->tool,
			      "%s: gain %s: use -60 to 30 (dB)", leg->name, db);
		return -EINVAL;
	}
	leg->gain = v == 0 ? 1 : (float)pow(10, v / 20);
	return 0;
}

bool leg_good_dtmf(struct bridge *b, const char *who, const char *how)
{
	if (strcmp(how, "inband") == 0 || strcmp(how, "events") == 0)
		return true;
	pc_tool_error(&b->tool, "%s: dtmf %s: use events or inband", who, how);
	return false;
}

/* Those that are there or not: mute=no would be neither. */
static bool good_flags(struct leg *leg)
{
	static const char *const flags[] = { "mute", "listen", "video" };

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		const char *value = leg_option(leg, flags[i]);

		if (!value || !*value)
			continue;
		pc_tool_error(&leg->bridge->tool,
			      "%s: %s=%s: %s has no value, leave it out for no",
			      leg->name, flags[i], value, flags[i]);
		return false;
	}
	return true;
}

/* Those that every leg may have. */
static int take_common(struct leg *leg)
{
	const char *gain = leg_option(leg, "gain");
	const char *dtmf = leg_option(leg, "dtmf");
	const char *media = leg_option(leg, "media");

	leg->video = media && strcmp(media, "video") == 0;
	if (media && !leg->video && strcmp(media, "audio") != 0) {
		pc_tool_error(&leg->bridge->tool,
			      "%s: media=%s: use audio or video", leg->name,
			      media);
		return -EINVAL;
	}
	leg->muted = leg_option(leg, "mute") != NULL;
	leg->listens = leg_option(leg, "listen") != NULL;
	if (!good_flags(leg) ||
	    (dtmf && !leg_good_dtmf(leg->bridge, leg->name, dtmf)))
		return -EINVAL;
	return gain ? leg_set_gain(leg, gain) : 0;
}

/* Which is no name of a file that anybody would choose. */
bool leg_at_address(const struct leg *leg)
{
	const char *port = strrchr(leg->where, ':');

	return port && port[1] && !strchr(leg->where, '/') &&
	       port[1 + strspn(port + 1, "0123456789")] == '\0';
}

static bool is_common(const char *key)
{
	return strcmp(key, "name") == 0 || strcmp(key, "media") == 0 ||
	       strcmp(key, "gain") == 0 || strcmp(key, "mute") == 0 ||
	       strcmp(key, "listen") == 0;
}

/* What a listener was wanted with, where the leg itself can have none. */
static bool is_for_players(const char *key)
{
	return strcmp(key, "to") == 0 || strcmp(key, "sdp") == 0;
}

int leg_check_options(struct leg *leg, const char *const *known)
{
	for (unsigned i = 0; i < leg->n_options; i++) {
		const char *key = leg->options[i].key;
		const char *const *k = known;

		while (*k && strcmp(*k, key) != 0)
			k++;
		if (*k || is_common(key))
			continue;
		pc_tool_error(&leg->bridge->tool,
			      "%s: option %s is not known to %s: legs%s",
			      leg->name, key, leg->kind->name,
			      is_for_players(key)
				      ? ": add rtp:127.0.0.1:0,listen,"
					"to=HOST:PORT,sdp=FILE listens to "
					"any leg"
				      : "");
		return -EINVAL;
	}
	return 0;
}

/* The name becomes an a=mid: a token without spaces (RFC 5888). */
static bool good_name(const char *name)
{
	size_t n = 0;

	for (; name[n]; n++)
		if (!isalnum((unsigned char)name[n]) && !strchr("-_.", name[n]))
			return false;
	return n > 0 && n < NAME_MAX_LEN;
}

static int set_name(struct bridge *b, struct leg *leg)
{
	const char *name = leg_option(leg, "name");

	if (!name)
		name = leg->kind->name;
	if (!good_name(name)) {
		pc_tool_error(&b->tool,
			      "name=%s: use at most %d letters and digits",
			      name, NAME_MAX_LEN - 1);
		return -EINVAL;
	}
	if (bridge_leg(b, name)) {
		pc_tool_error(
			&b->tool,
			"%s: there is a leg of this name: give name=", name);
		return -EINVAL;
	}
	strcpy(leg->name, name);
	return 0;
}

/* After "KIND:": where, then options; local legs may begin with an option. */
static int split(struct bridge *b, struct leg *leg, char *rest)
{
	char *word, *save = NULL;
	const size_t max = sizeof(leg->options) / sizeof(leg->options[0]);

	leg->where = "";
	for (word = strtok_r(rest, ",", &save); word;
	     word = strtok_r(NULL, ",", &save)) {
		char *equals = strchr(word, '=');

		if (!equals && word == rest) {
			leg->where = word;
			continue;
		}
		if (leg->n_options == max) {
			pc_tool_error(&b->tool, "%s: too many options", word);
			return -EINVAL;
		}
		if (equals)
			*equals = '\0';
		if (leg_option(leg, word)) {
			pc_tool_error(&b->tool, "%s is given twice", word);
			return -EINVAL;
		}
		leg->options[leg->n_options].key = word;
		leg->options[leg->n_options++].value = equals ? equals + 1 : "";
	}
	return 0;
}

int leg_parse(struct bridge *b, struct leg *leg, const char *spec)
{
	char *colon;

	leg->bridge = b;
	leg->spec = strdup(spec);
	if (!leg->spec)
		return -ENOMEM;
	colon = strchr(leg->spec, ':');
	if (colon)
		*colon = '\0';
	leg->kind = colon ? find_kind(leg->spec) : NULL;
	if (!leg->kind) {
		pc_tool_error(&b->tool,
			      "%s: not a leg: use rtp:HOST:PORT, "
			      "srtp:HOST:PORT, dtls:SOCKET, "
			      "wav:play=FILE, ogg:record=FILE, tone:HZ, "
			      "echo: or null:",
			      spec);
		return -EINVAL;
	}
	if (split(b, leg, colon + 1) < 0)
		return -EINVAL;
	if (leg->kind->nowhere && *leg->where) {
		pc_tool_error(&b->tool, "%s:%s: nothing but options goes there",
			      leg->kind->name, leg->where);
		return -EINVAL;
	}
	return set_name(b, leg) < 0 ? -EINVAL : take_common(leg);
}
