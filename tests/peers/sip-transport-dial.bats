#!/usr/bin/env bats
# sip-dial over TLS (RFC 3261 26.3, RFC 5922), WebSocket (RFC 7118) and IPv6:
# to Kamailio and baresip, and called by baresip and openssl.

bats_require_minimum_version 1.5.0
load ../lib/sip-dial
load ../lib/kamailio
load ../lib/baresip
load ../lib/certs

setup()
{
	cd "$BATS_TEST_TMPDIR" || exit
	phone_sdp >offer.sdp
	export SIP_PASSWORD=secret-100
	certs_ca
	certs_make server DNS:pbx.test,IP:127.0.0.1,IP:::1
	other=
}

teardown()
{
	local pid

	for pid in ${dial:-} $other; do
		kill "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	baresip_stop
	kamailio_stop
}

# Kamailio with our certificate, and more of its options.
pbx()
{
	kamailio_start --tls "$PWD/server.pem" "$PWD/server.key" "$@"
}

dial()
{
	sip-dial --events events --trace trace --timeout 15 --from sip:100@pbx \
		--user 100 "$@" <offer.sdp >answer.sdp 2>said 3>&- &
	dial=$!
}

# Refused by Kamailio with 486: so it was reached.
reached()
{
	dial "$@"
	dialled 1
	grep -q ': 486 As Asked' said
}

# Not let through: the exit status, and what stderr says in one line.
stopped()
{
	local status=$1 says=$2

	shift 2
	dial "$@"
	dialled "$status"
	cat said
	[ "$(wc -l <said)" = 1 ]
	grep -qF -- "$says" said
}

# Call 200 through Kamailio, hang up, and be hung up on.
calls()
{
	baresip_start 200 --at "$KAMAILIO" --password word-200
	dial "$@" sip:200@pbx
	event '.event == "established" and .routes >= 1'
	grep -q '^m=audio' answer.sdp
	kill "$dial"
	dialled 0
	baresip_wait 200 'session closed'
	dial "$@" sip:200@pbx
	event '.event == "established"'
	baresip_command 200 hangup
	dialled 0
}

@test "TLS: calls through Kamailio, ended by either side" {
	pbx ""
	calls --tls --ca ca.pem --proxy "$KAMAILIO_TLS"
	grep -q 'Via: SIP/2.0/TLS 127.0.0.1:' trace
	grep -q 'Contact: <sip:100@127.0.0.1:[0-9]*;transport=tls>' trace
}

@test "TLS: a URI asks for it, by its scheme or its transport" {
	pbx ""
	reached --ca ca.pem "sip:status-486@$KAMAILIO_TLS;transport=tls"
	reached --ca ca.pem "sips:status-486@$KAMAILIO_TLS"
	grep -q 'Contact: <sips:100@127.0.0.1:[0-9]*>' trace
}

@test "TLS: a certificate that is not good enough: 77, and why" {
	pbx ""
	stopped 77 "is not trusted" --tls --proxy "$KAMAILIO_TLS" sip:x@pbx
	certs_ca another
	stopped 77 "(--ca FILE says whom to trust)" --tls --ca another.pem \
		--proxy "$KAMAILIO_TLS" sip:x@pbx
	reached --tls --ca another.pem --no-verify --proxy "$KAMAILIO_TLS" \
		sip:status-486@pbx
	grep -q 'sip-dial: --no-verify: .*not checked' said
	kamailio_stop
	certs_make server DNS:elsewhere.test
	pbx ""
	stopped 77 "certificate is for elsewhere.test, not for 127.0.0.1" \
		--tls --ca ca.pem --proxy "$KAMAILIO_TLS" sip:x@pbx
}

@test "TLS: a server that wants a certificate of ours" {
	pbx "$PWD/ca.pem"
	stopped 77 "wants a certificate of ours" --tls --ca ca.pem \
		--proxy "$KAMAILIO_TLS" sip:x@pbx
	certs_make me DNS:me.test
	reached --tls --ca ca.pem --cert me.pem --key me.key \
		--proxy "$KAMAILIO_TLS" sip:status-486@pbx
	cat me.key >>me.pem
	reached --tls --ca ca.pem --cert me.pem --proxy "$KAMAILIO_TLS" \
		sip:status-486@pbx
}

@test "TLS: peers that are none: 76 and 69" {
	local port

	port=$(free_port 1)
	socat TCP-LISTEN:"$port",bind=127.0.0.1,reuseaddr,fork \
		SYSTEM:'echo hello; cat >/dev/null' 2>/dev/null 3>&- &
	other=$!
	wait_for 5 bash -c ": </dev/tcp/127.0.0.1/$port" 2>/dev/null
	stopped 76 "does not speak TLS" --tls --ca ca.pem \
		"sip:x@127.0.0.1:$port"
	stopped 69 "Connection refused" --tls --ca ca.pem sip:x@127.0.0.1:1
}

@test "TLS: a server that takes it all and says nothing" {
	local port

	port=$(free_port 1)
	openssl s_server -accept "127.0.0.1:$port" -cert server.pem \
		-key server.key -quiet </dev/zero >server.log 2>&1 3>&- &
	other=$!
	wait_for 5 bash -c ": </dev/tcp/127.0.0.1/$port" 2>/dev/null
	dial --tls --ca ca.pem --timeout 2 "sip:x@127.0.0.1:$port"
	dialled 76
}

@test "wrong options about it: 2, and files that are not there: 66" {
	stopped 2 "one of --tcp, --tls and --ws" --tls --tcp sip:x@127.0.0.1
	stopped 2 "--key is the key of" --tls --key x sip:x@127.0.0.1
	stopped 2 "--ws http://x: not a ws" --ws http://x sip:x@127.0.0.1
	stopped 66 "--ca none: No such file" --tls --ca none sip:x@127.0.0.1
	run --separate-stderr -2 sip-dial --answer --tls
	[[ $stderr == *"--tls with --answer needs a certificate"* ]]
	run --separate-stderr -66 sip-dial --answer --tls --cert ca.pem \
		--listen 127.0.0.1:0
	[[ $stderr == *"--key ca.pem"* ]]
}

@test "WebSocket: calls through Kamailio, ended by either side" {
	pbx ""
	calls --ws "ws://$KAMAILIO/sip"
	grep -q 'Via: SIP/2.0/WS [0-9a-f]*.invalid;' trace
	grep -q 'Contact: <sip:100@[0-9a-f]*.invalid;transport=ws>' trace
}

@test "WebSocket loses nothing: nothing is sent again" {
	pbx ""
	# over UDP it would go again after T2 (17.1.2.2)
	dial --ws "ws://$KAMAILIO/sip" --timeout 5 --method OPTIONS \
		sip:silent@pbx
	dialled 69
	[ "$(grep -c '"summary":"OPTIONS sip:silent@pbx"' trace)" = 1 ]
}

@test "WebSocket over TLS" {
	pbx ""
	calls --ws "wss://$KAMAILIO_TLS/sip" --ca ca.pem
	grep -q 'Via: SIP/2.0/WSS [0-9a-f]*.invalid;' trace
	stopped 77 "is not trusted" --ws "wss://$KAMAILIO_TLS/sip" sip:x@pbx
	stopped 69 "the server said 404" --ws "ws://$KAMAILIO/none" sip:x@pbx
}

@test "IPv6: UDP, TCP, TLS and WebSocket" {
	pbx "" --ipv6
	reached --proxy "$KAMAILIO" sip:status-486@pbx
	grep -q 'Via: SIP/2.0/UDP \[::1\]:[0-9]*;' trace
	reached --tcp --proxy "$KAMAILIO" sip:status-486@pbx
	reached --tls --ca ca.pem --proxy "$KAMAILIO_TLS" sip:status-486@pbx
	reached --ca ca.pem "sips:status-486@$KAMAILIO_TLS"
	reached --ws "ws://$KAMAILIO/sip" sip:status-486@pbx
}

# An answerer at $address, its events in the file answerer.
answerer()
{
	sip-dial --answer --tls --cert server.pem --key server.key \
		--listen 127.0.0.1:0 --events answerer "$@" <offer.sdp \
		>their.sdp 2>answerer.said 3>&- &
	other=$!
	wait_for 5 grep -qs '"listening"' answerer
	address=$(jq -r 'select(.event == "listening") | .address' answerer)
	grep -q "listening tls $address" answerer.said
}

@test "TLS: called by baresip" {
	answerer
	baresip_start bob --transport tls --config "sip_cafile $PWD/ca.pem"
	baresip_command bob dial "sip:x@$address;transport=tls"
	wait_for 10 grep -q '"established"' answerer
	grep -q '^m=audio' their.sdp
	baresip_command bob hangup
	wait "$other"
	other=
}

@test "TLS: called by openssl, and by who has no certificate to show" {
	answerer --ca ca.pem
	certs_make me DNS:me.test
	printf '%s\r\n' 'OPTIONS sip:x@pbx.test SIP/2.0' \
		'Via: SIP/2.0/TLS 127.0.0.1:9;branch=z9hG4bK1' \
		'From: <sip:me@me.test>;tag=1' 'To: <sip:x@pbx.test>' 'Call-ID: 1' \
		'CSeq: 1 OPTIONS' 'Max-Forwards: 70' 'Content-Length: 0' '' >ask
	mkfifo in
	openssl s_client -connect "$address" -CAfile ca.pem -cert me.pem \
		-key me.key -verify_return_error -verify_ip 127.0.0.1 -quiet \
		<in >got 2>client.log 3>&- &
	client=$!
	exec 5>in
	cat ask >&5
	wait_for 5 grep -q 'SIP/2.0 200 OK' got
	exec 5>&-
	kill "$client"
	wait "$client" || true
	openssl s_client -connect "$address" -CAfile ca.pem -no_ign_eof \
		-quiet <ask >none 2>client.log || true
	[ ! -s none ]
	wait_for 5 grep -q '"malformed"' answerer
	grep -q 'the client showed no certificate' answerer
}
