#!/usr/bin/env bats
# Silence is said, not sent: Opus DTX becomes comfort noise, and who agreed on
# usedtx=1 is sent no packets of nothing.

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

# Bridge c plays Opus with DTX to leg a of b: a tone, then a faint noise, again
# and again. Leg z talks to p as its description has it.
start_opus() # codings of p...
{
	sox -n -r 48000 -b 16 -c 1 part.wav synth 1 sine 600 vol 0.3 \
		pad 0 2
	sox -n -r 48000 -b 16 -c 1 noise.wav synth 3 whitenoise vol 0.003
	sox -m -v 1 part.wav -v 1 noise.wav once.wav
	sox once.wav play.wav repeat 9
	bridge_start b rtp:127.0.0.1:0,name=a rtp:127.0.0.1:0,name=z
	bridge_start c rtp:127.0.0.1:0 wav:play=play.wav
	rtp_start p
	sdp "127.0.0.1:$(bridge_port c)" 96=opus/48000/2 >a.sdp
	{
		sdp "127.0.0.1:$(bridge_port b a)" 96=opus/48000/2
		echo a=fmtp:96 usedtx=1
	} >c.sdp
	sdp "127.0.0.1:$(rtp_port p)" "$@" >z.sdp
	bridge b describe z - z.sdp
	bridge b describe a - a.sdp
	bridge c describe rtp - c.sdp
}

@test "Opus DTX becomes comfort noise where that is agreed on" {
	start_opus 0=PCMU/8000 13=CN/8000
	wait_for 20 at_least 4 p.out packet '.pt == 13'
	wait_for 20 at_least 60 p.out packet '.pt == 0 and .seq > 0'
	# of one byte: about as loud as it is, 0.003 of uniform noise: -55 dBov
	jq -se 'map(select(.pt == 13)) | all(.len == 13) and
		(.[0].payload | . >= "2d" and . <= "7f")' p.out
	# one stream: numbers without a gap (those that keep the path open have
	# theirs), and time that goes on as it does
	jq -se 'map(select(.event == "packet")) | . as $p |
		[range(1; length)] | all($p[.].seq ==
			($p[. - 1].seq + 1) % 65536)' p.out
	# what comes after a noise has a marker
	jq -se 'map(select(.pt == 0 or .pt == 13)) | . as $p |
		[range(1; length)] | map(select($p[.].pt == 0 and
			$p[. - 1].pt == 13)) |
		length > 0 and all($p[.].marker == 1)' p.out
}

@test "without it, Opus DTX is passed over in silence, and speech comes on time" {
	start_opus 0=PCMU/8000
	wait_for 20 at_least 120 p.out packet '.pt == 0'
	[ "$(count p.out packet '.pt == 13')" = 0 ]
	# the second tone began three seconds after the first
	jq -se 'map(select(.pt == 0)) | . as $p | map(.ts - $p[0].ts) |
		any(. > 23000)' p.out
}

# p's PCMU is silence: to q as Opus. usedtx is what q's description says.
opus_of_silence() # fmtp
{
	bridge_start b rtp:127.0.0.1:0,name=a rtp:127.0.0.1:0,name=z
	rtp_start p
	rtp_start q
	sdp "127.0.0.1:$(rtp_port p)" 0=PCMU/8000 >a.sdp
	{
		sdp "127.0.0.1:$(rtp_port q)" 96=opus/48000/2
		echo "a=fmtp:96 $1"
	} >z.sdp
	bridge b describe a - a.sdp
	bridge b describe z - z.sdp
	rtp p speech "127.0.0.1:$(bridge_port b a)" 150 0 77 1 160 20 160
	wait_for 10 says p.out sent
	wait_for 5 at_least 1 b.jsonl stats '.leg == "a" and .packets_in == 150'
}

@test "usedtx=1: silence is not sent as Opus" {
	opus_of_silence usedtx=1
	[ "$(count q.out packet '.pt == 96')" -lt 60 ]
	# and speech is again
	bridge b drop a
	bridge b add tone:500
	wait_for 10 at_least 100 q.out packet '.pt == 96'
	# in one sequence, with those that keep the path open
	jq -se 'map(select(.event == "packet")) | . as $p | [range(1; length)] |
		all($p[.].seq == ($p[. - 1].seq + 1) % 65536)' q.out
}

@test "without usedtx, it is" {
	opus_of_silence useinbandfec=1
	wait_for 5 at_least 140 q.out packet '.pt == 96'
}
