#!/usr/bin/env bats
# rtp-bridge with three legs and more: who hears whom, judged by which tones
# are in what each has heard; and what a bad network does to a call.

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
	G722) echo 9=G722/8000 ;;
	opus | stereo) echo 111=opus/48000/2 ;;
	L16) echo 112=L16/44100/2 ;;
	esac
}

described() # at address $1, in coding $2
{
	sdp "$1" "$(coding "$2")"
	[ "$2" != stereo ] || printf 'a=fmtp:111 stereo=1;sprop-stereo=1\r\n'
}

# A phone $1 that plays $2 Hz and records what it hears, in coding $3; with $4
# in stereo: $2 Hz on the left and $4 on the right.
phone_start()
{
	sox -n -r 16000 -b 16 -c $((${4:+1} + 1)) "$1-said.wav" \
		synth 30 sine "$2" ${4:+sine "$4"} vol -12dB
	bridge_start "$1" rtp:127.0.0.1:0 \
		"wav:play=$1-said.wav,record=$1-heard.wav,name=wav${4:+,channels=2}"
	described "127.0.0.1:$(bridge_port "$1")" "$3" >"$1.sdp"
}

# Leg $2 of bridge $1 and phone $2 are told of each other.
connect()
{
	described "127.0.0.1:$(bridge_port "$1" "$2")" "$3" >"$1-$2.sdp"
	bridge "$1" describe "$2" - "$2.sdp"
	bridge "$2" describe rtp - "$1-$2.sdp"
}

# (sinc is as sharp as its rate is low.)
# The level, in whole dBFS, of what is near $2 Hz in recording $1 from second
# $3 on.
level()
{
	sox "$1" band.wav trim "${3:-0.7}" rate 8000 sinc "$(($2 - 60))-$(($2 + 60))"
	hear band.wav | sed 's/.*dbfs=\(-*[0-9]*\).*/\1/'
}

recorded() # seconds, by phone $1
{
	[ "$(soxi -D "$1-heard.wav" 2>/dev/null | cut -d. -f1)" -ge "$2" ]
}

@test "three phones, each with its own coding, hear each other and not themselves" {
	phone_start a 440 PCMU
	phone_start b 1000 opus
	phone_start c 2500 G722
	bridge_start m rtp:127.0.0.1:0,name=a rtp:127.0.0.1:0,name=b \
		rtp:127.0.0.1:0,name=c
	connect m a PCMU
	connect m b opus
	connect m c G722
	for p in a b c; do
		wait_for 10 recorded $p 2
	done
	for p in m a b c; do
		bridge $p quit
		bridge_wait $p 0
	done
	for p in a:440 b:1000 c:2500; do
		for hz in 440 1000 2500; do
			db=$(level "${p%:*}-heard.wav" $hz)
			if [ "${p#*:}" = $hz ]; then
				[ "$db" -lt -40 ]
			else
				[ "$db" -gt -16 ]
				[ "$db" -lt -9 ]
			fi
		done
	done
}

# Channel $2 of recording $1 has tones at the levels $3... (Hz:dBFS), 3 dB more
# or less; -99: it is not there.
channel_has()
{
	local tone db

	sox "$1" channel.wav remix "$2"
	for tone in "${@:3}"; do
		db=$(level channel.wav "${tone%:*}" 1.2)
		if [ "${tone#*:}" = -99 ]; then
			[ "$db" -lt -40 ]
		else
			[ "$((db - ${tone#*:}))" -ge -3 ]
			[ "$((db - ${tone#*:}))" -le 3 ]
		fi
	done
}

@test "who hears in stereo hears so who speaks so, and others in the middle" {
	phone_start a 440 L16 1000
	phone_start b 2500 PCMU
	phone_start c 700 stereo 3200
	bridge_start m rtp:127.0.0.1:0,name=a rtp:127.0.0.1:0,name=b \
		rtp:127.0.0.1:0,name=c wav:record=all.wav,stereo=1 \
		wav:record=apart.wav,channels=2,name=apart
	connect m a L16
	connect m b PCMU
	connect m c stereo
	for p in a b c; do
		wait_for 20 recorded $p 3
	done
	for p in m a b c; do
		bridge $p quit
		bridge_wait $p 0
	done
	# two channels become one at half the level of each
	channel_has a-heard.wav 1 440:-99 1000:-99 2500:-12 700:-12 3200:-99
	channel_has a-heard.wav 2 440:-99 1000:-99 2500:-12 700:-99 3200:-12
	channel_has b-heard.wav 1 440:-18 1000:-18 2500:-99 700:-18 3200:-18
	channel_has c-heard.wav 1 440:-12 1000:-99 2500:-12 700:-99 3200:-99
	channel_has c-heard.wav 2 440:-99 1000:-12 2500:-12 700:-99 3200:-99
	channel_has all.wav 1 440:-12 1000:-99 2500:-12 700:-12 3200:-99
	channel_has all.wav 2 440:-99 1000:-12 2500:-12 700:-99 3200:-12
	channel_has apart.wav 1 440:-18 1000:-18 2500:-99 700:-99 3200:-99
	channel_has apart.wav 2 440:-99 1000:-99 2500:-12 700:-18 3200:-18
}

@test "a fourth comes, one is muted, one made softer, one goes: who speaks is said" {
	phone_start a 440 PCMU
	phone_start b 1000 PCMU
	phone_start c 2500 PCMU
	bridge_start m rtp:127.0.0.1:0,name=a rtp:127.0.0.1:0,name=b,gain=-30
	connect m a PCMU
	connect m b PCMU
	wait_for 5 at_least 1 m.jsonl media '.mode == "transcode"' # the gain
	bridge m add rtp:127.0.0.1:0,name=c
	wait_for 5 at_least 1 m.jsonl leg '.leg == "c"'
	jq -rj 'select(.event == "leg" and .leg == "c") | .fragment' \
		m.jsonl >>m.frag
	bridge m mute a
	connect m c PCMU
	wait_for 5 at_least 1 m.jsonl speaker '.leg == "c"'
	bridge m add tone:1500,level=0
	wait_for 5 at_least 1 m.jsonl speaker '.leg == "tone"'
	bridge m drop tone
	bridge m gain b 0
	bridge m drop c
	wait_for 5 at_least 1 m.jsonl leg '.leg == "c" and .state == "dropped"'
	bridge_refuses m 'mute x' 'no such leg'
	bridge_refuses m 'gain b loud' '-60 to 30'
	bridge m quit
	bridge_wait m 0
	bridge a quit
	bridge_wait a 0
	bridge b quit
	bridge_wait b 0
	# a was heard before it was muted, and b was soft for long
	[ "$(level a-heard.wav 1500 0)" -gt -25 ]
	[ "$(level b-heard.wav 440 0)" -gt -40 ]
}

@test "two talk and pass their packets; a third records them left and right" {
	phone_start a 440 PCMU
	phone_start b 1000 PCMU
	bridge_start m rtp:127.0.0.1:0,name=a rtp:127.0.0.1:0,name=b \
		wav:record=call.wav,channels=2,rate=8000
	connect m a PCMU
	connect m b PCMU
	wait_for 10 recorded a 2
	bridge m quit
	bridge_wait m 0
	[ "$(event m.jsonl media mode)" = pass ]
	[ "$(soxi -c call.wav) $(soxi -r call.wav)" = '2 8000' ]
	sox call.wav left.wav remix 1
	sox call.wav right.wav remix 2
	[ "$(level left.wav 440)" -gt -14 ]
	[ "$(level left.wav 1000)" -lt -40 ]
	[ "$(level right.wav 1000)" -gt -14 ]
	[ "$(level right.wav 440)" -lt -40 ]
}

# Phone a talks in $1 through a relay that does $2... to a bridge that makes
# PCMU of it; the tone that comes out is judged.
through_bad_network()
{
	local coding=$1

	bridge_start m rtp:127.0.0.1:0,name=in tone:300
	media_spawn relay /usr/bin/python3 "$media_lib/udp-relay.py" \
		"127.0.0.1:$(bridge_port m in)" "${@:2}" >relay.out
	wait_for 5 says relay.out bound
	bridge_start a rtp:127.0.0.1:0 tone:440
	sdp "127.0.0.1:$(event relay.out bound port)" "$(coding "$coding")" \
		>relay.sdp
	bridge a describe rtp - relay.sdp
	bridge m describe in - relay.sdp
	wait_for 15 at_least 5 m.jsonl heard
	jq -cs 'map(select(.event == "heard")) | .[1:5]' m.jsonl >heard
}

@test "60 ms of jitter, reordered and doubled: nothing is missing in the tone" {
	through_bad_network PCMU jitter=60 double=0.1
	jq -e 'all(.hz > 438 and .hz < 442 and .ratio > 0.97 and .dbfs > -12.6)' \
		heard
	[ "$(event m.jsonl stats lost)" -le 3 ] # still on their way
	[ "$(event m.jsonl stats duplicate)" -gt 5 ]
	# it has learned how late packets come
	jq -es 'map(select(.event == "stats")) | .[-1].late - .[1].late < 4' \
		m.jsonl
}

@test "one in ten lost: PCMU is concealed" {
	through_bad_network PCMU loss=0.1
	jq -e 'all(.hz > 435 and .hz < 445 and .ratio > 0.9 and .dbfs > -13.5)' \
		heard
	[ "$(event m.jsonl stats concealed)" -gt 10 ]
}

@test "one in five lost: Opus is concealed" {
	through_bad_network opus loss=0.2 jitter=30
	jq -e 'all(.hz > 430 and .hz < 450 and .ratio > 0.8 and .dbfs > -15)' \
		heard
	[ "$(event m.jsonl stats concealed)" -gt 20 ]
}

# RFC 3389: -40 dBov of background, told once, is heard until speech comes.
@test "comfort noise is made for who does not know it, and ends with speech" {
	bridge_start m rtp:127.0.0.1:0,name=in wav:record=heard.wav
	rtp_start p
	sdp "127.0.0.1:$(rtp_port p)" 0=PCMU/8000 13=CN/8000 >p.sdp
	bridge m describe in - p.sdp
	to=127.0.0.1:$(bridge_port m in)
	rtp p speech "$to" 20 0 77 1 160 20 160
	wait_for 5 at_least 1 p.out sent
	rtp p hex "$to" 800d0015000017200000004d28 # seq 21, ts 5920, 40
	wait_for 5 at_least 3 m.jsonl stats
	rtp p speech "$to" 20 0 77 22 29920 20 160
	wait_for 5 at_least 2 p.out sent
	bridge m quit
	bridge_wait m 0
	sox heard.wav noise.wav trim 1 0.8
	hear noise.wav | grep -E 'dbfs=-3[678]' # a sine at full scale is 0
	sox heard.wav quiet.wav trim 0.1 0.25
	hear quiet.wav | grep 'dbfs=-100'
	sox heard.wav end.wav reverse trim 0 0.2
	hear end.wav | grep 'dbfs=-100'
}
