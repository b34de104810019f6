#!/usr/bin/env bats
# sip-dial and the pipe contract: bad input, exit statuses, what goes where.

bats_require_minimum_version 1.5.0
load ../lib/ports
load ../lib/phone-sdp

setup()
{
	cd "$BATS_TEST_TMPDIR" || exit
	phone_sdp >offer.sdp
	sed 's/40000/41000/' offer.sdp >answer.sdp
	data=$BATS_TEST_DIRNAME/../data/rfc4475
}

teardown()
{
	[ -z "${answerer:-}" ] || kill "$answerer" 2>/dev/null || true
	[ -z "${caller:-}" ] || kill "$caller" 2>/dev/null || true
}

# An answerer in the background; $at is where.
answerer()
{
	sip-dial --answer --listen 127.0.0.1:0 --events events.b \
		"$@" <answer.sdp >got.offer 2>said.b 3>&- &
	answerer=$!
	wait_for 5 event events.b '.event == "listening"'
	at=$(jq -r 'select(.event == "listening") | .address' events.b)
}

caller()
{
	sip-dial --events events.a "$@" "sip:bob@$at" <offer.sdp \
		>got.answer 2>said.a 3>&- &
	caller=$!
}

event()
{
	[ -s "$1" ] && jq -se "any(.[]; $2)" "$1" >/dev/null
}

@test "both ends of a call: each has the other's SDP, with CRLF" {
	answerer
	caller
	wait_for 5 event events.a '.event == "established"'
	wait_for 5 event events.b '.event == "established"'
	cmp got.answer <(sed 's/$/\r/' answer.sdp)
	cmp got.offer <(sed 's/$/\r/' offer.sdp)
	kill "$caller"
	wait "$caller"
	wait "$answerer"
	[ "$(jq -r '.event' events.a | tail -n 1)" = exit ]
	[ "$(jq -r '.event' events.b | tail -n 1)" = exit ]
}

@test "who hears that the call is established finds the answer complete" {
	answerer
	mkfifo slow
	exec 5<>slow
	head -c 65536 /dev/zero >&5 # its reader lags: nothing fits in
	sip-dial --events events.a "sip:bob@$at" <offer.sdp >slow 2>said.a 3>&- &
	caller=$!
	wait_for 5 event events.a '.event == "answered"'
	sleep 0.2 # that is when it would be said too early
	run ! event events.a '.event == "established"'
	head -c 65536 <&5 >/dev/null
	wait_for 5 event events.a '.event == "established"'
	exec 5>&-
}

@test "a URI without its scheme, a name, IPv6, all addresses" {
	local pair

	for pair in 'localhost bob@localhost' '[::1] sip:bob@[::1]' \
		'0.0.0.0 127.0.0.1' '127.0.0.1 localhost' '[::1] [::1]'; do
		rm -f events.a events.b
		port=$(free_port)
		sip-dial --answer --listen "${pair% *}:$port" \
			--events events.b <answer.sdp >got.offer 2>said.b 3>&- &
		answerer=$!
		wait_for 5 event events.b '.event == "listening"'
		sip-dial --events events.a "${pair#* }:$port" <offer.sdp \
			>got.answer 2>said.a 3>&- &
		caller=$!
		wait_for 5 event events.a '.event == "established"'
		kill "$caller"
		wait "$caller"
		wait "$answerer"
	done
	run ! grep -q '0\.0\.0\.0' <(jq -r '.remote_target // ""' events.a)
}

@test "no offer, an empty one, none that is SDP" {
	run -66 --separate-stderr sip-dial sip:bob@127.0.0.1:9 </dev/null
	[[ $stderr == *'no offer'* && -z $output ]]
	run -65 --separate-stderr sip-dial sip:bob@127.0.0.1:9 <<<'hello'
	[[ $stderr == *'line 1'* && -z $output ]]
	head -c 1000 /dev/urandom >noise
	run -65 --separate-stderr sip-dial sip:bob@127.0.0.1:9 <noise
	[ "${#stderr_lines[@]}" = 1 ]
	head -c 10000000 /dev/zero >huge
	run --separate-stderr sip-dial sip:bob@127.0.0.1:9 <huge
	[ "$status" = 65 ] && [ "${#stderr_lines[@]}" = 1 ]
}

@test "usage: no URI, two, a broken one, another scheme or transport" {
	local uri

	run -2 sip-dial </dev/null
	run -2 sip-dial sip:a@b sip:c@d </dev/null
	run -2 sip-dial --answer sip:a@b </dev/null
	for uri in '' 'sip:' 'sip:bob@' 'tel:+123' 'sips:' \
		'sip:bob@127.0.0.1;transport=sctp' \
		'sips:bob@127.0.0.1;transport=udp' 'sip:bob@127.0.0.1:99999' \
		$'sip:bob@127.0.0.1\r\nX: y' 'sip:<bob>@127.0.0.1'; do
		echo "<$uri>"
		run -2 --separate-stderr sip-dial "$uri" <offer.sdp
		[ -z "$output" ]
	done
}

@test "usage: of what is not quite a URI one line says what to write" {
	refused 'a SIP URI has no //' sip://bob@127.0.0.1
	refused "'mailto:' is neither sip: nor" mailto:bob@127.0.0.1
	refused "'bob:' is neither sip: nor" bob:secret@127.0.0.1
	refused "'localhost:' is neither sip: nor" localhost:sip
	refused "'tel:' is neither sip: nor" tel:110
	refused 'write sip:NUMBER@HOST' +4930123
	refused 'write sip:NUMBER@HOST' sip:200
	refused 'no host' :5070
	refused 'no user' @127.0.0.1
	refused '[ without ]' 'sip:bob@[::1'
	refused 'write the URI alone' '"Bob" <sip:bob@127.0.0.1>'
	refused 'no blanks' 'sip:bob@127.0.0.1 '
	refused 'no host' ''
}

# It is refused with 2 and one line that has $1.
refused()
{
	local said=$1

	shift
	echo "$*"
	run -2 --separate-stderr timeout 20 sip-dial "$@" <offer.sdp
	[ -z "$output" ]
	[ "${#stderr_lines[@]}" = 1 ]
	[[ $stderr == *"$said"* ]]
}

@test "usage: options that do not go together" {
	local option

	for option in --from=sip:a@b --from-name=A --proxy=127.0.0.1 --early \
		'--header=X-A: b' --user=a --local=127.0.0.1:0; do
		refused "${option%%=*} is for a caller" --answer \
			--listen 127.0.0.1:0 "$option"
	done
	for option in --wait=3 --no-ringing --listen=127.0.0.1:0 --invite=a; do
		refused "${option%%=*} is for an answerer" "$option" \
			sip:bob@127.0.0.1:9
	done
	refused 'only with --line' --answer --listen 127.0.0.1:0 --invite foo
	refused 'own transport' --answer --listen 127.0.0.1:0 --line sock
	refused 'use a FIFO' --control - sip:bob@127.0.0.1:9
	refused 'use a FIFO' --control fd:0 sip:bob@127.0.0.1:9
	refused 'use a FIFO' --control - --answer --listen 127.0.0.1:0
}

@test "usage: values that are not URIs, ports or addresses" {
	local value

	for value in junk tel:+123 sips: 'a b@c' bob@ 'sip:<a>@b' ''; do
		refused 'not a SIP URI' --from "$value" sip:bob@127.0.0.1:9
	done
	for value in 0 99999 65536; do
		refused 'not a port' "sip:bob@127.0.0.1:$value"
	done
	refused 'not an address' --local foo sip:bob@127.0.0.1:9
	refused 'not an address' --answer --listen 127.0.0.1:39999999
	refused 'not an address' --answer --listen foo
}

@test "a file of hashes that is none, or not there" {
	local line

	for line in '' secret 'bob:pbx:secret' ':pbx:0123456789abcdef0123456789abcdef'; do
		echo "$line" >hashes
		run -65 --separate-stderr sip-dial --ha1-file hashes \
			sip:bob@127.0.0.1:9 <offer.sdp
		[[ $stderr == *'--ha1-file hashes: not lines of USER:REALM:HASH'* ]]
		[ "${#stderr_lines[@]}" = 1 ]
	done
	run -66 --separate-stderr sip-dial --ha1-file missing \
		sip:bob@127.0.0.1:9 <offer.sdp
	[ "${#stderr_lines[@]}" = 1 ]
}

@test "headers of one's own cannot break the message" {
	local header

	for header in 'no colon' 'From: x' 'via: y' $'X: a\r\nY: b' ': z' \
		'Content-Length: 3' 'l: 3'; do
		run -2 sip-dial --header "$header" sip:bob@127.0.0.1:9 \
			<offer.sdp
	done
	answerer --trace trace
	caller --header 'X-Pipecall: a "b" $(c)' --from-name 'A "q" \ b' \
		--from 'alice@example.org'
	wait_for 5 event events.b '.event == "established"'
	jq -r 'select(.event == "message") | .raw' trace |
		grep -qF 'X-Pipecall: a "b" $(c)'
	event events.b '.event == "incoming" and .from_name == "A \"q\" \\ b"
		and .from == "sip:alice@example.org"'
	kill "$caller"
	wait "$caller"
}

@test "a used port, an address that is not ours, a line that is not there" {
	answerer
	run -74 --separate-stderr sip-dial --answer --listen "$at" <answer.sdp
	[[ $stderr == *'another program has this port'* ]]
	run -74 sip-dial --answer --listen 192.0.2.1:0 <answer.sdp
	run -74 --separate-stderr sip-dial --line ./nothing sip:bob@127.0.0.1 \
		<offer.sdp
	[[ $stderr == *'sip-register'* ]]
	run -74 sip-dial --line ./nothing --answer <answer.sdp
}

@test "a password file that is missing" {
	run -66 sip-dial --password-file nothing sip:bob@127.0.0.1:9 <offer.sdp
}

@test "a full disk behind stdout: the call is hung up, exit status 74" {
	answerer
	run -74 bash -c 'exec sip-dial "sip:bob@$1" <offer.sdp >/dev/full' - "$at"
	wait "$answerer"
	event events.b '.event == "ended" and .by == "them"'
}

# A datagram that is not SIP is an event.
junk()
{
	perl -MIO::Socket::INET -e 'IO::Socket::INET->new(Proto => "udp",
		PeerAddr => shift)->send("junk junk junk")' "$1"
}

@test "the reader of --events ends: so does the call, with BYE" {
	local here status=0

	here=127.0.0.1:$(free_port)
	mkfifo events.fifo
	answerer
	head -n 1 <events.fifo >/dev/null 3>&- &
	reader=$!
	sip-dial --events events.fifo --local "$here" "sip:bob@$at" <offer.sdp \
		>got.answer 2>said.a 3>&- &
	caller=$!
	wait_for 5 event events.b '.event == "established"'
	wait "$reader"
	junk "$here"
	wait "$caller" || status=$?
	[ "$status" = 74 ]
	wait "$answerer"
	event events.b '.event == "ended" and .by == "them"'
}

@test "--pid: the call ends with another process" {
	sleep 20 3>&- &
	other=$!
	answerer
	caller --pid "$other"
	wait_for 5 event events.a '.event == "established"'
	kill "$other"
	wait "$caller"
	wait "$answerer"
}

@test "the caller ends before an answer: exit status 1, and nothing printed" {
	local how status

	for how in INT TERM hangup; do
		rm -f events.a events.b
		mkfifo "control.$how" "stdin.$how"
		exec 5<>"control.$how" 6<>"stdin.$how"
		sip-dial --answer --listen 127.0.0.1:0 --events events.b \
			<"stdin.$how" >got.offer 2>said.b 3>&- &
		answerer=$!
		wait_for 5 event events.b '.event == "listening"'
		at=$(jq -r 'select(.event == "listening") | .address' events.b)
		caller --control "control.$how"
		wait_for 5 event events.a '.event == "ringing"'
		if [ "$how" = hangup ]; then
			echo hangup >&5
		else
			kill "-$how" "$caller"
		fi
		status=0
		wait "$caller" || status=$?
		[ "$status" = 1 ]
		[ ! -s got.answer ]
		event events.a '.event == "cancelled" and .by == "us"'
		status=0
		wait "$answerer" || status=$?
		[ "$status" = 1 ] # its caller gave up
		exec 5>&- 6>&-
	done
}

@test "the reader of --events ends before an answer: still 74" {
	local status=0

	mkfifo stdin
	exec 6<>stdin
	sip-dial --answer --listen 127.0.0.1:0 --events events.b <stdin \
		>got.offer 2>said.b 3>&- &
	answerer=$!
	wait_for 5 event events.b '.event == "listening"'
	at=$(jq -r 'select(.event == "listening") | .address' events.b)
	run -74 bash -c 'set -o pipefail
		sip-dial --events fd:3 "sip:bob@$1" 3>&1 >got.answer <offer.sdp |
		head -n 1' - "$at"
	exec 6>&-
	wait "$answerer" || status=$?
	[ "$status" = 1 ]
}

@test "SIGKILL at one end: the other hangs up when told, within its bound" {
	answerer
	sip-dial --events events.a "sip:bob@$at" <offer.sdp >got.answer 2>said.a \
		3>&- &
	caller=$!
	wait_for 5 event events.b '.event == "established"'
	kill -KILL "$caller"
	kill "$answerer"
	wait "$answerer"
	event events.b '.event == "exit" and .status == 0'
}

wake_ups()
{
	awk '/voluntary_ctxt_switches/ { n += $2 } END { print n }' \
		"/proc/$1/status"
}

idle_for_a_second()
{
	local before

	before=$(wake_ups "$1")
	sleep 1
	[ $(($(wake_ups "$1") - before)) -le 1 ]
}

@test "idle costs nothing: no wake-up while it waits or is in a call" {
	answerer
	caller
	wait_for 5 event events.a '.event == "established"'
	wait_for 5 idle_for_a_second "$caller"
	kill "$caller"
	wait "$caller"
}

throw()
{
	local file

	for file in "$data"/*.dat; do
		perl -MIO::Socket::INET -e '
			my $s = IO::Socket::INET->new(Proto => "udp",
				PeerAddr => shift) or die;
			local $/;
			send($s, <STDIN>, 0)' "$1" <"$file"
	done
}

@test "RFC 4475's messages thrown at one that is idle" {
	mkfifo control
	sip-dial --answer --listen 127.0.0.1:0 --events events.b \
		--control control </dev/null >got.offer 2>said.b 3>&- &
	answerer=$!
	wait_for 5 event events.b '.event == "listening"'
	at=$(jq -r 'select(.event == "listening") | .address' events.b)
	throw "$at"
	sipsak -s "sip:bob@$at"
	event events.b '.event == "malformed" and .protocol == "SIP"'
	run ! grep -v '^[a-z]=' got.offer # one of them is a call: its SDP alone
	kill "$answerer"
	wait "$answerer"
}

@test "RFC 4475's messages thrown at both ends of a call" {
	answerer
	caller --local 127.0.0.1:0 --trace trace
	wait_for 5 event events.a '.event == "established"'
	throw "$at"
	throw "$(jq -r 'select(.event == "message") | .local' trace | head -n 1)"
	sipsak -s "sip:bob@$at"
	run ! event events.a '.event == "ended"'
	run ! event events.b '.event == "ended"'
	kill "$caller"
	wait "$caller"
	wait "$answerer"
}

@test "the manual is clean and has every command and event" {
	local name

	for name in hangup reject ringing answer; do
		grep -qE "^\.It (Ic $name|Li .*\"$name\")" \
			"$BATS_TEST_DIRNAME/../../tools/sip-dial/sip-dial.1"
	done
	run -0 sip-dial --help
	[[ $output == *'exit'* && $output == *'--early'* ]]
}
