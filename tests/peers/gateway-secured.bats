#!/usr/bin/env bats
# A SIP phone that will have its media encrypted or no call at all, at the
# gateway and at the answering machine: by keys in SDP (SDES) and by DTLS.

load ../lib/gateway
load ../lib/baresip

teardown()
{
	gateway_stop
	baresip_stop
	[ -z "${PHONE_PID:-}" ] || kill "$PHONE_PID" 2>/dev/null || true
}

sdes=(--account ';mediaenc=srtp-mand' --config 'module srtp.so')
dtls=(--account ';mediaenc=dtls_srtp'
	--config $'module dtls_srtp.so\nrtcp_mux yes')

line_address()
{
	jq -r 'select(.tool == "sip-register" and .event == "listening").address' \
		"$GATEWAY_CALLS/gateway/events.jsonl" | tail -n 1
}

# The phone, with options "$@", calls who sends back what is said.
calls_a_browser()
{
	gateway_start
	gateway_phone --answer "$GATEWAY_SIGNAL" 2>"$BATS_TEST_TMPDIR/err" &
	PHONE_PID=$!
	wait_for 15 grep -q 'waits to be called' "$BATS_TEST_TMPDIR/err"
	baresip_start alice --tone 440 "$@"
	baresip_command alice dial "sip:page@$(line_address)"
	baresip_wait alice 'Call established'
	wait_for 20 sent 150
	baresip_command alice hangup
	wait "$PHONE_PID"
	PHONE_PID=
	gateway_idle
	hear "$(baresip_heard alice)" 440 --from 1
}

# So many packets have gone to the phone.
sent()
{
	jq -e "select(.event == \"stats\" and .leg == \"sip\" and
		.packets_out > $1)" "$(gateway_call in)/events.jsonl" >/dev/null
}

@test "a phone with SDES calls a browser" {
	calls_a_browser "${sdes[@]}"
	grep -q '^m=audio .* RTP/SAVP' "$(gateway_call in)/answer.sip.sdp"
}

@test "a phone with DTLS-SRTP calls a browser" {
	calls_a_browser "${dtls[@]}"
	grep -q '"leg":"sip","state":"connected".*"fingerprint":"checked"' \
		"$(gateway_call in)/events.jsonl"
}
