#!/usr/bin/env bats
# A SIP phone that speaks SDES-SRTP, baresip's, on an srtp: leg: the keys go by
# sip-dial, in its offer or in ours.

bats_require_minimum_version 1.5.0

setup()
{
	load ../lib/media
	load ../lib/baresip
	cd "$BATS_TEST_TMPDIR" || exit
}

teardown()
{
	media_stop
	baresip_stop
}

phone_start()
{
	baresip_start phone --tone 440 --config 'module srtp.so' \
		--account ";mediaenc=srtp-mand" "$@"
}

# The description that a fragment on standard input makes.
description()
{
	printf '%s\r\n' v=0 'o=- 1 1 IN IP4 127.0.0.1' s=- 't=0 0'
	cat
	printf '%s\r\n' 'a=rtpmap:0 PCMU/8000' a=sendrecv
}

# A tone each way by suite $1, until we hang up.
is_heard_both_ways()
{
	wait_for 15 at_least 1 br.jsonl heard '.hz > 430 and .hz < 450 and
		.ratio > 0.9'
	[ "$(event br.jsonl keyed suite)" = "$1" ]
	wait_for 15 at_least 1 br.jsonl stats '.packets_out > 100'
	kill "${media_pid[call]}"
	wait_for 10 media_ended call
	baresip_wait phone 'session closed' 10
	hear "$(baresip_heard phone)" 1000
}

# We offer suite $1.
calls_baresip()
{
	phone_start
	bridge_start br "srtp:127.0.0.1:0,name=sip,suite=$1" tone:1000
	description <br.frag >offer.sdp
	sip-dial --events call.jsonl "$(baresip_uri phone)" <offer.sdp \
		>answer.sdp 2>call.err 3>&- &
	media_pid[call]=$!
	wait_for 15 grep -q '^a=crypto' answer.sdp
	bridge br describe sip "$PWD/offer.sdp" "$PWD/answer.sdp"
	is_heard_both_ways "$1"
}

@test "baresip answers AES_CM_128_HMAC_SHA1_80: a tone each way" {
	calls_baresip AES_CM_128_HMAC_SHA1_80
}

@test "baresip answers AES_CM_128_HMAC_SHA1_32: a tone each way" {
	calls_baresip AES_CM_128_HMAC_SHA1_32
}

@test "baresip answers AEAD_AES_128_GCM: a tone each way" {
	calls_baresip AEAD_AES_128_GCM
}

@test "baresip answers AEAD_AES_256_GCM: a tone each way" {
	calls_baresip AEAD_AES_256_GCM
}

@test "baresip offers its suites, of which we take one: a tone each way" {
	local port suite

	port=$(free_port)
	phone_start
	bridge_start br srtp:127.0.0.1:0,name=sip tone:1000
	mkfifo control
	sip-dial --events call.jsonl --answer --listen "127.0.0.1:$port" \
		--control control </dev/null >offer.sdp 2>call.err 3>&- &
	media_pid[call]=$!
	wait_for 10 says call.jsonl listening
	baresip_command phone dial "sip:us@127.0.0.1:$port"
	wait_for 10 grep -q '^a=crypto' offer.sdp
	bridge br describe sip - "$PWD/offer.sdp"
	wait_for 5 at_least 1 br.jsonl leg '.state == "described"'
	jq -rj 'select(.event == "leg" and .state == "described") | .fragment' \
		br.jsonl | description >answer.sdp
	jq -nc --rawfile sdp answer.sdp '{ command: "answer", $sdp }' >control
	suite=$(event br.jsonl keyed suite)
	grep -q "^a=crypto:[0-9]* $suite " offer.sdp
	is_heard_both_ways "$suite"
}
