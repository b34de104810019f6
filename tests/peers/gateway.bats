#!/usr/bin/env bats
# examples/gateway.sh with the toolkit's own WebRTC end in the browser's
# place, and SIPp or the answering machine as the SIP side: many calls at
# once, calls whose processes are killed, and what the remote side says.

bats_require_minimum_version 1.5.0
load ../lib/gateway
load ../lib/sipp

teardown()
{
	gateway_stop
	sipp_stop
	[ -z "${silent:-}" ] || kill "$silent" 2>/dev/null || true
}

phone_out()
{
	printf '%s/phone.%s' "$BATS_TEST_TMPDIR" "$1"
}

# phone NAME [webrtc-phone.sh's options and number]: in the background.
phone()
{
	gateway_phone "${@:2}" >"$(phone_out "$1")" 2>&1 &
	echo "$!" >"$(phone_out "$1").pid"
}

in_call()
{
	grep -q heard "$(phone_out "$1")"
}

phone_ended()
{
	! kill -0 "$(<"$(phone_out "$1").pid")" 2>/dev/null
}

@test "flow 5: ten calls at once, each hears its own tone" {
	local n pids=()

	gateway_start
	for n in 0 1 2 3 4 5 6 7 8 9; do
		gateway_phone --tone $((500 + 110 * n)) --timeout 45 \
			"$GATEWAY_SIGNAL" echo >"$(phone_out "$n")" 2>&1 &
		pids+=($!)
	done
	for n in 0 1 2 3 4 5 6 7 8 9; do
		wait "${pids[n]}" || {
			cat "$(phone_out "$n")" >&2
			return 1
		}
		grep -q "sent $((500 + 110 * n)) Hz" "$(phone_out "$n")"
	done
	gateway_idle
}

# kill_one NAME [PATTERN]: SIGKILL for the process of the call's folder whose
# command line has this pattern; then the SIP side must get its BYE, the
# browser's end be told, and all of it be gone in 3 s.
kill_one()
{
	local folder pid victim='' killed_at

	sipp_start "$1" -sn uas -rtp_echo -m 1
	gateway_start --pbx "127.0.0.1:$(sipp_port "$1")" --no-register
	phone "$1" --stay "$GATEWAY_SIGNAL" bob
	wait_for 15 in_call "$1" || {
		cat "$(phone_out "$1")" "$GATEWAY_LOG" >&2
		return 1
	}
	folder=$(gateway_call out)
	for pid in $(gateway_processes "$folder"); do
		if tr '\0' ' ' <"/proc/$pid/cmdline" | grep -q -e "$2"; then
			victim=$pid
			break
		fi
	done
	[ -n "$victim" ]
	kill -KILL "$victim"
	killed_at=$EPOCHREALTIME
	wait_for 4 phone_ended "$1"
	gateway_idle 4
	within 3 "$killed_at"
	sipp_wait "$1" 4
	grep -q 'ended\|gone' "$(phone_out "$1")"
	kill -0 "$GATEWAY_PID"
}

@test "flow 7: rtp-bridge is killed" { kill_one bridge ^[^\ ]*/rtp-bridge; }

@test "flow 7: ice-pair is killed" { kill_one ice ^[^\ ]*/ice-pair; }

@test "flow 7: sip-dial is killed, the line says BYE" { kill_one dial ^[^\ ]*/sip-dial; }

@test "flow 7: ws-signal is killed" { kill_one ws ^[^\ ]*/ws-signal; }

@test "flow 7: the call's script is killed" { kill_one script call-out.sh; }

@test "flow 7: the call's script is killed while the phone is silent" {
	local port folder pid

	port=$(free_port)
	socat -u "UDP-RECV:$port,bind=127.0.0.1" /dev/null 3>&- &
	silent=$!
	gateway_start --pbx "127.0.0.1:$port" --no-register
	phone silent "$GATEWAY_SIGNAL" bob
	wait_for 10 eval 'grep -q "SIP.*INVITE" "$(gateway_call out)/trace.jsonl"'
	folder=$(gateway_call out)
	for pid in $(gateway_processes "$folder"); do
		! tr '\0' ' ' <"/proc/$pid/cmdline" | grep -q call-out.sh ||
			kill -KILL "$pid"
	done
	wait_for 4 phone_ended silent
	grep -q "the gateway's end of the call is gone" "$(phone_out silent)"
	gateway_idle
}

# The out folder of the call that phone NAME made.
folder_of()
{
	grep -l "\"call\":\"$1\"" "$GATEWAY_CALLS"/*-out-*/events.jsonl |
		sed 's|/events.jsonl||'
}

only_one_call_runs()
{
	[ -z "$(gateway_processes "$GATEWAY_CALLS/*-out-*" |
		grep -vxF "$(gateway_processes "$(folder_of alive)")")" ]
}

@test "flow 7: in each of many calls another process is killed; one goes on" {
	local n processes victims=() count killed_at answered

	gateway_start
	phone alive --stay --timeout 60 --dir "$BATS_TEST_TMPDIR/alive" \
		"$GATEWAY_SIGNAL" echo
	wait_for 20 in_call alive
	processes=$(gateway_processes "$(folder_of alive)")
	count=$(wc -l <<<"$processes")
	[ "$count" -ge 10 ]
	for ((n = 0; n < count; n++)); do
		phone "$n" --stay --timeout 60 --dir "$BATS_TEST_TMPDIR/call$n" \
			"$GATEWAY_SIGNAL" echo
	done
	for ((n = 0; n < count; n++)); do
		wait_for 40 in_call "$n" || {
			cat "$(phone_out "$n")" >&2
			return 1
		}
		mapfile -t processes < <(gateway_processes "$(folder_of "call$n")")
		victims+=("${processes[n]}")
		echo "call$n: $(tr '\0' ' ' <"/proc/${processes[n]}/cmdline")"
	done
	kill -KILL "${victims[@]}"
	killed_at=${EPOCHREALTIME/./}
	wait_for 5 only_one_call_runs
	echo "all gone after $((${EPOCHREALTIME/./} - killed_at)) us"
	for ((n = 0; n < count; n++)); do
		wait_for 3 phone_ended "$n"
		grep -q 'ended\|gone' "$(phone_out "$n")"
	done
	# each call had its BYE at the other end, but for the one that lives
	answered=$(grep -l '"event":"ended","by":"them"' \
		"$GATEWAY_CALLS"/*-answered-*/events.jsonl | wc -l)
	[ "$answered" -eq "$count" ]
	run ! phone_ended alive
	gateway_stop
	wait_for 5 phone_ended alive
	grep -q 'the gateway was stopped' "$(phone_out alive)"
}

# A participant of the room by hand: what it says is sent, what it gets is in
# the file; ends with the test.
participant()
{
	mkfifo "$BATS_TEST_TMPDIR/say"
	exec {say}<>"$BATS_TEST_TMPDIR/say"
	ws-signal --connect "$GATEWAY_SIGNAL" --pid $$ \
		<"$BATS_TEST_TMPDIR/say" >"$BATS_TEST_TMPDIR/got" 2>/dev/null 3>&- &
	echo '{"type":"enter","room":"phones","kind":"phone","name":"p"}' >&"$say"
	wait_for 5 grep -q '"type":"room"' "$BATS_TEST_TMPDIR/got"
}

got()
{
	wait_for 10 grep -q "\"type\":\"$1\"" "$BATS_TEST_TMPDIR/got"
	grep -m 1 "\"type\":\"$1\"" "$BATS_TEST_TMPDIR/got"
}

# No shell ran anything, and only folders with our own names are there.
nothing_leaked()
{
	[ ! -e "$marker" ]
	[ -z "$(find "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR" -name '*evil*' -o -name '*touch*')" ]
	[ -z "$(find "$GATEWAY_CALLS" -mindepth 1 -maxdepth 1 | sed 's|.*/||' |
		grep -vE '^(\.lock|gateway|[0-9]{8}-[0-9]{6}-(in|out|answered)-[0-9-]+)$')" ]
}

@test "what a caller calls itself reaches no shell and no file name" {
	local line invite marker=$BATS_TEST_TMPDIR/marker

	gateway_start --pbx 127.0.0.1:9 --no-register
	participant
	line=$(sed -n 's/.*listening udp //p' "$GATEWAY_CALLS/gateway/sip-register.log")
	sipp_start eve -sf "$BATS_TEST_DIRNAME/sipp/uac-hostile.xml" -m 1 \
		-key marker "$marker" "$line"
	invite=$(got invite)
	# it is shown as it came
	[ "$(jq -r .caller <<<"$invite")" = \
		"'; touch $marker; \$(touch $marker) \`touch $marker\` \"../../evil\" &|>$marker %s%n" ]
	jq -c '{type: "reject", to: .from, call, code: 603}' <<<"$invite" >&"$say"
	sipp_wait eve
	gateway_idle
	nothing_leaked
}

@test "what a browser says reaches no shell and no file name" {
	local gateway marker=$BATS_TEST_TMPDIR/marker text

	gateway_start
	participant
	gateway=$(got room | jq -r '.participants[] | select(.kind == "gateway").id')
	for text in "\$(touch $marker)" "'; touch $marker; '" "\`touch $marker\`" \
		"../../evil" $'echo\ntouch evil' "-rf" "*" "sip:a@\$(touch $marker)"; do
		jq -nc --arg to "$gateway" --arg text "$text" '{type: "invite", $to,
			call: $text, number: $text, sdp: $text, name: $text}' >&"$say"
		wait_for 10 was_told "$text"
	done
	# nor does it speak for a tool: that number would be run by \$(( )) below
	jq -nc --arg to "$gateway" '("gone", "exit", "refused", "room") |
		{type: ., $to, tool: "sip-register", event: .}' >&"$say"
	jq -nc --arg to "$gateway" --arg text "a[\$(touch $marker)]" '{type: "invite",
		$to, call: "forged", number: "echo", sdp: "", tool: "ws-signal",
		event: "gone", status: $text, code: $text}' >&"$say"
	wait_for 10 was_told forged
	gateway_idle
	nothing_leaked
	# and the gateway still works
	gateway_phone "$GATEWAY_SIGNAL" echo
}

was_told()
{
	jq -es --arg text "$1" 'any(.type == "bye" and .call == $text)' \
		"$BATS_TEST_TMPDIR/got" >/dev/null
}

@test "a second gateway is refused, and leaves the first alone" {
	gateway_start
	run "$top/examples/gateway.sh" --listen 127.0.0.1:0 --calls "$GATEWAY_CALLS"
	[ "$status" -eq 74 ]
	[[ $output == *"another gateway uses it"* ]]
	gateway_phone "$GATEWAY_SIGNAL" echo
}

@test "a checkout in a folder with a blank in its name works" {
	mkdir "$BATS_TEST_TMPDIR/a b"
	cp -r "$top/examples" "$BATS_TEST_TMPDIR/a b"
	top="$BATS_TEST_TMPDIR/a b"
	gateway_start
	gateway_phone "$GATEWAY_SIGNAL" echo
}

@test "more calls than --max-calls are refused, in words" {
	gateway_start --max-calls 1
	phone first --stay "$GATEWAY_SIGNAL" echo
	wait_for 15 in_call first
	run gateway_phone "$GATEWAY_SIGNAL" echo
	[ "$status" -eq 1 ]
	[[ $output == *"503 the gateway has too many calls"* ]]
	run ! phone_ended first
	gateway_stop
	wait_for 5 phone_ended first
}
