/* Digest access authentication (RFC 7616, RFC 8760); see digest.h. */
#include "sip/digest.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
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
	bool auth; /* qop lists "auth" */
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
	return !c->known || (c->qop && !c->auth) ? -ENOTSUP : 0;
}

/* The digest of the parts joined by colons, as hex. 0 or -ENOTSUP. */
static int hash(char hex[HASH_HEX], const char *digest,
		const char *const *parts, size_t n)
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
		ok = ok && EVP_DigestUpdate(ctx, parts[i], strlen(parts[i]));
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

#define HASH(hex, digest, ...)                                                 \
	hash(hex, digest, (const char *const[]){ __VA_ARGS__ },                \
	     sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

/* RFC 7616 3.4.1 to 3.4.3. */
static int respond(char response[HASH_HEX], const struct challenge *c,
		   const struct pc_sip_credentials *who, const char *method,
		   const char *uri, const char *nc, const char *cnonce)
{
	const char *digest = c->known->digest;
	char a1[HASH_HEX], a2[HASH_HEX], session[HASH_HEX];
	int rc = HASH(a1, digest, who->user, c->realm, who->password);

	if (rc == 0 && c->known->session) {
		rc = HASH(session, digest, a1, c->nonce, cnonce);
		memcpy(a1, session, sizeof a1);
	}
	if (rc == 0)
		rc = HASH(a2, digest, method, uri);
	if (rc == 0 && c->auth)
		rc = HASH(response, digest, a1, c->nonce, nc, cnonce, "auth",
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
			 const char *user, const char *uri, const char *nc,
			 const char *cnonce, const char *response)
{
	pc_buf_adds(out, "Digest ");
	add_quoted(out, "username", user);
	pc_buf_adds(out, ", ");
	add_quoted(out, "realm", c->realm);
	pc_buf_adds(out, ", ");
	add_quoted(out, "nonce", c->nonce);
	pc_buf_adds(out, ", ");
	add_quoted(out, "uri", uri);
	pc_buf_adds(out, ", ");
	add_quoted(out, "response", response);
	if (c->algorithm)
		pc_buf_printf(out, ", algorithm=%s", c->known->name);
	if (c->auth || c->known->session) {
		pc_buf_adds(out, ", ");
		add_quoted(out, "cnonce", cnonce);
	}
	if (c->opaque) {
		pc_buf_adds(out, ", ");
		add_quoted(out, "opaque", c->opaque);
	}
	if (c->auth)
		pc_buf_printf(out, ", qop=auth, nc=%s", nc);
}

int pc_sip_digest_answer(struct pc_buf *out, const char *challenge,
			 const struct pc_sip_credentials *credentials,
			 const char *method, const char *uri, uint32_t nc,
			 const char *cnonce)
{
	char response[HASH_HEX] = "", count[9];
	struct pc_buf nc_text = { 0 };
	struct challenge c;
	int rc = challenge_parse(&c, challenge);

	pc_buf_printf(&nc_text, "%08x", nc);
	memcpy(count, nc_text.data ? nc_text.data : "00000000", sizeof count);
	pc_buf_fini(&nc_text);
	if (rc == 0)
		rc = respond(response, &c, credentials, method, uri, count,
			     cnonce);
	if (rc == 0)
		write_answer(out, &c, credentials->user, uri, count, cnonce,
			     response);
	challenge_fini(&c);
	if (rc == 0 && out->oom)
		rc = -ENOMEM;
	return rc;
}

int pc_sip_digest_choose(const char *const *challenges, size_t n)
{
	const struct algorithm *best = NULL;
	struct challenge c;
	int index = -1;

	for (size_t i = 0; i < n; i++) {
		if (challenge_parse(&c, challenges[i]) == 0 &&
		    (!best || c.known > best)) {
			best = c.known;
			index = (int)i;
		}
		challenge_fini(&c);
	}
	return index;
}

bool pc_sip_digest_stale(const char *challenge)
{
	struct challenge c;
	bool stale = challenge_parse(&c, challenge) == 0 && c.stale &&
		     !strcasecmp(c.stale, "true");

	challenge_fini(&c);
	return stale;
}
