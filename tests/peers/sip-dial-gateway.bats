#!/usr/bin/env bats
# A phone behind the gateway changes its media in the call.

bats_require_minimum_version 1.5.0
load ../lib/gateway
load ../lib/sipp

teardown()
{
	[ -z "${phone:-}" ] || kill "$phone" "$ears" 2>/dev/null || true
	gateway_stop
	sipp_stop
}

@test "a phone moves its media in the call: they follow, and no codec is taken that we do not speak" {
	local port

	cd "$BATS_TEST_TMPDIR"
	port=$(free_port 2)
	timeout 30 perl -MIO::Socket::INET -e '
		$s = IO::Socket::INET->new(Proto => "udp",
			LocalAddr => "127.0.0.1", LocalPort => $ARGV[0]);
		$s->recv($_, 2000) for 1 .. 10;
		print "heard\n"' "$port" >heard 3>&- &
	ears=$!
	sipp_play peer <<-END
		recv INVITE as i
		send 200 OK
		  tag a
		  sdp 9
		recv ACK
		send UPDATE
		  from i a
		  sdp $port
		recv 200
		send UPDATE
		  from i a
		  cseq 2
		  sdp $port 9
		recv 200
		  ~m=audio [0-9]+ RTP/AVP 9
		send UPDATE
		  from i a
		  cseq 3
		  sdp $port 18
		recv 488
		recv BYE
		send 200 OK
	END
	gateway_start --pbx "127.0.0.1:$(sipp_port peer)" --no-register
	"$top/examples/webrtc-phone.sh" --address 127.0.0.1 --stay \
		--timeout 30 "$GATEWAY_SIGNAL" bob >phone 2>&1 3>&- &
	phone=$!
	wait_for 20 test -s heard
	kill "$phone"
	sipp_wait peer
	gateway_idle 10
	grep -q "m=audio $port" "$(gateway_call out)/moved.sip.sdp"
}
