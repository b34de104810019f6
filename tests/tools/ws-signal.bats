#!/usr/bin/env bats
# ws-signal against itself, curl, socat and Python's websockets.

bats_require_minimum_version 1.5.0
load ../lib/ports

setup()
{
	dir=$BATS_TEST_TMPDIR
	pids=()
}

teardown()
{
	local pid

	for pid in "${pids[@]}"; do
		kill "$pid" 2>/dev/null || true
	done
	for pid in "${pids[@]}"; do
		wait "$pid" || true
	done
}

# Start ws-signal --listen with these options; sets $port, $url, $server.
listen()
{
	: >"$dir/err"
	ws-signal --listen 127.0.0.1:0 --events "$dir/events" "$@" \
		2>"$dir/err" 3>&- &
	server=$!
	pids+=("$server")
	wait_for 5 grep -q 'listening tcp' "$dir/err"
	port=$(sed -n 's/.*listening tcp .*:\([0-9]*\)$/\1/p' "$dir/err")
	url=ws://127.0.0.1:$port/signal
}

# A participant called $1 that stays: lines written to fd $2 are sent, and
# what it is told comes to $dir/$1.
participant()
{
	mkfifo "$dir/$1.in"
	eval "exec $2<>'$dir/$1.in'"
	ws-signal --connect "$url" --events "$dir/$1.events" \
		<"$dir/$1.in" >"$dir/$1" 2>"$dir/$1.err" 3>&- &
	pids+=("$!")
	echo "{\"type\":\"enter\",\"room\":\"${3:-phones}\",\"name\":\"$1\"}" >&"$2"
	wait_for 5 grep -q '"type":"room"' "$dir/$1"
}

id_of()
{
	jq -r 'select(.type == "welcome").id' "$dir/$1"
}

peer()
{
	/usr/bin/python3 tests/tools/ws-signal.py "$@"
}

# Start a foreign server that does these steps; sets $url.
foreign()
{
	: >"$dir/peer" # the port of the one before must not be read
	/usr/bin/python3 tests/tools/ws-signal.py server "$@" \
		>>"$dir/peer" 2>"$dir/peer.err" 3>&- &
	pids+=("$!")
	wait_for 10 grep -q '^[0-9]' "$dir/peer"
	url=ws://127.0.0.1:$(head -n 1 "$dir/peer")/signal
}

event()
{
	jq -c "select(.event == \"$1\")" "${2:-$dir/events}"
}

@test "a room: who is there, messages with the sender's id, who leaves" {
	listen
	participant alice 5
	participant bob 6
	[ "$(id_of alice)" != "$(id_of bob)" ]
	wait_for 5 grep -q '"entered".*"name":"bob"' "$dir/alice"
	jq -se '.[1].participants | map(.name) == ["alice", "bob"]' "$dir/bob"
	# A sender cannot say that it is another.
	echo "{\"type\":\"bye\",\"to\":\"$(id_of alice)\",\"from\":\"p99\",\"n\":1.0}" >&6
	wait_for 5 grep -q '"bye"' "$dir/alice"
	tail -n 1 "$dir/alice" | jq -e --arg bob "$(id_of bob)" \
		'.from == $bob and .n == 1'
	# Nor that it is the server.
	echo "{\"type\":\"left\",\"to\":\"$(id_of alice)\",\"id\":\"p1\"}" >&6
	wait_for 5 grep -q '"error".*only the server' "$dir/bob"
	kill -KILL "${pids[2]}"
	wait_for 5 grep -q '"left"' "$dir/alice"
	tail -n 1 "$dir/alice" | jq -e --arg bob "$(id_of bob)" '.id == $bob'
	event left | jq -e '.why | test("without a Close")'
}

@test "rooms are apart; what cannot be delivered comes back" {
	listen
	participant alice 5
	participant bob 6 elsewhere
	! grep -q entered "$dir/alice" || false
	echo "{\"type\":\"bye\",\"call\":\"c1\",\"to\":\"$(id_of bob)\"}" >&5
	wait_for 5 grep -q undelivered "$dir/alice"
	tail -n 1 "$dir/alice" | jq -e \
		'.call == "c1" and .message == "bye" and (.why | length > 0)'
	echo '{"type":"leave"}' >&5
	echo '{"type":"who"}' >&5
	wait_for 5 grep -q '"error".*enter a room' "$dir/alice"
}

@test "what is not understood is answered, counted and survived" {
	listen
	run -0 peer client "$url" recv send:nonsense recv 'send:[1]' recv \
		'send:{}' recv 'send:{"type":"x"}' recv 'send:{"type":"x","to":3}' \
		recv 'send:{"type":"enter","room":7}' recv \
		'send:{"type":"enter","room":"r"}' recv
	[ "$(grep -c '"type":"error"' <<<"$output")" = 6 ]
	jq -es 'last.type == "room"' <<<"$output"
	[ "$(event malformed | jq -s 'map(.count) == [1,2,3,4,5,6]')" = true ]
}

@test "hostile text stays text, in one line" {
	listen
	participant alice 5
	text=$'$(touch x)`id`;"\'\n\r\001../../etc/passwd\u202e\\'
	jq -nc --arg name "$text" '{type: "enter", room: "phones", $name}' |
		ws-signal --connect "$url" --count 2 >"$dir/eve"
	wait_for 5 grep -q '"left"' "$dir/alice"
	[ "$(wc -l <"$dir/eve")" = 2 ]
	jq -j 'select(.type == "entered").name' "$dir/alice" |
		cmp - <(printf %s "$text")
	event entered | jq -es 'length == 2'
	[ ! -e x ]
}

@test "files: types, HEAD, 304, index.html" {
	mkdir -p "$dir/www/sub"
	echo '<p>home' >"$dir/www/index.html"
	echo '<p>sub' >"$dir/www/sub/index.html"
	echo 'let x' >"$dir/www/a b.js"
	head -c 300000 /dev/urandom >"$dir/www/blob"
	: >"$dir/www/empty.css"
	listen --www "$dir/www"
	http=http://127.0.0.1:$port
	run -0 curl -sSi "$http/"
	[[ $output == *'200 OK'*'text/html; charset=utf-8'*'<p>home' ]]
	curl -sS "$http/sub/?q" | grep -q '<p>sub'
	run -0 curl -sSI "$http/a%20b.js"
	[[ $output == *text/javascript*'Content-Length: 6'* ]]
	curl -sS "$http/blob" | cmp - "$dir/www/blob"
	[ "$(curl -sS -w '%{http_code} %{size_download}' "$http/empty.css")" = \
		'200 0' ]
	etag=$(curl -sSI "$http/" | tr -d '\r' | sed -n 's/^ETag: //p')
	[ "$(curl -sS -o /dev/null -w '%{http_code}' \
		-H "If-None-Match: $etag" "$http/")" = 304 ]
	echo '<p>new' >"$dir/www/index.html"
	[ "$(curl -sS -o /dev/null -w '%{http_code}' \
		-H "If-None-Match: $etag" "$http/")" = 200 ]
	# Two at once on one connection, in order.
	printf 'GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /sub/ HTTP/1.0\r\n\r\n' |
		socat -t 3 - "TCP:127.0.0.1:$port" | grep -a '^<p>' >"$dir/two"
	[ "$(tr '\n' ' ' <"$dir/two")" = '<p>new <p>sub ' ]
}

@test "files: what must not be served is not" {
	mkdir -p "$dir/www/.git" "$dir/www/sub"
	echo secret | tee "$dir/secret" "$dir/www/.env" >"$dir/www/.git/config"
	ln -s ../secret "$dir/www/out"
	ln -s .. "$dir/www/up"
	mkfifo "$dir/www/fifo"
	listen --www "$dir/www"
	for path in /../secret /sub/../../secret /%2e%2e/secret /..%2fsecret \
		/.env /.git/config /%2egit/config /out /up/secret /fifo /sub /none \
		/; do
		run -0 curl -sS --path-as-is -w '%{http_code}' \
			"http://127.0.0.1:$port$path"
		[[ $output == *404 && $output != *secret* ]]
	done
}

# The status of a request made of these bytes.
status_of()
{
	printf %b "$1" | socat -t 3 - "TCP:127.0.0.1:$port" 2>/dev/null |
		sed -n '1s/^HTTP.1.1 \([0-9]*\).*/\1/p'
}

@test "requests that are wrong get their answer" {
	listen --www "$dir"
	long=$(head -c 5000 /dev/zero | tr '\0' a)
	host='Host: x\r\n\r\n'
	[ "$(status_of "POST / HTTP/1.1\r\n$host")" = 405 ]
	[ "$(status_of "GET / HTTP/1.1\r\n\r\n")" = 400 ]
	[ "$(status_of "\001\002\377\n\n")" = 400 ]
	[ "$(status_of "GET %00 HTTP/1.1\r\n$host")" = 400 ]
	[ "$(status_of "GET /%zz HTTP/1.1\r\n$host")" = 400 ]
	[ "$(status_of "GET /$long HTTP/1.1\r\n$host")" = 414 ]
	[ "$(status_of "GET / HTTP/1.1\r\nA: $long$long$long$long\r\n$host")" = 431 ]
	[ "$(status_of "GET / HTTP/3.0\r\n$host")" = 505 ]
	[ "$(status_of "GET / HTTP/1.1\r\nContent-Length: 3\r\n${host}abc")" = 413 ]
	[ "$(status_of "GET /signal HTTP/1.1\r\n$host")" = 426 ]
	[ "$(status_of "GET / HTTP/1.0\r\n\r\n")" = 404 ]
	[ "$(event malformed | wc -l)" -ge 5 ]
	# 10 MB of nothing in particular.
	head -c 10000000 /dev/urandom |
		socat -u - "TCP:127.0.0.1:$port" 2>/dev/null || true
	[ "$(status_of "GET / HTTP/1.0\r\n\r\n")" = 404 ]
}

@test "half a request is given up after --timeout, and a silent client" {
	listen --timeout 0.3
	run -0 timeout 20 socat -t 30 - "TCP:127.0.0.1:$port" < <(
		printf 'GET / HT'; sleep 2)
	[[ $output == *'408 Request Timeout'* ]]
	run -0 timeout 20 socat -t 30 - "TCP:127.0.0.1:$port" < <(sleep 2)
	[ "$output" = '' ]
}

@test "a slow reader keeps nobody waiting" {
	head -c 30000000 /dev/urandom >"$dir/large"
	echo small >"$dir/small"
	listen --www "$dir"
	curl -sS --limit-rate 1M "http://127.0.0.1:$port/large" \
		-o /dev/null 3>&- &
	slow=$!
	pids+=("$slow")
	curl -sS "http://127.0.0.1:$port/large" | cmp - "$dir/large"
	run -0 curl -sS --max-time 2 "http://127.0.0.1:$port/small"
	[ "$output" = small ]
	kill -0 "$slow"
	# It has been given what it took, not all of the file.
	[ "$(awk '/VmRSS/ { print $2 }' "/proc/$server/status")" -lt 20000 ]
}

@test "a page of another origin is not let in, unless it is named" {
	listen --origin https://phone.example
	run -77 ws-signal --connect "$url" --origin http://evil.example </dev/null
	[[ $output == *'403 Forbidden'* ]]
	event refused | jq -e '.origin == "http://evil.example" and .status == 403'
	run -0 ws-signal --connect "$url" --origin https://phone.example \
		--count 1 </dev/null
	run -0 ws-signal --connect "$url" --origin "http://127.0.0.1:$port" \
		--count 1 </dev/null
	run -0 ws-signal --connect "$url" --count 1 </dev/null
	[[ $output == *welcome* ]]
}

@test "Python's client: fragments, ping, a multi-line message, close code" {
	listen
	participant alice 5
	run -0 peer client "$url" recv ping \
		'parts:{"type":"en|ter","room":|"phones","name":"é"}' recv \
		"send:{ \"type\": \"bye\",
			\"to\": \"$(id_of alice)\" }" close:4321:gone
	[[ $output == *pong* ]]
	wait_for 5 grep -q '"left"' "$dir/alice"
	grep -q '"name":"é"' "$dir/alice"
	[ "$(jq -c 'select(.type == "bye") | del(.from, .to)' "$dir/alice")" = \
		'{"type":"bye"}' ]
	event closed | jq -e '.code == 4321 and .reason == "gone" and .clean'
	tail -n 1 "$dir/alice" | jq -e '.why | test("4321.*gone")'
}

@test "what breaks RFC 6455 is closed with the code it has" {
	listen --max-message 1000
	here=127.0.0.1:$port
	run -0 peer raw "$here" 810548656c6c6f # not masked
	[[ $output == *03ea* ]]
	run -0 peer raw "$here" 818200000000c0af # not UTF-8
	[[ $output == *03ef* ]]
	run -0 peer raw "$here" 828100000000ff # binary
	[[ $output == *03eb* ]]
	run -0 peer raw "$here" 81fe03e90000000061 # 1001 bytes
	[[ $output == *03f1* ]]
	run -0 peer raw "$here" 88820000000003e8 # Close 1000 is echoed
	[[ $output == *880203e8 ]]
	[ "$(event malformed | jq -s 'map(select(.protocol == "WebSocket")) |
		length')" = 4 ]
}

@test "who does not answer a ping is dropped, who answers stays" {
	listen --ping 1
	participant alice 5
	participant bob 6
	kill -STOP "${pids[2]}"
	wait_for 5 grep -q '"left"' "$dir/alice"
	kill -CONT "${pids[2]}"
	event left | jq -e '.why | test("no answer to ping")'
	sleep 3
	echo '{"type":"who"}' >&5
	wait_for 5 eval '[ "$(grep -c "\"room\"" "$dir/alice")" -ge 2 ]'
}

@test "the client drops a server that does not answer its ping" {
	socat "TCP-LISTEN:0,bind=127.0.0.1,fork" SYSTEM:'cat >/dev/null' \
		2>/dev/null 3>&- &
	pids+=("$!")
	listen
	mkfifo "$dir/in"
	exec 5<>"$dir/in"
	ws-signal --connect "$url" --ping 0.2 --events "$dir/c.events" \
		<"$dir/in" >"$dir/out" 2>"$dir/c.err" 3>&- &
	client=$!
	wait_for 5 grep -q welcome "$dir/out"
	kill -STOP "$server"
	status=0
	wait "$client" || status=$?
	kill -CONT "$server"
	[ "$status" = 74 ]
	event closed "$dir/c.events" | jq -e '.code == 1006 and (.clean | not) and
		.why == "no answer to ping"'
}

@test "who does not read is closed, and the others go on" {
	listen --max-message 1000
	participant alice 5
	/usr/bin/python3 tests/tools/ws-signal.py client "$url" \
		'send:{"type":"enter","room":"phones"}' recv \
		quiet:30 >"$dir/deaf" 2>/dev/null 3>&- &
	pids+=("$!")
	wait_for 5 grep -q welcome "$dir/deaf"
	deaf=$(jq -r .id "$dir/deaf")
	# More than the kernel keeps on a loopback connection.
	pad=$(head -c 900 /dev/zero | tr '\0' x)
	yes "{\"type\":\"bye\",\"to\":\"$deaf\",\"pad\":\"$pad\"}" |
		head -n 12000 >&5
	wait_for 20 grep -q '"left"' "$dir/alice"
	jq -es --arg deaf "$deaf" 'map(select(.type == "left")) |
		.[0].id == $deaf and (.[0].why | test("does not read|too slow"))' \
		"$dir/alice"
	echo '{"type":"who"}' >&5
	wait_for 10 eval '[ "$(grep -c "\"room\"" "$dir/alice")" -ge 2 ]'
}

@test "the client's exit status is what the server closed with" {
	for pair in 1000:0 1001:69 1008:77 1011:1 4001:1 1003:76; do
		foreign "close:${pair%:*}:because"
		run "-${pair#*:}" ws-signal --connect "$url" --count 9 \
			--events "$dir/c.events" </dev/null
		event closed "$dir/c.events" | tail -n 1 | jq -e \
			".code == ${pair%:*} and .reason == \"because\" and .clean"
	done
	foreign drop
	run -74 ws-signal --connect "$url" --count 9 </dev/null
	[[ $output == *1006* ]]
}

@test "the client says goodbye at the end of stdin, and on SIGTERM" {
	foreign wait
	run -0 ws-signal --connect "$url" <<<'{"a":"b"}'
	wait_for 5 grep -q closed "$dir/peer"
	[ "$(tail -n 2 "$dir/peer" | tr '\n' ' ')" = '{"a":"b"} closed 1000  ' ]
	foreign wait
	mkfifo "$dir/in"
	exec 5<>"$dir/in"
	ws-signal --connect "$url" <"$dir/in" 2>"$dir/c.err" 3>&- \
		--events "$dir/c.events" &
	client=$!
	wait_for 5 grep -q connected "$dir/c.events"
	kill "$client"
	wait "$client"
	wait_for 5 grep -q 'closed 1000' "$dir/peer"
	event exit "$dir/c.events" | jq -e '.status == 0'
}

@test "what was written before a hangup is still sent, connected or not yet" {
	mkfifo "$dir/in" "$dir/control"
	exec 5<>"$dir/in" 6<>"$dir/control"
	foreign wait
	echo '{"last":"words"}' >&5
	echo hangup >&6
	run -0 ws-signal --connect "$url" --control "$dir/control" <"$dir/in"
	wait_for 5 grep -q closed "$dir/peer"
	[ "$(tail -n 2 "$dir/peer" | tr '\n' ' ')" = '{"last":"words"} closed 1000  ' ]

	foreign wait
	ws-signal --connect "$url" --control "$dir/control" <"$dir/in" \
		2>"$dir/c.err" 3>&- --events "$dir/c.events" &
	client=$!
	wait_for 5 grep -q connected "$dir/c.events"
	kill -STOP "$client"
	echo hangup >&6
	printf '%s\n' '{"one":1}' '{"two":2}' >&5
	kill -CONT "$client"
	wait "$client"
	wait_for 5 grep -q closed "$dir/peer"
	[ "$(tail -n 3 "$dir/peer" | tr '\n' ' ')" = '{"one":1} {"two":2} closed 1000  ' ]
}

@test "the client's stdout: one line a message, and nothing that is not JSON" {
	foreign 'send:{"sdp":"v=0\r\ns=-\r\n"}' 'send:{
		"two": 2 }' 'send:not JSON' 'send:{"three":3}' close:1000:
	run -0 ws-signal --connect "$url" --count 9 --events "$dir/c.events" \
		</dev/null
	[ "${lines[0]}" = '{"sdp":"v=0\r\ns=-\r\n"}' ]
	[ "${lines[1]}" = '{"two":2}' ]
	[ "${lines[2]}" = '{"three":3}' ]
	[ "${#lines[@]}" = 3 ]
	event malformed "$dir/c.events" | jq -e '.protocol == "JSON"'
	foreign binary:x wait
	run -76 ws-signal --connect "$url" --count 1 </dev/null
	wait_for 5 grep -q 'closed 1003' "$dir/peer"
}

@test "a line on stdin that is no JSON, binary, or 10 MB is not sent" {
	foreign wait
	{
		echo '{"first":1}'
		echo 'no JSON'
		printf '\000\001\377\n'
		head -c 10000000 /dev/zero | tr '\0' x
		echo
		printf '{"last":1}' # without a newline
	} >"$dir/in"
	run -65 ws-signal --connect "$url" <"$dir/in"
	[[ $output == *'not JSON'*'--max-message'* ]]
	wait_for 5 grep -q closed "$dir/peer"
	[ "$(sed 1d "$dir/peer" | tr '\n' ' ')" = \
		'{"first":1} {"last":1} closed 1000  ' ]
}

@test "10000 messages through a pipe arrive in order, whoever is slow" {
	listen
	participant alice 5
	to=$(id_of alice)
	# through a plain file, and from one writer of a FIFO
	{
		echo '{"type":"enter","room":"phones"}'
		seq 10000 | sed "s/.*/{\"type\":\"n\",\"to\":\"$to\",\"n\":&}/"
	} >"$dir/in"
	run -0 ws-signal --connect "$url" <"$dir/in"
	wait_for 20 grep -q '"n":10000,' "$dir/alice"
	jq -r 'select(.type == "n").n' "$dir/alice" | cmp - <(seq 10000)
}

@test "no server, a silent one, one that is no WebSocket" {
	dead=$(free_port)
	run -69 ws-signal --connect "ws://127.0.0.1:$dead/signal" </dev/null
	[[ $output == *'Connection refused'* ]]
	[ "${#lines[@]}" = 1 ]
	socat "TCP-LISTEN:$dead,bind=127.0.0.1,reuseaddr" SYSTEM:'sleep 5' 3>&- &
	pids+=("$!")
	wait_for 5 eval "ss -ltn | grep -q ':$dead '"
	run -69 ws-signal --connect "ws://127.0.0.1:$dead/signal" \
		--timeout 0.3 </dev/null
	[[ $output == *'no answer in time'* ]]
	nonsense=$(free_port)
	socat "TCP-LISTEN:$nonsense,bind=127.0.0.1,reuseaddr" \
		SYSTEM:'echo "SSH-2.0-x"; echo; sleep 1' 3>&- &
	pids+=("$!")
	wait_for 5 eval "ss -ltn | grep -q ':$nonsense '"
	run -76 ws-signal --connect "ws://127.0.0.1:$nonsense/" </dev/null
	[[ $output == *'not HTTP'* ]]
	listen
	run -1 ws-signal --connect "ws://127.0.0.1:$port/elsewhere" </dev/null
	[[ $output == *'404 Not Found'* ]]
}

@test "a wrong command line, a used port, a folder that is none" {
	run -2 ws-signal
	[[ $output == *'--listen'*'--connect'* ]]
	run -2 ws-signal --listen 127.0.0.1:0 --connect ws://a/
	run -2 ws-signal --listen nowhere:x
	run -2 ws-signal --connect http://a/
	run -2 ws-signal --connect wss://a/
	[[ $output == *TLS* ]]
	run -2 ws-signal --connect ws://127.0.0.1:1/ --control -
	run -2 ws-signal --connect ws://127.0.0.1:1/ --www .
	run -66 ws-signal --listen 127.0.0.1:0 --www "$dir/none"
	listen
	run -74 ws-signal --listen "127.0.0.1:$port"
	[[ $output == *'Address already in use'* ]]
}

# Let the client write until it has noticed that nobody reads.
nudged()
{
	echo '{"type":"who"}' >&5
	[ -s "$dir/status" ]
}

@test "stdout that is full or gone" {
	listen
	run -74 bash -c "ws-signal --connect '$url' --count 1 </dev/null >/dev/full"
	[[ $output == *'No space left'* ]]
	mkfifo "$dir/in"
	exec 5<>"$dir/in"
	echo '{"type":"enter","room":"r"}' >&5
	{
		status=0
		ws-signal --connect "$url" <"$dir/in" 2>"$dir/err2" || status=$?
		echo "$status" >"$dir/status"
	} | true 3>&- &
	wait_for 5 nudged
	[ "$(cat "$dir/status")" = 74 ]
	grep -q 'its reader is gone' "$dir/err2"
}

@test "the server's end: everyone is told, and it exits 0 at once" {
	listen
	participant alice 5
	kill "$server"
	wait "$server"
	wait_for 5 grep -q '"exit"' "$dir/alice.events"
	event closed "$dir/alice.events" | jq -e \
		'.code == 1001 and .reason == "the server ends" and .clean'
	event exit "$dir/alice.events" | jq -e '.status == 69'
	event exit | jq -e '.status == 0'
}

@test "--exec: each participant talks with a program of its own" {
	listen --exec cat
	run -0 peer client "$url" send:one recv send:two recv \
		'parts:a|b' recv 'send:{ "x":
		1}' recv
	[ "${lines[*]}" = 'one two ab {"x":1}' ]
	wait_for 5 eval '[ -n "$(event exited)" ]'
	event exited | jq -e '.status == 0'
}

@test "--exec: its environment, and no shell" {
	cat >"$dir/show" <<-'EOF'
		#!/bin/bash
		echo "$# $1 $2"
		echo "$WS_ID $WS_FROM $WS_ORIGIN"
	EOF
	chmod +x "$dir/show"
	listen --exec "$dir/show \$(id) ;x" --origin '*'
	run -0 ws-signal --connect "$url" --count 9 --origin 'a$(id)`b`' \
		--events "$dir/c.events" </dev/null
	event malformed "$dir/c.events" | jq -es 'length == 2' # no JSON
	event closed "$dir/c.events" | jq -e '.code == 1000'
	run -0 peer client "$url" wait
	[ "${lines[0]}" = '2 $(id) ;x' ]
	[[ ${lines[1]} == 'p2 127.0.0.1:'* ]]
}

@test "--exec: a program that fails, that cannot start, that will not end" {
	listen --exec false
	run -0 peer client "$url" wait
	[[ $output == 'closed 1011 the program ended with status 1' ]]
	run -66 --separate-stderr ws-signal --listen 127.0.0.1:0 \
		--exec "$dir/none"
	[[ $stderr == *'No such file'* ]]
	run -66 ws-signal --listen 127.0.0.1:0 --exec no-such-program-here
	run -66 ws-signal --listen 127.0.0.1:0 --exec "$dir"
	run -2 ws-signal --listen 127.0.0.1:0 --exec ' '
	# Gone since: the participant is told, and the server goes on.
	cp /bin/cat "$dir/cat"
	listen --exec "$dir/cat"
	rm "$dir/cat"
	run -0 peer client "$url" wait
	[[ $output == 'closed 1011'* ]]
	grep -q 'No such file' "$dir/err"
	cp /bin/cat "$dir/cat"
	run -0 peer client "$url" send:one recv
	[ "$output" = one ]
	cat >"$dir/stubborn" <<-'EOF'
		#!/bin/bash
		trap '' TERM
		echo ready
		while :; do sleep 0.1; done
	EOF
	chmod +x "$dir/stubborn"
	listen --exec "$dir/stubborn"
	run -0 peer client "$url" recv
	[ "$output" = ready ]
	wait_for 5 eval '[ -n "$(event exited | jq "select(.signal == 9)")" ]'
	# The same when it is the server that ends.
	/usr/bin/python3 tests/tools/ws-signal.py client "$url" recv wait \
		>"$dir/last" 3>&- &
	pids+=("$!")
	wait_for 5 grep -q ready "$dir/last"
	kill "$server"
	wait "$server"
	! pgrep -f "$dir/stubborn" || false
}

@test "--exec and --www: pages, and at /signal the program" {
	mkdir "$dir/www"
	echo hello >"$dir/www/index.html"
	listen --exec cat --www "$dir/www"
	run -0 curl -s "http://127.0.0.1:$port/"
	[ "$output" = hello ]
	run -0 peer client "$url" send:one recv
	[ "$output" = one ]
}

@test "--exec: 10 MB through a program and back, nothing lost" {
	listen --exec cat
	seq 120000 | sed 's/.*/{"type":"n","text":"a line of some length that is carried","n":&}/' \
		>"$dir/in"
	[ "$(wc -c <"$dir/in")" -gt 8000000 ]
	run -0 ws-signal --connect "$url" --count 120000 <"$dir/in"
	cmp "$dir/in" <(printf '%s\n' "$output")
}

@test "too many connections: told so, and room again later" {
	listen --max-participants 2
	participant alice 5
	participant bob 6
	run -69 ws-signal --connect "$url" --count 9 </dev/null
	[[ $output == *'1013 too many'* ]]
	kill "${pids[2]}"
	wait_for 5 grep -q '"left"' "$dir/alice"
	run -0 ws-signal --connect "$url" --count 1 </dev/null
}

@test "out of descriptors: those that are there go on" {
	ulimit -Sn 40
	listen
	ulimit -Sn 1024
	participant alice 5
	/usr/bin/python3 - "$port" >"$dir/many" <<-'EOF' 3>&- &
		import socket, sys, time
		a = [socket.create_connection(("127.0.0.1", int(sys.argv[1])))
		     for _ in range(60)]
		print("there", flush=True)
		time.sleep(30)
	EOF
	many=$!
	pids+=("$many")
	wait_for 10 grep -q there "$dir/many"
	wait_for 10 grep -q 'Too many open files' "$dir/err"
	echo '{"type":"who"}' >&5
	wait_for 5 eval '[ "$(grep -c "\"room\"" "$dir/alice")" -ge 2 ]'
	kill "$many"
	run -0 ws-signal --connect "$url" --count 1 </dev/null
}

@test "control: who, drop, quit; the product stays clean" {
	mkfifo "$dir/control"
	exec 6<>"$dir/control"
	listen --control "$dir/control"
	participant alice 5
	echo who >&6
	wait_for 5 eval '[ -n "$(event participants)" ]'
	event participants | jq -e '.count == 1 and .participants[0].name == "alice"'
	echo "drop $(id_of alice) enough" >&6
	wait_for 5 grep -q '"closed"' "$dir/alice.events"
	event closed "$dir/alice.events" | jq -e '.code == 1008 and .reason == "enough"'
	echo 'drop p99' >&6
	wait_for 5 eval '[ -n "$(event error)" ]'
	echo quit >&6
	wait "$server"
}

@test "--trace has the messages, --pcap what Wireshark shows as WebSocket" {
	mkdir "$dir/www"
	listen --pcap "$dir/pcap" --trace "$dir/trace" --www "$dir/www"
	large=$(head -c 200000 /dev/zero | tr '\0' x)
	printf '%s\n' '{"type":"enter","room":"phones","name":"sniffed"}' \
		"{\"type\":\"large\",\"to\":\"p1\",\"text\":\"$large\"}" |
		ws-signal --connect "$url" --count 3 >"$dir/out"
	[ "$(wc -c <"$dir/out")" -gt 200000 ]
	kill "$server"
	wait "$server"
	jq -es 'map(select(.protocol == "WebSocket" and .direction == "in"))[0] |
		.raw | fromjson.name == "sniffed"' "$dir/trace"
	tshark -r "$dir/pcap" -d "tcp.port==$port,http" -T fields \
		-e websocket.opcode -e websocket.payload.text -Y websocket \
		>"$dir/shown" 2>/dev/null
	grep -q 'sniffed' "$dir/shown"
	grep -q 'large.*xxxxxxxxx' "$dir/shown"
	grep -q '^8' "$dir/shown"
}
