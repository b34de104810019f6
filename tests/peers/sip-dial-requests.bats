#!/usr/bin/env bats
# sip-dial --method with sipsak, SIPp, baresip and Kamailio, also over a line,
# and Routes through Kamailio.
#
# Each test is a shell of its own to bats:
# shellcheck disable=SC2030,SC2031

bats_require_minimum_version 1.5.0
load ../lib/sip-dial
load ../lib/sipp
load ../lib/kamailio
load ../lib/baresip
load ../lib/dns
load ../lib/certs

setup()
{
	cd "$BATS_TEST_TMPDIR" || exit
	peers=$BATS_TEST_DIRNAME/sipp
	phone_sdp >offer.sdp
	mkfifo control
	dial='' line=''
}

teardown()
{
	[ -z "$dial" ] || kill "$dial" 2>/dev/null || true
	[ -z "$line" ] || kill "$line" 2>/dev/null || true
	[ -z "$line" ] || wait "$line" 2>/dev/null || true
	baresip_stop
	sipp_stop
	kamailio_stop
	[ -z "${DNS_PID:-}" ] || dns_stop
}

# In the background, with its product in the file out.
stay()
{
	timeout 60 sip-dial --events events --trace trace --control control \
		"$@" <"${input:-/dev/null}" >out 2>said 3>&- &
	dial=$!
}

receiver()
{
	stay --answer --listen 127.0.0.1:0 "$@"
	event '.event == "listening"'
	at=$(jq -r 'select(.event == "listening") | .address' events)
}

# Its own -M falls over its feet (0.9.8.1): the request is written for it.
sipsak_message()
{
	printf '%s\r\n' "MESSAGE sip:bob@$at SIP/2.0" \
		'From: <sip:alice@127.0.0.1>;tag=1' "To: <sip:bob@$at>" \
		"Call-ID: $RANDOM@127.0.0.1" 'CSeq: 1 MESSAGE' \
		'Content-Type: text/plain' 'Max-Forwards: 70' \
		"Content-Length: ${#1}" '' >message
	printf %s "$1" >>message
	sipsak -f message -s "sip:bob@$at"
}

@test "sipsak sends a MESSAGE and an OPTIONS" {
	receiver --method MESSAGE
	sipsak -s "sip:bob@$at"
	sipsak_message 'lunch, perhaps?'
	dialled 0
	[ "$(<out)" = 'lunch, perhaps?' ]
}

@test "what baresip can do, and a message that it shows" {
	baresip_start bob
	sip-dial --method OPTIONS "$(baresip_uri bob)" >can
	grep -qi '^allow: INVITE' can
	echo 'hello, baresip' | sip-dial --method MESSAGE "$(baresip_uri bob)"
	baresip_wait bob 'hello, baresip'
}

@test "baresip watches our presence, and hears when it changes" {
	local open closed

	open='<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="sip:me@pbx">
		<tuple id="a"><status><basic>open</basic></status></tuple></presence>'
	closed=${open/open/closed}
	echo "$open" >pidf.xml
	input=pidf.xml receiver --method SUBSCRIBE --package presence
	baresip_start bob --watch "\"Me\" <sip:me@$at>;presence=p2p"
	event '.event == "subscriber"' 20
	baresip_wait bob '<basic>open<'
	jq -nc --arg body "$closed" '{command: "notify", body: $body}' >control
	baresip_wait bob 'changed status from .*Online.* to .*Offline'
	baresip_stop bob
	kill "$dial"
	dialled 0
}

@test "a server that ends the subscription: later, anew, and for good" {
	sipp_start peer -sf "$peers/uas-subscribe.xml" -m 1
	stay --method SUBSCRIBE --package presence --json \
		"sip:bob@127.0.0.1:$(sipp_port peer)"
	dialled 1
	sipp_wait peer
	[ "$(jq -r .body out | tr -s '\r\n' ' ')" = 'first second third fourth ' ]
	event_is '.event == "notify" and .reason == "probation"'
	event_is '.event == "notify" and .reason == "deactivated"'
	grep -q 'the subscription was ended: noresource' said
}

@test "302: Kamailio sends a MESSAGE elsewhere, and it arrives there" {
	sipp_play phone <<-'END'
		recv MESSAGE
		  ~CSeq: 2 MESSAGE
		  ~lunch, perhaps
		send 200 OK
		  tag p
	END
	kamailio_start
	echo 'lunch, perhaps?' | sip-dial --method MESSAGE --events events \
		--proxy "$KAMAILIO" --from sip:alice@elsewhere.test \
		"sip:moved-$(sipp_port phone)@pbx"
	sipp_wait phone
	event_is '.event == "redirected" and .status == 302'
	grep -q "^MESSAGE sip:fork@127.0.0.1:$(sipp_port phone) SIP" \
		"$(sipp_messages phone)"
	[ "$(grep -c ^Route: "$(sipp_messages phone)")" = 0 ]
}

# SIPp NAME answers METHOD with 302 to these ports, the best last.
elsewhere()
{
	local name=$1 method=$2 port q=0

	shift 2
	{
		echo "recv $method"
		echo 'send 302 Moved Temporarily'
		echo "  tag $name"
		for port; do
			echo "  Contact: <sip:bob@127.0.0.1:$port>;q=0.$((++q))"
		done
	} >"$name.short"
	sipp_play "$name" <"$name.short"
}

@test "302 to PUBLISH and OPTIONS: by q, on after a refusal, or not at all" {
	sipp_play yes <<-'END'
		recv PUBLISH
		  ~Expires: 3600
		  ~open
		send 200 OK
		  tag y
		  SIP-ETag: e1
		  Expires: 60
	END
	sipp_play no <<-'END'
		recv PUBLISH
		send 503 Service Unavailable
		  tag n
	END
	elsewhere peer PUBLISH "$(sipp_port yes)" "$(sipp_port no)"
	echo open | sip-dial --method PUBLISH --package presence \
		--events events "sip:bob@127.0.0.1:$(sipp_port peer)" >out
	[ "$(<out)" = e1 ]
	sipp_wait no
	sipp_wait yes
	elsewhere peer OPTIONS 9
	run -1 --separate-stderr sip-dial --method OPTIONS --redirects 0 \
		"sip:bob@127.0.0.1:$(sipp_port peer)"
	[[ $stderr == *'302 Moved Temporarily'* ]]
}

@test "two that redirect a request to each other: it ends with 1" {
	local a

	a=$(free_port)
	elsewhere other OPTIONS "$a"
	SIPP_PORT=$a elsewhere peer OPTIONS "$(sipp_port other)"
	run -1 --separate-stderr timeout 20 sip-dial --method OPTIONS \
		--events events "sip:bob@127.0.0.1:$a"
	[[ $stderr == *'302 Moved Temporarily'* ]]
	sipp_wait peer
	sipp_wait other
	[ "$(jq -s 'map(select(.event == "redirected")) | length' events)" = 1 ]
}

@test "a ping stays where it was sent; its next is bounded anew" {
	sipp_play phone <<-'END'
		recv OPTIONS
		send 200 OK
		  tag p
		recv OPTIONS
		send 200 OK
		  tag p
		recv OPTIONS
		send 200 OK
		  tag p
	END
	elsewhere peer OPTIONS "$(sipp_port phone)"
	sip-dial --method OPTIONS --count 3 --interval 0.1 --redirects 1 \
		"sip:bob@127.0.0.1:$(sipp_port peer)"
	sipp_wait phone
}

@test "a REFER without a call: what they tell of it, and how it ended" {
	sipp_start peer -sf "$peers/uas-refer.xml" -m 2
	timeout 20 sip-dial --method REFER --refer-to sip:200@c.test \
		"sip:bob@127.0.0.1:$(sipp_port peer)" >told
	[ "$(tr -s '\r\n' ' ' <told)" = \
		'SIP/2.0 180 Ringing SIP/2.0 200 As Asked ' ]
	run -1 timeout 20 sip-dial --method REFER --refer-to sip:486@c.test \
		"sip:bob@127.0.0.1:$(sipp_port peer)"
	sipp_wait peer
	# this one does not take it outside of a call
	baresip_start bob
	run -1 --separate-stderr timeout 20 sip-dial --method REFER \
		--refer-to sip:486@c.test "$(baresip_uri bob)"
	[[ $stderr == *'501 Not Implemented'* ]]
}

@test "over a line: MESSAGE both ways, OPTIONS and a subscription" {
	sip-register --no-register --listen 127.0.0.1:0 --line sock \
		--trace line.trace >line 2>line.err 3>&- &
	line=$!
	wait_for 5 test -S sock
	wait_for 5 grep -q listening line
	at=$(jq -r 'select(.event == "listening") | .address' line)
	run -1 --separate-stderr timeout 20 sip-dial --method MESSAGE \
		"sip:bob@$at" <<<'nobody takes it'
	[[ $stderr == *'405'* ]]
	stay --answer --line sock --method MESSAGE --count 2
	wait_for 5 grep -q dial-connected line
	until timeout 20 sip-dial --method MESSAGE "sip:bob@$at" <<<'one'; do
		sleep 0.1 # until its take has come
	done
	sipsak_message two
	dialled 0
	[ "$(<out)" = $'one\ntwo' ]
	receiver --method MESSAGE
	timeout 20 sip-dial --line sock --method OPTIONS "sip:bob@$at" >can
	grep -q '^Allow: OPTIONS, MESSAGE' can
	timeout 20 sip-dial --line sock --method MESSAGE "sip:bob@$at" <<<'three'
	dialled 0
	[ "$(<out)" = three ]
	sipp_start peer -sf "$peers/uas-subscribe.xml" -m 1
	run -1 --separate-stderr timeout 30 sip-dial --line sock \
		--method SUBSCRIBE --package presence \
		"sip:bob@127.0.0.1:$(sipp_port peer)"
	sipp_wait peer
	[ "$(tr -s '\r\n' ' ' <<<"$output")" = 'first second third fourth ' ]
}

@test "a Route set through Kamailio, and by its Record-Route to the end" {
	kamailio_start
	baresip_start bob
	input=offer.sdp stay --route "sip:$KAMAILIO;lr" --expect 2xx \
		"$(baresip_uri bob)"
	event '.event == "established" and .routes == 1'
	echo 'message by the route' >control
	event '.event == "message-sent"'
	echo hangup >control
	dialled 0
	# each request went to Kamailio, with a Route to it
	jq -s --arg hop "$KAMAILIO" -e 'map(select(.event == "message" and
		.direction == "out" and (.summary | test("^[A-Z]+ sip:")))) |
		length >= 4 and all(.remote == $hop) and
		all(.raw | test("Route: <sip:[^>]*;lr"))' trace
}

@test "over a line: an attended transfer, both ends of the calls to it" {
	sip-register --no-register --listen 127.0.0.1:0 --line sock \
		>line 2>line.err 3>&- &
	line=$!
	wait_for 5 test -S sock
	wait_for 5 grep -q listening line
	at=$(jq -r 'select(.event == "listening") | .address' line)
	# carol is called over the line, and bob may be transferred to her
	timeout 30 sip-dial --answer --line sock --events carol <offer.sdp \
		>carol.sdp 2>said.carol 3>&- &
	carol=$!
	wait_for 5 grep -q dial-connected line
	input=offer.sdp stay "sip:carol@$at"
	event '.event == "established"'
	right=$(jq -r 'select(.event == "established") |
		"\(.call_id);to-tag=\(.remote_tag);from-tag=\(.local_tag)"' \
		events)
	timeout 20 sip-dial --expect 481 --header "Replaces: x$right" \
		"sip:carol@$at" <offer.sdp 2>said.bob
	timeout 20 sip-dial --header "Replaces: $right" --events bob \
		"sip:carol@$at" <offer.sdp >bob.sdp 2>said.bob 3>&- &
	bob=$!
	dialled 0
	event_is '.event == "ended" and .by == "them"'
	wait_for 5 grep -q '"established"' bob
	kill "$bob"
	wait "$bob"
	wait "$carol"
	[ "$(grep -c '"established"' carol)" = 2 ]
}

@test "over a line: a REFER is followed on the same flow" {
	sip-register --no-register --listen 127.0.0.1:0 --line sock \
		--trace line.trace >line 2>line.err 3>&- &
	line=$!
	wait_for 5 test -S sock
	wait_for 5 grep -q listening line
	at=$(jq -r 'select(.event == "listening") | .address' line)
	baresip_start carol
	timeout 30 sip-dial --answer --line sock --follow-refer --events bob \
		<offer.sdp >bob.sdp 2>said.bob 3>&- &
	bob=$!
	wait_for 5 grep -q dial-connected line
	input=offer.sdp stay "sip:bob@$at"
	event '.event == "established"'
	echo "transfer $(baresip_uri carol)" >control
	dialled 0
	event_is '.event == "transferred"'
	baresip_wait carol 'Call established'
	wait_for 5 grep -q '"followed"' bob
	baresip_command carol hangup
	wait "$bob"
	# baresip saw the line's address, and no other
	jq -rs --arg at "$at" -e 'map(select(.event == "message" and
		.direction == "out" and (.summary | test("^INVITE")))) |
		length >= 1 and all(.local == $at)' line.trace
}

@test "sip-register --exec gives the headers of the INVITE to its program" {
	printf '#!/bin/sh\nenv | grep ^SIP_ | sort >environment\nexit 1\n' >run
	chmod +x run
	SIP_HEADER_OLD=1 sip-register --no-register --listen 127.0.0.1:0 \
		--line sock --exec ./run >line 2>line.err 3>&- &
	line=$!
	wait_for 5 grep -q listening line
	at=$(jq -r 'select(.event == "listening") | .address' line)
	timeout 20 sip-dial --expect 5xx "sip:bob@$at" <offer.sdp \
		--header 'P-Asserted-Identity: "B\$(touch no)" <sip:b@pbx>' \
		--header 'Diversion: <sip:x@pbx>;reason=no-answer' \
		--header 'Diversion: <sip:y@pbx>' --header "x-'a.b: 1"
	grep -qF 'SIP_HEADER_P_ASSERTED_IDENTITY="B\$(touch no)" <sip:b@pbx>' \
		environment
	grep -qxF 'SIP_HEADER_DIVERSION=<sip:x@pbx>;reason=no-answer, <sip:y@pbx>' \
		environment
	grep -qx 'SIP_HEADER_X__A_B=1' environment
	grep -qx 'SIP_HEADER_USER_AGENT=pipecall' environment
	run ! grep -qE 'SIP_HEADER_(OLD|VIA|CONTACT|ROUTE|CONTENT)' environment
	[ ! -e no ]
	jq -se 'any(.event == "invite" and
		(.headers.Diversion | test("no-answer")))' line
}

@test "a name with two servers, the first of them dead; TLS" {
	receiver --method MESSAGE
	dns_start host-record=pc.test,127.0.0.1 \
		"srv-host=_sip._udp.im.test,pc.test,$(free_port),1,0" \
		"srv-host=_sip._udp.im.test,pc.test,${at##*:},2,0"
	timeout 20 sip-dial --resolver "$DNS" --method MESSAGE --trace sent \
		sip:bob@im.test <<<'round the corner'
	dialled 0
	[ "$(<out)" = 'round the corner' ]
	[ "$(jq -r 'select(.event == "message" and .direction == "out") |
		.remote' sent | sort -u | wc -l)" = 2 ]
	run ! grep -q Contact sent
	certs_ca
	certs_make server DNS:pbx.test,IP:127.0.0.1
	rm -f events
	receiver --method MESSAGE --tls --cert server.pem --key server.key
	run -77 --separate-stderr timeout 20 sip-dial --tls --method MESSAGE \
		"sip:bob@$at" <<<'in the clear?'
	timeout 20 sip-dial --tls --ca ca.pem --method MESSAGE "sip:bob@$at" \
		<<<'for you alone'
	dialled 0
	[ "$(<out)" = 'for you alone' ]
}
