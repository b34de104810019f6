#!/usr/bin/env bats
# Ten thousand requests a second that lead nowhere, at the port of a call: it
# goes on, with the memory it had, and ends as calls end.

bats_require_minimum_version 1.5.0
load ../lib/sip-dial

setup()
{
	cd "$BATS_TEST_TMPDIR" || exit
	printf '%s\n' v=0 'o=- 1 1 IN IP4 127.0.0.1' s=- 'c=IN IP4 127.0.0.1' \
		't=0 0' 'm=audio 40000 RTP/AVP 0' 'a=rtpmap:0 PCMU/8000' >sdp
	mkfifo control
	exec 5<>control
	export TORTURE=$BATS_TEST_DIRNAME/../data/rfc4475
}

teardown()
{
	exec 5>&-
	[ -z "${flooder:-}" ] || kill "$flooder" 2>/dev/null || true
	[ -z "${caller:-}" ] || kill "$caller" 2>/dev/null || true
	[ -z "${dial:-}" ] || kill "$dial" 2>/dev/null || true
}

# A call between two sip-dials; the called one, $dial, is to be flooded.
a_call()
{
	sip-dial --answer --listen 127.0.0.1:0 --events events <sdp \
		>offer 2>said 3>&- &
	dial=$!
	event '.event == "listening"'
	at=$(jq -r 'select(.event == "listening") | .address' events)
	sip-dial --control control --events events.a "sip:bob@$at" <sdp \
		>answer 2>said.a 3>&- &
	caller=$!
	event '.event == "established"'
}

resident_kib()
{
	sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$dial/status"
}

# Tell the caller $1, and the called one sees $2.
told()
{
	echo "$1" >&5
	event "$2" 20
}

flooded()
{
	local before

	a_call
	before=$(resident_kib)
	"$BATS_TEST_DIRNAME/../lib/sip-flood.py" "$at" "$1" >rate 3>&- &
	flooder=$!
	wait_for 20 grep -qs flooding rate # now it is full, if it ever is
	told 'dtmf 5' '.event == "dtmf" and .digit == "5"'
	told 'hold on' '.event == "hold" and .by == "them"'
	kill "$flooder"
	wait "$flooder"
	flooder=
	echo "$1: $(tail -n 1 rate) a second; $before KiB, then $(resident_kib)"
	[ $(($(resident_kib) - before)) -lt 4096 ]
	[ "$(wc -l <events)" -lt 1000 ] # ten malformed ones a second
	echo hangup >&5
	dialled 0
	wait "$caller"
	caller=
	event '.event == "ended" and .by == "them"'
}

@test "what is no SIP" {
	flooded junk
}

@test "what is broken SIP" {
	flooded broken
}

@test "BYEs of calls that are none" {
	flooded unknown
}

@test "INVITEs of more calls than one" {
	flooded fresh
}
