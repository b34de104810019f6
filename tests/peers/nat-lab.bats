# nat-lab.sh: what its NATs do, by coturn's own judgement and in what ice-pair
# makes of them.

bats_require_minimum_version 1.5.0

setup()
{
	load ../lib/ports
	lab=$PWD/examples/nat-lab.sh
	cd "$BATS_TEST_TMPDIR"
	unshare -Urnm true || skip "impossible here: no user namespaces"
}

# Matrix of options $@ into file $1.
matrix()
{
	local name=$1 status=0

	shift
	"$lab" "$@" >"$name" 2>&1 || status=$?
	echo "status $status" >>"$name"
}

@test "the matrix agrees cell for cell: all kinds, IPv6, a slow and lossy net" {
	pids=() # bats has a process of its own that must not be waited for
	matrix five matrix 3>&- &
	pids+=($!)
	matrix others matrix none double symmetric 3>&- &
	pids+=($!)
	matrix six -6 matrix firewall symmetric 3>&- &
	pids+=($!)
	matrix bad -46 --delay 40 --loss 2 matrix port symmetric 3>&- &
	pids+=($!)
	matrix worse --loss 20 matrix address symmetric 3>&- &
	pids+=($!)
	wait "${pids[@]}"
	cat five others six bad worse
	[ "$(cat five others six bad worse | grep -c '^status 0$')" = 5 ]
	[ "$(grep -c ' agree$' five)" = 25 ]
	[ "$(grep -c ' no  *relay  *no  *relay  *agree$' five)" = 8 ]
	[ "$(grep -c ' direct  *direct  *direct .* agree$' five)" = 17 ]
	[ "$(grep -c ' agree$' others)" = 9 ]
	[ "$(grep -c ' agree$' six)" = 4 ]
	[ "$(grep -c ' agree$' bad)" = 4 ]
	[ "$(grep -c ' agree$' worse)" = 4 ]
}

@test "a matrix that does not agree is status 1, and leaves its logs" {
	run -1 "$lab" --timeout 1 --loss 99 --keep kept matrix full
	[[ $output == *DISAGREE* ]]
	[[ $output == *"1 cells are not as they have to be"* ]]
	grep -q 'not connected' kept/full,full,no-turn,a.log
	# and says why, under the table
	[[ $output == *"full,full,no-turn a"*"not connected"* ]]
	run -74 "$lab" --keep kept full full -- true
	[[ $output == "nat-lab.sh: kept: it is not empty"* ]]
}

# What coturn's turnutils_natdiscovery (RFC 5780) says of kind $1, with a
# fresh socket for each of its two questions, into file $1.
judge()
{
	"$lab" "$1" none -- sh -c 'for what in -m -f; do
		turnutils_natdiscovery $what "$NAT_LAB_SERVER"
	done' 2>&1 | sed -n 's/.*NAT with \(.*\)!.*/\1/p' | paste -sd, >"$1"
}

@test "each kind is what turnutils_natdiscovery takes it for" {
	independent="Endpoint Independent"
	strict="Address and Port Dependent Filtering"
	pids=()
	for kind in full address port address-mapping symmetric double; do
		judge "$kind" 3>&- &
		pids+=($!)
	done
	wait "${pids[@]}"
	grep -qx "$independent Mapping,$independent Filtering" full
	grep -qx "$independent Mapping,Address Dependent Filtering" address
	grep -qx "$independent Mapping,$strict" port
	grep -qx "$independent Mapping,$strict" double
	grep -qx "Address Dependent Mapping,$strict" address-mapping
	grep -qx "Address and Port Dependent Mapping,$strict" symmetric
}

@test "COMMAND runs at a, with its status and its stdin; on, at the others" {
	run -7 "$lab" full none -- sh -c 'exit 7'
	echo hello | "$lab" port none -- cat | grep -qx hello
	# shellcheck disable=SC2016
	"$lab" -46 full firewall -- sh -c '
		stun-probe --json "$NAT_LAB_STUN" >a
		on b stun-probe --json "$NAT_LAB_STUN" >b
		on nat-a stun-probe --json "$NAT_LAB_STUN" >nat
		echo "$NAT_LAB_A $NAT_LAB_B" >homes'
	[ "$(jq -r .mapped a | cut -d: -f1)" = 198.51.100.6 ]
	[ "$(jq -r .mapped nat | cut -d: -f1)" = 198.51.100.6 ]
	[ "$(jq -r .mapped b)" = "$(jq -r .local b)" ]
	run -2 "$lab" full none -- on c true
	[[ $output == *"(a b internet nat-a server)" ]]
	[ "$(cat homes)" = "192.168.1.2 $(jq -r .local b | cut -d: -f1)" ]
}

@test "--delay is seen in the round trip, --loss in what gets lost" {
	# shellcheck disable=SC2016
	"$lab" --delay 30 symmetric none -- sh -c '
		stun-probe "$NAT_LAB_STUN" >first
		# of a request that had to be sent again it has no round trip
		for try in 1 2 3 4 5; do
			stun-probe --json "$NAT_LAB_STUN" >later
			! jq -e .rtt_ms later || break
		done'
	jq -e '.rtt_ms >= 60 and .rtt_ms < 500' later
	run -69 "$lab" --loss 99 full none -- \
		sh -c 'stun-probe --timeout 1 "$NAT_LAB_STUN"'
}

@test "a shell is at home a" {
	run -0 "$lab" shell full symmetric <<<'echo "$NAT_LAB_A"; exit'
	[[ $output == *192.168.1.2* ]]
	[[ $output == *"You are at home a"* ]]
}

@test "what was started in the lab ends with it, however it ends" {
	"$lab" full none -- sh -c "sleep 1$$ & on b sleep 2$$ &"
	run ! pgrep -f "sleep [12]$$"
	mkfifo begun
	"$lab" full none -- sh -c "echo >begun; sleep 3$$" 3>&- &
	read -r _ <begun
	kill "$!"
	status=0
	wait "$!" || status=$?
	[ "$status" = 143 ]
	run ! pgrep -f "sleep 3$$"
}

@test "wrong words are status 2 and one line" {
	for words in "" "full" "full cone" "--delay x full full" "matrix full full" \
		"--loss 101 full full" "--no-such" "full full full" "--delay" \
		"matrix -- true" "shell full" "full matrix" "shell full full -- true" \
		"full full true" "gateway" "gateway full" "full gateway full"; do
		# shellcheck disable=SC2086
		run -2 "$lab" $words </dev/null
		[ "${#lines[@]}" = 1 ]
		[[ $output == nat-lab.sh:* ]]
	done
	run -0 "$lab" --help
	[[ $output == *"matrix [KIND...]"* ]]
}
