#!/usr/bin/env bats
# sip-dial transfers baresip, and is transferred by it and by SIPp; Replaces; its
# digits by INFO.

bats_require_minimum_version 1.5.0
load ../lib/sip-dial
load ../lib/baresip
load ../lib/sipp

setup()
{
	cd "$BATS_TEST_TMPDIR" || exit
	phone_sdp >ours.sdp
	mkfifo control
	peers=$BATS_TEST_DIRNAME/sipp
}

teardown()
{
	[ -z "${dial:-}" ] || kill "$dial" 2>/dev/null || true
	baresip_stop
	sipp_stop
}

dial()
{
	sip-dial --events events --control control --timeout 15 "$@" <ours.sdp \
		>theirs.sdp 2>said 3>&- &
	dial=$!
}

@test "baresip calls whom we name, tells us, and we hang up" {
	baresip_start bob
	baresip_start carol
	dial "$(baresip_uri bob)"
	event '.event == "established"'
	echo "transfer $(baresip_uri carol)" >control
	dialled 0
	event_is '.event == "transfer" and .status == 200'
	event_is '.event == "ended" and .reason == "transferred"'
	baresip_wait carol 'Call established'
}

@test "baresip cannot reach whom we name, and the call goes on" {
	baresip_start bob
	baresip_start carol --answer manual
	dial "$(baresip_uri bob)"
	event '.event == "established"'
	echo "transfer $(baresip_uri carol)" >control
	baresip_wait carol 'Incoming call'
	baresip_command carol hangup
	event '.event == "transfer-failed"'
	echo hangup >control
	dialled 0
	event_is '.event == "ended" and .reason == "hangup"'
}

@test "baresip refers us, a script says how it went, and baresip hangs up" {
	baresip_start bob
	dial --ask-refer "$(baresip_uri bob)"
	event '.event == "established"'
	baresip_command bob transfer sip:carol@127.0.0.1:9
	event '.event == "refer" and .uri == "sip:carol@127.0.0.1:9"'
	echo 'refer-progress 180' >control
	echo 'refer-progress 200' >control
	dialled 0
	event_is '.event == "ended" and .by == "them"'
}

@test "baresip refers us to another, and we follow: the call is with that one" {
	baresip_start bob
	baresip_start carol
	dial --follow-refer "$(baresip_uri bob)"
	event '.event == "established"'
	baresip_command bob transfer "$(baresip_uri carol)"
	event '.event == "followed"'
	baresip_wait carol 'Call established'
	event '.event == "ended" and .by == "them"' # bob hung up
	echo 'dtmf 3' >control
	baresip_wait carol "received DTMF: '3'"
	baresip_command carol hangup
	dialled 0
}

@test "SIPp asks for transfers that cannot be, and for one that can" {
	dial --answer --listen 127.0.0.1:0 --ask-refer
	event '.event == "listening"'
	sipp_start peer -sf "$peers/uac-refer.xml" -m 1 \
		"$(jq -r 'select(.event == "listening") | .address' events)"
	dialled 0
	sipp_wait peer
	[ "$(jq -s 'map(select(.event == "refer")) | length' events)" = 1 ]
	event_is '.event == "refer" and .uri == "sip:carol@c.test" and
		.replaces == "1@x;to-tag=2;from-tag=3" and
		.referred_by == "<sip:alice@pbx>"'
}

@test "SIPp takes the place of a call with SIPp" {
	sipp_start first -sn uas -m 1
	dial "sip:x@127.0.0.1:$(sipp_port first)"
	event '.event == "established"'
	right=$(jq -r 'select(.event == "established") |
		"\(.call_id);from-tag=\(.remote_tag);to-tag=\(.local_tag)"' \
		events)
	port=$(sipp_messages first | xargs sed -n 's/^Contact: <sip:[^:]*:\([0-9]*\)>.*/\1/p' |
		head -n 1)
	sipp_start second -sf "$peers/uac-replaces.xml" -m 1 \
		-key replaces "$right" "127.0.0.1:$port"
	dialled 0
	sipp_wait first
	sipp_wait second
	event_is '.event == "replaced"'
	event_is '.event == "ended" and .by == "them"'
}

@test "baresip hears our digits by INFO" {
	baresip_start bob
	dial "$(baresip_uri bob)"
	event '.event == "established"'
	echo 'dtmf 1# 200' >control
	baresip_wait bob "received DTMF: '1' \(duration=200\)"
	baresip_wait bob "received DTMF: '#' \(duration=200\)"
}
