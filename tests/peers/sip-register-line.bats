# The line: calls of sip-dial over a sip-register's transport, with baresip,
# Kamailio and SIPp at the other end. What a dial that was killed leaves is
# ended in its place.

bats_require_minimum_version 1.5.0

setup()
{
	load ../lib/kamailio
	load ../lib/baresip
	load ../lib/sipp
	load ../lib/phone-sdp
	cd "$BATS_TEST_TMPDIR"
	echo secret-100 >password
	phone_sdp >offer.sdp
	scenarios=$BATS_TEST_DIRNAME/sipp
	line_pid=
	dials=()
}

teardown()
{
	local pid

	for pid in "${dials[@]}" $line_pid; do
		kill "$pid" 2>/dev/null || true
	done
	for pid in "${dials[@]}" $line_pid; do
		wait "$pid" 2>/dev/null || true
	done
	baresip_stop
	sipp_stop
	kamailio_stop
}

# Start the line; its events are in the file line.
line()
{
	sip-register --line sock --trace line.trace "$@" >line 2>line.err 3>&- &
	line_pid=$!
	wait_for 5 test -S sock
}

# A line registered at Kamailio as 100.
registered_line()
{
	line --registrar "$KAMAILIO" --password-file password "$@" \
		sip:100@pbx
	wait_for 5 says registered
}

# A line for direct calls; $address is where it is called at.
direct_line()
{
	line --no-register --listen 127.0.0.1:0 "$@"
	wait_for 5 says listening
	address=$(jq -r 'select(.event == "listening") | .address' line)
}

# Call over the line; the dial's events are in dial.N, its pid is $dial.
dial()
{
	local n=${#dials[@]}

	sip-dial --line sock --events "dial.$n" "$@" <offer.sdp \
		>"answer.$n" 2>"dial.$n.err" 3>&- &
	dial=$!
	dials+=("$dial")
	events=dial.$n
}

says()
{
	grep -q "\"event\":\"$1\"" line
}

dial_says()
{
	grep -q "\"event\":\"$1\"" "$events"
}

# A message of SIPp's log that begins so: came REGEX
came()
{
	grep -qE "^$2" "$(sipp_messages "$1")"
}

times_came()
{
	[ "$(grep -cE "^$2" "$(sipp_messages "$1")")" = "$3" ]
}

@test "a call over the line, hung up by us" {
	kamailio_start
	baresip_start bob --at "$KAMAILIO" --user 200 --password word-200
	registered_line
	dial sip:200@pbx
	baresip_wait bob 'Call established'
	grep -q '^m=audio' answer.0
	kill "$dial"
	wait "$dial"
	baresip_wait bob 'session closed'
	wait_for 3 says dial-gone
	grep -q '"event":"dial-gone","dial":1,"ended":"nothing"' line
	run ! says ended
}

@test "the same over TCP, hung up by them" {
	kamailio_start
	baresip_start bob --at "$KAMAILIO" --user 200 --password word-200
	registered_line --tcp
	dial sip:200@pbx
	baresip_wait bob 'Call established'
	baresip_command bob hangup
	wait "$dial"
	dial_says ended
}

@test "the credentials stay in the line" {
	kamailio_start
	baresip_start bob --at "$KAMAILIO" --user 200 --password word-200
	registered_line
	dial --trace dial.trace sip:200@pbx
	baresip_wait bob 'Call established'
	says authorized
	run ! grep -r secret-100 line line.trace dial.0 dial.trace
	run ! grep -z secret-100 "/proc/$dial/environ"
}

@test "a dial killed in a call: the line says BYE (UDP, through a proxy)" {
	kamailio_start
	baresip_start bob --at "$KAMAILIO" --user 200 --password word-200
	registered_line
	dial sip:200@pbx
	baresip_wait bob 'Call established'
	wait_for 5 dial_says established
	kill -KILL "$dial"
	baresip_wait bob 'session closed'
	wait_for 3 says ended
	grep -q '"event":"dial-gone","dial":1,"ended":"BYE"' line
	grep -q '"event":"ended".*"ended":"BYE","why":"answered"' line
}

@test "the same over TCP" {
	kamailio_start
	baresip_start bob --at "$KAMAILIO" --user 200 --password word-200
	registered_line --tcp
	dial sip:200@pbx
	baresip_wait bob 'Call established'
	wait_for 5 dial_says established
	kill -KILL "$dial"
	baresip_wait bob 'session closed'
	wait_for 3 says ended
}

@test "a dial killed in a direct call: SIPp gets its BYE" {
	direct_line
	sipp_start bob -sn uas -m 1
	dial "sip:bob@127.0.0.1:$(sipp_port bob)"
	wait_for 5 dial_says established
	kill -KILL "$dial"
	sipp_wait bob
	came bob BYE
}

@test "a dial killed while it rings: the line says CANCEL" {
	direct_line
	sipp_start bob -sf "$scenarios/line-uas-cancelled.xml" -m 1
	dial "sip:bob@127.0.0.1:$(sipp_port bob)"
	wait_for 5 dial_says ringing
	kill -KILL "$dial"
	sipp_wait bob
	grep -q '"event":"dial-gone","dial":1,"ended":"CANCEL"' line
	wait_for 5 says ended
}

@test "a dial killed before anything came: CANCEL waits for a 1xx" {
	direct_line
	sipp_start bob -sf "$scenarios/line-uas-late-ringing.xml" -m 1
	dial "sip:bob@127.0.0.1:$(sipp_port bob)"
	wait_for 5 came bob INVITE
	kill -KILL "$dial"
	sipp_wait bob
	wait_for 5 says ended
}

@test "a dial killed, and the answer comes all the same: ACK and BYE" {
	direct_line
	sipp_start bob -sf "$scenarios/line-uas-answers-anyway.xml" -m 1
	dial "sip:bob@127.0.0.1:$(sipp_port bob)"
	wait_for 5 dial_says ringing
	kill -KILL "$dial"
	sipp_wait bob
	came bob ACK
	came bob BYE
	wait_for 5 says ended
}

@test "an incoming call is taken, and ended by the caller" {
	direct_line
	dial --answer
	wait_for 5 says dial-connected
	sipp_start alice -sn uac -m 1 "$address"
	sipp_wait alice
	wait "$dial"
	says invite
	says taken
	grep -q '^m=audio' answer.0
}

@test "an incoming call is taken by its id, once" {
	direct_line
	sipp_start alice -sn uac -m 1 -d 1000 "$address"
	wait_for 5 says invite
	id=$(jq -r 'select(.event == "invite") | .invite' line)
	run sip-dial --line sock --answer --invite wrong <offer.sdp
	[ "$status" != 0 ]
	dial --answer --invite "$id"
	wait_for 5 says taken
	run sip-dial --line sock --answer --invite "$id" <offer.sdp
	[ "$status" != 0 ]
	sipp_wait alice
	wait "$dial"
}

@test "an answerer killed in the call: the caller gets BYE" {
	direct_line
	dial --answer
	wait_for 5 says dial-connected
	sipp_start alice -sf "$scenarios/line-uac-gets-bye.xml" -m 1 "$address"
	wait_for 5 dial_says established
	kill -KILL "$dial"
	sipp_wait alice
	grep -q '"ended":"BYE"' line
}

@test "an answerer killed while it rings: the caller gets 500" {
	direct_line
	sip-dial --line sock --answer --events dial.0 < <(sleep 20) \
		>answer.0 2>/dev/null 3>&- &
	dials+=($!)
	wait_for 5 says dial-connected
	sipp_start alice -sf "$scenarios/line-uac-gets-500.xml" -m 1 \
		"$address"
	wait_for 5 says taken
	wait_for 5 grep -q '180 Ringing' line.trace
	kill -KILL "${dials[0]}"
	sipp_wait alice
	grep -q '"ended":"500"' line
	# one dialog, one tag: that of the 180
	tags=$(tr -d '\r' <"$(sipp_messages alice)" |
		sed -n '/^SIP.2.0 [15][80]0/,/^CSeq/s/^To:.*tag=//p')
	[ "$(wc -l <<<"$tags")" = 2 ]
	[ "$(sort -u <<<"$tags" | wc -l)" = 1 ]
}

@test "nobody takes it: 480, in a bounded time" {
	direct_line --take-timeout 1
	sipp_start alice -sf "$scenarios/line-uac-gets-480.xml" -m 1 "$address"
	sipp_wait alice
	came alice 'SIP/2.0 100'
	came alice 'SIP/2.0 480'
}

@test "the caller gives up before it is taken: 487" {
	direct_line
	sipp_start alice -sf "$scenarios/line-uac-cancels.xml" -m 1 "$address"
	sipp_wait alice
	says cancelled
}

@test "retransmissions of an INVITE that waits are absorbed" {
	direct_line
	exec 5<>"/dev/udp/127.0.0.1/${address##*:}"
	printf '%s\r\n' 'INVITE sip:bob@127.0.0.1 SIP/2.0' \
		'Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1;rport' \
		'From: <sip:a@127.0.0.1>;tag=1' 'To: <sip:bob@127.0.0.1>' \
		'Call-ID: x' 'CSeq: 1 INVITE' 'Content-Length: 0' '' >invite
	for _ in 1 2 3; do
		cat invite >&5
		answer=$(timeout 20 dd bs=4096 count=1 status=none <&5)
		[[ $answer == "SIP/2.0 100 Trying"* ]]
	done
	exec 5>&-
	[ "$(grep -c '"event":"invite"' line)" = 1 ]
}

@test "calls to oneself through the proxy: two calls of one Call-ID" {
	kamailio_start
	registered_line
	sip-dial --line sock --answer --events dial.in <offer.sdp >answer.in \
		2>/dev/null 3>&- &
	dials+=($!)
	wait_for 5 says dial-connected
	dial sip:100@pbx
	wait_for 5 dial_says established
	kill "$dial"
	wait "$dial"
	wait "${dials[0]}"
	grep -q '^m=audio' answer.in
}

# baresip calls the number that the line has registered, and a program of
# --exec answers.
called_through_kamailio()
{
	kamailio_start
	baresip_start bob --at "$KAMAILIO" --user 200 --password word-200
	cat >answer <<-'EOF'
		#!/bin/sh
		echo $$ >answer.pid
		exec sip-dial --line "$SIP_LINE" --answer --events answer.events \
			<offer.sdp >theirs.sdp
	EOF
	chmod +x answer
	registered_line --exec ./answer "$@"
	baresip_command bob dial sip:100@pbx
	baresip_wait bob 'Call established'
	grep -q '^m=audio' theirs.sdp
	events=answer.events
	wait_for 5 dial_says established
}

@test "a registered number is called, hung up by the caller" {
	called_through_kamailio
	baresip_command bob hangup
	wait_for 5 says exec-ended
	grep -q '"event":"exec-ended".*"status":0' line
}

@test "the same over TCP, on the flow of the registration" {
	called_through_kamailio --tcp
	[ "$(jq -r 'select(.event == "invite") | .source' line)" = \
		"$KAMAILIO" ]
	baresip_command bob hangup
	wait_for 5 says exec-ended
}

@test "a registered number is called, and its answerer is killed" {
	called_through_kamailio
	kill -KILL "$(cat answer.pid)"
	baresip_wait bob 'session closed'
	wait_for 5 says ended
	grep -q '"event":"exec-ended".*"signal":9' line
}

@test "a registered number is called, and the line ends" {
	called_through_kamailio
	kill "$line_pid"
	wait "$line_pid"
	line_pid=
	baresip_wait bob 'session closed'
	wait_for 3 gone "$(cat answer.pid)"
}

gone()
{
	! kill -0 "$1" 2>/dev/null
}

@test "twenty calls at once, a program each" {
	printf '#!/bin/sh\nexec sip-dial --line "$SIP_LINE" --answer <offer.sdp\n' \
		>answer
	chmod +x answer
	direct_line --exec ./answer
	sipp_start alice -sn uac -m 20 -l 20 -r 40 -d 1500 "$address"
	sipp_wait alice
	wait_for 5 all_twenty_ended
	run ! says ended
}

all_twenty_ended()
{
	[ "$(grep -c '"event":"exec-ended".*"status":0' line)" = 20 ]
}

@test "three calls at once, each to its own dial" {
	kamailio_start
	baresip_start bob --at "$KAMAILIO" --user 200 --password word-200
	registered_line
	for _ in 1 2 3; do
		dial sip:200@pbx
		wait_for 5 dial_says established
	done
	kill -KILL "${dials[1]}"
	wait_for 5 says ended
	[ "$(grep -c '"event":"ended"' line)" = 1 ]
	for n in 0 2; do
		kill -0 "${dials[n]}"
		kill "${dials[n]}"
		wait "${dials[n]}"
	done
	[ "$(grep -c '"event":"ended"' line)" = 1 ]
}

@test "the line ends: calls are hung up, registration and socket are gone" {
	kamailio_start
	baresip_start bob --at "$KAMAILIO" --user 200 --password word-200
	registered_line
	dial sip:200@pbx
	baresip_wait bob 'Call established'
	wait_for 5 dial_says established
	kill "$line_pid"
	wait "$line_pid"
	line_pid=
	baresip_wait bob 'session closed'
	[ ! -e sock ]
	[ -z "$(kamailio_contacts 100)" ]
	wait_for 5 dial_says exit
}

@test "the line is killed: the dial itself ends the call" {
	direct_line
	sipp_start bob -sn uas -m 1
	dial "sip:bob@127.0.0.1:$(sipp_port bob)"
	wait_for 5 dial_says established
	kill -KILL "$line_pid"
	wait "$line_pid" || true
	line_pid=
	sipp_wait bob
	came bob BYE
	wait_for 5 dial_says exit
}

@test "a dead port is told at once" {
	direct_line
	began=$EPOCHREALTIME
	run sip-dial --line sock sip:bob@127.0.0.1:1 <offer.sdp
	[ "$status" = 69 ]
	within 2 "$began"
}

@test "requests to nobody: 200 to OPTIONS, 481, 405, 501" {
	direct_line
	sipp_start alice -sf "$scenarios/line-uac-strays.xml" -m 1 "$address"
	sipp_wait alice
}
