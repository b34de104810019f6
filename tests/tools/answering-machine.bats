#!/usr/bin/env bats
# examples/answering-machine.sh, as a call and its own end meet.

bats_require_minimum_version 1.5.0
load ../lib/ports

teardown()
{
	kill "$machine" 2>/dev/null || true
}

setup()
{
	top=$PWD
	bin=$PWD/${B:-build}/bin
	cd "$BATS_TEST_TMPDIR" || exit
}

# SIGTERM comes to the script that has just begun to tidy up a call.
@test "ended right after a call, it says nothing, and leaves the call whole" {
	for try in {0..9}; do
		PIPECALL_BIN=$bin "$top/examples/answering-machine.sh" \
			--listen 127.0.0.1:0 --calls "calls.$try" \
			>"events.$try" 2>"said.$try" 3>&- &
		machine=$!
		wait_for 5 grep -q '"listening"' "events.$try"
		at=$(jq -r 'select(.event == "listening").address' "events.$try")
		sip-dial -q --events "dial.$try" "sip:echo@$at" \
			<"$top/examples/audio.sdp" >answer.sdp 3>&- &
		caller=$!
		wait_for 5 test -s "dial.$try"
		wait_for 5 grep -q '"established"' "dial.$try"
		kill "$caller"
		wait "$caller"
		sleep "0.00$try"
		kill "$machine"
		wait "$machine"
		cat "said.$try"
		[ "$(wc -l <"said.$try")" = 1 ] # where it listens
		call=$(echo calls."$try"/*)
		[ -s "$call/call.pcapng" ]
		[ ! -e "$call/inbox" ]
	done
}
