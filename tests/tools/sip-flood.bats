#!/usr/bin/env bats
# Ten thousand requests a second that lead nowhere, at the port of a call, or of
# the line it goes by: it goes on, with the memory it had, and ends as calls end.

bats_require_minimum_version 1.5.0
load ../lib/sip-dial

setup()
{
	cd "$BATS_TEST_TMPDIR" || exit
	printf '%s\n' v=0 'o=- 1 1 IN IP4 127.0.0.1' s=- 'c=IN IP4 127.0.0.1' \
		't=0 0' 'm=audio 40000 RTP/AVP 0' 'a=rtpmap:0 PCMU/8000' >sdp
	mkfifo control
	exec 5<>control
	export TORTURE=$BATS_TEST_DIRNAME/../data/rfc4475
}

teardown()
{
	exec 5>&-
	[ -z "${flooder:-}" ] || kill "$flooder" 2>/dev/null || true
	[ -z "${caller:-}" ] || kill "$caller" 2>/dev/null || true
	[ -z "${dial:-}" ] || kill "$dial" 2>/dev/null || true
	[ -z "${line:-}" ] || kill "$line" 2>/dev/null || true
	[ -z "${line:-}" ] || wait "$line" || true
}

# A call between two sip-dials; the called one, $dial, is to be flooded.
a_call()
{
	sip-dial --answer --listen 127.0.0.1:0 --events events <sdp \
		>offer 2>said 3>&- &
	dial=$!
	event '.event == "listening"'
	at=$(jq -r 'select(.event == "listening") | .address' events)
	target=$dial said=events
	is_called
}

# The same on a line, whose sip-register it is that is to be flooded.
a_call_on_a_line()
{
	sip-register --no-register --listen 127.0.0.1:0 --line sock \
		>line 2>said.line 3>&- &
	line=$!
	wait_for 10 grep -qs '"event":"listening"' line
	at=$(jq -r 'select(.event == "listening") | .address' line)
	sip-dial --answer --line sock --events events <sdp \
		>offer 2>said 3>&- &
	dial=$!
	wait_for 10 grep -q dial-connected line
	target=$line said=line
	is_called "$@"
}

is_called()
{
	sip-dial --control control --events events.a "$@" "sip:bob@$at" <sdp \
		>answer 2>said.a 3>&- &
	caller=$!
	event '.event == "established"'
}

resident_kib()
{
	sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$target/status"
}

# Tell the caller $1, and the called one sees $2.
told()
{
	echo "$1" >&5
	event "$2" 20
}

# Flood $1, a call's own port or (line) that of its line, by $2 (udp or tcp)
# with $3; memory may grow by $4 KiB.
flooded()
{
	local before way=

	[ "$2" = udp ] || way=tcp:
	rm -f line events events.a rate
	"$1"
	before=$(resident_kib)
	"$BATS_TEST_DIRNAME/../lib/sip-flood.py" "$way$at" "$3" >rate 3>&- &
	flooder=$!
	wait_for 60 grep -qs flooding rate # now it is full, if it ever is
	told 'dtmf 5' '.event == "dtmf" and .digit == "5"'
	told 'hold on' '.event == "hold" and .by == "them"'
	if [ "$2" = tcp ]; then # who comes by it now is heard
		timeout 20 sip-dial --tcp --method OPTIONS "sip:$at" >can
		grep -q '^Allow: INVITE' can
	fi
	kill "$flooder"
	wait "$flooder"
	flooder=
	echo "$*: $(tail -n 1 rate) a second; $before KiB, then $(resident_kib)"
	[ $(($(resident_kib) - before)) -lt "$4" ]
	[ "$(wc -l <"$said")" -lt 1000 ] # ten malformed ones a second
	echo hangup >&5
	dialled 0
	wait "$caller"
	caller=
	event '.event == "ended" and .by == "them"'
}

@test "what is no SIP" {
	flooded a_call udp junk 4096
}

@test "what is broken SIP" {
	flooded a_call udp broken 4096
}

@test "BYEs of calls that are none" {
	flooded a_call udp unknown 4096
}

@test "INVITEs of more calls than one" {
	flooded a_call udp fresh 4096
}

@test "a line: what is no SIP, by UDP and by TCP" {
	flooded a_call_on_a_line udp junk 4096
	kill "$line" && wait "$line"
	flooded a_call_on_a_line tcp junk 4096
}

@test "a line: what is broken SIP" {
	flooded a_call_on_a_line udp broken 4096
	kill "$line" && wait "$line"
	flooded a_call_on_a_line tcp broken 4096
}

@test "a line: BYEs of calls that are none" {
	flooded a_call_on_a_line udp unknown 4096
	kill "$line" && wait "$line"
	flooded a_call_on_a_line tcp unknown 4096
}

@test "a line: INVITEs of more calls than it takes" {
	flooded a_call_on_a_line udp fresh 4096
	kill "$line" && wait "$line"
	flooded a_call_on_a_line tcp fresh 4096
}

@test "hundreds of connections that say no more than a beginning" {
	flooded a_call_on_a_line tcp idle 12288
	kill "$line" && wait "$line"
	line=
	flooded a_call tcp idle 12288
}
