#!/usr/bin/env bats
# What sdp-convert makes is taken by real WebRTC ends, and means what it
# should; what they make is converted.

bats_require_minimum_version 1.5.0

load ../lib/baresip

setup()
{
	peers=$BATS_TEST_DIRNAME/sdp
	data=$BATS_TEST_DIRNAME/../data/sdp
}

teardown()
{
	[ -z "${dial-}" ] || kill "$dial" 2>/dev/null || true
	baresip_stop
}

found()
{
	grep -qxF -- "$1" <<<"$output"
}

@test "Chromium takes offers and answers, and its own are converted" {
	run -0 python3 "$peers/chromium.py" "$data" "$BATS_TEST_TMPDIR"
	echo "$output"
	found 'out pcma: sendrecv audio/PCMA'
	found 'out video-pcma: sendrecv audio/PCMA'
	found 'out opus: sendrecv audio/opus'
	found 'out transcode: sendrecv audio/opus'
	found 'out hold: recvonly audio/PCMU'
	found 'out inactive: inactive audio/PCMU'
	found 'out video-vp8: sendrecv,sendrecv video/VP8,audio/PCMA'
	found 'out video-h264: sendrecv,sendrecv video/H264,audio/PCMA'
	found 'out video-refused: sendrecv audio/PCMA'
	found 'out srtp: sendrecv audio/PCMA'
	found 'in both: sendrecv,recvonly audio/opus 2 | m=audio 40312 RTP/AVP 96 0 m=video 40314 RTP/AVPF 96 97'
	found 'in srtp: sendrecv audio/opus 1 | m=audio 40312 RTP/SAVP 0'
	found 'in pcmu: sendrecv audio/opus 1 | m=audio 40312 RTP/AVP 0'
	found 'in odd: sendrecv audio/opus 1 | m=audio 40312 RTP/AVP 8 101'
	found 'in hold: recvonly audio/opus 1 | m=audio 40312 RTP/AVP 0'
	found 'in video: sendrecv audio/opus 1 | m=video 0 RTP/AVP 99 m=audio 40312 RTP/AVP 0 101'
}

@test "aiortc takes offers and answers, and its own are converted" {
	run -0 /usr/bin/python3 "$peers/aiortc_calls.py" "$data" \
		"$BATS_TEST_TMPDIR"
	echo "$output"
	grep -q "^out: .*('audio', 'sendrecv').* 1$" <<<"$output"
	found 'in: m=audio 40312 RTP/AVP 8 0'
}

@test "rtpengine takes every description, converted" {
	run -0 python3 -B "$peers/rtpengine_calls.py" "$data" "$BATS_TEST_TMPDIR"
	echo "$output"
	[ "${#lines[@]}" = 1 ]
	[ "${output#taken }" -ge 300 ]
}

@test "baresip takes browsers' and servers' offers, and its answers fit" {
	local name

	cd "$BATS_TEST_TMPDIR"
	baresip_start phone --echo
	for name in chromium-av-data-offer chromium-max-bundle-offer \
		chromium-hold-offer aiortc-av-data-offer rtpengine-webrtc-offer \
		janus-nosip-webrtc-offer linphone-dtls-ice-offer; do
		sdp-convert --to sip --with "$data/media.sdpfrag" \
			<"$data/$name.sdp" >offer.sip.sdp
		rm -f answer.sip.sdp
		sip-dial "$(baresip_uri phone)" <offer.sip.sdp >answer.sip.sdp \
			2>said 3>&- &
		dial=$!
		wait_for 15 grep -qs ^m= answer.sip.sdp || cat said
		kill "$dial"
		wait "$dial" || true
		dial=''
		sdp-convert --check offer.sip.sdp answer.sip.sdp
		sdp-convert --to webrtc --answer-to "$data/$name.sdp" \
			--with "$data/media.sdpfrag" --with "$data/ice.sdpfrag" \
			<answer.sip.sdp >answer.sdp
		sdp-convert --check "$data/$name.sdp" answer.sdp >checked ||
			[ "$name" = rtpengine-webrtc-offer ] # has a=crypto
		run ! grep '^error: answer' checked
		grep -q '^m=audio 9 UDP/TLS/RTP/SAVPF [08]' answer.sdp
	done
}
