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

handovers_are()
{
	[ "$(grep -c '"event":"handover"' "$1.jsonl")" -ge "$2" ]
}

# a (controlling) and b, with media processes am and bm; options $@ for a.
connect()
{
	media_start am
	media_start bm
	ice_start a --controlling --handover am "$@"
	ice_start b --handover bm
	wait_for 10 grep -q end-of-candidates a.frag
	wait_for 10 grep -q end-of-candidates b.frag
	ice a remote "$PWD/b.frag"
	ice b remote "$PWD/a.frag"
	wait_for 15 handovers_are a 1
	wait_for 15 handovers_are b 1
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

@test "restart by the controlling end: new credentials, no packet lost" {
	connect
	media_flows_through restart a b
	for name in a b; do
		run ! grep -qf <(grep ice-ufrag "$name.frag") "$name.again"
		run ! grep -qf <(grep ice-pwd "$name.frag") "$name.again"
		# the candidates are those it has
		cmp <(grep candidate "$name.frag") \
			<(grep candidate "$name.again")
		stats_of "$name"
		jq -e '.passed == 0 and .dropped == 0 and .handovers >= 2' \
			"$name.stats"
	done
	run ! says a.jsonl lost
}

@test "restart by the controlled end, and once more by the other" {
	connect
	restart b a
	: >a.jsonl
	: >b.jsonl
	ice a restart
	restarted a
	ice b remote "$PWD/a.again"
	restarted b
	ice a remote "$PWD/b.again"
	wait_for 15 handovers_are a 1
	wait_for 15 handovers_are b 1
	media am flood 20 100
	wait_for 5 packets_are bm udp 20
}

@test "candidates of the next generation wait for its description" {
	connect
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
	connect --timeout 2
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
