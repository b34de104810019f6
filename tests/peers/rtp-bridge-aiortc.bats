#!/usr/bin/env bats
# aiortc on a dtls: leg, through ice-pair: a tone each way, whoever is the DTLS
# client. Its data channel goes over the same DTLS and disturbs nobody.

bats_require_minimum_version 1.5.0

setup()
{
	load ../lib/media
	load ../lib/webrtc
	cd "$BATS_TEST_TMPDIR" || exit
	address=$(webrtc_address)
}

teardown()
{
	media_stop
}

aiortc_start()
{
	media_spawn aiortc /usr/bin/python3 \
		"$BATS_TEST_DIRNAME/aiortc-end.py" "$1" theirs.sdp ours.sdp 440 \
		heard.wav 3 2>aiortc.err
}

is_heard_both_ways()
{
	wait_for 30 at_least 1 br.jsonl heard '.hz > 430 and .hz < 450 and
		.ratio > 0.9'
	[ "$(event br.jsonl dtls fingerprint)" = checked ]
	[ "$(event br.jsonl dtls role)" = "$1" ]
	wait_for 40 media_ended aiortc
	hear heard.wav 1000 --from 1
	[ "$(event br.jsonl stats codec_in)" = "$2" ]
	[ "$(count br.jsonl malformed)" = 0 ]
}

# aiortc offers, with a data channel that we take and do not serve; we are
# $1 (active: the client) with coding $2.
aiortc_offers()
{
	aiortc_start offer
	wait_for 30 test -s theirs.sdp
	grep -q '^m=application' theirs.sdp
	bridge_start br dtls:br.sock,name=web tone:1000
	ice_start br --controlled --address "$address"
	{
		webrtc_sdp br "$1" "$2" | sed 's/BUNDLE 0/BUNDLE 0 1/'
		printf '%s\r\n' 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel' \
			'c=IN IP4 0.0.0.0' a=mid:1 a=sctp-port:5000 \
			"a=setup:$1"
		grep -hE '^a=(ice-|fingerprint)' br-ice.frag br.frag
	} >ours.sdp
	webrtc_describe
	hand aiortc described
	is_heard_both_ways "$1" "${2#*=}"
}

@test "aiortc offers, we are the DTLS client: Opus" {
	aiortc_offers active 96=opus/48000/2
}

@test "aiortc offers, it is the DTLS client: PCMU" {
	aiortc_offers passive 0=PCMU/8000
}

@test "aiortc answers, as the DTLS client" {
	bridge_start br dtls:br.sock,name=web tone:1000
	ice_start br --address "$address"
	webrtc_sdp br actpass 111=opus/48000/2 >ours.sdp
	aiortc_start answer
	hand aiortc described
	wait_for 30 test -s theirs.sdp
	webrtc_describe
	is_heard_both_ways passive opus/48000/2
}
