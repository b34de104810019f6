#!/usr/bin/env bats
# Two sip-dials change the session of their call, also both at once.

bats_require_minimum_version 1.5.0
load ../lib/two-dials

setup()
{
	cd "$BATS_TEST_TMPDIR" || exit
	two_dials_setup
	sed 's/RTP.AVP 0/RTP\/AVP 8/; s/:0 PCMU/:8 PCMA/' offer.sdp >new.sdp
}

teardown()
{
	two_dials_stop
}

# tell CONTROL COMMAND [FILE.sdp [METHOD]]
tell()
{
	jq -nc --arg command "$2" --rawfile sdp "$3" --arg method "${4:-INVITE}" \
		'{$command, $sdp, $method}' >"$1"
}

@test "both put each other on hold at once, and take it off: 491 or not, it comes out" {
	answerer
	caller
	call_up
	echo hold >control.a
	echo hold >control.b
	event events.a '.event == "hold" and .by == "us"' 20
	event events.b '.event == "hold" and .by == "us"' 20
	# the second found the first's hold: nobody sends or receives
	event events.a '.event == "hold" and .direction == "inactive"'
	event events.b '.event == "hold" and .direction == "inactive"'
	echo resume >control.a
	event events.b '.event == "hold" and .by == "them" and
		.direction == "sendonly"'
	echo resume >control.b
	event events.a '.event == "hold" and .by == "them" and
		.direction == "sendrecv"'
	kill "$caller"
	ended "$caller" 0
	ended "$answerer" 0
}

@test "a new codec by UPDATE, asked for and answered; refused, and it is as it was" {
	answerer
	caller
	call_up
	tell control.a offer new.sdp UPDATE
	event events.b '.event == "reoffer" and .method == "UPDATE"'
	tell control.b answer new.sdp
	event events.a '.event == "changed" and .by == "us" and
		(.sdp | test("RTP/AVP 8"))'
	event events.b '.event == "changed" and .by == "them"'
	tell control.b offer offer.sdp
	event events.a '.event == "reoffer" and .method == "INVITE"'
	echo 'reject 488' >control.a
	event events.b '.event == "refused" and .by == "them" and .status == 488'
	kill "$answerer"
	ended "$caller" 0
	ended "$answerer" 0
}

@test "early media, reliable and with SDP, then the answer; UPDATE before it" {
	input=/dev/null answerer
	caller
	event events.b '.event == "ringing"'
	tell control.b progress offer.sdp
	event events.a '.event == "early" and .reliable'
	tell control.a offer new.sdp
	event events.b '.event == "reoffer" and .method == "UPDATE"'
	tell control.b answer new.sdp
	event events.a '.event == "changed" and .method == "UPDATE"'
	echo answer >control.b
	call_up
	grep -q 'RTP/AVP 8' got.answer
	kill "$caller"
	ended "$caller" 0
	ended "$answerer" 0
}
