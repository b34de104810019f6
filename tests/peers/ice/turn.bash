# shellcheck shell=bash
# coturn on loopback: load ice/turn
#
#	turn_start [OPTION...]   sets $TURN (HOST:PORT); user u, password p
#	turn_tls_start           the same with TLS too, certificate in turn/cert
#	turn_stop

turn_answers()
{
	stun-probe --timeout 0.3 "$TURN" >/dev/null 2>&1
}

turn_start()
{
	local port

	port=$(free_port 2)
	TURN=127.0.0.1:$port
	mkdir -p turn
	turnserver -n --listening-ip 127.0.0.1 --relay-ip 127.0.0.1 \
		-p "$port" "${turn_tls:---no-tls}" --no-dtls --no-cli \
		--allow-loopback-peers \
		--log-file stdout --simple-log --pidfile turn/pid \
		--userdb turn/db --lt-cred-mech --user u:p \
		--realm example.org --min-port "${TURN_MIN:-52000}" \
		--max-port "${TURN_MAX:-52999}" "$@" >turn/log 2>&1 3>&- &
	turn_pid=$!
	wait_for 10 turn_answers
}

# coturn tells TLS from TCP on one port.
turn_tls_start()
{
	mkdir -p turn
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 \
		-nodes -subj /CN=relay.example \
		-addext subjectAltName=IP:127.0.0.1 -days 2 \
		-keyout turn/key -out turn/cert 2>/dev/null
	turn_tls=--no-multicast-peers turn_start --cert turn/cert \
		--pkey turn/key
}

turn_stop()
{
	[ -z "${turn_pid:-}" ] || kill "$turn_pid" 2>/dev/null || true
	turn_pid=
}
