#!/usr/bin/env bats
# sip-dial: transfers (REFER), asked by us and by them, and Replaces.
#
# Each test is a shell of its own to bats:
# shellcheck disable=SC2030,SC2031

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
	[ -z "${third:-}" ] || kill "$third" 2>/dev/null || true
}

# Another answerer; it is at $there.
third()
{
	sed 's/40000/43000/' offer.sdp >third.sdp
	sip-dial --answer --listen 127.0.0.1:0 --events events.c \
		--show-header Replaces --trace trace.c "$@" \
		<"${third_input:-third.sdp}" >got.third 2>said.c 3>&- &
	third=$!
	event events.c '.event == "listening"'
	there=$(jq -r 'select(.event == "listening") | .address' events.c)
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
	echo 'transfer dave@127.0.0.1:9' >control.b # another one
	event events.a '.event == "refer" and .uri == "sip:dave@127.0.0.1:9"'
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
		'transfer mailto:carol@pbx' 'transfer 110' transfer-to 'transfer-to sip:a@b x y' 'refer-progress 200'; do
		: >events.b
		echo "$bad" >control.b
		event events.b '.event == "error"'
	done
	kill -0 "$caller" "$answerer"
}

@test "--follow-refer: the call is with whom they named, and they are out" {
	third
	answerer --follow-refer
	caller
	call_up
	echo "transfer sip:carol@$there" >control.a
	ended "$caller" 0
	event_is events.a '.event == "transfer" and .status == 180'
	event_is events.a '.event == "transferred"'
	event_is events.b '.event == "refer" and .policy == "follow"'
	event events.b '.event == "followed" and (.sdp | test("m=audio 43000"))'
	event events.c '.event == "established"'
	event_is events.c '.event == "incoming" and
		(.headers["Referred-By"] | test("^<sip:pipecall@"))'
	cmp <(tr -d '\r' <got.third) offer.sdp # what B described to A
	echo 'dtmf 7' >control.b # it goes to the new one
	event events.c '.event == "dtmf" and .digit == "7"'
	echo hangup >control.b
	ended "$answerer" 0
	ended "$third" 0
}

@test "the same as the caller, and the new one hangs up" {
	third
	answerer
	caller --follow-refer
	call_up
	echo "transfer sip:carol@$there" >control.b
	ended "$answerer" 0
	event events.c '.event == "established"'
	kill "$third"
	ended "$caller" 0
	event_is events.a '.event == "ended" and .by == "them"'
}

@test "whom they named does not want us, or is not there: the call goes on" {
	third_input=/dev/null
	mkfifo control.c
	third --control control.c
	answerer --follow-refer
	caller
	call_up
	echo "transfer sip:carol@$there" >control.a
	event events.c '.event == "incoming"'
	echo 'reject 486' >control.c
	event events.a '.event == "transfer-failed" and .status == 486'
	event_is events.b '.event == "follow-failed" and .status == 486'
	: >events.a
	echo 'transfer sip:carol@127.0.0.1:9' >control.a
	event events.a '.event == "transfer-failed" and .status >= 400'
	: >events.a
	echo 'transfer sip:carol@no.such.host.invalid' >control.a
	event events.a '.event == "transfer-failed" and .status >= 400'
	kill -0 "$caller" "$answerer"
	echo 'dtmf 1' >control.a
	event events.b '.event == "dtmf"'
	echo hangup >control.b
	ended "$answerer" 0
	ended "$caller" 0
}

@test "SIGTERM while the new one rings ends both" {
	third_input=/dev/null
	mkfifo control.c
	third --control control.c
	answerer --follow-refer
	caller
	call_up
	echo "transfer sip:carol@$there" >control.a
	event events.a '.event == "transfer" and .status == 180'
	kill "$answerer"
	ended "$answerer" 0
	ended "$caller" 0
	ended "$third" 1
	event_is events.c '.event == "cancelled"'
}

@test "--ask-refer, and the command says: follow" {
	third
	answerer --ask-refer
	caller
	call_up
	echo "transfer sip:carol@$there" >control.a
	event events.b '.event == "refer"'
	echo refer-follow >control.b
	ended "$caller" 0
	event events.c '.event == "established"'
	kill "$answerer"
	ended "$answerer" 0
	ended "$third" 0
}

# Replaces as its answerer has to get it, of the call in the events of $1.
replaces()
{
	jq -r 'select(.event == "established") |
		"\(.call_id);to-tag=\(.local_tag);from-tag=\(.remote_tag)"' "$1"
}

@test "an INVITE with Replaces takes the place of a call, of either end's" {
	local end

	answerer
	caller
	call_up
	for end in b a; do
		where=$at
		[ $end = b ] || where=$(jq -r 'select(.event == "calling") |
			.from' events.a | sed 's/.*@//; s/>.*//'):$(jq -r '
			select(.event == "message") | .local' trace.a |
			head -n 1 | sed 's/.*://')
		sed 's/40000/45000/; s/AVP 0/AVP 8 0/' offer.sdp >new.sdp
		sip-dial --events "events.new.$end" \
			--header "Replaces: $(replaces events.$end | tail -n 1)" \
			"sip:x@$where" <new.sdp >"got.$end" 2>said.new 3>&- &
		third=$!
		event "events.new.$end" '.event == "established"'
		grep -q '^m=audio 40000 RTP/AVP 0' "got.$end"
		event_is "events.$end" '.event == "replaced"'
		event_is "events.$end" '.event == "incoming" and
			(.sdp | test("m=audio 45000"))'
		if [ $end = b ]; then
			ended "$caller" 0
			event_is events.a '.event == "ended" and .by == "them"'
			kill "$third"
			ended "$third" 0
			ended "$answerer" 0
			: >events.a
			: >events.b
			: >trace.a
			answerer
			caller
			call_up
		fi
	done
	ended "$answerer" 0
	echo 'dtmf 5' >control.a
	event events.a '.event == "dtmf-sent" and .status == 200'
	echo hangup >control.a
	ended "$caller" 0
	ended "$third" 0
}

@test "a call that rings elsewhere is picked up (early-only)" {
	input=/dev/null answerer
	caller --local 127.0.0.1:0
	event events.a '.event == "ringing"'
	where=$(jq -r 'select(.event == "message") | .local' trace.a | head -n 1)
	right=$(jq -r 'select(.event == "message" and
		(.summary | test("^180"))) | .raw' trace.a | tr -d '\r' | awk '
		/^Call-ID: / { id = $2 }
		/^From: / { sub(/.*;tag=/, ""); from = $0 }
		/^To: / { sub(/.*;tag=/, ""); to = $0 }
		END { print id ";to-tag=" from ";from-tag=" to }')
	# not at its other end, which rings
	timeout 10 sip-dial --expect 481 --header "Replaces: $right" \
		"sip:x@$at" <offer.sdp
	sed 's/40000/45000/' offer.sdp >new.sdp
	sip-dial --events events.new --header "Replaces: $right;early-only" \
		"sip:x@$where" <new.sdp >got.new 2>said.new 3>&- &
	third=$!
	event events.new '.event == "established"'
	event_is events.a '.event == "replaced" and .early'
	ended "$answerer" 1
	event_is events.b '.event == "cancelled" and .cause.code == 200'
	wait_for 5 grep -q '^m=audio 45000' got.answer # the product after all
	echo 'message picked up' >control.a
	event events.new '.event == "message" and .body == "picked up"'
	kill "$third"
	ended "$third" 0
	ended "$caller" 0
}

@test "Replaces of another call, early-only, broken, of other media" {
	answerer
	caller
	call_up
	right=$(replaces events.b)
	for pair in "481 x;to-tag=a;from-tag=b" "481 ${right%?}" \
		"486 $right;early-only" '400 x' '400 x;to-tag=1' \
		"400 $right, $right"; do
		echo "$pair"
		timeout 10 sip-dial --expect "${pair%% *}" \
			--header "Replaces: ${pair#* }" "sip:x@$at" <offer.sdp
	done
	sed 's/PCMU/PCMA/; s/AVP 0/AVP 8/; s/:0/:8/' offer.sdp |
		timeout 10 sip-dial --expect 488 --header "Replaces: $right" \
			"sip:x@$at"
	kill -0 "$caller" "$answerer"
	echo 'dtmf 5' >control.a
	event events.b '.event == "dtmf"'
}

@test "an attended transfer, all four ends of it" {
	third
	sip-dial --events events.2 "sip:carol@$there" <offer.sdp >got.2 \
		2>said.2 3>&- &
	second=$!
	answerer --follow-refer
	caller
	call_up
	event events.2 '.event == "established"'
	jq -c 'select(.event == "established") | .command = "transfer-to"' \
		events.2 >control.a
	ended "$caller" 0
	ended "$second" 0
	event_is events.a '.event == "transferred"'
	event_is events.2 '.event == "ended" and .by == "them"'
	event_is events.b '.event == "followed"'
	event_is events.c '.event == "replaced"'
	echo 'message are you there' >control.b
	event events.c '.event == "message" and .body == "are you there"'
	kill "$third"
	ended "$third" 0
	ended "$answerer" 0
}
