#!/usr/bin/env bats
# A phone that changes the call while it is up, at the gateway and at the
# answering machine: it holds (RFC 3264 8.4), wants another codec, or has its
# media sent elsewhere, as a PBX does with a transfer.

load ../lib/gateway
load ../lib/baresip
load ../lib/sipp
load ../lib/media

teardown()
{
	gateway_stop
	baresip_stop
	sipp_stop
	media_stop
	[ -z "${PHONE_PID:-}" ] || kill "$PHONE_PID" 2>/dev/null || true
}

machine_address()
{
	jq -r 'select(.tool == "sip-register" and .event == "listening").address' \
		"$GATEWAY_CALLS/gateway/events.jsonl" | head -n 1
}

# A field of the last second's stats of the phone's leg.
stat_of()
{
	jq -s "map(select(.event == \"stats\" and .leg == \"sip\")) | last.$1" \
		"$events"
}

more_out()
{
	[ "$(stat_of packets_out)" -gt $(($1 + 50)) ]
}

# What the phone's leg is sent grows no more: two seconds alike.
at_rest()
{
	jq -se 'map(select(.event == "stats" and .leg == "sip").packets_out) |
		length > 3 and .[-1] == .[-2]' "$events"
}

# The browser's end says its tone as long as it hears another.
@test "baresip holds a browser: nothing is sent to it until it resumes" {
	local at

	baresip_start alice --tone 440
	at=$(baresip_uri alice)
	gateway_start --pbx "${at#*@}" --no-register
	gateway_phone "$GATEWAY_SIGNAL" alice 2>/dev/null &
	PHONE_PID=$!
	baresip_wait alice 'Call established'
	events=$(gateway_call out)/events.jsonl
	wait_for 10 more_out 0
	baresip_command alice hold
	wait_for 10 at_rest
	held=$(stat_of packets_out)
	baresip_command alice resume
	wait_for 10 more_out "$held"
	baresip_command alice hangup
	gateway_idle
}

@test "another codec, then another address after a re-INVITE without an offer" {
	cd "$BATS_TEST_TMPDIR"
	gateway_start
	rtp_start pcma
	rtp_start moved
	sipp_play peer "$(machine_address)" <<-END
		send INVITE
		  sdp 9
		recv? 100
		recv? 180
		recv 200
		send ACK
		send INVITE
		  cseq 2
		  sdp $(rtp_port pcma) 8
		recv? 100
		recv 200
		  ~m=audio [0-9]+ RTP/AVP 8
		send ACK
		  cseq 2
		pause 1500
		send INVITE
		  cseq 3
		recv? 100
		recv 200
		  ~m=audio [0-9]+ RTP/AVP 8
		send ACK
		  cseq 3
		  sdp $(rtp_port moved) 8
		pause 1500
		send INVITE
		  cseq 4
		  body v=0|o=sipp 7 9 IN IP4 127.0.0.1|s=-|c=IN IP4 127.0.0.1|t=0 0|m=image 9 udptl t38
		  Content-Type: application/sdp
		recv? 100
		recv 488
		send ACK
		  cseq 4
		  branch 3
		send BYE
		  cseq 5
		recv 200
	END
	sipp_wait peer 20
	gateway_idle
	for name in pcma moved; do
		at_least 20 "$name.out" packet '.pt == 8'
	done
}
