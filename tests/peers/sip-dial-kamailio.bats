#!/usr/bin/env bats
# sip-dial calls through Kamailio, with digest, to baresip registered there:
# a proxy that challenges, forks to contacts and stays in the route.

bats_require_minimum_version 1.5.0
load ../lib/sip-dial
load ../lib/kamailio
load ../lib/baresip
load ../lib/sipp

setup()
{
	cd "$BATS_TEST_TMPDIR" || exit
	phone_sdp >offer.sdp
	mkfifo control
	export SIP_PASSWORD=secret-100
}

teardown()
{
	[ -z "${dial:-}" ] || kill "$dial" 2>/dev/null || true
	baresip_stop
	sipp_stop
	kamailio_stop
}

dial()
{
	sip-dial --events events --trace trace --control control --timeout 15 \
		--proxy "$KAMAILIO" --from sip:100@pbx --user 100 "$@" \
		<offer.sdp >answer.sdp 2>said 3>&- &
	dial=$!
}

# The call goes through, and by its route both ends can hang up.
call_200()
{
	dial "$@" sip:200@pbx
	event '.event == "established" and .routes >= 1'
	grep -q '^m=audio' answer.sdp
}

@test "407 with MD5, a call, our BYE by the route" {
	kamailio_start
	baresip_start 200 --at "$KAMAILIO" --password word-200
	call_200
	echo hangup >control
	dialled 0
	baresip_wait 200 'session closed|terminated'
}

# The hash of 100's password in realm pbx, by md5sum or sha256sum.
hash()
{
	printf '100:pbx:%s\n' "$(printf 100:pbx:secret-100 | "$1" |
		cut -d ' ' -f 1)"
}

@test "a hash in place of the password" {
	unset SIP_PASSWORD
	hash md5sum >md5
	{ echo && hash md5sum && hash sha256sum; } >both
	kamailio_start --md5
	baresip_start 200 --at "$KAMAILIO" --password word-200
	call_200 --ha1-file md5
	echo hangup >control
	dialled 0
	kamailio_stop
	kamailio_start --sha256
	dial --ha1-file both sip:number@pbx
	dialled 1
	event_is '.event == "rejected" and .status == 404'
	dial --ha1-file md5 sip:200@pbx
	dialled 77
	grep -q 'no hash in --ha1-file md5 is of user 100' said
	sed 's/^100/1000/' both >others
	dial --ha1-file others sip:200@pbx
	dialled 77
	run ! grep -qF "$(hash sha256sum | cut -d: -f3)" events trace said
}

@test "407 with SHA-256, over TCP: let in, and told there is no such number" {
	kamailio_start --sha256
	dial --tcp sip:999@pbx
	dialled 1
	event_is '.event == "rejected" and .status == 404'
	jq -r 'select(.event == "message") | .raw' trace |
		grep -q 'algorithm=SHA-256'
}

@test "over TCP, their BYE" {
	kamailio_start
	baresip_start 200 --at "$KAMAILIO" --password word-200 --transport tcp
	call_200 --tcp
	baresip_command 200 hangup
	dialled 0
	event_is '.event == "ended" and .by == "them"'
}

@test "a wrong password is exit status 77" {
	kamailio_start
	SIP_PASSWORD=wrong dial sip:200@pbx
	dialled 77
}

@test "a number that is not there, one that is not registered" {
	kamailio_start
	dial sip:999@pbx
	dialled 1
	event_is '.event == "rejected" and .status == 404'
	rm -f events
	dial sip:200@pbx
	dialled 1
	event_is '.event == "rejected" and .status == 480'
}

@test "silence after 100: CANCEL when the time is over" {
	kamailio_start
	dial --timeout 1 sip:silent@pbx
	dialled 69
	event_is '.event == "trying"'
}

@test "Kamailio forks, the second answers in spite of its CANCEL: it is hung up" {
	kamailio_start
	sipp_play first <<-'END'
		recv INVITE
		send 180 Ringing
		  tag first
		  Record-Route: [$rr]
		pause 500
		send 200 OK
		  tag first
		  Record-Route: [$rr]
		  sdp 30000
		recv ACK
		recv BYE
		send 200 OK
	END
	sipp_play second <<-'END'
		recv INVITE as i
		send 180 Ringing
		  tag second
		  Record-Route: [$rr]
		recv CANCEL
		send 200 OK
		send 200 OK
		  for i
		  tag second
		  Record-Route: [$rr]
		  sdp 30002
		recv ACK
		recv BYE
		send 200 OK
	END
	dial "sip:fork-$(sipp_port first)-$(sipp_port second)@pbx"
	event '.event == "established" and .remote_tag == "first"'
	event_is '.event == "ringing" and .tag == "first"'
	event_is '.event == "ringing" and .tag == "second"'
	event '.event == "forked" and .remote_tag == "second"'
	echo hangup >control
	dialled 0
	sipp_wait first
	sipp_wait second
}

@test "PRACK and UPDATE go by Kamailio's route, one branch rings, one refuses" {
	kamailio_start
	sipp_play first <<-'END'
		recv INVITE as i
		send 183 Session Progress
		  tag first
		  Require: 100rel
		  RSeq: 9
		  Record-Route: [$rr]
		  Allow: INVITE, ACK, BYE, PRACK, UPDATE
		  sdp 30000
		recv PRACK
		  ~RAck: 9 2 INVITE
		send 200 OK
		recv UPDATE
		  ~a=sendonly
		send 200 OK
		  sdp 30000 0 recvonly
		send 200 OK
		  for i
		  tag first
		  Record-Route: [$rr]
		recv ACK
		recv BYE
		send 200 OK
	END
	sipp_play second <<-'END'
		recv INVITE
		send 486 Busy Here
		  tag second
		recv ACK
	END
	dial "sip:fork-$(sipp_port first)-$(sipp_port second)@pbx"
	event '.event == "early" and .reliable'
	echo hold >control
	event '.event == "hold" and .by == "us"'
	event '.event == "established" and .routes >= 1'
	echo hangup >control
	dialled 0
	sipp_wait first
	sipp_wait second
}

@test "302 from Kamailio is followed, and challenged no more" {
	kamailio_start
	sipp_play first <<-'END'
		recv INVITE
		  ~INVITE sip:fork@
		send 200 OK
		  tag first
		  sdp 30000
		recv ACK
		recv BYE
		send 200 OK
	END
	dial "sip:moved-$(sipp_port first)@pbx"
	event '.event == "redirected" and .status == 302'
	event '.event == "established"'
	echo hangup >control
	dialled 0
	sipp_wait first
}
