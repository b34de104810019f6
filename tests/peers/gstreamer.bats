#!/usr/bin/env bats
# GStreamer's webrtcbin on a dtls: leg, through ice-pair and sdp-convert: sound
# and pictures in one bundle, whoever offers.

bats_require_minimum_version 1.5.0

setup()
{
	load ../lib/media
	load ../lib/webrtc
	cd "$BATS_TEST_TMPDIR" || exit
	address=$(webrtc_address)
	bridge_start br dtls:br.sock,name=web,video tone:1000,name=tone \
		echo:,media=video
}

teardown()
{
	media_stop
}

gstreamer_start()
{
	media_spawn gst /usr/bin/python3 "$BATS_TEST_DIRNAME/gstreamer-end.py" \
		"$1" theirs.sdp ours.sdp 440 heard.wav 3 "${@:2}" 2>gst.err
}

# What a phone with coding $1 for sound and $2 for pictures would say, for
# WebRTC; the rest is for sdp-convert.
describe_us()
{
	{
		sdp 127.0.0.1:4000 "$1"
		printf '%s\r\n' a=sendrecv "m=video 4002 RTP/AVP ${2%%=*}" \
			"a=rtpmap:${2%%=*} ${2#*=}" a=sendrecv
		[[ $2 != *H264* ]] || printf '%s\r\n' \
			"a=fmtp:${2%%=*} packetization-mode=1;profile-level-id=42e01f"
	} | sdp-convert --to webrtc --with br-ice.frag --with br.frag "${@:3}" \
		>ours.sdp
}

# Tones both ways; our pictures are theirs, which they can decode.
is_heard_and_seen()
{
	wait_for 30 at_least 1 br.jsonl heard '.hz > 430 and .hz < 450 and
		.ratio > 0.9'
	[ "$(event br.jsonl dtls fingerprint)" = checked ]
	# that is when 20 pictures could be decoded
	wait_for 60 media_ended gst
	wait "${media_pid[gst]}"
	hear heard.wav 1000 --from 1
	[ "$(count br.jsonl malformed)" = 0 ]
}

@test "GStreamer offers Opus and H.264" {
	gstreamer_start offer opus H264
	wait_for 30 test -s theirs.sdp
	ice_start br --controlled --address "$address"
	describe_us 111=opus/48000/2 102=H264/90000 --answer-to theirs.sdp
	webrtc_describe
	hand gst described
	is_heard_and_seen
}

@test "GStreamer answers PCMU and VP8" {
	ice_start br --address "$address"
	describe_us 0=PCMU/8000 96=VP8/90000
	gstreamer_start answer PCMU VP8
	hand gst described
	wait_for 30 test -s theirs.sdp
	sdp-convert --check ours.sdp theirs.sdp
	webrtc_describe
	is_heard_and_seen
}

@test "GStreamer offers pictures that nobody takes: the sound is there" {
	gstreamer_start offer opus H264 none
	wait_for 30 test -s theirs.sdp
	ice_start br --controlled --address "$address"
	describe_us 111=opus/48000/2 96=VP8/90000 --answer-to theirs.sdp
	grep -q '^m=video 0 ' ours.sdp
	webrtc_describe
	hand gst described
	wait_for 30 at_least 1 br.jsonl heard '.hz > 430 and .hz < 450 and
		.ratio > 0.9'
}
