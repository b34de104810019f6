# What a controlling peer may do: nominate, change its mind, forge, refuse.
# The peer is built on aioice's STUN, each check of it sent by command.

LOW=1000000
HIGH=2000000000

bats_require_minimum_version 1.5.0

setup()
{
	load ../lib/ports
	load ice/ends
	cd "$BATS_TEST_TMPDIR"
	begin
}

# ice-pair i with options $@, peer n, media process m.
begin()
{
	media_start m
	ice_start i --handover m "$@"
	wait_for 10 grep -q end-of-candidates i.frag
	# shellcheck disable=SC2086
	nominator_start n i.frag ${nominator:-}
	ice i remote "$PWD/n.frag"
	wait_for 5 says i.jsonl remote
}

# ... and in place of what setup began.
begin_anew()
{
	ends_stop
	rm -f ./*
	begin "$@"
}

teardown()
{
	ends_stop
}

told_handovers()
{
	[ "$(grep -c '"type": "handover"' m.out)" = "$1" ]
}

# Field $2 of the last handover message.
handover()
{
	jq -rs --arg field "$1" 'map(select(.message.type == "handover")) |
		last | .message[$field]' m.out
}

address_of()
{
	jq -r --arg name "$1" 'select(.event == "ready") | .[$name]' n.out
}

@test "a peer without candidates is found by its check (mDNS)" {
	media n nominate a $LOW
	wait_for 10 says i.jsonl connected
	[ "$(event i.jsonl connected remote)" = "$(address_of a)" ]
	[ "$(event i.jsonl connected remote_type)" = prflx ]
	wait_for 5 told_handovers 1
}

@test "a check alone selects nothing, a forged nomination neither" {
	media n check a $LOW
	wait_for 5 grep -q '"kind": "RESPONSE"' n.out
	media n forge b $HIGH
	wait_for 5 grep -q '"kind": "ERROR"' n.out
	# what it is told next, it has had time to think about the former
	media n nominate a $LOW
	wait_for 10 says i.jsonl selected
	[ "$(grep -c '"event":"selected"' i.jsonl)" = 1 ]
	[ "$(event i.jsonl selected remote)" = "$(address_of a)" ]
}

@test "a pair of higher priority is handed over anew, on the same socket" {
	media n nominate a $LOW
	wait_for 10 told_handovers 1
	[ "$(handover remote)" = "$(address_of a)" ]
	media n nominate b $HIGH
	wait_for 10 told_handovers 2
	[ "$(handover remote)" = "$(address_of b)" ]
	local=$(event i.jsonl handover local)
	[ "$(jq -r 'select(.message.type == "handover") | .message.bound' \
		m.out | sort -u)" = "$local" ]
	# packets flow by the second socket both ways
	media n data b 806f0001
	wait_for 5 packets_are m udp 1
	media m send 806f0002
	wait_for 5 grep -q '"at": "b", "hex": "806f0002"' n.out
	stats_of i
	jq -e '.passed == 0 and .handovers == 2' i.stats
}

@test "what is neither STUN nor media stays with ice-pair, and is counted" {
	media n nominate a $LOW
	wait_for 10 told_handovers 1
	media n data a 4000000461626364
	media n data a ff00
	media n data a 806f0003
	wait_for 5 packets_are m udp 1
	stats_of i
	jq -e '.stray == 2 and .passed == 0' i.stats
	[ "$(packets m unix)" = 0 ]
}

@test "a peer that refuses our checks has taken its consent back" {
	media n nominate a $LOW
	wait_for 10 told_handovers 1
	media n answer 403
	status=0
	wait "$(pid_of i)" || status=$?
	[ "$status" = 69 ]
	[[ $(event i.jsonl lost why) == *"took its consent back"* ]]
	wait_for 5 grep -q '"type": "lost"' m.out
}

@test "an ICE-lite peer is controlled, whatever our role was: it is nominated" {
	nominator=lite
	begin_anew
	wait_for 10 told_handovers 1
	grep -q USE-CANDIDATE n.out
	run ! grep -q ICE-CONTROLLED n.out
	[ "$(event i.jsonl connected remote_type)" = host ]
}

# Of the checks that came to n's socket $1: which had USE-CANDIDATE.
nominations()
{
	jq -c --arg at "$1" 'select(.event == "asked" and .at == $at) |
		(.attributes | index("USE-CANDIDATE") != null)' n.out
}

@test "as the controlling end, it nominates with each check" {
	nominator=full
	begin_anew --controlling
	# b has the higher priority: it is taken, whichever answers first
	wait_for 10 selected_is b
	[ "$({
		nominations a
		nominations b
	} | sort -u)" = true ]
}

selected_is()
{
	[ "$(event i.jsonl selected remote)" = "$(address_of "$1")" ]
}

@test "regular nomination: with a second check, of one pair" {
	nominator=full
	begin_anew --controlling --nomination regular
	wait_for 10 selected_is b
	[ "$(nominations b | head -1)" = false ]
	nominations b | grep -q true
	run ! grep -q true <(nominations a)
}

@test "a peer with options we do not know (ice2) is nominated regularly" {
	nominator="full ice2"
	begin_anew --controlling
	wait_for 10 selected_is b
	[ "$(nominations b | head -1)" = false ]
	run ! grep -q true <(nominations a)
	# after a restart as well
	before=$(nominations b | wc -l)
	ice i restart
	wait_for 5 says i.jsonl restart
	sed 's/ufrag:nomi/ufrag:next/' n.frag >next.frag
	ice i remote "$PWD/next.frag"
	wait_for 10 selected_twice
	[ "$(nominations b | sed -n "$((before + 1))p")" = false ]
}

selected_twice()
{
	[ "$(grep -c '"event":"selected"' i.jsonl)" = 2 ]
}

@test "role conflict: who has the larger tie-breaker keeps its role" {
	# both controlled: it is told to control if its is larger
	media n conflict a $LOW controlled=18446744073709551615
	wait_for 5 grep -q '"code": 487' n.out
	# and if ours is, we do: our own checks say so
	media n conflict a $LOW controlled=0
	wait_for 10 told_handovers 1
	grep -q ICE-CONTROLLING n.out
}

@test "role conflict: a 487 of the peer's changes our role" {
	begin_anew --controlling
	media n answer 487
	media n conflict a $LOW controlled=0
	wait_for 5 grep -q ICE-CONTROLLING n.out
	wait_for 5 grep -q '"ICE-CONTROLLED"' n.out
	media n answer 0
	media n nominate a $LOW
	wait_for 10 told_handovers 1
}

# Why the pair with n's socket $1 is in state $2, at the end of its changes.
why()
{
	jq -r --arg remote "$(address_of "$1")" --arg state "$2" '
		select(.event == "pair" and .remote == $remote and
			.state == $state) | .why' i.jsonl | tail -1
}

why_is()
{
	[[ $(why "$1" "$2") == *"$3"* ]]
}

@test "each pair's state has its reason: 401, another source, no reply" {
	nominator=lite
	begin_anew
	wait_for 5 why_is b succeeded nominated
	# of a restart nothing is answered as it should be
	media n answer 401
	ice i restart
	wait_for 5 says i.jsonl restart
	sed 's/ufrag:nomi/ufrag:next/' n.frag >next.frag
	ice i remote "$PWD/next.frag"
	wait_for 5 why_is a failed 'it answers 401 (wrong password'
	media n answer elsewhere
	sed 's/ufrag:nomi/ufrag:last/' n.frag >last.frag
	ice i remote "$PWD/last.frag"
	wait_for 5 why_is b failed "from another source, $(address_of a)"
	ice i pairs
	wait_for 5 says i.jsonl pairs
	jq -es 'map(select(.event == "pairs")) | last | .pairs |
		map(select(.state == "failed" and .sent > 0)) | length == 2' i.jsonl
}

@test "pairs without a reply: whether its own checks come is said" {
	media n check a $LOW
	wait_for 5 says i.jsonl pair
	media n answer 0
	ice i candidate candidate:9 1 udp 1000 127.0.0.1 9 typ host
	wait_for 5 grep -q 'no reply to 1 check, and none of its own came' i.jsonl
	ice i pairs
	wait_for 5 says i.jsonl pairs
	jq -es 'map(select(.event == "pairs")) | last | .pairs | length == 2' i.jsonl
}

@test "media may come from who has answered a check, and from nobody else" {
	# a candidate that is only told, and one that is told and answers
	ice i candidate candidate:8 1 udp 1000 127.0.0.1 9 typ host
	media n nominate a $LOW
	wait_for 10 told_handovers 1
	[ "$(handover remotes)" = "$(jq -n --arg a "$(address_of a)" '[$a]')" ]
	media n check b $LOW
	wait_for 5 grep -q '"type": "remotes"' m.out
	jq -e --arg a "$(address_of a)" --arg b "$(address_of b)" -s '
		map(select(.message.type == "remotes")) | last |
		.message.remotes | sort == ([$a, $b] | sort)' m.out
}
