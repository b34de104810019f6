# ice-pair behind NATs (nat-lab.sh): what its table says of them, and data
# through them.

bats_require_minimum_version 1.5.0

setup()
{
	lab=$PWD/examples/nat-lab.sh
	cd "$BATS_TEST_TMPDIR"
	unshare -Urnm true || skip "impossible here: no user namespaces"
}

# Two ends in the lab $@, each with the other's description; until both have
# connected, or failed. Their events are in a.jsonl and b.jsonl.
meet()
{
	rm -rf [ab].*
	cat >meet <<-'EOF'
	set -e
	. "$1/../lib/ports.bash"
	. "$1/ice/ends.bash"
	trap 'ends_stop; wait' EXIT
	options="--stun $NAT_LAB_STUN --gather-timeout 10 --timeout 20"
	ICE_ADDRESS=$NAT_LAB_A ice_start a --controlling $options \
		${A_OPTIONS:---timeout 5}
	command_fifo b
	spawn b on b ice-pair --address "$NAT_LAB_B" --events b.jsonl \
		--control b.in $options >b.frag 2>b.err
	wait_for 20 says a.jsonl gathered
	wait_for 20 says b.jsonl gathered
	ice b remote "$PWD/a.frag"
	ice a remote "$PWD/b.frag"
	wait_for 20 says a.jsonl 'connected|failed'
	if says a.jsonl connected; then
		wait_for 20 says b.jsonl connected
	fi
	asked()
	{
		ice a pairs
		sleep 0.1
		grep -q "$1" a.jsonl
	}
	[ -z "${WANTED:-}" ] || wait_for 20 asked "$WANTED"
	EOF
	timeout 90 "$lab" "$@" -- bash meet "$BATS_TEST_DIRNAME"
}

# Why the pairs with what was sent are as they are, by event $1 of file $2.
whys()
{
	jq -r --arg event "$1" 'select(.event == $event) | .pairs // [.] | .[] |
		select(.sent != 0) | "\(.state): \(.why)"' "$2"
}

# The types of the pair that event $2 of file $1 names.
types_of()
{
	jq -r --arg event "$2" 'select(.event == $event) |
		"\(.local_type) \(.remote_type)"' "$1"
}

@test "behind NATs that keep their mapping, the first pair to answer connects" {
	meet port port
	[[ $(types_of a.jsonl connected) != *host ]]
	whys pair a.jsonl | grep -q '^succeeded: answered; nominated'
	run ! grep -q 'mapping changes' a.jsonl
}

@test "regular nomination does not wait until the host candidates have failed" {
	# seven checks of these take 39.5 s
	A_OPTIONS="--nomination regular --timeout 20" meet port full
	[[ $(types_of a.jsonl connected) != *host ]]
	whys pair a.jsonl | grep -q '^succeeded: answered; not nominated yet: others may still answer'
	whys pair b.jsonl | grep -q '^succeeded: answered; the peer has not nominated it yet'
	# with TCP candidates it is regular, too
	A_OPTIONS="--tcp --timeout 20" meet port full
	[[ $(types_of a.jsonl connected) != *host ]]
	whys pair a.jsonl | grep -q '^succeeded: answered; nominated'
}

@test "a NAT whose mapping changes is named, with what either side saw" {
	# what the server sees may be known later
	WANTED='mapping changes' meet symmetric none
	whys pairs a.jsonl | grep -E '^succeeded: .*; it sees us at [0-9.]+:[0-9]+, the server at [0-9.]+:[0-9]+: our NAT.s mapping changes$'
	run ! grep -q 'mapping changes' b.jsonl
}

@test "two NATs that do not let each other in: no reply, and none of its own" {
	meet symmetric port
	whys failed a.jsonl >whys
	grep -q '^in-progress: no reply to [0-9]* checks, and none of its own came$' whys ||
		grep -q '^failed: no reply to [0-9]* checks, and none of its own came$' whys
	run ! grep -q succeeded whys
	grep -q 'no pair of candidates connects' a.err
}

@test "a stream whose first packet is lost is not spoilt" {
	head -c 50000 /dev/urandom >question
	head -c 50000 /dev/urandom >reply
	cat >copy <<-'EOF'
	set -e
	ip link set lo up
	# of those that connect pseudo-TCP, 31 bytes each
	nft -f - <<-RULES
	table ip loss {
		chain in {
			type filter hook input priority 0
			meta l4proto udp meta length 59 numgen inc mod 1000 0 counter drop
		}
	}
	RULES
	ice-pair --address 127.0.0.1 --reliable --answer ours --remote theirs \
		<reply >asked &
	ice-pair --address 127.0.0.1 --reliable --offer theirs --remote ours \
		<question >answered
	wait "$!"
	nft list table ip loss | grep -q 'counter packets 1 bytes 59 drop'
	EOF
	timeout 60 unshare -Urnpf --kill-child bash copy
	cmp question asked
	cmp reply answered
}

@test "a stream both ways through two NATs, where packets are lost and late" {
	head -c 200000 /dev/urandom >question
	head -c 100000 /dev/urandom >reply
	cat >copy <<-'EOF'
	set -e
	options="--reliable --stun $NAT_LAB_STUN --gather-timeout 10"
	on b ice-pair --address "$NAT_LAB_B" $options --answer ours \
		--remote theirs <reply >asked &
	ice-pair --address "$NAT_LAB_A" $options --offer theirs --remote ours \
		<question >answered
	wait "$!"
	EOF
	timeout 120 "$lab" --loss 3 --delay 10 port address -- bash copy
	cmp question asked
	cmp reply answered
}
