#!/usr/bin/env bats
# Packets as long as the other side asked for (a=ptime), whatever comes.

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

# A tone to p as coding $1, for which each of $2... is PTIME=STEP, or
# PTIME/MAXPTIME=STEP: timestamps STEP apart.
framed()
{
	local pt=${1%%=*} ptime step

	bridge_start b rtp:127.0.0.1:0 tone:440
	rtp_start p
	for pair in "${@:2}"; do
		ptime=${pair%=*} step=${pair#*=}
		{
			sdp "127.0.0.1:$(rtp_port p)" "$1"
			echo "a=ptime:${ptime%/*}"
			[[ $ptime != */* ]] || echo "a=maxptime:${ptime#*/}"
		} >p.sdp
		before=$(wc -l <p.out)
		bridge b describe rtp - p.sdp
		wait_for 10 stepped "$pt" "$step"
	done
}

# Those of payload type $1 that came last are $2 apart, all of them. (The first
# were on their way; and the last line may be one half.)
stepped()
{
	tail -n +$((before + 1)) p.out | sed '$d' | jq -se --argjson pt "$1" \
		--argjson step "$2" 'map(select(.pt == $pt)) | .[4:][-8:] |
		. as $p | length == 8 and ([range(1; 8)] |
			all($p[.].ts - $p[. - 1].ts == $step))' >/dev/null
}

@test "PCMU of 10 to 60 ms" {
	framed 0=PCMU/8000 10=80 20=160 30=240 40=320 60=480
}

@test "PCMA of 10 to 60 ms" {
	framed 8=PCMA/8000 60=480 40=320 30=240 20=160 10=80
}

# Its clock says 8000 (RFC 3551 4.5.2).
@test "G.722 of 10 to 60 ms" {
	framed 9=G722/8000 10=80 30=240 20=160 60=480
}

# Of 30 there is none; 20 is the next.
@test "Opus of 10 to 60 ms" {
	framed 96=opus/48000/2 10=480 20=960 30=960 40=1920 60=2880
}

# Never longer than fits an Ethernet frame.
@test "L16 is cut to what fits" {
	framed 97=L16/16000 10=160 20=320 60=640
	[ "$(jq -s 'map(select(.pt == 97) | .len) | max' p.out)" -lt 1400 ]
}

@test "L16 in stereo at 48 kHz is cut to 5 ms" {
	framed 97=L16/48000/2 20=240
}

@test "a=maxptime is the longest" {
	framed 0=PCMU/8000 20/10=80 40/20=160 20/40=160 60/33=240
}

@test "a=maxptime is the longest, also of Opus" {
	framed 96=opus/48000/2 20/10=480 60/40=1920 20/5=240 20/3=120
}

@test "60 ms of L16 in stereo pass whole; what is longer is no media packet" {
	bridge_start b rtp:127.0.0.1:0,name=a rtp:127.0.0.1:0,name=b
	rtp_start p
	rtp_start q
	sdp "127.0.0.1:$(rtp_port p)" 96=L16/48000/2 >p.sdp
	sdp "127.0.0.1:$(rtp_port q)" 96=L16/48000/2 >q.sdp
	bridge b describe a - p.sdp
	bridge b describe b - q.sdp
	rtp p hex "127.0.0.1:$(bridge_port b a)" \
		"80600001000000010000004d$(head -c 16000 /dev/zero |
			od -An -v -tx1 | tr -d ' \n')"
	wait_for 5 says b.jsonl malformed
	rtp p speech "127.0.0.1:$(bridge_port b a)" 5 96 77 2 0 20 11520
	wait_for 5 long_came 5
}

long_came()
{
	[ "$(jq -c 'select(.pt == 96 and .len == 11532)' q.out |
		wc -l)" -ge "$1" ]
}

# As each session refresh is: what waits to fill a packet is still sent.
@test "to be described again as before costs no sound" {
	local n

	bridge_start b rtp:127.0.0.1:0,name=a \
		rtp:127.0.0.1:0,name=z,keepalive=0
	rtp_start pa
	rtp_start pz
	sdp "127.0.0.1:$(rtp_port pa)" 0=PCMU/8000 >a.sdp
	{
		sdp "127.0.0.1:$(rtp_port pz)" 97=L16/8000
		echo a=ptime:30
	} >z.sdp
	bridge b describe a - a.sdp
	for n in {0..9}; do
		bridge b describe z - z.sdp
		bridge_refuses b "drop no-$n" "no-$n: there is no such leg"
		rtp pa speech "127.0.0.1:$(bridge_port b a)" 2 0 77 $((n * 2)) \
			$((n * 320)) 5 160
		wait_for 5 at_least $((n + 1)) pa.out sent
	done
	# 20 packets of 20 ms are 13 of 30 ms
	wait_for 5 at_least 13 pz.out packet
	jq -se 'map(select(.event == "packet") | .ts) | . as $ts |
		[range(1; length) | ($ts[.] - $ts[. - 1] + 4294967296)
			% 4294967296] | all(. == 240)' pz.out
}
