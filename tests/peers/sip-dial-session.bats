#!/usr/bin/env bats
# A session that changes in the call: re-INVITE and UPDATE, both ways, with SIPp.

bats_require_minimum_version 1.5.0
load ../lib/sip-dial-sipp

@test "we change the codec: re-INVITE, their answer, ACK" {
	sipp_play peer <<-'END'
		recv INVITE
		send 200 OK
		  tag a
		  sdp 30000
		recv ACK
		recv INVITE
		  ~m=audio 40000 RTP/AVP 8
		  ~o=- 1 2 IN
		  ~CSeq: 2 INVITE
		send 200 OK
		  sdp 30002 8
		recv ACK
		  ~CSeq: 2 ACK
		recv BYE
		send 200 OK
	END
	caller
	event '.event == "established"'
	tell offer new.sdp
	event '.event == "changed" and .by == "us" and .method == "INVITE" and
		(.sdp | test("m=audio 30002 RTP/AVP 8"))'
	echo hangup >control
	dialled 0
	sipp_wait peer
}

@test "they refuse: the session stays, and a later hold has the old codec" {
	sipp_play peer <<-'END'
		recv INVITE
		send 200 OK
		  tag a
		  sdp 30000
		recv ACK
		recv INVITE
		send 488 Not Acceptable Here
		recv ACK
		recv INVITE
		  ~m=audio 40000 RTP/AVP 0
		  ~a=sendonly
		send 200 OK
		  sdp 30000 0 recvonly
		recv ACK
		recv INVITE
		  !a=(sendonly|inactive)
		send 200 OK
		  sdp 30000
		recv ACK
		recv BYE
		send 200 OK
	END
	caller
	event '.event == "established"'
	tell offer new.sdp
	event '.event == "refused" and .by == "them" and .status == 488'
	echo hold >control
	event '.event == "hold" and .by == "us" and .direction == "sendonly"'
	echo resume >control
	event '.event == "hold" and .by == "us" and .direction == "sendrecv"'
	echo hangup >control
	dialled 0
	sipp_wait peer
}

@test "glare: 491 to ours is tried again after the time of who owns the Call-ID" {
	sipp_play peer <<-'END'
		recv INVITE
		send 200 OK
		  tag a
		  sdp 30000
		recv ACK
		recv INVITE
		send 491 Request Pending
		recv ACK
		recv INVITE
		  ~CSeq: 3 INVITE
		send 200 OK
		  sdp 30000 8
		recv ACK
		recv BYE
		send 200 OK
	END
	caller
	event '.event == "established"'
	tell offer new.sdp
	event '.event == "glare" and .by == "us" and .wait_ms >= 2100 and
		.wait_ms <= 4001'
	event '.event == "changed"'
	echo hangup >control
	dialled 0
	sipp_wait peer
}

@test "theirs while ours is under way: 491, and an UPDATE alike" {
	sipp_play peer <<-'END'
		recv INVITE as i
		send 200 OK
		  tag a
		  sdp 30000
		recv ACK
		recv INVITE as j
		send 100 Trying
		send INVITE
		  from i a
		  sdp 30000 8
		recv 491
		send ACK
		  from i a
		  branch 2
		send UPDATE
		  from i a
		  cseq 2
		  sdp 30000 8
		recv 491
		send 200 OK
		  for j
		  sdp 30000 8
		recv ACK
		recv BYE
		send 200 OK
	END
	caller
	event '.event == "established"'
	tell offer new.sdp
	event '.event == "glare" and .by == "them"'
	event '.event == "changed" and .by == "us"'
	echo hangup >control
	dialled 0
	sipp_wait peer
}

@test "481 to a re-INVITE ends the call, 408 too" {
	local code

	for code in '481 Call Does Not Exist' '408 Request Timeout'; do
		rm -f events
		sipp_play peer <<-END
			recv INVITE
			send 200 OK
			  tag a
			  sdp 30000
			recv ACK
			recv INVITE
			send $code
			recv ACK
			recv BYE
			send 481 Call Does Not Exist
		END
		caller
		event '.event == "established"'
		tell offer new.sdp
		[ "${code%% *}" = 481 ] && dialled 1 || dialled 69
		event_is '.event == "ended" and (.reason | test("INVITE"))'
		sipp_wait peer
	done
}

@test "ours by UPDATE, where they allow it" {
	sipp_play peer <<-'END'
		recv INVITE
		send 200 OK
		  tag a
		  Allow: INVITE, ACK, BYE, UPDATE
		  sdp 30000
		recv ACK
		recv UPDATE
		  ~m=audio 40000 RTP/AVP 8
		send 200 OK
		  sdp 30002 8
		recv UPDATE
		send 405 Method Not Allowed
		recv INVITE
		  ~a=sendonly
		send 200 OK
		  sdp 30002 8 recvonly
		recv ACK
		recv BYE
		send 200 OK
	END
	caller
	event '.event == "established"'
	jq -nc --rawfile sdp new.sdp '{command: "offer", method: "UPDATE", $sdp}' >control
	event '.event == "changed" and .method == "UPDATE"'
	sed 's/^m=.*/&\na=sendonly/' new.sdp >held.sdp
	jq -nc --rawfile sdp held.sdp '{command: "offer", method: "UPDATE", $sdp}' >control
	event '.event == "changed" and .method == "INVITE"'
	echo hangup >control
	dialled 0
	sipp_wait peer
}

@test "a re-INVITE and a BYE that are challenged, by a proxy and by them" {
	sipp_play peer <<-'END'
		recv INVITE
		send 200 OK
		  tag a
		  sdp 30000
		recv ACK
		recv INVITE
		send 407 Proxy Authentication Required
		  Proxy-Authenticate: Digest realm="p", nonce="1", qop="auth"
		recv ACK
		recv INVITE
		  ~CSeq: 3 INVITE
		  ~Proxy-Authorization: Digest .*realm="p"
		send 401 Unauthorized
		  WWW-Authenticate: Digest realm="b", nonce="2", qop="auth"
		recv ACK
		recv INVITE
		  ~CSeq: 4 INVITE
		  ~Proxy-Authorization: Digest .*realm="p"
		  ~[^-]Authorization: Digest .*realm="b"
		send 200 OK
		  sdp 30000 8
		recv ACK
		  ~CSeq: 4 ACK
		  ~Proxy-Authorization:
		recv BYE
		send 401 Unauthorized
		  WWW-Authenticate: Digest realm="b", nonce="3", qop="auth"
		recv BYE
		  ~nonce="3"
		send 200 OK
	END
	SIP_PASSWORD=secret caller --user alice
	event '.event == "established"'
	tell offer new.sdp
	event '.event == "changed" and .by == "us"'
	echo hangup >control
	dialled 0
	sipp_wait peer
}

@test "they change the codec: it waits for the command answer" {
	answerer
	sipp_play peer "$at" <<-'END'
		send INVITE
		  sdp 30000
		recv? 100
		recv? 180
		recv 200
		send ACK
		send INVITE
		  cseq 2
		  sdp 30000 8
		recv 100
		recv 200
		  ~m=audio 40000 RTP/AVP 8
		  ~o=- 1 2 IN
		send ACK
		  cseq 2
		send UPDATE
		  cseq 3
		  sdp 30004 9
		recv 488
		send BYE
		  cseq 4
		recv 200
	END
	event '.event == "reoffer" and .answer == "wanted" and
		(.sdp | test("RTP/AVP 8"))'
	tell answer new.sdp
	event '.event == "changed" and .by == "them" and .what == "media"'
	event '.event == "reoffer" and .method == "UPDATE"'
	echo reject >control
	dialled 0
	event_is '.event == "refused" and .by == "us" and .status == 488'
	sipp_wait peer
}

@test "they change the codec and nobody answers: 488 after --reoffer-wait" {
	answerer --reoffer-wait 0.3
	sipp_play peer "$at" <<-'END'
		send INVITE
		  sdp 30000
		recv? 100
		recv? 180
		recv 200
		send ACK
		send INVITE
		  cseq 2
		  sdp 30000 8
		recv 100
		recv 488
		send ACK
		  cseq 2
		  branch 3
		send BYE
		  cseq 3
		recv 200
	END
	dialled 0
	grep -q 'no command answer within 0.3 s' said
	sipp_wait peer
}

@test "their phone moves: the new address is answered, and told" {
	answerer
	sipp_play peer "$at" <<-'END'
		send INVITE
		  sdp 30000
		recv? 100
		recv? 180
		recv 200
		send ACK
		send UPDATE
		  cseq 2
		  sdp 31000
		recv 200
		  ~m=audio 40000 RTP/AVP 0
		send BYE
		  cseq 3
		recv 200
	END
	dialled 0
	event_is '.event == "changed" and .what == "address" and
		(.sdp | test("m=audio 31000 "))'
	sipp_wait peer
}

@test "a PBX offers all its codecs, or only the one in use: we go on as we were" {
	sed -i 's/AVP 0/AVP 8 0/; $a a=rtpmap:8 PCMA/8000' ours.sdp
	answerer
	sipp_play peer "$at" <<-'END'
		send INVITE
		  sdp 30000
		recv? 100
		recv? 180
		recv 200
		send ACK
		send INVITE
		  cseq 2
		  Content-Type: application/sdp
		  body v=0|o=- 7 8 IN IP4 127.0.0.1|s=-|c=IN IP4 127.0.0.1|t=0 0|m=audio 30002 RTP/AVP 9 8 0 101|a=rtpmap:101 telephone-event/8000|a=sendonly|a=ptime:20
		recv 200
		  ~m=audio 40000 RTP/AVP 0[[:cntrl:]]
		  ~o=- 1 2 IN
		  ~a=recvonly
		  !PCMA
		send ACK
		  cseq 2
		send INVITE
		  cseq 3
		  sdp 30002
		recv 200
		  ~m=audio 40000 RTP/AVP 0[[:cntrl:]]
		  ~o=- 1 3 IN
		  !a=(recvonly|rtpmap:8)
		send ACK
		  cseq 3
		send UPDATE
		  cseq 4
		  Content-Type: application/sdp
		  body v=0|o=- 7 9 IN IP4 127.0.0.1|s=-|c=IN IP4 127.0.0.1|t=0 0|m=audio 30002 RTP/SAVP 0
		recv 488
		send BYE
		  cseq 5
		recv 200
	END
	event '.event == "changed" and .what == "codecs" and
		(.sdp | test("m=audio 30002 RTP/AVP 9 8 0 101"))'
	event '.event == "reoffer" and .method == "UPDATE"'
	echo reject >control
	dialled 0
	sipp_wait peer
}

@test "theirs is taken back by CANCEL, and a second at once is too many" {
	answerer
	sipp_play peer "$at" <<-'END'
		send INVITE
		  sdp 30000
		recv? 100
		recv? 180
		recv 200
		send ACK
		send INVITE
		  cseq 2
		  sdp 30000 8
		recv 100
		send UPDATE
		  cseq 3
		  sdp 30000 9
		recv 500
		  ~Retry-After: ([0-9]|10)[^0-9]
		send CANCEL
		  cseq 2
		  branch 4
		recv 200
		recv 487
		send ACK
		  cseq 2
		  branch 7
		send BYE
		  cseq 4
		recv 200
	END
	dialled 0
	event_is '.event == "refused" and .status == 487'
	sipp_wait peer
}

@test "nothing is agreed yet, nothing to offer, or it is wrong: an error event" {
	answerer
	tell offer new.sdp
	event '.event == "error" and (.why | test("no session"))'
	echo 'hold' >control
	event '.event == "error" and (.why | test("^hold: no session"))'
	echo 'offer' >control
	event '.event == "error" and (.why | test("^offer: \\{"))'
	echo 'hold sideways' >control
	event '.event == "error" and (.why | test("^hold: on "))'
	echo 'resume' >control
	event '.event == "error" and (.why | test("^resume: no session"))'
	kill "$dial"
	dialled 0
}
