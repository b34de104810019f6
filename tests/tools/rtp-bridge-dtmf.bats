#!/usr/bin/env bats
# Digits: as events, as tones, and from one to the other.

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

@test "dtmf sends RFC 4733 events of the asked length, and speech goes on after them" {
	bridge_start b rtp:127.0.0.1:0 tone:440
	bridge_refuses b 'dtmf rtp 1' 'cannot send yet'
	rtp_start p
	sdp "127.0.0.1:$(rtp_port p)" 111=opus/48000/2 0=PCMU/8000 \
		110=telephone-event/48000 101=telephone-event/8000 >p.sdp
	bridge b describe rtp - p.sdp
	wait_for 5 at_least 5 p.out packet '.pt == 111'
	bridge_refuses b 'dtmf rtp 1x' '0-9'
	bridge_refuses b 'dtmf nobody 1' 'no such leg'
	bridge_refuses b 'dtmf tone 1' 'cannot send'
	bridge_refuses b 'dtmf rtp 1 20' '40 to 5000'
	bridge b dtmf rtp 1 100ms
	wait_for 5 at_least 2 b.jsonl error '.why | test("40 to 5000")'
	bridge b '{"command":"dtmf","leg":"rtp","digits":"1#","ms":100}'
	wait_for 5 at_least 2 b.jsonl dtmf_sent '.duration_ms == 100'
	wait_for 5 at_least 60 p.out packet
	jq -cs 'map(select(.event == "packet"))' p.out >got
	# 48000 a second: 20, 40 60, 80 and 100 ms, the last one three times
	jq -e 'map(select(.pt == 110)) | map(.payload[:8]) == [
		"010a03c0", "010a0780", "010a0b40", "010a0f00",
		"018a12c0", "018a12c0", "018a12c0",
		"0b0a03c0", "0b0a0780", "0b0a0b40", "0b0a0f00",
		"0b8a12c0", "0b8a12c0", "0b8a12c0"]' got
	jq -e 'map(select(.pt == 110)) | map(.ts) | unique | length == 2' got
	jq -e 'map(select(.pt == 110)) | map(.marker) ==
		[1,0,0,0,0,0,0,1,0,0,0,0,0,0]' got
	# one sequence without a hole, one SSRC, time that only goes on
	jq -e '[.[1:], .[:-1]] | transpose | all(
		((.[0].seq - .[1].seq + 65536) % 65536) == 1 and
		.[0].ssrc == .[1].ssrc and
		((.[0].ts - .[1].ts + 4294967296) % 4294967296) < 48000)' got
	# nothing between the packets of a digit; speech behind the last
	jq -e 'map(.pt) | (index(110)) as $at |
		.[$at:$at + 14] | all(. == 110)' got
	jq -e '.[-1].pt == 111' got
}

@test "a digit ends on hold, and where there are no events any more" {
	bridge_start b rtp:127.0.0.1:0,keepalive=0 tone:440
	rtp_start p
	sdp "127.0.0.1:$(rtp_port p)" 0=PCMU/8000 101=telephone-event/8000 >p.sdp
	sdp "127.0.0.1:$(rtp_port p)" 8=PCMA/8000 0=PCMU/8000 >plain.sdp
	{
		cat p.sdp
		echo a=inactive
	} >hold.sdp
	bridge b describe rtp - p.sdp
	bridge b dtmf rtp 1 5000
	wait_for 5 at_least 3 p.out packet '.pt == 101'
	bridge b describe rtp - p.sdp # the same again: it goes on
	bridge b dtmf rtp 2
	wait_for 5 at_least 10 p.out packet '.pt == 101'
	bridge b describe rtp - hold.sdp
	wait_for 5 error_like b 'cannot send any more: 12 is cut off'
	bridge b describe rtp - p.sdp
	bridge b dtmf rtp 3 5000
	wait_for 5 at_least 3 p.out packet '.payload[:2] == "03"'
	bridge b describe rtp - plain.sdp
	bridge b dtmf rtp 4
	wait_for 5 at_least 1 b.jsonl dtmf_sent '.digit == "3" and
		.duration_ms < 5000'
	wait_for 5 at_least 1 b.jsonl dtmf_sent '.digit == "4" and .inband'
	# what is not as long as speech is an event, of the one event or the other
	jq -se 'map(select(.event == "packet" and .len < 100)) |
		all(.pt == 101) and (map(.payload[:2]) | unique) ==
			["01", "03"]' p.out
	[ "$(count b.jsonl dtmf_sent)" = 2 ]
}

# At 48000 a second 16 bits are 1.37 s. A browser begins the next segment where
# its packet is, not where the last one ended.
@test "a digit of seconds is one: in segments to a clock of 48000, and from it" {
	local to seq=1 packet pt ts event

	bridge_start b rtp:127.0.0.1:0,name=a rtp:127.0.0.1:0,name=z
	rtp_start pa
	rtp_start pz
	sdp "127.0.0.1:$(rtp_port pa)" 111=opus/48000/2 \
		110=telephone-event/48000 >a.sdp
	sdp "127.0.0.1:$(rtp_port pz)" 0=PCMU/8000 101=telephone-event/8000 \
		>z.sdp
	bridge b describe a - a.sdp
	bridge b describe z - z.sdp
	bridge b dtmf a 5 2000
	wait_for 5 at_least 1 b.jsonl dtmf_sent '.duration_ms == 2000'
	wait_for 5 at_least 3 pa.out packet '.payload[:4] == "058a"'
	jq -cs 'map(select(.event == "packet" and .pt == 110))' pa.out >got
	# two segments, the first ends as it must, the second where 2 s are over
	jq -e '(map(.ts) | unique | length) == 2 and
		.[-1].ts - .[0].ts == 65535 and
		(map(select(.ts == $first)) | .[-1].payload) == "050affff" and
		map(.marker | select(. == 1)) == [1] and
		(.[-3:] | map(.payload) | unique) == ["058a7701"]' \
		--argjson first "$(jq '.[0].ts' got)" got

	to="127.0.0.1:$(bridge_port b a)"
	for packet in ee:000003e8:060a03c0 6e:000003e8:060afde8 \
		6e:000003e8:060affff 6e:000106a3:060a02c0 \
		6e:000003e8:060aff00 6e:000106a3:068a7701; do
		IFS=: read -r pt ts event <<<"$packet"
		rtp pa hex "$to" "80${pt}000$((seq++))${ts}0000004d$event"
	done
	wait_for 5 at_least 1 b.jsonl dtmf '.digit == "6"'
	[ "$(event b.jsonl dtmf duration_ms)" = 2000 ]
	wait_for 5 at_least 1 pz.out packet '.payload == "068a3e80"'
	jq -se 'map(select(.event == "packet" and .pt == 101)) |
		(map(.ts) | unique | length) == 1 and
		map(.payload) == ["060a00a0", "060a2a51", "060a2aaa",
			"060a2b1f", "068a3e80"]' pz.out
}

# pa talks PCMU and knows no events; pz does. $1: of leg a; then options.
between()
{
	bridge_start pa rtp:127.0.0.1:0,dtmf=inband tone:440
	bridge_start b "${@:2}" "rtp:127.0.0.1:0,name=a$1" rtp:127.0.0.1:0,name=z
	rtp_start pz
	sdp "127.0.0.1:$(bridge_port pa)" 0=PCMU/8000 >pa.sdp
	sdp "127.0.0.1:$(bridge_port b a)" 0=PCMU/8000 >a.sdp
	sdp "127.0.0.1:$(rtp_port pz)" 0=PCMU/8000 101=telephone-event/8000 \
		>z.sdp
	bridge b describe a - pa.sdp
	bridge b describe z - z.sdp
	bridge pa describe rtp - a.sdp
	wait_for 5 at_least 5 pz.out packet '.pt == 0'
}

@test "tones in the sound become an event as long, and are not heard as tones" {
	between ,dtmf=inband
	bridge pa dtmf rtp 7 200
	wait_for 5 at_least 1 pa.jsonl dtmf_sent '.inband'
	wait_for 5 at_least 1 b.jsonl dtmf '.digit == "7" and .inband and
		.duration_ms >= 195 and .duration_ms <= 205'
	wait_for 5 at_least 3 pz.out packet \
		'.pt == 101 and .payload[:3] == "078"'
	# not a multiple of any block; and the event says what was heard
	bridge pa dtmf rtp 8 75
	wait_for 5 at_least 1 b.jsonl dtmf '.digit == "8" and
		.duration_ms >= 70 and .duration_ms <= 80'
	ms=$(event b.jsonl dtmf duration_ms)
	wait_for 5 at_least 3 pz.out packet \
		".pt == 101 and .payload == \"088a$(printf %04x $((8 * ms)))\""
	wait_for 5 at_least 1 b.jsonl dtmf_sent \
		".digit == \"8\" and .duration_ms == $ms"
}

@test "an event becomes tones as long where the other side knows no events" {
	between ''
	rtp pz digit "127.0.0.1:$(bridge_port b z)" 101 77 1 8000 5 1600
	wait_for 5 at_least 1 b.jsonl dtmf '.digit == "5"'
	wait_for 5 at_least 1 b.jsonl dtmf_sent \
		'.leg == "a" and .inband and .duration_ms == 200'
	wait_for 5 at_least 1 pa.jsonl dtmf '.digit == "5" and .inband and
		.duration_ms >= 195 and .duration_ms <= 205'
	rtp pz digit "127.0.0.1:$(bridge_port b z)" 101 77 9 16000 6 400
	wait_for 5 at_least 1 b.jsonl dtmf_sent '.duration_ms == 50'
	wait_for 5 at_least 1 pa.jsonl dtmf '.digit == "6" and
		.duration_ms >= 45 and .duration_ms <= 55'
	# without dtmf=inband, what sounds like a digit is speech
	bridge pa dtmf rtp 7 200
	wait_for 5 at_least 1 pa.jsonl dtmf_sent
	[ "$(count b.jsonl dtmf '.inband')" = 0 ]
	[ "$(count pz.out packet '.pt == 101')" = 0 ]
}

# The one without has only tones; what the other says is speech.
@test "--dtmf inband: for the legs that have no events, until they have" {
	between '' --dtmf inband
	bridge pa dtmf rtp 7 200
	wait_for 5 at_least 1 b.jsonl dtmf '.leg == "a" and .digit == "7"'
	wait_for 5 at_least 3 pz.out packet '.pt == 101'
	[ "$(count b.jsonl media '.from == "a" and .mode == "pass"')" = 0 ]
	rtp pz speech "127.0.0.1:$(bridge_port b z)" 20 0 77 1 160 20 160
	wait_for 5 at_least 1 b.jsonl media '.from == "z" and .mode == "pass"'
	# a has events after all: then its sound may pass
	sdp "127.0.0.1:$(bridge_port pa)" 0=PCMU/8000 101=telephone-event/8000 \
		>pa2.sdp
	bridge b describe a - pa2.sdp
	wait_for 5 at_least 1 b.jsonl media '.from == "a" and .mode == "pass"'
}

@test "--dtmf inband: a leg that says dtmf=events keeps its tones" {
	between ,dtmf=events --dtmf inband
	wait_for 5 at_least 1 b.jsonl media '.from == "a" and .mode == "pass"'
	run -2 rtp-bridge --dtmf tones echo: null:
	[[ $output == *"--dtmf: dtmf tones: use events or inband"* ]]
	run -2 rtp-bridge rtp:127.0.0.1:0,dtmf=no null:
	[[ $output == *"rtp: dtmf no: use events or inband"* ]]
}
