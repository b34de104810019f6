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

# The section of leg $2 in the fragment of bridge $1 as a description of Opus
# and PCMU.
as_sdp()
{
	printf '%s\r\n' v=0 'o=- 1 1 IN IP4 127.0.0.1' s=- 't=0 0'
	awk -v mid="a=mid:$2" '
		function done() { if (take) printf "%s", section }
		/^m=/ { done(); section = ""; take = 0 }
		{ section = section $0 "\n" }
		index($0, mid "\r") == 1 { take = 1 }
		END { done() }' "$1.frag" |
		sed "s/^\(m=.*\) 0\r\$/\1 111 0\r/"
	printf 'a=rtpmap:111 opus/48000/2\r\n'
}

# Of the streams that tshark sees by itself: SSRC, coding, packets, lost.
streams()
{
	tshark -q -z rtp,streams -r b.pcapng 2>/dev/null |
		awk '$7 ~ /^0x/ { print $7, $8, $9, $10 }' | sort
}

# A call between a phone and a browser, which is another bridge; b has it all.
call_captured() # dtls, srtp; its options
{
	bridge_start b --pcap b.pcapng "$1:127.0.0.1:0,name=web$2" \
		rtp:127.0.0.1:0,name=sip
	bridge_start web "$1:127.0.0.1:0,name=web$2" tone:440
	rtp_start p
	as_sdp b web | sed 's/setup:actpass/setup:active/' >b.sdp
	as_sdp web web | sed 's/setup:actpass/setup:passive/' >web.sdp
	sdp "127.0.0.1:$(rtp_port p)" 0=PCMU/8000 101=telephone-event/8000 \
		>p.sdp
	bridge web describe web web.sdp b.sdp
	bridge b describe web b.sdp web.sdp
	bridge b describe sip - p.sdp
	wait_for 10 at_least 20 p.out packet
	rtp p speech "127.0.0.1:$(bridge_port b sip)" 50 0 77 1 160 20 160
	wait_for 10 at_least 1 web.jsonl stats '.packets_in > 40'
	wait_for 10 at_least 100 p.out packet
	# a report each way, at random times (RFC 3550 6.3): of the goodbyes
	# b's may find nobody
	wait_for 20 at_least 1 web.jsonl stats '.rtt_ms != null'
	bridge web quit
	bridge_wait web 0
	bridge b quit
	bridge_wait b 0
}

# From $2 to $3 packets of the interface "clear" are like filter $1.
clear()
{
	local n

	n=$(tshark -r b.pcapng -Y "frame.interface_name == \"clear\" && $1" \
		2>/dev/null | wc -l)
	[ "$n" -ge "$2" ] && [ "$n" -le "$3" ]
}

# A direction is a stream on each leg, and another time where it was encrypted.
@test "a DTLS-SRTP call: clear and encrypted are told apart, and both are RTP" {
	call_captured dtls ''
	streams >seen
	cat seen
	[ "$(wc -l <seen)" = 6 ]
	[ "$(awk '$4 != 0' seen)" = "" ]
	# as many packets of each copy, and named by what was described
	grep -q opus seen
	awk '{ n[$1]++ } n[$1] == 2 && $3 != of[$1] { exit 1 }
		{ of[$1] = $3 }' seen
	clear 'rtp && srtp.enc_payload' 0 0
	clear 'rtp && rtp.payload' 100 1000
	clear rtcp 2 1000
}

@test "an SRTP call: what was encrypted is a stream of its own" {
	call_captured srtp ,suite=AES_CM_128_HMAC_SHA1_80
	streams >seen
	cat seen
	[ "$(wc -l <seen)" = 4 ]
	[ "$(awk '$4 != 0' seen)" = "" ]
	encrypted=$(bridge_port b web)
	tshark -q -z rtp,streams -r b.pcapng -d "udp.port==$encrypted,rtp" \
		2>/dev/null | awk '$7 ~ /^0x/ && $10 != 0' >bad
	[ ! -s bad ]
}
