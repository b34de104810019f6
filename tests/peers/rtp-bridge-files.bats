#!/usr/bin/env bats
# Legs for other programs: an .ogg that opusdec and ffmpeg read, a leg that
# ffplay's like opens by its .sdp.

bats_require_minimum_version 1.5.0

setup()
{
	load ../lib/media
	cd "$BATS_TEST_TMPDIR" || exit
}

teardown()
{
	media_stop
}

opus_sdp()
{
	sdp "127.0.0.1:$1" 111=opus/48000/2
}

@test "ogg: the Opus of a call as it came, as long as it was, with its losses" {
	bridge_start a rtp:127.0.0.1:0 tone:700
	bridge_start m rtp:127.0.0.1:0 ogg:record=call.ogg
	media_spawn relay /usr/bin/python3 "$media_lib/udp-relay.py" \
		"127.0.0.1:$(bridge_port m)" loss=0.1 jitter=40 >relay.out
	wait_for 5 says relay.out bound
	opus_sdp "$(event relay.out bound port)" >relay.sdp
	opus_sdp "$(bridge_port a)" >a.sdp
	bridge m describe rtp - relay.sdp
	bridge a describe rtp - relay.sdp
	wait_for 8 at_least 1 m.jsonl stats '.packets_in > 130'
	bridge a quit
	bridge m quit
	bridge_wait m 0
	[ "$(event m.jsonl stats lost)" -gt 3 ]
	ffmpeg -v error -i call.ogg -ac 1 out.wav
	seconds=$(event m.jsonl recorded seconds)
	jq -ne "$seconds > 2.7 and $seconds < 5"
	soxi -D out.wav | jq -e ". > $seconds - 0.1 and . < $seconds + 0.1"
	hear out.wav 700
	# it is what came: not a coder's work of ours
	ffprobe -v error -show_entries stream=codec_name,sample_rate -of csv \
		call.ogg | grep -qx 'stream,opus,48000'
	run -74 timeout 20 rtp-bridge ogg:record=missing/x echo:
	run -2 timeout 20 rtp-bridge ogg: echo:
}

# A player opens one leg more of a call that goes on undisturbed: for codec $1,
# and for the rest of what it is.
listens()
{
	local port

	port=$(free_port 2)
	call_start
	bridge m add "$2,name=ear,to=127.0.0.1:$port,codec=$1,sdp=ear.sdp"
	wait_for 5 test -s ear.sdp
	media_spawn player ffmpeg -v error -nostdin -protocol_whitelist \
		file,udp,rtp,srtp -i ear.sdp -t 2 -ac 1 -ar 8000 -y ear.wav
	wait_for 20 media_ended player
	both_tones_in ear.wav
	[ "$(jq -rs 'map(select(.event == "media" and .from == "a"))[-1].mode' \
		m.jsonl)" = pass ]
}

@test "ogg: a call without Opus is an error, and a file that players take" {
	bridge_start m rtp:127.0.0.1:0 ogg:record=none.ogg,from=rtp echo:
	rtp_start p
	sdp "127.0.0.1:$(rtp_port p)" 0=PCMU/8000 >p.sdp
	bridge m describe rtp - p.sdp
	rtp p speech "127.0.0.1:$(bridge_port m)" 30 0 77 1 160 10 160
	wait_for 5 at_least 30 p.out packet
	bridge m quit
	bridge_wait m 1
	error_like m 'none.ogg: nothing to record came from rtp: .*PCMU/8000 was'
	[ "$(ffprobe -v error -show_entries stream=codec_name -of csv=p=0 \
		none.ogg)" = opus ]
	# from= names a leg that is there, and has packets
	run -2 timeout 20 rtp-bridge ogg:record=x.ogg,from=zzz echo:
	[[ $output == *"ogg: from=zzz: there is no such leg"* ]]
	run -2 timeout 20 rtp-bridge ogg:record=x.ogg,from=echo echo:
	[[ $output == *"ogg: from=echo: this leg has no packets"* ]]
	bridge_start n rtp:127.0.0.1:0 echo:
	bridge_refuses n 'add ogg:record=x.ogg,from=zzz' 'no such leg'
	bridge n add ogg:record=x.ogg,from=rtp
	wait_for 5 at_least 1 n.jsonl leg '.leg == "ogg" and .state == "added"'
}

@test "a player hears both by the .sdp of a leg that listens: Opus" {
	listens opus rtp:127.0.0.1:0,listen
}

@test "a player hears both by the .sdp of a leg that is encrypted" {
	listens opus srtp:127.0.0.1:0
}

@test "a player hears both by the .sdp of a leg that listens: PCMU" {
	listens PCMU rtp:127.0.0.1:0,listen
	run -2 timeout 20 rtp-bridge rtp:127.0.0.1:0,to=x echo:
	run -2 timeout 20 rtp-bridge rtp:127.0.0.1:0,codec=opus echo:
	run -2 timeout 20 rtp-bridge rtp:127.0.0.1:0,to=127.0.0.1:4000,codec=x echo:
	run -74 timeout 20 rtp-bridge rtp:127.0.0.1:0,to=127.0.0.1:4000,sdp=x/y echo:
}
