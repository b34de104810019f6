#!/usr/bin/env bats
# sip-dial and baresip call each other, without a PBX between them.

bats_require_minimum_version 1.5.0
load ../lib/sip-dial
load ../lib/baresip

setup()
{
	cd "$BATS_TEST_TMPDIR" || exit
	phone_sdp >ours.sdp
	mkfifo control
}

teardown()
{
	[ -z "${dial:-}" ] || kill "$dial" 2>/dev/null || true
	baresip_stop
}

dial()
{
	sip-dial --events events --control control --timeout 15 "$@" <ours.sdp \
		>theirs.sdp 2>said 3>&- &
	dial=$!
}

answerer()
{
	dial --answer --listen 127.0.0.1:0
	event '.event == "listening"'
	at=$(jq -r 'select(.event == "listening") | .address' events)
}

@test "baresip answers, and we hang up" {
	baresip_start bob
	dial "$(baresip_uri bob)"
	event '.event == "established"'
	baresip_wait bob 'Call established'
	grep -q '^m=audio' theirs.sdp
	echo hangup >control
	dialled 0
	baresip_wait bob 'session closed|terminated'
}

@test "baresip answers, puts us on hold and back, and hangs up" {
	baresip_start bob
	dial "$(baresip_uri bob)"
	event '.event == "established"'
	baresip_command bob hold
	event '.event == "hold" and
		(.direction == "recvonly" or .direction == "inactive")'
	baresip_command bob resume
	event '.event == "hold" and .direction == "sendrecv"'
	baresip_command bob hangup
	dialled 0
	event_is '.event == "ended" and .by == "them"'
}

@test "baresip declines" {
	baresip_start bob --answer manual
	dial "$(baresip_uri bob)"
	event '.event == "ringing"'
	baresip_command bob hangup
	dialled 1
	event_is '.event == "rejected"'
}

@test "baresip rings and we give up" {
	baresip_start bob --answer manual
	dial "$(baresip_uri bob)"
	event '.event == "ringing"'
	echo hangup >control
	dialled 1
	event_is '.event == "cancelled" and .status == 487'
	baresip_wait bob 'session closed|terminated|Rejected|cancel'
}

@test "baresip over TCP" {
	baresip_start bob --transport tcp
	dial "$(baresip_uri bob);transport=tcp"
	event '.event == "established"'
	echo hangup >control
	dialled 0
}

@test "baresip calls, and hangs up" {
	answerer
	baresip_start alice
	baresip_command alice dial "sip:us@$at"
	event '.event == "established"'
	baresip_wait alice 'Call established'
	grep -q '^m=audio' theirs.sdp
	event_is '.event == "incoming" and (.from | test("^sip:alice@"))'
	baresip_command alice hangup
	dialled 0
	event_is '.event == "ended" and .by == "them"'
}

@test "baresip calls, and we hang up" {
	answerer
	baresip_start alice
	baresip_command alice dial "sip:us@$at"
	event '.event == "established"'
	echo hangup >control
	dialled 0
	baresip_wait alice 'session closed|terminated'
}

@test "baresip calls, and gives up while it rings" {
	cp /dev/null ours.sdp
	answerer
	baresip_start alice
	baresip_command alice dial "sip:us@$at"
	event '.event == "ringing"'
	baresip_command alice hangup
	dialled 1
	event_is '.event == "cancelled" and .by == "them"'
}

@test "baresip calls, and is refused" {
	cp /dev/null ours.sdp
	answerer
	baresip_start alice
	baresip_command alice dial "sip:us@$at"
	event '.event == "ringing"'
	echo 'reject 486' >control
	dialled 0
	baresip_wait alice '486 Busy Here'
}

@test "we put baresip on hold and back, and change the codec" {
	baresip_start bob
	dial "$(baresip_uri bob)"
	event '.event == "established"'
	baresip_wait bob 'Call established'
	echo hold >control
	event '.event == "hold" and .by == "us" and .direction == "sendonly"'
	event '.event == "changed" and .what == "hold" and
		(.sdp | test("a=(recvonly|inactive)"))'
	echo resume >control
	event '.event == "hold" and .by == "us" and .direction == "sendrecv"'
	sed 's/RTP.AVP 0/RTP\/AVP 8/; s/:0 PCMU/:8 PCMA/' ours.sdp |
		jq -Rsc '{command: "offer", sdp: .}' >control
	event '.event == "changed" and .what == "offer" and
		(.sdp | test("m=audio [0-9]+ RTP/AVP 8"))'
	echo hangup >control
	dialled 0
	baresip_wait bob 'session closed|terminated'
}

@test "both hold: what they take off, we still hold" {
	baresip_start bob
	dial "$(baresip_uri bob)"
	event '.event == "established"'
	baresip_wait bob 'Call established'
	echo hold >control
	event '.event == "hold" and .by == "us"'
	baresip_command bob hold
	event '.event == "hold" and .by == "them" and .direction == "inactive"'
	baresip_command bob resume
	event '.event == "hold" and .by == "them" and .direction == "sendonly"'
	echo resume >control
	event '.event == "hold" and .by == "us" and .direction == "sendrecv"'
	echo hangup >control
	dialled 0
}

@test "baresip answers a late offer, and calls us while we ring a while" {
	baresip_start bob
	dial --late-offer "$(baresip_uri bob)"
	event '.event == "established"'
	baresip_wait bob 'Call established'
	grep -q '^m=audio' theirs.sdp
	echo hangup >control
	dialled 0
	rm events
	dial --answer --listen 127.0.0.1:0 --ring 0.5
	event '.event == "listening"'
	at=$(jq -r 'select(.event == "listening") | .address' events)
	baresip_command bob dial "sip:us@$at"
	event '.event == "established"'
	echo hangup >control
	dialled 0
}
