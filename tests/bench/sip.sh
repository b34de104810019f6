#!/bin/bash
#
# What SIP costs, beside what other programs of Debian take for the same:
#
#	calls     one line, DIALS (4) at a time placing CALLS (60) at SIPp, which
#	          answers and hangs up; CPU is that of the line and its dials
#	idle      a registration at Kamailio, doing nothing for BENCH_SECONDS (15);
#	          the floor is the protocol's own timers: one refresh in minutes
#	held      a call put on hold by us, the same
#
# baresip and linphonec are whole telephones, with their media inside; so are
# a line and its dial not. baresip is one process for all of its calls.
set -euo pipefail

cd "$(dirname "$0")/../.."
here=$PWD
# shellcheck source=tests/lib/bench.sh
. "$here/tests/lib/bench.sh"
# shellcheck source=tests/lib/kamailio.bash
. "$here/tests/lib/kamailio.bash"
# shellcheck source=tests/lib/sipp.bash
. "$here/tests/lib/sipp.bash"
# shellcheck source=tests/lib/baresip.bash
. "$here/tests/lib/baresip.bash"

calls=${CALLS:-60} dials=${DIALS:-4} seconds=${BENCH_SECONDS:-15}
work=$(mktemp -d)
export TMPDIR=$work
line='' trunk='' dial='' linphone=''

finish()
{
	trap - EXIT
	[ -z "$dial" ] || kill "$dial" 2>/dev/null || true
	[ -z "$linphone" ] || kill "$linphone" 2>/dev/null || true
	[ -z "$line" ] || kill "$line" 2>/dev/null || true
	[ -z "$trunk" ] || kill "$trunk" 2>/dev/null || true
	baresip_stop
	sipp_stop
	kamailio_stop
	wait
	rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM
cd "$work"

has()
{
	[ -s "$1" ] && jq -se "any(.[]; .event == \"$2\")" "$1" >/dev/null
}

wakeups()
{
	awk '/^voluntary_ctxt/ { n += $2 } END { print n + 0 }' \
		/proc/"$1"/task/*/status
}

# --- calls a second -------------------------------------------------------

# One after the other, $1 of them.
dial_calls()
{
	local i

	for ((i = 0; i < $1; i++)); do
		sip-dial --quiet --line trunk "$uri" <sdp >/dev/null || echo "$?" >>failed
	done
}

# All of $1's time on the CPU and that of the children this shell waited for.
spent_us()
{
	echo $(($(cpu_us "$1") + $(cpu_us $$)))
}

our_calls()
{
	local i began before us pids=()

	before=$(spent_us "$trunk")
	began=${EPOCHREALTIME/[.,]/}
	for ((i = 0; i < dials; i++)); do
		dial_calls $((calls / dials)) &
		pids+=("$!")
	done
	wait "${pids[@]}"
	us=$((${EPOCHREALTIME/[.,]/} - began))
	[ ! -e failed ]
	figure sip-calls-a-second "$(ratio $((calls / dials * dials * 1000000)) \
		"$us" 1)" 1/s '>=' 50
	ours=$((($(spent_us "$trunk") - before) / (calls / dials * dials)))
	figure sip-call-cpu "$(ratio "$ours" 1000 2)" ms '<=' 10
}

closed()
{
	[ "$(grep -ac 'session closed' "$(baresip_log carol)")" -ge "$1" ]
}

baresip_calls()
{
	local i before pid

	pid=$(<"$(baresip_dir carol)/pid")
	before=$(cpu_us "$pid")
	for ((i = 1; i <= calls / 3; i++)); do
		baresip_command carol dial "$uri" >/dev/null
		wait_for 5 closed "$i"
	done
	theirs=$((($(cpu_us "$pid") - before) / (calls / 3)))
	figure sip-call-cpu-of-baresip "$(ratio "$ours" "$theirs" 2)" x '<=' 1.5
}

# --- doing nothing --------------------------------------------------------

# idle NAME PID WAKEUPS CPU PSS: the goals
idle()
{
	local cpu=$4 woken pid=$2

	woken=$(wakeups "$pid") cpu=$(cpu_us "$pid")
	sleep "$seconds"
	woken=$(($(wakeups "$pid") - woken)) cpu=$(($(cpu_us "$pid") - cpu))
	figure "$1-wakeups" "$(ratio "$woken" "$seconds" 2)" 1/s '<=' "$3"
	figure "$1-cpu" "$(ratio "$cpu" "$seconds" 0)" us/s '<=' "$4"
	pss=$(pss_kib "$pid")
	figure "$1-pss" "$pss" KiB '<=' "$5"
}

# What they take is for comparison; only ours has goals that mean something.
peer()
{
	local ours=$pss

	idle "$1" "$2" 1000 100000 1000000
	figure "$1-pss-we-take" "$(ratio "$ours" "$pss" 2)" x '<=' 1
}

linphone_idle()
{
	mkdir -p .local/share/linphone .config/linphone
	printf '%s\n' '[sip]' sip_port=-1 sip_tcp_port=0 sip_tls_port=0 \
		>linphonerc
	mkfifo linphone.in
	exec 7<>linphone.in
	HOME=$work linphonec -c "$work/linphonerc" <linphone.in \
		>linphone.log 2>&1 &
	linphone=$!
	echo "register sip:300@pbx.test sip:$KAMAILIO pass-300" >&7
	wait_for 20 registered 300
	peer idle-linphonec "$linphone"
	kill "$linphone"
	wait "$linphone" 2>/dev/null || true
	linphone=''
}

registered()
{
	[ -n "$(kamailio_contacts "$1" 2>/dev/null)" ]
}

held_ours()
{
	mkfifo control
	exec 6<>control
	sip-dial --quiet --line trunk --control control --events held \
		"$(baresip_uri bob)" <sdp >/dev/null 3>&- &
	dial=$!
	wait_for 10 has held established
	echo 'hold on' >&6
	wait_for 10 has held hold
	idle held-dial "$dial" 0.2 200 4000
	kill "$dial"
	wait "$dial" || true
	dial=''
}

held_baresip()
{
	baresip_command carol dial "$(baresip_uri bob)" >/dev/null
	baresip_wait carol 'Call established'
	baresip_command carol hold >/dev/null
	peer held-baresip "$(<"$(baresip_dir carol)/pid")"
}

description()
{
	printf '%s\n' v=0 'o=- 1 1 IN IP4 127.0.0.1' s=- 'c=IN IP4 127.0.0.1' \
		't=0 0' 'm=audio 40000 RTP/AVP 0' 'a=rtpmap:0 PCMU/8000'
}

start_line()
{
	SIP_PASSWORD=secret-100 sip-register --quiet --line line \
		--registrar "$KAMAILIO" --local 127.0.0.1:0 --events events \
		sip:100@pbx.test &
	line=$!
	wait_for 10 has events registered
}

start_trunk()
{
	sip-register --quiet --no-register --line trunk --local 127.0.0.1:0 \
		--events events.trunk sip:us@127.0.0.1 &
	trunk=$!
	wait_for 10 test -S trunk
}

# One of each at a time: what they share is counted in parts.
description >sdp
kamailio_start
start_line
baresip_start alice --at "$KAMAILIO" --user 200 --password word-200
idle idle-line "$line" 0.2 200 4000
peer idle-baresip "$(<"$(baresip_dir alice)/pid")"
baresip_stop alice
linphone_idle
kill "$line"
wait "$line" || true
line=''

start_trunk
baresip_start carol
sipp_start peer -sf "$here/tests/peers/sipp/uas-bye.xml" -d 0
uri=sip:bob@127.0.0.1:$(sipp_port peer)
our_calls
baresip_calls
baresip_start bob
held_ours
held_baresip
