#!/usr/bin/env bats
# srtp: legs, keyed by a=crypto, against ffmpeg's SRTP and rtpengine's.

bats_require_minimum_version 1.5.0

setup()
{
	load ../lib/media
	load ../lib/rtpengine
	cd "$BATS_TEST_TMPDIR" || exit
	PATH=$PATH:/usr/sbin
}

teardown()
{
	media_stop
}

secure() # turn a description of plain RTP into one with key $1 of suite $2
{
	sed 's|RTP/AVP|RTP/SAVP|'
	printf 'a=crypto:%s %s inline:%s\r\n' "${3:-1}" "$2" "$1"
}

new_key() # of $1 bytes
{
	head -c "$1" /dev/urandom | base64 -w 0
}

# The key in br's fragment for suite $1, and its tag.
our_key()
{
	tr -d '\r' <br.frag | sed -n "s/^a=crypto:[0-9]* $1 inline://p"
}

our_tag()
{
	tr -d '\r' <br.frag | sed -n "s/^a=crypto:\([0-9]*\) $1 .*/\1/p"
}

local_sdp() # the description that a fragment makes
{
	printf '%s\r\n' v=0 'o=- 1 1 IN IP4 127.0.0.1' s=- 't=0 0'
	cat br.frag
}

# ffmpeg talks suite $1 (its own name for it is $2) with an srtp: leg.
with_ffmpeg()
{
	local mine from to

	from=$(free_port 2)
	to=$(free_port 2)
	mine=$(new_key 30)
	bridge_start br srtp:127.0.0.1:0,name=rtp "tone:440"
	local_sdp >local.sdp
	sdp "127.0.0.1:$from" 0=PCMU/8000 |
		secure "$mine" "$1" "$(our_tag "$1")" >peer.sdp
	bridge br describe rtp local.sdp peer.sdp
	media_spawn sender ffmpeg -v error -nostdin -re -f lavfi \
		-i sine=frequency=1000:sample_rate=8000 -t 20 \
		-c:a pcm_mulaw -f rtp -srtp_out_suite "$2" \
		-srtp_out_params "$mine" \
		"srtp://127.0.0.1:$(bridge_port br)?localrtpport=$from" \
		>sender.sdp
	wait_for 10 at_least 1 br.jsonl heard '.hz > 990 and .hz < 1010 and
		.ratio > 0.9'
	[ "$(event br.jsonl keyed suite)" = "$1" ]
	kill "${media_pid[sender]}"
	wait_for 5 media_ended sender
	# the other way: the description moves to a port that ffmpeg reads
	sdp "127.0.0.1:$to" 0=PCMU/8000 | secure "$mine" "$1" \
		"$(our_tag "$1")" >moved.sdp
	sdp "127.0.0.1:$to" 0=PCMU/8000 | secure "$(our_key "$1")" "$1" \
		>listen.sdp
	media_spawn recorder ffmpeg -v error -nostdin -protocol_whitelist \
		file,udp,rtp,srtp -i listen.sdp -t 2 -ac 1 -y out.wav
	bridge br describe rtp local.sdp moved.sdp
	wait_for 15 media_ended recorder
	hear out.wav 440
	# only the address has changed: the keys and their counters have not
	[ "$(count br.jsonl keyed)" = 1 ]
}

@test "AES_CM_128_HMAC_SHA1_80: ffmpeg's tone is heard, ours by ffmpeg" {
	with_ffmpeg AES_CM_128_HMAC_SHA1_80 AES_CM_128_HMAC_SHA1_80
}

@test "AES_CM_128_HMAC_SHA1_32: ffmpeg's tone is heard, ours by ffmpeg" {
	with_ffmpeg AES_CM_128_HMAC_SHA1_32 AES_CM_128_HMAC_SHA1_32
}

@test "to= of a leg: ffmpeg has the key from sdp=, and nobody else does" {
	to=$(free_port 2)
	touch call.sdp
	chmod 644 call.sdp
	bridge_start br tone:440 \
		"srtp:127.0.0.1:0,to=127.0.0.1:$to,codec=opus,sdp=call.sdp"
	[ "$(stat -c %a call.sdp)" = 600 ]
	[ "$(grep -c '^a=crypto:' call.sdp)" = 1 ]
	grep -q '^a=recvonly' call.sdp
	media_spawn recorder ffmpeg -v error -nostdin -protocol_whitelist \
		file,udp,rtp,srtp -i call.sdp -t 2 -ac 1 -y out.wav
	wait_for 15 media_ended recorder
	hear out.wav 440
	sed -i "s|inline:.*|inline:$(new_key 30)\r|" call.sdp
	media_spawn stranger ffmpeg -v warning -nostdin -protocol_whitelist \
		file,udp,rtp,srtp -i call.sdp -t 1 -ac 1 -y no.wav 2>no.err
	wait_for 15 grep -q 'HMAC mismatch' no.err
}

# rtpengine offers suite $1 alone to an srtp: leg, which answers; a tone goes
# each way between it and a plain leg on rtpengine's other side.
with_rtpengine()
{
	local suite=$1 others

	others=AES_CM_128_HMAC_SHA1_80,AES_CM_128_HMAC_SHA1_32
	others+=,AES_256_CM_HMAC_SHA1_80,AES_256_CM_HMAC_SHA1_32
	others+=,AEAD_AES_128_GCM,AEAD_AES_256_GCM,AES_192_CM_HMAC_SHA1_80
	others+=,AES_192_CM_HMAC_SHA1_32,F8_128_HMAC_SHA1_80,F8_128_HMAC_SHA1_32
	others+=,NULL_HMAC_SHA1_80,NULL_HMAC_SHA1_32
	rtpengine_start
	bridge_start br srtp:127.0.0.1:0,name=rtp tone:440
	bridge_start far rtp:127.0.0.1:0 tone:1000
	sdp "127.0.0.1:$(bridge_port far)" 0=PCMU/8000 >far.sdp
	ask_rtpengine offer call-id=c from-tag=f ICE=remove \
		transport-protocol=RTP/SAVP \
		"SDES=$(tr , '\n' <<<"$others" | grep -v "^$suite\$" |
			sed 's/^/no-/' | paste -sd,)" <far.sdp >offer.sdp
	grep -q "a=crypto:[0-9]* $suite " offer.sdp
	bridge br describe rtp - offer.sdp
	wait_for 5 at_least 1 br.jsonl leg '.state == "described"'
	{
		printf '%s\r\n' v=0 'o=- 1 1 IN IP4 127.0.0.1' s=- 't=0 0'
		jq -rj 'select(.event == "leg" and .state == "described")
			| .fragment' br.jsonl
	} >answer.sdp
	[ "$(grep -c '^a=crypto' answer.sdp)" = 1 ]
	ask_rtpengine answer call-id=c from-tag=f to-tag=t ICE=remove \
		<answer.sdp >to-far.sdp
	bridge far describe rtp - to-far.sdp
	wait_for 10 at_least 1 br.jsonl heard '.hz > 990 and .hz < 1010 and
		.ratio > 0.9'
	wait_for 10 at_least 1 far.jsonl heard '.hz > 430 and .hz < 450 and
		.ratio > 0.9'
	[ "$(event br.jsonl keyed suite)" = "$suite" ]
	[ "$(event br.jsonl stats rejected)" = 0 ]
}

# An srtp: leg offers suite $1 alone to rtpengine, which answers.
to_rtpengine()
{
	local suite=$1

	rtpengine_start
	bridge_start br "srtp:127.0.0.1:0,name=rtp,suite=$suite" tone:440
	bridge_start far rtp:127.0.0.1:0 tone:1000
	local_sdp >local.sdp
	[ "$(grep -c '^a=crypto' local.sdp)" = 1 ]
	ask_rtpengine offer call-id=c from-tag=f ICE=remove \
		transport-protocol=RTP/AVP <local.sdp >to-far.sdp
	sdp "127.0.0.1:$(bridge_port far)" 0=PCMU/8000 |
		ask_rtpengine answer call-id=c from-tag=f to-tag=t ICE=remove \
			>answer.sdp
	grep -q "a=crypto:[0-9]* $suite " answer.sdp
	bridge br describe rtp local.sdp answer.sdp
	wait_for 5 says br.jsonl keyed # before anything comes
	bridge far describe rtp - to-far.sdp
	wait_for 10 at_least 1 br.jsonl heard '.hz > 990 and .hz < 1010 and
		.ratio > 0.9'
	wait_for 10 at_least 1 far.jsonl heard '.hz > 430 and .hz < 450 and
		.ratio > 0.9'
	[ "$(event br.jsonl keyed suite)" = "$suite" ]
	wait_for 5 at_least 1 br.jsonl stats '.packets_in > 20'
	[ "$(event br.jsonl stats rejected)" = 0 ]
}

# All that both know (rtpengine alone has F8, NULL and AES_192).
@test "each suite is offered to rtpengine, which answers" {
	local suite

	for suite in AES_CM_128_HMAC_SHA1_80 AES_CM_128_HMAC_SHA1_32 \
		AES_256_CM_HMAC_SHA1_80 AES_256_CM_HMAC_SHA1_32 \
		AEAD_AES_128_GCM AEAD_AES_256_GCM; do
		echo "$suite"
		to_rtpengine "$suite"
		media_stop
		rm -f ./*.in ./*.jsonl ./*.frag
	done
}

@test "AES_CM_128_HMAC_SHA1_80 with rtpengine, both ways" {
	with_rtpengine AES_CM_128_HMAC_SHA1_80
}

@test "AES_CM_128_HMAC_SHA1_32 with rtpengine, both ways" {
	with_rtpengine AES_CM_128_HMAC_SHA1_32
}

@test "AEAD_AES_128_GCM with rtpengine, both ways" {
	with_rtpengine AEAD_AES_128_GCM
}

@test "AEAD_AES_256_GCM with rtpengine, both ways" {
	with_rtpengine AEAD_AES_256_GCM
}

@test "AES_256_CM_HMAC_SHA1_80 with rtpengine, both ways" {
	with_rtpengine AES_256_CM_HMAC_SHA1_80
}

@test "AES_256_CM_HMAC_SHA1_32 with rtpengine, both ways" {
	with_rtpengine AES_256_CM_HMAC_SHA1_32
}

# A leg that only listens, behind a NAT that its description does not know of:
# rtpengine sends there in vain until something comes from it.
@test "rtpengine learns from keep-alive where one is who never speaks" {
	rtpengine_start
	nowhere=$(free_port 2)
	bridge_start quiet rtp:127.0.0.1:0 wav:record=heard.wav
	bridge_start far rtp:127.0.0.1:0 tone:1000
	sdp "127.0.0.1:$(bridge_port far)" 0=PCMU/8000 >far.sdp
	ask_rtpengine offer call-id=k from-tag=f ICE=remove <far.sdp >offer.sdp
	sdp "127.0.0.1:$nowhere" 0=PCMU/8000 >answer.sdp
	ask_rtpengine answer call-id=k from-tag=f to-tag=t ICE=remove \
		<answer.sdp >to-far.sdp
	bridge far describe rtp - to-far.sdp
	wait_for 10 at_least 1 far.jsonl stats '.packets_out > 25'
	[ "$(event quiet.jsonl stats packets_in)" = 0 ]
	bridge quiet describe rtp - offer.sdp
	wait_for 15 at_least 1 quiet.jsonl stats '.packets_in > 100'
	bridge quiet quit
	bridge_wait quiet 0
	hear heard.wav 1000
}
