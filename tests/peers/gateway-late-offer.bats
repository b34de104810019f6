#!/usr/bin/env bats
# A phone that calls without an offer, and answers ours in its ACK, as SIPp can
# be told to and some PBXs do: the gateway's page, and the answering machine.

load ../lib/gateway
load ../lib/sipp

# SIPp's own test knows the port that it is offered, and is silent. This one
# talks for two seconds.
setup()
{
	uac=$BATS_TEST_TMPDIR/uac.xml
	sox -n -r 8000 -c 1 -t ul "$BATS_TEST_TMPDIR/tone.ul" synth 1 sine 440
	sed "s|m=audio 41000|m=audio [1-9]|
		s|\[media_port\]|[rtpstream_audio_port]|
		s|<pause .*|<nop><action><exec rtp_stream=\"$BATS_TEST_TMPDIR/tone.ul,-1,0,PCMU/8000\"/></action></nop>\
			<pause milliseconds=\"2000\"/>|" \
		"$BATS_TEST_DIRNAME/sipp/uac-late-offer.xml" >"$uac"
}

teardown()
{
	gateway_stop
	sipp_stop
	[ -z "${PHONE_PID:-}" ] || kill "$PHONE_PID" 2>/dev/null || true
}

# SIPp calls $1; its sound has to come to leg sip of the call whose folder is
# like $2, and something back.
calls()
{
	sipp_start alice -sf "$uac" -m 1 "$1"
	sipp_wait alice
	gateway_idle
	jq -se 'any(.[]; .event == "stats" and .leg == "sip" and
		.packets_in > 20 and .packets_out > 20)' \
		"$(gateway_call "$2")/events.jsonl"
}

line_address()
{
	jq -r 'select(.tool == "sip-register" and .event == "listening").address' \
		"$GATEWAY_CALLS/gateway/events.jsonl" | "$@"
}

@test "the answering machine greets who makes no offer" {
	gateway_start
	calls "$(line_address head -n 1)" answered
}

@test "a browser is called by who makes no offer" {
	gateway_start
	gateway_phone --answer "$GATEWAY_SIGNAL" 2>"$BATS_TEST_TMPDIR/err" &
	PHONE_PID=$!
	wait_for 15 grep -q 'waits to be called' "$BATS_TEST_TMPDIR/err"
	calls "$(line_address tail -n 1)" in
	wait "$PHONE_PID"
	PHONE_PID=
}
