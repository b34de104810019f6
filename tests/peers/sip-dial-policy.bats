#!/usr/bin/env bats
# Session timers (RFC 4028), redirection, and what an answerer does by itself.

bats_require_minimum_version 1.5.0
load ../lib/sip-dial-sipp

# What answers as a phone does, at $1, as SIPp $2.
phone()
{
	sipp_play "$1" <<-'END'
		recv INVITE
		  ~To: <sip:bob@
		send 200 OK
		  tag b
		  sdp 30000
		recv ACK
		recv BYE
		send 200 OK
	END
}

@test "session timer: they refresh not, the call is hung up" {
	sipp_play peer <<-'END'
		recv INVITE
		  ~Session-Expires: 3;refresher=uas
		  ~Supported:.*timer
		send 200 OK
		  tag a
		  Session-Expires: 3;refresher=uas
		  sdp 30000
		recv ACK
		recv BYE
		send 200 OK
	END
	caller --session-expires 3 --min-se 2 --refresher them
	event '.event == "session-timer" and .seconds == 3 and
		.refresher == "them"'
	dialled 69
	event_is '.event == "ended" and .reason == "session expired" and
		.seconds >= 1.9 and .seconds < 3.5'
	sipp_wait peer
}

@test "session timer: we refresh by UPDATE, or else by re-INVITE" {
	sipp_play peer <<-'END'
		recv INVITE
		send 200 OK
		  tag a
		  Session-Expires: 2;refresher=uac
		  Require: timer
		  Allow: INVITE, ACK, BYE, UPDATE
		  sdp 30000
		recv ACK
		recv UPDATE
		  ~Session-Expires: 2;refresher=uac
		  !m=audio
		send 200 OK
		  Session-Expires: 2;refresher=uac
		recv UPDATE
		send 405 Method Not Allowed
		recv INVITE
		  ~Session-Expires: 2;refresher=uac
		  ~m=audio 40000
		send 200 OK
		  Session-Expires: 2;refresher=uac
		  sdp 30000
		recv ACK
		recv INVITE
		send 481 Gone
		recv ACK
		recv BYE
		send 481 Gone
	END
	caller --session-expires 2 --min-se 2
	dialled 1
	event_is '.event == "refreshed" and .refresher == "us"'
	run ! event_is '.event == "changed"'
	sipp_wait peer
}

@test "422: more is asked for, with their Min-SE" {
	sipp_play peer <<-'END'
		recv INVITE
		  ~Session-Expires: 90
		send 422 Session Interval Too Small
		  tag a
		  Min-SE: 120
		recv ACK
		recv INVITE
		  ~CSeq: 2 INVITE
		  ~Session-Expires: 120
		  ~Min-SE: 120
		send 200 OK
		  tag b
		  Session-Expires: 120;refresher=uac
		  sdp 30000
		recv ACK
		recv BYE
		send 200 OK
	END
	caller --session-expires 90
	event '.event == "session-timer" and .seconds == 120 and
		.refresher == "us"'
	echo hangup >control
	dialled 0
	sipp_wait peer
}

@test "their session timer: too short is 422, else we agree, and refresh if asked" {
	answerer
	sipp_play peer "$at" <<-'END'
		send INVITE
		  Supported: timer
		  Session-Expires: 60
		  sdp 30000
		recv 422
		  ~Min-SE: 90
		send ACK
		  branch 2
	END
	sipp_wait peer
	sipp_play peer "$at" <<-'END'
		send INVITE
		  Supported: timer
		  x: 1800
		  sdp 30000
		recv? 100
		recv? 180
		recv 200
		  ~Session-Expires: 1800;refresher=uac
		  ~Require: timer
		send ACK
		send UPDATE
		  cseq 2
		  k: timer
		  Session-Expires: 120;refresher=uas
		recv 200
		  ~Session-Expires: 120;refresher=uas
		  !Require: timer
		send BYE
		  cseq 3
		recv 200
	END
	dialled 0
	event_is '.event == "session-timer" and .refresher == "them"'
	event_is '.event == "session-timer" and .seconds == 120 and
		.refresher == "us"'
	sipp_wait peer
}

@test "a caller without session timers: we refresh, if it is asked of us" {
	answerer --session-expires 2 --min-se 2
	sipp_play peer "$at" <<-'END'
		send INVITE
		  sdp 30000
		recv? 100
		recv? 180
		recv 200
		  ~Session-Expires: 2;refresher=uas
		  !Require: timer
		send ACK
		recv INVITE
		  ~Session-Expires: 2;refresher=uac
		send 200 OK
		  sdp 30000
		recv ACK
		send BYE
		  cseq 2
		recv 200
	END
	dialled 0
	sipp_wait peer
}

@test "302 is followed, by q, never in a circle, and on after a refusal" {
	phone good
	sipp_play bad <<-'END'
		recv INVITE
		send 503 Service Unavailable
		  tag x
		recv ACK
	END
	sipp_play peer <<-END
		recv INVITE
		send 302 Moved Temporarily
		  tag a
		  Contact: <sip:carol@127.0.0.1:$(sipp_port good)>;q=0.3
		  Contact: <sip:carol@127.0.0.1:$(sipp_port bad)?Subject=x>;q=0.8
		  Contact: <tel:+15>;q=0.9
		recv ACK
	END
	caller
	event '.event == "established"'
	event_is '.event == "redirected" and .status == 302 and .left == 1'
	event_is '.event == "redirected" and .status == 503 and
		(.uri | test("carol"))'
	echo hangup >control
	dialled 0
	sipp_wait good
	sipp_wait bad
}

@test "two that redirect to each other: it ends, with exit status 1" {
	local a b

	a=$(free_port)
	sipp_play other <<-END
		recv INVITE
		send 302 Moved Temporarily
		  tag b
		  Contact: <sip:bob@127.0.0.1:$a>
		recv ACK
	END
	SIPP_PORT=$a sipp_play peer <<-END
		recv INVITE
		send 302 Moved Temporarily
		  tag a
		  Contact: <sip:bob@127.0.0.1:$(sipp_port other)>
		recv ACK
	END
	dial "sip:bob@127.0.0.1:$a"
	dialled 1
	event_is '.event == "rejected" and .status == 302'
	sipp_wait peer
	sipp_wait other
}

@test "--ring: the answer goes out when it has rung so long" {
	answerer --ring 0.8
	sipp_play peer "$at" <<-'END'
		send INVITE
		  sdp 30000
		recv? 100
		recv 180
		recv 200
		send ACK
		send BYE
		  cseq 2
		recv 200
	END
	dialled 0
	jq -se '(map(select(.event == "answered"))[0].time -
		map(select(.event == "ringing"))[0].time) | . >= 0.79' events
	sipp_wait peer
}

@test "--reject, --retry-after, --dnd, --redirect: refused without a word" {
	cp /dev/null ours.sdp
	answerer --reject 486 --retry-after 30
	sipp_play peer "$at" <<-'END'
		send INVITE
		  sdp 30000
		recv 486
		  ~Retry-After: 30
		send ACK
		  branch 2
	END
	dialled 0
	sipp_wait peer
	rm events
	answerer --dnd
	sipp_play peer "$at" <<-'END'
		send INVITE
		  sdp 30000
		recv 480
		  ~480 Do Not Disturb
		send ACK
		  branch 2
	END
	dialled 0
	sipp_wait peer
	rm events
	answerer --redirect sip:one@127.0.0.1:9 --redirect sip:two@127.0.0.1:8
	sipp_play peer "$at" <<-'END'
		send INVITE
		  sdp 30000
		recv 302
		  ~<sip:one@127.0.0.1:9>;q=1
		  ~<sip:two@127.0.0.1:8>;q=0
		send ACK
		  branch 2
	END
	dialled 0
	sipp_wait peer
}

@test "policies that make no sense are a usage error that says so" {
	run -2 --separate-stderr sip-dial --answer --reject 200 </dev/null
	[[ $stderr == *'--reject 200'* ]]
	run -2 sip-dial --answer --reject 486 --dnd </dev/null
	run -2 sip-dial --answer --redirect bob </dev/null
	run -2 sip-dial --answer --retry-after 5 </dev/null
	run -2 sip-dial --ring 5 sip:bob@127.0.0.1 </dev/null
	run -2 --separate-stderr sip-dial --session-expires 60 sip:b@127.0.0.1 \
		</dev/null
	[[ $stderr == *'--min-se 90'* ]]
	run -2 sip-dial --refresher me sip:b@127.0.0.1 </dev/null
	run -2 sip-dial --100rel maybe sip:b@127.0.0.1 </dev/null
}

# A line for direct calls; $at is where it is called at.
line()
{
	sip-register --line sock --no-register --listen 127.0.0.1:0 \
		--events line "$@" >/dev/null 2>line.err 3>&- &
	dial=$!
	wait_for 5 grep -q listening line
	at=$(jq -r 'select(.event == "listening") | .address' line)
}

ended_well()
{
	[ "$(grep -c '"event":"exec-ended".*"status":0' line)" = "$1" ]
}

@test "ten at once with sip-register --exec: each rings, then is answered" {
	printf '#!/bin/sh\nexec sip-dial --line "$SIP_LINE" --answer --ring 0.5 <ours.sdp\n' \
		>answer
	chmod +x answer
	line --exec ./answer
	"$BATS_TEST_DIRNAME/../lib/sipp-scenario.py" >ten.xml <<-'END'
		send INVITE
		  Supported: timer, 100rel
		  Session-Expires: 1800
		  sdp 30000
		recv? 100
		recv 180
		recv 200
		  ~Session-Expires: 1800;refresher=uac
		send ACK
		send INVITE
		  cseq 2
		  sdp 30002 0 sendonly
		recv 200
		  ~a=recvonly
		send ACK
		  cseq 2
		send BYE
		  cseq 3
		recv 200
	END
	sipp_start peer -sf "$PWD/ten.xml" -m 10 -l 10 -r 50 -timeout 20s "$at"
	sipp_wait peer
	wait_for 5 ended_well 10
}

@test "ten at once with sip-register --exec: each is refused" {
	printf '#!/bin/sh\nexec sip-dial --line "$SIP_LINE" --answer --reject 486 --retry-after 9\n' \
		>answer
	chmod +x answer
	line --exec ./answer
	"$BATS_TEST_DIRNAME/../lib/sipp-scenario.py" >ten.xml <<-'END'
		send INVITE
		  sdp 30000
		recv? 100
		recv? 180
		recv 486
		  ~Retry-After: 9
		send ACK
		  branch 4
	END
	sipp_start peer -sf "$PWD/ten.xml" -m 10 -l 10 -r 50 -timeout 20s "$at"
	sipp_wait peer
	wait_for 5 ended_well 10
}

@test "over a line too: PRACK, re-INVITE and a session timer" {
	line
	sipp_play peer <<-'END'
		recv INVITE as i
		  ~Session-Expires: 1800
		send 183 Session Progress
		  tag a
		  Require: 100rel
		  RSeq: 4
		  sdp 30000
		recv PRACK
		  ~RAck: 4 1 INVITE
		send 200 OK
		send 200 OK
		  for i
		  tag a
		  Session-Expires: 1800;refresher=uac
		recv ACK
		recv INVITE
		  ~m=audio 40000 RTP/AVP 8
		  ~Session-Expires: 1800;refresher=uac
		send 200 OK
		  sdp 30000 8
		  Session-Expires: 1800;refresher=uac
		recv ACK
		recv BYE
		send 200 OK
	END
	sip-dial --line sock --session-expires 1800 --events events \
		--control control "sip:bob@127.0.0.1:$(sipp_port peer)" \
		<ours.sdp >theirs.sdp 3>&- &
	event '.event == "established"'
	tell offer new.sdp
	event '.event == "changed" and .by == "us"'
	echo hangup >control
	wait $!
	sipp_wait peer
}
