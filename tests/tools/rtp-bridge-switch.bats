#!/usr/bin/env bats
# From passing packets to coding them and back, in the middle of a call: no
# jump in time, and no click. (Bursts of 440 Hz; what is left of the recording
# without it is the coding's own noise.)

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

# s speaks coding $1 to leg a of b, whose leg z speaks it to address $2.
start()
{
	sox -n -r 16000 -b 16 -c 1 burst.wav synth 0.9 sine 440 vol 0.3 \
		fade h 0.2 0.9 0.2 pad 0 0.2
	sox burst.wav play.wav repeat 30
	bridge_start b rtp:127.0.0.1:0,name=a rtp:127.0.0.1:0,name=z
	bridge_start s rtp:127.0.0.1:0 wav:play=play.wav
	sdp "127.0.0.1:$(bridge_port s)" "$1" >a.sdp
	sdp "$2" "$1" >z.sdp
	sdp "127.0.0.1:$(bridge_port b a)" "$1" >s.sdp
	bridge b describe a - a.sdp
	bridge b describe z - z.sdp
	bridge s describe rtp - s.sdp
}

# A gain that nobody hears, and none, again and again.
switch_often()
{
	for i in 1 2 3; do
		wait_for 10 at_least $((i * 2 - 1)) b.jsonl media \
			'.from == "a"'
		bridge b gain a 0.01
		wait_for 10 at_least $((i * 2)) b.jsonl media '.from == "a"'
		bridge b gain a 0
	done
	wait_for 10 at_least 7 b.jsonl media '.from == "a"'
	[ "$(jq -cs 'map(select(.event == "media" and .from == "a") | .mode)' \
		b.jsonl)" = '["pass","transcode","pass","transcode","pass","transcode","pass"]' ]
}

clicks_not() # coding, dB that a click may have
{
	bridge_start d rtp:127.0.0.1:0 wav:record=got.wav,rate=16000
	start "$1" "127.0.0.1:$(bridge_port d)"
	sdp "127.0.0.1:$(bridge_port b z)" "$1" >d.sdp
	bridge d describe rtp - d.sdp
	switch_often
	wait_for 10 at_least 1 d.jsonl stats '.packets_in > 130'
	bridge d quit
	bridge_wait d 0
	hear got.wav 440
	sox got.wav rest.wav bandreject 440 200 bandreject 440 200
	sox rest.wav -n trim 0.1 stats 2>&1 | awk -v most="$2" '
		/^Pk lev dB/ { print; peak = $4 }
		END { exit !(peak < most) }'
}

# (Without what net_prime.c does: -10 dB and -28.)
@test "G.722: without a click" {
	clicks_not 9=G722/8000 -18
}

@test "Opus: without a click" {
	clicks_not 96=opus/48000/2 -34
}

@test "PCMU: numbers and time go on as they did" {
	rtp_start p
	start 0=PCMU/8000 "127.0.0.1:$(rtp_port p)"
	switch_often
	wait_for 10 at_least 50 p.out packet '.pt == 0'
	jq -se 'map(select(.event == "packet" and .pt == 0)) | . as $p |
		[range(1; length)] | all(
			($p[.].seq - $p[. - 1].seq + 65536) % 65536 == 1 and
			$p[.].ts - $p[. - 1].ts == 160 and
			$p[.].marker == 0)' p.out
}

@test "what is said to who holds, or while muted, is no loss afterwards" {
	local at=1

	bridge_start b rtp:127.0.0.1:0,name=a \
		rtp:127.0.0.1:0,name=z,keepalive=0
	rtp_start pa
	rtp_start pz
	sdp "127.0.0.1:$(rtp_port pa)" 0=PCMU/8000 >a.sdp
	sdp "127.0.0.1:$(rtp_port pz)" 0=PCMU/8000 >z.sdp
	{
		cat z.sdp
		echo a=sendonly
	} >hold.sdp
	bridge b describe a - a.sdp
	bridge b describe z - z.sdp
	for command in '' 'describe z - hold.sdp' 'describe z - z.sdp' \
		'mute a' 'unmute a'; do
		[ -z "$command" ] || bridge b "$command"
		# its effect is certain when what comes behind it has one
		bridge_refuses b "drop no-$at" "no-$at: there is no such leg"
		rtp pa speech "127.0.0.1:$(bridge_port b a)" 20 0 77 "$at" \
			$((at * 160)) 5 160
		at=$((at + 20))
		wait_for 5 at_least $((at / 20)) pa.out sent
	done
	wait_for 5 at_least 60 pz.out packet '.pt == 0'
	jq -se 'map(select(.pt == 0)) | length == 60 and
		(map(.seq) | . == [range(.[0]; .[0] + 60)]) and
		map(.marker) == [range(60) |
			if . % 20 == 0 then 1 else 0 end]' pz.out
}

@test "a payload type that is given to another coding is decoded as that" {
	local n=0

	bridge_start b rtp:127.0.0.1:0,name=a \
		rtp:127.0.0.1:0,name=z,keepalive=0
	rtp_start pa
	rtp_start pz
	sdp "127.0.0.1:$(rtp_port pz)" 0=PCMU/8000 >z.sdp
	bridge b describe z - z.sdp
	# 20 ms of each are 160 units of time, and as many bytes
	for coding in PCMA/8000 G722/8000 PCMA/8000; do
		sdp "127.0.0.1:$(rtp_port pa)" "97=$coding" >a.sdp
		bridge b describe a - a.sdp
		bridge_refuses b "drop no-$n" "no-$n: there is no such leg"
		rtp pa speech "127.0.0.1:$(bridge_port b a)" 20 97 77 \
			$((n * 20)) $((n * 3200)) 20 160
		n=$((n + 1))
		wait_for 5 at_least $n b.jsonl media \
			".from == \"a\" and .mode == \"transcode\""
		wait_for 5 at_least $n pa.out sent
	done
	# FF is loud as PCMA, and next to nothing as G.722
	wait_for 5 at_least 60 pz.out packet
	jq -se 'map(select(.event == "packet") | .payload) |
		(.[10:18] | unique) == (.[50:58] | unique) and
		(.[10:18] | unique) != (.[30:38] | unique)' pz.out
}

# G.722 is decoded by what came before: one that began anew would differ.
@test "two that talk go on as before when a third comes to listen, and leaves" {
	local name

	for name in alone watched; do
		bridge_start $name rtp:127.0.0.1:0,name=a \
			rtp:127.0.0.1:0,name=z,keepalive=0
		rtp_start pa-$name
		rtp_start pz-$name
		sdp "127.0.0.1:$(rtp_port pa-$name)" 9=G722/8000 >a.sdp
		sdp "127.0.0.1:$(rtp_port pz-$name)" 97=L16/16000 >z.sdp
		bridge $name describe a - a.sdp
		bridge $name describe z - z.sdp
		bridge_refuses $name 'drop nobody' 'nobody: there is no such leg'
		rtp pa-$name speech "127.0.0.1:$(bridge_port $name a)" 150 9 77 \
			0 0 10 160
		wait_for 5 at_least 50 pz-$name.out packet
		[ $name = alone ] || bridge $name add null:
		wait_for 5 at_least 80 pz-$name.out packet
		[ $name = alone ] || bridge $name drop null
		wait_for 5 at_least 150 pz-$name.out packet
		jq -c 'select(.event == "packet") | .payload' pz-$name.out >$name
	done
	[ "$(count watched.jsonl leg '.leg == "null"')" = 2 ]
	cmp alone watched
}
