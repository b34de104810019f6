#!/usr/bin/env bats
# What is neither passed nor transcoded, and packets that are not what their
# payload type says: told, not swallowed.

bats_require_minimum_version 1.5.0

setup()
{
	load ../lib/media
	cd "$BATS_TEST_TMPDIR" || exit
}

teardown()
{
	media_stop
}

# Leg NAME of b talks CODINGS with pNAME.
described() # NAME CODING...
{
	rtp_start "p$1"
	sdp "127.0.0.1:$(rtp_port "p$1")" "${@:2}" >"$1.sdp"
	bridge b describe "$1" - "$1.sdp"
}

refused() # FROM IN TO OUT
{
	wait_for 5 error_like b \
		"^$1: $2 cannot be made into what $3 takes \\($4\\): it is not heard"
	at_least 1 b.jsonl media ".from == \"$1\" and .to == \"$3\" and
		.in == \"$2\" and .mode == \"none\""
}

@test "a coding that cannot be transcoded is an error that names both, and 1" {
	bridge_start b rtp:127.0.0.1:0,name=a rtp:127.0.0.1:0,name=z
	described a 18=G729/8000
	described z 0=PCMU/8000
	rtp pa speech "127.0.0.1:$(bridge_port b a)" 5 18 77 1 160 5 20
	rtp pz speech "127.0.0.1:$(bridge_port b z)" 5 0 88 1 160 5 160
	refused a G729/8000 z PCMU/8000
	refused z PCMU/8000 a G729/8000
	wait_for 5 at_least 2 b.jsonl stats '.packets_in == 5'
	[ "$(count b.jsonl error)" = 2 ] # not for each packet
	bridge b quit
	bridge_wait b 1
}

@test "a coding that cannot be made of a tone: the same" {
	bridge_start b rtp:127.0.0.1:0,name=a tone:440
	described a 18=G729/8000
	refused tone pcm a G729/8000
	bridge b quit
	bridge_wait b 1
}

@test "a coding that cannot be mixed: the same, both ways" {
	bridge_start b rtp:127.0.0.1:0,name=a tone:440 echo:
	described a 18=G729/8000
	rtp pa speech "127.0.0.1:$(bridge_port b a)" 5 18 77 1 160 5 20
	refused a G729/8000 mix pcm
	refused mix pcm a G729/8000
}

@test "both know it: it passes, and is no error" {
	bridge_start b rtp:127.0.0.1:0,name=a rtp:127.0.0.1:0,name=z
	described a 18=G729/8000
	described z 18=G729/8000
	rtp pa speech "127.0.0.1:$(bridge_port b a)" 5 18 77 1 160 5 20
	wait_for 5 at_least 5 pz.out packet '.pt == 18'
	run ! says b.jsonl error
	bridge b quit
	bridge_wait b 0
}

@test "a telephone-event that is cut short is malformed, and leaves no hole" {
	bridge_start b rtp:127.0.0.1:0,name=a rtp:127.0.0.1:0,name=z
	described a 0=PCMU/8000 101=telephone-event/8000
	described z 0=PCMU/8000 101=telephone-event/8000
	to=127.0.0.1:$(bridge_port b a)
	rtp pa speech "$to" 2 0 77 1 160 5 160
	for event in 03: 04:05 05:050a 06:050a03; do # a number, and the payload
		rtp pa hex "$to" "806500${event%:*}000001400000004d${event#*:}"
	done
	rtp pa speech "$to" 2 0 77 7 640 5 160
	wait_for 5 at_least 3 b.jsonl malformed '.protocol == "telephone-event"'
	wait_for 5 at_least 4 pz.out packet '.pt == 0'
	jq -se 'map(select(.event == "packet" and .pt == 0) | .seq)
		| .[3] - .[0] == 3' pz.out
	run ! says b.jsonl dtmf
}
