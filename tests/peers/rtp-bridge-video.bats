#!/usr/bin/env bats
# Video passes between ffmpegs: by RTP and by DTLS-SRTP, with other payload
# types; pictures asked for in one way are asked for in the other's.

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

# A description of video at $1 with the codings and lines of $2...
video_sdp()
{
	sdp "$1" "$2" | sed 's/^m=audio/m=video/'
	[ $# -lt 3 ] || printf '%s\r\n' "${@:3}"
}

# ffmpeg sends a test picture by encoder $1 as payload type $2 to port $3 from
# port $4.
camera_start()
{
	local -a more=()

	[ "$1" != libvpx ] || more=(-deadline realtime -cpu-used 8)
	[ "$1" != libvpx-vp9 ] || more=(-deadline realtime -cpu-used 8
		-lag-in-frames 0 -strict experimental)
	[ "$1" != libx264 ] || more=(-preset ultrafast -tune zerolatency
		-bsf:v dump_extra=freq=keyframe)
	media_spawn camera ffmpeg -v error -nostdin -re -f lavfi \
		-i testsrc=size=320x240:rate=15 -c:v "$1" "${more[@]}" \
		-pix_fmt yuv420p -g 15 -b:v 300k -payload_type "$2" -f rtp \
		"rtp://127.0.0.1:$3?localrtpport=$4&pkt_size=1200" >camera.sdp
}

# ffmpeg decodes what comes by $1: 20 pictures.
screen_start()
{
	media_spawn screen timeout 30 ffmpeg -v error -nostdin \
		-protocol_whitelist file,udp,rtp,srtp -i "$1" -frames:v 20 \
		-y screen.y4m
}

# The picture is that of testsrc: its bars differ much from grey.
picture_came()
{
	wait_for 30 media_ended screen
	[ "$(ffprobe -v error -count_frames -show_entries \
		stream=nb_read_frames -of csv=p=0 screen.y4m)" -ge 20 ]
	ffmpeg -v error -nostdin -f lavfi -i testsrc=size=320x240:rate=15 \
		-frames:v 1 -y want.png
	ffmpeg -v error -nostdin -sseof -0.2 -i screen.y4m -frames:v 1 -y got.png
	# above and below the number that counts, which differs
	ffmpeg -nostdin -i want.png -i got.png -lavfi \
		'[0]crop=320:60:0:0[a];[1]crop=320:60:0:0[b];[a][b]ssim' \
		-f null - 2>&1 | sed -n 's/.*All:\([0-9.]*\).*/\1/p' |
		jq -e '. > 0.8'
}

# $1 coding from, $2 encoder, $3 coding to; the rest are lines for both.
passes()
{
	local from to

	from=$(free_port 2)
	to=$(free_port 2)
	bridge_start b rtp:127.0.0.1:0,name=a,media=video \
		rtp:127.0.0.1:0,name=z,media=video
	grep -q '^m=video' b.frag
	video_sdp "127.0.0.1:$from" "$1" >a.sdp
	video_sdp "127.0.0.1:$to" "$3" "${@:4}" >z.sdp
	bridge b describe a - a.sdp
	bridge b describe z - z.sdp
	screen_start z.sdp
	camera_start "$2" "${1%%=*}" "$(bridge_port b a)" "$from"
	picture_came
	[ "$(event b.jsonl media mode)" = pass ]
	says b.jsonl keyframe
}

@test "VP8 passes to another payload type" {
	passes 96=VP8/90000 libvpx 101=VP8/90000
}

@test "H.264 passes to another payload type" {
	passes 96=H264/90000 libx264 126=H264/90000 \
		'a=fmtp:126 packetization-mode=1'
}

# ffmpeg reads what sdp= of leg kind $1 says of codec $2, by encoder $3.
screen_is_told()
{
	local from to

	from=$(free_port 2)
	to=$(free_port 2)
	bridge_start b rtp:127.0.0.1:0,name=a,media=video \
		"$1:127.0.0.1:0,media=video,to=127.0.0.1:$to,codec=$2,sdp=v.sdp"
	video_sdp "127.0.0.1:$from" "96=$2/90000" >a.sdp
	bridge b describe a - a.sdp
	screen_start v.sdp
	camera_start "$3" 96 "$(bridge_port b a)" "$from"
	picture_came
	[ "$(event b.jsonl media mode)" = pass ]
}

@test "H.264, to= a screen that sdp= tells of it" {
	screen_is_told rtp H264 libx264
	grep -q '^a=fmtp:98 packetization-mode=1' v.sdp
}

@test "VP9, to= a screen that sdp= tells of it" {
	screen_is_told rtp VP9 libvpx-vp9
}

@test "VP8, encrypted, to= a screen that sdp= gives the key" {
	screen_is_told srtp VP8 libvpx
	grep -q '^m=video .* RTP/SAVP 99' v.sdp
}

# A camera and a phone that is sent it, and sends nothing; ffmpeg looks on, later,
# by a leg of kind $1.
looked_on()
{
	local from to

	from=$(free_port 2)
	to=$(free_port 2)
	bridge_start b rtp:127.0.0.1:0,name=a,media=video \
		srtp:127.0.0.1:0,name=z,media=video
	rtp_start phone
	video_sdp "127.0.0.1:$from" 96=VP8/90000 >a.sdp
	video_sdp "127.0.0.1:$(rtp_port phone)" 97=VP8/90000 |
		sed 's,RTP/AVP,RTP/SAVP,' >z.sdp
	grep -m 1 '^a=crypto:1 ' b.frag >>z.sdp
	bridge b add null:,media=video
	bridge b describe a - a.sdp
	bridge b describe z - z.sdp
	camera_start libvpx 96 "$(bridge_port b a)" "$from"
	wait_for 20 at_least 1 b.jsonl media '.to == "z"'
	bridge b "add $1:127.0.0.1:0,name=eye,listen,media=video,from=a,to=127.0.0.1:$to,codec=VP8,sdp=v.sdp"
	wait_for 5 test -s v.sdp
	screen_start v.sdp
	bridge b keyframe a
	picture_came
	[ "$(event b.jsonl media to)" = eye ]
	[ "$(event b.jsonl media mode)" = pass ]
	sent=$(count phone.out packet)
	bridge b drop eye
	wait_for 5 at_least $((sent + 20)) phone.out packet
	[ "$(count b.jsonl error)" = 0 ]
}

@test "a third leg looks on at one of two" {
	looked_on rtp
}

@test "a third leg looks on, encrypted" {
	looked_on srtp
}

# rtp: -> dtls: of b, dtls: of c -> rtp:, the video in the audio's bundle.
@test "VP8 through DTLS-SRTP, in a bundle" {
	from=$(free_port 2)
	to=$(free_port 2)
	bridge_start b dtls:b.sock,name=web,video \
		rtp:127.0.0.1:0,name=v,media=video
	bridge_start c dtls:c.sock,name=web,video \
		rtp:127.0.0.1:0,name=v,media=video
	for name in b c; do
		{
			printf '%s\r\n' v=0 'o=- 1 1 IN IP4 127.0.0.1' s=- \
				't=0 0'
			tr -d '\r' <$name.frag | awk '
				/^m=video 9/ { sub(/ 0$/, " 120") }
				/^m=video [1-9][0-9]/ { exit }
				{ print }
				/^m=video/ { print "a=rtpmap:120 VP8/90000"
					print "a=rtcp-fb:120 nack pli"
					print "a=rtcp-fb:120 nack" }' |
				sed "s/setup:actpass/setup:$(
				[ $name = b ] && echo active || echo passive)/"
		} >$name.sdp
	done
	video_sdp "127.0.0.1:$from" 96=VP8/90000 >cam.sdp
	video_sdp "127.0.0.1:$to" 97=VP8/90000 >screen.sdp
	hand_start h b.sock c.sock
	bridge b describe web b.sdp c.sdp
	bridge c describe web c.sdp b.sdp
	bridge b describe v - cam.sdp
	bridge c describe v - screen.sdp
	screen_start screen.sdp
	camera_start libvpx 96 "$(bridge_port b v)" "$from"
	picture_came
	# c asked b for a picture when it had none: so it came to b's camera
	wait_for 5 at_least 1 b.jsonl keyframe '.leg == "v"'
	bridge c keyframe web
	wait_for 5 at_least 2 c.jsonl keyframe '.leg == "web-video"'
	bridge_refuses c 'keyframe x' 'no such leg'
	bridge c drop web-video
	wait_for 5 at_least 1 c.jsonl leg '.state == "dropped"'
	bridge b quit
	bridge_wait b 1 # no audio came
}

# pz sends PLI, which goes on as FIR unless there was one just before.
asks_again()
{
	rtp pz rtcp "127.0.0.1:$(($(bridge_port b z) + 1))" \
		"80c900010000000181ce000200000001$ssrc"
	at_least $((before + 1)) pa.out rtcp '.hex | test("84ce0004")'
}

nacks()
{
	rtp pz rtcp "127.0.0.1:$(($(bridge_port b z) + 1))" \
		"81cd000300000001$(printf '%s%04x0003' "$ssrc" "$seq")"
}

nacks_until_12()
{
	nacks
	at_least 1 b.jsonl stats '.resent == 12'
}

# RFC 4585 and RFC 5104: one end knows PLI, the other FIR alone.
@test "PLI becomes FIR, NACK is answered from memory, RTX is taken off" {
	bridge_start b rtp:127.0.0.1:0,name=a,media=video \
		rtp:127.0.0.1:0,name=z,media=video
	rtp_start pa
	rtp_start pz
	video_sdp "127.0.0.1:$(rtp_port pa)" 96=VP8/90000 \
		'a=rtcp-fb:96 ccm fir' 'a=rtpmap:98 rtx/90000' \
		'a=fmtp:98 apt=96' | sed 's/AVP 96/AVP 96 98/' >a.sdp
	video_sdp "127.0.0.1:$(rtp_port pz)" 97=VP8/90000 \
		'a=rtcp-fb:97 nack pli' 'a=rtcp-fb:97 nack' >z.sdp
	bridge b describe a - a.sdp
	bridge b describe z - z.sdp
	rtp pa speech "127.0.0.1:$(bridge_port b a)" 20 96 77 100 3000 5 100
	wait_for 5 at_least 20 pz.out packet '.pt == 97'
	ssrc=$(printf %08x "$(jq -s 'map(select(.event == "packet"))[0].ssrc' \
		pz.out)")
	seq=$(jq -s 'map(select(.event == "packet"))[5].seq' pz.out)
	# FIR (206, 4) of SSRC 77 has come to a, which began
	wait_for 5 at_least 1 pa.out rtcp \
		'.hex | test("84ce0004[0-9a-f]{8}000000000000004d")'
	before=$(count pa.out rtcp '.hex | test("84ce0004")')
	wait_for 5 asks_again
	# NACK of three packets: the fifth and the two behind it
	rtp pz rtcp "127.0.0.1:$(($(bridge_port b z) + 1))" "80c9000100000001$(
		printf '81cd000300000001%s%04x0003' "$ssrc" "$seq")"
	wait_for 5 at_least 23 pz.out packet '.pt == 97'
	[ "$(jq -s "map(select(.event == \"packet\" and .seq == $seq)) |
		length" pz.out)" = 2 ]
	wait_for 5 at_least 1 b.jsonl stats '.resent == 3'
	# asked for over and over, each is sent four times, and no more
	wait_for 5 nacks_until_12
	for i in {1..20}; do
		nacks
	done
	# packet 121 is lost, and comes as RTX: SSRC 99, payload 0079 and it
	rtp pa speech "127.0.0.1:$(bridge_port b a)" 1 96 77 121 6000 5 100
	rtp pa hex "127.0.0.1:$(bridge_port b a)" \
		80620001000011110000006300780102030405060708
	wait_for 5 at_least 1 pz.out packet '.pt == 97 and
		(.payload | startswith("0102030405060708"))'
	[ "$(event b.jsonl stats unknown)" = 0 ]
	[ "$(jq -s "map(select(.event == \"packet\" and .seq == $seq)) |
		length" pz.out)" = 5 ]
}
