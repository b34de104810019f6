#!/usr/bin/env bats
# pion/webrtc on a dtls: leg, through ice-pair: it says back what it hears,
# whoever is the DTLS client.

bats_require_minimum_version 1.5.0

setup_file()
{
	load pion/build
	pion_build echo-end
}

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

pion_start()
{
	media_spawn pion "$BATS_FILE_TMPDIR/echo-end" "$@" theirs.sdp ours.sdp \
		>pion.out 2>pion.err
}

# Our tone comes back; we are $1 (active: the client), with coding $2.
is_echoed()
{
	wait_for 30 at_least 1 br.jsonl heard '.hz > 990 and .hz < 1010 and
		.ratio > 0.9'
	[ "$(event br.jsonl dtls fingerprint)" = checked ]
	[ "$(event br.jsonl dtls role)" = "$1" ]
	[ "$(event br.jsonl dtls profile)" = SRTP_AEAD_AES_128_GCM ]
	[ "$(event br.jsonl stats codec_in)" = "$2" ]
	[ "$(count br.jsonl malformed)" = 0 ]
}

# pion offers media type $1 and a data channel; we are $2 with coding $3.
pion_offers()
{
	pion_start offer "$1" client
	wait_for 30 test -s theirs.sdp
	bridge_start br dtls:br.sock,name=web tone:1000
	ice_start br --controlled --address "$address"
	{
		webrtc_sdp br "$2" "$3" | sed 's/BUNDLE 0/BUNDLE 0 1/'
		printf '%s\r\n' 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel' \
			'c=IN IP4 0.0.0.0' a=mid:1 a=sctp-port:5000 \
			"a=setup:$2"
		grep -hE '^a=(ice-|fingerprint)' br-ice.frag br.frag
	} >ours.sdp
	webrtc_describe
	hand pion described
	is_echoed "$2" "${3#*=}"
}

# pion answers as DTLS $2; we are $3.
pion_answers()
{
	bridge_start br dtls:br.sock,name=web tone:1000
	ice_start br --controlling --address "$address"
	webrtc_sdp br actpass "$4" >ours.sdp
	pion_start answer "$1" "$2"
	hand pion described
	wait_for 30 test -s theirs.sdp
	webrtc_describe
	is_echoed "$3" "${4#*=}"
}

@test "pion offers, we are the DTLS client: Opus" {
	pion_offers audio/opus active 111=opus/48000/2
}

@test "pion offers, it is the DTLS client: G.722" {
	pion_offers audio/G722 passive 9=G722/8000
}

@test "pion answers, as the DTLS client: PCMU" {
	pion_answers audio/PCMU client passive 0=PCMU/8000
}

@test "pion answers, as the DTLS server: Opus" {
	pion_answers audio/opus server active 111=opus/48000/2
}
