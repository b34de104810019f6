#!/usr/bin/env bats
# Many rtp-bridges in one process, --serve and --via: to everyone else each is
# as one of its own.

bats_require_minimum_version 1.5.0

setup()
{
	load ../lib/media
	cd "$BATS_TEST_TMPDIR" || exit
}

teardown()
{
	media_stop
}

# A server m at m.sock.
serve()
{
	rm -f m.in
	media_spawn m rtp-bridge --serve m.sock 2>m.err
	wait_for 5 grep -q 'listening unix m.sock' m.err
}

via()
{
	rtp-bridge --via m.sock "$@"
}

# A bridge $1 in the server between an rtp: leg and an echo, and that it works.
start_echo()
{
	bridge_start "$1" --via m.sock rtp:127.0.0.1:0 echo:
	[ -e p.out ] || rtp_start p
	sdp "127.0.0.1:$(rtp_port p)" 0=PCMU/8000 >p.sdp
	bridge "$1" describe rtp - p.sdp
	echoes "$1"
}

# Ten packets to $1 come back.
echoes()
{
	local had

	had=$(count p.out packet)
	rtp p speech "127.0.0.1:$(bridge_port "$1")" 10 0 77 "$had" \
		$((had * 160)) 5 160
	wait_for 5 at_least $((had + 10)) p.out packet
}

@test "no server, a dead one's socket, a file, a live one: 74, and the way out" {
	run -74 rtp-bridge --via m.sock echo:
	[[ $output == *'no server there: start rtp-bridge --serve'* ]]
	: >file
	run -74 rtp-bridge --serve file
	[[ $output == *'no socket'* ]]
	serve
	[ "$(stat -c %a m.sock)" = 600 ]
	run -74 rtp-bridge --serve m.sock
	[[ $output == *'another is using it'* ]]
	kill -KILL "${media_pid[m]}"
	wait_for 5 media_ended m
	run -74 rtp-bridge --via m.sock echo:
	[[ $output == *'no server there'* ]]
	serve
	run -0 timeout 20 rtp-bridge --via m.sock --control - null: </dev/null
	bridge m quit # is no control of the server's
	kill "${media_pid[m]}"
	bridge_wait m 0
	[ ! -e m.sock ]
}

@test "a server that has stopped is not waited for for ever" {
	local status=0

	# shellcheck disable=SC2016
	media_spawn m bash -c 'rtp-bridge --serve m.sock & server=$!
		while read -r signal; do kill "-$signal" "$server"; done
		kill -CONT "$server"; kill "$server"; wait "$server"' 2>m.err
	wait_for 5 grep -q 'listening unix m.sock' m.err
	bridge m STOP
	# (a pipe's end would be on its way to who has stopped)
	rtp-bridge --via m.sock null: echo: >out 2>&1 || status=$?
	bridge m CONT
	[ "$status" = 74 ]
	grep -q 'does not answer' out
	run -0 timeout 20 rtp-bridge --via m.sock --control - null: </dev/null
	bridge m TERM
	wait_for 5 test ! -e m.sock
}

@test "words that cannot be: 2, 65, 66 and 74 here, too, and the server lives" {
	serve
	for words in '' foo: rtp:127.0.0.1:5001 'echo: echo:' '--pid x null:' \
		'--events - null:' '--no-such' '--serve n.sock'; do
		# shellcheck disable=SC2086
		run -2 via $words
		[[ $output == *rtp-bridge:* ]]
	done
	run -2 rtp-bridge --serve n.sock echo:
	[[ $output == *'--via n.sock'* ]]
	: >empty.wav
	run -65 via wav:play=empty.wav null:
	run -66 via wav:play=none.wav null:
	run -74 via wav:record=none/x.wav null:
	run -74 via --events none/x null:
	run -66 via --control none null:
	run -66 via --pid 99999999 null:
	run -0 via --help
	[[ $output == *--via*SOCK* ]]
	run -69 --separate-stderr timeout 20 rtp-bridge --via m.sock \
		--timeout 0.3 rtp:127.0.0.1:0
	# shellcheck disable=SC2154 # bats sets it
	[[ $output == *a=mid:rtp* && $stderr == *'listening udp 127'* ]]
	media_lives m
}

@test "folder, umask, descriptors, FIFOs and the call's name are the client's" {
	serve
	mkdir there
	mkfifo there/events
	cat there/events >events.jsonl 3>&- &
	media_pid[reader]=$!
	(
		cd there
		umask 077
		printf 'add wav:record=x.wav\ndrop null\nhangup\n' |
			PIPECALL_CALL=seven rtp-bridge --via ../m.sock \
				--events events --control /dev/fd/0 \
				--trace fd:7 --pcap p.pcapng \
				rtp:127.0.0.1:0 null: 7>trace >frag
	)
	wait "${media_pid[reader]}" # its end comes with the bridge's
	[ "$(stat -c %a there/x.wav)" = 600 ]
	[ -s there/p.pcapng ] && [ -s there/frag ] && [ -e there/trace ]
	jq -es 'all(.call == "seven") and (last | .event == "exit")' events.jsonl
	# a filter behind its stdout ends while it lives on
	bridge_start b --via m.sock rtp:127.0.0.1:0 echo:
	media_spawn f bash -c \
		'exec rtp-bridge --via m.sock rtp:127.0.0.1:0 null: | cat >f.frag
		echo done >f.end' 2>/dev/null
	wait_for 5 grep -q a=mid f.frag
	[ ! -e f.end ] # the shell waits for both
	media_lives b
}

@test "a folder whose name ends in fd names no descriptor" {
	serve
	mkdir afd
	# 3 is the connection to the server, 4 to 9 what else there is
	for n in 3 4 5 6 7 8 9; do
		bridge_start "n$n" --via m.sock rtp:127.0.0.1:0 \
			"wav:record=afd/$n.wav"
	done
	for n in 3 4 5 6 7 8 9; do
		media_lives "n$n"
		bridge "n$n" hangup
		bridge_wait "n$n" 0
		[ -s "afd/$n.wav" ]
	done
}

@test "signals are passed on; who is killed takes his bridge along" {
	serve
	for signal in INT TERM HUP; do
		bridge_start "$signal" --via m.sock rtp:127.0.0.1:0 \
			"dtls:$signal.sock"
		[ -S "$signal.sock" ]
		kill -"$signal" "${media_pid[$signal]}"
		bridge_wait "$signal" 0
		[ "$(event "$signal.jsonl" exit why)" = "SIG$signal" ]
		[ ! -e "$signal.sock" ]
	done
	bridge_start k --via m.sock dtls:k.sock null:
	kill -KILL "${media_pid[k]}"
	wait_for 5 says k.jsonl exit
	[ ! -e k.sock ]
	media_lives m
}

@test "the server is killed: one line and 74; it is asked to end: all end as asked" {
	serve
	start_echo a
	bridge_start b --via m.sock null: echo:
	kill -KILL "${media_pid[m]}"
	bridge_wait a 74
	bridge_wait b 74
	[ "$(grep -c 'the server is gone' a.err)" = 1 ]
	serve
	start_echo c
	kill "${media_pid[m]}"
	bridge_wait c 0
	bridge_wait m 0
	[ "$(event c.jsonl exit why)" = 'the server ends' ]
	[ ! -e m.sock ]
}

@test "one fails to start, one crashes into its own commands: the other goes on" {
	serve
	start_echo a
	run -74 via "rtp:127.0.0.1:$(bridge_port a)" null:
	bridge_start b --via m.sock rtp:127.0.0.1:0 tone:440
	bridge_refuses b 'describe rtp - missing' 'missing: No such file'
	mkfifo fifo # nobody waits for who may write there
	bridge_refuses b 'describe rtp - fifo' .
	bridge b quit
	bridge_wait b 0
	echoes a
	bridge a quit
	bridge_wait a 0
}

@test "a reader of events that has stopped: its bridge ends, the other's media flow" {
	serve
	start_echo a
	mkfifo slow
	exec {slow}<>slow # a reader that never reads
	media_spawn s rtp-bridge --via m.sock --events slow --control s.in \
		null: echo: 2>s.err
	# an error each, more than pipe and patience hold
	timeout 20 bash -c 'printf "dance\n%.0s" {1..20000}' \
		>&"${media_fd[s]}" &
	media_pid[writer]=$!
	echoes a
	wait_for 10 grep -q 'events: ' s.err
	bridge_wait s 74
	echoes a
	exec {slow}>&-
	echoes a
}

@test "a socket handed over, and tones both ways through DTLS, in one process" {
	serve
	export SSLKEYLOGFILE=keys
	bridge_start a --via m.sock dtls:a.sock,name=far tone:440
	bridge_start b --via m.sock dtls:b.sock,name=far tone:660
	hand_start h a.sock b.sock
	for of in a b; do
		{
			printf '%s\r\n' v=0 'o=- 1 1 IN IP4 127.0.0.1' s=- 't=0 0' \
				'm=audio 9 UDP/TLS/RTP/SAVPF 0' \
				'c=IN IP4 0.0.0.0' a=rtcp-mux \
				"a=setup:$([ "$of" = a ] && echo active || echo passive)"
			grep a=fingerprint "$of.frag"
		} >"$of.sdp"
	done
	bridge a describe far a.sdp b.sdp
	bridge b describe far b.sdp a.sdp
	wait_for 10 at_least 1 a.jsonl heard '.hz > 655 and .hz < 665'
	wait_for 10 at_least 1 b.jsonl heard '.hz > 435 and .hz < 445'
	[ -s keys ]
}

@test "no descriptor is left: the next is refused with 74, until one ends" {
	# shellcheck disable=SC2016
	media_spawn m bash -c 'ulimit -Hn 60; ulimit -n 60
		exec rtp-bridge --serve m.sock' 2>m.err
	wait_for 5 grep -q 'listening unix' m.err
	local n=0
	while [ "$n" -lt 20 ] && bridge_start "b$n" --via m.sock rtp:127.0.0.1:0 \
		null: && media_lives "b$n"; do
		n=$((n + 1))
	done
	[ "$n" -gt 2 ] && [ "$n" -lt 20 ]
	bridge_wait "b$n" 74
	for i in 0 1; do
		bridge "b$i" quit
		bridge_wait "b$i" 0
	done
	bridge_start c --via m.sock rtp:127.0.0.1:0 null:
	media_lives c
}

# The tests of another file like $2 hold when all its bridges are in a server.
also()
{
	local there=$BATS_TEST_DIRNAME real

	serve
	real=$(command -v rtp-bridge)
	mkdir bin
	printf '#!/bin/sh\nexec %s --via %s "$@"\n' "$real" "$PWD/m.sock" \
		>bin/rtp-bridge
	chmod +x bin/rtp-bridge
	PATH=$PWD/bin:$PATH run -0 bats --tap --filter "$2" "$there/$1"
	echo "$output"
	[[ $output == *'ok 1 '* ]]
	media_lives m
}

@test "through a server: how a bridge ends, and what it refuses" {
	also rtp-bridge.bats 'wrong legs|SIGTERM|full stdout|product|69|broken'
}

@test "through a server: legs come and go, third parties, DTLS" {
	also rtp-bridge.bats 'drop and add|third party|DTLS|two tones'
}

@test "through a server: a recording" {
	also rtp-bridge-wav.bats .
}
