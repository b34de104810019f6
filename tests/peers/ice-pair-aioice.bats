# ice-pair with aioice, the ICE of aiortc: both roles, the handover, consent.

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

# aioice in role $1, ice-pair with the options $2...; media process m.
connect()
{
	local role=$1

	shift
	mkfifo i.frag
	aioice_start a "$role" i.frag
	ice_start i --remote a.frag --handover m "$@"
	wait_for 10 says i.jsonl connected
	wait_for 10 says a.out connected
}

direct_and_split()
{
	media_start m
	connect "$@"
	wait_for 5 grep -q '"fds": 1' m.out
	[ "$(event i.jsonl handover relayed)" = false ]
	# both ends speak of the same pair, and the socket is bound there
	local pair
	pair=$(jq -r 'select(.event == "message") | .message |
		[.local, .remote, .bound] | join(" ")' m.out)
	[ "$pair" = "$(event a.out connected remote) $(event a.out connected \
		local) $(event a.out connected remote)" ]
	# its packets come to the second socket, ours reach it
	wait_for 10 packets_are m udp 100
	media m flood 200 172
	wait_for 10 grep -q '"n": 151' a.out
	stats_of i
	jq -e '.passed == 0 and .relayed_in == 0 and .dropped == 0 and
		.handovers == 1' i.stats
	[ "$(packets m unix)" = "$(jq .early i.stats)" ]
}

@test "aioice controlling: every media packet on the second socket" {
	direct_and_split controlling
}

@test "aioice controlled: every media packet on the second socket" {
	direct_and_split controlled --controlling
}

@test "consent is held while media flows, for more than two of its periods" {
	media_start m
	connect controlling --consent-timeout 11
	# a packet each 20 ms: 600 are 12 s, longer than either end's patience
	wait_for 30 packets_are m udp 600
	says i.jsonl connected
	[ "$(event i.jsonl lost why)" = "" ]
	[ "$(event i.jsonl consent silent_ms)" = "" ]
	kill -0 "$(pid_of i)"
	stats_of i
	jq -e '.passed == 0' i.stats
	media m flood 60 100
	wait_for 5 grep -q '"n": 51' a.out
}

@test "what comes before the media process listens is not lost" {
	connect controlling --handover-timeout 20
	# an early ClientHello and some packets of media wait in ice-pair
	wait_for 5 says i.jsonl connected
	media_start m
	wait_for 5 packets_are m unix 1
	# the first of them is the ClientHello, with nothing lost or reordered
	[ "$(grep -m1 '"packet"' m.out | jq -r .head)" = \
		16616e206561726c7920436c69656e74 ]
	wait_for 10 packets_are m udp 20
	stats_of i
	jq -e '.early > 0 and .passed == 0 and .dropped == 0' i.stats
	[ "$(packets m unix)" = "$(jq .early i.stats)" ]
	# and the RTP numbers run on from the one way into the other
	jq -r 'select(.event == "packet" and (.head | startswith("806f"))) |
		.head[4:8]' m.out | head -30 >numbers
	sort -u numbers | cmp - numbers
	[ "$(head -1 numbers)" = 0001 ]
	[ "$(wc -l <numbers)" -gt 20 ]
	[ $((16#$(tail -1 numbers))) = "$(wc -l <numbers)" ]
}

@test "a peer that dies is lost: event, packet, status 69" {
	media_start m
	connect controlling --consent-timeout 4
	wait_for 5 packets_are m udp 1
	kill -KILL "$(pid_of a)"
	status=0
	wait "$(pid_of i)" || status=$?
	[ "$status" = 69 ]
	[[ $(event i.jsonl lost why) == *"no check answered for 4."* ]]
	wait_for 5 grep -q '"type": "lost"' m.out
	wait_for 5 says m.out closed
	grep -q 'the peer is lost' i.err
}

@test "a peer that is silent for 12 s is waited for, as RFC 7675 says" {
	media_start m
	connect controlling
	wait_for 5 packets_are m udp 1
	kill -STOP "$(pid_of a)"
	# libnice gives up after 10 s; this event says that we have not
	wait_for 20 says i.jsonl consent
	kill -CONT "$(pid_of a)"
	wait_for 20 grep -q '"silent_ms":0' i.jsonl
	before=$(packets m udp)
	wait_for 10 packets_are m udp $((before + 50))
	kill -0 "$(pid_of i)"
}

@test "the media process ends: so does ice-pair" {
	media_start m
	connect controlling
	wait_for 5 says i.jsonl handover
	kill -KILL "$(pid_of m)"
	wait "$(pid_of i)"
	[[ $(event i.jsonl exit why) == *"media process"* ]]
}
