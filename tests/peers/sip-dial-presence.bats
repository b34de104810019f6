#!/usr/bin/env bats
# sip-dial subscribes and publishes at Kamailio's presence server.
#
# Each test is a shell of its own to bats:
# shellcheck disable=SC2030,SC2031,SC2094

bats_require_minimum_version 1.5.0
load ../lib/sip-dial
load ../lib/presence

setup()
{
	cd "$BATS_TEST_TMPDIR" || exit
	cat >pidf.xml <<-'XML'
		<?xml version="1.0" encoding="UTF-8"?>
		<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="sip:300@pbx">
		 <tuple id="t1"><status><basic>open</basic></status></tuple>
		</presence>
	XML
	sed s/open/closed/ pidf.xml >closed.xml
	mkfifo control
	presence_start
}

teardown()
{
	[ -z "${dial:-}" ] || kill "$dial" 2>/dev/null || true
	presence_stop
}

# --method and what belongs to it, of 300's presence.
ask()
{
	timeout 30 sip-dial --method "$1" --proxy "$PRESENCE" \
		--package presence "${@:2}" sip:300@pbx
}

# The same in the background.
stay()
{
	sip-dial --method "$1" --proxy "$PRESENCE" --events events \
		--trace trace --control control --package presence \
		"${@:2}" sip:300@pbx <"${input:-/dev/null}" >out 2>said 3>&- &
	dial=$!
}

@test "PUBLISH: its tag, refreshed, changed, removed; each is seen" {
	[ -z "$(ask SUBSCRIBE --expires 0)" ]
	tag=$(ask PUBLISH <pidf.xml)
	[ -n "$tag" ]
	[ "$(ask SUBSCRIBE --expires 0)" = "$(<pidf.xml)" ]
	second=$(ask PUBLISH --if-match "$tag" </dev/null)
	[ "$second" != "$tag" ]
	third=$(ask PUBLISH --if-match "$second" <closed.xml)
	[ "$(ask SUBSCRIBE --expires 0)" = "$(<closed.xml)" ]
	run -1 --separate-stderr ask PUBLISH --if-match "$tag" </dev/null
	[[ $stderr == *': '[45]??' '* && -z $output ]]
	[ -z "$(ask PUBLISH --if-match "$third" --expires 0 </dev/null)" ]
	[ -z "$(ask SUBSCRIBE --expires 0)" ]
	run -66 ask PUBLISH </dev/null
}

@test "SUBSCRIBE: what is published is printed as it comes, until the end" {
	stay SUBSCRIBE --json
	event '.event == "notify" and .state == "active"'
	tag=$(ask PUBLISH <pidf.xml)
	event '.event == "notify" and (.body // "" | test("open"))'
	ask PUBLISH --if-match "$tag" <closed.xml >changed
	event '.event == "notify" and (.body // "" | test("closed"))'
	echo hangup >control
	dialled 0
	event_is '.event == "notify" and .state == "terminated"'
	jq -se 'map(.body) == [null, $a, $b] and
		all(.state == "active" and .package == "presence")' \
		--rawfile a pidf.xml --rawfile b closed.xml out
}

@test "a subscription is refreshed before it expires, with credentials" {
	export SIP_PASSWORD=secret-100
	stay SUBSCRIBE --expires 2 --from sip:100@pbx --user 100
	wait_for 15 refreshed subscribed 3
	[ "$(jq -s 'map(select(.event == "notify" and
		.state == "terminated")) | length' events)" = 0 ]
	kill "$dial"
	dialled 0
	event_is '.event == "notify" and .state == "terminated"'
}

refreshed()
{
	[ "$(jq -s "map(select(.event == \"$1\")) | length" events)" -ge "$2" ]
}

@test "too brief for the server: 423, and what it wants" {
	stay SUBSCRIBE --expires 1
	event '.event == "response" and .status == 423'
	event '.event == "subscribed" and .expires >= 2'
	kill "$dial"
	dialled 0
}

@test "PUBLISH --keep: refreshed, changed by a command, taken back at the end" {
	input=pidf.xml stay PUBLISH --keep --expires 2
	wait_for 15 refreshed published 3
	[ "$(ask SUBSCRIBE --expires 0)" = "$(<pidf.xml)" ]
	[ ! -s out ]
	jq -nc --rawfile body closed.xml '{command: "publish", body: $body}' \
		>control
	wait_for 5 changed
	kill "$dial"
	dialled 0
	[ -z "$(ask SUBSCRIBE --expires 0)" ]
}

changed()
{
	[ "$(ask SUBSCRIBE --expires 0)" = "$(<closed.xml)" ]
}

@test "message-summary and dialog too; a package that is none" {
	printf 'Messages-Waiting: yes\r\nVoice-Message: 2/8 (0/2)\r\n' >mwi
	timeout 20 sip-dial --method PUBLISH --package message-summary \
		--proxy "$PRESENCE" sip:301@pbx <mwi >etag
	timeout 20 sip-dial --method SUBSCRIBE --package message-summary \
		--expires 0 --proxy "$PRESENCE" sip:301@pbx >got
	cmp got mwi
	timeout 20 sip-dial --method SUBSCRIBE --package dialog --expires 0 \
		--json --proxy "$PRESENCE" sip:301@pbx >got
	jq -e '.package == "dialog" and (.type // "" |
		test("dialog-info") or . == "")' got
	run -1 --separate-stderr timeout 20 sip-dial --method SUBSCRIBE \
		--package nonsense --proxy "$PRESENCE" sip:301@pbx
	[[ $stderr == *'489 Bad Event'* ]]
}

@test "a wrong password, a server that is not there" {
	export SIP_PASSWORD=wrong
	run -77 ask SUBSCRIBE --from sip:100@pbx --user 100
	run -69 timeout 20 sip-dial --method SUBSCRIBE --package presence \
		sip:300@127.0.0.1:9
	ask SUBSCRIBE --expires 0 --expect 401 --from sip:100@pbx --user 100
}
