/* Digest access authentication (RFC 7616, RFC 8760); see digest.h. */
#include "sip/digest.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/evp.h>

#define HASH_HEX (2 * EVP_MAX_MD_SIZE + 1)

/* In the order of strength; RFC 8760 2.1. */
static const struct algorithm {
	const char *name;   /* as in the challenge */
	const char *digest; /* as OpenSSL calls it */
	bool session;
} algorithms[] = {
	{ "MD5-sess", "MD5", true },
	{ "MD5", "MD5", false },
	{ "SHA-256-sess", "SHA256", true },
	{ "SHA-256", "SHA256", false },
	{ "SHA-512-256-sess", "SHA512-256", true },
	{ "SHA-512-256", "SHA512-256", false },
};

/* What a challenge says, unquoted; heap. */
struct challenge {
	char *realm, *nonce, *opaque, *algorithm, *qop, *stale;
	const struct algorithm *known;
	bool auth, integrity; /* qop lists "auth", "auth-int" */
};

/* What is asked for, and answered. */
struct request {
	const char *method, *uri, *body; /* body NULL: not known */
	size_t body_len;
	const char *nc, *cnonce;
};

static void challenge_fini(struct challenge *c)
{
	free(c->realm);
	free(c->nonce);
	free(c->opaque);
	free(c->algorithm);
	free(c->qop);
	free(c->stale);
}

static const char *skip_blank(const char *p)
{
	return p + strspn(p, " \t\r\n");
}

/* A quoted-string or token at *p, unquoted into a heap string. */
static char *take_value(const char **p)
{
	struct pc_buf b = { 0 };
	const char *s = *p;
	size_t n;

	pc_buf_adds(&b, "");
	if (*s != '"') {
		n = strcspn(s, ", \t\r\n");
		pc_buf_add(&b, s, n);
		*p = s + n;
		return b.data;
	}
	for (s++; *s && *s != '"'; s++) {
		if (*s == '\\' && s[1])
			s++;
		pc_buf_add(&b, s, 1);
	}
	*p = *s ? s + 1 : s;
	return b.data;
}

static char **field(struct challenge *c, const char *name, size_t len)
{
	const struct {
		const char *name;
		char **to;
	} fields[] = {
		{ "realm", &c->realm },   { "nonce", &c->nonce },
		{ "opaque", &c->opaque }, { "algorithm", &c->algorithm },
		{ "qop", &c->qop },       { "stale", &c->stale },
	};

	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		if (strlen(fields[i].name) == len &&
		    !strncasecmp(name, fields[i].name, len))
			return fields[i].to;
	return NULL;
}

/* qop is a list: auth, auth-int. */
static bool lists(const char *list, const char *word)
{
	size_t n;

	for (; *list; list += n + strspn(list + n, ", \t")) {
		n = strcspn(list, ", \t");
		if (n == strlen(word) && !strncasecmp(list, word, n))
			return true;
	}
	return false;
}

static const struct algorithm *find_algorithm(const char *name)
{
	if (!name)
		name = "MD5";
	for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++)
		if (!strcasecmp(algorithms[i].name, name))
			return &algorithms[i];
	return NULL;
}

/* 0, -EINVAL, or -ENOTSUP; c needs challenge_fini in each case. */
static int challenge_parse(struct challenge *c, const char *text)
{
	const char *p = skip_blank(text), *name;
	char *value, **to;
	size_t n;

	*c = (struct challenge){ 0 };
	if (strncasecmp(p, "Digest", 6) || !isspace((unsigned char)p[6]))
		return -EINVAL;
	for (p = skip_blank(p + 6); *p; p += strspn(p, ", \t\r\n")) {
		name = p;
		n = strcspn(p, "= \t\r\n,");
		p = skip_blank(p + n);
		if (n == 0 || *p != '=')
			return -EINVAL;
		p = skip_blank(p + 1);
		value = take_value(&p);
		to = field(c, name, n);
		if (to && !*to)
			*to = value;
		else
			free(value);
	}
	if (!c->realm || !c->nonce)
		return -EINVAL;
	c->known = find_algorithm(c->algorithm);
	c->auth = c->qop && lists(c->qop, "auth");
	c->integrity = c->qop && lists(c->qop, "auth-int");
	return !c->known || (c->qop && !c->auth && !c->integrity) ? -ENOTSUP
								  : 0;
}

struct part {
	const char *p;
	size_t len;
};

/* The digest of the parts joined by colons, as hex. 0 or -ENOTSUP. */
static int hash(char hex[HASH_HEX], const char *digest,
		const struct part *parts, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	const EVP_MD *type = EVP_get_digestbyname(digest);
	bool ok = ctx && type && EVP_DigestInit_ex(ctx, type, NULL);

	for (size_t i = 0; ok && i < n; i++) {
		if (i > 0)
			ok = EVP_DigestUpdate(ctx, ":", 1);
		ok = ok && EVP_DigestUpdate(ctx, parts[i].p, parts[i].len);
	}
	ok = ok && EVP_DigestFinal_ex(ctx, md, &len);
	EVP_MD_CTX_free(ctx);
	for (unsigned i = 0; i < len; i++) {
		hex[2 * i] = digits[md[i] >> 4];
		hex[2 * i + 1] = digits[md[i] & 15];
	}
	hex[2 * len] = '\0';
	return ok ? 0 : -ENOTSUP;
}

static int hash_texts(char hex[HASH_HEX], const char *digest,
		      const char *const *texts, size_t n)
{
	struct part parts[8];

	for (size_t i = 0; i < n; i++)
		parts[i] = (struct part){ texts[i], strlen(texts[i]) };
	return hash(hex, digest, parts, n);
}

#define HASH(hex, digest, ...)                                                 \
	hash_texts(hex, digest, (const char *const[]){ __VA_ARGS__ },          \
		   sizeof((const char *const[]){ __VA_ARGS__ }) /              \
			   sizeof(char *))

/* The ready hash for this realm and algorithm, or NULL. */
static const char *find_ha1(const struct challenge *c,
			    const struct pc_sip_credentials *who)
{
	size_t digits = strcmp(c->known->digest, "MD5") == 0      ? 32
			: strcmp(c->known->digest, "SHA256") == 0 ? 64
								  : 0;

	for (size_t i = 0; i < who->n_ha1; i++)
		if (strcmp(who->ha1[i].user, who->user) == 0 &&
		    strcmp(who->ha1[i].realm, c->realm) == 0 &&
		    strlen(who->ha1[i].hash) == digits)
			return who->ha1[i].hash;
	return NULL;
}

/* RFC 7616 3.4.2: what H(A1) is made of is a password, or it is there. */
static int make_a1(char a1[HASH_HEX], const struct challenge *c,
		   const struct pc_sip_credentials *who, const char *cnonce)
{
	const char *digest = c->known->digest, *ready = find_ha1(c, who);
	char session[HASH_HEX];
	int rc = 0;

	if (ready) {
		for (size_t i = 0; i <= strlen(ready); i++)
			a1[i] = (char)tolower((unsigned char)ready[i]);
	} else if (who->password) {
		rc = HASH(a1, digest, who->user, c->realm, who->password);
	} else {
		rc = -ENOTSUP;
	}
	if (rc == 0 && c->known->session) {
		rc = HASH(session, digest, a1, c->nonce, cnonce);
		memcpy(a1, session, sizeof session);
	}
	return rc;
}

/* 3.4.3: auth-int covers the body. */
static int make_a2(char a2[HASH_HEX], const struct challenge *c,
		   const struct request *r)
{
	const struct part body = { r->body, r->body_len };
	const char *digest = c->known->digest;
	char hashed[HASH_HEX];
	int rc;

	if (c->auth || !c->qop)
		return HASH(a2, digest, r->method, r->uri);
	if (!r->body)
		return -ENOTSUP;
	rc = hash(hashed, digest, &body, 1);
	return rc < 0 ? rc : HASH(a2, digest, r->method, r->uri, hashed);
}

/* The qop that is used, or NULL. */
static const char *qop_of(const struct challenge *c)
{
	return c->auth ? "auth" : c->integrity ? "auth-int" : NULL;
}

/* RFC 7616 3.4.1. */
static int respond(char response[HASH_HEX], const struct challenge *c,
		   const struct pc_sip_credentials *who,
		   const struct request *r)
{
	const char *digest = c->known->digest, *qop = qop_of(c);
	char a1[HASH_HEX], a2[HASH_HEX];
	int rc = make_a1(a1, c, who, r->cnonce);

	if (rc == 0)
		rc = make_a2(a2, c, r);
	if (rc == 0 && qop)
		rc = HASH(response, digest, a1, c->nonce, r->nc, r->cnonce, qop,
			  a2);
	else if (rc == 0)
		rc = HASH(response, digest, a1, c->nonce, a2);
	return rc;
}

static void add_quoted(struct pc_buf *out, const char *name, const char *value)
{
	pc_buf_printf(out, "%s=\"", name);
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			pc_buf_adds(out, "\\");
		pc_buf_add(out, value, 1);
	}
	pc_buf_adds(out, "\"");
}

static void write_answer(struct pc_buf *out, const struct challenge *c,
			 const char *user, const struct request *r,
			 const char *response)
{
	pc_buf_adds(out, "Digest ");
	add_quoted(out, "username", user);
	pc_buf_adds(out, ", ");
	add_quoted(out, "realm", c->realm);
	pc_buf_adds(out, ", ");
	add_quoted(out, "nonce", c->nonce);
	pc_buf_adds(out, ", ");
	add_quoted(out, "uri", r->uri);
	pc_buf_adds(out, ", ");
	add_quoted(out, "response", response);
	if (c->algorithm)
		pc_buf_printf(out, ", algorithm=%s", c->known->name);
	if (qop_of(c) || c->known->session) {
		pc_buf_adds(out, ", ");
		add_quoted(out, "cnonce", r->cnonce);
	}
	if (c->opaque) {
		pc_buf_adds(out, ", ");
		add_quoted(out, "opaque", c->opaque);
	}
	if (qop_of(c))
		pc_buf_printf(out, ", qop=%s, nc=%s", qop_of(c), r->nc);
}

int pc_sip_digest_answer(struct pc_buf *out, const char *challenge,
			 const struct pc_sip_credentials *credentials,
			 const char *method, const char *uri, uint32_t nc,
			 const char *cnonce, const char *body, size_t len)
{
	char response[HASH_HEX] = "", count[9];
	struct request r = { method, uri, body, len, count, cnonce };
	struct challenge c;
	int rc = challenge_parse(&c, challenge);

	snprintf(count, sizeof count, "%08x", nc);
	if (rc == 0)
		rc = respond(response, &c, credentials, &r);
	if (rc == 0)
		write_answer(out, &c, credentials->user, &r, response);
	challenge_fini(&c);
	if (rc == 0 && out->oom)
		rc = -ENOMEM;
	return rc;
}

int pc_sip_digest_choose_for(const char *const *challenges, size_t n,
			     const struct pc_sip_credentials *who)
{
	const struct algorithm *best = NULL;
	struct challenge c;
	int index = -1;

	for (size_t i = 0; i < n; i++) {
		if (challenge_parse(&c, challenges[i]) == 0 &&
		    (!who || who->password || find_ha1(&c, who)) &&
		    (!best || c.known > best)) {
			best = c.known;
			index = (int)i;
		}
		challenge_fini(&c);
	}
	return index;
}

int pc_sip_digest_choose(const char *const *challenges, size_t n)
{
	return pc_sip_digest_choose_for(challenges, n, NULL);
}

bool pc_sip_digest_stale(const char *challenge)
{
	struct challenge c;
	bool stale = challenge_parse(&c, challenge) == 0 && c.stale &&
		     !strcasecmp(c.stale, "true");

	challenge_fini(&c);
	return stale;
}
