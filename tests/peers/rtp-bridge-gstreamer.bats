#!/usr/bin/env bats
# GStreamer's SRTP, which is libsrtp's, with what baresip and ffmpeg never say
# in a=crypto: names of keys (MKI), lifetimes, and session parameters.

bats_require_minimum_version 1.5.0

setup()
{
	load ../lib/media
	examples=$PWD/examples
	cd "$BATS_TEST_TMPDIR" || exit
}

teardown()
{
	media_stop
}

# An offer of suite $1, whose keys have $2 bytes, by GStreamer's cipher $3 and
# auth $4: with an MKI of $5 (hex; in SDP $6). Before the line that we can do
# there are one of a suite that we have not, and one that is not encrypted.
tone_is_heard()
{
	local port key

	port=$(free_port 2)
	key=$(head -c "$2" /dev/urandom | base64 -w 0)
	{
		sdp "127.0.0.1:$port" 0=PCMU/8000 | sed 's,RTP/AVP,RTP/SAVP,'
		printf 'a=crypto:%s\r\n' "1 F8_128_HMAC_SHA1_80 inline:$key" \
			"2 $1 inline:$key UNENCRYPTED_SRTP" \
			"3 $1 inline:$key|2^20|$6 WSH=128 -new"
	} >offer.sdp
	bridge_start b srtp:127.0.0.1:0,name=s tone:300
	sdp-convert --to sip --answer-to offer.sdp --with b.frag \
		<"$examples/audio.sdp" >answer.sdp
	grep "^a=crypto:3 $1 inline:" answer.sdp
	[ "$(grep -c ^a=crypto answer.sdp)" = 1 ]
	bridge b describe s answer.sdp offer.sdp
	media_spawn gst /usr/bin/python3 \
		"$BATS_TEST_DIRNAME/gstreamer-srtp.py" "$port" \
		"$(bridge_port b s)" "$3" "$4" "$key" "$5"
	wait_for 20 at_least 2 b.jsonl heard '.hz > 439 and .hz < 441'
	[ "$(event b.jsonl stats rejected)" = 0 ]
}

@test "AES_CM_128_HMAC_SHA1_80, an MKI of four bytes" {
	tone_is_heard AES_CM_128_HMAC_SHA1_80 30 aes-128-icm hmac-sha1-80 \
		00000001 1:4
}

@test "AES_256_CM_HMAC_SHA1_80, an MKI of one byte" {
	tone_is_heard AES_256_CM_HMAC_SHA1_80 46 aes-256-icm hmac-sha1-80 07 7:1
}

@test "AEAD_AES_128_GCM, an MKI of two bytes behind its tag" {
	tone_is_heard AEAD_AES_128_GCM 28 aes-128-gcm null 0102 258:2
}

@test "nothing but what is not encrypted: the answer is no" {
	bridge_start b srtp:127.0.0.1:0,name=s null:
	{
		sdp 127.0.0.1:9 0=PCMU/8000 | sed 's,RTP/AVP,RTP/SAVP,'
		printf 'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:%s %s\r\n' \
			"$(head -c 30 /dev/urandom | base64)" UNENCRYPTED_SRTCP
	} >offer.sdp
	run -1 sdp-convert --to sip --answer-to offer.sdp --with b.frag \
		<"$examples/audio.sdp"
	[[ $output == *"RFC 4568"* ]]
}
