# stun-probe and servers that misbehave.

bats_require_minimum_version 1.5.0

setup()
{
	load ../lib/ports
	tests=$BATS_TEST_DIRNAME
	cd "$BATS_TEST_TMPDIR"
	server=
}

teardown()
{
	[ -z "$server" ] || kill "$server"
}

# A server of tests/tools/stun/$1.py; sets $at.
serve_with()
{
	[ -z "$server" ] || kill "$server"
	: >port
	/usr/bin/python3 "$tests/stun/$1.py" "${@:2}" >port 3>&- &
	server=$!
	wait_for 10 test -s port
	at=127.0.0.1:$(head -1 port)
}

serve()
{
	serve_with server "$@"
}

@test "the report, and the same as JSON" {
	serve good
	run --separate-stderr stun-probe "$at"
	[ "$status" = 0 ]
	[ -z "$stderr" ]
	[[ ${lines[0]} == "server    $at" ]]
	[[ ${lines[1]} == "local     127.0.0.1:"* ]]
	[[ ${lines[2]} == "mapped    ${lines[1]##* }" ]]
	[[ ${lines[3]} == *"no NAT"* ]]
	stun-probe --json "$at" >report
	[ "$(wc -l <report)" = 1 ]
	jq -e '.nat == false and .mapped == .local and .fingerprint
		and .requests == 1 and .rtt_ms > 0' report
}

@test "a server whose name nobody knows: the others are asked, and JSON says so" {
	serve good
	run -69 --separate-stderr stun-probe --json nope.invalid "$at"
	[ "$stderr" = "stun-probe: nope.invalid: no address found for this host" ]
	jq -e --arg at "$at" '[.servers[] | .server] == [$at, "nope.invalid"] and
		.servers[0].mapped == .servers[0].local and
		(.servers[1].error | startswith("nope.invalid: "))' <<<"$output"
	run -69 --separate-stderr stun-probe --json nope.invalid
	jq -e '.server == "nope.invalid" and .error' <<<"$output"
	run -69 --separate-stderr stun-probe --nat --json nope.invalid
	jq -e '.failed[0].server == "nope.invalid"' <<<"$output"
	run -69 --separate-stderr stun-probe --turn --json nope.invalid
	jq -e '.works == false and .error' <<<"$output"
	run -2 stun-probe --turn nope.invalid "$at"
}

@test "no descriptors left: 74 and a line, and never a NAT that is not there" {
	serve good
	short=0 enough=0
	for most in 4 5 6 7 8 9 10 11 12 14; do
		status=0
		# shellcheck disable=SC2016
		bash -c 'ulimit -n "$1"; exec stun-probe --json "$2"' bash \
			"$most" "$at" >report 2>said || status=$?
		case $status in
		127) ;; # not even its libraries
		74)
			grep -q "^stun-probe: .*Too many open files" said
			short=$((short + 1))
			;;
		*)
			[ "$status" = 0 ]
			jq -e '.nat == false' report
			enough=$((enough + 1))
			;;
		esac
	done
	[ "$short" -gt 1 ]
	[ "$enough" -gt 0 ]
}

@test "no network: 69 over TCP and TLS as over UDP" {
	unshare -Urn true || skip "impossible here: no user namespaces"
	for kind in udp tcp tls; do
		run -69 --separate-stderr unshare -Urn stun-probe --json -T $kind \
			192.0.2.1
		jq -e '.error | endswith("Network is unreachable")' <<<"$output"
	done
}

@test "behind a NAT" {
	serve moved 4242
	stun-probe --json "$at" | jq -e '.nat and .mapped == "192.0.2.1:4242"'
	run stun-probe "$at"
	[[ $output == *"translates the address and the port"* ]]
	port=$(free_port)
	serve moved "$port"
	run stun-probe --address "127.0.0.1:$port" "$at"
	[[ $output == *"kept the port"* ]]
}

@test "a server that knows only MAPPED-ADDRESS" {
	serve plain
	stun-probe --json "$at" | jq -e '.mapped == .local and
		.fingerprint == false'
}

@test "a helper that rewrites payloads is seen" {
	serve rewritten
	stun-probe --json "$at" | jq -e '.rewritten and .mapped == .local'
	run stun-probe "$at"
	[[ $output == *"was changed on the way"* ]]
}

@test "lost requests are sent again, at RFC 8489's times" {
	serve drop 2
	stun-probe --json --trace trace --events events "$at" >report
	jq -e '.requests == 3 and .rtt_ms == null' report
	# 0, 0.5 and 1.5 s: never early, and far from twice as late
	jq -s 'map(select(.event == "request") | .time) |
		.[1] - .[0] >= 0.499 and .[1] - .[0] < 0.95 and
		.[2] - .[1] >= 0.999 and .[2] - .[1] < 1.9' events |
		grep -qx true
	[ "$(jq -s 'map(select(.event == "message")) | length' trace)" = 4 ]
}

@test "answers that break the protocol are status 76" {
	for mode in fingerprint empty unknown cut long; do
		serve "$mode"
		run -76 --separate-stderr stun-probe --timeout 5 "$at"
		[ -z "$output" ]
		[[ $stderr == "stun-probe: $at: a broken answer: "* ]]
	done
}

@test "what is no answer is counted and waited past" {
	for mode in wrong-id noise other-source; do
		serve "$mode"
		rm -f events
		run -69 stun-probe --timeout 1.3 --events events "$at"
		[ "$(jq -s 'map(select(.event == "malformed")) | length' \
			events)" = 2 ]
	done
	[[ $output == *"but one came from 127.0.0.1:"* ]]
	serve noise
	run -69 stun-probe --timeout 1.3 "$at"
	[[ $output == *", but 2 packets came that are no answer to them"* ]]
}

@test "a FIFO that nobody writes for a secret, a CA, a report: ended at once" {
	local words

	mkfifo silent
	for words in "--turn --user a --password-file silent 127.0.0.1" \
		"--turn --user a --turn-secret silent 127.0.0.1" \
		"--ca silent --transport tls 127.0.0.1" \
		"--predict silent b.json"; do
		# shellcheck disable=SC2086
		stun-probe $words >/dev/null 2>said 3>&- &
		probe=$!
		wait_for 5 waits_for_signals "$probe"
		kill "$probe"
		status=0
		wait "$probe" || status=$?
		[ "$status" = 66 ]
		grep -q "silent: interrupted" said
	done
	# one that is written works
	echo word >silent &
	run stun-probe --turn --user a --password-file silent --timeout 0.3 127.0.0.1
	[[ $output != *silent* ]]
}

@test "an empty secret is none" {
	: >nothing
	echo >blank
	for file in nothing blank; do
		run -66 stun-probe --turn --user a --password-file "$file" 127.0.0.1
		[ "$output" = "stun-probe: --password-file $file: empty" ]
	done
	STUN_PASSWORD='' run stun-probe --encode binding request username=a \
		message-integrity
	[ "$status" != 0 ]
	[[ $output == *"needs a password (--password-file FILE)" ]]
}

@test "error responses: 1, and 77 when it is about who we are" {
	serve error 420
	run -1 stun-probe "$at"
	[[ $output == *"the server says 420 Go "* ]]
	# nobody writes to our terminal
	[[ $output != *$'\033'* ]]
	serve error 401
	run -77 stun-probe --json "$at"
	jq -e '.code == 401' <<<"${lines[-1]}" ||
		jq -e '.code == 401' <<<"${lines[0]}"
}

@test "--turn: 400 to a request with credentials alone: they are refused" {
	serve_with challenger 400 # as pion does; it gives no reason either
	export TURN_PASSWORD=p
	run -77 stun-probe --turn --user u "$at"
	[[ $output == *": refused: 400 (the server does not take these "* ]]
	serve_with challenger 438 "Stale Nonce"
	run -1 stun-probe --turn --user u "$at"
	[[ $output == *": refused: 438 Stale Nonce" ]]
	# its challenge, and once again with another nonce
	[ "$(grep -c request port)" = 3 ]
}

# One more server; $also is of the one before, and ended with it.
serve_also()
{
	also=$server
	server=
	serve "$@"
}

@test "a server that sends us elsewhere: we go there, and it is told" {
	serve good
	good=$at
	serve_also elsewhere "${at##*:}"
	run -0 --separate-stderr stun-probe --json "$at"
	jq -e --arg at "$at" --arg good "$good" '.server == $good and .mapped and
		(.before | length) == 1 and (.before[0] | .server == $at and
		.code == 300 and .alternate == $good)' <<<"$output"
	run -0 stun-probe "$at"
	[[ ${lines[0]} == "before    $at: the server says 300 Try Alternate: ask $good instead" ]]
	# where nobody is
	kill "$also"
	wait "$also" || true
	run -69 stun-probe "$at"
	[[ ${lines[-1]} == *"$good: nothing listens there" ]]
}

@test "a server that sends us to itself, and two to each other: 1, a loop" {
	serve elsewhere
	run -1 stun-probe "$at"
	[[ $output == *"ask $at instead, which is itself: a loop" ]]
	port=$(free_port)
	serve elsewhere "$port"
	serve_also elsewhere "${at##*:}"
	socat -T 5 "UDP4-LISTEN:$port,bind=127.0.0.1,fork" "UDP4:$at" 3>&- &
	hop=$!
	wait_for 5 grep -q "$(printf ':%04X' "$port")" /proc/net/udp
	run -1 --separate-stderr stun-probe --json "127.0.0.1:$port"
	kill "$also" "$hop"
	[[ ${stderr_lines[-1]} == *"a loop" ]]
	jq -e --arg at "127.0.0.1:$port" '[.before[].server] == [$at]' <<<"$output"
}

@test "nobody there, and nobody who answers: 69" {
	port=$(free_port)
	run -69 stun-probe "127.0.0.1:$port"
	[[ $output == *"nothing listens there"* ]]
	serve drop 99
	run -69 stun-probe --timeout 1 "$at"
	[[ $output == *"no answer to 2 requests in "* ]]
	run -69 stun-probe --timeout 1 name.invalid
}

@test "ended before there was an answer: 69, and no report" {
	local how status

	serve drop 99
	for how in INT TERM pid; do
		rm -f events
		sleep 20 3>&- &
		other=$!
		stun-probe --pid "$other" --events events "$at" >report \
			2>said 3>&- &
		probe=$!
		wait_for 5 grep -q '"request"' events
		if [ "$how" = pid ]; then
			kill "$other"
		else
			kill "-$how" "$probe"
		fi
		status=0
		wait "$probe" || status=$?
		[ "$status" = 69 ]
		[ ! -s report ]
		jq -se '.[-1] | .event == "exit" and .status == 69' events
		[ "$how" = pid ] || kill "$other"
	done
}

@test "the reader of --events ends before there was an answer: 74" {
	serve drop 99
	run -74 bash -c 'set -o pipefail
		stun-probe --events fd:3 "$1" 3>&1 >report | true' - "$at"
	[ ! -s report ]
}

@test "-v explains each byte, on stderr" {
	serve good
	run --separate-stderr stun-probe -v --json "$at"
	jq -e .mapped <<<"$output"
	grep -q '    0  00 01                    Binding request  \[RFC 8489 5\]' \
		<<<"$stderr"
	grep -q 'XOR-MAPPED-ADDRESS, 8 bytes  \[RFC 8489 14.2\]' <<<"$stderr"
	grep -q 'CRC-32 of what is before: right' <<<"$stderr"
	# each byte of both messages is there once, in order
	sed -nE 's/^stun-probe: +[0-9]+  (([0-9a-f]{2} ?){1,8}).*/\1/p' \
		<<<"$stderr" | tr -d ' \n' >hex
	[ "$(wc -c <hex)" = $((2 * (40 + 40))) ]
}

@test "--pcap is read by tshark as STUN" {
	serve good
	stun-probe --pcap probe.pcapng "$at" >/dev/null
	tshark -r probe.pcapng -d "udp.port==${at##*:},stun" -T fields \
		-e stun.type 2>/dev/null >types
	printf '0x0001\n0x0101\n' | cmp - types
}

@test "an IPv6 address without brackets" {
	run -69 stun-probe --timeout 0.2 ::1
	[[ $output == "stun-probe: [::1]:3478: "* ]]
	run -69 stun-probe --timeout 0.2 -6 0:0:0:0:0:0:0:1
	[[ $output == "stun-probe: [::1]:3478: "* ]]
	run -2 stun-probe -4 ::1
	run -2 stun-probe :3478
}

@test "wrong options are status 2 and one clear line" {
	for options in "" "1 2 3 4 5 6 7 8 9" "--nat --turn 127.0.0.1" \
		"--lifetime 5 127.0.0.1" "--turn-secret x 127.0.0.1" \
		"--raw 127.0.0.1" "--silence 0 --nat 127.0.0.1" \
		"--encode --json binding request" "--decode --transport tcp" \
		"stun:" "stun:a:b" "http://a" "127.0.0.1:99999" "[::1" "--nope x" "--predict a" "-4 -6 127.0.0.1" "-6 127.0.0.1" \
		"127.0.0.1:0" "127.0.0.1:notaport" "--every 0.01 127.0.0.1" \
		"--address here 127.0.0.1" "--address ::1 127.0.0.1"; do
		# shellcheck disable=SC2086
		run -2 stun-probe $options
		[[ $output == stun-probe:* ]]
	done
}

@test "a local address that is not ours, or a full disk: 74" {
	serve good
	run -74 stun-probe --address 192.0.2.77 "$at"
	run -74 bash -c "stun-probe $at >/dev/full"
}

@test "--nat: a server that does what it says" {
	serve two
	run -0 stun-probe --nat --silence 3 "$at"
	[[ $output == *"rfc3489   open internet"* ]]
	[[ $output == *"filtering          endpoint-independent"* ]]
	[[ $output == *"because  a socket that had sent to one address only"* ]]
	grep -qE '^ +1 +0\.000  mapping +127\.0\.0\.1:[0-9]+ -> ' <<<"$output"
}

@test "--nat: what a server does not do is not what the NAT does" {
	for mode in two-ignores two-deaf two-refuses; do
		serve "$mode"
		stun-probe --nat --json --silence 1.2 "$at" >report
		jq -e '.mapping.verdict == "endpoint-independent" and
			.filtering.verdict == "unknown" and
			(.filtering.possible | length) == 3' report
	done
	# an OTHER-ADDRESS that is dead
	serve two-dead
	run -3 stun-probe --nat --json --silence 1.2 "$at"
	jq -e '.mapping.verdict == "unknown" and .filtering.verdict ==
		"unknown" and (.filtering.why | test("may be dead"))' <<<"$output"
	serve good
	run -3 stun-probe --nat --json --silence 0.3 "$at"
	jq -e '.mapping.verdict == "unknown" and .filtering.verdict ==
		"unknown" and .rfc3489 == "unknown" and
		.uninvited.why == "the mapping is not known"' <<<"$output"
}

@test "--nat: an answer from elsewhere is none, and is told" {
	serve two
	stun-probe --nat --json --silence 1.5 "$at" |
		jq -e '.reply_source.verdict == "right"'
	good=$at
	last=$server
	server=
	serve other-source
	run -0 stun-probe --nat --json --silence 1.5 --timeout 2 "$good" "$at"
	kill "$last"
	jq -e '.reply_source | .verdict == "wrong" and
		(.from | startswith("127.0.0.1:"))' <<<"$output"
}

@test "--nat: nobody answers, and a dead server holds up nobody" {
	serve drop 99
	run -69 --separate-stderr stun-probe --nat --json --timeout 0.4 "$at"
	jq -e '.failed | length == 1' <<<"$output"
	[[ $stderr == *"no answer to 1 request"* ]]
	# 39.5 s would be RFC 8489's
	dead=$at
	last=$server
	server=
	serve two
	run -0 stun-probe --nat --json --silence 1.5 "$dead" "$at"
	kill "$last"
	jq -e --arg at "$at" '.server == $at and (.failed == [])' <<<"$output"
}

@test "several servers at once: each report, the worst status" {
	serve good
	run -69 --separate-stderr stun-probe --timeout 5 --json "$at" \
		"127.0.0.1:$(free_port)" "$at"
	jq -e '(.servers | length) == 3 and .servers[0].mapped and
		.servers[2].mapped and (.servers[1].mapped | not)' <<<"$output"
	run -0 stun-probe "$at" "$at"
	[ "$(grep -c '^mapped' <<<"$output")" = 2 ]
}

@test "--every: a line each time, until it is told to end" {
	serve good
	stun-probe --every 0.1 --json "$at" >reports 2>said 3>&- &
	probe=$!
	wait_for 5 grep -c . reports
	three()
	{
		[ "$(wc -l <reports)" -ge 3 ]
	}
	wait_for 5 three
	kill "$probe"
	status=0
	wait "$probe" || status=$?
	[ "$status" = 0 ]
	[ ! -s said ]
	jq -se 'length >= 3 and all(.nat == false)' reports
	# its reader ends
	run -74 bash -c 'set -o pipefail; stun-probe --every 0.1 "$1" | head -n 1' \
		- "$at"
}
