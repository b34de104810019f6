#!/usr/bin/env bats
# A SIP phone that does DTLS-SRTP without ICE: baresip's, on a dtls: leg with a
# UDP port of its own; also behind a NAT.

bats_require_minimum_version 1.5.0

setup()
{
	load ../lib/media
	load ../lib/baresip
	cd "$BATS_TEST_TMPDIR" || exit
}

hears='.hz > 430 and .hz < 450 and .ratio > 0.9'

teardown()
{
	media_stop
	baresip_stop
}

# The phone is called with the leg's fragment; $1 changes the offer on its way.
call()
{
	baresip_start phone --tone 440 --account ';mediaenc=dtls_srtp' \
		--config $'module dtls_srtp.so\nrtcp_mux yes'
	sdp 127.0.0.1:9 0=PCMU/8000 |
		sdp-convert --to sip --with br.frag >offer.sdp
	sed "$1" offer.sdp >sent.sdp
	sip-dial --events call.jsonl "$(baresip_uri phone)" <sent.sdp \
		>answer.sdp 2>call.err 3>&- &
	media_pid[call]=$!
	wait_for 15 grep -q '^a=fingerprint' answer.sdp
	bridge br describe web "$PWD/offer.sdp" "$PWD/answer.sdp"
	wait_for 15 at_least 1 br.jsonl heard "$hears"
	[ "$(event br.jsonl dtls fingerprint)" = checked ]
	wait_for 15 at_least 1 br.jsonl stats '.packets_out > 100'
}

hangup()
{
	kill "${media_pid[call]}"
	wait_for 10 media_ended call
	baresip_wait phone 'session closed' 10
	hear "$(baresip_heard phone)" 1000
}

@test "baresip's DTLS-SRTP: a tone each way" {
	bridge_start br dtls:127.0.0.1:0,name=web tone:1000
	call ''
	hangup
	[ "$(count br.jsonl moved)" = 0 ]
}

# It is at another port than it says, and later at a third.
@test "baresip behind a NAT is found by its handshake, and followed" {
	local said

	bridge_start br dtls:127.0.0.1:0,name=web tone:1000
	media_spawn nat "$BATS_TEST_DIRNAME/../lib/udp-nat.py" \
		"127.0.0.1:$(bridge_port br web)" >nat.jsonl
	wait_for 10 says nat.jsonl bound
	call "s/^m=audio [0-9]*/m=audio $(event nat.jsonl bound port)/"
	[ "$(event br.jsonl moved remote)" = \
		"127.0.0.1:$(event nat.jsonl bound outer)" ]
	echo another >&"${media_fd[nat]}"
	wait_for 10 at_least 2 br.jsonl moved
	[ "$(event br.jsonl moved remote)" = \
		"127.0.0.1:$(event nat.jsonl bound outer)" ]
	said=$(count br.jsonl heard)
	wait_for 15 at_least $((said + 3)) br.jsonl heard "$hears"
	hangup
	# what it heard does not end with the binding
	sox "$(baresip_heard phone)" end.wav reverse trim 0 1
	hear end.wav 1000
}
