#!/usr/bin/env bats
# sip-dial calls SIPp, which plays each kind of callee.

bats_require_minimum_version 1.5.0
load ../lib/sip-dial
load ../lib/sipp

setup()
{
	cd "$BATS_TEST_TMPDIR" || exit
	peers=$BATS_TEST_DIRNAME/sipp
	phone_sdp >offer.sdp
	mkfifo control
}

teardown()
{
	[ -z "${dial:-}" ] || kill "$dial" 2>/dev/null || true
	sipp_stop
}

callee()
{
	local scenario=$1

	shift
	sipp_start peer -sf "$peers/$scenario.xml" -m 1 -timeout 12s "$@"
	uri=sip:bob@127.0.0.1:$(sipp_port peer)
}

refuser()
{
	sed "s/486 Busy Here/$1/" "$peers/uas-final.xml" >refuse.xml
	sipp_start peer -sf "$PWD/refuse.xml" -m 1
	uri=sip:bob@127.0.0.1:$(sipp_port peer)
}

# In the background; its events in events, its stderr in said.
dial()
{
	sip-dial --events events --trace trace --control control "$@" "$uri" \
		<offer.sdp >answer.sdp 2>said 3>&- &
	dial=$!
}

sent()
{
	jq -r 'select(.event == "message" and .direction == "out") | .summary' \
		trace | cut -d' ' -f1
}

@test "a call answered by SIPp's own uas, ended by us" {
	sipp_start peer -sn uas -m 1
	uri=sip:bob@127.0.0.1:$(sipp_port peer)
	dial
	event '.event == "established"'
	# stdout has ended although the call is up
	grep -q '^m=audio' answer.sdp
	[ ! -e "/proc/$dial/fd/1" ] ||
		[ "$(readlink "/proc/$dial/fd/1")" = /dev/null ]
	kill -0 "$dial"
	echo hangup >control
	dialled 0
	event_is '.event == "ended" and .by == "us"'
	event_is '.event == "exit" and .status == 0'
	sipp_wait peer
}

@test "a host and its port are whom to call, without a scheme and a user" {
	local form

	for form in 127.0.0.1 localhost bob@localhost; do
		sipp_start peer -sn uas -m 1
		uri=$form:$(sipp_port peer)
		rm -f events
		dial
		event '.event == "established"'
		echo hangup >control
		dialled 0
		sipp_wait peer
		grep -q "^INVITE sip:$uri SIP/2.0" "$(sipp_messages peer)"
	done
}

@test "a reader of stdout sees its end while the call goes on" {
	sipp_start peer -sn uas -m 1
	uri=sip:bob@127.0.0.1:$(sipp_port peer)
	sip-dial --control control --events events "$uri" <offer.sdp 3>&- |
		cat >copy &
	reader=$!
	event '.event == "established"'
	wait_for 5 grep -q '^m=audio' copy
	sleep 0.3
	run ! event_is '.event == "ended"'
	echo hangup >control
	sipp_wait peer
	wait "$reader" # with bats' time limit running, a bare wait waits for that
}

@test "the callee hangs up" {
	callee uas-bye -d 300
	dial
	dialled 0
	event_is '.event == "ringing" and .status == 180'
	event_is '.event == "ended" and .by == "them"'
	sipp_wait peer
}

@test "the same over TCP, by option and by URI" {
	callee uas-bye -d 200 -t t1
	dial --tcp
	dialled 0
	sipp_wait peer
	rm -f events
	callee uas-bye -d 200 -t t1
	uri="$uri;transport=tcp"
	dial
	dialled 0
	event_is '.event == "established" and
		(.remote_target | test("transport=(tcp|TCP)"))'
	sipp_wait peer
}

@test "who says no: 486, 603, 404, 480, 500 are exit status 1" {
	local code

	for code in '486 Busy Here' '603 Decline' '404 Not Found' \
		'480 Temporarily Unavailable' '500 Server Internal Error'; do
		rm -f events
		refuser "$code"
		dial
		dialled 1
		grep -qx "sip-dial: $uri: $code" said
		event_is ".event == \"rejected\" and .status == ${code%% *}"
		[ ! -s answer.sdp ]
		sipp_wait peer # it had its ACK
	done
}

@test "408 is nobody, 403 without credentials is no" {
	refuser '408 Request Timeout'
	dial
	dialled 69
	sipp_wait peer
	refuser '403 Forbidden'
	dial
	dialled 1
	sipp_wait peer
}

@test "302 tells where to call" {
	callee uas-redirect
	dial --redirects 0
	dialled 1
	grep -q 'call sip:carol@127.0.0.1:9' said
	event_is '.event == "rejected" and .status == 302 and
		.contact == "sip:carol@127.0.0.1:9"'
	sipp_wait peer
}

@test "hung up while it rings: CANCEL" {
	callee uas-rings
	dial
	event '.event == "ringing"'
	echo hangup >control
	dialled 1
	event_is '.event == "cancelled" and .by == "us" and .status == 487'
	sipp_wait peer
}

@test "nobody answers in time: CANCEL and exit status 69" {
	callee uas-rings
	dial --timeout 0.7
	dialled 69
	grep -q 'nobody answered within 0.7 s' said
	sipp_wait peer
}

@test "SIGTERM while it rings: CANCEL" {
	callee uas-rings
	dial
	event '.event == "ringing"'
	kill "$dial"
	dialled 1
	sipp_wait peer
}

@test "SIGTERM in a call: BYE" {
	sipp_start peer -sn uas -m 1
	uri=sip:bob@127.0.0.1:$(sipp_port peer)
	dial
	event '.event == "established"'
	kill "$dial"
	dialled 0
	sipp_wait peer
}

@test "the 200 crosses the CANCEL: ACK and BYE" {
	callee uas-late
	dial
	event '.event == "ringing"'
	echo hangup >control
	dialled 1
	[ ! -s answer.sdp ]
	sipp_wait peer
	[ "$(sent | tr '\n' ' ')" = 'INVITE CANCEL ACK BYE ' ]
}

@test "no CANCEL before a provisional response" {
	callee uas-mute -nr
	dial --timeout 0.2
	dialled 69
	sipp_wait peer
	[ "$(sent | tr '\n' ' ')" = 'INVITE INVITE INVITE CANCEL ACK ' ]
}

@test "nobody listens there: told by ICMP, at once" {
	uri=sip:bob@127.0.0.1:$(free_port)
	dial
	dialled 69
	grep -q 'Connection refused' said
	event_is '.event == "failed"'
	dial --tcp
	dialled 69
}

@test "a host that does not exist" {
	uri=sip:bob@nobody.invalid
	dial
	dialled 69
	grep -q 'no address found' said
}

@test "early SDP is an event, the product is that of the 200" {
	callee uas-early
	dial
	event '.event == "established"'
	event_is '.event == "trying"'
	event_is '.event == "progress" and .status == 183'
	event_is '.event == "early" and (.sdp | test("m=audio 30000 "))'
	grep -q '^m=audio 30002 ' answer.sdp
	echo hangup >control
	dialled 0
	sipp_wait peer
}

@test "--early prints the early one, once" {
	callee uas-early
	dial --early
	event '.event == "established"'
	[ "$(grep -c '^m=' answer.sdp)" = 1 ]
	grep -q '^m=audio 30000 ' answer.sdp
	event_is '.event == "answered" and (.sdp | test("m=audio 30002 "))'
	echo hangup >control
	dialled 0
	sipp_wait peer
}

@test "a 200 that comes again is acknowledged again" {
	callee uas-again -nr
	dial
	event '.event == "established"'
	wait_for 5 eval '[ "$(sent | grep -c ACK)" = 3 ]'
	echo hangup >control
	dialled 0
	sipp_wait peer
}

@test "the INVITE is sent again until something comes" {
	callee uas-slow
	dial
	event '.event == "established"' 8
	[ "$(sent | grep -c INVITE)" = 3 ] # at 0, 0.5 and 1.5 s
	jq -se 'any(.[]; .event == "state" and .machine == "ICT" and
		.why == "timer A fired")' trace >/dev/null
	echo hangup >control
	dialled 0
}

@test "200 without SDP: the peer broke the protocol" {
	callee uas-nosdp
	dial
	dialled 76
	sipp_wait peer
}

@test "a second branch of a fork is ended, the first is the call" {
	callee uas-fork
	dial
	event '.event == "forked"'
	event_is '.event == "established" and .remote_tag == "branchA"'
	echo hangup >control
	dialled 0
	sipp_wait peer
}

@test "route sets: loose and strict" {
	local kind

	for kind in loose strict; do
		rm -f events
		callee "uas-route-$kind"
		dial
		event '.event == "established"'
		echo hangup >control
		dialled 0
		sipp_wait peer
	done
}

@test "401 with MD5" {
	echo secret >password
	callee uas-auth-md5
	dial --user bob --password-file password
	event '.event == "established"'
	echo hangup >control
	dialled 0
	sipp_wait peer
}

@test "401 with auth-int: the answer covers the description" {
	sed 's/qop="auth"/qop="auth-int"/' "$peers/uas-auth-md5.xml" >int.xml
	sipp_start peer -sf "$PWD/int.xml" -m 1 -timeout 12s
	uri=sip:bob@127.0.0.1:$(sipp_port peer)
	SIP_PASSWORD=secret dial --user bob
	event '.event == "established"'
	grep -q 'qop=auth-int' "$(sipp_messages peer)"
	echo hangup >control
	dialled 0
	sipp_wait peer
}

@test "401 again: a wrong password is exit status 77" {
	callee uas-auth-md5
	SIP_PASSWORD=wrong dial --user bob
	dialled 77
	sipp_wait peer
}

@test "403 after credentials is exit status 77 too" {
	awk '/401 Unauthorized/ && n++ { sub("401 Unauthorized",
		"403 Forbidden") } 1' "$peers/uas-auth-md5.xml" >forbid.xml
	sipp_start peer -sf "$PWD/forbid.xml" -m 1 -timeout 12s
	uri=sip:bob@127.0.0.1:$(sipp_port peer)
	SIP_PASSWORD=wrong dial --user bob
	dialled 77
	event_is '.event == "rejected" and .status == 403'
	sipp_wait peer
}

@test "407 with MD5 and SHA-256: SHA-256 is answered" {
	local nonce cnonce uri2 ha1 ha2 want

	callee uas-auth-sha256
	SIP_PASSWORD=secret dial --user bob
	event '.event == "established"'
	echo hangup >control
	dialled 0
	sipp_wait peer
	header=$(jq -r 'select(.event == "message") | .raw' trace |
		tr -d '\r' | grep -m1 '^Proxy-Authorization: Digest')
	value() { sed -n "s/.*[ ,]$1=\"\\{0,1\\}\\([^\",]*\\).*/\\1/p" <<<"$header"; }
	sum() { printf %s "$1" | sha256sum | cut -d' ' -f1; }
	ha1=$(sum bob:pbx:secret)
	ha2=$(sum "INVITE:$(value uri)")
	want=$(sum "$ha1:$(value nonce):$(value nc):$(value cnonce):auth:$ha2")
	[ "$(value response)" = "$want" ]
}

@test "a challenge and no password: 77, and it says what to give" {
	callee uas-auth-md5
	dial
	dialled 77
	grep -q 'password' said
	sipp_stop
}
