/* --encode WORD...: a message from words, as hex digits or --raw. */
#include <errno.h>
#include <sys/random.h>

#include "app.h"
#include "stun/words.h"

#define MESSAGE_MAX 65556

int encode_start(struct app *app)
{
	static uint8_t message[MESSAGE_MAX];
	struct pc_stun_secret secret = { .password = app->password,
					 .user = app->cfg.user,
					 .realm = app->cfg.realm };
	uint8_t id[PC_STUN_ID];
	struct pc_buf out = { 0 };
	char why[PC_STUN_WHY];
	ssize_t len;
	int status = PC_EXIT_OK;

	if (getrandom(id, sizeof(id), 0) != sizeof(id))
		return PC_EXIT_IO;
	len = pc_stun_from_words(message, sizeof(message), app->tool.operands,
				 (size_t)app->tool.n_operands, id,
				 app->password ? &secret : NULL, why);
	if (len == -EINVAL) {
		pc_warnx("--encode: %s", why);
		return PC_EXIT_USAGE;
	}
	if (len < 0) {
		pc_warnx("--encode: the message is too long");
		return PC_EXIT_DATA;
	}
	if (app->cfg.raw) {
		pc_buf_add(&out, message, (size_t)len);
	} else {
		pc_buf_add_hex(&out, message, (size_t)len);
		pc_buf_adds(&out, "\n");
	}
	if (pc_tool_product(&app->tool, out.data, out.len) != 0)
		status = PC_EXIT_IO;
	pc_buf_fini(&out);
	app_end(app, status);
	return -1;
}
