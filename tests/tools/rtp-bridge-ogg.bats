#!/usr/bin/env bats
# rtp-bridge's Ogg files of what came: as long as the call was.

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

# 20 ms of silence to leg a, which was added last: $1 SSRC, $2
# sequence, $3 time; then $4 packets have come.
opus_packet()
{
	local port

	port=$(jq -rs 'map(select(.event == "leg" and .leg == "a" and
		.state == "added")) | last | .fragment' b.jsonl |
		awk '/^m=/ { print $2 }')
	rtp p hex "127.0.0.1:$port" "806f$(printf %04x%08x%08x "$2" "$3" "$1")f8fffe"
	wait_for 5 at_least 1 b.jsonl stats ".packets_in == $4"
}

# There are figures each second.
seconds_later()
{
	local n

	n=$(count b.jsonl stats)
	wait_for 10 at_least $((n + 3)) b.jsonl stats
}

@test "a pause is as long as it was, and the leg may be another of that name" {
	bridge_start b rtp:127.0.0.1:0,name=a ogg:record=call.ogg,from=a
	rtp_start p
	sdp "127.0.0.1:$(rtp_port p)" 111=opus/48000/2 0=PCMU/8000 >a.sdp
	bridge b describe a - a.sdp
	opus_packet 7 1 960 1
	seconds_later
	opus_packet 8 900 77777777 2 # a transfer
	bridge b drop a
	bridge b add rtp:127.0.0.1:0,name=a
	wait_for 5 at_least 2 b.jsonl leg '.leg == "a" and .state == "added"'
	bridge b describe a - a.sdp
	seconds_later
	opus_packet 9 1 960 1
	opus_packet 9 2 1920 2
	opus_packet 9 3 2880 3
	bridge b quit
	bridge_wait b 0
	# two pauses of two seconds and more, and five packets
	at_least 1 b.jsonl recorded '.seconds > 4 and .seconds < 60'
	ffprobe -v error -show_entries format=duration -of csv=p=0 call.ogg |
		awk '{ exit !($1 > 4 && $1 < 60) }'
}

@test "what came is recorded, though what came last was no Opus" {
	bridge_start b rtp:127.0.0.1:0,name=a ogg:record=call.ogg
	rtp_start p
	sdp "127.0.0.1:$(rtp_port p)" 111=opus/48000/2 0=PCMU/8000 >a.sdp
	bridge b describe a - a.sdp
	opus_packet 7 1 960 1
	rtp p speech "127.0.0.1:$(bridge_port b a)" 1 0 9 1 160 20 160
	wait_for 5 at_least 1 b.jsonl stats '.packets_in == 2'
	bridge b quit
	bridge_wait b 0
	[ "$(count b.jsonl error)" = 0 ]
}
