/*
 * RFC 7983: the rule as C, and as the kernel runs it between two sockets.
 */
#include <check.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/addr.h"
#include "stun/demux.h"

static int ice, media, sender;
static struct pc_addr port;

/* The first is bound before it has SO_REUSEPORT, as libnice's is. */
static void open_pair(const char *address)
{
	const int on = 1;

	pc_addr_parse(&port, address, 0);
	ice = pc_addr_bind(&port, SOCK_DGRAM);
	ck_assert_int_ge(ice, 0);
	ck_assert_int_eq(
		setsockopt(ice, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)), 0);
	media = socket(port.sa.sa_family, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	ck_assert_int_eq(
		setsockopt(media, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)),
		0);
	ck_assert_int_eq(bind(media, &port.sa, port.len), 0);
	ck_assert_int_eq(pc_demux_attach(media), 0);
	sender = socket(port.sa.sa_family, SOCK_DGRAM, 0);
}

static void close_pair(void)
{
	close(ice);
	close(media);
	close(sender);
}

static bool came(int fd, uint8_t byte)
{
	uint8_t buf[16];
	ssize_t n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);

	if (n == 2)
		ck_assert_uint_eq(buf[0], byte);
	return n == 2;
}

static void send_byte(uint8_t byte)
{
	uint8_t packet[2] = { byte, 0xff };

	ck_assert_int_eq(sendto(sender, packet, 2, 0, &port.sa, port.len), 2);
}

/* On loopback sendto has queued the packet when it returns. */
static void every_byte(const char *address)
{
	open_pair(address);
	for (unsigned byte = 0; byte < 256; byte++) {
		bool wanted = pc_demux_is_media((uint8_t)byte);

		send_byte((uint8_t)byte);
		ck_assert_msg(came(media, (uint8_t)byte) == wanted,
			      "media socket, first byte %u", byte);
		ck_assert_msg(came(ice, (uint8_t)byte) == !wanted,
			      "ICE socket, first byte %u", byte);
	}
	close_pair();
}

START_TEST(test_kernel_ipv4)
{
	every_byte("127.0.0.1:0");
}
END_TEST

START_TEST(test_kernel_ipv6)
{
	every_byte("[::1]:0");
}
END_TEST

START_TEST(test_empty_datagram_stays)
{
	uint8_t buf[4];

	open_pair("127.0.0.1:0");
	ck_assert_int_eq(sendto(sender, "", 0, 0, &port.sa, port.len), 0);
	ck_assert_int_eq(recv(ice, buf, sizeof(buf), MSG_DONTWAIT), 0);
	ck_assert_int_eq(recv(media, buf, sizeof(buf), MSG_DONTWAIT), -1);
	close_pair();
}
END_TEST

/* When the media process is gone its packets come back to the first. */
START_TEST(test_second_socket_closed)
{
	open_pair("127.0.0.1:0");
	close(media);
	send_byte(0x80);
	ck_assert(came(ice, 0x80));
	media = -1;
	close_pair();
}
END_TEST

START_TEST(test_classes)
{
	static const struct {
		uint8_t first, last;
		enum pc_demux kind;
	} rows[] = {
		/* RFC 7983 section 7, figure 3 */
		{ 0, 3, PC_DEMUX_STUN },    { 4, 15, PC_DEMUX_UNKNOWN },
		{ 16, 19, PC_DEMUX_ZRTP },  { 20, 63, PC_DEMUX_DTLS },
		{ 64, 79, PC_DEMUX_TURN },  { 80, 127, PC_DEMUX_UNKNOWN },
		{ 128, 191, PC_DEMUX_RTP }, { 192, 255, PC_DEMUX_UNKNOWN },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (unsigned b = rows[i].first; b <= rows[i].last; b++)
			ck_assert_int_eq(pc_demux((uint8_t)b), rows[i].kind);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("RFC 7983");
	TCase *t = tcase_create("demux");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_add_test(t, test_classes);
	tcase_add_test(t, test_kernel_ipv4);
	tcase_add_test(t, test_kernel_ipv6);
	tcase_add_test(t, test_empty_datagram_stays);
	tcase_add_test(t, test_second_socket_closed);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
