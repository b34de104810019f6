# stun-probe at a real STUN server: coturn.

setup()
{
	load ../lib/ports
	load ice/turn
	cd "$BATS_TEST_TMPDIR"
}

teardown()
{
	turn_stop
}

@test "coturn over IPv4" {
	turn_start
	stun-probe --json "$TURN" >report
	jq -e --arg server "$TURN" '.server == $server and .nat == false and
		.mapped == .local and .response_origin == $server and
		(.software | startswith("Coturn"))' report
}

@test "coturn over IPv6, in the clear and explained" {
	turn_start --listening-ip ::1
	stun-probe -v --json "[::1]:${TURN##*:}" >report 2>explained
	jq -e '.mapped == .local and (.mapped | startswith("[::1]:"))' report
	grep -q 'XOR-MAPPED-ADDRESS, 20 bytes' explained
	grep -q "$(jq -r .mapped report | sed 's/[][]/\\&/g'), XORed" explained
	grep -q 'OTHER-ADDRESS, 20 bytes  \[RFC 5780 7.4\]' explained
}

@test "what tshark reads in it is what we say" {
	turn_start
	stun-probe --pcap p.pcapng --json "$TURN" >report
	tshark -r p.pcapng -d "udp.port==${TURN##*:},stun" -Y stun.type==0x0101 \
		-T fields -e stun.att.ipv4 -e stun.att.port >seen 2>/dev/null
	grep -q "^127.0.0.1" seen
	grep -q "$(jq -r .mapped report | sed 's/.*://')" seen
	# tshark checks the FINGERPRINT of request and answer too
	[ "$(tshark -r p.pcapng -d "udp.port==${TURN##*:},stun" \
		-T fields -e stun.att.crc32.status 2>/dev/null |
		grep -c 1)" = 2 ]
}
