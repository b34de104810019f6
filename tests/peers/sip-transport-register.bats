# sip-register over TLS, WebSocket and IPv6, with the targets of RFC 3263, its
# keep-alives (RFC 5626), and calls on a line over each of them.

bats_require_minimum_version 1.5.0

setup()
{
	load ../lib/kamailio
	load ../lib/baresip
	load ../lib/certs
	load ../lib/phone-sdp
	load ../lib/dns
	cd "$BATS_TEST_TMPDIR" || exit
	echo secret-100 >password
	phone_sdp >offer.sdp
	certs_ca
	certs_make server DNS:pbx.test,IP:127.0.0.1,IP:::1
	pids=()
}

teardown()
{
	local pid

	for pid in "${pids[@]}"; do
		kill -CONT "$pid" 2>/dev/null || true
		kill "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	baresip_stop
	kamailio_stop
	dns_stop
}

pbx()
{
	kamailio_start --tls "$PWD/server.pem" "$PWD/server.key" "$@"
}

# Start one that stays; its events are in the file events.
register()
{
	sip-register --password-file password --ca ca.pem --trace trace "$@" \
		>events 2>errors 3>&- &
	pid=$!
	pids+=("$pid")
}

says()
{
	grep -q "\"event\":\"$1\"" events
}

count_is()
{
	[ "$(grep -c "\"event\":\"$2\"" events)" -ge "$1" ]
}

stop()
{
	local status=0

	kill "$pid"
	wait "$pid" || status=$?
	return "$status"
}

# A line is registered; calls over it are made, taken, and ended for a dial
# that was killed.
line_works()
{
	local dial

	baresip_start 200 --at "$KAMAILIO" --password word-200
	register --line sock "$@" sip:100@pbx
	wait_for 10 says registered
	sip-dial --line sock --events one sip:200@pbx <offer.sdp >answer.1 3>&- &
	dial=$!
	pids+=("$dial")
	sip-dial --line sock --events two sip:200@pbx <offer.sdp >answer.2 3>&- &
	pids+=($!)
	wait_for 10 grep -qs '"established"' one
	wait_for 10 grep -qs '"established"' two
	kill -KILL "$dial"
	wait_for 10 grep -q '"event":"ended".*"ended":"BYE"' events
	baresip_wait 200 'session closed'
	kill "${pids[-1]}"
	wait "${pids[-1]}"
	sip-dial --line sock --answer --events three <offer.sdp >offer.3 3>&- &
	dial=$!
	pids+=("$dial")
	baresip_command 200 dial "sip:100@$KAMAILIO"
	wait_for 10 grep -qs '"established"' three
	grep -q '^m=audio' offer.3
	baresip_command 200 hangup
	wait "$dial"
	stop
	says unregistered
	[ -z "$(kamailio_contacts 100)" ]
}

@test "TLS: registered, a line, calls both ways, one of them killed" {
	pbx ""
	line_works --tls --registrar "$KAMAILIO_TLS"
	grep -q '"contact":"sip:100@127.0.0.1:[0-9]*;transport=tls"' events
}

@test "WebSocket: the same" {
	pbx ""
	line_works --ws "ws://$KAMAILIO/sip"
	grep -q '"contact":"sip:100@[0-9a-f]*.invalid;transport=ws"' events
}

@test "WebSocket over TLS: the same" {
	pbx ""
	line_works --ws "wss://$KAMAILIO_TLS/sip"
}

@test "IPv6, UDP, TCP and TLS" {
	pbx "" --ipv6
	sip-register --once --password-file password \
		--registrar "$KAMAILIO" sip:100@pbx >events
	grep -q '"contact":"sip:100@\[::1\]:[0-9]*"' events
	sip-register --once --password-file password --tcp \
		--registrar "$KAMAILIO" sip:100@pbx >events
	says registered
	sip-register --once --password-file password --tls --ca ca.pem \
		--registrar "$KAMAILIO_TLS" sip:100@pbx >events
	says registered
}

@test "a certificate that is not accepted: 77, and one line" {
	pbx "$PWD/ca.pem"
	run -77 --separate-stderr sip-register --password-file password --tls \
		--registrar "$KAMAILIO_TLS" sip:100@pbx
	[ "${#stderr_lines[@]}" = 1 ]
	[[ $stderr == *"is not trusted"* ]]
	run -77 --separate-stderr sip-register --password-file password --tls \
		--ca ca.pem --registrar "$KAMAILIO_TLS" sip:100@pbx
	[[ $stderr == *"wants a certificate of ours"* ]]
	certs_make me DNS:me.test
	sip-register --once --password-file password --tls --ca ca.pem \
		--cert me.pem --key me.key --registrar "$KAMAILIO_TLS" \
		sip:100@pbx >events
	says registered
}

@test "SRV of the domain: a dead registrar gives way to the next" {
	pbx ""
	dns_start host-record=pbx.test,127.0.0.1 \
		"srv-host=_sips._tcp.pbx.test,pbx.test,$(free_port 1),10,0" \
		"srv-host=_sips._tcp.pbx.test,pbx.test,${KAMAILIO_TLS##*:},20,0"
	register --resolver "$DNS" sips:100@pbx.test
	wait_for 10 says registered
	says failover
	grep -q '"contact":"sips:100@127.0.0.1:[0-9]*"' events
	stop
}

@test "a flow that is cut is made again, over TLS" {
	pbx ""
	register --tls --registrar "$KAMAILIO_TLS" sip:100@pbx
	wait_for 10 says registered
	kamailio_stop
	wait_for 10 says lost
	pbx "" --port "$KAMAILIO_PORT"
	wait_for 20 count_is 2 registered
	[ "$(kamailio_contacts 100 | wc -l)" = 1 ]
	stop
}

# SIGSTOP: the connections stand, and nobody answers.
@test "a registrar that falls silent is noticed by the keep-alives" {
	local n

	pbx ""
	for n in 1 2; do
		mkdir "$n"
		cp password ca.pem "$n"
	done
	cd "$BATS_TEST_TMPDIR/1" || exit
	register --tcp --registrar "$KAMAILIO" --keep-alive 0.3 sip:100@pbx
	cd "$BATS_TEST_TMPDIR/2" || exit
	register --ws "ws://$KAMAILIO/sip" --keep-alive 0.3 sip:100@pbx
	cd "$BATS_TEST_TMPDIR" || exit
	# once it was answered an answer is expected (RFC 5626 4.4.1)
	wait_for 10 grep -qs '"why":"pong"' 1/trace
	wait_for 10 grep -qs '"why":"pong"' 2/trace
	mapfile -t family < <(pgrep -P "$KAMAILIO_PID")
	kill -STOP "$KAMAILIO_PID" "${family[@]}"
	for n in 1 2; do
		wait_for 15 grep -q '"event":"lost"' "$n/events"
		grep -q 'no answer to the keep-alive' "$n/events"
	done
	kill -KILL "$KAMAILIO_PID" "${family[@]}" # it does not end well
	kamailio_stop
	pbx "" --port "$KAMAILIO_PORT"
	cd "$BATS_TEST_TMPDIR/1" || exit
	wait_for 20 count_is 2 registered
	cd "$BATS_TEST_TMPDIR/2" || exit
	wait_for 20 count_is 2 registered
}
