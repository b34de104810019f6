#!/usr/bin/env bats
# ffmpeg sends to one leg and records what another sends: its own RTP, its own
# coders, and what is heard is judged by frequency and level.

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

coding()
{
	case $1 in
	PCMU) echo 0=PCMU/8000 ;;
	PCMA) echo 8=PCMA/8000 ;;
	opus) echo 111=opus/48000/2 ;;
	L16) echo 97=L16/16000 ;;
	esac
}

encoder()
{
	case $1 in
	PCMU) echo -c:a pcm_mulaw -ar 8000 -ac 1 ;;
	PCMA) echo -c:a pcm_alaw -ar 8000 -ac 1 ;;
	opus) echo -c:a libopus -ar 48000 -ac 2 -payload_type 111 ;;
	L16) echo -c:a pcm_s16be -ar 16000 -ac 1 -payload_type 97 ;;
	esac
}

# ffmpeg in the background; the rest are its arguments.
ffmpeg_spawn()
{
	media_spawn "$1" ffmpeg -v error -nostdin -protocol_whitelist \
		file,udp,rtp "${@:2}"
}

ffmpeg_send() # TO, FROM port, CODING, further options
{
	local -a words

	read -ra words < <(encoder "$3")
	ffmpeg_spawn sender -re -f lavfi \
		-i 'sine=frequency=700:sample_rate=48000' -t 20 "${@:4}" \
		"${words[@]}" -f rtp "rtp://127.0.0.1:$1?localrtpport=$2" \
		>sender.sdp
}

# ffmpeg sends CODING $1, and records CODING $2 as out.wav.
call()
{
	local from to

	from=$(free_port 2)
	to=$(free_port 2)
	bridge_start br rtp:127.0.0.1:0,name=a rtp:127.0.0.1:0,name=b
	sdp "127.0.0.1:$from" "$(coding "$1")" >a.sdp
	sdp "127.0.0.1:$to" "$(coding "$2")" >b.sdp
	bridge br describe a - "$PWD/a.sdp"
	bridge br describe b - "$PWD/b.sdp"
	ffmpeg_spawn recorder -i b.sdp -t 2 -ac 1 -y out.wav
	ffmpeg_send "$(bridge_port br a)" "$from" "$1"
	wait_for 15 media_ended recorder
	wait_for 3 says br.jsonl media
	hear out.wav 700
	[ "$(event br.jsonl media in)" = "$(coding "$1" | cut -d= -f2)" ]
	[ "$(event br.jsonl media out)" = "$(coding "$2" | cut -d= -f2)" ]
	[ "$(count br.jsonl malformed)" = 0 ]
}

@test "PCMU from ffmpeg passes to ffmpeg" {
	call PCMU PCMU
	[ "$(event br.jsonl media mode)" = pass ]
}

@test "Opus from ffmpeg passes to ffmpeg" {
	call opus opus
	[ "$(event br.jsonl media mode)" = pass ]
}

@test "PCMU from ffmpeg reaches it as Opus" {
	call PCMU opus
	[ "$(event br.jsonl media mode)" = transcode ]
}

@test "Opus from ffmpeg reaches it as PCMA" {
	call opus PCMA
	[ "$(event br.jsonl media mode)" = transcode ]
}

@test "L16 from ffmpeg reaches it as Opus, Opus as L16" {
	call L16 opus
	media_stop
	rm -f ./*.in out.wav br.jsonl
	call opus L16
}

@test "a WAV of 44.1 kHz stereo is played to ffmpeg as PCMU" {
	local to

	to=$(free_port 2)
	ffmpeg -v error -f lavfi -i sine=frequency=1234:sample_rate=44100 \
		-t 10 -ac 2 -c:a pcm_s16le hello.wav
	sdp "127.0.0.1:$to" 0=PCMU/8000 >b.sdp
	ffmpeg_spawn recorder -i b.sdp -t 2 -ac 1 -y out.wav
	bridge_start br rtp:127.0.0.1:0 wav:play=hello.wav
	bridge br describe rtp - "$PWD/b.sdp"
	wait_for 15 media_ended recorder
	hear out.wav 1234
}

@test "ffmpeg's sound is recorded, at its own length, while it says its RTCP" {
	local from seconds

	from=$(free_port 2)
	sdp "127.0.0.1:$from" 0=PCMU/8000 >a.sdp
	bridge_start br rtp:127.0.0.1:0 wav:record=heard.wav
	bridge br describe rtp - "$PWD/a.sdp"
	ffmpeg_send "$(bridge_port br)" "$from" PCMU -t 3
	wait_for 10 media_ended sender
	bridge br hangup
	bridge_wait br 0
	hear heard.wav 700
	seconds=$(event br.jsonl recorded seconds)
	jq -ne "$seconds > 2.8 and $seconds < 3.2"
	[ "$(count br.jsonl malformed)" = 0 ]
}

@test "tshark reads what was captured: RTP without a gap, RTCP with a CNAME" {
	local to

	to=$(free_port 2)
	sdp "127.0.0.1:$to" 0=PCMU/8000 >b.sdp
	ffmpeg_spawn recorder -i b.sdp -t 6 -ac 1 -y out.wav
	bridge_start br --pcap br.pcapng rtp:127.0.0.1:0 tone:1000
	bridge br describe rtp - "$PWD/b.sdp"
	wait_for 15 media_ended recorder
	bridge br hangup
	bridge_wait br 1 # nothing came from ffmpeg
	tshark -r br.pcapng -d "udp.port==$to,rtp" \
		-d "udp.port==$((to + 1)),rtcp" \
		-T fields -e rtp.seq -Y rtp | sort -un >seq
	[ "$(wc -l <seq)" -gt 200 ]
	[ "$(tail -n 1 seq)" -eq $(($(head -n 1 seq) + $(wc -l <seq) - 1)) ]
	tshark -r br.pcapng -d "udp.port==$((to + 1)),rtcp" -T fields \
		-e rtcp.pt -e rtcp.sdes.text -Y rtcp >rtcp
	grep -q '^200,202.*[0-9a-f]\{24\}' rtcp # SR and SDES
	grep -q '203' rtcp                      # BYE
	[ -z "$(tshark -r br.pcapng -d "udp.port==$to,rtp" \
		-d "udp.port==$((to + 1)),rtcp" -Y _ws.malformed)" ]
}
