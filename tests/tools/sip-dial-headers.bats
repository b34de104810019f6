#!/usr/bin/env bats
# sip-dial: headers out and in, the Reason of an end, Routes, and what scripts
# ask for (--expect, --dry-run).

bats_require_minimum_version 1.5.0
load ../lib/two-dials

setup()
{
	cd "$BATS_TEST_TMPDIR" || exit
	two_dials_setup
}

teardown()
{
	two_dials_stop
}

@test "headers out come in: those known and those wished for" {
	answerer --show-header X-Account --show-header User-Agent
	caller --header 'P-Asserted-Identity: "Bob, B" <sip:bob@pbx>' \
		--header 'P-Asserted-Identity: <tel:+15551234>' \
		--header 'Diversion: <sip:carol@pbx>;reason=no-answer' \
		--header 'X-Account: 42, "a"' --header 'X-Other: no'
	event events.b '.event == "incoming" and .headers == {
		"Diversion": "<sip:carol@pbx>;reason=no-answer",
		"P-Asserted-Identity":
			"\"Bob, B\" <sip:bob@pbx>, <tel:+15551234>",
		"X-Account": "42, \"a\"", "User-Agent": "pipecall"}'
}

@test "a Reason with our BYE is shown at the other end" {
	answerer
	caller
	event events.b '.event == "established"'
	echo 'hangup nonsense' >control.a
	event events.a '.event == "error"'
	echo 'hangup Q.850;cause=16;text="Normal call clearing"' >control.a
	ended "$answerer" 0
	event_is events.b '.event == "ended" and .by == "them" and .cause ==
		{"protocol": "Q.850", "code": 16, "text": "Normal call clearing"}'
	ended "$caller" 0
}

@test "headers of our BYE, by the command" {
	answerer --show-header X-Cost
	caller
	call_up
	jq -nc '{command: "hangup", reason: "Q.850;cause=31",
		headers: {"X-Cost": "0.02"}}' >control.a
	ended "$answerer" 0
	event_is events.b '.event == "ended" and .cause.code == 31 and
		.headers["X-Cost"] == "0.02"'
	ended "$caller" 0
}

@test "a Reason with our CANCEL too" {
	input=/dev/null answerer
	caller
	event events.a '.event == "ringing"'
	echo 'hangup 200' >control.a
	ended "$answerer" 1
	event_is events.b '.event == "cancelled" and .by == "them" and
		.cause == {"protocol": "SIP", "code": 200, "text": "OK"}'
	ended "$caller" 1
}

@test "--expect: 0 when it ends that way, else 1 and what came instead" {
	answerer
	caller --expect 4xx,603
	ended "$caller" 1
	[ "$(grep -v 'the call' said.a)" = \
		"sip-dial: sip:bob@$at: expected 4xx,603, but got 200 OK" ]
	ended "$answerer" 0
	rm -f events.a events.b
	input=/dev/null answerer
	caller --expect 4xx,603
	event events.a '.event == "ringing"'
	echo 'reject 486' >control.b
	ended "$caller" 0
	event_is events.a '.event == "expected" and .met and .status == 486'
	ended "$answerer" 0
	rm -f events.a events.b
	answerer
	caller --expect 2xx
	event events.a '.event == "established"'
	echo hangup >control.b
	ended "$caller" 0
}

@test "--expect, and nothing comes; --expect of what is no code" {
	at=127.0.0.1:9
	caller --expect 200
	ended "$caller" 1
	grep -q 'expected 200, but no final response came' said.a
	for code in 1xx 99 486x '' 4x '486,'; do
		run -2 sip-dial --expect "$code" sip:bob@127.0.0.1:9 <offer.sdp
	done
}

@test "--dry-run prints the request, with its Routes, and sends nothing" {
	local lr='sip:127.0.0.1:9;lr' strict='sip:127.0.0.1:9'

	sip-dial --dry-run --route "$lr" --route 'sip:p2.test' sip:bob@b.test \
		<offer.sdp | tr -d '\r' >first
	[ "$(head -n 1 first)" = 'INVITE sip:bob@b.test SIP/2.0' ]
	[ "$(grep ^Route: first)" = \
		"Route: <$lr>"$'\n''Route: <sip:p2.test>' ]
	[ "$(tail -n 7 first)" = "$(cat offer.sdp)" ]
	# RFC 3261 12.2.1.1: what is no loose router stands in the Request-URI
	sip-dial --dry-run --proxy "$strict" --route 'sip:p2.test;lr' \
		sip:bob@b.test <offer.sdp | tr -d '\r' >second
	[ "$(head -n 1 second)" = "INVITE $strict SIP/2.0" ]
	[ "$(grep ^Route: second)" = \
		$'Route: <sip:p2.test;lr>\nRoute: <sip:bob@b.test>' ]
	run -2 sip-dial --dry-run --route p2.test sip:bob@b.test <offer.sdp
}
