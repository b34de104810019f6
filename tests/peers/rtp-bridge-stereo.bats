#!/usr/bin/env bats
# Both channels from and to ffmpeg: 440 Hz on the left, 1000 on the right.

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

# ffmpeg sends both by encoder $1 as payload type $2 to leg $3 from $from, in
# packets of at most $size (1200) bytes.
ffmpeg_sends()
{
	media_spawn sender ffmpeg -nostdin -v error -re -f lavfi -i \
		"sine=440:sample_rate=48000[l];sine=1000:sample_rate=48000[r];[l][r]amerge,volume=6dB${size:+,asetnsamples=2880}[out0]" \
		-t 20 -c:a "$1" -ac 2 "${@:4}" -payload_type "$2" -f rtp \
		"rtp://127.0.0.1:$(bridge_port b "$3")?localrtpport=$from&pkt_size=${size:-1200}" \
		>sender.sdp
}

# Each channel of $1 has its own tone, and little else.
apart()
{
	[ "$(soxi -c "$1")" = 2 ]
	sox "$1" left.wav remix 1
	sox "$1" right.wav remix 2
	hear left.wav 440 --from 0.5
	hear right.wav 1000 --from 0.5
	hear left.wav --from 0.5 | grep -E 'ratio=(0\.9|1)'
	hear right.wav --from 0.5 | grep -E 'ratio=(0\.9|1)'
}

recorded() # encoder, coding, encoder's options
{
	from=$(free_port 2)
	bridge_start b rtp:127.0.0.1:0,name=a wav:record=got.wav,channels=2
	sdp "127.0.0.1:$from" "96=$2" >a.sdp
	bridge b describe a - a.sdp
	ffmpeg_sends "$1" 96 a "${@:3}"
	wait_for 15 at_least 1 b.jsonl stats '.packets_in > 120'
	bridge b quit
	bridge_wait b 0
	apart got.wav
}

@test "Opus in stereo is recorded in stereo" {
	recorded libopus opus/48000/2
}

@test "L16 of two channels is recorded in stereo" {
	recorded pcm_s16be L16/44100/2 -ar 44100
}

# From leg a to ffmpeg by leg z, whose description is of $1 with fmtp $2.
comes_out()
{
	to=$(free_port 2)
	{
		sdp "127.0.0.1:$to" "97=$1"
		[ -z "$2" ] || echo "a=fmtp:97 $2"
	} >z.sdp
	bridge b describe z - z.sdp
	media_spawn recorder ffmpeg -nostdin -v error -protocol_whitelist \
		file,rtp,udp -i z.sdp -t 3 -y got.wav
	wait_for 25 media_ended recorder
	apart got.wav
}

# On loopback nothing has to be cut up on its way.
@test "L16 of two channels comes in packets of 60 ms" {
	size=11532 recorded pcm_s16be L16/48000/2
	[ "$(event b.jsonl stats bytes_in)" -gt \
		$((11000 * $(event b.jsonl stats packets_in))) ]
	[ -z "$(event b.jsonl malformed)" ]
}

@test "L16 of two channels becomes Opus in stereo, where that is asked for" {
	from=$(free_port 2)
	bridge_start b rtp:127.0.0.1:0,name=a rtp:127.0.0.1:0,name=z
	sdp "127.0.0.1:$from" 96=L16/48000/2 >a.sdp
	bridge b describe a - a.sdp
	ffmpeg_sends pcm_s16be 96 a -ar 48000
	comes_out opus/48000/2 'stereo=1;sprop-stereo=1'
}

@test "Opus becomes L16 of two channels, resampled" {
	from=$(free_port 2)
	bridge_start b rtp:127.0.0.1:0,name=a rtp:127.0.0.1:0,name=z
	sdp "127.0.0.1:$from" 96=opus/48000/2 >a.sdp
	bridge b describe a - a.sdp
	ffmpeg_sends libopus 96 a
	comes_out L16/44100/2 ''
}

@test "a WAV of two channels is played as Opus in stereo; as mono to who is" {
	sox -n -r 44100 -b 16 -c 2 play.wav synth 20 sine 440 sine 1000 vol 0.3
	bridge_start b wav:play=play.wav rtp:127.0.0.1:0,name=z
	comes_out opus/48000/2 stereo=1
	bridge b quit
	bridge_wait b 0
	to=$(free_port 2)
	bridge_start c wav:play=play.wav rtp:127.0.0.1:0,name=z
	sdp "127.0.0.1:$to" 0=PCMU/8000 >mono.sdp
	bridge c describe z - mono.sdp
	media_spawn again ffmpeg -nostdin -v error -protocol_whitelist \
		file,rtp,udp -i mono.sdp -t 2 -y mono.wav
	wait_for 25 media_ended again
	sox mono.wav low.wav lowpass 500
	hear low.wav 440 --from 0.5
	sox mono.wav high.wav highpass 900
	hear high.wav 1000 --from 0.5
}
