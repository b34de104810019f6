#!/usr/bin/env bats
# Attended transfer (RFC 5589 7) through Kamailio, with linphone at each of its
# three places in turn: who transfers, who is transferred, and to whom.

bats_require_minimum_version 1.5.0
load ../lib/ports
load ../lib/phone-sdp
load ../lib/kamailio
load ../lib/linphone

setup()
{
	cd "$BATS_TEST_TMPDIR" || exit
	phone_sdp >sdp
	pids=()
	kamailio_start
}

teardown()
{
	local pid

	for pid in "${pids[@]}"; do
		kill "$pid" 2>/dev/null || true
	done
	for pid in "${pids[@]}"; do
		wait "$pid" 2>/dev/null || true
	done
	linphone_stop
	kamailio_stop
}

# A line registered as $1, whose password is $2.
line()
{
	SIP_PASSWORD=$2 sip-register --registrar "$KAMAILIO" \
		--line "$1.line" "sip:$1@pbx" >"$1.events" 2>"$1.said" 3>&- &
	pids+=("$!")
	wait_for 10 grep -q '"event":"registered"' "$1.events"
}

# A sip-dial on the line of $1: its events in the file $2, its control $2.in.
dial()
{
	local user=$1 name=$2

	shift 2
	mkfifo "$name.in"
	timeout 90 sip-dial --line "$user.line" --events "$name" \
		--control "$name.in" "$@" <sdp >"$name.sdp" 2>"$name.err" 3>&- &
	pids+=("$!")
}

# Until an event of that file fits.
event()
{
	wait_for 20 event_is "$1" "$2" || { cat "$1" && return 1; }
}

event_is()
{
	[ -s "$1" ] && jq -se "any(.[]; $2)" "$1" >/dev/null
}

# What transfer-to wants, of the call whose events these are.
other_call()
{
	jq -r 'select(.event == "established") | "\(.remote_target) " +
		"\(.call_id) \(.local_tag) \(.remote_tag)"' "$1"
}

@test "linphone transfers us to another of ours, through Kamailio" {
	line 200 word-200
	line 300 pass-300
	dial 200 bob --answer --follow-refer
	dial 300 carol --answer
	linphone_start alice --at "$KAMAILIO" --user 100 --password secret-100
	linphone_command alice call sip:200@pbx
	event bob '.event == "established"'
	linphone_wait alice 'Call 1 with .* connected'
	linphone_command alice pause
	event bob '.event == "hold" and .by == "them"'
	linphone_wait alice 'Call 1 .* is now paused'
	linphone_command alice call sip:300@pbx
	event carol '.event == "established"'
	linphone_wait alice 'Call 2 with .* connected'
	linphone_command alice transfer 1 --to-call 2
	event bob '.event == "refer" and (.replaces | length > 0)'
	event bob '.event == "followed"'
	event carol '.event == "replaced"'
	echo hangup >carol.in
	event bob '.event == "ended" and .by == "them"'
}

@test "we transfer linphone to another of ours, through Kamailio" {
	line 100 secret-100
	line 300 pass-300
	dial 300 carol --answer
	linphone_start bob --at "$KAMAILIO" --user 200 --password word-200
	dial 100 alice.bob sip:200@pbx
	linphone_wait bob 'Receiving new incoming call'
	linphone_command bob answer
	event alice.bob '.event == "established"'
	dial 100 alice.carol sip:300@pbx
	event alice.carol '.event == "established"'
	echo 'hold on' >alice.bob.in
	event alice.bob '.event == "changed"'
	echo "transfer-to $(other_call alice.carol)" >alice.bob.in
	event carol '.event == "replaced"'
	event alice.carol '.event == "ended" and .by == "them"'
	event alice.bob '.event == "transfer" and .status == 200'
	linphone_command bob terminate all
	event carol '.event == "ended" and .by == "them"'
}

@test "we transfer one of ours to linphone, through Kamailio" {
	line 100 secret-100
	line 300 pass-300
	dial 300 bob --answer --follow-refer
	linphone_start carol --at "$KAMAILIO" --user 200 --password word-200
	dial 100 alice.bob sip:300@pbx
	event alice.bob '.event == "established"'
	dial 100 alice.carol sip:200@pbx
	linphone_wait carol 'Receiving new incoming call'
	linphone_command carol answer
	event alice.carol '.event == "established"'
	echo "transfer-to $(other_call alice.carol)" >alice.bob.in
	event bob '.event == "followed"'
	event alice.carol '.event == "ended" and .by == "them"'
	linphone_command carol terminate all
	event bob '.event == "ended" and .by == "them"'
}
