#!/usr/bin/env bats
# sip-dial is called by SIPp, which plays each kind of caller.

bats_require_minimum_version 1.5.0
load ../lib/sip-dial
load ../lib/sipp

setup()
{
	cd "$BATS_TEST_TMPDIR" || exit
	peers=$BATS_TEST_DIRNAME/sipp
	phone_sdp 41000 >answer.sdp
	mkfifo control
	input=answer.sdp
}

teardown()
{
	[ -z "${dial:-}" ] || kill "$dial" 2>/dev/null || true
	sipp_stop
}

answerer()
{
	timeout 20 sip-dial --answer --listen 127.0.0.1:0 --events events --trace trace \
		--control control --timeout 8 "$@" <"$input" >offer.sdp 2>said 3>&- &
	dial=$!
	event '.event == "listening"'
	at=$(jq -r 'select(.event == "listening") | .address' events)
}

# The answer comes when the file go is there.
slow_input()
{
	mkfifo answer
	{ wait_for 10 test -e go && cat "$1"; } >answer 3>&- &
	input=answer
}

caller()
{
	local scenario=$1

	shift
	sipp_start peer -sf "$peers/$scenario.xml" -m 1 -timeout 12s "$@" "$at"
}

sent()
{
	jq -r 'select(.event == "message" and .direction == "out") | .summary' \
		trace
}

@test "SIPp's own uac calls, and hangs up" {
	answerer
	sipp_start peer -sn uac -m 1 -d 300 "$at"
	dialled 0
	sipp_wait peer
	grep -q '^m=audio' offer.sdp
	event_is '.event == "incoming" and .from_name == "sipp"'
	event_is '.event == "ringing" and .status == 180'
	event_is '.event == "established"'
	event_is '.event == "ended" and .by == "them"'
}

@test "the same over TCP" {
	answerer --tcp
	caller uac-bye -d 300 -t t1
	dialled 0
	sipp_wait peer
}

@test "the offer is out and stdout ended before we answer" {
	slow_input answer.sdp
	answerer
	caller uac-bye -d 100
	event '.event == "ringing"'
	wait_for 5 grep -q '^a=rtpmap:0 PCMU' offer.sdp
	run ! event_is '.event == "answered"'
	touch go
	dialled 0
	sipp_wait peer
	event_is '.event == "incoming" and .from_name == "Alice \"A\""'
}

@test "we hang up" {
	answerer
	caller uac-wait
	event '.event == "established"'
	echo hangup >control
	dialled 0
	sipp_wait peer
	event_is '.event == "ended" and .by == "us"'
}

@test "SIGTERM hangs up" {
	answerer
	caller uac-wait
	event '.event == "established"'
	kill "$dial"
	dialled 0
	sipp_wait peer
}

@test "the caller gives up: CANCEL" {
	input=/dev/null
	answerer
	caller uac-cancel
	dialled 1
	sipp_wait peer
	event_is '.event == "cancelled" and .by == "them"'
}

@test "reject, by command, with codes" {
	local code

	input=/dev/null
	for code in 486 603 480; do
		rm -f events
		answerer
		sed "s/response=\"486\"/response=\"$code\"/" \
			"$peers/uac-refused.xml" >refused.xml
		sipp_start peer -sf "$PWD/refused.xml" -m 1 "$at"
		event '.event == "ringing"'
		echo "reject $code" >control
		dialled 0
		sipp_wait peer
	done
}

@test "no answer in time: 480 and exit status 69" {
	input=/dev/null
	answerer --timeout 0.5
	sed 's/response="486"/response="480"/' "$peers/uac-refused.xml" \
		>refused.xml
	sipp_start peer -sf "$PWD/refused.xml" -m 1 "$at"
	dialled 69
	sipp_wait peer
}

@test "an answer that is no SDP: 500 and exit status 65" {
	echo nonsense >nonsense
	slow_input nonsense
	answerer
	sed 's/response="486"/response="500"/' "$peers/uac-refused.xml" \
		>refused.xml
	sipp_start peer -sf "$PWD/refused.xml" -m 1 "$at"
	event '.event == "ringing"'
	touch go
	dialled 65
	sipp_wait peer
}

@test "an answer by command" {
	input=/dev/null
	answerer
	caller uac-bye -d 100
	event '.event == "ringing"'
	jq -nc --rawfile sdp answer.sdp '{command: "answer", $sdp}' >control
	dialled 0
	sipp_wait peer
}

@test "--no-ringing: 100 alone, and 180 by command" {
	input=/dev/null
	answerer --no-ringing
	caller uac-bye -d 100
	event '.event == "incoming"'
	sleep 0.3
	run ! grep -q '180' <(sent)
	echo ringing >control
	event '.event == "ringing"'
	jq -nc --rawfile sdp answer.sdp '{command: "answer", $sdp}' >control
	dialled 0
	sipp_wait peer
}

@test "the 200 is sent until it is acknowledged" {
	answerer
	caller uac-lazy -nr
	dialled 0
	sipp_wait peer
	[ "$(sent | grep -c '^200 OK (INVITE)')" = 3 ] # 0, 0.5, 1.5 s
}

@test "an INVITE that comes again after the 200" {
	answerer
	caller uac-again -nr
	dialled 0
	sipp_wait peer
	[ "$(sent | grep -c '^200 OK (INVITE)')" = 2 ]
}

@test "a late offer: ours is in the 200, theirs in the ACK" {
	answerer
	caller uac-late-offer
	dialled 0
	sipp_wait peer
	event_is '.event == "incoming" and .late_offer'
	grep -q '^m=audio' offer.sdp
}

@test "a late offer without an answer: the peer broke the protocol" {
	answerer
	caller uac-late-none
	dialled 76
	sipp_wait peer
}

@test "what may be asked in a call" {
	answerer --reoffer-wait 0
	caller uac-requests
	dialled 0
	sipp_wait peer
	event_is '.event == "hold" and .direction == "recvonly"'
	event_is '.event == "hold" and .direction == "sendrecv"'
	event_is '.event == "reoffer" and (.sdp | test("m=audio 31000"))'
	event_is '.event == "dtmf" and .digit == "5" and .duration_ms == 160'
	event_is '.event == "dtmf" and .digit == "#"'
}

@test "a second call is busy, the first goes on" {
	answerer
	caller uac-wait
	event '.event == "established"'
	sipp_start other -sf "$peers/uac-refused.xml" -m 1 -timeout 12s "$at"
	sipp_wait other
	run ! event_is '.event == "ended"'
	echo hangup >control
	dialled 0
	sipp_wait peer
}

@test "the same INVITE by another way is merged" {
	answerer
	caller uac-merged -nr
	dialled 0
	sipp_wait peer
}

@test "sipsak: OPTIONS when idle" {
	answerer
	run -0 sipsak -vv -s "sip:bob@$at"
	[[ $output == *'200 OK'* && $output == *'Allow: INVITE'* ]]
	kill "$dial"
	dialled 0
}

@test "nobody calls: --wait" {
	answerer --wait 0.3
	dialled 69
	grep -q 'nobody called within 0.3 s' said
}
