#!/usr/bin/env bats
# Chromium's camera through ICE, DTLS-SRTP and back: what is decoded in the page
# has gone through rtp-bridge.

bats_require_minimum_version 1.5.0

setup_file()
{
	(cd "$BATS_TEST_DIRNAME/../.." && tests/browser/install.sh)
}

setup()
{
	load ../lib/media
	PATH=$BATS_TEST_DIRNAME/../../${B:-build}/tests:$PATH
	cd "$BATS_TEST_TMPDIR" || exit
	load ../lib/camera
	camera_page
}

teardown()
{
	media_stop
}

# Two plain legs between br and far for kind $1, where it is coding $2.
joined()
{
	local name port

	for name in br far; do
		port=$(tr -d '\r' <$name.frag | awk -v mid="a=mid:$1" '
			/^m=/ { split($0, m, " ") }
			$0 == mid { print m[2] }')
		sdp "127.0.0.1:$port" "$2" | sed "s/^m=audio/m=$1/" >"$name-$1.sdp"
		[ "$1" != video ] ||
			echo "a=rtcp-fb:${2%%=*} nack pli" >>"$name-$1.sdp"
	done
	bridge br describe "$1" - "far-$1.sdp"
	bridge far describe "$1" - "br-$1.sdp"
}

# A call with sound and pictures in one bundle: the page's tone is heard behind
# two bridges, as PCMU, and another in the page, while pictures go and come.
@test "Chromium's sound and VP8 in one bundle: both ways, at once" {
	bridge_start br dtls:ice.sock,name=web,video rtp:127.0.0.1:0,name=audio \
		rtp:127.0.0.1:0,name=video,media=video
	bridge_start far rtp:127.0.0.1:0,name=audio tone:1000 \
		rtp:127.0.0.1:0,name=video,media=video \
		echo:,name=screen,media=video
	joined audio 0=PCMU/8000
	joined video 121=VP8/90000
	make_answer
	run --separate-stderr timeout 120 node \
		"$BATS_TEST_DIRNAME/rtp-bridge-bundle.mjs" VP8 ./answer.sh
	[ ! -s ice.pid ] || kill "$(<ice.pid)" 2>/dev/null || true
	echo "$output$stderr"
	[ "$status" = 0 ]
	jq -e '.decoded >= 60 and .audio > 50' <<<"$output"
	hear heard.wav 1000
	at_least 1 far.jsonl heard '.hz > 430 and .hz < 450 and .ratio > 0.9'
	# in the same seconds as the pictures
	jq -se 'any(.[]; .event == "heard" and .hz > 430 and .hz < 450 and
		.time > $from)' --argjson from "$(jq -s 'map(select(
		.event == "stats" and .leg == "video" and .packets_in > 0))[0]
		.time' far.jsonl)" far.jsonl
	[ "$(jq -rs 'map(select(.event == "media" and .from == "web" and
		.to == "audio"))[-1].mode' br.jsonl)" = transcode ]
	[ "$(jq -rs 'map(select(.event == "media" and .from == "web-video" and
		.to == "video"))[-1].mode' br.jsonl)" = pass ]
}

# The camera's codec $1 comes back: from br itself, or from far, behind RTP with
# payload type $2.
echoed()
{
	if [ $# = 1 ]; then
		bridge_start br dtls:ice.sock,name=web,media=video \
			echo:,media=video
	else
		bridge_start br dtls:ice.sock,name=web,media=video \
			rtp:127.0.0.1:0,media=video
		bridge_start far rtp:127.0.0.1:0,media=video echo:,media=video
		for name in br far; do
			sdp "127.0.0.1:$(bridge_port $name)" "$2=$1/90000" |
				sed 's/^m=audio/m=video/' >$name.sdp
			echo "a=rtcp-fb:$2 nack pli" >>$name.sdp
		done
		bridge br describe rtp - far.sdp
		bridge far describe rtp - br.sdp
	fi
	make_answer
	run --separate-stderr timeout 100 node \
		"$BATS_TEST_DIRNAME/rtp-bridge-chromium.mjs" "$1" ./answer.sh
	[ ! -s ice.pid ] || kill "$(<ice.pid)" 2>/dev/null || true
	[[ $stderr != *"impossible here"* ]] || skip "impossible here: no $1"
	echo "$output$stderr"
	[ "$status" = 0 ]
	jq -e '.decoded >= 30 and .width == 320 and .plis >= 1' <<<"$output"
	[ "$(event br.jsonl media mode)" = pass ]
	[ "$(event br.jsonl stats codec_in)" = "$1/90000" ]
}

@test "VP8 from Chromium's camera comes back and is decoded" {
	echoed VP8
}

@test "H.264 from Chromium's camera comes back and is decoded" {
	echoed H264
}

# Payload types of their own on the other hop; pictures are asked for across it.
@test "VP9 from Chromium's camera goes round by RTP, and comes back" {
	echoed VP9 121
	wait_for 5 at_least 1 far.jsonl stats '.codec_in == "VP9/90000"'
	says far.jsonl keyframe
}

@test "AV1 from Chromium's camera goes round by RTP, and comes back" {
	echoed AV1 122
	wait_for 5 at_least 1 far.jsonl stats '.codec_in == "AV1/90000"'
	says far.jsonl keyframe
}
