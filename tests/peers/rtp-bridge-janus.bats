#!/usr/bin/env bats
# Janus on dtls: legs, through ice-pair: its echo test, its way from WebRTC to
# RTP (NoSIP), and its conference.

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

janus_start()
{
	media_spawn janus /usr/bin/python3 "$media_lib/janus.py" "$PWD" "$1" \
		>janus.out 2>janus.err
	wait_for 30 grep -q ready janus.out
}

# Ask what is said, and wait for the answer: the rest of janus.out's last line.
janus()
{
	local lines

	lines=$(wc -l <janus.out)
	hand janus "$@"
	wait_for 20 janus_said "$lines"
}

janus_said()
{
	[ "$(wc -l <janus.out)" -gt "$1" ]
}

# $1's offer of coding $3, with request $2, and Janus' answer.
negotiates()
{
	bridge_start "$1" "dtls:$1.sock,name=web" "${4:-tone:1000}"
	ice_start "$1" --address "$address"
	webrtc_sdp "$1" actpass "$3" >"$1-offer.sdp"
	janus "$2 offer $PWD/$1-offer.sdp"
}

# Janus' description that came last is $1's answer.
connects()
{
	tail -n 1 janus.out | jq -rj .sdp >"$1-answer.sdp"
	ice_remote "$1" "$1-answer.sdp"
	bridge "$1" describe web "$PWD/$1-offer.sdp" "$PWD/$1-answer.sdp"
}

hears() # NAME HZ
{
	wait_for 30 at_least 1 "$1.jsonl" heard ".hz > $2 * 0.98 and
		.hz < $2 * 1.02 and .ratio > 0.9"
}

@test "Janus' echo test gives our Opus back" {
	janus_start echotest
	negotiates br '{"audio": true, "video": false}' 111=opus/48000/2
	connects br
	hears br 1000
	[ "$(event br.jsonl dtls fingerprint)" = checked ]
	[[ $(event br.jsonl dtls profile) == SRTP_AEAD_AES_* ]]
	[ "$(event br.jsonl stats codec_in)" = opus/48000/2 ]
	[ "$(count br.jsonl malformed)" = 0 ]
}

@test "Janus' NoSIP makes plain RTP of our PCMU, and back" {
	janus_start nosip
	negotiates br '{"request": "generate"}' 0=PCMU/8000
	tail -n 1 janus.out | jq -rj .data.result.sdp >far-offer.sdp
	bridge_start far rtp:127.0.0.1:0 tone:440
	sdp "127.0.0.1:$(bridge_port far)" 0=PCMU/8000 >far-answer.sdp
	echo a=sendrecv >>far-answer.sdp
	bridge far describe rtp "$PWD/far-answer.sdp" "$PWD/far-offer.sdp"
	janus "$(jq -nc --rawfile sdp far-answer.sdp \
		'{ request: "process", type: "answer", $sdp }')"
	connects br
	hears br 440
	hears far 1000
	[ "$(event br.jsonl stats rejected)" = 0 ]
}

@test "Janus' AudioBridge: two of us hear each other in its conference" {
	janus_start audiobridge
	janus '{"request": "create", "room": 7, "sampling_rate": 48000}'
	janus '{"request": "join", "room": 7, "display": "br"}'
	negotiates br '{"request": "configure", "muted": false}' \
		111=opus/48000/2
	connects br
	hand janus attach
	janus '{"request": "join", "room": 7, "display": "far"}'
	negotiates far '{"request": "configure", "muted": false}' \
		111=opus/48000/2 tone:440
	connects far
	hears br 440
	hears far 1000
}
