#!/usr/bin/env bats
# sip-dial --answer --method SUBSCRIBE: the state of something, for whoever
# subscribes to it.

bats_require_minimum_version 1.5.0
load ../lib/ports

setup()
{
	cd "$BATS_TEST_TMPDIR" || exit
	mkfifo control
	notifier='' subscriber=''
}

teardown()
{
	[ -z "$notifier" ] || kill "$notifier" 2>/dev/null || true
	[ -z "$subscriber" ] || kill "$subscriber" 2>/dev/null || true
}

# With the state $1; $at is where.
notifier()
{
	printf %s "$1" | timeout 40 sip-dial --answer --listen 127.0.0.1:0 \
		--method SUBSCRIBE --package message-summary --events events \
		--control control --trace trace "${@:2}" >out 2>said 3>&- &
	notifier=$!
	wait_for 5 event events '.event == "listening"'
	at=$(jq -r 'select(.event == "listening") | .address' events)
}

event()
{
	[ -s "$1" ] && jq -se "any(.[]; $2)" "$1" >/dev/null
}

# In the background; what it is told goes to the file got.
subscriber()
{
	timeout 40 sip-dial --method SUBSCRIBE --package message-summary \
		--events events.s "$@" "sip:bob@$at" >got 2>said.s 3>&- &
	subscriber=$!
}

ended()
{
	local status=0

	wait "$1" || status=$?
	[ "$status" = "$2" ] || {
		cat said said.s
		echo "exit status $status, not $2" && return 1
	}
}

ask()
{
	timeout 20 sip-dial --method SUBSCRIBE --package message-summary "$@" \
		"sip:bob@$at"
}

@test "the state is told at once, when it changes, and that it ends" {
	notifier 'Messages-Waiting: no'
	[ "$(ask --expires 0)" = 'Messages-Waiting: no' ]
	subscriber
	wait_for 5 grep -q no got
	echo 'notify Messages-Waiting: yes' >control
	wait_for 5 grep -q yes got
	jq -nc '{command: "notify", body: "Messages-Waiting: no\r\nUrgent: 0\r\n"}' \
		>control
	wait_for 5 grep -q Urgent got
	kill "$notifier"
	ended "$notifier" 0
	ended "$subscriber" 1
	grep -q 'the subscription was ended: noresource' said.s
	[ ! -s out ]
	event events '.event == "subscriber" and .expires == 3600'
	jq -r 'select(.event == "message") | .raw' trace |
		grep -q '^Content-Type: application/simple-message-summary'
}

@test "it is refreshed, ended, and runs out when it is not" {
	notifier 'Messages-Waiting: no'
	subscriber --expires 2
	wait_for 10 refreshed
	kill "$subscriber"
	ended "$subscriber" 0
	event events.s '.event == "notify" and .state == "terminated" and
		.reason == "timeout"'
	: >events
	subscriber --expires 1
	wait_for 5 event events '.event == "subscriber"'
	kill -KILL "$(pgrep -P "$subscriber" sip-dial || echo "$subscriber")"
	wait "$subscriber" || true
	wait_for 10 event events '.event == "unsubscribed"'
}

refreshed()
{
	[ "$(jq -s 'map(select(.event == "subscriber")) | length' events)" -ge 3 ]
}

@test "they are sent away, and come back where they may" {
	notifier x
	subscriber
	wait_for 5 grep -q x got
	echo 'terminate deactivated' >control
	wait_for 5 again 2
	echo 'terminate probation 1' >control
	wait_for 10 again 3
	event events.s '.event == "notify" and .reason == "probation"'
	echo 'terminate rejected' >control
	ended "$subscriber" 1
	for bad in terminate 'terminate never' 'terminate probation soon'; do
		: >events
		echo "$bad" >control
		wait_for 5 event events '.event == "error"'
	done
}

again()
{
	[ "$(jq -s 'map(select(.event == "subscriber")) | length' events)" = "$1" ]
}

@test "another package, another type, another method" {
	notifier x
	timeout 20 sip-dial --method SUBSCRIBE --package presence \
		--expect 489 "sip:bob@$at"
	ask --accept application/pidf+xml --expect 406
	timeout 20 sip-dial --method MESSAGE --expect 405 "sip:bob@$at" <<<x
	timeout 20 sip-dial --method OPTIONS "sip:bob@$at" |
		grep -q '^Allow: OPTIONS, SUBSCRIBE'
	ask --expires 0 >got
	[ "$(<got)" = x ]
}

@test "over a line" {
	sip-register --no-register --listen 127.0.0.1:0 --line sock >line \
		2>line.err 3>&- &
	line=$!
	wait_for 5 grep -q listening line
	there=$(jq -r 'select(.event == "listening") | .address' line)
	echo 'Messages-Waiting: no' | timeout 30 sip-dial --answer --line sock \
		--method SUBSCRIBE --package message-summary --events events \
		--control control >out 2>said 3>&- &
	notifier=$!
	at=$there
	until ask --expires 0 >got 2>said.s; do
		sleep 0.1 # until its take has come
	done
	subscriber --expires 2
	wait_for 10 refreshed
	echo 'notify Messages-Waiting: yes' >control
	wait_for 5 grep -q yes got
	kill "$subscriber"
	ended "$subscriber" 0
	kill "$notifier"
	ended "$notifier" 0
	kill "$line"
	wait "$line"
}
