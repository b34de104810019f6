/* Answers to challenges (RFC 3261 22, RFC 7616). Passwords stay here. */
#include "app.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CHALLENGES_MAX 8

/* The challenges of a 401 (WWW-) or 407 (Proxy-Authenticate); heap. */
static size_t collect(const char *response, size_t len, const char *header,
		      char *challenges[CHALLENGES_MAX])
{
	struct pc_sip_span value;
	size_t at = 0, n = 0;

	while (n < CHALLENGES_MAX &&
	       pc_sip_text_header(response, len, header, &at, &value)) {
		challenges[n] = pc_sip_span_dup(value);
		n += challenges[n] != NULL;
	}
	return n;
}

static void release(char *challenges[CHALLENGES_MAX], size_t n)
{
	while (n > 0)
		free(challenges[--n]);
}

static const char *challenge_header(const char *response, size_t len)
{
	struct pc_sip_start start;

	if (pc_sip_text_start(&start, response, len) == 0 &&
	    start.status == 407)
		return "Proxy-Authenticate";
	return "WWW-Authenticate";
}

static struct pc_sip_credentials credentials(const struct account *a)
{
	const char *user = a->app->cfg->user;

	return (struct pc_sip_credentials){ .user = user ? user : a->user,
					    .password = a->password,
					    .ha1 = a->app->ha1.list,
					    .n_ha1 = a->app->ha1.n };
}

/* A dial's request is not here: its body is not known (auth-int). */
static int respond(struct account *a, struct nonce *nonce, const char *method,
		   const char *uri, struct pc_buf *value)
{
	struct pc_sip_credentials who = credentials(a);
	bool empty = !strcmp(method, "REGISTER") || !strcmp(method, "BYE");
	char cnonce[PC_SIP_TOKEN];

	return pc_sip_digest_answer(value, nonce->challenge, &who, method, uri,
				    nonce->count, pc_sip_token(cnonce),
				    empty ? "" : NULL, 0);
}

int auth_answer(struct account *a, struct nonce *nonce, const char *response,
		size_t len, const char *method, const char *uri,
		struct pc_buf *value, const char **why)
{
	const char *header = challenge_header(response, len);
	char *challenges[CHALLENGES_MAX], *chosen;
	struct pc_sip_credentials who;
	size_t n;
	int i, rc;

	if (!account_has_credentials(a)) {
		*why = "a password is asked for and none was given "
		       "(--password-file, or $SIP_PASSWORD)";
		return -ENOENT;
	}
	n = collect(response, len, header, challenges);
	who = credentials(a);
	i = pc_sip_digest_choose_for((const char *const *)challenges, n, &who);
	if (i < 0) {
		*why = n == 0 ? "a challenge was announced and not made"
		       : a->password
			       ? "no challenge of a kind that is known here "
				 "(Digest with MD5, SHA-256 or SHA-512-256)"
			       : "no hash of ours is for this user, realm and "
				 "algorithm (--ha1-file)";
		release(challenges, n);
		return n == 0 ? -EINVAL : -ENOTSUP;
	}
	chosen = challenges[i];
	challenges[i] = NULL;
	release(challenges, n);
	if (nonce->challenge && !strcmp(nonce->challenge, chosen)) {
		nonce->count++;
		free(chosen);
	} else {
		free(nonce->challenge);
		*nonce = (struct nonce){ chosen, NULL, 1 };
	}
	nonce->header =
		header[0] == 'P' ? "Proxy-Authorization" : "Authorization";
	rc = respond(a, nonce, method, uri, value);
	*why = rc < 0 ? strerror(-rc) : NULL;
	return rc;
}

bool auth_again(struct account *a, struct nonce *nonce, const char *method,
		const char *uri, struct pc_buf *value)
{
	if (!nonce->challenge)
		return false;
	nonce->count++;
	return respond(a, nonce, method, uri, value) == 0;
}

bool auth_stale(const char *response, size_t len)
{
	char *challenges[CHALLENGES_MAX];
	size_t n = collect(response, len, challenge_header(response, len),
			   challenges);
	bool stale = false;

	for (size_t i = 0; i < n; i++)
		stale = stale || pc_sip_digest_stale(challenges[i]);
	release(challenges, n);
	return stale;
}

void auth_forget(struct nonce *nonce)
{
	free(nonce->challenge);
	*nonce = (struct nonce){ 0 };
}
