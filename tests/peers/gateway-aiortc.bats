#!/usr/bin/env bats
# aiortc, a WebRTC end that nobody here wrote and that is no browser, calls
# through the gateway.

load ../lib/gateway
load ../lib/sipp

teardown()
{
	gateway_stop
	sipp_stop
}

aiortc()
{
	timeout 60 /usr/bin/python3 "$BATS_TEST_DIRNAME/aiortc-phone.py" \
		"$GATEWAY_SIGNAL" "$@"
}

@test "aiortc calls SIPp, the codec is shared: its tone comes back" {
	sipp_start bob -sn uas -rtp_echo -m 1
	gateway_start --pbx "127.0.0.1:$(sipp_port bob)" --no-register
	aiortc bob 800 "$BATS_TEST_TMPDIR/heard.wav" 3
	hear "$BATS_TEST_TMPDIR/heard.wav" 800 --from 1
	sipp_wait bob
	gateway_idle
}

@test "aiortc calls SIPp with Opus on its own side: transcoded" {
	sipp_start bob -sn uas -rtp_echo -m 1
	gateway_start --pbx "127.0.0.1:$(sipp_port bob)" --no-register --transcode opus
	aiortc bob 800 "$BATS_TEST_TMPDIR/heard.wav" 3
	hear "$BATS_TEST_TMPDIR/heard.wav" 800 --from 1
	sipp_wait bob
	gateway_idle
	grep -q '"in":"opus/48000/2","out":"PCMU/8000","mode":"transcode"' \
		"$(gateway_call out)/events.jsonl"
}
