#!/usr/bin/env bats
# What rtp-bridge put on the wire, as tshark reads its --pcap.

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

# tshark's fields $2... of the packets that filter $1 takes.
fields()
{
	local filter=$1 field
	local -a of=()

	shift
	for field; do
		of+=(-e "$field")
	done
	tshark -r b.pcapng -d "udp.port==$port,rtp" \
		-d "udp.port==$((port + 1)),rtcp" -Y "$filter" -T fields \
		"${of[@]}"
}

@test "RTCP says the SSRC, the loss and the CNAME" {
	bridge_start b --pcap b.pcapng rtp:127.0.0.1:0 echo:
	rtp_start p
	port=$(bridge_port b)
	sdp "127.0.0.1:$(rtp_port p)" 0=PCMU/8000 >p.sdp
	bridge b describe rtp - p.sdp
	rtp p speech "127.0.0.1:$port" 30 0 77 1 160 5 160
	# 10 of the 70 are lost
	rtp p speech "127.0.0.1:$port" 30 0 77 41 6560 5 160
	wait_for 10 at_least 60 p.out packet
	bridge b quit
	bridge_wait b 0
	ssrc=$(fields "rtp && udp.srcport == $port" rtp.ssrc | sort -u)
	[ "$(wc -l <<<"$ssrc")" = 1 ]
	fields "rtcp && udp.srcport == $((port + 1))" rtcp.senderssrc \
		rtcp.ssrc.identifier rtcp.ssrc.cum_nr rtcp.sdes.text | tail -1 >last
	[[ $(cut -f 1 last) == *"$ssrc"* ]]
	[[ $(cut -f 2 last) == *0x0000004d* ]]
	[ "$(cut -f 3 last)" = 10 ]
	[[ $(cut -f 4 last) =~ [0-9a-f]{24} ]]
	# it ends with a BYE
	[[ $(fields "rtcp && udp.srcport == $((port + 1))" rtcp.pt | tail -1) == \
		*203* ]]
}
