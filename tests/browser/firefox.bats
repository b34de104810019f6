#!/usr/bin/env bats
# Firefox and SIP phones talk through examples/gateway.sh: what calls.bats says
# of Chromium, of what Firefox does in its own way.

load ../lib/gateway
load ../lib/page
load ../lib/baresip
load ../lib/sipp

setup_file()
{
	"$BATS_TEST_DIRNAME/install.sh"
	export BROWSER=firefox PHONE_PATIENCE=30
}

setup()
{
	local version

	version=$(firefox-esr --version | grep -oE '[0-9]+' | head -n 1)
	# bookworm's own is older than what bookworm-security has
	[ "$version" -ge 153 ] ||
		skip "impossible here: Firefox $version, and Playwright drives 153 (WebDriver BiDi)"
	out=$BATS_TEST_TMPDIR/phone.out
}

teardown()
{
	gateway_stop
	baresip_stop
	sipp_stop
	phone_stop
}

line_address()
{
	jq -r 'select(.tool == "sip-register" and .event == "listening").address' \
		"$GATEWAY_CALLS/gateway/events.jsonl" | tail -n 1
}

# It has no pranswer: an answer is all that it knows.
@test "early media, although Firefox has no pranswer, and then the call" {
	sipp_start bob -sf "$BATS_TEST_DIRNAME/../peers/sipp/uas-early-echo.xml" \
		-rtp_echo -m 1
	gateway_start --pbx "127.0.0.1:$(sipp_port bob)" --no-register
	phone_start mic 1000 call bob until '^ringing' record 1.5 \
		"$BATS_TEST_TMPDIR/early.wav" until '^in call' record 1.5 \
		"$BATS_TEST_TMPDIR/web.wav" hangup until '^ended: you hung up'
	phone_end
	hear "$BATS_TEST_TMPDIR/early.wav" 1000
	hear "$BATS_TEST_TMPDIR/web.wav" 1000
	sipp_wait bob
	gateway_idle
}

@test "an answer that differs from the early one, and a new offer" {
	cd "$BATS_TEST_DIRNAME/../.." || exit
	node tests/browser/phone.mjs "early media" "a new offer"
}

@test "addresses behind mDNS names; Opus, transcoded" {
	sipp_start bob -sn uas -rtp_echo -m 1
	gateway_start --pbx "127.0.0.1:$(sipp_port bob)" --no-register \
		--transcode opus --address ''
	HIDE=1 phone mic 1000 call bob until '^in call' record 2 \
		"$BATS_TEST_TMPDIR/web.wav" hangup until '^ended: you hung up'
	grep -q '\.local [0-9]* typ host' "$(gateway_call out)/offer.sdp" \
		"$(gateway_call out)/events.jsonl"
	hear "$BATS_TEST_TMPDIR/web.wav" 1000
	sipp_wait bob
	gateway_idle
}

@test "called: both are heard, digits arrive, one call is enough, they hang up" {
	gateway_start
	baresip_start alice --tone 440
	baresip_start bob
	phone_start mic 1000 until '^incoming' answer until '^in call' record 2 \
		"$BATS_TEST_TMPDIR/web.wav" press '5#' until '^ended: the other side'
	wait_for 30 grep -q '"kind":"phone"' "$GATEWAY_CALLS/gateway/events.jsonl"
	baresip_command alice dial "sip:page@$(line_address)"
	phone_did record
	baresip_command bob dial "sip:page@$(line_address)"
	baresip_wait bob 486
	baresip_wait alice "received event: '5'"
	baresip_wait alice "received event: '#'"
	baresip_command alice hangup
	phone_end
	hear "$BATS_TEST_TMPDIR/web.wav" 440
	hear "$(baresip_heard alice)" 1000
	gateway_idle
}
