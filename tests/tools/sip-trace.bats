#!/usr/bin/env bats
# --trace: the machines of RFC 3261 17, the timers that fired, and the next.

bats_require_minimum_version 1.5.0
load ../lib/sip-dial

setup()
{
	cd "$BATS_TEST_TMPDIR" || exit
	phone_sdp >sdp
}

teardown()
{
	[ -z "${dial:-}" ] || kill "$dial" 2>/dev/null || true
	[ -z "${peer:-}" ] || kill "$peer" 2>/dev/null || true
}

# An answerer in the background that reads $1; $at is where. Its trace is
# trace.b.
answerer()
{
	local input=$1

	shift
	rm -f events
	sip-dial --answer --listen 127.0.0.1:0 --events events --trace trace.b \
		"$@" <"$input" >/dev/null 2>said 3>&- &
	dial=$!
	event '.event == "listening"'
	at=$(jq -r 'select(.event == "listening") | .address' events)
}

# "ICT Calling->Proceeding": the states that trace $1 says machine $2 took.
states()
{
	jq -r --arg machine "$2" '
		select(.event == "state" and .machine == $machine) |
		"\(.from // "")->\(.to)"' "$1"
}

# What jq -s prints of the states of machine $2 in trace $1.
machine()
{
	jq -sr --arg machine "$2" "[.[] | select(.event == \"state\" and
		.machine == \$machine)] | $3" "$1"
}

# A socket that hears all and says nothing; $port is its port.
silent_peer()
{
	perl -MIO::Socket::INET -e '
		my $s = IO::Socket::INET->new(Proto => "udp",
			LocalAddr => "127.0.0.1") or die;
		open my $f, ">", "port.new"; print $f $s->sockport, "\n"; close $f;
		rename "port.new", "port";
		sleep 60' 3>&- &
	peer=$!
	wait_for 5 test -s port
	port=$(<port)
}

@test "nobody answers: timer A at 0.5, 1.5, 3.5 s, B due at 32 s" {
	silent_peer
	run -69 sip-dial --timeout 5 --trace trace "sip:bob@127.0.0.1:$port" <sdp
	[ "$(states trace ICT | paste -sd ' ')" = \
		'->Calling Calling->Calling Calling->Calling Calling->Calling' ]
	[ "$(machine trace ICT '[.[].timer] | @json')" = '[null,"A","A","A"]' ]
	[ "$(machine trace ICT '[.[].why[0:13]] | @json')" = \
		'["sent INVITE s","timer A fired","timer A fired","timer A fired"]' ]
	# A doubles; B is 64*T1 from the first
	machine trace ICT '
		.[0].time as $t0 | def near($x): . > $x - 0.02 and . < $x + 2;
		([.[].timers.A * 20 | round] == [10, 20, 40, 80]) and
		([.[].next] == ["A", "A", "A", "A"]) and
		([.[].next_seconds] == [.[].timers.A]) and
		all(.[]; .timers.B + .time - $t0 | near(32)) and
		(.[1].time - $t0 | near(0.5)) and (.[2].time - $t0 | near(1.5)) and
		(.[3].time - $t0 | near(3.5))' | grep -qx true
	[ "$(jq -r 'select(.event == "message") | .summary' trace |
		grep -c '^INVITE')" = 4 ]
}

@test "a call: the machines and the dialog of both ends" {
	answerer sdp
	sip-dial --control fd:4 --trace trace.a --events events.a \
		"sip:bob@$at" <sdp >/dev/null 2>&1 4< <(
		wait_for 5 grep -qs '"established"' events.a
		wait_for 5 grep -qs 'received its ACK' trace.b
		echo hangup) 3>&-
	dialled 0
	[ "$(states trace.a ICT | paste -sd ' ')" = \
		'->Calling Calling->Proceeding Proceeding->Terminated' ]
	[ "$(states trace.b IST | paste -sd ' ')" = \
		'->Proceeding Proceeding->Accepted Accepted->Accepted' ]
	[ "$(states trace.a dialog | paste -sd ' ')" = \
		'->Early Early->Confirmed Confirmed->Terminated' ]
	[ "$(states trace.b dialog | paste -sd ' ')" = \
		'->Early Early->Confirmed Confirmed->Terminated' ]
	[ "$(states trace.a NICT | paste -sd ' ')" = '->Trying Trying->Completed' ]
	[ "$(states trace.b NIST | paste -sd ' ')" = '->Trying Trying->Completed' ]
	# RFC 6026: L; then E and F while the BYE waits, K (T4) and J (64*T1)
	[ "$(machine trace.b IST '.[1].timers | keys | @json')" = '["2xx","L"]' ]
	[ "$(machine trace.b IST '.[1].timers.L | round')" = 32 ]
	[ "$(machine trace.a NICT '.[0].timers | keys | @json')" = '["E","F"]' ]
	[ "$(machine trace.a NICT '.[1] | [.next, (.next_seconds | round)] | @json')" = \
		'["K",5]' ]
	[ "$(machine trace.b NIST '.[1] | [.next, (.next_seconds | round)] | @json')" = \
		'["J",32]' ]
	# both tell of the same call
	[ "$(jq -r 'select(.event == "state" and .machine != "dialog") |
		.call_id' trace.a trace.b | sort -u | wc -l)" = 1 ]
	[ "$(machine trace.a dialog '.[0].local_tag')" = \
		"$(machine trace.b dialog '.[0].remote_tag')" ]
}

@test "a refusal: D at the caller; G, H and I at the called, whose ACK is late" {
	mkfifo control
	exec 5<>control
	answerer /dev/null --control control
	perl -MIO::Socket::INET -e '
		my $s = IO::Socket::INET->new(Proto => "udp", PeerAddr => shift,
			LocalAddr => "127.0.0.1") or die;
		my $n = 0;
		sub ask { $s->send(join "\r\n", "$_[0] sip:b\@h SIP/2.0",
			"Via: SIP/2.0/UDP 127.0.0.1;rport;branch=z9hG4bK1",
			"From: <sip:a\@h>;tag=1", "To: <sip:b\@h>$_[1]",
			"Call-ID: refused\@here", "CSeq: 1 $_[0]",
			"Contact: <sip:a\@127.0.0.1>", "Max-Forwards: 70",
			"Content-Length: 0", "", ""); }
		ask("INVITE", "");
		while ($n < 2) { # 486, and again when G has fired
			$s->recv(my $got, 65536);
			$n++ if $got =~ /^SIP\/2.0 486 /;
			$tag = $1 if $got =~ /^To:.*(;tag=\w+)/m;
		}
		ask("ACK", $tag);' "$at" 3>&- &
	peer=$!
	event '.event == "incoming"'
	echo 'reject 486' >&5
	dialled 0
	wait "$peer"
	peer=
	exec 5>&-
	[ "$(states trace.b IST | paste -sd ' ')" = \
		'->Proceeding Proceeding->Completed Completed->Completed Completed->Confirmed' ]
	[ "$(machine trace.b IST '.[1].timers | [keys, (.H | round)] | @json')" = \
		'[["G","H"],32]' ]
	[ "$(machine trace.b IST '.[2] | [.timer, .next,
		(.next_seconds | round)] | @json')" = '["G","G",1]' ]
	[ "$(machine trace.b IST '.[3] | [.why[0:8], .next,
		(.next_seconds | round)] | @json')" = '["received","I",5]' ]
	[ "$(machine trace.b IST '.[3].call_id')" = refused@here ]

	answerer /dev/null --control control
	exec 5<>control
	sip-dial --trace trace.a "sip:bob@$at" <sdp >/dev/null 2>&1 3>&- &
	peer=$!
	event '.event == "incoming"'
	echo 'reject 486' >&5
	dialled 0
	exec 5>&-
	wait "$peer" || [ $? = 1 ]
	peer=
	[ "$(states trace.a ICT | tail -n 1)" = 'Proceeding->Completed' ]
	[ "$(machine trace.a ICT '.[-1].next')" = D ]
	machine trace.a ICT '.[-1].next_seconds >= 31' | grep -qx true
}

@test "-vv says it to people" {
	silent_peer
	run --separate-stderr sip-dial -vv --trace trace --timeout 2 \
		"sip:bob@127.0.0.1:$port" <sdp
	[[ $stderr == *'ICT: Calling -> Calling: timer A fired'* ]]
}
