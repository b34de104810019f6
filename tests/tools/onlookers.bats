#!/usr/bin/env bats
# Who only looks on (--pcap; --trace: ice-pair.bats) ends nothing by leaving;
# who is a neighbour in the chain (--events) does.

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

# A call in which p hears a tone, with rtp-bridge's further options.
call()
{
	bridge_start b "$@" rtp:127.0.0.1:0 tone:440
	rtp_start p
	sdp "127.0.0.1:$(rtp_port p)" 0=PCMU/8000 >p.sdp
	bridge b describe rtp - p.sdp
	wait_for 5 heard 20
}

heard()
{
	[ "$(grep -c '"packet"' p.out)" -ge "$1" ]
}

goes_on()
{
	wait_for 5 heard $(($(grep -c '"packet"' p.out) + 50))
	media_lives b
}

@test "tshark may leave a live capture" {
	mkfifo look
	tshark -Q -l -i look >shown 2>tshark.err 3>&- &
	media_pid[tshark]=$!
	call --pcap look
	wait_for 10 heard 100
	kill "${media_pid[tshark]}"
	wait_for 10 error_like b '^--pcap: its reader is gone'
	goes_on
	rtp p speech "127.0.0.1:$(bridge_port b)" 20 0 77 1 160 5 160
	wait_for 5 at_least 1 b.jsonl stats '.packets_in >= 20'
	bridge b quit
	bridge_wait b 0
	[ "$(count b.jsonl error)" = 1 ] # said once
}

# A disk that is full says ENOSPC, a limit EFBIG: either way no more goes in.
@test "a capture that no longer fits is told of, and the call goes on; 74 at its end" {
	mkdir limited
	printf '#!/bin/bash\nulimit -f 64\nexec %s "$@"\n' \
		"$(command -v rtp-bridge)" >limited/rtp-bridge
	chmod +x limited/rtp-bridge
	PATH=$PWD/limited:$PATH
	call --pcap b.pcapng
	wait_for 20 error_like b '^--pcap: File too large'
	goes_on
	rtp p speech "127.0.0.1:$(bridge_port b)" 20 0 77 1 160 5 160
	wait_for 5 at_least 1 b.jsonl stats '.packets_in >= 20'
	bridge b quit
	bridge_wait b 74
	[ "$(event b.jsonl exit status)" = 74 ]
}

@test "without the reader of its events it ends, 74" {
	mkfifo events
	cat events >b.jsonl 3>&- &
	media_pid[cat]=$!
	media_spawn b rtp-bridge --events events --control b.in \
		rtp:127.0.0.1:0 tone:440 >b.frag 2>b.err
	wait_for 5 test -s b.frag
	kill "${media_pid[cat]}"
	bridge b add null:
	bridge_wait b 74
	grep -q '^rtp-bridge: --events: its reader is gone' b.err
}
