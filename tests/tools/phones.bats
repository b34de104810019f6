#!/usr/bin/env bats
# examples/sip-phone.sh and examples/webrtc-phone.sh: the phones that listen
# for a tone.

bats_require_minimum_version 1.5.0
load ../lib/gateway

setup()
{
	phones=$PWD/examples
	cd "$BATS_TEST_TMPDIR" || exit
}

teardown()
{
	gateway_stop
	[ -z "${machine:-}" ] || kill "$machine" 2>/dev/null || true
}

@test "sip-phone.sh hears the answering machine's echo, and leaves its folder" {
	"$phones/answering-machine.sh" --listen 127.0.0.1:0 >events 2>log 3>&- &
	machine=$!
	wait_for 10 grep -q '"listening"' events
	at=$(jq -r 'select(.event == "listening").address' events)
	run -0 --separate-stderr "$phones/sip-phone.sh" --tone 440 --dir call \
		"sip:echo@$at" 3>&-
	[[ $output =~ ^"sent 440 Hz to sip:echo@$at, heard 4"[34][0-9]" Hz at -" ]]
	[ -s call/call.pcapng ]
	[ ! -e call/inbox ]
}

@test "sip-phone.sh says why not: refused 1, nobody there 69" {
	sip-dial --answer --listen 127.0.0.1:0 --reject 486 --events events \
		</dev/null >/dev/null 2>&1 3>&- &
	machine=$!
	wait_for 10 grep -qs '"listening"' events
	at=$(jq -r 'select(.event == "listening").address' events)
	run -1 "$phones/sip-phone.sh" "sip:bob@$at" 3>&-
	[[ $output == *"sip-phone.sh: the call was refused: 486 Busy Here"* ]]
	run -69 "$phones/sip-phone.sh" "sip:bob@127.0.0.1:$(free_port)" 3>&-
	[[ $output == *"sip-phone.sh: "*"Connection refused"* ]]
}

@test "webrtc-phone.sh --answer is called by sip-phone.sh, which hears itself" {
	gateway_start
	gateway_phone --answer "$GATEWAY_SIGNAL" 2>answerer &
	machine=$!
	wait_for 10 grep -q 'waits to be called' answerer
	at=$(jq -r 'select(.event == "listening" and .call == "gateway"
		and .tool == "sip-register")
		| .address' "$GATEWAY_CALLS/gateway/events.jsonl")
	run -0 --separate-stderr "$phones/sip-phone.sh" "sip:web@$at" 3>&-
	[[ $output == "sent 997 Hz to sip:web@$at, heard 99"[67]" Hz at -"* ]]
	wait "$machine"
	grep -q 'called by sip:pipecall@127.0.0.1' answerer
	gateway_idle
}

@test "webrtc-phone.sh --answer that nobody calls ends with 69" {
	gateway_start
	run -69 gateway_phone --answer --timeout 4 "$GATEWAY_SIGNAL"
	[[ $output == *"webrtc-phone.sh: nobody called in 4 s" ]]
}

@test "wrong words are status 2 and one line" {
	for words in "" "a b" "--tone" "--tone x sip:a@b" "--timeout 0 sip:a@b" "--no"; do
		# shellcheck disable=SC2086
		run -2 "$phones/sip-phone.sh" $words
		[ "${#lines[@]}" = 1 ]
	done
	for words in "" "ws://h" "--answer" "--answer ws://h number" "--no"; do
		# shellcheck disable=SC2086
		run -2 "$phones/webrtc-phone.sh" $words
		[ "${#lines[@]}" = 1 ]
	done
}
