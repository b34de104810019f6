# ice-pair behind a TURN relay (coturn): the handover without a socket.

bats_require_minimum_version 1.5.0

setup()
{
	load ../lib/ports
	load ice/ends
	load ice/turn
	cd "$BATS_TEST_TMPDIR"
	echo p >password
}

teardown()
{
	ends_stop
	turn_stop
}

# ice-pair through the relay only, with options $@; aioice at the other end.
credentials=(--turn-user u --turn-password-file password)
connect_relayed()
{
	media_start m
	mkfifo i.frag
	aioice_start a controlling i.frag
	ice_start i --remote a.frag --handover m --relay-only --turn "$TURN" \
		"${credentials[@]}" "$@"
	wait_for 15 says i.jsonl handover
}

# Two ice-pairs, of which a is behind the relay only.
behind_relay()
{
	two_ends --relay-only --turn "$TURN" "${credentials[@]}"
}

packets_both_ways()
{
	[ "$(event i.jsonl handover relayed)" = true ]
	[ "$(event i.jsonl selected local_type)" = relay ]
	grep -q '"relayed": true' m.out
	grep -q '"fds": 0' m.out
	wait_for 10 packets_are m unix 100
	media m flood 101 172
	wait_for 10 grep -q '"n": 101' a.out
	stats_of i
	jq -e '.early + .relayed_in >= 100 and .relayed_out == 101 and
		.passed == 0 and .dropped == 0' i.stats
	[ "$(packets m udp)" = 0 ]
}

@test "relayed over UDP: packets keep their bounds over the Unix socket" {
	turn_start
	connect_relayed
	packets_both_ways
	# 4 bytes are 4 bytes, and the relayed sizes are those that were sent
	jq -e 'select(.event == "packet" and (.head | startswith("806f")))
		| .len == 4' m.out | sort -u | cmp - <(echo true)
}

@test "a user and a password made of the server's secret" {
	turn_start --use-auth-secret --static-auth-secret=s3cret
	echo s3cret >secret
	credentials=(--turn-secret secret)
	connect_relayed
	packets_both_ways
	run -2 ice-pair --turn-secret secret
	run -2 ice-pair --turn "$TURN"
	run -66 ice-pair --turn "$TURN" --turn-secret nowhere
}

@test "relayed over TCP to the TURN server" {
	turn_start
	connect_relayed --turn-transport tcp
	packets_both_ways
}

@test "relayed over TLS to the TURN server" {
	turn_tls_start
	connect_relayed --turn-transport tls --turn-ca turn/cert
	packets_both_ways
}

@test "a TURN server over TLS that is not trusted: said why, and no relay" {
	turn_tls_start
	ice_start i --turn "$TURN" --turn-transport tls --turn-user u \
		--turn-password-file password --gather-timeout 0.5
	wait_for 5 says i.jsonl error
	grep -q 'TURN over TLS at 127.0.0.1.*self.signed.*(--turn-ca FILE' i.err
	wait_for 5 says i.jsonl gathered
	run ! grep -q 'typ relay' i.frag
	# and with nothing but relays
	run -77 timeout 20 ice-pair --address 127.0.0.1 --relay-only --turn "$TURN" \
		--turn-transport tls --turn-user u --turn-password-file password
	[[ $output == *"its certificate is not trusted"* ]]
	# what is no certificate is a wrong option
	run -2 ice-pair --turn "$TURN" --turn-transport tls --turn-user u \
		--turn-password-file password --turn-ca turn/key
	[[ $output == *"--turn-ca turn/key"* ]]
}

@test "--no-host tells no address of ours, and connects" {
	turn_start
	ice_start i --no-host --turn "$TURN" --turn-user u \
		--turn-password-file password
	wait_for 5 grep -q end-of-candidates i.frag
	[ "$(grep -c a=candidate i.frag)" = 1 ]
	grep -q 'typ relay' i.frag
	run ! grep -q '"event":"candidate".*typ host' i.jsonl
	ice_start j --controlling --remote i.frag
	wait_for 5 grep -q end-of-candidates j.frag
	ice i remote "$PWD/j.frag"
	wait_for 10 says i.jsonl connected
	wait_for 10 says j.jsonl connected
}

@test "a wrong TURN password: 77 at once, and said so" {
	turn_start
	echo wrong >password
	run -77 timeout 20 ice-pair --address 127.0.0.1 --relay-only \
		--turn "$TURN" --turn-user u --turn-password-file password
	[[ $output == *"no candidate could be gathered"* ]]
	[[ $output == *"it answers 401: wrong user name or password"* ]]
	# an address of ours from which it cannot be reached is not waited for
	run -77 timeout 20 ice-pair --loopback --relay-only --turn "$TURN" \
		--turn-user u --turn-password-file password
	# with other candidates it goes on
	ice_start i --turn "$TURN" --turn-user u --turn-password-file password
	wait_for 5 says i.jsonl gathered
	grep -q -- "--turn $TURN: no relay: it answers 401" i.err
}

@test "srflx and relay candidates stand in the fragment" {
	turn_start
	ice_start i --stun "$TURN" --turn "$TURN" --turn-user u \
		--turn-password-file password
	wait_for 5 says i.jsonl gathered
	grep -q 'typ host' i.frag
	grep -q 'typ relay' i.frag
	[ "$(event i.jsonl gathered complete)" = true ]
}

@test "a dead TURN server delays nobody" {
	dead=$(free_port)
	began=$EPOCHREALTIME
	mkfifo out
	ice-pair --address 127.0.0.1 --turn "127.0.0.1:$dead" --turn-user u \
		--turn-password-file password --gather-timeout 0.3 \
		--events i.jsonl >out 3>&- &
	end_pid[i]=$!
	timeout 60 cat out >fragment
	within 2 "$began"
	grep -q 'typ host' fragment
	[ "$(event i.jsonl gathered complete)" = false ]
	# but who wants nothing else is told what is missing
	run ice-pair --address 127.0.0.1 --turn "127.0.0.1:$dead" --relay-only \
		--turn-user u --turn-password-file password --timeout 0.5
	[ "$status" = 69 ]
	[[ $output == *"no candidate could be gathered: do "*" servers answer?" ]]
}

@test "the relay is given back at the end" {
	turn_start -v
	ice_start i --turn "$TURN" --turn-user u --turn-password-file password
	wait_for 5 says i.jsonl gathered
	kill "$(pid_of i)"
	wait "$(pid_of i)"
	turn_stop # it writes its log out
	wait_for 5 grep -q 'lifetime=0' turn/log
}

relay_of()
{
	sed -n 's/.* \(127.0.0.1 [0-9]*\) typ relay.*/\1/p' "$1"
}

# $1 restarts, $2 follows, while media flows from b to a and back.
restart()
{
	media bm flood 300 172
	ice "$1" restart
	wait_for 5 says "$1.jsonl" restart
	event "$1.jsonl" restart fragment >"$1.again"
	ice "$2" remote "$PWD/$1.again"
	wait_for 5 says "$2.jsonl" restart
	event "$2.jsonl" restart fragment >"$2.again"
	ice "$1" remote "$PWD/$2.again"
	wait_for 15 handovers_are a 2
	wait_for 15 handovers_are b 2
	wait_for 10 says bm.out flooded
	wait_for 10 packets_are am unix 300
	stats_of a
	jq -e '.passed == 0 and .dropped == 0' a.stats
}

@test "restart behind a relay: another one, and the old one is given back" {
	turn_start -v
	behind_relay
	restart b a
	[ "$(relay_of a.again)" != "$(relay_of a.frag)" ]
	jq -e '.handovers == 2' a.stats
	kill "$(pid_of b)" # which so cannot be what ends a's
	wait_for 15 ports_are 1
	kill -0 "$(pid_of a)"
	turn_stop
	wait_for 5 grep -q 'lifetime=0' turn/log
}

ports_are()
{
	[ "$(ss -Hanup | grep -c "pid=$(pid_of a),")" = "$1" ]
}

@test "restart behind a relay, and the server gives no second one: by the first" {
	turn_start --user-quota=1
	behind_relay
	restart b a # whose description is known before the server's refusal
	[ "$(relay_of a.again)" = "$(relay_of a.frag)" ]
	grep -q 'no other relay for the restart' a.err
}
