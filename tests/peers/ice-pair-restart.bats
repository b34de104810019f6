# ICE restart: new credentials, a new handover, and the call goes on.

bats_require_minimum_version 1.5.0

setup()
{
	load ../lib/ports
	load ice/ends
	cd "$BATS_TEST_TMPDIR"
}

teardown()
{
	ends_stop
}

# The fragment of $1's last restart, into $1.again.
restarted()
{
	wait_for 5 says "$1.jsonl" restart
	event "$1.jsonl" restart fragment >"$1.again"
}

# $1 restarts, $2 follows.
restart()
{
	ice "$1" restart
	restarted "$1"
	ice "$2" remote "$PWD/$1.again"
	restarted "$2"
	ice "$1" remote "$PWD/$2.again"
	wait_for 15 handovers_are a 2
	wait_for 15 handovers_are b 2
	[ "$(event "$1.jsonl" restart by)" = us ]
	[ "$(event "$2.jsonl" restart by)" = peer ]
}

# Nothing of 2 s of media each way is lost, on the second socket or before it.
media_flows_through()
{
	media am flood 400 172
	media bm flood 400 172
	"$@"
	wait_for 20 floods_are 1
	wait_for 10 arrived am 400
	wait_for 10 arrived bm 400
}

floods_are()
{
	[ "$(grep -c flooded am.out)" = "$1" ] &&
		[ "$(grep -c flooded bm.out)" = "$1" ]
}

arrived()
{
	[ $(($(packets "$1" udp) + $(packets "$1" unix))) = "$2" ]
}

# All of $1's candidates of before ($1.frag) are others after ($1.again).
candidates_are_others()
{
	grep -q candidate: "$1.again"
	run ! grep -qF "$(sed -n 's/.* \(127.0.0.1 [0-9]*\) typ.*/\1/p' \
		"$1.frag")" "$1.again"
}

@test "restart by the controlling end: new credentials and ports, no packet lost" {
	two_ends
	media_flows_through restart a b
	for name in a b; do
		run ! grep -qf <(grep ice-ufrag "$name.frag") "$name.again"
		run ! grep -qf <(grep ice-pwd "$name.frag") "$name.again"
		candidates_are_others "$name"
		stats_of "$name"
		jq -e '.passed == 0 and .dropped == 0 and .handovers == 2' \
			"$name.stats"
	done
	run ! says a.jsonl lost
}

# $1 restarts, $2 follows; what they said before is set aside.
restart_anew()
{
	for name in a b; do
		cat "$name.jsonl" >>"$name.before"
		: >"$name.jsonl"
	done
	ice "$1" restart
	restarted "$1"
	ice "$2" remote "$PWD/$1.again"
	restarted "$2"
	ice "$1" remote "$PWD/$2.again"
	wait_for 15 handovers_are a 1
	wait_for 15 handovers_are b 1
}

three_restarts()
{
	restart_anew b a
	restart_anew a b
	restart_anew b a
}

@test "three restarts in a row, from either end: no packet lost" {
	two_ends --nomination regular
	media_flows_through three_restarts
	for name in a b; do
		stats_of "$name"
		cat "$name.stats"
		jq -e '.passed == 0 and .dropped == 0 and .handovers == 4' \
			"$name.stats"
	done
}

# $1 has $2 UDP ports.
ports_are()
{
	[ "$(ss -Hanup | grep "pid=$(pid_of "$1")," | awk '{print $4}' |
		sort -u | wc -l)" = "$2" ]
}

@test "the sockets of before answer until the peer has moved, and are closed then" {
	two_ends
	ports_are a 1
	restart a b
	ports_are a 2
	wait_for 15 ports_are a 1
	media am flood 20 100
	wait_for 5 packets_are bm udp 20
	run ! says a.jsonl lost
}

@test "a restart that is not answered yet: checks and media go on as before" {
	two_ends --timeout 30 --consent-timeout 6
	ice a restart
	restarted a
	sleep 8 # more than consent's time without answers
	run ! says a.jsonl lost
	run ! says b.jsonl consent
	media am flood 20 100
	media bm flood 20 100
	wait_for 5 packets_are bm udp 20
	wait_for 5 packets_are am udp 20
	ice b remote "$PWD/a.again"
	restarted b
	ice a remote "$PWD/b.again"
	wait_for 15 handovers_are a 2
	wait_for 15 handovers_are b 2
}

@test "with --trickle the fragment comes at once, candidates name their generation" {
	media_start am
	media_start bm
	ice_start a --controlling --trickle --handover am
	ice_start b --handover bm
	trickled_to a b a.frag
	wait_for 10 says b.jsonl gathered
	ice a remote "$PWD/b.frag"
	wait_for 15 handovers_are a 1
	: >a.jsonl
	ice a restart
	restarted a
	run ! grep -q candidate: a.again
	trickled_to a b a.again
	[[ $(event a.jsonl candidate candidate) == *" ufrag $(sed -n \
		$'s/^a=ice-ufrag:\\(.*\\)\r/\\1/p' a.again)" ]]
	restarted b
	ice a remote "$PWD/b.again"
	wait_for 15 handovers_are a 1
	wait_for 15 handovers_are b 2
	run ! says b.jsonl skipped
}

# The candidates of $1, which trickles, to $2, then its fragment $3.
trickled_to()
{
	wait_for 10 says "$1.jsonl" gathered
	jq -c 'select(.event == "candidate") |
		{command: "candidate", candidate}' "$1.jsonl" >&"${end_fd[$2]}"
	ice "$2" remote "$PWD/$3"
}

@test "over TCP alone: each packet by the Unix socket, before and after" {
	connect_over()
	{
		media_start am
		media_start bm
		ice_start a --controlling --tcp --handover am
		ice_start b --tcp --handover bm
		wait_for 10 grep -q end-of-candidates a.frag
		wait_for 10 grep -q end-of-candidates b.frag
		sed -i '/ UDP /d' a.frag b.frag
		ice a remote "$PWD/b.frag"
		ice b remote "$PWD/a.frag"
		wait_for 15 handovers_are a 1
		wait_for 15 handovers_are b 1
	}
	connect_over
	ice a restart
	restarted a
	sed -i '/ UDP /d' a.again
	ice b remote "$PWD/a.again"
	restarted b
	sed -i '/ UDP /d' b.again
	ice a remote "$PWD/b.again"
	wait_for 15 handovers_are a 2
	wait_for 15 handovers_are b 2
	[[ $(event a.jsonl selected transport) == tcp* ]]
	media am flood 20 100
	wait_for 10 packets_are bm unix 20
}

@test "one port only: the restart is on it, with new credentials" {
	port=$(free_port)
	two_ends --port-range "$port-$port"
	restart a b
	grep -q "restart: it is on the one" a.err
	grep -q " $port typ host" a.again
	run ! grep -qf <(grep ice-ufrag a.frag) a.again
	media am flood 20 100
	wait_for 5 packets_are bm udp 20
	restart_anew b a
	grep -q " $port typ host" a.again
}

@test "candidates of the next generation wait for its description" {
	two_ends
	ice a restart
	restarted a
	ufrag=$(sed -n $'s/^a=ice-ufrag:\\(.*\\)\r/\\1/p' a.again)
	line=$(sed -n $'s/^a=\\(candidate:.*\\)\r/\\1/p' a.again)
	grep -v candidate a.again >a.trickled
	ice b candidate "$line ufrag $ufrag"
	ice b candidate "$line ufrag other"
	ice b remote "$PWD/a.trickled"
	restarted b
	wait_for 5 grep -q 'of other credentials' b.jsonl
	[ "$(grep -c '"event":"skipped"' b.jsonl)" = 1 ]
	ice a remote "$PWD/b.again"
	wait_for 15 handovers_are b 2
}

@test "a restart that the peer does not answer: said, and 69" {
	two_ends --timeout 2
	ice a restart
	restarted a
	ice a remote "$PWD/b.frag"
	wait_for 5 grep -q 'not taken part' a.jsonl
	status=0
	wait "$(pid_of a)" || status=$?
	[ "$status" = 69 ]
	grep -q 'did not answer the restart' a.err
	wait_for 5 grep -q '"type": "lost"' am.out
}

@test "a restart before there is a peer is an error, not an end" {
	ice_start a
	wait_for 5 says a.jsonl gathered
	ice a restart
	wait_for 5 grep -q 'not come yet' a.jsonl
	kill -0 "$(pid_of a)"
}

@test "a restart gathers anew: an address that we got since is told" {
	ice_start b
	wait_for 10 grep -q end-of-candidates b.frag
	mkfifo a.in
	# shellcheck disable=SC2016
	unshare -Urn bash -euc '
		. "$1/../lib/ports.bash"
		. "$1/ice/ends.bash"
		ip link add wan type veth peer name far
		ip address add 192.0.2.1/24 dev wan
		ip link set wan up
		exec 9<>a.in
		ice-pair --remote b.frag --control a.in --events a.jsonl >a.frag &
		wait_for 10 says a.jsonl remote
		wait_for 10 says a.jsonl gathered
		ip address add 192.0.2.2/24 dev wan
		echo restart >&9
		wait_for 10 says a.jsonl restart
		kill $!
		wait $!' - "$BATS_TEST_DIRNAME" 3>&-
	grep -q "192.0.2.1 .*typ host" a.frag
	run ! grep -q 192.0.2.2 a.frag
	event a.jsonl restart fragment | grep -q "192.0.2.2 .*typ host"
}
