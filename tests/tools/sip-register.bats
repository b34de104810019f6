#!/usr/bin/env bats
# sip-register without a registrar worth the name: bad options, dead and used
# addresses, its socket, and the programs it runs.

bats_require_minimum_version 1.5.0

setup()
{
	load ../lib/sipp
	cd "$BATS_TEST_TMPDIR" || exit
	export TMPDIR=$PWD
	pid=
}

teardown()
{
	if [ -n "$pid" ]; then
		kill "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	fi
	sipp_stop
	rm -f sock control
}

# One line on stderr that has this in it, and this status.
refused()
{
	local want=$1 says=$2 status=0

	shift 2
	"$@" >out 2>err || status=$?
	cat err out
	[ "$status" = "$want" ]
	grep -qF -- "$says" err
	[ "$(grep -vc 'usage:\|listening' err)" = 1 ]
}

# A line for direct calls at $address, its events in the file events.
line()
{
	rm -f events # of one before it
	sip-register --no-register --listen 127.0.0.1:0 "$@" >events 2>errors \
		3>&- &
	pid=$!
	wait_for 5 says listening
	address=$(jq -r 'select(.event == "listening") | .address' events)
}

says()
{
	grep -q "\"event\":\"$1\"" events
}

# Have it end, in time, with nothing left.
stop()
{
	end_in_time "$pid"
	pid=
}

# Call it with what is in the INVITE; print the first line of each answer.
call()
{
	sipp_start alice -sf "$BATS_TEST_DIRNAME/../peers/sipp/line-$1.xml" \
		-m 1 "$address"
	sipp_wait alice
}

# Send a datagram (a file) and print the answer.
ask()
{
	local fd

	exec {fd}<>"/dev/udp/127.0.0.1/${address##*:}"
	cat "$1" >&"$fd"
	timeout "${2:-2}" dd bs=65536 count=1 status=none <&"$fd" || true
	exec {fd}>&-
}

@test "wrong options: 2, and what to do" {
	refused 2 'whom to register' sip-register
	refused 2 'not an address of record' sip-register pbx
	refused 2 'not an address of record' sip-register 'sip:1 0@pbx'
	refused 2 'not an address of record' sip-register sips:pbx
	refused 2 'whom to register' sip-register localhost:5070
	refused 2 'no host' sip-register bob@
	refused 2 'no user' sip-register @pbx
	refused 2 'no //' sip-register sip://bob@pbx
	refused 2 'no : in the user' sip-register bob:secret@pbx
	refused 2 'tel: is not SIP' sip-register tel:+4930
	refused 2 'the transport is an option' \
		sip-register 'sip:bob@pbx;transport=tcp'
	refused 2 '--expires' sip-register -x 0 sip:100@127.0.0.1
	refused 2 '--no-register needs' sip-register --no-register
	refused 2 'for --exec' sip-register sip:100@127.0.0.1 more
	refused 2 '--once' sip-register --once --line sock sip:100@127.0.0.1
	refused 2 'not an address' sip-register -l nowhere sip:100@127.0.0.1
	refused 2 'not an address' sip-register -r 127.0.0.1:99999 sip:1@pbx
	refused 2 '--nonsense' sip-register --nonsense
}

@test "a name nobody knows: 69" {
	refused 69 'no address found' sip-register sip:100@no.such.invalid
}

@test "a password file that is not there: 66" {
	refused 66 'No such file' sip-register --password-file none \
		sip:100@127.0.0.1
}

@test "a dead registrar is known at once: 69, UDP and TCP" {
	local began=$EPOCHREALTIME

	refused 69 'Connection refused' sip-register -r 127.0.0.1:1 sip:1@pbx
	refused 69 'Connection refused' sip-register --tcp -r 127.0.0.1:1 \
		sip:1@pbx
	within 2 "$began"
}

@test "a registrar that says nothing: 69 after --timeout" {
	sipp_start mute -sf "$BATS_TEST_DIRNAME/../peers/sipp/line-mute.xml"
	refused 69 'no answer' sip-register --timeout 1 \
		-r "127.0.0.1:$(sipp_port mute)" sip:1@pbx
}

@test "behind a NAT, the address that the registrar sees is registered" {
	sipp_start nat -m 1 -sf \
		"$BATS_TEST_DIRNAME/../peers/sipp/line-registrar-nat.xml"
	sip-register -r "127.0.0.1:$(sipp_port nat)" sip:100@pbx >events \
		2>errors 3>&- &
	pid=$!
	wait_for 5 says registered
	[ "$(jq -r 'select(.event == "registered") |
		"\(.contact) \(.expires)"' events)" = \
		'sip:100@192.0.2.7:4444 33' ]
	says nat
	stop
	sipp_wait nat
}

@test "--keep-trying and --line try again" {
	for option in --keep-trying '--line sock'; do
		rm -f events # the other's
		# shellcheck disable=SC2086
		sip-register $option -r 127.0.0.1:1 sip:1@pbx >events \
			2>errors 3>&- &
		pid=$!
		wait_for 10 twice unreachable
		wait_for 5 says waiting
		stop
		[ ! -e sock ]
	done
}

twice()
{
	[ "$(grep -c "\"event\":\"$1\"" events)" -ge 2 ]
}

@test "a used port: 74" {
	line --line sock
	refused 74 "$address: Address already in use" sip-register \
		--no-register --listen "$address" --line other
	[ ! -e other ]
}

@test "a socket that another uses: 74; the other goes on" {
	line --line sock
	refused 74 'another sip-register is using it' sip-register \
		--no-register --listen 127.0.0.1:0 --line sock
	[ -S sock ]
	stop
	[ ! -e sock ]
}

@test "a socket left by a crash is replaced; a file is not" {
	line --line sock
	[ "$(stat -c %a sock)" = 600 ]
	kill -KILL "$pid"
	wait "$pid" || true
	[ -S sock ]
	line --line sock
	stop
	echo precious >sock
	refused 74 'no socket' sip-register --no-register \
		--listen 127.0.0.1:0 --line sock
	[ "$(cat sock)" = precious ]
}

@test "a socket path that is too long, or nowhere: 74" {
	refused 74 'too long' sip-register --no-register \
		--listen 127.0.0.1:0 --line "$(printf '%0200d' 0)"
	refused 74 'No such file' sip-register --no-register \
		--listen 127.0.0.1:0 --line no/such/folder
}

@test "--exec of nothing: 66" {
	refused 66 'No such file' sip-register --no-register \
		--listen 127.0.0.1:0 --exec ./missing
}

@test "full disk, and a FIFO nobody reads: 74" {
	run -74 sip-register --no-register --listen 127.0.0.1:0 --line sock \
		--events /dev/full
	[ ! -e sock ]
}

@test "what is not SIP is counted and survived" {
	line --line sock
	printf 'hello\n' >bad1
	head -c 60000 /dev/urandom >bad2
	printf 'INVITE sip:x SIP/2.0\r\n\r\n' >bad3
	printf 'SIP/2.0 999 x\r\n\r\n' >bad4
	printf '\r\n\r\n' >ping
	for file in bad1 bad2 bad3 bad4 ping; do
		[ -z "$(ask "$file" 0.1)" ]
	done
	[ "$(grep -c '"event":"malformed"' events)" = 4 ]
	call uac-strays
}

@test "broken calls from both sides are survived" {
	local lib=$BATS_TEST_DIRNAME/../lib

	for seed in 1 2; do
		line --line sock --take-timeout 0.2 --trace trace \
			--exec 'sleep 0.05'
		answers=$("$lib/sip-mutations.py" "$address" sock 1500 $seed)
		[ "$answers" -gt 100 ]
		says malformed
		says ended
		says dial-gone
		call uac-strays
		stop
		jq -e . events trace >/dev/null
		[ ! -e sock ]
	done
}

@test "TCP: not SIP ends the connection, and only that; pings are answered" {
	line --line sock --tcp
	port=${address##*:}
	exec 5<>"/dev/tcp/127.0.0.1/$port" 6<>"/dev/tcp/127.0.0.1/$port"
	printf 'GET / HTTP/1.1\r\n\r\n' >&5
	run timeout 20 cat <&5
	[ "$status" = 0 ]
	[ -z "$output" ]
	printf '\r\n\r\n' >&6
	[ "$(timeout 20 head -c 2 <&6 | xxd -p)" = 0d0a ]
	# a message in pieces, and two in one piece
	message=$'OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:x>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 4\r\n\r\nbody'
	printf %s "${message:0:30}" >&6
	printf %s "${message:30}$message" >&6
	[ "$(timeout 20 grep -c -m 2 'SIP/2.0 200' <&6)" = 2 ]
	exec 5>&- 6>&-
}

@test "a dial that speaks nonsense is dropped; the line goes on" {
	line --line sock
	printf 'nonsense' | timeout 20 socat -,ignoreeof UNIX-CONNECT:sock,type=5
	wait_for 3 says dial-gone
	printf '{"type":"send","to":"no address"}\nX' |
		socat -,ignoreeof UNIX-CONNECT:sock,type=5 >answers 3>&- &
	wait_for 5 grep -aq '"type":"unreachable"' answers
	kill "$!"
	grep -aq '"type":"hello"' answers
	call uac-strays
}

@test "--exec: environment, and 480 when it does not take the call" {
	cat >answer <<-'EOF'
		#!/bin/sh
		env >environment
		printf '%s\n' "$@" >arguments
		echo to stdout
	EOF
	chmod +x answer
	SIP_PASSWORD=hidden line --exec './answer one' -- two 'three four'
	call uac-gets-480
	[ "$(cat arguments)" = $'one\ntwo\nthree four' ]
	grep -qx 'SIP_FROM=sip:alice@127.0.0.1:[0-9]*' environment
	grep -qx 'SIP_FROM_NAME=Alice' environment
	grep -qx "SIP_REQUEST_URI=sip:bob@$address" environment
	grep -qx 'SIP_SOURCE=127.0.0.1:[0-9]*' environment
	grep -qx "SIP_INVITE=$(jq -r 'select(.event == "invite") | .invite' \
		events)" environment
	run ! grep -q hidden environment
	grep -q '"event":"exec-ended".*"status":0' events
	grep -q 'to stdout' errors
	run ! grep -q 'to stdout' events
	line=$(sed -n 's/^SIP_LINE=//p' environment)
	[ -S "$line" ]
	stop
	[ ! -e "$line" ]
	[ ! -e "${line%/*}" ]
}

@test "--exec: 500 when it fails" {
	line --exec false
	call uac-gets-500
}

@test "--exec: it takes the call by sip-dial" {
	printf '%s\n' v=0 'o=- 1 1 IN IP4 127.0.0.1' s=- \
		'c=IN IP4 127.0.0.1' 't=0 0' 'm=audio 40000 RTP/AVP 0' >sdp
	line --exec 'sh -c' -- \
		'exec sip-dial --line "$SIP_LINE" --answer <sdp >offer'
	sipp_start alice -sn uac -m 3 -r 10 -d 300 "$address"
	sipp_wait alice
	grep -q ^m=audio offer
	wait_for 3 ended 3
	stop
}

ended()
{
	[ "$(grep -c '"event":"exec-ended".*"status":0' events)" = "$1" ]
}

@test "--exec: SIGTERM when the caller gives up" {
	line --exec 'sleep 30'
	call uac-cancels
	wait_for 3 grep -q '"event":"exec-ended".*"signal":15' events
}

@test "--exec: nothing is left when it ends" {
	line --exec 'sh -c' -- 'sleep 30 & echo $! >child; wait'
	sipp_start alice -sf \
		"$BATS_TEST_DIRNAME/../peers/sipp/line-uac-gets-480.xml" -m 1 \
		"$address"
	wait_for 5 test -s child
	stop
	sipp_wait alice
	wait_for 3 gone "$(cat child)"
}

@test "--exec: nothing is left when it is killed" {
	line --exec 'sleep 30'
	sipp_start alice -sf \
		"$BATS_TEST_DIRNAME/../peers/sipp/line-uac-gets-480.xml" -m 1 \
		"$address"
	wait_for 5 says exec
	child=$(jq 'select(.event == "exec") | .pid' events)
	kill -0 "$child"
	kill -KILL "$pid"
	wait "$pid" || true
	pid=
	wait_for 3 gone "$child"
	rm -rf sip-register.* # its private line
}

gone()
{
	! kill -0 "$1" 2>/dev/null
}

@test "what a caller says reaches no shell and no file name" {
	cat >answer <<-'EOF'
		#!/bin/sh
		printf '%s\n' "$SIP_FROM_NAME" "$SIP_TO" "$SIP_CALL_ID" >said
	EOF
	chmod +x answer
	line --exec ./answer
	printf '%s\r\n' 'INVITE sip:$(touch${IFS}pwned)@x SIP/2.0' \
		'Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1;rport' \
		$'From: "\\"; touch pwned; $(touch pwned) `touch pwned` ../../\x1b[2J" <sip:a@b>;tag=$(1' \
		'To: <sip:../../$(touch${IFS}pwned)%25n%25s@x>' \
		'Call-ID: ../../$(touch${IFS}pwned)' 'CSeq: 1 INVITE' \
		'Contact: <sip:a@b>' 'Content-Length: 0' '' >invite
	ask invite >/dev/null
	wait_for 5 test -s said
	[ ! -e pwned ]
	[ "$(sed -n 1p said)" = \
		'"; touch pwned; $(touch pwned) `touch pwned` ../../[2J' ]
	[ "$(sed -n 2p said)" = 'sip:../../$(touch${IFS}pwned)%25n%25s@x' ]
	[ "$(sed -n 3p said)" = '../../$(touch${IFS}pwned)' ]
	jq -e . events >/dev/null
	stop
	run ! grep -P '[\x00-\x08\x0b-\x1f]' errors
}

@test "--help tells the exit statuses and the commands" {
	run -0 sip-register --help
	[[ $output == *"not let in"* ]]
	[[ $output == *"refresh [ACCOUNT]: register anew now"* ]]
}
