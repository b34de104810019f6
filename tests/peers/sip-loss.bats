#!/usr/bin/env bats
# Three of ten datagrams are lost: registrations and calls come about all the
# same, by being sent again, and --trace says by which timer.

bats_require_minimum_version 1.5.0

setup()
{
	cd "$BATS_TEST_TMPDIR" || exit
	unshare -Urnmpf true || skip "impossible here: no user namespaces"
}

# lossy LOSS SCENARIO, as sip-loss.sh has them
lossy()
{
	timeout 170 unshare -Urnmpf --mount-proc --kill-child \
		"$BATS_TEST_DIRNAME/../lib/sip-loss.sh" "$@"
}

# fired MACHINE TIMER N: it fired N times or more.
fired()
{
	jq -se --arg machine "$1" --arg timer "$2" --argjson n "$3" '
		[.[] | select(.event == "state" and .machine == $machine and
			.timer == $timer and .why != null)] | length >= $n' trace.a
}

# That which timers are said to have sent is that which went out again.
told_of_all()
{
	jq -se '
		([.[] | select(.event == "message" and .direction == "out" and
			(.summary | test("^ACK") | not)) |
			.raw | capture("branch=(?<b>[^;\\s]+)").b as $b |
			(split(" ")[0] + $b)] | length - (unique | length)) as $again |
		([.[] | select(.event == "state" and
			(.timer == "A" or .timer == "E"))] | length) as $timers |
		$again == $timers' trace.a
}

@test "a registration whose REGISTER, 401 and 200 are lost: timer E" {
	lossy first registration
	fired NICT E 3
	told_of_all
}

@test "SIPp is called; INVITE, 180, 200, ACK and BYE are lost: timers A and E" {
	lossy first call
	fired ICT A 1
	fired NICT E 1
	told_of_all
}

@test "SIPp calls; its INVITE, our 200 and its ACK are lost: 200 sent again" {
	lossy first called
	fired IST 2xx 1
}

@test "baresip is called, and hangs up; the first of each is lost" {
	lossy first baresip_call
	fired ICT A 1
}

@test "three of ten, always the same: a registration" {
	lossy pattern registration
	told_of_all
}

@test "three of ten, always the same: a call" {
	lossy pattern call
	told_of_all
}

@test "each with 30 %: a registration" {
	lossy random registration
	told_of_all
}

@test "each with 30 %: a call" {
	lossy random some_call
}
