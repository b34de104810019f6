#!/usr/bin/env bats
# examples/gateway.sh --share-media: the media of all calls in one process.

bats_require_minimum_version 1.5.0
load ../lib/gateway

teardown()
{
	gateway_stop
}

phone_out()
{
	printf '%s/phone.%s' "$BATS_TEST_TMPDIR" "$1"
}

# The processes of its bridges that are in this state ...
bridges()
{
	jq --arg state "$1" 'select(.event == "bridge" and .state == $state) |
		.pid' "$GATEWAY_CALLS/gateway/events.jsonl"
}

# ... and are so many.
are()
{
	[ "$(bridges "$1" | wc -l)" = "$2" ]
}

# The process of the media itself.
server()
{
	local pid

	for pid in $(gateway_processes "$GATEWAY_CALLS/*"); do
		if tr '\0' ' ' <"/proc/$pid/cmdline" |
			grep -q '^[^ ]*rtp-bridge .*--serve'; then
			echo "$pid"
		fi
	done
}

@test "six calls at once in one process, each hears its own tone" {
	local n phones=()

	gateway_start --share-media
	for n in 0 1 2 3 4 5; do
		gateway_phone --tone $((500 + 110 * n)) --timeout 45 \
			"$GATEWAY_SIGNAL" echo >"$(phone_out "$n")" 2>&1 &
		phones+=($!)
	done
	for n in 0 1 2 3 4 5; do
		wait "${phones[n]}" || {
			cat "$(phone_out "$n")" >&2
			return 1
		}
		grep -q "sent $((500 + 110 * n)) Hz" "$(phone_out "$n")"
	done
	gateway_idle
	# of a call, and of the answering machine
	are began 12
	wait_for 5 are ended 12
	kill -0 "$GATEWAY_PID"
	[ -n "$(server)" ]
	gateway_stop
	[ -z "$(server)" ]
}

@test "the process of the media is killed: the call ends, and the gateway, with 74" {
	local pid status=0

	gateway_start --share-media
	gateway_phone --stay --timeout 45 "$GATEWAY_SIGNAL" echo \
		>"$(phone_out a)" 2>&1 &
	wait_for 30 grep -q 'sent .* Hz' "$(phone_out a)"
	are began 2
	# who waits has no socket of media
	for pid in $(bridges began); do
		run -0 find "/proc/$pid/fd" -lname 'socket:*'
		[ "${#lines[@]}" = 1 ]
	done
	kill -KILL "$(server)"
	wait_for 8 gateway_gone
	wait "$GATEWAY_PID" || status=$?
	[ "$status" = 74 ]
	GATEWAY_PID=
	gateway_idle
	wait_for 5 grep -q 'ended\|gone' "$(phone_out a)"
	grep -q 'rtp-bridge.media was killed' "$GATEWAY_LOG"
}
