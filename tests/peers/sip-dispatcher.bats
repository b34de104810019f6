#!/usr/bin/env bats
# Kamailio's dispatcher in front of a sip-register and a sip-dial: its OPTIONS
# are answered, and who is gone, or refuses, gives way to the other.

bats_require_minimum_version 1.5.0
load ../lib/sipp
load ../lib/phone-sdp

setup()
{
	cd "$BATS_TEST_TMPDIR" || exit
	phone_sdp >sdp
	pid='' line='' second='' caller=''
	first_port=$(free_port)
	second_port=$(free_port)
	proxy=127.0.0.1:$(free_port)
}

teardown()
{
	local p
	local -a family

	for p in $line $second $caller; do
		kill "$p" 2>/dev/null || true
		wait "$p" 2>/dev/null || true
	done
	if [ -n "$pid" ]; then # its polite end may take long
		mapfile -t family < <(pgrep -P "$pid")
		kill -KILL "$pid" "${family[@]}"
		wait "$pid" 2>/dev/null || true
	fi
	sipp_stop
}

dispatcher()
{
	printf '1 sip:127.0.0.1:%s 0 %s\n' "$first_port" 10 \
		"$second_port" 1 >list
	{
		printf '#!KAMAILIO\n'
		printf '#!substdef "!CONTROL_SOCKET!unix:%s/ctl!g"\n' "$PWD"
		printf '#!substdef "!DISPATCH_LIST!%s/list!g"\n' "$PWD"
		printf 'listen=udp:%s\nlisten=tcp:%s\n' "$proxy" "$proxy"
		cat "$BATS_TEST_DIRNAME/../lib/dispatcher.cfg"
	} >cfg
	kamailio -DD -E -f "$PWD/cfg" -Y "$PWD" -w "$PWD" -m 32 -M 8 \
		</dev/null >log 2>&1 3>&- &
	pid=$!
}

# The first: a line, and a program of its own for each call.
first()
{
	cat >answer <<-'END'
		#!/bin/sh
		exec sip-dial --line "$SIP_LINE" --answer <sdp >/dev/null
	END
	chmod +x answer
	rm -f first.events # of one before it
	TMPDIR=$PWD sip-register --no-register --listen "127.0.0.1:$first_port" \
		--exec ./answer "$@" >first.events 2>first.said 3>&- &
	line=$!
	wait_for 5 grep -q '"event":"listening"' first.events
}

# The second: a sip-dial that answers one call.
second()
{
	sip-dial --answer --listen "127.0.0.1:$second_port" \
		--events second.events --trace second.trace "$@" \
		<sdp >/dev/null 2>second.said 3>&- &
	second=$!
	wait_for 5 grep -q '"event":"listening"' second.events
}

# Whether the dispatcher has this one as active (AP) or not (IP ...).
stands()
{
	kamcmd -s "unix:$PWD/ctl" dispatcher.list 2>/dev/null | tr -d '\n' |
		grep -qE "URI: sip:127.0.0.1:$1[[:space:]]+FLAGS: $2"
}

# A call through it, to its end.
calls()
{
	rm -f caller.events
	timeout 60 sip-dial --events caller.events "sip:any@$proxy" <sdp \
		>/dev/null 2>caller.said 3>&- &
	caller=$!
	wait_for 20 established caller
	kill "$caller"
	wait "$caller"
	caller=''
}

established()
{
	[ -s "$1.events" ] && grep -q '"event":"established"' "$1.events"
}

@test "pings are answered by both; a call goes to the first, then to the other" {
	first
	second
	dispatcher
	wait_for 20 stands "$first_port" AP
	wait_for 20 stands "$second_port" AP
	calls
	wait_for 5 grep -q '"event":"exec-ended"' first.events
	run ! grep -q '"event":"incoming"' second.events
	# the listener is gone: the very next call finds the other
	kill "$line"
	wait "$line"
	calls
	wait "$second"
	grep -q '"event":"established"' second.events
	line='' second=''
	wait_for 20 stands "$first_port" 'I[PX]'
	wait_for 20 stands "$second_port" 'I[PX]'
	# and comes back when it is there again
	first
	wait_for 20 stands "$first_port" AP
	calls
	wait_for 5 grep -q '"event":"exec-ended"' first.events
}

@test "one that was killed, and one that is stopped, give way too" {
	first
	second
	dispatcher
	wait_for 20 stands "$first_port" AP
	wait_for 20 stands "$second_port" AP
	kill -STOP "$line" # it is there, and says nothing
	wait_for 20 stands "$first_port" 'I[PX]'
	calls
	wait "$second"
	second=''
	kill -CONT "$line"
	wait_for 20 stands "$first_port" AP
	kill -KILL "$line"
	wait "$line" || true
	line=''
	rm -r sip-register.* # its socket's folder
	second
	wait_for 20 stands "$second_port" AP
	calls
	wait "$second"
	second=''
	wait_for 20 stands "$first_port" 'I[PX]'
}

@test "what the first refuses as 480 is its answer, not a reason to go on" {
	first --take-timeout 0.2
	printf '#!/bin/sh\nexec sleep 2\n' >answer # nobody takes the call
	second
	dispatcher
	wait_for 20 stands "$first_port" AP
	sipp_play caller "$proxy" <<-'END'
		send INVITE
		  sdp 30000
		recv? 100
		recv 480
		send ACK
		  branch 1
	END
	sipp_wait caller
	run ! grep -q '"event":"incoming"' second.events
}

# An OPTIONS of these To and Request-URI; its answer's first line.
ping()
{
	perl -MIO::Socket::INET -e '
		my ($port, $to, $uri) = @ARGV;
		my $s = IO::Socket::INET->new(Proto => "udp",
			PeerAddr => "127.0.0.1", PeerPort => $port);
		my $me = $s->sockport;
		$s->send(join "\r\n", "OPTIONS $uri SIP/2.0",
			"Via: SIP/2.0/UDP 127.0.0.1:$me;branch=z9hG4bK$$",
			"From: <sip:d>;tag=1", "To: $to", "Call-ID: $$\@d",
			"CSeq: 10 OPTIONS", "Max-Forwards: 70",
			"Content-Length: 0", "", "");
		$SIG{ALRM} = sub { exit 1 };
		alarm 10;
		$s->recv(my $answer, 4096);
		print $answer =~ /^(.*?)\r/;' "$1" "$2" "$3"
}

@test "a ping has any To, with a user or without, and any Request-URI" {
	local port to uri

	first
	second
	for port in "$first_port" "$second_port"; do
		for to in '<sip:x>' 'sip:x' "<sip:127.0.0.1:$port>" \
			'"" <sip:nobody@elsewhere.test>' '<sips:x>'; do
			for uri in "sip:127.0.0.1:$port" sip:x@pbx.test sip:x; do
				echo "$port $to $uri"
				run ping "$port" "$to" "$uri"
				[ "$output" = 'SIP/2.0 200 OK' ]
			done
		done
	done
}
