#!/usr/bin/env bats
# Which targets a URI has, and in which order they are tried (RFC 3263): DNS by
# dnsmasq, Kamailio and SIPp at the targets.

bats_require_minimum_version 1.5.0
load ../lib/sip-dial
load ../lib/kamailio
load ../lib/sipp
load ../lib/certs
load ../lib/dns

setup()
{
	cd "$BATS_TEST_TMPDIR" || exit
	phone_sdp >offer.sdp
	certs_ca
	certs_make server DNS:test,DNS:naptr.test,DNS:secure.test
	kamailio_start --tls "$PWD/server.pem" "$PWD/server.key" ""
	tls=${KAMAILIO_TLS##*:}
	dead=$(free_port 1)
}

teardown()
{
	[ -z "${dial:-}" ] || kill "$dial" 2>/dev/null || true
	sipp_stop
	kamailio_stop
	dns_stop
}

# Call, be refused by Kamailio, and have tried these, in this order.
tries()
{
	local uri=$1

	shift
	rm -f events
	sip-dial --events events --timeout 15 --resolver "$DNS" --ca ca.pem \
		"$uri" <offer.sdp 2>said 3>&- &
	dial=$!
	dialled 1
	grep -q ': 486 As Asked' said
	run jq -r 'select(.event == "calling") | .to' events
	[ "$output" = "$(printf '127.0.0.1:%s\n' "$@")" ]
}

@test "SRV: the priorities in turn; a dead target gives way" {
	dns_start host-record=pbx.test,127.0.0.1 \
		"srv-host=_sip._udp.test,pbx.test,$KAMAILIO_PORT,20,0" \
		"srv-host=_sip._udp.test,pbx.test,$dead,10,0"
	tries sip:status-486@test "$dead" "$KAMAILIO_PORT"
	event_is '.event == "failover" and .transport == "UDP" and
		.from == "127.0.0.1:'"$dead"'" and
		.reason == "Connection refused"'
	# without a transport it asks for NAPTR first (4.1)
	[ "$(dns_asked | head -n 1)" = "NAPTR test" ]
}

@test "503 gives way too, other refusals do not (4.3)" {
	sed 's/486 Busy Here/503 Service Unavailable/' \
		"$BATS_TEST_DIRNAME/sipp/uas-final.xml" >503.xml
	sipp_start full -sf "$PWD/503.xml" -m 1
	dns_start host-record=pbx.test,127.0.0.1 \
		"srv-host=_sip._udp.test,pbx.test,$(sipp_port full),10,0" \
		"srv-host=_sip._udp.test,pbx.test,$KAMAILIO_PORT,20,0" \
		"srv-host=_sip._udp.test,pbx.test,$dead,30,0"
	tries sip:status-486@test "$(sipp_port full)" "$KAMAILIO_PORT"
	sipp_wait full
}

@test "NAPTR says which transport; from a bad certificate there is no way to UDP" {
	dns_start host-record=pbx.test,127.0.0.1 \
		naptr-record=naptr.test,20,10,s,SIP+D2U,,_sip._udp.test \
		naptr-record=naptr.test,10,10,s,SIPS+D2T,,_sips._tcp.test \
		naptr-record=other.test,20,10,s,SIP+D2U,,_sip._udp.test \
		naptr-record=other.test,10,10,s,SIPS+D2T,,_sips._tcp.test \
		"srv-host=_sips._tcp.test,pbx.test,$tls,10,0" \
		"srv-host=_sip._udp.test,pbx.test,$KAMAILIO_PORT,10,0"
	tries sip:status-486@naptr.test "$tls"
	run -77 --separate-stderr sip-dial --resolver "$DNS" --ca ca.pem \
		sip:status-486@other.test <offer.sdp
	[[ $stderr == *"not for other.test"* ]]
}

@test "a transport that is given: its SRV alone; sips: that of TLS" {
	dns_start host-record=pbx.test,127.0.0.1 \
		"srv-host=_sip._udp.test,pbx.test,$dead,10,0" \
		"srv-host=_sip._tcp.test,pbx.test,$KAMAILIO_PORT,10,0" \
		"srv-host=_sips._tcp.secure.test,pbx.test,$tls,10,0"
	tries "sip:status-486@test;transport=tcp" "$KAMAILIO_PORT"
	run ! grep -q . <(dns_asked | grep -v '^SRV _sip._tcp.test$' |
		grep -v '^A* pbx.test$')
	tries sips:status-486@secure.test "$tls"
}

@test "a port that is given, an address: no SRV is asked for" {
	dns_start host-record=pbx.test,127.0.0.1 \
		"srv-host=_sip._udp.pbx.test,pbx.test,$dead,10,0"
	tries "sip:status-486@pbx.test:$KAMAILIO_PORT" "$KAMAILIO_PORT"
	tries "sip:status-486@$KAMAILIO" "$KAMAILIO_PORT"
	run ! grep -q 'SRV\|NAPTR' <(dns_asked)
}

@test "several addresses of a name, tried in turn" {
	dns_start host-record=two.test,127.0.0.2 host-record=two.test,127.0.0.1
	sip-dial --events events --resolver "$DNS" --tcp \
		"sip:status-486@two.test:$KAMAILIO_PORT" <offer.sdp 2>said 3>&- &
	dial=$!
	dialled 1
	grep -q ': 486 As Asked' said
}

@test "no such name, no such server, and who is asked by the environment" {
	dns_start host-record=pbx.test,127.0.0.1
	SIP_RESOLVER=$DNS run -69 --separate-stderr sip-dial sip:x@none.test \
		<offer.sdp
	[[ $stderr == "sip-dial: sip:x@none.test: no address found"* ]]
	run -69 --separate-stderr sip-dial --resolver "127.0.0.1:$dead" \
		--timeout 2 sip:x@pbx.test <offer.sdp
	[[ $stderr == *"no answer from DNS"* ]]
	run -2 --separate-stderr sip-dial --resolver here sip:x@pbx.test \
		<offer.sdp
	[[ $stderr == *"--resolver here: not an address"* ]]
}
