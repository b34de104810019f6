/* Credentials of a shared secret; see ephemeral.h. */
#include "stun/ephemeral.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int pc_turn_ephemeral(const char *secret, const char *name, time_t expiry,
		      char **user, char **password)
{
	uint8_t mac[EVP_MAX_MD_SIZE];
	char text[64];
	unsigned len = 0;

	if (asprintf(user, "%lld%s%s", (long long)expiry, name ? ":" : "",
		     name ? name : "") < 0)
		return -ENOMEM;
	if (!HMAC(EVP_sha1(), secret, (int)strlen(secret),
		  (const uint8_t *)*user, strlen(*user), mac, &len)) {
		free(*user);
		return -ENOMEM;
	}
	EVP_EncodeBlock((uint8_t *)text, mac, (int)len);
	*password = strdup(text);
	if (*password)
		return 0;
	free(*user);
	return -ENOMEM;
}
