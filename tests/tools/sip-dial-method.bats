#!/usr/bin/env bats
# sip-dial --method: requests without a call, as curl makes them.
#
# Each test is a shell of its own to bats:
# shellcheck disable=SC2030,SC2031

bats_require_minimum_version 1.5.0
load ../lib/ports

setup()
{
	cd "$BATS_TEST_TMPDIR" || exit
	receiver=''
}

teardown()
{
	[ -z "$receiver" ] || kill "$receiver" 2>/dev/null || true
}

# A receiver in the background; $at is where.
receiver()
{
	rm -f events # of one before it
	timeout 30 sip-dial --answer --listen 127.0.0.1:0 --events events \
		"$@" >got 2>said 3>&- &
	receiver=$!
	wait_for 5 event '.event == "listening"'
	at=$(jq -r 'select(.event == "listening") | .address' events)
}

event()
{
	[ -s events ] && jq -se "any(.[]; $1)" events >/dev/null
}

ask()
{
	timeout 20 sip-dial --method "$@" "sip:bob@$at"
}

@test "MESSAGE: what goes in comes out, each on lines of its own" {
	receiver --method MESSAGE --count 3
	[ -z "$(printf 'no newline' | ask MESSAGE)" ]
	ask MESSAGE --from sip:alice@example.org <<<$'two\nlines'
	jq -n '{a: 1}' | ask MESSAGE --content-type application/json
	wait "$receiver"
	diff got - <<-'END'
		no newline
		two
		lines
		{
		  "a": 1
		}
	END
	event '.event == "message" and .type == "application/json"'
	event '.event == "message" and .from == "sip:alice@example.org"'
}

@test "MESSAGE as JSON, with headers, and the answer as JSON" {
	receiver --method MESSAGE --json
	ask MESSAGE --json --header 'Subject: a "b"' --header 'x-a: 1' \
		<<<'$(touch no) "é"' >answer
	wait "$receiver"
	jq -e '.body == "$(touch no) \"é\"\n" and .type == "text/plain; charset=UTF-8"
		and .headers.Subject == "a \"b\"" and .headers["X-A"] == "1"
		and (.from | test("^sip:pipecall@"))' got
	jq -e '.status == 200 and .reason == "OK" and .rtt_ms > 0' answer
	[ ! -e no ]
}

@test "OPTIONS: the capabilities, of a receiver and of an answerer" {
	receiver --method MESSAGE
	ask OPTIONS >can
	grep -qx 'Allow: OPTIONS, MESSAGE' can
	kill "$receiver"
	wait "$receiver" || true
	: >events
	mkfifo control
	receiver --control control </dev/null
	ask OPTIONS >can
	grep -q '^Allow: INVITE, ACK, .*REFER' can
	grep -q '^Accept: application/sdp' can
	ask OPTIONS --json | jq -e '.headers.Allow | test("MESSAGE")'
}

@test "OPTIONS as a ping: a line each, and 1 when one was refused" {
	receiver --method MESSAGE
	ask OPTIONS --count 3 --interval 0.05 >pings
	[ "$(grep -cE '^200 OK in [0-9.]+ ms$' pings)" = 3 ]
	mkfifo pings.fifo
	sip-dial --method OPTIONS --interval 0.05 "sip:bob@$at" >pings.fifo 3>&- &
	ping=$!
	head -n 4 pings.fifo >pings
	[ "$(grep -c '^200 OK' pings)" = 4 ]
	wait "$ping" || status=$? # its reader is gone
	[ "$status" = 74 ]
}

@test "a ping until SIGTERM is 0, a method they do not have is 1" {
	receiver --method MESSAGE
	sip-dial --method OPTIONS --interval 0.05 "sip:bob@$at" >pings 3>&- &
	ping=$!
	wait_for 5 test -s pings
	kill "$ping"
	wait "$ping"
	run -1 --separate-stderr ask FOO </dev/null
	[[ $stderr == *'405 Method Not Allowed'* && -z $output ]]
	ask FOO --expect 405,501 </dev/null
	run -1 --separate-stderr ask FOO --expect 2xx </dev/null
	[[ $stderr == *'expected 2xx, but got 405'* ]]
}

@test "the receiver: nobody sends, another method, an INVITE" {
	run -69 --separate-stderr sip-dial --answer --method MESSAGE --wait 0.2 \
		--listen 127.0.0.1:0
	[[ $stderr == *'nobody called within 0.2 s'* ]]
	receiver --method NOTIFY
	run -1 ask MESSAGE <<<x
	printf 'Messages-Waiting: yes\r\n' | ask NOTIFY \
		--package message-summary --header 'Subscription-State: active'
	wait "$receiver"
	grep -q 'Messages-Waiting: yes' got
	event '.event == "notify" and .package == "message-summary"'
}

@test "nobody is there: 69; no message, nothing to publish: 66" {
	at=127.0.0.1:9
	run -69 --separate-stderr ask OPTIONS
	[[ $stderr == *'Connection refused'* && -z $output ]]
	run -66 --separate-stderr ask MESSAGE </dev/null
	[[ $stderr == *'no message'* ]]
	run -66 ask PUBLISH --package presence </dev/null
}

@test "--dry-run shows it" {
	at=127.0.0.1:9
	ask SUBSCRIBE --package 'dialog;sla' --expires 60 --dry-run >request
	grep -q '^SUBSCRIBE sip:bob@127.0.0.1:9 SIP/2.0' request
	grep -q '^Event: dialog;sla' request
	grep -q '^Expires: 60' request
	grep -q '^Accept: application/dialog-info+xml' request
	echo hi | ask MESSAGE --dry-run >request
	run ! grep -q '^Contact' request
	[ "$(tail -n 1 request)" = hi ]
	ask REFER --refer-to sip:carol@c.test --dry-run >request
	grep -q '^Refer-To: <sip:carol@c.test>' request
}

# It is refused with 2 and one line that has $1.
refused()
{
	run -2 --separate-stderr timeout 20 sip-dial "${@:2}" </dev/null
	[ -z "$output" ] && [ "${#stderr_lines[@]}" = 1 ]
	echo "$stderr"
	[[ $stderr == *"$1"* ]]
}

@test "usage" {
	local uri=sip:bob@127.0.0.1:9 method

	for method in INVITE ACK BYE CANCEL PRACK UPDATE REGISTER options 'A B' \
		''; do
		refused '--method' --method "$method" "$uri"
	done
	refused '--package' --method SUBSCRIBE "$uri"
	refused '--package' --method PUBLISH "$uri"
	refused '--package: not with' --method MESSAGE --package a "$uri"
	refused '--json: only with --method' --json "$uri"
	refused '--keep: not with' --method MESSAGE --keep "$uri"
	refused '--refer-to' --method REFER "$uri"
	refused '--refer-to' --method REFER --refer-to carol "$uri"
	refused '--early: not with' --method OPTIONS --early "$uri"
	refused 'one URI' --method OPTIONS
	refused 'NOTIFY or SUBSCRIBE' --answer --method OPTIONS
	refused '--package' --answer --method SUBSCRIBE
	refused 'is for a caller' --answer --method MESSAGE --from sip:a@b
}
