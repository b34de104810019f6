#!/usr/bin/env bats
# rtp-bridge by itself: its legs, its commands, and what nobody should send it.

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

# A bridge b between an rtp: leg and $1, described to talk PCMU with peer p.
start_pcmu()
{
	bridge_start b rtp:127.0.0.1:0 "$@"
	rtp_start p
	to=127.0.0.1:$(bridge_port b)
	sdp "127.0.0.1:$(rtp_port p)" 0=PCMU/8000 101=telephone-event/8000 >p.sdp
	bridge b describe rtp - p.sdp
}

@test "wrong legs are status 2 and one clear line" {
	for legs in '' foo: rtp rtp:127.0.0.1:5001 rtp:127.0.0.1:99999 rtp: srtp: \
		dtls: wav: tone: tone:abc tone:440,level=3 tone:5 echo:,x=1 \
		null:,name= 'null: null:' null:,name=a/b 'echo: echo:' null:,gain=x \
		"rtp:127.0.0.1:0,name=$(printf 'x%.0s' {1..60})" \
		'--handshake x null:' '--timeout -1 null:' '--no-such null:' \
		'--pid x null:' '--events - null:'; do
		# shellcheck disable=SC2086
		run -2 timeout 20 rtp-bridge $legs
		[[ $output == *rtp-bridge:* ]]
	done
}

@test "files that cannot be played or recorded: 65, 66, 74" {
	head -c 1000 /dev/urandom >binary
	head -c 20000000 /dev/zero >huge
	printf 'RIFF\xff\xff\xff\xffWAVEdata\x10\0\0\0' >no-format
	mkfifo fifo
	run -66 timeout 20 rtp-bridge wav:play=missing echo:
	for file in binary huge no-format /dev/null; do
		run -65 timeout 20 rtp-bridge "wav:play=$file" echo:
		[[ $output == *"not a WAV file"* ]]
	done
	sox -n -r 8000 -b 8 pcm8.wav synth 0.1 sine 440
	run -65 timeout 20 rtp-bridge wav:play=pcm8.wav echo:
	[[ $output == *"not 16-bit"* ]]
	# a FIFO would hold the bridge until its other end is opened
	run -74 timeout 20 rtp-bridge wav:play=fifo echo:
	run -74 timeout 20 rtp-bridge wav:record=fifo tone:440
	[[ $output == *"not a regular file"* ]]
	for file in /dev/full missing/x; do
		run -74 timeout 20 rtp-bridge "wav:record=$file" tone:440
		[[ $output == *"rtp-bridge: $file: "* ]]
	done
}

@test "addresses and sockets that cannot be had are 74, as is a full stdout" {
	bridge_start a rtp:127.0.0.1:0 dtls:sock
	touch plain
	for leg in "rtp:127.0.0.1:$(bridge_port a)" rtp:192.0.2.77:0 dtls:plain \
		dtls:sock dtls:no/where "dtls:$(printf 'x%.0s' {1..120})"; do
		run -74 timeout 20 rtp-bridge "$leg"
		[[ $output == *"rtp-bridge: $leg: "* ]]
	done
	[ -f plain ]
	[ -S sock ] # it is a's
	run -74 timeout 20 bash -c 'rtp-bridge rtp:127.0.0.1:0 >/dev/full'
}

@test "its product is a fragment, and stdout is closed while it lives on" {
	mkfifo out
	rtp-bridge rtp:127.0.0.1:0,name=sip dtls:sock,name=web >out 2>err 3>&- &
	media_pid[b]=$!
	cat out >b.frag # ends although rtp-bridge does not
	media_lives b
	port=$(bridge_port b sip)
	((port % 2 == 0))
	[ "$(bridge_port b web)" = 9 ]
	grep -qx $'a=rtcp:'$((port + 1))$'\r' b.frag
	grep -qxE $'a=fingerprint:sha-256 ([0-9A-F]{2}:){31}[0-9A-F]{2}\r' b.frag
	for line in 'a=setup:actpass' a=rtcp-mux 'a=mid:web' 'a=mid:sip'; do
		grep -qx "$line"$'\r' b.frag
	done
	grep -q "listening udp 127.0.0.1:$port" err
	[ "$(stat -c %a sock)" = 600 ]
	kill "${media_pid[b]}"
	bridge_wait b 0
	[ ! -e sock ]
}

# m= with port 0 would be a rejected section (RFC 3264 6).
@test "dtls: on any address names the port that it listens on" {
	bridge_start a dtls:0.0.0.0:0,video,name=web
	port=$(bridge_port a web)
	[ "$port" -gt 0 ]
	[ "$(bridge_port a web-video)" = "$port" ]
	grep -q "^rtp-bridge: listening udp 0.0.0.0:$port\$" a.err
	[ "$(event a.jsonl listening port)" = "$port" ]
	bridge a quit
	bridge_wait a 0
}

@test "SIGTERM, quit, hangup, --pid and the end of control end it with 0" {
	bridge_start a dtls:a.sock
	kill "${media_pid[a]}"
	bridge_wait a 0
	bridge_start b dtls:b.sock
	bridge b quit
	bridge_wait b 0
	bridge_start c dtls:c.sock
	bridge c '{"command":"hangup"}'
	bridge_wait c 0
	sleep infinity 3>&- &
	media_pid[sleeper]=$!
	bridge_start d --pid "$!" dtls:d.sock
	kill "${media_pid[sleeper]}"
	bridge_wait d 0
	run -0 timeout 20 rtp-bridge --control - dtls:e.sock </dev/null
	[ "$(event b.jsonl exit why)" = hangup ]
	run ! compgen -G '*.sock'
}

@test "no media in --timeout is 69" {
	run -69 timeout 20 rtp-bridge --timeout 0.5 --events e rtp:127.0.0.1:0
	[[ $output == *'one leg alone'* ]]
	[ "$(event e silent heard)" = false ]
	[ "$(event e exit status)" = 69 ]
}

@test "broken descriptions are errors, not an end" {
	start_pcmu echo:
	printf 'v=0\r\nm=audio x' >broken
	head -c 5000 /dev/urandom >binary
	head -c 5000000 /dev/zero >huge
	: >empty
	sdp 127.0.0.1:4000 9=G722/8000 >g722.sdp
	sdp 127.0.0.1:4000 101=telephone-event/8000 0=PCMU/8000 >pcmu.sdp
	sdp '127.0.0.1:4000' 101=telephone-event/8000 9=G722/8000 >no-speech.sdp
	sed 's/IN IP4 127.*/IN IP6 ::1/' p.sdp >six.sdp
	sed 's,RTP/AVP,RTP/SAVP,' p.sdp >savp.sdp
	for file in broken binary huge empty missing; do
		bridge b describe rtp - "$file"
	done
	bridge_refuses b 'describe rtp - missing' 'missing: No such file'
	bridge_refuses b 'describe nobody - p.sdp' 'no such leg'
	bridge_refuses b 'describe echo - p.sdp' 'needs no description'
	bridge_refuses b describe 'leg: there is no such leg'
	bridge_refuses b 'describe rtp g722.sdp pcmu.sdp' 'no codec in common'
	bridge_refuses b 'describe rtp - six.sdp' 'cannot send'
	bridge_refuses b 'describe rtp - savp.sdp' 'not encrypted'
	bridge_refuses b dance dance
	bridge_refuses b '{"command":' .
	wait_for 5 at_least 13 b.jsonl error
	# and all of it has left things as they were
	rtp p speech "$to" 5 0 77 1 160 5 160
	wait_for 5 at_least 5 p.out packet '.pt == 0'
	# events alone are no codec in common
	bridge b describe rtp no-speech.sdp pcmu.sdp
	wait_for 5 at_least 2 b.jsonl error '.why | test("no codec in common")'
}

@test "an echo: the same payload, a stream of our own" {
	start_pcmu echo:
	rtp p speech "$to" 10 0 77 65530 4294967000 5 160
	wait_for 5 at_least 10 p.out packet
	jq -cs 'map(select(.event == "packet"))' p.out >got
	jq -e 'all(.pt == 0 and .payload[:8] == "ffffffff" and .len == 172)' got
	jq -e 'map(.ssrc) | unique | length == 1 and .[0] != 77' got
	# in step through the wrap of both numbers
	jq -e '[.[1:], .[:-1]] | transpose | all(
		((.[0].seq - .[1].seq + 65536) % 65536) == 1 and
		((.[0].ts - .[1].ts + 4294967296) % 4294967296) == 160)' got
}

@test "srtp: what cannot be agreed on is said, and changes nothing" {
	bridge_start b srtp:127.0.0.1:0,name=s,suite=AEAD_AES_128_GCM echo:
	[ "$(grep -c '^a=crypto:1 AEAD_AES_128_GCM inline:' b.frag)" = 1 ]
	sdp 127.0.0.1:4000 0=PCMU/8000 >plain.sdp
	sed 's,RTP/AVP,RTP/SAVP,' plain.sdp >none.sdp
	{
		cat none.sdp
		echo 'a=crypto:1 F8_128_HMAC_SHA1_80 inline:abc'
		echo 'a=crypto:2 AEAD_AES_128_GCM inline:short'
	} >bad.sdp
	{
		cat none.sdp
		echo 'a=crypto:9 AES_CM_128_HMAC_SHA1_80 inline:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR'
	} >other.sdp
	bridge_refuses b 'describe s - plain.sdp' 'needs a=crypto'
	bridge_refuses b 'describe s - none.sdp' 'no a=crypto that is known'
	bridge_refuses b 'describe s - bad.sdp' 'no a=crypto that is known'
	bridge_refuses b 'describe s - other.sdp' 'no suite'
	bridge_refuses b 'describe s none.sdp other.sdp' 'in common'
	run -2 timeout 20 rtp-bridge srtp:127.0.0.1:0,suite=AES echo:
	[[ $output == *"suite=AES: not known"* ]]
}

larger_than()
{
	[ "$(stat -c %s "$2")" -gt "$1" ]
}

@test "legs come and go: drop and add while it runs" {
	start_pcmu echo:
	rtp p speech "$to" 3 0 77 1 160 5 160
	wait_for 5 at_least 3 p.out packet
	bridge_refuses b 'add echo:' 'of this name'
	bridge_refuses b 'drop nobody' 'no such leg'
	bridge b drop echo
	bridge b add tone:1000,name=hum
	wait_for 5 at_least 1 b.jsonl leg '.leg == "hum" and .state == "added"'
	wait_for 5 at_least 20 p.out packet
	jq -e 'select(.event == "packet") | select(.payload[:4] != "ffff")' p.out
	bridge b drop rtp
	bridge b add wav:record=hum.wav
	wait_for 5 larger_than 8000 hum.wav # flushed once a second
	bridge b drop wav
	wait_for 5 at_least 1 b.jsonl recorded
	[ "$(jq -r 'select(.event == "leg" and .state == "dropped") | .leg' \
		b.jsonl | paste -sd' ')" = 'echo rtp wav' ]
}

@test "two tones through a bridge of bridges hear each other" {
	bridge_start a rtp:127.0.0.1:0 tone:440
	bridge_start b rtp:127.0.0.1:0 tone:1000,level=-20
	sdp "127.0.0.1:$(bridge_port a)" 0=PCMU/8000 >a.sdp
	sdp "127.0.0.1:$(bridge_port b)" 0=PCMU/8000 >b.sdp
	bridge a describe rtp - b.sdp
	bridge b describe rtp - a.sdp
	wait_for 5 at_least 1 a.jsonl heard '.hz > 980 and .hz < 1020 and
		.dbfs > -21 and .dbfs < -19 and .ratio > 0.9'
	wait_for 5 at_least 1 b.jsonl heard '.hz > 430 and .hz < 450 and
		.dbfs > -13 and .dbfs < -11 and .ratio > 0.9'
	bridge a quit
	bridge_wait a 0
	wait_for 5 at_least 1 b.jsonl bye
}

@test "junk at the ports is counted, said and survived" {
	start_pcmu echo:
	for hex in - 00 80 8000 ffffffffffffffffffffffff 800000010000000100000001 \
		000100002112a442000102030405060708090a0b 16feff0000000000000000 \
		bf00000100000001000000010001ffff 8f0000010000000100000001; do
		rtp p hex "$to" "$hex"
		rtp p rtcp "127.0.0.1:$(($(bridge_port b) + 1))" "$hex"
	done
	# RTCP whose length is not that of the packet
	rtp p rtcp "127.0.0.1:$(($(bridge_port b) + 1))" 80c8ffff00000001
	wait_for 5 at_least 3 b.jsonl malformed '.protocol == "RTP"'
	wait_for 5 at_least 1 b.jsonl malformed '.protocol == "RTCP"'
	rtp p speech "$to" 3 0 99 1 160 5 160
	rtp p speech "$to" 3 99 99 4 480 5 160 # a payload type nobody described
	wait_for 5 at_least 3 p.out packet '.pt == 0'
	wait_for 5 at_least 1 b.jsonl stats '.unknown == 3'
}

@test "a third party gets nothing and injects nothing" {
	bridge_start b rtp:127.0.0.1:0 echo:
	rtp_start p
	rtp_start thief
	rtp_start far 127.0.0.2
	to=127.0.0.1:$(bridge_port b)
	# before anybody was described
	rtp thief speech "$to" 20 0 66 1 160 1 160
	wait_for 5 says thief.out sent
	wait_for 5 at_least 1 b.jsonl stats '.rejected == 20'
	sdp "127.0.0.1:$(rtp_port p)" 0=PCMU/8000 >p.sdp
	bridge b describe rtp - p.sdp
	rtp p speech "$to" 5 0 77 1 160 5 160
	wait_for 5 at_least 5 p.out packet '.pt == 0'
	# a burst, and a stream, after the peer has spoken
	rtp thief speech "$to" 100 0 77 6 960 0 160
	rtp far speech "$to" 100 0 66 1 160 2 160
	wait_for 5 at_least 1 b.jsonl stats '.rejected == 220'
	rtp p speech "$to" 5 0 77 6 960 5 160
	wait_for 5 at_least 10 p.out packet '.pt == 0'
	[ "$(count thief.out packet)" = 0 ]
	[ "$(count far.out packet)" = 0 ]
	[ "$(count p.out packet '.pt == 0')" = 10 ]
	run ! says b.jsonl learned
}

@test "a peer behind a NAT is learned, once" {
	start_pcmu echo:
	rtp_start nat
	rtp nat speech "$to" 20 0 88 1 160 20 160
	wait_for 5 says b.jsonl learned
	[ "$(event b.jsonl learned remote)" = "127.0.0.1:$(rtp_port nat)" ]
	wait_for 5 at_least 10 nat.out packet
	rtp_start thief
	rtp thief speech "$to" 20 0 66 1 160 20 160
	wait_for 5 says thief.out sent
	[ "$(count b.jsonl learned)" = 1 ]
	[ "$(count thief.out packet)" = 0 ]
}

# Digits: 48000 at the one side is 8000 at the other (FIELD: wrong durations).
@test "a digit passes with its payload type and its clock mapped" {
	bridge_start b rtp:127.0.0.1:0,name=a rtp:127.0.0.1:0,name=z
	rtp_start pa
	rtp_start pz
	sdp "127.0.0.1:$(rtp_port pa)" 111=opus/48000/2 \
		110=telephone-event/48000 >a.sdp
	sdp "127.0.0.1:$(rtp_port pz)" 0=PCMU/8000 101=telephone-event/8000 >z.sdp
	bridge b describe a - a.sdp
	bridge b describe z - z.sdp
	rtp pa digit "127.0.0.1:$(bridge_port b a)" 110 77 1 48000 5 9600
	wait_for 5 at_least 4 pz.out packet '.pt == 101'
	jq -cs 'map(select(.pt == 101))' pz.out >digits
	jq -e 'map(.payload) == ["050a0320", "058a0640", "058a0640",
		"058a0640"]' digits
	jq -e 'map(.ts) | unique | length == 1' digits
	jq -e 'map(.marker) == [1, 0, 0, 0]' digits
	[ "$(event b.jsonl dtmf digit) $(event b.jsonl dtmf duration_ms)" = '5 200' ]
}

# Two bridges b and c behind a path, b told that c's fingerprint is $1 (a sed
# expression), each the other's peer.
start_dtls()
{
	bridge_start b --handshake 3 dtls:b.sock,name=web tone:440
	bridge_start c --handshake 3 dtls:c.sock,name=web tone:1000
	for name in b c; do
		{
			printf '%s\r\n' v=0 'o=- 1 1 IN IP4 127.0.0.1' s=- 't=0 0'
			sed "s/setup:actpass/setup:$(
				[ "$name" = b ] && echo active || echo passive)/" \
				"$name.frag"
			printf 'a=rtpmap:0 PCMU/8000\r\n'
		} >"$name.sdp"
	done
	sed -i "$1" c.sdp
	hand_start h b.sock c.sock
	bridge b describe web b.sdp c.sdp
	bridge c describe web c.sdp b.sdp
}

@test "DTLS: the right fingerprint, tones both ways" {
	start_dtls ''
	wait_for 8 at_least 1 b.jsonl heard '.hz > 980 and .hz < 1020'
	wait_for 8 at_least 1 c.jsonl heard '.hz > 430 and .hz < 450'
	[ "$(event b.jsonl dtls role) $(event c.jsonl dtls role)" = 'active passive' ]
	[ "$(event b.jsonl dtls fingerprint)" = checked ]
	# what is broken at the Unix socket, and the loss of the path
	hand h junk
	wait_for 5 at_least 3 b.jsonl malformed '.protocol == "handover"'
	hand h lost
	wait_for 5 says b.jsonl lost
	media_lives b
}

@test "DTLS: another certificate than described is 76, and no key is used" {
	start_dtls '/fingerprint/s/ ..:..:/ 00:00:/'
	bridge_wait b 76
	[ "$(event b.jsonl dtls state)" = failed ]
	grep -q 'fingerprint differs' b.jsonl
	run ! says b.jsonl heard
	[ "$(event b.jsonl stats packets_out)" = 0 ]
	[ ! -e b.sock ]
}

@test "DTLS: a peer that does not answer is 69" {
	bridge_start b --handshake 0.5 dtls:b.sock,name=web tone:440
	{
		printf '%s\r\n' v=0 'o=- 1 1 IN IP4 127.0.0.1' s=- 't=0 0'
		sed 's/setup:actpass/setup:passive/' b.frag
		printf 'a=rtpmap:0 PCMU/8000\r\n'
	} >c.sdp
	rtp_start p
	hand_start h b.sock "127.0.0.1:$(rtp_port p)"
	bridge b describe web - c.sdp
	bridge_wait b 69
	[ "$(event b.jsonl dtls state)" = failed ]
}

@test "DTLS: one leg's failed handshake is that leg's alone while others talk" {
	bridge_start b --handshake 0.5 rtp:127.0.0.1:0,name=a rtp:127.0.0.1:0,name=z
	for name in a z; do
		rtp_start p$name
		sdp "127.0.0.1:$(rtp_port p$name)" 0=PCMU/8000 >$name.sdp
		bridge b describe $name - $name.sdp
	done
	rtp_start silent
	{
		sdp "127.0.0.1:$(rtp_port silent)" 0=PCMU/8000 |
			sed 's,RTP/AVP,UDP/TLS/RTP/SAVP,'
		printf 'a=%s\r\n' setup:passive rtcp-mux \
			"fingerprint:sha-256 $(printf 'AB:%.0s' {1..31})AB"
	} >g.sdp
	bridge b add dtls:127.0.0.1:0,name=g
	bridge b describe g - g.sdp
	wait_for 5 at_least 1 b.jsonl dtls '.state == "failed"'
	wait_for 5 error_like b '^g: DTLS: the peer did not answer'
	rtp pa speech "127.0.0.1:$(bridge_port b a)" 10 0 77 1 160 20 160
	wait_for 5 at_least 1 pz.out packet
	media_lives b
	bridge b quit
	bridge_wait b 69
}
