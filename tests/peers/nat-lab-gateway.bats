# The gateway in the lab: at home b, which has a public address; whoever calls
# the answering machine through it is at home a, behind a NAT.

setup()
{
	load ../lib/ports
	top=$PWD
	cd "$BATS_TEST_TMPDIR"
	unshare -Urnm true || skip "impossible here: no user namespaces"
}

# A call from behind a NAT of kind $1; what was heard is in $1/heard.
call_from()
{
	mkdir "$1"
	# shellcheck disable=SC2016 # it is for the lab's shell
	"$top/examples/nat-lab.sh" "$1" none -- bash -euc '
		cd "$1"
		on b "$0/gateway.sh" --listen "$NAT_LAB_B:8080" \
			--address "$NAT_LAB_B" --calls calls 2>gateway.log &
		timeout 20 sh -c "until grep -q open gateway.log; do
			sleep 0.1; done"
		timeout 40 "$0/webrtc-phone.sh" \
			"ws://$NAT_LAB_B:8080/signal" echo >heard
		kill "$!" && wait "$!"' "$top/examples" "$PWD/$1" 3>&-
}

@test "a caller behind a symmetric NAT, and behind two NATs, is heard" {
	for kind in symmetric double; do
		call_from "$kind"
		grep -q 'sent 997 Hz to echo, heard 99[67] Hz' "$kind/heard"
		jq -e -s 'map(select(.tool == "ice-pair" and
			.event == "connected")) | .[0].remote |
			startswith("198.51.100.6:")' "$kind"/calls/*-out-*/events.jsonl
	done
}
