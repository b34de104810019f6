# ice-pair and an agent of libnice's with other options than its own, such as
# Janus and GStreamer have: aggressive, regular, ICE-lite, TCP; each role.

setup()
{
	load ../lib/ports
	load ice/ends
	cd "$BATS_TEST_TMPDIR"
}

teardown()
{
	ends_stop
}

# libnice in role $1 with options $2, ice-pair with the others; media process m.
connect()
{
	local role=$1 options=$2

	shift 2
	mkfifo i.frag
	media_start m
	# shellcheck disable=SC2086
	libnice_start n "$role" i.frag $options
	ice_start i --remote n.frag --handover m "$@"
	wait_for 20 says i.jsonl handover
	wait_for 20 says n.out connected
	# both speak of one pair, and packets go there and come back by it
	[ "$(event n.out connected local)" = "$(event i.jsonl selected remote)" ]
	media m flood 20 172
	wait_for 10 packets_are m "$way" 20
}

way=udp

@test "libnice controlling, aggressive (its default) and regular" {
	connect controlling ""
	teardown
	rm -f ./*
	connect controlling regular
}

@test "libnice controlled" {
	connect controlled "" --controlling
	teardown
	rm -f ./*
	connect controlled "" --controlling --nomination regular
}

@test "libnice as an ICE-lite agent, which only answers" {
	connect controlled lite
	[ "$(event i.jsonl remote lite)" = true ]
	teardown
	rm -f ./*
	connect controlled lite --controlling
}

@test "both have the same role: the tie-breakers decide" {
	connect controlling "" --controlling
	teardown
	rm -f ./*
	connect controlled ""
}

@test "over TCP alone" {
	way=unix
	connect controlling tcp --tcp
	[[ $(event i.jsonl selected transport) == tcp* ]]
	teardown
	rm -f ./*
	connect controlled tcp --tcp --controlling
	[[ $(event i.jsonl selected transport) == tcp* ]]
}
