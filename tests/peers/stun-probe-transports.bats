# stun-probe over TCP, TLS and DTLS, by URI and by DNS, at coturn.

bats_require_minimum_version 1.5.0

setup_file()
{
	load ../lib/ports
	load stun/turn-tls
	cd "$BATS_FILE_TMPDIR"
	turn_tls_start --lt-cred-mech --user u:p
	echo "$turn_pid" >turn_pid
}

teardown_file()
{
	kill "$(<"$BATS_FILE_TMPDIR/turn_pid")"
}

setup()
{
	load ../lib/dns
	cd "$BATS_FILE_TMPDIR"
	helper=
}

teardown()
{
	[ -z "$helper" ] || kill "$helper" 2>/dev/null || true
	dns_stop
	[ -z "${hole:-}" ] || kill "$hole" 2>/dev/null || true
}

@test "TCP, TLS and DTLS: where we are, and what it went over" {
	stun-probe --json -T tcp "$TURN" >report
	jq -e --arg at "$TURN" '.transport == "tcp" and .server == $at and
		.mapped == .local and .connect_ms >= 0 and .requests == 1' report
	for kind in tls dtls; do
		stun-probe --json -T $kind --ca cert.pem "$TURNS" >report
		jq -e --arg kind $kind '.transport == $kind and
			.mapped == .local and
			(.cipher | ascii_downcase | startswith($kind + "v1."))' \
			report
	done
}

@test "the server's certificate: who signed it, and for whom" {
	for kind in tls dtls; do
		run -77 stun-probe -T $kind "$TURNS"
		[[ $output == *"not trusted: self-signed certificate"* ]]
		run -77 stun-probe -T $kind --ca cert.pem --tls-name example.org \
			"$TURNS"
		[[ $output == *"is for localhost, 127.0.0.1, *.stun.test, not for example.org"* ]]
		run -0 stun-probe -T $kind --ca cert.pem --tls-name a.stun.test \
			"$TURNS"
		run -0 stun-probe -T $kind --no-verify --tls-name example.org \
			"$TURNS"
		run -66 stun-probe -T $kind --ca nowhere "$TURNS"
		run -65 stun-probe -T $kind --ca turn/log "$TURNS"
	done
}

@test "what is encrypted is in the clear in --pcap, and tshark reads it" {
	for kind in tcp tls dtls; do
		at=$TURNS
		[ $kind != tcp ] || at=$TURN
		stun-probe -T $kind --ca cert.pem --pcap $kind.pcapng "$at" \
			>/dev/null
		layer=$([ $kind = dtls ] && echo udp || echo tcp)
		tshark -r $kind.pcapng -d "$layer.port==${at##*:},stun" \
			-T fields -e stun.type 2>/dev/null >types
		printf '0x0001\n0x0101\n' | cmp - types
	done
}

@test "URIs of RFC 7064 and RFC 7065" {
	kind_of()
	{
		stun-probe --json --ca cert.pem "$@" | jq -r .transport
	}
	[ "$(kind_of "stun:$TURN")" = udp ]
	[ "$(kind_of "STUN:$TURN" -T tcp)" = tcp ]
	[ "$(kind_of "stuns:$TURNS")" = tls ]
	[ "$(kind_of "turn:$TURN?transport=tcp")" = tcp ]
	[ "$(kind_of "turns:$TURNS?transport=tcp")" = tls ]
	[ "$(kind_of "turns:$TURNS?transport=udp")" = dtls ]
	run -2 stun-probe "turn:$TURN?transport=carrier-pigeon"
	run -2 stun-probe -T sctp "$TURN"
	run -2 stun-probe --nat -T tcp "$TURN"
	[[ $output == *"--nat is about UDP"* ]]
}

@test "DNS: SRV where no port is given, then A; and who says there is none" {
	dns_start "address=/host.stun.test/127.0.0.1" \
		"srv-host=_stun._udp.stun.test,host.stun.test,${TURN##*:}" \
		"srv-host=_stun._tcp.stun.test,host.stun.test,${TURN##*:}" \
		"srv-host=_stuns._tcp.a.stun.test,host.stun.test,${TURNS##*:}" \
		srv-host=_stun._udp.none.test
	probe()
	{
		stun-probe --resolver "$DNS" --timeout 5 --json "$@"
	}
	probe stun.test | jq -e --arg at "$TURN" '.server == $at'
	probe stun.test -T tcp | jq -e '.transport == "tcp"'
	# the certificate must be for the name that was asked for
	probe stuns:a.stun.test --ca cert.pem |
		jq -e --arg at "$TURNS" '.server == $at and .transport == "tls"'
	probe "stun:host.stun.test:${TURN##*:}" | jq -e .mapped
	run -69 probe none.test
	[[ $output == *"no such service"* ]]
	run -69 probe "nobody.stun.test:1"
	[[ $output == "stun-probe: nobody.stun.test: "* ]]
	run -2 probe --resolver "what?" stun.test
}

@test "DNS: of several records and addresses, one that answers" {
	dead=$(free_port)
	silent=$(free_port)
	socat -u "UDP4-RECV:$silent,bind=127.0.0.1" OPEN:/dev/null 3>&- &
	hole=$!
	# the silent one comes first, then one that is closed
	printf '127.0.0.1 host.stun.test\n127.0.0.9 two.stun.test\n127.0.0.1 two.stun.test\n' >hosts
	dns_start "addn-hosts=$PWD/hosts" \
		"srv-host=_stun._udp.stun.test,host.stun.test,${TURN##*:},30" \
		"srv-host=_stun._udp.stun.test,host.stun.test,$dead,20" \
		"srv-host=_stun._udp.stun.test,host.stun.test,$silent,10" \
		"srv-host=_stun._tcp.stun.test,host.stun.test,$dead,10" \
		"srv-host=_stun._tcp.stun.test,host.stun.test,${TURN##*:},20" \
		"srv-host=_turn._udp.stun.test,host.stun.test,$dead,10" \
		"srv-host=_turn._udp.stun.test,host.stun.test,${TURN##*:},20"
	probe()
	{
		stun-probe --resolver "$DNS" --silence 2 --json "$@"
	}
	probe stun.test >report
	jq -e --arg at "$TURN" '.server == $at and .mapped' report
	jq -e --arg dead "127.0.0.1:$dead" --arg silent "127.0.0.1:$silent" '
		[.before[].server] == [$silent, $dead] and
		(.before[0].error | test("no answer")) and
		(.before[1].error | test("nothing listens"))' report
	probe stun.test -T tcp | jq -e --arg at "$TURN" '.server == $at and
		(.before | length == 1)'
	# of one host, in either order that DNS gives them
	probe "two.stun.test:${TURN##*:}" | jq -e .mapped
	# each mode takes the one that answers
	probe --nat stun.test | jq -e --arg at "$TURN" '.server == $at'
	echo p >password
	probe --turn --user u --password-file password --packets 1 stun.test |
		jq -e --arg at "$TURN" '.server == $at and .works'
	# none does: each is named
	kill "$hole"
	run -69 --separate-stderr probe --timeout 3 "two.stun.test:$dead"
	[ "$(grep -c 'nothing listens there' <<<"$stderr")" = 2 ]
}

# A server of stun/stream.py; sets $at.
serve()
{
	[ -z "$helper" ] || kill "$helper"
	: >port
	/usr/bin/python3 "$BATS_TEST_DIRNAME/stun/stream.py" "$1" >port 3>&- &
	helper=$!
	wait_for 10 test -s port
	at=127.0.0.1:$(<port)
}

@test "over TCP: silence, a stream that is no STUN, and an end" {
	serve silent
	run -69 stun-probe -T tcp --timeout 0.8 "$at"
	# sent once, not again: RFC 8489 section 6.2.2
	[[ $output == *"no answer to 1 request in "* ]]
	run -69 stun-probe -T tls --timeout 0.5 "$at"
	[[ $output == *"no connection in "* ]]
	serve http
	run -76 stun-probe -T tcp --timeout 5 "$at"
	[[ $output == *"what comes back is not STUN"* ]]
	run -76 stun-probe -T tls --timeout 5 "$at"
	[[ $output == *"does not speak TLS"* ]]
	serve closes
	run -69 stun-probe -T tcp --timeout 5 "$at"
	[[ $output == *"closed the connection"* ]] ||
		[[ $output == *"Connection reset"* ]]
	run -69 stun-probe -T dtls --timeout 5 "127.0.0.1:$(free_port)"
	[[ $output == *"nothing listens there"* ]]
}

@test "an answer in small pieces is one message" {
	serve pieces
	stun-probe -T tcp --timeout 5 --json "$at" |
		jq -e '.mapped == "192.0.2.7:7"'
}
