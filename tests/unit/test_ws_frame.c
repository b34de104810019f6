/* libcommon/ws/frame: RFC 6455 sections 5.5 to 7, both ends. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ws/frame.h"

#define MAX 70000

/* What the other end was told. */
static struct {
	struct pc_buf text; /* messages, each with a | behind it */
	unsigned messages, pongs;
} got;
static struct pc_ws_frames *f;

static void on_message(void *arg, const char *text, size_t len)
{
	(void)arg;
	ck_assert_uint_eq(strlen(text), len);
	pc_buf_add(&got.text, text, len);
	pc_buf_adds(&got.text, "|");
	got.messages++;
}

static void on_pong(void *arg)
{
	(void)arg;
	got.pongs++;
}

static void setup_end(bool client)
{
	memset(&got, 0, sizeof(got));
	ck_assert_int_eq(pc_ws_frames_new(&f,
					  &(struct pc_ws_frames_config){
						  .client = client,
						  .message_max = MAX,
						  .message = on_message,
						  .pong = on_pong,
					  }),
			 0);
}

static void setup_server(void)
{
	setup_end(false);
}

static void setup_client(void)
{
	setup_end(true);
}

static void teardown(void)
{
	pc_ws_frames_free(f);
	pc_buf_fini(&got.text);
}

#define FEED(...)                                                              \
	pc_ws_frames_feed(f, (const uint8_t[]){ __VA_ARGS__ },                 \
			  sizeof((const uint8_t[]){ __VA_ARGS__ }))

static void out_is(const void *data, size_t len)
{
	struct pc_buf *out = pc_ws_frames_out(f);

	ck_assert_uint_eq(out->len, len);
	if (len)
		ck_assert_mem_eq(out->data, data, len);
	pc_buf_clear(out);
}
#define OUT(...)                                                               \
	out_is((const uint8_t[]){ __VA_ARGS__ },                               \
	       sizeof((const uint8_t[]){ __VA_ARGS__ }))

/* Our Close has this code; the connection has failed. */
static void failed_with(unsigned code)
{
	struct pc_buf *out = pc_ws_frames_out(f);
	const struct pc_ws_close *close = pc_ws_frames_closing(f);

	ck_assert(close->sent);
	ck_assert(!close->received);
	ck_assert_uint_eq(close->code, code);
	ck_assert_uint_ge(out->len, 4);
	ck_assert_uint_eq((uint8_t)out->data[0], 0x88);
	pc_buf_clear(out);
}

/* "Hello" as the server sends it: section 5.7, first sample. */
#define HELLO 0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f
/* The same masked, as the client sends it: second sample. */
#define HELLO_MASKED                                                           \
	0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58

START_TEST(hello_unmasked)
{
	ck_assert_int_eq(FEED(HELLO), 0);
	ck_assert_str_eq(got.text.data, "Hello|");
	out_is("", 0);
}
END_TEST

START_TEST(hello_masked)
{
	ck_assert_int_eq(FEED(HELLO_MASKED), 0);
	ck_assert_str_eq(got.text.data, "Hello|");
}
END_TEST

START_TEST(hello_in_fragments)
{
	ck_assert_int_eq(FEED(0x01, 0x03, 0x48, 0x65, 0x6c), 0);
	ck_assert_uint_eq(got.messages, 0);
	ck_assert_int_eq(FEED(0x80, 0x02, 0x6c, 0x6f), 0);
	ck_assert_str_eq(got.text.data, "Hello|");
}
END_TEST

/* A control frame may stand between fragments (5.4). */
START_TEST(ping_between_fragments)
{
	FEED(0x01, 0x03, 0x48, 0x65, 0x6c, 0x89, 0x02, 'h', 'i');
	ck_assert_int_eq(FEED(0x80, 0x02, 0x6c, 0x6f), 0);
	ck_assert_str_eq(got.text.data, "Hello|");
	ck_assert_uint_eq((uint8_t)pc_ws_frames_out(f)->data[0], 0x8a);
}
END_TEST

/* The ping and pong samples; the pong to a client is not masked. */
START_TEST(ping_is_answered)
{
	ck_assert_int_eq(FEED(0x89, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f,
			      0x4d, 0x51, 0x58),
			 0);
	OUT(0x8a, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f);
	ck_assert_int_eq(FEED(0x8a, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f,
			      0x4d, 0x51, 0x58),
			 0);
	ck_assert_uint_eq(got.pongs, 1);
	out_is("", 0);
}
END_TEST

START_TEST(byte_by_byte)
{
	static const uint8_t two[] = { HELLO_MASKED, HELLO_MASKED };

	for (size_t i = 0; i < sizeof(two); i++)
		ck_assert_int_eq(pc_ws_frames_feed(f, two + i, 1), 0);
	ck_assert_str_eq(got.text.data, "Hello|Hello|");
}
END_TEST

/* Lengths around each change of the header's form (5.2). */
START_TEST(lengths_there_and_back)
{
	static const size_t lengths[] = {
		0, 1, 125, 126, 127, 65535, 65536, MAX
	};
	struct pc_ws_frames *sender;
	char *text = malloc(MAX);

	ck_assert_ptr_nonnull(text);
	memset(text, 'x', MAX);
	pc_ws_frames_new(&sender, &(struct pc_ws_frames_config){
					  .client = true, .message_max = 1 });
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct pc_buf *out = pc_ws_frames_out(sender);

		pc_buf_clear(&got.text);
		ck_assert_int_eq(pc_ws_frames_text(sender, text, lengths[i]),
				 0);
		ck_assert_int_eq(pc_ws_frames_feed(f, out->data, out->len), 0);
		ck_assert_uint_eq(got.text.len, lengths[i] + 1);
		pc_buf_clear(out);
	}
	ck_assert_uint_eq(got.messages, 8);
	pc_ws_frames_free(sender);
	free(text);
}
END_TEST

/* What a client sends is masked, each frame with a new key (5.3). */
START_TEST(the_client_masks)
{
	struct pc_buf *out = pc_ws_frames_out(f);
	uint8_t first[4];

	pc_ws_frames_text(f, "Hello", 5);
	ck_assert_uint_eq(out->len, 11);
	ck_assert_uint_eq((uint8_t)out->data[1], 0x85);
	memcpy(first, out->data + 2, 4);
	pc_buf_clear(out);
	pc_ws_frames_text(f, "Hello", 5);
	ck_assert_mem_ne(out->data + 2, first, 4);
}
END_TEST

START_TEST(the_server_does_not_mask)
{
	pc_ws_frames_text(f, "Hello", 5);
	OUT(HELLO);
}
END_TEST

static const struct {
	unsigned code;
	size_t len;
	uint8_t frame[16];
} wrong[] = {
	{ PC_WS_PROTOCOL_ERROR, 7, { HELLO } }, /* not masked */
	{ PC_WS_PROTOCOL_ERROR, 6, { 0xc1, 0x80, 1, 2, 3, 4 } }, /* RSV1 */
	{ PC_WS_PROTOCOL_ERROR, 6, { 0x83, 0x80, 1, 2, 3, 4 } }, /* opcode */
	{ PC_WS_PROTOCOL_ERROR, 6, { 0x8b, 0x80, 1, 2, 3, 4 } },
	{ PC_WS_PROTOCOL_ERROR, 6, { 0x80, 0x80, 1, 2, 3, 4 } }, /* of what? */
	{ PC_WS_PROTOCOL_ERROR, 6, { 0x09, 0x80, 1, 2, 3, 4 } }, /* no FIN */
	{ PC_WS_PROTOCOL_ERROR, 8, { 0x89, 0xfe, 0, 126, 1, 2, 3, 4 } },
	{ PC_WS_PROTOCOL_ERROR, 8, { 0x81, 0xfe, 0, 125, 1, 2, 3, 4 } },
	{ PC_WS_PROTOCOL_ERROR,
	  14,
	  { 0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4 } },
	{ PC_WS_TOO_BIG,
	  15,
	  { 0x81, 0xff, 0, 0, 0, 9, 0, 0, 0, 0, 1, 2, 3, 4, 5 } },
	{ PC_WS_UNSUPPORTED, 7, { 0x82, 0x81, 0, 0, 0, 0, 'x' } },
	{ PC_WS_BAD_DATA, 8, { 0x81, 0x82, 0, 0, 0, 0, 0xc0, 0xaf } },
	{ PC_WS_BAD_DATA, 8, { 0x81, 0x82, 0, 0, 0, 0, 0xc3, 'x' } },
	{ PC_WS_PROTOCOL_ERROR, 7, { 0x88, 0x81, 0, 0, 0, 0, 3 } },
	{ PC_WS_PROTOCOL_ERROR, 8, { 0x88, 0x82, 0, 0, 0, 0, 3, 0xed } },
	{ PC_WS_PROTOCOL_ERROR, 8, { 0x88, 0x82, 0, 0, 0, 0, 3, 0xe7 } },
	{ PC_WS_BAD_DATA, 9, { 0x88, 0x83, 0, 0, 0, 0, 3, 0xe8, 0xff } },
};

START_TEST(what_breaks_the_protocol)
{
	ck_assert_int_eq(pc_ws_frames_feed(f, wrong[_i].frame, wrong[_i].len),
			 -EPROTO);
	failed_with(wrong[_i].code);
	/* and then nothing more is heard */
	ck_assert_int_eq(FEED(HELLO_MASKED), 0);
	ck_assert_uint_eq(got.messages, 0);
	out_is("", 0);
}
END_TEST

START_TEST(a_message_inside_another)
{
	ck_assert_int_eq(FEED(0x01, 0x81, 0, 0, 0, 0, 'a', HELLO_MASKED),
			 -EPROTO);
	failed_with(PC_WS_PROTOCOL_ERROR);
}
END_TEST

/* The limit is the whole message's, not a fragment's. */
START_TEST(fragments_add_up)
{
	uint8_t frame[8 + 65535] = { 0x01, 0xfe, 0xff, 0xff, 0, 0, 0, 0 };

	memset(frame + 8, 'x', 65535);
	ck_assert_int_eq(pc_ws_frames_feed(f, frame, sizeof(frame)), 0);
	frame[0] = 0x80;
	ck_assert_int_eq(pc_ws_frames_feed(f, frame, sizeof(frame)), -EPROTO);
	failed_with(PC_WS_TOO_BIG);
}
END_TEST

/* UTF-8 may be cut anywhere between fragments; only the whole must be good. */
START_TEST(utf8_across_fragments)
{
	ck_assert_int_eq(FEED(0x01, 0x81, 0, 0, 0, 0, 0xc3, /* half an e' */
			      0x80, 0x81, 0, 0, 0, 0, 0xa9),
			 0);
	ck_assert_str_eq(got.text.data, "\xc3\xa9|");
}
END_TEST

START_TEST(a_masked_frame_from_a_server)
{
	ck_assert_int_eq(FEED(HELLO_MASKED), -EPROTO);
	failed_with(PC_WS_PROTOCOL_ERROR);
}
END_TEST

START_TEST(the_peer_closes)
{
	const struct pc_ws_close *close = pc_ws_frames_closing(f);

	ck_assert_uint_eq(close->code, PC_WS_ABNORMAL);
	ck_assert_int_eq(FEED(0x88, 0x85, 0, 0, 0, 0, 0x0f, 0xa0, 'b', 'y', 'e',
			      HELLO_MASKED),
			 0);
	OUT(0x88, 0x02, 0x0f, 0xa0); /* 4000, echoed */
	ck_assert(close->received);
	ck_assert(close->sent);
	ck_assert_uint_eq(close->code, 4000);
	ck_assert_str_eq(close->reason, "bye");
	ck_assert_uint_eq(got.messages, 0);
	ck_assert_int_eq(pc_ws_frames_text(f, "x", 1), -EPIPE);
}
END_TEST

START_TEST(the_peer_closes_without_a_code)
{
	ck_assert_int_eq(FEED(0x88, 0x80, 0, 0, 0, 0), 0);
	OUT(0x88, 0x00);
	ck_assert_uint_eq(pc_ws_frames_closing(f)->code, PC_WS_NO_STATUS);
}
END_TEST

START_TEST(codes_of_the_registry_are_taken)
{
	ck_assert_int_eq(FEED(0x88, 0x82, 0, 0, 0, 0, 0x03, 0xf5), 0);
	ck_assert_uint_eq(pc_ws_frames_closing(f)->code, PC_WS_TRY_LATER);
}
END_TEST

START_TEST(we_close)
{
	const struct pc_ws_close *close = pc_ws_frames_closing(f);

	pc_ws_frames_close(f, PC_WS_NORMAL, "ok");
	OUT(0x88, 0x04, 0x03, 0xe8, 'o', 'k');
	pc_ws_frames_close(f, PC_WS_POLICY, "again");
	out_is("", 0);
	/* until theirs comes, theirs may still say something */
	ck_assert_int_eq(FEED(HELLO_MASKED), 0);
	ck_assert_str_eq(got.text.data, "Hello|");
	ck_assert_int_eq(FEED(0x89, 0x80, 0, 0, 0, 0), 0); /* no pong */
	out_is("", 0);
	ck_assert_int_eq(FEED(0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe9), 0);
	ck_assert(close->received);
	ck_assert_uint_eq(close->code, PC_WS_GOING_AWAY);
	out_is("", 0);
}
END_TEST

/* 123 octets at most (5.5), and never half a character. */
START_TEST(a_long_reason_is_cut)
{
	char reason[200];
	struct pc_buf *out = pc_ws_frames_out(f);

	memset(reason, 'a', sizeof(reason));
	memcpy(reason + 122, "\xc3\xa9", 2);
	reason[199] = '\0';
	pc_ws_frames_close(f, PC_WS_NORMAL, reason);
	ck_assert_uint_eq(out->len, 2 + 2 + 122);
	ck_assert_uint_eq(strlen(pc_ws_frames_closing(f)->reason), 122);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ws frame");
	TCase *server = tcase_create("server"),
	      *client = tcase_create("client");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(server, setup_server, teardown);
	tcase_add_test(server, hello_masked);
	tcase_add_test(server, ping_is_answered);
	tcase_add_test(server, byte_by_byte);
	tcase_add_test(server, lengths_there_and_back);
	tcase_add_test(server, the_server_does_not_mask);
	tcase_add_loop_test(server, what_breaks_the_protocol, 0,
			    sizeof(wrong) / sizeof(wrong[0]));
	tcase_add_test(server, a_message_inside_another);
	tcase_add_test(server, fragments_add_up);
	tcase_add_test(server, utf8_across_fragments);
	tcase_add_test(server, the_peer_closes);
	tcase_add_test(server, the_peer_closes_without_a_code);
	tcase_add_test(server, codes_of_the_registry_are_taken);
	tcase_add_test(server, we_close);
	tcase_add_test(server, a_long_reason_is_cut);
	tcase_add_checked_fixture(client, setup_client, teardown);
	tcase_add_test(client, hello_unmasked);
	tcase_add_test(client, hello_in_fragments);
	tcase_add_test(client, ping_between_fragments);
	tcase_add_test(client, the_client_masks);
	tcase_add_test(client, a_masked_frame_from_a_server);
	suite_add_tcase(suite, server);
	suite_add_tcase(suite, client);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
