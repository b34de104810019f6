# What ice-pair traces of what goes through coturn, or by TCP.

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

# a (controlling, options $@) and b, which are told of each other.
connect()
{
	ice_start a --controlling --trace a.trace --pcap a.pcapng "$@"
	ice_start b --tcp
	wait_for 10 says a.jsonl gathered
	wait_for 10 says b.jsonl gathered
	ice a remote "$PWD/b.frag"
	ice b remote "$PWD/a.frag"
	wait_for 10 says a.jsonl connected
}

relayed()
{
	connect --relay-only --turn "$TURN" --turn-user u \
		--turn-password-file password "$@"
}

end_a()
{
	kill "$(pid_of a)"
	wait "$(pid_of a)"
}

# Is there a message of transport $1, direction $2 and a summary like $3?
message()
{
	jq -e --arg transport "$1" --arg way "$2" --arg summary "$3" -s '
		any(.[]; .event == "message" and .protocol == "STUN" and
			.transport == $transport and .direction == $way and
			(.summary | test($summary)))' "$4" >/dev/null
}

# The relay's messages by $1, and the checks in them; tshark counts as many.
relay_is_traced()
{
	local peer='127\.0\.0\.1:[0-9]+'

	message "$1" in '^Allocate error response, 401' a.trace
	message "$1" in "^Allocate success.*, XOR-RELAYED-ADDRESS $peer" a.trace
	message "$1" out "^CreatePermission request, XOR-PEER-ADDRESS" a.trace
	message "$1" out "^Send .* $peer: Binding request, USE-CANDID" a.trace
	message "$1" in "^Data .* $peer: Binding success response, map" a.trace
	message "$1" in '^channel 0x4000: Binding ' a.trace
	end_a
	message "$1" out '^Refresh request' a.trace
	jq -e --arg turn "$TURN" -s 'map(select(.event == "message")) |
		all(.remote == $turn and (.local | test(":[0-9]+$")))' a.trace
	[ "$(tshark -r a.pcapng -d "$1.port==${TURN##*:},stun" -Y stun \
		2>/dev/null | wc -l)" = \
		"$(grep -c '"event":"message"' a.trace)" ]
}

@test "through a TURN server by UDP: its messages, and the checks in them" {
	turn_start
	relayed
	wait_for 20 message udp in '^channel' a.trace
	relay_is_traced udp
}

@test "through a TURN server by TCP: each message whole, though read in two" {
	turn_start
	relayed --turn-transport tcp
	wait_for 20 message tcp in '^channel' a.trace
	relay_is_traced tcp
}

@test "the question to a STUN server, which libnice asks as RFC 3489 has it" {
	turn_start
	connect --stun "$TURN"
	message udp out '^RFC 3489 Binding request' a.trace
	message udp in '^RFC 3489 Binding success response, mapped to 127.0.0.1:' \
		a.trace
}

@test "checks over TCP (RFC 6544)" {
	connect --tcp
	wait_for 5 message tcp out '^Binding request' a.trace
	wait_for 5 message tcp in '^Binding success response, mapped' a.trace
	end_a
	[ "$(tshark -r a.pcapng -Y 'stun && tcp' | wc -l)" = \
		"$(grep '"event":"message"' a.trace |
			grep -c '"transport":"tcp"')" ]
}

@test "a --trace whose reader goes away gives the relay back all the same" {
	turn_start -v
	mkfifo trace
	cat trace >first 3>&- &
	end_pid[reader]=$!
	relayed --trace trace
	kill "$(pid_of reader)"
	wait_for 10 grep -q -- '--trace: its reader is gone' a.err
	status=0
	kill "$(pid_of a)"
	wait "$(pid_of a)" || status=$?
	[ "$status" = 0 ]
	turn_stop # it writes its log out
	wait_for 5 grep -q 'lifetime=0' turn/log
}

# Milliseconds from the peer's description to our first check.
wait_of_a()
{
	jq -s --slurpfile events a.jsonl '(map(select(.event == "message" and
			.direction == "out" and
			(.summary | startswith("Binding request"))))[0].time -
		($events | map(select(.event == "remote"))[0].time)) * 1000' \
		a.trace
}

# libnice's own first wait is Ta, 5 ms; on a busy machine it takes some tries.
@test "the first check goes out without waiting for Ta" {
	ms=99
	for ((i = 0; i < 30; i++)); do
		connect
		ms=$(wait_of_a)
		echo "$ms"
		if jq -ne "$ms < 1" >/dev/null; then
			break
		fi
		ends_stop
		rm -f ./*
	done
	jq -ne "$ms < 1"
}
