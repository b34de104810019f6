#!/usr/bin/env bats
# How much a browser sends: neither little when the way is free, nor on when
# the phone says that it does not get it.

bats_require_minimum_version 1.5.0

setup_file()
{
	(cd "$BATS_TEST_DIRNAME/../.." && tests/browser/install.sh)
}

setup()
{
	load ../lib/media
	cd "$BATS_TEST_TMPDIR" || exit
	load ../lib/camera
	camera_page
}

teardown()
{
	[ ! -s ice.pid ] || kill "$(<ice.pid)" 2>/dev/null || true
	media_stop
}

# Chromium's camera to a phone, p, by feedback $1.
start_camera()
{
	bridge_start br dtls:ice.sock,name=web,media=video \
		rtp:127.0.0.1:0,media=video
	rtp_start p
	sdp "127.0.0.1:$(rtp_port p)" 97=VP8/90000 |
		sed 's/^m=audio/m=video/' >p.sdp
	bridge br describe rtp - p.sdp
	make_answer
	media_spawn camera node "$BATS_TEST_DIRNAME/rtp-bridge-rate.mjs" "$1" \
		./answer.sh >camera.out 2>camera.err
}

# p reports that a quarter of what we send is lost, and the camera is slower.
complains_until()
{
	rtp p rtcp "127.0.0.1:$(($(bridge_port br) + 1))" \
		"81c9000700000001${ssrc}4000010000000000000000000000000000000000"
	[ "$(jq -s 'map(select(.event == "rate")) | last | .kbps' \
		camera.out)" -lt "$1" ] &&
		[ "$(jq -s 'map(select(.event == "stats" and .leg == "web")) |
			last | .told_bps' br.jsonl)" -lt "${1}000" ]
}

rises_and_falls() # feedback
{
	local kbps

	start_camera "$1"
	wait_for 60 at_least 1 camera.out rate '.kbps > 1000'
	wait_for 60 at_least 1 br.jsonl stats '.told_bps > 1200000'
	kbps=$(event camera.out rate kbps)
	ssrc=$(printf %08x "$(event p.out packet ssrc)")
	wait_for 60 complains_until 400
	echo "from $kbps kbit/s down to $(event camera.out rate kbps)"
}

@test "REMB: it sends more than 1 Mbit/s, and less when the phone gets too little" {
	rises_and_falls goog-remb
}

@test "transport-cc and REMB: as much, and as little" {
	rises_and_falls goog-remb,transport-cc
}

@test "transport-cc alone: it sends more than 1 Mbit/s" {
	start_camera transport-cc
	wait_for 60 at_least 1 camera.out rate '.kbps > 1000'
	[ "$(count br.jsonl stats '.told_bps')" = 0 ]
}
