# ice-pair by itself, and with another of its kind.

bats_require_minimum_version 1.5.0

setup()
{
	load ../lib/ports
	load ../lib/events
	cd "$BATS_TEST_TMPDIR"
	pids=()
}

teardown()
{
	for pid in "${pids[@]}"; do
		kill "$pid" 2>/dev/null || true
	done
}

peer()
{
	cat <<-FRAG
		a=ice-ufrag:peer
		a=ice-pwd:0123456789abcdef012345
		m=audio 9 UDP/TLS/RTP/SAVPF 0
		a=mid:0
		a=candidate:1 1 udp 2130706431 127.0.0.1 9 typ host
		a=end-of-candidates
	FRAG
}

# An ice-pair that stays: its files are $1.frag, $1.jsonl, $1.err, $1.ctl.
start()
{
	local name=$1

	shift
	mkfifo "$name.ctl"
	ice-pair --address 127.0.0.1 --events "$name.jsonl" \
		--control "$name.ctl" "$@" >"$name.frag" 2>"$name.err" 3>&- &
	pids+=($!)
	last=$!
	# held open to read and write, so that it never ends
	exec {ctl}<>"$name.ctl"
	wait_for 5 says "$name.jsonl" gathered
}

@test "its product is a fragment, and stdout is closed while it lives on" {
	mkfifo out
	ice-pair --address 127.0.0.1 >out 3>&- &
	pids+=($!)
	cat out >fragment # ends although ice-pair does not
	kill -0 "${pids[0]}"
	grep -qx $'a=ice-ufrag:[A-Za-z0-9+/]\{4,\}\r' fragment
	grep -qx $'a=ice-pwd:[A-Za-z0-9+/]\{22,\}\r' fragment
	grep -qx $'a=ice-options:trickle\r' fragment
	grep -qx $'m=audio 9 UDP/TLS/RTP/SAVPF 0\r' fragment
	grep -qE $'^a=candidate:[^ ]+ 1 UDP [0-9]+ 127.0.0.1 [0-9]+ typ host\r$' \
		fragment
	[ "$(tail -1 fragment)" = $'a=end-of-candidates\r' ]
}

@test "two of them connect through a circle of pipes" {
	mkfifo forth back
	ice-pair --address 127.0.0.1 --controlling --remote back \
		--events a.jsonl >forth 3>&- &
	pids+=($!)
	ice-pair --address 127.0.0.1 --remote - --events b.jsonl \
		<forth >back 3>&- &
	pids+=($!)
	wait_for 10 says a.jsonl connected
	wait_for 10 says b.jsonl connected
	[ "$(event a.jsonl connected local)" = \
		"$(event b.jsonl connected remote)" ]
	[ "$(event b.jsonl connected local)" = \
		"$(event a.jsonl connected remote)" ]
}

@test "trickle both ways: the fragment at once, candidates as events" {
	start a --controlling --trickle
	start b --trickle
	run ! grep -q candidate a.frag
	b_ctl=$ctl
	exec {a_ctl}<>a.ctl
	jq -nc --rawfile sdp b.frag '{command: "remote", $sdp}' >&"$a_ctl"
	# a candidate may overtake its description
	jq -c 'select(.event == "candidate") | {command: "candidate", candidate,
		mid}' a.jsonl >&"$b_ctl"
	echo "remote $PWD/a.frag" >&"$b_ctl"
	echo "candidate $(event b.jsonl candidate candidate)" >&"$a_ctl"
	echo candidate >&"$a_ctl"
	wait_for 10 says a.jsonl connected
	wait_for 10 says b.jsonl connected
}

@test "candidates that cannot be used are skipped with the reason" {
	{
		peer
		echo 'a=candidate:2 1 udp 2122 3ab1-cd.local 5000 typ host'
		echo 'a=candidate:3 1 tcp 1518 127.0.0.1 9 typ host'
		echo 'a=candidate:4 2 udp 2130 127.0.0.1 5001 typ host'
		echo 'a=candidate:5 1 udp 2130 127.0.0.1 5001 typ magic'
		# where nobody can be
		echo 'a=candidate:6 1 udp 2130 127.0.0.1 0 typ host'
		echo 'a=candidate:7 1 udp 2130 0.0.0.0 5001 typ host'
		echo 'a=candidate:8 1 udp 2130 224.0.0.1 5001 typ host'
		echo 'a=candidate:9 1 udp 2130 255.255.255.255 5001 typ host'
		echo 'a=candidate:a 1 udp 2130 :: 5001 typ host'
		echo 'a=candidate:b 1 udp 2130 ff02::1 5001 typ host'
	} >remote
	start a --remote remote
	wait_for 5 says a.jsonl remote
	[ "$(event a.jsonl remote candidates)" = 1 ]
	[ "$(event a.jsonl remote skipped)" = 10 ]
	grep -q 'mDNS' a.jsonl
	grep -q '"candidate:6 .*"why":"port 0"' a.jsonl
	[ "$(grep -c '"why":"no address"' a.jsonl)" = 2 ]
	[ "$(grep -c '"why":"a multicast address"' a.jsonl)" = 2 ]
	grep -q '"why":"a broadcast address"' a.jsonl
	# only the last is of another m= section
	echo '{"command":"candidate","mid":"7","candidate":"candidate:1"}' \
		>&"$ctl"
	wait_for 5 grep -q 'another m= section' a.jsonl
}

@test "a peer cannot make us check without end" {
	peer >remote
	start a --remote remote
	wait_for 5 says a.jsonl remote
	for port in {20001..20120}; do
		echo "candidate candidate:1 1 udp 2130 127.0.0.1 $port typ host"
	done >&"$ctl"
	wait_for 5 grep -q 'too many candidates' a.jsonl
	kill -0 "$last"
}

@test "of too many candidates in a description, the rest is counted" {
	{
		peer
		for port in {20001..20249}; do
			echo "a=candidate:1 1 udp 2130 127.0.0.1 $port typ host"
		done
	} >remote
	start a --remote remote
	wait_for 5 says a.jsonl remote
	[ "$(event a.jsonl remote candidates)" = 100 ]
	[ "$(event a.jsonl remote skipped)" = 150 ]
	[ "$(event a.jsonl skipped candidate)" = "and 150 more" ]
}

@test "a broken candidate or description on control is an error, not an end" {
	start a
	for line in 'candidate candidate:1 1 udp x 1.2.3.4 5 typ host' \
		'remote /no/such/file' '{"command":"remote","sdp":"v=\u0001"}' \
		'{"command":"remote","sdp":"a=mid:0\r\n"}' 'dance' '{"x":'; do
		printf '%s\n' "$line" >&"$ctl"
	done
	peer >remote
	echo "remote $PWD/remote" >&"$ctl"
	wait_for 5 says a.jsonl remote
	[ "$(grep -c '"event":"error"' a.jsonl)" -ge 5 ]
	# the first came before a description, and is judged with it
	grep -q 'bad number' a.jsonl
	kill -0 "$last"
}

@test "other credentials are a restart, also before it is connected" {
	peer >remote
	start a --remote remote
	wait_for 5 says a.jsonl remote
	sed 's/:peer/:other/' remote >other
	echo "remote $PWD/other" >&"$ctl"
	wait_for 5 says a.jsonl restart
	[ "$(event a.jsonl restart by)" = peer ]
	wait_for 5 grep -q '"ufrag":"other"' a.jsonl
	event a.jsonl restart fragment | grep -q '^a=candidate'
	kill -0 "$last"
}

@test "not connected in time: 69, and the pairs that were tried" {
	peer >remote
	run -69 --separate-stderr ice-pair --address 127.0.0.1 --timeout 0.5 \
		--remote remote --events e.jsonl
	[[ $stderr == *"not connected within"* ]]
	[[ $stderr == *"127.0.0.1:9 host: no reply to"* ]]
	[ "$(event e.jsonl failed pairs | jq length)" = 1 ]
	[[ $(event e.jsonl failed pairs | jq -r '.[0].remote') == 127.0.0.1:9* ]]
}

@test "a check that is not answered is sent every eight seconds" {
	peer >remote
	run -69 ice-pair --address 127.0.0.1 --timeout 25 --remote remote \
		--events e.jsonl
	# at 15.5 and 23.5 s, not at 31.5
	[ "$(event e.jsonl failed pairs | jq '.[0].sent')" -ge 7 ]
}

@test "no description in time: 69" {
	run -69 ice-pair --address 127.0.0.1 --timeout 0.3
	[[ $output == *"never came"* ]]
}

@test "what --remote may not be" {
	: >empty
	head -c 300000 /dev/urandom >binary
	printf 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n' >plain.sdp
	peer | sed 's/pwd:.*/pwd:short/' >short
	head -c 10000000 /dev/zero | tr '\0' a >huge
	run -66 ice-pair --address 127.0.0.1 --remote empty
	run -66 ice-pair --address 127.0.0.1 --remote nothing
	run -65 ice-pair --address 127.0.0.1 --remote binary
	run -65 ice-pair --address 127.0.0.1 --remote plain.sdp
	[[ $output == *"does not speak ICE"* ]]
	run -65 ice-pair --address 127.0.0.1 --remote short
	run -65 ice-pair --address 127.0.0.1 --remote huge
	run -66 ice-pair --address 127.0.0.1 --remote - </dev/null
}

@test "wrong options are status 2 and one clear line" {
	for options in "--address here" "--controlling --controlled" \
		"--relay-only" "--turn 127.0.0.1" "--port-range 5" \
		"--port-range 9-8" "--turn-transport sctp --turn-user u" \
		"--no-such" "--remote - --control -" \
		"--no-host" "--turn-ca x --turn t --turn-user u" \
		"--interface nosuch0" "--nomination later" \
		"--turn 127.0.0.1 --turn-user u" \
		"--consent-timeout 0" \
		"--handover $(printf 'x%.0s' {1..120})"; do
		# shellcheck disable=SC2086
		run -2 ice-pair $options
		[[ $output == ice-pair:* ]]
	done
}

@test "an address that is not ours, or a used port, is status 74" {
	run -74 ice-pair --address 192.0.2.77
	start a
	port=$(sed -n 's/.* 127.0.0.1 \([0-9]*\) typ.*/\1/p' a.frag)
	run -74 ice-pair --address 127.0.0.1 --port-range "$port-$port"
}

@test "--port-range is kept" {
	port=$(free_port 2)
	start a --port-range "$port-$((port + 1))"
	got=$(sed -n 's/.* 127.0.0.1 \([0-9]*\) typ.*/\1/p' a.frag)
	[ "$got" -ge "$port" ] && [ "$got" -le $((port + 1)) ]
}

@test "--interface gathers there alone" {
	mkfifo out
	ice-pair --interface lo --events a.jsonl >out 3>&- &
	pids+=($!)
	cat out >fragment
	grep -q ' 127.0.0.1 [0-9]* typ host' fragment
	[ "$(grep a=candidate fragment | grep -cvE ' (127.0.0.1|::1) ')" = 0 ]
}

@test "--control that cannot be read is status 74" {
	run -74 ice-pair --loopback --control . </dev/null
	[ "${lines[-1]}" = "ice-pair: control: Is a directory" ]
}

@test "stdout without a reader, or on a full disk, is status 74" {
	run -74 bash -c 'ice-pair --address 127.0.0.1 >/dev/full'
	[[ $output == *stdout* ]]
}

@test "a dead STUN or TURN server delays the fragment by a second at most" {
	began=$EPOCHREALTIME
	dead=$(free_port)
	start a --stun "127.0.0.1:$dead" --gather-timeout 0.4
	within 1.5 "$began"
	[ "$(event a.jsonl gathered complete)" = false ]
	grep -q typ.host a.frag
	grep -q end-of-candidates a.frag
	grep -q "^ice-pair: --stun 127.0.0.1:$dead: no answer yet: going on" a.err
}

@test "a server's name that nobody knows is blamed, not the server" {
	echo p >password
	turn="--turn nobody.invalid --turn-user u --turn-password-file password"
	# shellcheck disable=SC2086
	start a --stun nowhere.invalid $turn
	wait_for 20 grep -q -- '--stun nowhere.invalid: no address is known' a.err
	wait_for 20 grep -q -- '--turn nobody.invalid: no address is known' a.err
	# shellcheck disable=SC2086
	run -69 timeout 20 ice-pair --address 127.0.0.1 --relay-only $turn
	[[ $output == *"no relay at --turn nobody.invalid: its name"* ]]
}

# A TURN server of stun/challenger.py; sets $turn.
challenge()
{
	/usr/bin/python3 "$BATS_TEST_DIRNAME/stun/challenger.py" "$@" \
		>"server$1" 3>&- &
	pids+=($!)
	wait_for 10 test -s "server$1"
	turn="--turn 127.0.0.1:$(head -1 "server$1") --turn-user u
		--turn-password-file password"
}

@test "a TURN server that only ever wants to be asked again is left alone" {
	echo p >password
	for code in 300 438; do
		challenge $code
		# libnice would ask it each 5 ms, as long as the session lasts
		# shellcheck disable=SC2086
		start "a$code" --gather-timeout 0.5 $turn
		grep -q "no relay yet: it answers $code to each request" \
			"a$code.err"
		[ "$(grep -c request "server$code")" -le 6 ]
		# shellcheck disable=SC2086
		run -69 timeout 20 ice-pair --address 127.0.0.1 --relay-only \
			$turn
		[[ $output == *"it answers $code to each request"* ]]
	done
}

@test "a STUN server that sends us on for ever is left alone, a refusal told" {
	challenge 300
	start a --gather-timeout 0.5 --stun "127.0.0.1:$(head -1 server300)"
	grep -q -- '--stun .*: it answers 300 to each request' a.err
	[ "$(grep -c request server300)" -le 5 ]
	challenge 500
	start b --stun "127.0.0.1:$(head -1 server500)"
	grep -q -- '--stun .*: it answers 500$' b.err
}

@test "a TURN server's refusal is told, also of who has shown no credentials" {
	echo p >password
	challenge 500
	# shellcheck disable=SC2086
	run -69 timeout 20 ice-pair --address 127.0.0.1 --relay-only $turn
	[[ $output == *"no relay at --turn "*": it answers 500" ]]
	challenge 400 # as pion does when the password is wrong
	# shellcheck disable=SC2086
	run -69 timeout 20 ice-pair --address 127.0.0.1 --relay-only $turn
	[[ $output == *"no relay at --turn "*": it answers 400" ]]
}

@test "SIGTERM, hangup and the end of --pid end it politely" {
	start a
	kill "$last"
	wait "$last"
	[ "$(event a.jsonl exit status)" = 0 ]
	start b
	echo hangup >&"$ctl"
	wait "$last"
	[ "$(event b.jsonl exit status)" = 0 ]
	sleep infinity 3>&- &
	sleeper=$!
	start c --pid "$sleeper"
	kill "$sleeper"
	wait "$last"
	[ "$(event c.jsonl exit status)" = 0 ]
	says c.jsonl stats
}

@test "a FIFO that nobody writes for a password: ended at once; empty: none" {
	local words

	mkfifo "$BATS_TEST_TMPDIR/silent"
	for words in "--turn-password-file $BATS_TEST_TMPDIR/silent" \
		"--turn-secret $BATS_TEST_TMPDIR/silent"; do
		# shellcheck disable=SC2086
		ice-pair --turn 127.0.0.1:9 --turn-user u $words \
			2>"$BATS_TEST_TMPDIR/said" 3>&- &
		pid=$!
		wait_for 5 waits_for_signals "$pid"
		kill "$pid"
		status=0
		wait "$pid" || status=$?
		[ "$status" = 66 ]
		grep -q ': interrupted$' "$BATS_TEST_TMPDIR/said"
	done
	: >"$BATS_TEST_TMPDIR/nothing"
	run -66 ice-pair --turn 127.0.0.1:9 --turn-user u \
		--turn-password-file "$BATS_TEST_TMPDIR/nothing"
	[ "$output" = "ice-pair: the TURN password: empty" ]
}

@test "no media process at --handover: 69 and what to do" {
	start a --controlling --handover nowhere --handover-timeout 0.2
	start b
	exec {a_ctl}<>a.ctl
	echo "remote $PWD/b.frag" >&"$a_ctl"
	echo "remote $PWD/a.frag" >&"$ctl"
	status=0
	wait "${pids[0]}" || status=$?
	[ "$status" = 69 ]
	grep -q 'is the media process listening there' a.err
}

@test "libnice's own messages stay off stderr" {
	G_MESSAGES_DEBUG=all NICE_DEBUG=all run -69 --separate-stderr ice-pair \
		--address 127.0.0.1 --timeout 0.2
	[ "$(wc -l <<<"$stderr")" = 1 ]
}

# Two that are traced, a controlling, connected: a.trace, a.pcapng, b.trace ...
traced()
{
	start a --controlling --trace a.trace --pcap a.pcapng "$@"
	a_ctl=$ctl
	start b --trace b.trace --pcap b.pcapng "$@"
	echo "remote $PWD/b.frag" >&"$a_ctl"
	echo "remote $PWD/a.frag" >&"$ctl"
	wait_for 10 says a.jsonl connected
	wait_for 10 says b.jsonl connected
}

# How many messages of trace $1 go $2 (in, out) and have a summary like $3.
messages()
{
	jq -c --arg way "$2" --arg summary "$3" 'select(.event == "message" and
		.direction == $way and (.summary | test($summary)))' "$1" |
		wc -l
}

port_of()
{
	sed -n 's/.* UDP .* 127.0.0.1 \([0-9]*\) typ.*/\1/p' "$1.frag"
}

# How many payloads in hex on stdin have the HMAC-SHA1 of RFC 8489 14.5 with
# password $1, and how many have not.
integrity()
{
	perl -MDigest::SHA=hmac_sha1 -ne '
		BEGIN { $key = shift; $good = $bad = 0 }
		chomp;
		my ($msg, $at, $found) = (pack("H*", $_), 20);
		while ($at + 4 <= length $msg) {
			my ($type, $len) = unpack "nn", substr $msg, $at, 4;
			if ($type == 8) {
				my $text = substr $msg, 0, $at;
				substr($text, 2, 2) = pack "n", $at + 24 - 20;
				$found = hmac_sha1($text, $key) eq
					substr $msg, $at + 4, 20;
				last;
			}
			$at += 4 + (($len + 3) & ~3);
		}
		$found ? $good++ : $bad++;
		END { print "$good $bad\n" }' "$1"
}

@test "--trace shows every check, with both addresses" {
	traced
	a=127.0.0.1:$(port_of a) b=127.0.0.1:$(port_of b)
	for way in in out; do
		[ "$(messages a.trace $way '^Binding request')" -ge 1 ]
		[ "$(messages a.trace $way '^Binding success')" -ge 1 ]
	done
	[ "$(messages a.trace in "mapped to $a\$")" -ge 1 ]
	[ "$(messages a.trace out "mapped to $b\$")" -ge 1 ]
	[ "$(messages a.trace out \
		'USE-CANDIDATE, PRIORITY [0-9]+, ICE-CONTROLLING$')" -ge 1 ]
	[ "$(messages a.trace in 'PRIORITY [0-9]+, ICE-CONTROLLED$')" -ge 1 ]
	[ "$(messages b.trace in USE-CANDIDATE)" -ge 1 ]
	[ "$(messages b.trace out USE-CANDIDATE)" = 0 ]
	jq -e --arg a "$a" --arg b "$b" -s 'map(select(.event == "message")) |
		length > 0 and all(.protocol == "STUN" and .local == $a and
			.remote == $b and .transport == "udp" and .bytes > 20)' \
		a.trace
}

@test "--pcap has the real packets: tshark reads them, their HMAC is right" {
	traced
	# what is neither STUN nor from the peer is in it too
	port=$(port_of a)
	printf '\x16\xfe\xff a hello' >"/dev/udp/127.0.0.1/$port"
	kill "${pids[@]}"
	wait "${pids[@]}"
	b_pwd=$(sed -n $'s/a=ice-pwd:\\(.*\\)\r/\\1/p' b.frag)
	sent="stun.type == 0x0001 && udp.srcport == $port"
	tshark -r a.pcapng -Y "$sent" -T fields -e udp.payload >requests
	[ "$(integrity "$b_pwd" <requests)" = "$(wc -l <requests) 0" ]
	[ "$(integrity wrong <requests)" = "0 $(wc -l <requests)" ]
	[ "$(tshark -r a.pcapng -Y "$sent && stun.att.priority &&
		stun.att.crc32.status == Good" | wc -l)" = "$(wc -l <requests)" ]
	[ "$(messages a.trace out '^Binding request')" = "$(wc -l <requests)" ]
	[ "$(tshark -r a.pcapng -Y stun | wc -l)" = \
		"$(grep -c '"event":"message"' a.trace)" ]
	[ "$(tshark -r a.pcapng -Y "udp.dstport == $port && !stun" \
		-T fields -e udp.payload)" = 16feff20612068656c6c6f ]
}

@test "a --trace whose reader goes away only looked on: it goes on" {
	mkfifo trace
	cat trace >first 3>&- &
	reader=$!
	pids+=("$reader")
	start a --controlling --trace trace
	peer >remote
	kill "$reader"
	echo "remote $PWD/remote" >&"$ctl"
	wait_for 10 grep -q -- '--trace: its reader is gone' a.err
	kill "$last"
	status=0
	wait "$last" || status=$?
	[ "$status" = 0 ]
}
