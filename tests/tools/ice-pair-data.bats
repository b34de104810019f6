# ice-pair as netcat: data on stdin and stdout, or a command's.

bats_require_minimum_version 1.5.0

setup()
{
	load ../lib/ports
	cd "$BATS_TEST_TMPDIR"
	pids=()
}

teardown()
{
	for pid in "${pids[@]}"; do
		kill "$pid" 2>/dev/null || true
	done
}

# In the background only: its pid is ice-pair's.
offer()
{
	exec ice-pair --address 127.0.0.1 --timeout 20 --offer o --remote a "$@"
}

# The same, of the one that answers.
answering()
{
	exec ice-pair --address 127.0.0.1 --timeout 20 --answer a --remote o "$@"
}

answer()
{
	ice-pair --address 127.0.0.1 --timeout 20 --answer a --remote o "$@"
}

@test "--reliable: all of it arrives both ways, and both ends end" {
	head -c 700000 /dev/urandom >there
	head -c 5000 /dev/urandom >back
	offer --reliable <there >got.back 2>offer.err 3>&- &
	pids+=($!)
	answer --reliable <back >got.there
	wait "${pids[0]}"
	cmp there got.there
	cmp back got.back
}

@test "--reliable: an answer after the end of the question still comes" {
	echo question | offer --reliable >reply 3>&- &
	pids+=($!)
	answer --reliable -- sh -c 'read -r what; cat; echo "no $what"' </dev/null
	wait "${pids[0]}"
	[ "$(cat reply)" = "no question" ]
}

# Something is in file $1.
has_come()
{
	[ -s "$1" ]
}

@test "--reliable: who is ended in the middle has not ended its data: 69" {
	mkfifo in
	exec {in}<>in
	offer --reliable <in 3>&- {in}<&- &
	pids+=($!)
	answering --reliable </dev/null >got 2>err 3>&- {in}<&- &
	pids+=($!)
	printf '%065536d' 0 >in
	wait_for 10 has_come got
	kill "${pids[0]}"
	status=0
	wait "${pids[1]}" || status=$?
	[ "$status" = 69 ]
	grep -q 'the stream: Connection reset by peer' err
}

@test "--reliable: nor has who does not read it taken it: 69" {
	mkfifo out
	exec {out}<>out
	head -c 3000000 /dev/zero | offer --reliable >reply 2>err 3>&- {out}<&- &
	pids+=($!)
	echo "done" | answering --reliable >out 3>&- {out}<&- &
	pids+=($!)
	wait_for 10 has_come reply
	kill "${pids[1]}"
	status=0
	wait "${pids[0]}" || status=$?
	[ "$status" = 69 ]
}

@test "datagrams keep their bounds, by FIFOs, to and from a command" {
	mkfifo o a
	# dd: one read, one datagram
	offer --datagrams -- sh -c 'printf one; printf 1; exec sleep 20' 3>&- &
	pids+=($!)
	answer --datagrams -- sh -c 'dd bs=2000 count=1 of=first; dd bs=2000 count=1 of=second' \
		2>/dev/null
	[ "$(cat first)" = one ]
	[ "$(cat second)" = 1 ]
	kill "${pids[0]}"
	wait "${pids[0]}"
}

@test "a command may read datagrams in pieces, as a shell does, and write much" {
	printf 'hello world\nand more\n' >in
	# more than a datagram in one write, and its end at once
	offer -- sh -c 'cat in; dd if=/dev/zero bs=50000 count=1' 3>&- 2>&1 &
	pids+=($!)
	answer -- sh -c 'read -r one; read -r two; echo "$one, $two" >got
		head -c 50000 | wc -c >size'
	wait "${pids[0]}"
	[ "$(cat got)" = "hello world, and more" ]
	[ "$(cat size)" = 50000 ]
}

@test "the first datagram comes, though who sends it has the path before us" {
	echo hello | offer >/dev/null 3>&- &
	pids+=($!)
	answering </dev/null >got 3>&- &
	pids+=($!)
	wait_for 10 has_come got
	[ "$(cat got)" = hello ]
}

@test "a command has UCSPI's environment; its status is ours" {
	offer --reliable -- sh -c 'env >there; exit 7' 3>&- &
	pids+=($!)
	answer --reliable -- sh -c 'env >here'
	status=0
	wait "${pids[0]}" || status=$?
	[ "$status" = 7 ]
	for file in here there; do
		grep -qx PROTO=ICE $file
		grep -qx ICETRANSPORT=udp $file
		grep -qx ICELOCALTYPE=host $file
	done
	[ "$(grep ICELOCALPORT here | cut -d= -f2)" = \
		"$(grep ICEREMOTEPORT there | cut -d= -f2)" ]
	[ "$(sed -n 's/^ICEREMOTEIP=//p' here)" = 127.0.0.1 ]
	# one that is not there is not waited for
	run -127 --separate-stderr timeout 10 ice-pair no-such-command
	[ -z "$output" ]
	[[ $stderr == 'ice-pair: no-such-command: no such program'* ]]
}

@test "a command's options are its own, without --" {
	offer --reliable sh -c 'echo "$0 $1"' -v --no-such 3>&- &
	pids+=($!)
	answer --reliable sh -c 'cat >got'
	wait "${pids[0]}"
	[ "$(cat got)" = "-v --no-such" ]
}

@test "an answer that is older than the offer is not taken, a later one is" {
	printf 'a=ice-ufrag:old1\r\na=ice-pwd:0123456789abcdef012345\r\n' >a
	echo data | offer --reliable --events o.jsonl 3>&- &
	pids+=($!)
	wait_for 5 test -s o
	answer --reliable </dev/null >got
	[ "$(cat got)" = data ]
	[ "$(grep -c '"event":"remote"' o.jsonl)" = 1 ]
	# nobody else may read a password
	[ "$(stat -c %a o a | sort -u)" = 600 ]
}

no_process()
{
	! pgrep -f "$1" >/dev/null
}

@test "ended while a command runs: it ends, too, and so does the other end" {
	offer --reliable --events o.jsonl -- sleep 98$$ 3>&- &
	pids+=($!)
	ice-pair --address 127.0.0.1 --timeout 20 --answer a --remote o \
		--events a.jsonl --reliable -- cat 3>&- &
	pids+=($!)
	# not ice-pair, whose words have it too
	wait_for 10 pgrep -f "^sleep 98$$" >/dev/null
	kill "${pids[0]}"
	wait "${pids[0]}"
	wait_for 5 no_process "^sleep 98$$"
	status=0
	wait "${pids[1]}" || status=$?
	[ "$status" = 69 ]
}

# What the two ends say, and no more; nothing comes out.
one_stream()
{
	status=0
	wait "${pids[-1]}" || status=$?
	[ "$status" = 76 ]
	cat o.err a.err
	[ "$(cat o.err a.err | wc -l)" = 4 ] # connected, and what is wrong
	grep -qx "ice-pair: $1" o.err
	grep -qx "ice-pair: $2" a.err
	[ ! -s got.o ]
	[ -z "$output" ]
}

@test "--reliable on one end only: 76 at both, and said which" {
	stream="--reliable: the peer sends datagrams: it has to be --reliable, too"
	none="the peer is --reliable: so has this end to be"
	# each with nothing to say, and with something
	for input in /dev/null "$BATS_TEST_FILENAME"; do
		rm -f o a
		offer --reliable <"$input" >got.o 2>o.err 3>&- &
		pids+=($!)
		run -76 --separate-stderr answer <"$input"
		echo "$stderr" >a.err
		one_stream "$stream" "$none"
		rm -f o a
		offer <"$input" >got.o 2>o.err 3>&- &
		pids+=($!)
		run -76 --separate-stderr answer --reliable <"$input"
		echo "$stderr" >a.err
		one_stream "$none" "$stream"
	done
}

# The words of a command that SIGTERM does not end, and of what it starts.
stubborn()
{
	echo "trap '' TERM; : >$1; while :; do sleep $2; done"
}

# The status of process $1 is $2, and nothing of the words $3 is left.
ends_with_all()
{
	local status=0

	wait "$1" || status=$?
	[ "$status" = "$2" ]
	no_process "$3"
}

@test "nothing of a command is left behind: neither signals nor the peer's end" {
	offer -- sh -c "$(stubborn o.runs 96$$.1)" 3>&- &
	pids+=($!)
	ice-pair --address 127.0.0.1 --timeout 20 --answer a --remote o \
		--consent-timeout 1 -- \
		sh -c "$(stubborn a.runs 96$$.2); true" 3>&- &
	pids+=($!)
	wait_for 10 test -e o.runs -a -e a.runs
	kill "${pids[0]}"
	ends_with_all "${pids[0]}" 0 "sleep 96$$.1"
	# its consent ends
	ends_with_all "${pids[1]}" 69 "sleep 96$$.2"
}

took_sigterm()
{
	((!(0x$(sed -n 's/^ShdPnd:\t//p' "/proc/$1/status") & 1 << 14)))
}

@test "a command's own children end with it, and at a second signal at once" {
	offer -- sh -c "sleep 95$$.1; true" 3>&- &
	pids+=($!)
	answering -- sh -c "$(stubborn a.runs 95$$.2)" 3>&- &
	pids+=($!)
	wait_for 10 pgrep -f "^sleep 95$$.1" >/dev/null
	wait_for 10 test -e a.runs
	kill -INT "${pids[0]}"
	ends_with_all "${pids[0]}" 0 "sleep 95$$.1"
	kill "${pids[1]}"
	wait_for 5 took_sigterm "${pids[1]}"
	sleep 0.2 # what comes sooner is the same wish
	kill "${pids[1]}"
	ends_with_all "${pids[1]}" 143 "sleep 95$$.2"
}

@test "what a command leaves in the background ends with it" {
	offer -- sh -c "sleep 94$$ & echo gone" 3>&- &
	pids+=($!)
	answering </dev/null >got 3>&- &
	pids+=($!)
	ends_with_all "${pids[0]}" 0 "sleep 94$$"
}

@test "stdout without a reader is 74, no peer in time 69" {
	yes | offer --reliable >/dev/null 3>&- &
	pids+=($!)
	run -74 bash -c 'ice-pair --address 127.0.0.1 --answer a --remote o \
		--reliable >/dev/full </dev/null'
	run -69 ice-pair --address 127.0.0.1 --offer x --remote y --timeout 0.3
	[[ $output == *"never came"* ]]
}

@test "options that do not go together are status 2" {
	touch o
	for options in "--offer o" "--answer a" "--offer o --answer a --remote r" \
		"--reliable" "--datagrams" "--datagrams --reliable true" \
		"--offer o --remote -" "--offer o --remote r --trickle" \
		"--offer o --remote r --controlled" \
		"--answer a --remote r --controlling" \
		"--handover h true" "--offer o --remote r --control -" \
		"--offer o --remote o" "--answer o --remote ./o"; do
		# shellcheck disable=SC2086
		run -2 ice-pair $options </dev/null
		[[ $output == ice-pair:* ]]
		[ "${#lines[@]}" -le 2 ]
	done
	run -66 ice-pair --address 127.0.0.1 --offer o --remote no/such
}
