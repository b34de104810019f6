#!/usr/bin/env bats
# Published attacks on media servers, at each kind of leg: what got through.
# (RTP bleed and injection: CVE-2025-53399; the racing ClientHello of 2023:
# CVE-2023-49786, CVE-2023-50269 and others of their kind.)

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

local_sdp() # of bridge $1's fragment
{
	printf '%s\r\n' v=0 'o=- 1 1 IN IP4 127.0.0.1' s=- 't=0 0'
	cat "$1.frag"
	printf 'a=rtpmap:0 PCMU/8000\r\n'
}

# Phone a talks SRTP with m, which echoes.
secure_call()
{
	bridge_start m srtp:127.0.0.1:0,name=rtp,suite=AEAD_AES_128_GCM echo:
	bridge_start a --pcap a.pcapng \
		srtp:127.0.0.1:0,name=rtp,suite=AEAD_AES_128_GCM tone:440
	local_sdp m >m.sdp
	local_sdp a >a.sdp
	bridge m describe rtp m.sdp a.sdp
	to=127.0.0.1:$(bridge_port m)
}

@test "rtp: who sprays packets at a port before and during a call gets none back" {
	bridge_start m rtp:127.0.0.1:0 echo:
	rtp_start p
	rtp_start thief
	rtp_start far 127.0.0.2
	here=127.0.0.1:$(bridge_port m)
	rtp thief speech "$here" 30 0 66 1 160 1 160 # nobody is described
	wait_for 5 says thief.out sent
	sdp "127.0.0.1:$(rtp_port p)" 0=PCMU/8000 >p.sdp
	bridge m describe rtp - p.sdp
	rtp p speech "$here" 3 0 77 1 160 20 160
	wait_for 5 at_least 3 p.out packet
	# in sequence, out of sequence, the peer's SSRC guessed, and RTCP
	rtp far speech "$here" 60 0 77 4 640 2 160
	for i in {1..20}; do
		rtp thief speech "$here" 1 0 "$i" $((i * 991)) 160 1 160
	done
	rtp far rtcp "127.0.0.1:$(($(bridge_port m) + 1))" \
		81cb00010000004d # BYE of the peer's SSRC
	wait_for 5 says far.out sent
	wait_for 5 at_least 1 m.jsonl stats '.rejected >= 111'
	[ "$(count thief.out packet)" = 0 ]
	[ "$(count far.out packet)" = 0 ]
	[ "$(event m.jsonl stats packets_in)" = 3 ]
	run ! says m.jsonl bye
	run ! says m.jsonl learned
}

# A stranger sends a good run of packets to leg $1 of m, and is not learned.
stranger_gets_nothing()
{
	rtp far speech "127.0.0.1:$(bridge_port m "$1")" 12 0 66 1 160 20 160
	wait_for 5 says far.out sent
	wait_for 5 at_least 1 m.jsonl stats ".leg == \"$1\" and .rejected >= 12"
	run ! says m.jsonl learned
	[ "$(count far.out packet)" = 0 ]
}

@test "rtp: who listens in by to= keeps what it hears, though it never talks" {
	rtp_start player
	rtp_start far 127.0.0.2
	bridge_start m tone:440 \
		"rtp:127.0.0.1:0,name=live,to=127.0.0.1:$(rtp_port player),codec=PCMU"
	wait_for 5 at_least 1 player.out packet
	stranger_gets_nothing live
	before=$(count player.out packet)
	wait_for 5 at_least $((before + 50)) player.out packet
	[ "$(count far.out packet)" = 0 ]
}

@test "rtp: while the other side is not to send, nobody is learned in its place" {
	rtp_start p
	rtp_start far 127.0.0.2
	bridge_start m rtp:127.0.0.1:0 tone:440
	for direction in recvonly inactive; do
		{
			sdp "127.0.0.1:$(rtp_port p)" 0=PCMU/8000
			printf 'a=%s\r\n' $direction
		} >$direction.sdp
	done
	bridge m describe rtp - recvonly.sdp
	wait_for 5 at_least 1 p.out packet
	stranger_gets_nothing rtp
	bridge m describe rtp - inactive.sdp
	rtp far speech "127.0.0.1:$(bridge_port m)" 12 0 66 1 160 20 160
	wait_for 5 at_least 1 m.jsonl stats ".rejected >= 24"
	run ! says m.jsonl learned
}

@test "rtp: a peer that has talked is not replaced when it is described again" {
	bridge_start m rtp:127.0.0.1:0 echo:
	rtp_start p
	rtp_start far 127.0.0.2
	sdp "127.0.0.1:$(rtp_port p)" 0=PCMU/8000 >p.sdp
	{
		cat p.sdp
		printf 'a=recvonly\r\n'
	} >hold.sdp
	bridge m describe rtp - p.sdp
	rtp p speech "127.0.0.1:$(bridge_port m)" 3 0 77 1 160 20 160
	wait_for 5 at_least 3 p.out packet
	for file in p hold p; do
		bridge m describe rtp - $file.sdp
	done
	stranger_gets_nothing rtp
}

@test "rtp: a leg with learn=never learns nobody; learn=always also by to=" {
	rtp_start p
	rtp_start far 127.0.0.2
	bridge_start m rtp:127.0.0.1:0,learn=never tone:440
	sdp "127.0.0.1:$(rtp_port p)" 0=PCMU/8000 >p.sdp
	bridge m describe rtp - p.sdp
	stranger_gets_nothing rtp
	bridge_start n "rtp:127.0.0.1:0,learn=always,to=127.0.0.1:9,codec=PCMU" \
		tone:440
	rtp far speech "127.0.0.1:$(bridge_port n)" 12 0 66 1 160 20 160
	wait_for 5 says n.jsonl learned
	wait_for 5 at_least 1 far.out packet
	run -2 timeout 20 rtp-bridge rtp:127.0.0.1:0,learn=x echo:
	[[ $output == *"always or never"* ]]
}

# However long the stranger had the call, and as often as it goes on.
@test "rtp: the described address is the peer's as soon as it talks" {
	bridge_start m rtp:127.0.0.1:0 tone:440
	rtp_start p
	rtp_start far 127.0.0.2
	sdp "127.0.0.1:$(rtp_port p)" 0=PCMU/8000 >p.sdp
	bridge m describe rtp - p.sdp
	to=127.0.0.1:$(bridge_port m)
	rtp far speech "$to" 70 0 66 1 160 20 160
	wait_for 5 says far.out sent
	rtp p speech "$to" 1 0 77 1 160 20 160
	wait_for 5 at_least 2 m.jsonl learned
	[ "$(event m.jsonl learned remote)" = "127.0.0.1:$(rtp_port p)" ]
	rtp far speech "$to" 12 0 66 71 160 20 160
	before=$(count p.out packet)
	wait_for 5 at_least $((before + 20)) p.out packet
	[ "$(count m.jsonl learned)" = 2 ]
}

# A phone that is muted, and sends no RTP, but RTCP.
@test "rtp: the described host's RTCP keeps strangers off, or sends them off" {
	rtp_start p
	rtp_start far 127.0.0.2
	bridge_start m rtp:127.0.0.1:0 tone:440
	sdp "127.0.0.1:$(rtp_port p)" 0=PCMU/8000 >p.sdp
	bridge m describe rtp - p.sdp
	wait_for 5 at_least 1 p.out packet
	rtp p rtcp "127.0.0.1:$(($(bridge_port m) + 1))" 80c9000100000001
	stranger_gets_nothing rtp
	bridge_start n rtp:127.0.0.1:0 tone:440
	bridge n describe rtp - p.sdp
	rtp far speech "127.0.0.1:$(bridge_port n)" 12 0 66 1 160 20 160
	wait_for 5 says n.jsonl learned
	rtp p rtcp "127.0.0.1:$(($(bridge_port n) + 1))" 80c9000100000001
	wait_for 5 at_least 2 n.jsonl learned
	[ "$(event n.jsonl learned remote)" = "127.0.0.1:$(rtp_port p)" ]
}

@test "srtp: what does not authenticate teaches nothing and is not heard" {
	secure_call
	rtp_start thief
	# the peer is silent: the best of moments for whoever wants its place
	rtp thief speech "$to" 100 0 77 1 160 5 160
	wait_for 5 at_least 1 m.jsonl stats '.rejected == 100'
	[ "$(event m.jsonl stats packets_in)" = 0 ]
	[ "$(count thief.out packet)" = 0 ]
	run ! says m.jsonl learned
	bridge a describe rtp a.sdp m.sdp
	wait_for 5 at_least 1 a.jsonl heard '.hz > 438 and .hz < 442'
}

@test "srtp: a call that was listened in on cannot be played again" {
	secure_call
	bridge a describe rtp a.sdp m.sdp
	wait_for 5 at_least 1 m.jsonl stats '.packets_in > 60'
	bridge a quit
	bridge_wait a 0
	before=$(event m.jsonl stats packets_in)
	wait_for 5 at_least 1 m.jsonl bye
	/usr/bin/python3 "$media_lib/replay.py" a.pcapng "$(bridge_port m)"
	wait_for 5 at_least 1 m.jsonl stats '.rejected + .duplicate > 60'
	after=$(event m.jsonl stats packets_in)
	((after <= before + 60)) # those of a's last second
	run ! says m.jsonl learned
}

@test "dtls: a ClientHello from elsewhere, first or later, is not answered" {
	bridge_start b dtls:b.sock,name=web tone:440
	bridge_start c dtls:c.sock,name=web tone:1000
	for name in b c; do
		local_sdp $name | sed "s/setup:actpass/setup:$(
			[ $name = b ] && echo passive || echo active)/" \
			>$name.sdp
	done
	hand_start h b.sock c.sock
	port=$(tail -n 1 h.out)
	rtp_start thief
	hello() # a real ClientHello from the thief's own socket
	{
		for hex in 16fefd0000000000000000000d0100000100000000000001fefd \
			16fefd000000000000000000360100002a000000000000002afefd"$(
				printf 'ab%.0s' {1..32})"000000040000c02b0100; do
			rtp thief hex "$port" "$hex"
		done
	}
	hello
	bridge b describe web b.sdp c.sdp
	hello
	bridge c describe web c.sdp b.sdp
	wait_for 8 at_least 1 b.jsonl heard '.hz > 980 and .hz < 1020'
	hello
	rtp thief speech "$port" 50 0 77 1 160 2 160
	wait_for 5 says thief.out sent
	wait_for 5 at_least 1 c.jsonl heard '.hz > 430 and .hz < 450'
	wait_for 5 at_least 3 b.jsonl heard '.hz > 980 and .hz < 1020'
	wait_for 5 at_least 1 b.jsonl stats ".rejected >= 56"
	[ "$(count thief.out packet)" = 0 ]
	[ "$(count thief.out other)" = 0 ]
	[ "$(count b.jsonl dtls '.state == "failed"')" = 0 ]
}
