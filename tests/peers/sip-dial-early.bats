#!/usr/bin/env bats
# Before the answer: early media, PRACK, forks, late offers, with SIPp.

bats_require_minimum_version 1.5.0
load ../lib/sip-dial-sipp

sent()
{
	jq -r 'select(.event == "message" and .direction == "out") | .summary' \
		trace
}

@test "a reliable 183: PRACK, its SDP is the answer, and an UPDATE before the 200" {
	sipp_play peer <<-'END'
		recv INVITE as i
		  ~Supported: .*100rel
		send 183 Session Progress
		  tag a
		  Require: 100rel
		  RSeq: 77
		  Allow: INVITE, ACK, BYE, PRACK, UPDATE
		  sdp 30000
		recv PRACK
		  ~RAck: 77 1 INVITE
		  ~CSeq: 2 PRACK
		send 200 OK
		recv UPDATE
		  ~m=audio 40000 RTP/AVP 8
		send 200 OK
		  sdp 30000 8
		send 180 Ringing
		  for i
		  tag a
		  Require: 100rel
		  RSeq: 78
		recv PRACK
		  ~RAck: 78 1 INVITE
		send 200 OK
		send 200 OK
		  for i
		  tag a
		recv ACK
		  ~CSeq: 1 ACK
		recv BYE
		  ~CSeq: 5 BYE
		send 200 OK
	END
	caller
	event '.event == "early" and .reliable and .tag == "a"'
	tell offer new.sdp
	event '.event == "changed" and .method == "UPDATE"'
	event '.event == "established"'
	grep -q 'RTP/AVP 8' theirs.sdp
	echo hangup >control
	dialled 0
	sipp_wait peer
}

@test "a reliable one that comes again or out of order is not taken" {
	sipp_play peer <<-'END'
		recv INVITE as i
		send 180 Ringing
		  tag a
		  Require: 100rel
		  RSeq: 10
		recv PRACK
		  ~RAck: 10 1 INVITE
		send 200 OK
		send 180 Ringing
		  for i
		  tag a
		  Require: 100rel
		  RSeq: 10
		send 183 Session Progress
		  for i
		  tag a
		  Require: 100rel
		  RSeq: 12
		  sdp 30000
		send 183 Session Progress
		  for i
		  tag a
		  Require: 100rel
		  RSeq: 11
		  sdp 30002
		recv PRACK
		  ~RAck: 11 1 INVITE
		send 200 OK
		send 200 OK
		  for i
		  tag a
		recv ACK
		recv BYE
		send 200 OK
	END
	caller
	event '.event == "established"'
	grep -q 'm=audio 30002 ' theirs.sdp
	[ "$(sent | grep -c PRACK)" = 2 ]
	echo hangup >control
	dialled 0
	sipp_wait peer
}

@test "--100rel off asks for none, require demands it: 420 and 421" {
	sipp_play peer <<-'END'
		recv INVITE
		  !100rel
		send 486 Busy Here
		  tag a
		recv ACK
	END
	caller --100rel off
	dialled 1
	sipp_wait peer
	sipp_play peer <<-'END'
		recv INVITE
		  ~Require: 100rel
		send 420 Bad Extension
		  tag a
		  Unsupported: 100rel
		recv ACK
	END
	caller --100rel require
	dialled 1
	event_is '.event == "rejected" and .status == 420'
	sipp_wait peer
	rm events
	answerer --100rel off
	sipp_play peer "$at" <<-'END'
		send INVITE
		  Require: 100rel, x-unknown
		  sdp 30000
		recv 420
		  ~Unsupported: 100rel, x-unknown
		send ACK
		  branch 2
	END
	sipp_wait peer
	kill "$dial"
	dialled 0
	rm events
	answerer --100rel require
	sipp_play peer "$at" <<-'END'
		send INVITE
		  sdp 30000
		recv 421
		  ~Require: 100rel
		send ACK
		  branch 2
	END
	sipp_wait peer
	kill "$dial"
	dialled 0
}

@test "our early media is reliable: sent until its PRACK; the 200 waits for it" {
	cp ours.sdp early.sdp
	cp /dev/null ours.sdp
	answerer
	sipp_play peer "$at" <<-'END'
		send INVITE
		  Supported: 100rel
		  sdp 30000
		recv? 100
		recv 180
		  !RSeq
		recv 183
		  ~Require: 100rel
		  ~m=audio 40000
		pause 1200
		send PRACK
		  cseq 2
		  RAck: 1 1 INVITE
		recv 481
		send PRACK
		  cseq 3
		  RAck: [$rseq] 1 INVITE
		recv 200
		recv 200
		  !m=audio
		send ACK
		send BYE
		  cseq 4
		recv 200
	END
	event '.event == "ringing"'
	tell progress early.sdp
	event '.event == "progress" and .reliable'
	echo answer >control
	dialled 0
	[ "$(sent | grep -c '^183')" -ge 2 ]
	event_is '.event == "established"'
	sipp_wait peer
}

@test "without 100rel our early media goes out once, and again in the 200" {
	cp ours.sdp early.sdp
	cp /dev/null ours.sdp
	answerer
	sipp_play peer "$at" <<-'END'
		send INVITE
		  sdp 30000
		recv? 100
		recv 180
		recv 183
		  !RSeq
		  ~m=audio 40000
		recv 200
		  ~m=audio 40000
		send ACK
		send BYE
		  cseq 2
		recv 200
	END
	event '.event == "ringing"'
	tell progress early.sdp
	event '.event == "progress"'
	echo answer >control
	dialled 0
	sipp_wait peer
}

@test "Require: 100rel: the 180 is reliable too, and a PRACK may offer" {
	answerer
	sipp_play peer "$at" <<-'END'
		send INVITE
		  Require: 100rel
		  sdp 30000
		recv? 100
		recv 180
		  ~Require: 100rel
		send PRACK
		  cseq 2
		  RAck: [$rseq] 1 INVITE
		recv 200
		recv 200
		  ~m=audio 40000
		send ACK
		send BYE
		  cseq 3
		recv 200
	END
	dialled 0
	sipp_wait peer
}

@test "a late offer in a reliable 183, its answer in the PRACK: as answerer" {
	cp ours.sdp early.sdp
	cp /dev/null ours.sdp
	answerer --no-ringing
	sipp_play peer "$at" <<-'END'
		send INVITE
		  Supported: 100rel
		recv 100
		recv 183
		  ~m=audio 40000
		send PRACK
		  cseq 2
		  RAck: [$rseq] 1 INVITE
		  sdp 30000
		recv 200
		recv 200
		  !m=audio
		send ACK
		send BYE
		  cseq 3
		recv 200
	END
	event '.event == "incoming" and .late_offer'
	tell progress early.sdp
	echo answer >control
	dialled 0
	grep -q 'm=audio 30000 ' theirs.sdp
	sipp_wait peer
}

@test "--late-offer: the 200 offers, stdin answers in the ACK" {
	sipp_play peer <<-'END'
		recv INVITE
		  !m=audio
		send 180 Ringing
		  tag a
		send 200 OK
		  tag a
		  sdp 30000
		recv ACK
		  ~m=audio 40000
		recv BYE
		send 200 OK
	END
	caller --late-offer
	event '.event == "established"'
	grep -q 'm=audio 30000 ' theirs.sdp
	echo hangup >control
	dialled 0
	event_is '.event == "offered" and .status == 200'
	sipp_wait peer
}

@test "--late-offer: the reliable 183 offers, the command answers in PRACK" {
	cp ours.sdp answer.sdp
	cp /dev/null ours.sdp
	sipp_play peer <<-'END'
		recv INVITE as i
		send 183 Session Progress
		  tag a
		  Require: 100rel
		  RSeq: 5
		  sdp 30000
		recv PRACK
		  ~RAck: 5 1 INVITE
		  ~m=audio 40000
		send 200 OK
		send 200 OK
		  for i
		  tag a
		recv ACK
		  !m=audio
		recv BYE
		send 200 OK
	END
	caller --late-offer
	event '.event == "offered" and .reliable'
	grep -q 'm=audio 30000 ' theirs.sdp
	tell answer answer.sdp
	event '.event == "established"'
	echo hangup >control
	dialled 0
	sipp_wait peer
}

@test "--late-offer and no answer: ACK and BYE, exit status 66 or 69" {
	cp /dev/null ours.sdp
	sipp_play peer <<-'END'
		recv INVITE
		send 200 OK
		  tag a
		  sdp 30000
		recv ACK
		recv BYE
		send 200 OK
	END
	caller --late-offer --timeout 0.5
	dialled 69
	grep -q 'no answer on stdin within 0.5 s' said
	sipp_wait peer
	sipp_play peer <<-'END'
		recv INVITE
		  !m=audio
		send 180 Ringing
		  tag a
		recv CANCEL
		send 200 OK
	END
	run -66 --separate-stderr sip-dial --late-offer \
		"sip:bob@127.0.0.1:$(sipp_port peer)" </dev/null
	[[ $stderr == *'stdin: no answer'* ]]
}

@test "a fork: each branch is told by its tag, the first 2xx is the call" {
	sipp_play peer <<-'END'
		recv INVITE as i
		send 180 Ringing
		  tag a
		send 183 Session Progress
		  tag b
		  sdp 30000
		send 183 Session Progress
		  tag c
		  Require: 100rel
		  RSeq: 3
		  sdp 30002
		recv PRACK
		  ~To:.*tag=c
		send 200 OK
		send 200 OK
		  for i
		  tag b
		  sdp 30004
		recv ACK
		  ~To:.*tag=b
		send 200 OK
		  for i
		  tag c
		recv ACK
		  ~To:.*tag=c
		recv BYE
		  ~To:.*tag=c
		  ~CSeq: 3 BYE
		send 200 OK
		recv BYE
		  ~To:.*tag=b
		send 200 OK
	END
	caller
	event '.event == "forked" and .remote_tag == "c"'
	event_is '.event == "ringing" and .tag == "a"'
	event_is '.event == "early" and .tag == "b" and (.reliable | not)'
	event_is '.event == "early" and .tag == "c" and .reliable'
	event_is '.event == "established" and .remote_tag == "b"'
	grep -q 'm=audio 30004 ' theirs.sdp
	echo hangup >control
	dialled 0
	sipp_wait peer
}
