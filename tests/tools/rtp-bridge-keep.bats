#!/usr/bin/env bats
# Keep-alive (RFC 6263): who sends nothing still sends something.

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

# Bridge b between nobody and p, who is told of by description p.sdp.
start_silent() # [leg option...]
{
	rtp_start p
	bridge_start b "rtp:127.0.0.1:0$*" null:
	sdp "127.0.0.1:$(rtp_port p)" 0=PCMU/8000 126=telephone-event/8000 >p.sdp
}

@test "a silent leg says at once where it is: RTP of a type nobody knows, and RTCP" {
	start_silent
	bridge b describe rtp - p.sdp
	wait_for 5 at_least 6 p.out packet '.pt == 125 and .payload == "" and
		.len == 12'
	wait_for 5 says p.out rtcp
	# and again, for one that was not yet told of us when they came
	wait_for 10 at_least 18 p.out packet
	wait_for 5 at_least 1 b.jsonl stats '.kept >= 18 and .packets_out == .kept'
	jq -se 'map(select(.event == "packet") | .seq) |
		. == [range(.[0]; .[0] + length)]' p.out
}

@test "a leg falls silent soon after it was described: it says so, too" {
	start_silent
	bridge b add tone:440,name=word
	bridge b describe rtp - p.sdp
	wait_for 5 at_least 5 p.out packet '.pt == 0'
	bridge b drop word
	# at the latest a look after the next: they are ever further apart
	wait_for 20 at_least 6 p.out packet '.pt == 125'
}

@test "it goes on so, also on hold; media takes its place and its sequence" {
	start_silent ,keepalive=1
	{
		cat p.sdp
		echo a=inactive
	} >hold.sdp
	bridge b describe rtp - hold.sdp
	wait_for 10 at_least 8 p.out packet
	bridge b describe rtp - p.sdp
	bridge b drop null
	bridge b add tone:440
	wait_for 5 at_least 5 p.out packet '.pt == 0'
	jq -se 'map(select(.event == "packet")) | (map(.seq) |
		. == [range(.[0]; .[0] + length)]) and
		(map(select(.pt == 0))[0].marker == 1)' p.out
}

@test "none before a description, none to port 0, none with keepalive=0" {
	start_silent ,keepalive=0
	rtp_start z
	bridge_start c rtp:127.0.0.1:0,keepalive=1 null:
	sdp 0.0.0.0:9 0=PCMU/8000 >held.sdp
	bridge b describe rtp - p.sdp
	bridge c describe rtp - held.sdp
	wait_for 10 at_least 3 b.jsonl stats
	wait_for 10 at_least 3 c.jsonl stats
	[ "$(event b.jsonl stats packets_out)" = 0 ]
	[ "$(event c.jsonl stats packets_out)" = 0 ]
	[ "$(count p.out packet)" = 0 ]
	run -2 timeout 20 rtp-bridge rtp:127.0.0.1:0,keepalive=x
	[[ $output == *"keepalive=x: use 0 to 3600"* ]]
}
