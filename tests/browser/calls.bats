#!/usr/bin/env bats
# Chromium and SIP phones talk through examples/gateway.sh. Audio is judged by
# recordings: its frequency and its level, on both sides.

bats_require_minimum_version 1.5.0

load ../lib/gateway
load ../lib/page
load ../lib/kamailio
load ../lib/baresip
load ../lib/sipp
load ../peers/ice/turn

setup_file()
{
	"$BATS_TEST_DIRNAME/install.sh"
}

setup()
{
	out=$BATS_TEST_TMPDIR/phone.out
}

teardown()
{
	gateway_stop
	turn_stop
	baresip_stop
	sipp_stop
	[ -z "${KAMAILIO_PID:-}" ] || kamailio_stop
	phone_stop
}

with_pbx()
{
	kamailio_start 100:secret-100 200:word-200
	echo secret-100 >"$BATS_TEST_TMPDIR/password"
	gateway_start --pbx "$KAMAILIO" --user 100 --domain pbx \
		--password-file "$BATS_TEST_TMPDIR/password" "$@"
}

@test "flow 1: Chromium and the answering machine hear each other" {
	gateway_start
	phone_start mic 1000 call echo until '^in call' record 3 \
		"$BATS_TEST_TMPDIR/greeting.wav" record 4 "$BATS_TEST_TMPDIR/gap.wav" \
		record 3 "$BATS_TEST_TMPDIR/echo.wav" hangup until '^ended'
	phone_end
	# the greeting is speech: loud enough, and no tone
	run hear "$BATS_TEST_TMPDIR/greeting.wav" 1000
	[ "$status" -ne 0 ]
	[[ $output =~ dbfs=-([0-9]+) ]] && [ "${BASH_REMATCH[1]}" -lt 40 ]
	# then the microphone's tone, sent back by the SIP side
	hear "$BATS_TEST_TMPDIR/echo.wav" 1000
	gateway_idle
	[ -s "$(gateway_call out)/call.pcapng" ]
}

@test "flow 2: Chromium calls baresip at Kamailio" {
	with_pbx
	baresip_start bob --at "$KAMAILIO" --user 200 --password word-200 --tone 440
	phone_start mic 1000 call 200 until '^in call' record 3 \
		"$BATS_TEST_TMPDIR/web.wav" hangup until '^ended'
	phone_end
	hear "$BATS_TEST_TMPDIR/web.wav" 440
	baresip_wait bob 'session closed|terminated'
	hear "$(baresip_heard bob)" 1000
	gateway_idle
}

@test "flow 2: Chromium calls SIPp" {
	sipp_start bob -sn uas -rtp_echo -m 1
	gateway_start --pbx "127.0.0.1:$(sipp_port bob)" --no-register
	phone_start mic 1000 call bob until '^in call' record 3 \
		"$BATS_TEST_TMPDIR/web.wav" hangup until '^ended'
	phone_end
	hear "$BATS_TEST_TMPDIR/web.wav" 1000
	sipp_wait bob
	gateway_idle
}

@test "flow 3: baresip calls the page through Kamailio" {
	with_pbx
	baresip_start alice --at "$KAMAILIO" --user 200 --password word-200 --tone 440
	phone_start mic 1000 until '^incoming' answer until '^in call' record 3 \
		"$BATS_TEST_TMPDIR/web.wav" until '^ended'
	wait_for 10 grep -q '"kind":"phone"' "$GATEWAY_CALLS/gateway/events.jsonl"
	baresip_command alice dial sip:100@pbx
	phone_did record
	baresip_command alice hangup
	phone_did until.*ended
	phone_end
	hear "$BATS_TEST_TMPDIR/web.wav" 440
	hear "$(baresip_heard alice)" 1000
	gateway_idle
}

@test "flow 8: what both sides share is passed, not transcoded" {
	with_pbx
	baresip_start bob --at "$KAMAILIO" --user 200 --password word-200 --codecs PCMU/8000/1
	phone mic 1000 call 200 until '^in call' record 2 "$BATS_TEST_TMPDIR/web.wav" \
		stats "$BATS_TEST_TMPDIR/stats.json" hangup until '^ended'
	hear "$BATS_TEST_TMPDIR/web.wav" 440
	gateway_idle
	run jq -r 'select(.event == "media") | "\(.in) \(.out) \(.mode)"' \
		"$(gateway_call out)/events.jsonl"
	[ "$(sort -u <<<"$output")" = "PCMU/8000 PCMU/8000 pass" ]
	grep -q PCMU "$BATS_TEST_TMPDIR/stats.json"
}

@test "Opus for the browser, PCMU for the phone: transcoded, and heard" {
	sipp_start bob -sn uas -rtp_echo -m 1
	gateway_start --pbx "127.0.0.1:$(sipp_port bob)" --no-register --transcode opus
	phone mic 1000 call bob until '^in call' record 3 \
		"$BATS_TEST_TMPDIR/web.wav" hangup until '^ended'
	hear "$BATS_TEST_TMPDIR/web.wav" 1000
	gateway_idle
	run jq -r 'select(.event == "media") | "\(.in) \(.out) \(.mode)"' \
		"$(gateway_call out)/events.jsonl"
	[[ $output == *"opus/48000/2 PCMU/8000 transcode"* ]]
	[[ $output == *"PCMU/8000 opus/48000/2 transcode"* ]]
}

@test "flow 4: refused calls, and the page says why" {
	with_pbx --timeout 2
	phone call status-486 until '^ended: the number is busy' \
		call status-603 until '^ended: the call was declined' \
		call 999 until '^ended: the number was not found' \
		call 200 until '^ended: nobody can be reached' \
		call silent until '^ended: nobody answered' \
		call 'sip:a@b c' until '^ended: .*number'
	gateway_idle
}

@test "flow 4: a wrong password" {
	kamailio_start 100:secret-100
	echo wrong >"$BATS_TEST_TMPDIR/password"
	gateway_start --pbx "$KAMAILIO" --user 100 --domain pbx \
		--password-file "$BATS_TEST_TMPDIR/password"
	grep -q 'not registered' "$GATEWAY_LOG"
	phone call 200 until '^ended: .*password'
	gateway_idle
}

@test "flow 4: the PBX is not there" {
	gateway_start --pbx "127.0.0.1:$(free_port)" --no-register
	phone call 200 until '^ended: .*cannot be reached'
	gateway_idle
}

@test "flow 4: hanging up, from either side, before and after the answer" {
	with_pbx
	baresip_start bob --at "$KAMAILIO" --user 200 --password word-200 --answer manual
	# we, while it rings: CANCEL
	phone_start call 200 until '^ringing' hangup until '^ended' \
		call 200 until '^in call' until '^ended: the other side hung up'
	phone_did until.*ended
	baresip_wait bob 'terminated|closed'
	# they, in the call: BYE
	phone_did 'call 200'
	baresip_wait bob 'Incoming call'
	wait_for 10 baresip_accept bob
	phone_did 'until ^in call'
	baresip_command bob hangup
	phone_end
	gateway_idle
}

# The first call of the test has gone, the second may not have come yet.
baresip_accept()
{
	baresip_command "$1" accept >/dev/null
	sleep 0.3
	grep -q 'Call established' "$(baresip_log "$1")"
}

@test "flow 4: a call to the page, given up, declined" {
	with_pbx
	baresip_start alice --at "$KAMAILIO" --user 200 --password word-200
	phone_start until '^incoming' until '^(ended|idle)' until '^incoming' reject \
		until '^(ended|idle)'
	wait_for 10 grep -q '"kind":"phone"' "$GATEWAY_CALLS/gateway/events.jsonl"
	baresip_command alice dial sip:100@pbx
	phone_did 'until ^incoming'
	baresip_command alice hangup
	phone_did 'until ^(ended'
	baresip_command alice dial sip:100@pbx
	phone_end
	baresip_wait alice '603'
	gateway_idle
}

@test "the browser goes away in a call: the phone gets its BYE" {
	sipp_start bob -sn uas -rtp_echo -m 1
	gateway_start --pbx "127.0.0.1:$(sipp_port bob)" --no-register
	phone call bob until '^in call'
	sipp_wait bob
	gateway_idle
}

@test "early media is heard before the answer, and the call goes on" {
	sipp_start bob -sf "$BATS_TEST_DIRNAME/../peers/sipp/uas-early-echo.xml" \
		-rtp_echo -m 1
	gateway_start --pbx "127.0.0.1:$(sipp_port bob)" --no-register
	phone_start mic 1000 call bob until 'early|ringing' record 2 \
		"$BATS_TEST_TMPDIR/early.wav" until '^in call' record 2 \
		"$BATS_TEST_TMPDIR/web.wav" hangup until '^ended'
	phone_did record
	! grep -q '^until ^in call' "$out" || false
	phone_end
	hear "$BATS_TEST_TMPDIR/early.wav" 1000
	hear "$BATS_TEST_TMPDIR/web.wav" 1000
	sipp_wait bob
	gateway_idle
}

# The page has no way but coturn, whose password it has from the gateway.
with_turn()
{
	cd "$BATS_TEST_TMPDIR"
	turn_start --use-auth-secret --static-auth-secret=s3cret
	echo s3cret >secret
	turn_options=(--turn "turn:$TURN" --turn-secret secret)
}

is_relayed()
{
	jq -e '.path | test("relay")' "$BATS_TEST_TMPDIR/stats.json"
	jq -se 'map(select(.event == "selected")) | last |
		.remote_type == "relay"' "$1/events.jsonl"
	run ! grep -r s3cret "$GATEWAY_CALLS"
}

@test "a page that can only be relayed calls, by a user of the gateway's making" {
	with_turn
	gateway_start "${turn_options[@]}"
	GATEWAY_URL+='?relay=1'
	phone mic 1000 call echo until '^in call' record 9 \
		"$BATS_TEST_TMPDIR/all.wav" stats "$BATS_TEST_TMPDIR/stats.json" \
		hangup until '^ended'
	sox all.wav end.wav reverse trim 0 2
	hear end.wav 1000
	is_relayed "$(gateway_call out)"
	gateway_idle
}

@test "... and is called" {
	with_turn
	with_pbx "${turn_options[@]}"
	GATEWAY_URL+='?relay=1'
	baresip_start alice --at "$KAMAILIO" --user 200 --password word-200 --tone 440
	phone_start mic 1000 until '^incoming' answer until '^in call' record 3 \
		"$BATS_TEST_TMPDIR/web.wav" stats "$BATS_TEST_TMPDIR/stats.json" \
		hangup until '^ended'
	wait_for 10 grep -q '"kind":"phone"' "$GATEWAY_CALLS/gateway/events.jsonl"
	baresip_command alice dial sip:100@pbx
	phone_did until.*ended 30
	phone_end
	hear "$BATS_TEST_TMPDIR/web.wav" 440
	is_relayed "$(gateway_call in)"
	gateway_idle
}
