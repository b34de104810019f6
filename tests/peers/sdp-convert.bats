#!/usr/bin/env bats
# What sdp-convert makes is taken by real WebRTC ends, and means what it
# should; what they make is converted.

bats_require_minimum_version 1.5.0

setup()
{
	peers=$BATS_TEST_DIRNAME/sdp
	data=$BATS_TEST_DIRNAME/../data/sdp
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
