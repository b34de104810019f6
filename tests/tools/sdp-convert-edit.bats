#!/usr/bin/env bats
# sdp-convert's small jobs: choosing codecs, --set, --delete, --address, and
# many descriptions in one --stream.

bats_require_minimum_version 1.5.0

setup()
{
	data=$PWD/tests/data/sdp
	cd "$BATS_TEST_TMPDIR" || exit
	offer=$data/chromium-av-data-offer.sdp
	printf '%s\r\n' v=0 'o=u 1 1 IN IP4 127.0.0.1' s=- \
		'c=IN IP4 127.0.0.1' 't=0 0' 'm=audio 6000 RTP/AVP 0 8 101' \
		'a=rtpmap:101 telephone-event/8000' a=sendrecv \
		'm=video 6002 RTP/AVP 96' 'a=rtpmap:96 H264/90000' >phone.sdp
}

# What was dropped and added, a line each, in order.
changed()
{
	diff phone.sdp <(sdp-convert "$@" <phone.sdp) | tr -d '\r' |
		sed -n 's/^\([<>]\) /\1/p'
}

@test "--set puts a line in place of those like it, or where it belongs" {
	[ "$(changed --set s=Call)" = $'<s=-\n>s=Call' ]
	[ "$(changed --set a=sendonly)" = $'<a=sendrecv\n>a=sendonly' ]
	[ "$(changed --set audio/a=ptime:20)" = '>a=ptime:20' ]
	[ "$(changed --set 0/a=ptime:20 --set 1/b=AS:500)" = \
		$'>a=ptime:20\n>b=AS:500' ]
	[ "$(changed --set a=rtpmap:101\ x/8000)" = \
		$'<a=rtpmap:101 telephone-event/8000\n>a=rtpmap:101 x/8000' ]
	[ "$(changed --set a=ptime:20 | grep -c ptime)" = 2 ]
	[ "$(changed --set a=ice-lite)" = '>a=ice-lite' ]
	sdp-convert --set session/a=x:1 <phone.sdp | sed -n 6p |
		grep -q '^a=x:1'
	run -1 --separate-stderr sdp-convert --set 9/a=x <phone.sdp
	[ -z "$output" ]
	[[ $stderr == *'no section is of the place'* ]]
	sdp-convert --set mid=1/a=x <"$offer" | grep -c '^a=x' | grep -qx 1
}

@test "--delete removes lines by type, name, and value" {
	[ "$(changed --delete a=rtpmap:101)" = \
		'<a=rtpmap:101 telephone-event/8000' ]
	[ "$(changed --delete video/a=rtpmap)" = '<a=rtpmap:96 H264/90000' ]
	[ "$(changed --delete a=rtpmap | wc -l)" = 2 ]
	[ -z "$(changed --delete a=rtp)" ]
	sdp-convert --delete a=candidate <"$offer" >out
	run ! grep a=candidate out
	grep -q a=ice-ufrag out
}

@test "--address: o=, c=, a=rtcp, and ports" {
	[ "$(changed --address 203.0.113.5)" = '<o=u 1 1 IN IP4 127.0.0.1
>o=u 1 1 IN IP4 203.0.113.5
<c=IN IP4 127.0.0.1
>c=IN IP4 203.0.113.5' ]
	sdp-convert --address '[2001:db8::5]:40000' <phone.sdp >out
	grep -q '^c=IN IP6 2001:db8::5' out
	grep -q '^m=audio 40000 RTP/AVP 0 8 101' out
	grep -q '^m=video 40002 RTP/AVP 96' out
	sdp-convert --address 192.0.2.9:5000 <"$offer" |
		grep '^a=rtcp:5000 IN IP4 192.0.2.9'
}

@test "choosing without --to changes nothing else" {
	[ "$(changed --drop video | wc -l)" = 2 ]
	[ "$(changed --only-audio)" = "$(changed --drop video)" ]
	[ "$(changed --prefer PCMA)" = \
		$'<m=audio 6000 RTP/AVP 0 8 101\n>m=audio 6000 RTP/AVP 8 0 101' ]
	[ "$(changed --ptime 30)" = '>a=ptime:30' ]
	[ "$(changed --drop PCMU)" = \
		$'<m=audio 6000 RTP/AVP 0 8 101\n>m=audio 6000 RTP/AVP 8 101' ]
	[ "$(changed --codecs H264,PCMA | wc -l)" = 3 ]
	sdp-convert --codecs VP8 <"$offer" >out
	grep -q '^m=video [0-9]* UDP/TLS/RTP/SAVPF 96 ' out
	grep -c '^m=' out | grep -qx 3
	sdp-convert --only-audio <"$offer" >out
	grep -q '^a=group:BUNDLE 0' out
	grep -c '^m=' out | grep -qx 1
}

@test "an answer is made for the kind of its offer" {
	sdp-convert --answer-to "$offer" <phone.sdp | grep '^m=audio 9 UDP'
	sdp-convert --answer-to phone.sdp <phone.sdp | grep '^m=audio 6000 RTP'
}

@test "--fragment: what a description says of ICE, to be laid in again" {
	sdp-convert --fragment <"$data/chromium-audio-offer.sdp" >ice.sdpfrag
	run ! grep -vE '^(m=audio 9|a=(group|mid|candidate|end-of-candidates|ice-))' \
		ice.sdpfrag
	[ "$(grep -c ^a=candidate ice.sdpfrag)" = \
		"$(grep -c ^a=candidate "$data/chromium-audio-offer.sdp")" ]
	sdp-convert --to webrtc --only-audio --with ice.sdpfrag <phone.sdp >out
	grep '^a=candidate' ice.sdpfrag | cmp - <(grep '^a=candidate' out)
	grep -q "$(grep '^a=ice-pwd' ice.sdpfrag)" out
	jq -nc --rawfile sdp "$offer" '{$sdp}' | sdp-convert --stream --fragment |
		jq -e '.sdp | startswith("a=group")'
}

@test "late offer: the phone's 200 has the offer, the ACK the answer" {
	local legs=(--with "$data/media.sdpfrag")

	# INVITE without SDP; the phone offers in its 200
	sdp-convert --to webrtc "${legs[@]}" --with "$data/ice.sdpfrag" \
		<phone.sdp >offer.sdp
	grep -q '^m=audio 9 UDP/TLS/RTP/SAVPF 0 8 101' offer.sdp
	# the browser answers; that goes into the ACK
	sdp-convert --to sip "${legs[@]}" --answer-to phone.sdp \
		<"$data/chromium-audio-answer.sdp" >answer.sip.sdp
	sdp-convert --check phone.sdp answer.sip.sdp
	grep -q '^m=audio 40312 RTP/AVP 0' answer.sip.sdp
	grep -q '^m=video 0 RTP/AVP 96' answer.sip.sdp
}

@test "--stream: an object a line, its other members kept, errors in place" {
	jq -nc --rawfile sdp "$offer" --rawfile phone phone.sdp \
		'{type: "offer", id: 7, sdp: $sdp},
		 {sdp: "rubbish", id: 8},
		 {answer_to: $sdp, sdp: $phone}, 5' >in
	echo >>in
	run -65 --separate-stderr bash -c \
		'sdp-convert --stream --to webrtc <in >out'
	[ "$(wc -l <out)" = 4 ]
	jq -se '.[0].id == 7 and .[0].type == "offer" and
		(.[0].sdp | startswith("v=0")) and
		.[1].id == 8 and .[1].status == 65 and .[1].line == 1 and
		(.[1] | has("sdp") | not) and
		(.[2].sdp | contains("m=application 0 UDP")) and
		(.[3].error | contains("expected a JSON object"))' out
}

@test "--stream answers each line at once" {
	mkfifo in out
	sdp-convert --stream --only-audio <in >out &
	exec 8>in 9<out
	for _ in 1 2 3; do
		jq -nc --rawfile sdp phone.sdp '{$sdp}' >&8
		read -r -t 10 line <&9
		jq -e '.sdp | contains("m=video") | not' <<<"$line"
	done
	exec 8>&- 9<&-
	wait $!
	rm in out
}

@test "--stream with --json, --check and --report" {
	jq -nc --rawfile sdp phone.sdp '{$sdp}' >in
	sdp-convert --stream --json <in >out
	jq -e '.description.media[1].lines[0].port == 6002' out
	sdp-convert --stream <out | jq -j .sdp | cmp - phone.sdp
	sdp-convert --stream --check <in | jq -e '.findings == []'
	sdp-convert --stream --report --drop video <in |
		jq -e '[.changes[].change] == ["dropped", "dropped"]'
}
