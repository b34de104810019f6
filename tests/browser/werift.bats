#!/usr/bin/env bats
# werift, a WebRTC end in TypeScript (its ICE, DTLS and SRTP are its own), as the
# browser: through the gateway it calls SIPp, and is called by baresip.

load ../lib/gateway
load ../lib/baresip
load ../lib/sipp

setup_file()
{
	"$BATS_TEST_DIRNAME/install.sh"
}

teardown()
{
	gateway_stop
	baresip_stop
	sipp_stop
	[ -z "${PHONE_PID:-}" ] || kill "$PHONE_PID" 2>/dev/null || true
}

# It leaves loopback out: the gateway has all addresses.
gateway_everywhere()
{
	ip -j -4 address | jq -e 'any(.[].flags; index("UP") and
		(index("LOOPBACK") | not))' >/dev/null ||
		skip "impossible here: there is only loopback"
	gateway_start --address '' "$@"
}

werift()
{
	timeout 60 node "$BATS_TEST_DIRNAME/werift.mjs" "$GATEWAY_SIGNAL" "$@" 3>&-
}

@test "werift calls SIPp, with its candidates one by one" {
	sipp_start bob -sn uas -rtp_echo -m 1
	gateway_everywhere --pbx "127.0.0.1:$(sipp_port bob)" --no-register
	werift bob 800 "$BATS_TEST_TMPDIR/heard.wav" 3 trickle
	hear "$BATS_TEST_TMPDIR/heard.wav" 800 --from 1
	sipp_wait bob
	gateway_idle
}

@test "baresip calls werift, which answers with all candidates" {
	gateway_everywhere
	baresip_start alice --tone 440
	werift - 800 "$BATS_TEST_TMPDIR/heard.wav" 3 >"$BATS_TEST_TMPDIR/out" &
	PHONE_PID=$!
	wait_for 30 grep -q ready "$BATS_TEST_TMPDIR/out"
	baresip_command alice dial "sip:werift@$(jq -r 'select(
		.tool == "sip-register" and .event == "listening").address' \
		"$GATEWAY_CALLS/gateway/events.jsonl" | tail -n 1)"
	wait "$PHONE_PID"
	PHONE_PID=
	hear "$BATS_TEST_TMPDIR/heard.wav" 440 --from 1
	hear "$(baresip_heard alice)" 800
	gateway_idle
}
