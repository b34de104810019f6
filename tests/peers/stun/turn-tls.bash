# shellcheck shell=bash
# coturn with everything it has: load stun/turn-tls
#
#	turn_tls_start [OPTION...]  sets $TURN (UDP, TCP) and $TURNS (TLS, DTLS),
#		HOST:PORT each; user u, password p, realm example.org; the
#		certificate cert.pem is for 127.0.0.1, localhost and
#		*.stun.test
#	turn_tls_stop

turn_tls_start()
{
	local port

	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-keyout key.pem -out cert.pem -days 2 -subj /CN=coturn \
		-addext 'subjectAltName=DNS:localhost,IP:127.0.0.1,DNS:*.stun.test' \
		2>/dev/null
	port=$(free_port 4)
	TURN=127.0.0.1:$port
	export TURN TURNS=127.0.0.1:$((port + 2))
	mkdir -p turn
	turnserver -n -L 127.0.0.1 --relay-ip 127.0.0.1 -p "$port" \
		--tls-listening-port "$((port + 2))" --cert cert.pem \
		--pkey key.pem --no-cli --allow-loopback-peers \
		--log-file stdout --simple-log --pidfile turn/pid \
		--userdb turn/db --realm example.org \
		--min-port 52000 --max-port 52999 "$@" >turn/log 2>&1 3>&- &
	turn_pid=$!
	wait_for 10 turn_tls_answers
}

turn_tls_answers()
{
	stun-probe --timeout 0.3 "$TURN" >/dev/null 2>&1
}

turn_tls_stop()
{
	[ -z "${turn_pid:-}" ] || kill "$turn_pid" 2>/dev/null || true
	turn_pid=
}
