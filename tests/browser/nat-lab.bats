#!/usr/bin/env bats
# Chromium behind one NAT and baresip behind another, through the gateway in
# the lab. Audio is judged by recordings, on both sides.

load ../lib/nat-lab

setup_file()
{
	"$BATS_TEST_DIRNAME/install.sh"
}

setup()
{
	lab_needs
	cd "$BATS_TEST_TMPDIR" || exit
}

# In the lab: the page at home a, used step by step in the background.
page()
{
	on a node "$lab_top/tests/browser/use-phone.mjs" "$NAT_LAB_PAGE" \
		mic 1000 "$@" >page.out 2>&1 &
}

page_end()
{
	wait "$!" || {
		cat page.out
		return 1
	}
}

# $1 is how the gateway sees Chromium: at that address, by that candidate.
seen_as()
{
	local of="$1"

	jq -rs 'map(select(.event == "connected" and .tool == "ice-pair"))
		| last | "\(.remote) \(.remote_type)"' "$NAT_LAB_CALLS"/*-*/events.jsonl |
		tee seen
	grep -qE "$of" seen
}

chromium_calls()
{
	baresip_start bob --address "$NAT_LAB_B" --at "$NAT_LAB_SIP" --tone 440
	page call bob until '^in call' record 3 web.wav hangup until '^ended'
	page_end
	hear web.wav 440
	baresip_wait bob 'session closed|terminated'
	hear "$(baresip_heard bob)" 1000
	seen_as '^198\.51\.100\.6:[0-9]+ (prflx|srflx)$'
}

@test "Chromium behind a symmetric NAT calls baresip behind a port-restricted one" {
	lab_run symmetric port chromium_calls page page_end seen_as
}

chromium_is_called()
{
	baresip_start bob --address "$NAT_LAB_B" --at "$NAT_LAB_SIP" --tone 440
	page until '^incoming' answer until '^in call' record 3 web.wav until '^ended'
	wait_for 30 grep -q '"kind":"phone"' "$NAT_LAB_CALLS/gateway/events.jsonl"
	baresip_command bob dial sip:gateway@pbx
	wait_for 30 grep -q '^record' page.out
	baresip_command bob hangup
	page_end
	hear web.wav 440
	hear "$(baresip_heard bob)" 1000
	seen_as '^198\.51\.100\.6:[0-9]+ (prflx|srflx)$'
}

@test "baresip behind a symmetric NAT calls Chromium behind two" {
	lab_run double symmetric chromium_is_called page page_end seen_as
}
