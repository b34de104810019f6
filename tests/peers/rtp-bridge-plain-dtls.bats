#!/usr/bin/env bats
# A SIP phone that does DTLS-SRTP without ICE: baresip's, on a dtls: leg with a
# UDP port of its own.

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

@test "baresip's DTLS-SRTP: a tone each way" {
	baresip_start phone --tone 440 --account ';mediaenc=dtls_srtp' \
		--config $'module dtls_srtp.so\nrtcp_mux yes'
	bridge_start br dtls:127.0.0.1:0,name=web tone:1000
	{
		printf '%s\r\n' v=0 'o=- 1 1 IN IP4 127.0.0.1' s=- 't=0 0'
		cat br.frag
		printf '%s\r\n' 'a=rtpmap:0 PCMU/8000' a=sendrecv
	} >offer.sdp
	sip-dial --events call.jsonl "$(baresip_uri phone)" <offer.sdp \
		>answer.sdp 2>call.err 3>&- &
	media_pid[call]=$!
	wait_for 15 grep -q '^a=fingerprint' answer.sdp
	bridge br describe web "$PWD/offer.sdp" "$PWD/answer.sdp"
	wait_for 15 at_least 1 br.jsonl heard '.hz > 430 and .hz < 450 and
		.ratio > 0.9'
	[ "$(event br.jsonl dtls fingerprint)" = checked ]
	wait_for 15 at_least 1 br.jsonl stats '.packets_out > 100'
	kill "${media_pid[call]}"
	wait_for 10 media_ended call
	baresip_wait phone 'session closed' 10
	hear "$(baresip_heard phone)" 1000
}
