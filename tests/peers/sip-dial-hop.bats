#!/usr/bin/env bats
# In a call, a next hop that is a name (Route or Contact) is found as RFC 3263
# has it: DNS by dnsmasq; SIPp and Kamailio are where it leads.

bats_require_minimum_version 1.5.0
load ../lib/sip-dial
load ../lib/sipp
load ../lib/kamailio
load ../lib/baresip
load ../lib/dns

setup()
{
	cd "$BATS_TEST_TMPDIR" || exit
	phone_sdp >offer.sdp
	mkfifo control
}

teardown()
{
	[ -z "${dial:-}" ] || kill "$dial" 2>/dev/null || true
	[ -z "${line:-}" ] || kill "$line" 2>/dev/null || true
	[ -z "${line:-}" ] || wait "$line" || true
	baresip_stop
	sipp_stop
	kamailio_stop
	dns_stop
}

dial()
{
	timeout 60 sip-dial --events events --trace trace --control control \
		--resolver "$DNS" "$@" <offer.sdp >answer.sdp 2>said 3>&- &
	dial=$!
}

# SIPp answers at 127.0.0.1 and says that it is at phone.test; $1 more headers.
phone()
{
	sipp_play peer "${@:2}" <<-END
		recv INVITE
		send 180 Ringing
		  tag a
		send 200 OK
		  tag a
		  Contact: <sip:bob@phone.test${param:-}>
		  ${1:-Subject: none}
		  sdp 30000
		recv ACK
		recv BYE
		send 200 OK
	END
	port=$(sipp_port peer)
}

# Call it, and hang up: the ACK and the BYE have gone to these ports, in turn.
calls_and_hangs_up()
{
	dial "sip:bob@127.0.0.1:$port"
	event '.event == "established"'
	sipp_came peer '^ACK '
	echo hangup >control
	dialled 0
	sipp_wait peer
}

sipp_came()
{
	wait_for 20 grep -q "$2" "$(sipp_messages "$1")"
}

# To which ports these went: hops ACK
hops()
{
	jq -r --arg method "$1" 'select(.event == "message" and
		.direction == "out" and (.summary | startswith($method))) |
		.remote' trace | sed 's/.*://' | uniq
}

@test "a Contact that is a name: its SRV records, asked for once" {
	phone
	dns_start host-record=pc.test,127.0.0.1 \
		"srv-host=_sip._udp.phone.test,pc.test,$port,10,0"
	calls_and_hangs_up
	[ "$(hops ACK) $(hops BYE)" = "$port $port" ]
	[ "$(dns_asked | head -n 1)" = 'NAPTR phone.test' ]
	[ "$(grep -c 'query.SRV. _sip._udp.phone.test' "$DNS_LOG")" = 1 ]
}

@test "a Route that is a name: NAPTR, SRV, and a dead target gives way" {
	local dead

	dead=$(free_port)
	phone 'Record-Route: <sip:proxy.test;lr>'
	dns_start host-record=pc.test,127.0.0.1 \
		naptr-record=proxy.test,10,10,s,SIP+D2U,,_sip._udp.two.test \
		"srv-host=_sip._udp.two.test,pc.test,$dead,10,0" \
		"srv-host=_sip._udp.two.test,pc.test,$port,20,0"
	calls_and_hangs_up
	[ "$(hops ACK | tr '\n' ' ')" = "$dead $port " ]
	[ "$(hops BYE)" = "$port" ]
	event_is '.event == "failover" and .transport == "UDP"'
	grep -q '^Route: <sip:proxy.test;lr>' "$(sipp_messages peer)"
}

@test "one that says 503 to a BYE gives way to the next (4.3)" {
	sipp_play full <<-'END'
		recv ACK
		recv BYE
		send 503 Service Unavailable
	END
	phone
	dns_start host-record=pc.test,127.0.0.1 \
		"srv-host=_sip._udp.phone.test,pc.test,$(sipp_port full),10,0" \
		"srv-host=_sip._udp.phone.test,pc.test,$port,20,0"
	dial "sip:bob@127.0.0.1:$port"
	event '.event == "established"'
	sipp_came full '^ACK '
	echo hangup >control
	dialled 0
	[ "$(hops BYE | tr '\n' ' ')" = "$(sipp_port full) $port " ]
}

@test "from UDP by TCP, where NAPTR says so" {
	phone '' -t t1
	sipp_play first <<-END
		recv INVITE
		send 200 OK
		  tag a
		  Contact: <sip:bob@phone.test>
		  sdp 30000
		pause 30000
	END
	dns_start host-record=pc.test,127.0.0.1 \
		naptr-record=phone.test,10,10,s,SIP+D2T,,_sip._tcp.phone.test \
		"srv-host=_sip._tcp.phone.test,pc.test,$port,10,0"
	dial "sip:bob@127.0.0.1:$(sipp_port first)"
	event '.event == "established"'
	sipp_came peer '^Via: SIP/2.0/TCP'
	grep -q '^ACK sip:bob@phone.test SIP' "$(sipp_messages peer)"
}

@test "over a line: the same, for the transport of the line" {
	sip-register --no-register --listen 127.0.0.1:0 --line sock \
		>line 2>line.err 3>&- &
	line=$!
	wait_for 5 test -S sock
	phone
	dns_start host-record=pc.test,127.0.0.1 \
		"srv-host=_sip._tcp.phone.test,pc.test,9,1,0" \
		"srv-host=_sip._udp.phone.test,pc.test,$port,10,0"
	dial --line sock "sip:bob@127.0.0.1:$port"
	event '.event == "established"'
	sipp_came peer '^ACK '
	echo hangup >control
	dialled 0
	sipp_wait peer
	[ "$(dns_asked | head -n 1)" = 'SRV _sip._udp.phone.test' ]
}

@test "the answerer says BYE to a caller whose Contact is a name" {
	local at

	dns_start host-record=pc.test,127.0.0.1 \
		"srv-host=_sip._udp.caller.test,pc.test,$((port = $(free_port))),1,0"
	dial --answer --listen 127.0.0.1:0
	event '.event == "listening"'
	at=$(jq -r 'select(.event == "listening") | .address' events)
	SIPP_PORT=$port sipp_play peer "$at" <<-'END'
		send INVITE
		  Contact: <sip:alice@caller.test>
		  sdp 30000
		recv? 100
		recv? 180
		recv 200
		send ACK
		recv BYE
		send 200 OK
	END
	event '.event == "established"'
	echo hangup >control
	dialled 0
	sipp_wait peer
	[ "$(hops BYE)" = "$port" ]
}

@test "no such name: it is said, and the call can still be ended" {
	phone
	dns_start host-record=pc.test,127.0.0.1
	dial "sip:bob@127.0.0.1:$port"
	event '.event == "established"'
	wait_for 10 grep -q 'sip:bob@phone.test: ' said
	echo hangup >control
	dialled 0
}

@test "Kamailio that is a name in its Record-Route: baresip is called by it" {
	kamailio_start --route pbx.test
	baresip_start 200 --at "$KAMAILIO" --password word-200
	dns_start host-record=pc.test,127.0.0.1 \
		"srv-host=_sip._udp.pbx.test,pc.test,$KAMAILIO_PORT,10,0"
	SIP_PASSWORD=secret-100 dial --proxy "$KAMAILIO" --from sip:100@pbx \
		--user 100 sip:200@pbx
	event '.event == "established" and .routes == 1'
	baresip_wait 200 'Call established'
	echo hangup >control
	dialled 0
	baresip_wait 200 'session closed|terminated'
	[ "$(hops BYE)" = "$KAMAILIO_PORT" ]
}
