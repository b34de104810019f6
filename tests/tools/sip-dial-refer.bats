#!/usr/bin/env bats
# sip-dial: transfers (REFER), asked by us and by them.

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

@test "a REFER is refused, unless the user said what to do with it" {
	answerer
	caller
	call_up
	echo 'transfer sip:carol@127.0.0.1:9' >control.a
	event events.a '.event == "transfer-failed" and .status == 603'
	event_is events.b '.event == "refer" and .policy == "refuse" and
		.uri == "sip:carol@127.0.0.1:9" and .replaces == null and
		(.referred_by | test("^<sip:pipecall@127.0.0.1>$"))'
	grep -q 'the transfer failed: Decline; the call goes on' said.a
	kill -0 "$caller" "$answerer"
}

@test "a script follows it, and says how far it is: we hang up when done" {
	answerer --ask-refer
	caller
	call_up
	echo 'transfer sip:carol@127.0.0.1:9;method=INVITE' >control.a
	event events.b '.event == "refer" and .policy == "ask"'
	echo 'refer-progress 180' >control.b
	event events.a '.event == "transfer" and .status == 180 and
		.reason == "Ringing" and .state == "active"'
	echo 'refer-progress 200' >control.b
	ended "$caller" 0
	event_is events.a '.event == "transfer" and .status == 202 and
		.state == "accepted"'
	event_is events.a '.event == "transfer" and .status == 200 and
		.state == "terminated"'
	event_is events.a '.event == "transferred"'
	event_is events.a '.event == "ended" and .reason == "transferred"'
	ended "$answerer" 0
}

@test "what they could not reach leaves the call as it was" {
	answerer
	caller --ask-refer
	call_up
	echo 'transfer sip:carol@127.0.0.1:9' >control.b
	event events.a '.event == "refer"'
	echo 'refer-progress 99' >control.a
	event events.a '.event == "error"'
	echo 'refer-progress 486' >control.a
	event events.b '.event == "transfer-failed" and .status == 486 and
		.reason == "Busy Here"'
	: >events.a
	echo 'transfer sip:dave@127.0.0.1:9' >control.b # another one
	event events.a '.event == "refer" and (.uri | test("dave"))'
	echo 'refer-progress 404' >control.a
	event events.b '.event == "transfer-failed" and .status == 404'
	kill -0 "$caller" "$answerer"
	# RFC 3515 2.4.6: from the second on, they are told apart
	jq -r 'select(.event == "message") | .raw' trace.a |
		grep -q '^Event: refer;id='
}

@test "without a subscription (RFC 4488)" {
	answerer --ask-refer
	caller
	call_up
	echo 'transfer sip:carol@127.0.0.1:9 norefersub' >control.a
	ended "$caller" 0
	event_is events.a '.event == "transferred"'
	ended "$answerer" 0
	run ! grep -q 'NOTIFY sip' trace.b
}

@test "to another call of ours: Replaces names it (RFC 3891)" {
	answerer --ask-refer
	caller
	call_up
	jq -c '.event = "x" | {command: "transfer-to",
		remote_target: "sip:carol@127.0.0.1:9;x=1", call_id: "a;b@c",
		local_tag: "ours", remote_tag: "theirs"}' events.a | head -n 1 \
		>control.a
	event events.b '.event == "refer" and
		.uri == "sip:carol@127.0.0.1:9;x=1" and
		.replaces == "a;b@c;to-tag=theirs;from-tag=ours"'
}

@test "transfers of what cannot be" {
	local bad

	answerer
	echo 'transfer sip:carol@127.0.0.1:9' >control.b
	event events.b '.event == "error" and (.why | test("no call"))'
	caller
	call_up
	for bad in transfer 'transfer carol' 'transfer sip:' 'transfer <sip:a@b>' \
		transfer-to 'transfer-to sip:a@b x y' 'refer-progress 200'; do
		: >events.b
		echo "$bad" >control.b
		event events.b '.event == "error"'
	done
	kill -0 "$caller" "$answerer"
}
