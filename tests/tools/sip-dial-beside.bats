#!/usr/bin/env bats
# sip-dial: requests in a call that leave its session alone: INFO and MESSAGE.

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

digits()
{
	jq -r 'select(.event == "dtmf") | "\(.digit)\(.duration_ms)"' "$1" |
		tr '\n' ' '
}

@test "digits by INFO arrive in order, from either end" {
	answerer
	caller
	call_up
	echo 'dtmf 12#*0a 80' >control.a
	echo '{"command":"dtmf","digits":"9"}' >control.b
	event events.a '.event == "dtmf-sent" and .digit == "a"'
	[ "$(digits events.b)" = '180 280 #80 *80 080 A80 ' ]
	event events.a '.event == "dtmf" and .digit == "9" and .by == "INFO"'
	[ "$(jq -c 'select(.event == "dtmf-sent") | .status' events.a |
		sort -u)" = 200 ]
}

@test "digits as application/dtmf" {
	answerer
	caller
	call_up
	echo 'dtmf 5 100 dtmf' >control.a
	event events.b '.event == "dtmf" and .digit == "5"'
	jq -r 'select(.event == "message") | .raw' trace.b |
		grep -q '^Content-Type: application/dtmf'
}

@test "dtmf that is none, and before there is a call" {
	local bad

	input=/dev/null answerer
	echo 'dtmf 1' >control.b
	event events.b '.event == "error" and (.why | test("no call"))'
	for bad in 'dtmf' 'dtmf 1x' 'dtmf 1 5' 'dtmf 1 100 rfc2833' \
		'message' 'picture-fast-update'; do
		: >events.b
		echo "$bad" >control.b
		event events.b '.event == "error"'
	done
	kill -0 "$answerer"
}

@test "a picture is asked for (RFC 5168)" {
	answerer
	caller
	call_up
	echo picture-fast-update >control.b
	event events.a '.event == "picture-fast-update" and .by == "them"'
	event events.b '.event == "picture-fast-update-sent" and .status == 200'
}

@test "messages in a call" {
	answerer --show-header X-Tag
	caller
	call_up
	printf 'message  Hello,   world' >control.a
	seq -s ' ' 40 >>control.a
	event events.b '.event == "message" and (.body | test("^Hello,   world1 2 3 .* 39 40$")) and
		.type == "text/plain; charset=UTF-8" and .in_call'
	grep -q 'message from sip:pipecall@.*: Hello,   world1 2 ' said.b
	event events.a '.event == "message-sent" and .status == 200'
	jq -nc '{command: "message", type: "text/html", body: "<b>\u00e9</b>\n",
		headers: {"X-Tag": "1"}}' >control.b
	event events.a '.event == "message" and .body == "<b>\u00e9</b>\n" and
		.type == "text/html" and (.headers | not)'
	jq -nc '{command: "message", body: "x", headers: {"Via": "1"}}' \
		>control.b
	event events.b '.event == "error" and (.why | test("Via"))'
}
