# shellcheck shell=bash
# coturn on loopback: load ice/turn
#
#	turn_start [OPTION...]   sets $TURN (HOST:PORT); user u, password p
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
		-p "$port" --no-tls --no-dtls --no-cli --allow-loopback-peers \
		--log-file stdout --simple-log --pidfile turn/pid \
		--userdb turn/db --lt-cred-mech --user u:p \
		--realm example.org --min-port "${TURN_MIN:-52000}" \
		--max-port "${TURN_MAX:-52999}" "$@" >turn/log 2>&1 3>&- &
	turn_pid=$!
	wait_for 10 turn_answers
}

turn_stop()
{
	[ -z "${turn_pid:-}" ] || kill "$turn_pid" 2>/dev/null || true
	turn_pid=
}
