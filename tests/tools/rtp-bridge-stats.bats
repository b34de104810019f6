#!/usr/bin/env bats
# What rtp-bridge tells of a call: figures, scores, silence, its exit status.

bats_require_minimum_version 1.5.0

setup()
{
	load ../lib/media
	cd "$BATS_TEST_TMPDIR" || exit
}

teardown()
{
	[ ! -S tmux ] || pane kill-server
	media_stop
}

# Bridge b, an echo, and peer p which talks PCMU with it.
start()
{
	bridge_start b "$@" rtp:127.0.0.1:0 echo:
	rtp_start p
	to=127.0.0.1:$(bridge_port b)
	sdp "127.0.0.1:$(rtp_port p)" 0=PCMU/8000 >p.sdp
	bridge b describe rtp - p.sdp
}

# The figures of G.107: 93.2 is a MOS of 4.41, and G.711 at 5 % loss of 4.0.
@test "the score falls with loss; a phone's XR is read" {
	start
	rtp p speech "$to" 150 0 77 1 160 10 160
	wait_for 5 at_least 1 b.jsonl stats '.mos > 4.3 and .mos < 4.45 and
		.loss_percent == 0'
	for i in {0..60}; do # one in two is lost
		rtp p speech "$to" 1 0 77 $((151 + 2 * i)) \
			$((24160 + 320 * i)) 10 160
	done
	wait_for 5 at_least 1 b.jsonl stats '.mos < 3.9 and .loss_percent > 5'
	# an RR alone, and XR with VoIP metrics of our SSRC (RFC 3611 4.7)
	ssrc=$(printf %08x "$(jq -s 'map(select(.event == "packet"))[0].ssrc' \
		p.out)")
	voip=07000008${ssrc}1a000000000000000064001400000000500025
	voip+=26
	voip+=0000000000000000
	rtp p rtcp "127.0.0.1:$(($(bridge_port b) + 1))" \
		"80c900010000000180cf000a00000001$voip"
	wait_for 5 at_least 1 b.jsonl xr '.round_trip_ms == 100 and
		.r_factor == 80 and .mos_lq == 3.7 and .mos_cq == 3.8 and
		.loss_percent > 10.1 and .loss_percent < 10.2'
	wait_for 5 at_least 1 b.jsonl stats '.mos_out == 3.8'
	bridge b quit
	bridge_wait b 0
}

# RFC 3550 6.4.1: now - last SR - delay since; the peer answers after 100 ms.
@test "round trip and loss of what we send, from a report block" {
	start
	rtp p speech "$to" 100 0 77 1 160 20 160
	wait_for 8 at_least 1 p.out rtcp '.hex[2:4] == "c8"'
	jq -r 'select(.event == "rtcp" and .hex[2:4] == "c8") | .hex' p.out |
		head -n 1 >sr
	ssrc=$(cut -c 9-16 sr)
	middle=$(cut -c 21-28 sr)
	# fraction 64/256, 16 lost in all, delay 0
	rtp p rtcp "127.0.0.1:$(($(bridge_port b) + 1))" \
		"81c9000700000001${ssrc}4000001000000064000000a0${middle}00000000"
	wait_for 5 at_least 1 b.jsonl stats '.remote_lost == 16 and
		.rtt_ms > 0 and .rtt_ms < 3000 and .mos_out < 3.5'
}

# RFC 3550 8.2, by RTP and by RTCP.
@test "a peer that has our SSRC: BYE for it, and ours is another" {
	for way in rtp rtcp; do
		bridge_start $way rtp:127.0.0.1:0,name=rtp tone:440
		rtp_start p$way
		sdp "127.0.0.1:$(rtp_port p$way)" 0=PCMU/8000 >p.sdp
		bridge $way describe rtp - p.sdp
		to=127.0.0.1:$(bridge_port $way)
		wait_for 5 at_least 5 p$way.out packet
		ours=$(event p$way.out packet ssrc)
		hex=$(printf %08x "$ours")
		if [ $way = rtp ]; then
			rtp prtp speech "$to" 10 0 "$ours" 1 160 20 160
		else
			rtp prtcp rtcp "${to%:*}:$((${to##*:} + 1))" "80c90001$hex"
		fi
		wait_for 5 says $way.jsonl collision
		[ "$(event $way.jsonl collision was)" = "$ours" ]
		wait_for 5 at_least 1 p$way.out rtcp ".hex | test(\"81cb....$hex\")"
		wait_for 5 at_least 5 p$way.out packet ".ssrc != $ours"
	done
	# who sends ours back is no reason to change for ever
	now=$(event rtp.jsonl collision ssrc)
	rtp prtp speech "127.0.0.1:$(bridge_port rtp)" 60 0 "$now" 11 1760 20 160
	wait_for 5 at_least 2 prtp.out sent
	[ "$(count rtp.jsonl collision)" = 1 ]
	# reports are not of ourselves: SR of ours, with a block of ours
	wait_for 8 at_least 1 prtp.out rtcp \
		".hex | test(\"^8.c8....$(printf %08x "$now")\")"
	[ "$(count prtp.out rtcp ".hex | test(\"^81c8....$(
		printf '%08x.{40}%08x' "$now" "$now")\")")" = 0 ]
}

@test "no media from a leg that should have sent some: 1, and which" {
	bridge_start b rtp:127.0.0.1:0,name=phone tone:440
	rtp_start p
	sdp "127.0.0.1:$(rtp_port p)" 0=PCMU/8000 >p.sdp
	bridge b describe phone - p.sdp
	wait_for 5 at_least 3 b.jsonl stats
	bridge b quit
	bridge_wait b 1
	grep -q 'phone: no media came' b.err
	[ "$(event b.jsonl no_media leg)" = phone ]
	# it may not send: then nothing is missing
	bridge_start c rtp:127.0.0.1:0 tone:440
	printf 'a=recvonly\r\n' >>p.sdp
	bridge c describe rtp - p.sdp
	wait_for 5 at_least 3 c.jsonl stats
	bridge c quit
	bridge_wait c 0
}

# Two seconds after it came, leg phone of $1 is named at the end, which is 1.
missed()
{
	wait_for 5 at_least 3 "$1.jsonl" stats
	bridge "$1" quit
	bridge_wait "$1" 1
	[ "$(event "$1.jsonl" no_media leg)" = phone ]
}

@test "no media because a leg was never described, or not well: 1, and which" {
	bridge_start b rtp:127.0.0.1:0,name=phone tone:440
	missed b
	grep -q 'phone: no media came: it was never described' b.err
	bridge_start c rtp:127.0.0.1:0,name=phone tone:440
	sdp '127.0.0.1:4000' 0=PCMU/8000 | sed s,RTP/AVP,RTP/SAVP, >p.sdp
	bridge c describe phone - p.sdp
	missed c
}

@test "no media from a leg that was dropped since: 1, and which" {
	bridge_start b rtp:127.0.0.1:0,name=phone tone:440
	sdp 127.0.0.1:9 0=PCMU/8000 >p.sdp
	bridge b describe phone - p.sdp
	wait_for 5 at_least 3 b.jsonl stats
	bridge b drop phone
	wait_for 5 says b.jsonl no_media
	[ "$(event b.jsonl no_media leg)" = phone ]
	bridge b quit
	bridge_wait b 1
}

# Before the first second is over, in which each leg's figures would be told.
@test "--timeout shorter than a second is so" {
	run -69 rtp-bridge --timeout 0.001 --events b.jsonl rtp:127.0.0.1:0 echo:
	jq -se 'map(.event) | index("silent") < index("stats")' b.jsonl
}

@test "--timeout names the legs that nothing came from" {
	bridge_start b --timeout 0.5 rtp:127.0.0.1:0,name=phone tone:440
	sdp 127.0.0.1:9 0=PCMU/8000 >p.sdp
	bridge b describe phone - p.sdp
	bridge_wait b 69
	[ "$(event b.jsonl no_media leg)" = phone ]
}

@test "--stats: a table of the legs" {
	start --stats
	rtp p speech "$to" 60 0 77 1 160 20 160
	wait_for 5 at_least 2 b.jsonl stats '.packets_in > 20'
	bridge b quit
	bridge_wait b 0
	grep -qE '^leg +codec +mode +in +lost +conceal' b.err
	grep -qE '^rtp +PCMU/8000 +pass +[0-9]+ +0\.0% +0 ' b.err
	grep -qE '^echo +- +-$' b.err
	[ "$(grep -c '^leg ' b.err)" = 1 ] # not a terminal: once
	# of what never began there is nothing to tell
	run -2 rtp-bridge --stats echo: tone:no
	[[ $output != *codec* ]]
}

pane()
{
	tmux -S "$BATS_TEST_TMPDIR/tmux" "$@"
}

# The terminal has exactly the lines of file $1.
shows()
{
	pane capture-pane -p | sed -e 's/ *$//' -e '/^$/d' >shown
	diff "$1" shown >/dev/null
}

@test "--stats: on a terminal each row is one line of it, whatever its size" {
	mkfifo c
	exec {fd}<>c
	printf '%s\n' 'echo what was there before' \
		"rtp-bridge -q --stats --control c \
		rtp:127.0.0.1:0,name=verylongname1 \
		rtp:127.0.0.1:0,name=verylongname2 tone:440 null: >frag" \
		'read -r wait' >run
	pane -f /dev/null new-session -d -x 40 -y 12 'bash run' 3>&- {fd}>&-
	cat >narrow <<-'END'
		what was there before
		leg           codec        mode
		verylongname1 -            -
		verylongname2 -            -
		tone          pcm          -
		null          -            -
	END
	wait_for 10 shows narrow
	pane resize-window -x 32 -y 5 # what was drawn is wider than that
	printf '%s\n' 'leg           codec        mode' \
		'verylongname1 -            -' \
		'verylongname2 -            -' 'and 2 more' >small
	wait_for 10 shows small
	echo nonsense >&"$fd" # is not drawn over
	pane resize-window -x 60 -y 20
	said='rtp-bridge: control: unknown command "nonsense"'
	wait_for 10 below "$said"
	echo quit >&"$fd"
	exec {fd}>&-
}

# The table is drawn below the line $1, once.
below()
{
	pane capture-pane -p >shown
	sed -n "/$1/,\$p" shown | grep -q '^null ' &&
		[ "$(sed -n "/$1/,\$p" shown | grep -c '^leg ')" = 1 ]
}

# Five seconds of nothing: what a script watches to hang up, or not.
@test "a leg that falls silent is told, and when it speaks again" {
	bridge_start b rtp:127.0.0.1:0 null:
	rtp_start p
	sdp "127.0.0.1:$(rtp_port p)" 0=PCMU/8000 >p.sdp
	bridge b describe rtp - p.sdp
	to=127.0.0.1:$(bridge_port b)
	rtp p speech "$to" 10 0 77 1 160 20 160
	wait_for 15 says b.jsonl quiet
	[ "$(event b.jsonl quiet leg)" = rtp ]
	jq -se 'map(select(.event == "quiet"))[0].seconds >= 5' b.jsonl
	rtp p speech "$to" 100 0 77 11 60000 20 160
	wait_for 10 says b.jsonl resumed
	[ "$(count b.jsonl quiet)" = 1 ]
	media_lives b
}
