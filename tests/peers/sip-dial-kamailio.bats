#!/usr/bin/env bats
# sip-dial calls through Kamailio, with digest, to baresip registered there:
# a proxy that challenges, forks to contacts and stays in the route.

bats_require_minimum_version 1.5.0
load ../lib/sip-dial
load ../lib/kamailio
load ../lib/baresip

setup()
{
	cd "$BATS_TEST_TMPDIR" || exit
	cat >offer.sdp <<-'SDP'
		v=0
		o=- 1 1 IN IP4 127.0.0.1
		s=-
		c=IN IP4 127.0.0.1
		t=0 0
		m=audio 40000 RTP/AVP 0
		a=rtpmap:0 PCMU/8000
	SDP
	mkfifo control
	export SIP_PASSWORD=secret-100
}

teardown()
{
	[ -z "${dial:-}" ] || kill "$dial" 2>/dev/null || true
	baresip_stop
	kamailio_stop
}

dial()
{
	sip-dial --events events --trace trace --control control --timeout 15 \
		--proxy "$KAMAILIO" --from sip:100@pbx --user 100 "$@" \
		<offer.sdp >answer.sdp 2>said 3>&- &
	dial=$!
}

# The call goes through, and by its route both ends can hang up.
call_200()
{
	dial "$@" sip:200@pbx
	event '.event == "established" and .routes >= 1'
	grep -q '^m=audio' answer.sdp
}

@test "407 with MD5, a call, our BYE by the route" {
	kamailio_start
	baresip_start 200 --at "$KAMAILIO" --password word-200
	call_200
	echo hangup >control
	dialled 0
	baresip_wait 200 'session closed|terminated'
}

@test "407 with SHA-256, over TCP: let in, and told there is no such number" {
	kamailio_start --sha256
	dial --tcp sip:999@pbx
	dialled 1
	event_is '.event == "rejected" and .status == 404'
	jq -r 'select(.event == "message") | .raw' trace |
		grep -q 'algorithm=SHA-256'
}

@test "over TCP, their BYE" {
	kamailio_start
	baresip_start 200 --at "$KAMAILIO" --password word-200 --transport tcp
	call_200 --tcp
	baresip_command 200 hangup
	dialled 0
	event_is '.event == "ended" and .by == "them"'
}

@test "a wrong password is exit status 77" {
	kamailio_start
	SIP_PASSWORD=wrong dial sip:200@pbx
	dialled 77
}

@test "a number that is not there, one that is not registered" {
	kamailio_start
	dial sip:999@pbx
	dialled 1
	event_is '.event == "rejected" and .status == 404'
	rm -f events
	dial sip:200@pbx
	dialled 1
	event_is '.event == "rejected" and .status == 480'
}

@test "silence after 100: CANCEL when the time is over" {
	kamailio_start
	dial --timeout 1 sip:silent@pbx
	dialled 69
	event_is '.event == "trying"'
}
