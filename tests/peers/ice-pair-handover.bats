# Two ice-pairs, a media process behind each: what is handed over, and how.

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

# a and b, told of each other's fragments as filter $1 leaves them.
connect()
{
	local filter=$1

	shift
	media_start am
	media_start bm
	ice_start a --controlling --handover am "$@"
	ice_start b --handover bm "$@"
	wait_for 10 says a.jsonl gathered
	wait_for 10 says b.jsonl gathered
	for name in a b; do
		wait_for 5 grep -q end-of-candidates "$name.frag"
		sed "$filter" "$name.frag" >"$name.told"
	done
	ice a remote "$PWD/b.told"
	ice b remote "$PWD/a.told"
	wait_for 15 says a.jsonl handover
	wait_for 15 says b.jsonl handover
}

# 200 packets each way at once; each must come by way of $1, in order, whole.
flood_both_ways()
{
	local numbers

	media am flood 200 172
	media bm flood 200 1200
	wait_for 10 packets_are am "$1" 200
	wait_for 10 packets_are bm "$1" 200
	for name in am bm; do
		jq -r 'select(.event == "packet") | .head[4:8]' "$name.out" \
			>numbers
		[ "$(wc -l <numbers)" = 200 ]
		sort -c numbers
	done
	[ "$(jq -s 'map(select(.event == "packet") | .len) | unique' -c \
		am.out)" = '[1200]' ]
	[ "$(jq -s 'map(select(.event == "packet") | .len) | unique' -c \
		bm.out)" = '[172]' ]
}

none_passed_through()
{
	for name in a b; do
		stats_of "$name"
		jq -e '.passed == 0 and .early == 0 and .relayed_in == 0 and
			.relayed_out == 0 and .dropped == 0' "$name.stats"
	done
}

@test "IPv4: no packet passes through ice-pair" {
	connect ''
	flood_both_ways udp
	none_passed_through
}

@test "IPv6: no packet passes through ice-pair" {
	ICE_ADDRESS=::1
	connect ''
	[[ $(event a.jsonl handover local) == \[::1\]:* ]]
	flood_both_ways udp
	none_passed_through
}

@test "ICE-TCP: relayed over the Unix socket, with packet bounds" {
	connect '/ UDP /d' --tcp
	[[ $(event a.jsonl connected transport) == tcp* ]]
	[ "$(event a.jsonl handover relayed)" = true ]
	flood_both_ways unix
	stats_of a
	jq -e '.relayed_in + .early == 200 and .relayed_out == 200 and
		.dropped == 0' a.stats
}

@test "a connected ice-pair sleeps while media flows" {
	connect ''
	# the last of the checks may still be going on
	wait_for 15 quiet a
}

# Fewer than 12 wake-ups in a second of media.
quiet()
{
	local before after floods

	floods=$(grep -c flooded am.out || true)
	before=$(switches "$1")
	media am flood 200 172
	wait_for 5 floods_are $((floods + 1))
	after=$(switches "$1")
	[ $((after - before)) -lt 12 ]
}

floods_are()
{
	[ "$(grep -c flooded am.out)" = "$1" ]
}

switches()
{
	awk '/^voluntary_ctxt/ { print $2 }' "/proc/$(pid_of "$1")/status"
}

@test "a slow media process: packets are dropped, ice-pair lives on" {
	connect '/ UDP /d' --tcp
	kill -STOP "$(pid_of am)"
	media bm flood 1500 1200
	wait_for 20 says bm.out flooded
	kill -CONT "$(pid_of am)"
	wait_for 10 packets_are am unix 100
	stats_of a
	jq -e '.dropped > 0' a.stats
	kill -0 "$(pid_of a)"
}

@test "a peer that learns of us when our checks have failed still connects" {
	ice_start a --trace a.trace
	ice_start b --controlling
	wait_for 10 says a.jsonl gathered
	wait_for 10 says b.jsonl gathered
	ice a remote "$PWD/b.frag"
	# as a browser's when the phone has rung for a while
	wait_for 30 grep -q '"to":"failed"' a.trace
	ice b remote "$PWD/a.frag"
	wait_for 10 says a.jsonl connected
	wait_for 10 says b.jsonl connected
	[ "$(event b.jsonl consent silent_ms)" = "" ]
}
