#!/usr/bin/env bats
# rtp-bridge and ffmpeg: speech in each coding, heard at the other end.

bats_require_minimum_version 1.5.0

setup()
{
	load ../lib/media
	PATH=$BATS_TEST_DIRNAME/../../${B:-build}/tests:$PATH
	cd "$BATS_TEST_TMPDIR" || exit
}

teardown()
{
	media_stop
}

# ffmpeg sends 4 s of $1 Hz by encoder $2 as payload type $3 to port $4; the
# rest are options of the encoder. SOURCE_PORT is the port it sends from.
ffmpeg_sends()
{
	timeout 20 ffmpeg -nostdin -v error -re -f lavfi \
		-i "sine=$1:duration=4:sample_rate=48000" -af volume=6dB \
		-c:a "$2" "${@:5}" -payload_type "$3" \
		-f rtp "rtp://127.0.0.1:$4?localrtpport=$SOURCE_PORT" \
		>/dev/null 3>&- &
	media_pid[ffmpeg]=$!
}

# ffmpeg records what comes by description $1 into $2, for 2.5 s of it.
ffmpeg_records()
{
	timeout 20 ffmpeg -nostdin -v error -protocol_whitelist file,rtp,udp \
		-i "$1" -t 2.5 -ac 1 -ar 16000 -y "$2" 2>"$2.err" 3>&- &
	media_pid[recorder]=$!
}

# From ffmpeg by $1 (coding, encoder, options) across the bridge to ffmpeg by $2.
crosses()
{
	local in=$1 encoder=$2 out=$3

	SOURCE_PORT=$(free_port 2)
	sink=$(free_port 2)
	bridge_start b rtp:127.0.0.1:0,name=a rtp:127.0.0.1:0,name=z
	sdp "127.0.0.1:$SOURCE_PORT" "$in" >a.sdp
	sdp "127.0.0.1:$sink" "$out" >z.sdp
	bridge b describe a - a.sdp
	bridge b describe z - z.sdp
	ffmpeg_records z.sdp got.wav
	ffmpeg_sends 1000 "$encoder" "${in%%=*}" "$(bridge_port b a)" "${@:4}"
	wait_for 15 media_ended recorder
	hear got.wav 1000 --from 0.5
	[ "$(event b.jsonl media in) $(event b.jsonl media out)" = \
		"${in#*=} ${out#*=}" ]
}

@test "PCMU passes" {
	crosses 0=PCMU/8000 pcm_mulaw 0=PCMU/8000 -ar 8000 -ac 1
	[ "$(event b.jsonl media mode)" = pass ]
}

@test "PCMA passes" {
	crosses 8=PCMA/8000 pcm_alaw 8=PCMA/8000 -ar 8000 -ac 1
	[ "$(event b.jsonl media mode)" = pass ]
}

@test "Opus passes to another payload type" {
	crosses 111=opus/48000/2 libopus 96=opus/48000/2 -ac 2
	[ "$(event b.jsonl media mode)" = pass ]
}

@test "Opus becomes PCMU, which ffmpeg decodes" {
	crosses 111=opus/48000/2 libopus 0=PCMU/8000 -ac 2
	[ "$(event b.jsonl media mode)" = transcode ]
}

@test "PCMA becomes Opus, which ffmpeg decodes" {
	crosses 8=PCMA/8000 pcm_alaw 96=opus/48000/2 -ar 8000 -ac 1
	[ "$(event b.jsonl media mode)" = transcode ]
}

@test "PCMU becomes PCMA" {
	crosses 0=PCMU/8000 pcm_mulaw 8=PCMA/8000 -ar 8000 -ac 1
	[ "$(event b.jsonl media mode)" = transcode ]
}

@test "Opus of 60 ms becomes PCMU" {
	crosses 111=opus/48000/2 libopus 0=PCMU/8000 -ac 2 -b:a 64k \
		-frame_duration 60
}

@test "Opus of 10 ms becomes PCMU" {
	crosses 111=opus/48000/2 libopus 0=PCMU/8000 -ac 2 -frame_duration 10
}

@test "G.722 from ffmpeg becomes PCMU" {
	crosses 9=G722/8000 g722 0=PCMU/8000 -ar 16000 -ac 1
	[ "$(event b.jsonl media mode)" = transcode ]
}

@test "Opus becomes G.722, which ffmpeg decodes" {
	crosses 111=opus/48000/2 libopus 9=G722/8000 -ac 2
	[ "$(event b.jsonl media mode)" = transcode ]
}
