# sip-register at a real registrar: Kamailio (RFC 3261 section 10, RFC 7616).

bats_require_minimum_version 1.5.0

setup()
{
	load ../lib/kamailio
	cd "$BATS_TEST_TMPDIR"
	echo secret-100 >password
	echo wrong >wrong
	pid=
}

teardown()
{
	[ -z "$pid" ] || kill "$pid" 2>/dev/null || true
	kamailio_stop
}

# Start one that stays; its events are in the file events.
register()
{
	sip-register --registrar "$KAMAILIO" --password-file password "$@" \
		sip:100@pbx >events 2>errors 3>&- &
	pid=$!
}

# The value of a field of the last event of a name.
event()
{
	jq -rs --arg name "$1" --arg field "$2" \
		'map(select(.event == $name)) | last | .[$field] // empty' events
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
	end_in_time "$pid"
	pid=
}

registers_refreshes_and_unregisters()
{
	kamailio_start "$1" --max-expires 4
	register "${@:2}"
	wait_for 5 says registered
	[ "$(event registered expires)" = 4 ]
	[ "$(event registered next_refresh)" = 2 ]
	run kamailio_contacts 100
	[ "$output" = "$(event registered contact)" ]
	wait_for 10 count_is 3 registered
	[ "$(kamailio_contacts 100)" = "$(event registered contact)" ]
	stop
	says unregistered
	[ "$(event exit status)" = 0 ]
	[ -z "$(kamailio_contacts 100)" ]
}

@test "UDP, MD5: registers, refreshes in the time the server gives, removes" {
	registers_refreshes_and_unregisters --md5
}

@test "UDP, SHA-256: the same" {
	registers_refreshes_and_unregisters --sha256
}

@test "TCP, MD5: the same" {
	registers_refreshes_and_unregisters --md5 --tcp
	grep -q '"contact":"sip:100@127.0.0.1:[0-9]*;transport=tcp"' events
}

@test "--once leaves the binding" {
	kamailio_start
	sip-register --once --registrar "$KAMAILIO" --password-file password \
		sip:100@pbx >events
	says registered
	[ "$(event exit status)" = 0 ]
	[ "$(kamailio_contacts 100)" = "$(event registered contact)" ]
}

@test "the password may come from the environment" {
	kamailio_start
	SIP_PASSWORD=secret-100 sip-register --once --registrar "$KAMAILIO" \
		sip:100@pbx >events
	says registered
}

@test "a user with another name for digest" {
	kamailio_start
	# Kamailio takes the password by To's user and the name as it comes
	sip-register --once --registrar "$KAMAILIO" --user 100 \
		--password-file password sip:100@pbx >events
	says registered
}

@test "wrong password: 77 and a clear line" {
	kamailio_start
	run --separate-stderr -77 sip-register --registrar "$KAMAILIO" \
		--password-file wrong sip:100@pbx
	[[ $stderr == *"sip:100@pbx: the registrar refused: 401"*"wrong user or password"* ]]
	[[ $output == *'"event":"refused","status":401'* ]]
}

@test "no password: 77, and how to give one" {
	kamailio_start
	run --separate-stderr -77 sip-register --registrar "$KAMAILIO" \
		sip:100@pbx
	[[ $stderr == *"--password-file"* ]]
}

@test "403 and 404: 1" {
	kamailio_start 100:secret-100 500:forbidden
	run --separate-stderr -1 sip-register --registrar "$KAMAILIO" \
		--password-file password sip:500@pbx
	[[ $output == *'"status":403'* ]]
	run --separate-stderr -1 sip-register --registrar "$KAMAILIO" \
		--password-file password sip:900@pbx
	[[ $output == *'"status":404'* ]]
}

@test "423 Interval Too Brief: what it asks for is given" {
	kamailio_start --min-expires 120
	sip-register --once -x 30 --registrar "$KAMAILIO" \
		--password-file password sip:100@pbx >events
	[ "$(event registered expires)" = 120 ]
}

@test "a stale nonce is no wrong password" {
	kamailio_start --max-expires 6 --nonce-expire 1
	register --trace trace
	wait_for 12 count_is 3 registered
	grep -q 'stale=true' trace
	run ! says refused
	stop
}

@test "refresh now, when control says so" {
	kamailio_start
	mkfifo control
	exec 4<>control
	register --control control
	wait_for 5 says registered
	echo refresh >&4
	wait_for 5 count_is 2 registered
	echo nonsense >&4
	wait_for 5 says error
	echo quit >&4
	wait "$pid"
	pid=
	exec 4>&-
	[ -z "$(kamailio_contacts 100)" ]
}

@test "the registrar dies and comes back: it registers again" {
	kamailio_start --max-expires 4
	register
	wait_for 5 says registered
	kamailio_stop
	wait_for 10 says unreachable
	[ -d "/proc/$pid" ]
	cp events before
	kamailio_start --max-expires 4 --port "$KAMAILIO_PORT"
	wait_for 20 count_is "$(($(grep -c '"registered"' before) + 1))" \
		registered
	[ -n "$(kamailio_contacts 100)" ]
	stop
}

@test "over TCP a connection that was cut is made again" {
	kamailio_start --max-expires 60
	register --tcp
	wait_for 5 says registered
	kamailio_stop
	wait_for 5 says lost
	kamailio_start --port "$KAMAILIO_PORT"
	wait_for 20 count_is 2 registered
	[ -n "$(kamailio_contacts 100)" ]
	stop
}

@test "the trace tells every message, and tshark reads the pcap" {
	kamailio_start
	sip-register --once --registrar "$KAMAILIO" --password-file password \
		--trace trace --pcap packets.pcapng sip:100@pbx >events
	run jq -r 'select(.event == "message") | .summary' trace
	[ "$output" = $'REGISTER sip:pbx\n401 Unauthorized (REGISTER)\nREGISTER sip:pbx\n200 OK (REGISTER)' ]
	run --separate-stderr tshark -r packets.pcapng -d "udp.port==$KAMAILIO_PORT,sip" \
		-Y sip -T fields -e sip.Status-Code -e sip.Method
	[ "$(tr -d '\t ' <<<"$output")" = $'REGISTER\n401\nREGISTER\n200' ]
	run ! grep -q secret-100 trace
}

@test "a hash in place of the password" {
	printf '100:pbx:%s\n' \
		"$(printf 100:pbx:secret-100 | md5sum | cut -d ' ' -f 1)" \
		"$(printf 100:pbx:secret-100 | sha256sum | cut -d ' ' -f 1)" \
		>hashes
	kamailio_start --sha256
	sip-register --once --registrar "$KAMAILIO" --ha1-file hashes \
		sip:100@pbx >events
	says registered
	head -n 1 hashes >md5
	run -77 --separate-stderr sip-register --registrar "$KAMAILIO" \
		--ha1-file md5 sip:100@pbx
	[[ $stderr == *"no hash of ours is for this"* ]]
	run -65 --separate-stderr sip-register --ha1-file password sip:100@pbx
	[[ $stderr == *"not lines of USER:REALM:HASH"* ]]
	kamailio_stop
	kamailio_start --md5
	sip-register --once --registrar "$KAMAILIO" --ha1-file md5 \
		sip:100@pbx >events
	says registered
}
