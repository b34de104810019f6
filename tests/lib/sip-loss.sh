#!/bin/bash
#
# SIP over a network that loses datagrams: a registration or a call that must
# come about all the same, by being sent again.
#
#	unshare -Urnmpf --mount-proc --kill-child sip-loss.sh LOSS SCENARIO
#
# LOSS is what is lost, by nftables, on the loopback of that namespace:
#	first      the first of each kind of message
#	pattern    three of ten datagrams, always the same three
#	random     each with a probability of 30 %
# SCENARIO is one of the functions below. What was traced is left in the
# current directory, trace.*; the exit status is 0 if all went well.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/lib/kamailio.bash
source "$here/kamailio.bash"
# shellcheck source=tests/lib/sipp.bash
source "$here/sipp.bash"
# shellcheck source=tests/lib/baresip.bash
source "$here/baresip.bash"
export TMPDIR=$PWD

# nftables sees the datagram behind its UDP header of 64 bits: the first four
# letters of a request, the three digits of a response (64 bits further on).
rules()
{
	local text

	case $1 in
	first)
		for text in INVI ACK BYE REGI; do
			printf '%s numgen inc mod 1000 0 counter drop\n' \
				"@th,64,$((8 * ${#text})) $(hex "$text")"
		done
		for text in 180 200 401 407; do
			printf '%s numgen inc mod 1000 0 counter drop\n' \
				"@th,64,32 $(hex SIP/) @th,128,24 $(hex "$text")"
		done
		;;
	pattern) echo 'numgen inc mod 10 { 0, 3, 6 } counter drop' ;;
	random) echo 'numgen random mod 10 < 3 counter drop' ;;
	esac | sed 's/^/meta l4proto udp /'
}

hex()
{
	printf '0x%s' "$(printf %s "$1" | xxd -p)"
}

lose()
{
	nft -f - <<-EOF2
		table inet loss {
			chain in {
				type filter hook input priority 0
				$(rules "$1")
			}
		}
	EOF2
}

# How many datagrams were lost.
lost()
{
	nft list ruleset |
		awk '/counter packets/ { sub(/.*counter packets /, "")
			n += $1 } END { print n + 0 }'
}

description()
{
	printf '%s\n' v=0 'o=- 1 1 IN IP4 127.0.0.1' s=- 'c=IN IP4 127.0.0.1' \
		't=0 0' 'm=audio 40000 RTP/AVP 0' 'a=rtpmap:0 PCMU/8000'
}

has()
{
	[ -s "$1" ] && jq -se "any(.[]; $2)" "$1" >/dev/null
}

# Until sip-dial or sip-register NAME has had such an event.
event()
{
	wait_for "${3:-40}" has "events.$1" "$2" || {
		cat "events.$1"
		return 1
	}
}

# start NAME PROGRAM [ARG...]: with events.NAME, trace.NAME, control.NAME.
start()
{
	local name=$1 program=$2

	shift 2
	rm -f "events.$name" "trace.$name"
	[ -p "control.$name" ] || mkfifo "control.$name"
	"$program" --events "events.$name" --trace "trace.$name" \
		--control "control.$name" "$@" <sdp >"out.$name" 2>"said.$name" &
	pids[$name]=$!
}

tell()
{
	echo "$2" >"control.$1"
}

# It has ended, or ends, with this status.
ended()
{
	local status=0

	wait "${pids[$1]}" || status=$?
	[ "$status" = "$2" ] || {
		echo "$1: exit status $status, not $2" && cat "said.$1"
		return 1
	}
}

# --- scenarios ------------------------------------------------------------

registration()
{
	kamailio_start
	lose "$1"
	SIP_PASSWORD=secret-100 start a sip-register --registrar "$KAMAILIO" \
		--timeout 32 --keep-trying --local 127.0.0.1:0 sip:100@pbx.test
	event a '.event == "registered"' 90
	[ -n "$(kamailio_contacts 100)" ]
	kill "${pids[a]}"
	ended a 0
}

# We call SIPp, and hang up.
call()
{
	sipp_start bob -sn uas -m 1
	lose "$1"
	start a sip-dial --timeout 40 "sip:bob@127.0.0.1:$(sipp_port bob)"
	event a '.event == "established"'
	settle a
	tell a hangup
	ended a 0
}

# A lost ACK makes the other side say 200 again, and that is our ACK's timer.
settle()
{
	[ "$loss" != first ] || wait_for 10 acked_twice "trace.$1"
}

acked_twice()
{
	[ "$(jq -r 'select(.event == "message" and .direction == "out") |
		.summary' "$1" | grep -c '^ACK')" -ge 2 ]
}

# SIPp calls us, and hangs up.
called()
{
	start a sip-dial --answer --listen 127.0.0.1:0
	event a '.event == "listening"'
	at=$(jq -r 'select(.event == "listening") | .address' events.a)
	lose "$1"
	sipp_start alice -sn uac -m 1 -d 3000 "$at"
	event a '.event == "ended" and .by == "them"'
	ended a 0
	sipp_wait alice 40
}

# We call baresip, which hangs up.
baresip_call()
{
	baresip_start bob
	lose "$1"
	start a sip-dial --timeout 40 "$(baresip_uri bob)"
	event a '.event == "established"'
	baresip_wait bob 'Call established' 40
	settle a
	baresip_command bob hangup
	event a '.event == "ended" and .by == "them"'
	ended a 0
}

# One INVITE of a hundred is lost seven times on its way: then again.
some_call()
{
	local try

	sipp_start bob -sn uas
	lose "$1"
	for try in 1 2 3; do
		echo "try $try"
		start a sip-dial --timeout 32 \
			"sip:bob@127.0.0.1:$(sipp_port bob)"
		if event a '.event == "established"'; then
			tell a hangup
			ended a 0
			return
		fi
		wait "${pids[a]}" || true
	done
	return 1
}

declare -A pids
loss=$1
ip link set lo up
description >sdp
"$2" "$loss"
echo "lost: $(lost)"
[ "$loss" = random ] || [ "$(lost)" -gt 0 ]
