/* What words.c and words_value.c share. */
#ifndef PC_STUN_WORDS_PRIVATE_H
#define PC_STUN_WORDS_PRIVATE_H

#include "stun/build.h"
#include "stun/secret.h"

struct pc_stun_maker {
	struct pc_stun_build b;
	const struct pc_stun_secret *secret;
	const char *user, *realm; /* of the words, or the secret */
	bool secret_user;         /* it is the secret's: keep it */
	enum pc_stun_algorithm algorithm;
	uint8_t pad;
	char *why; /* PC_STUN_WHY bytes */
};

/* Say what is wrong with a word; -EINVAL. */
int pc_stun_word_wrong(struct pc_stun_maker *m, const char *word,
		       const char *what);

/* A whole number, decimal or 0x..., of at most max. */
bool pc_stun_word_number(const char *text, uint64_t max, uint64_t *out);

/* Put NAME=VALUE. 0 or -EINVAL. word is the whole, for people. */
int pc_stun_word_value(struct pc_stun_maker *m, uint16_t type, const char *word,
		       const char *value);

#endif
