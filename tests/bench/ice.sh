#!/bin/bash
#
# What ICE costs: the time until two ends are connected once each knows the
# other's description, on loopback and at a round trip of 52 ms (nat-lab.sh),
# beside aioice and Chromium, and behind two NATs; and the CPU of ice-pair while
# media flows, handed over and relayed; and a stream's time where packets get lost.
#
# It cannot be done in less than one round trip, and the goals leave no room for
# a second one.
#
# RUNS (15) connections each, the median counts.
set -euo pipefail

cd "$(dirname "$0")/../.."
top=$PWD
# shellcheck source=tests/lib/bench.sh
. tests/lib/bench.sh
# shellcheck source=tests/lib/ports.bash
. tests/lib/ports.bash
# shellcheck source=tests/peers/ice/ends.bash
. "$top/tests/peers/ice/ends.bash"
# shellcheck source=tests/peers/ice/turn.bash
. tests/peers/ice/turn.bash

runs=${RUNS:-15} seconds=${BENCH_SECONDS:-10}

# --- time to connect ------------------------------------------------------

# Milliseconds of one connection of two ice-pairs: from when both have been
# told to when both are connected. $1 is what the other end is run with, $2 and
# $3 are the addresses, and the rest are options of both.
connect_once()
{
	local began
	local -a last

	rm -rf pair && mkdir pair && cd pair
	ICE_ADDRESS=$2 ice_start a --controlling "${@:4}"
	command_fifo b
	# shellcheck disable=SC2086 # a command and its words
	spawn b $1 ice-pair --address "$3" --events b.jsonl --control b.in \
		"${@:4}" >b.frag 2>b.err
	wait_for 10 grep -q end-of-candidates a.frag
	wait_for 10 grep -q end-of-candidates b.frag
	began=$EPOCHREALTIME
	ice a remote "$PWD/b.frag"
	ice b remote "$PWD/a.frag"
	wait_for 10 says a.jsonl connected
	wait_for 10 says b.jsonl connected
	mapfile -t last < <(jq 'select(.event == "connected") | .time' ./*.jsonl | sort -n)
	awk -v a="$began" -v b="${last[1]}" 'BEGIN { printf "%.1f\n", (b - a) * 1000 }'
	ends_stop
	wait "${end_pid[@]}" 2>/dev/null || true
	cd ..
}

times() # CMD ADDRESS ADDRESS [OPTION...]
{
	local i

	for ((i = 0; i < runs; i++)); do
		connect_once "$@"
	done | quantile 0.5
}

# Within the lab: both at a round trip of four times the delay.
if [ "${1:-}" = in-lab ]; then
	cd "$TMPDIR"
	ice=$(times "on b" "$NAT_LAB_A" "$NAT_LAB_B")
	aioice=$(/usr/bin/python3 "$top/tests/bench/ice-aioice.py" "$runs" \
		"$NAT_LAB_A" "$NAT_LAB_B" on b)
	# shellcheck disable=SC2016 # for the script that it becomes
	printf '#!/bin/sh\nexec on b %s "$@"\n' "${CHROMIUM:-/usr/bin/chromium}" \
		>chromium-b
	chmod +x chromium-b
	chromium=$(node "$top/tests/bench/ice-chromium.mjs" "$runs" \
		"$PWD/chromium-b")
	echo "$ice $aioice $chromium" >lab
	exit
elif [ "${1:-}" = in-nat-lab ]; then
	cd "$TMPDIR"
	times "on b" "$NAT_LAB_A" "$NAT_LAB_B" --stun "$NAT_LAB_STUN" \
		--gather-timeout 5 >nat-lab
	exit
fi

# Seconds that a file takes from a to b by a stream of ice-pair's, from when they
# are connected, and by TCP.
stream_once()
{
	local connected ended

	rm -f o r ./*.jsonl
	ice-pair -q --address "$NAT_LAB_A" --reliable --events a.jsonl \
		--offer o --remote r <file >/dev/null &
	on b ice-pair -q --address "$NAT_LAB_B" --reliable --events b.jsonl \
		--answer r --remote o </dev/null >got
	wait $!
	cmp file got
	connected=$(jq 'select(.event == "connected") | .time' a.jsonl)
	ended=$(jq 'select(.event == "exit") | .time' b.jsonl)
	awk -v a="$connected" -v b="$ended" 'BEGIN { printf "%.2f\n", b - a }'
}

tcp_once()
{
	local began sink

	on b socat -u TCP-LISTEN:7000,reuseaddr OPEN:got,creat,trunc &
	sink=$!
	wait_for 5 on b sh -c 'ss -Hltn "sport = 7000" | grep -q .'
	began=$EPOCHREALTIME
	socat -u OPEN:file "TCP:$NAT_LAB_B:7000"
	wait "$sink"
	cmp file got
	awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.2f\n", b - a }'
}

if [ "${1:-}" = in-lossy-lab ]; then
	cd "$TMPDIR"
	head -c 300000 /dev/urandom >file
	for ((i = 0; i < 5; i++)); do
		stream_once >>streams
		tcp_once >>tcps
	done
	echo "$(quantile 0.5 <streams) $(quantile 0.5 <tcps)" >lossy
	exit
fi

work=$(mktemp -d)
export TMPDIR=$work
finish()
{
	trap - EXIT
	ends_stop
	turn_stop
	wait 2>/dev/null || true
	rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

against() # NAME ICE PEER GOAL: the time, and its ratio to a peer's
{
	figure "ice-connect-$1" "$(ratio "$2" "$3" 2)" ratio '<=' "$4"
}

connecting()
{
	local ice aioice chromium

	cd "$work"
	ice=$(times "" 127.0.0.1 127.0.0.1)
	aioice=$(/usr/bin/python3 "$top/tests/bench/ice-aioice.py" "$runs" \
		127.0.0.1 127.0.0.1)
	cd "$top"
	tests/browser/install.sh >&2
	chromium=$(node tests/bench/ice-chromium.mjs "$runs")
	echo "on loopback: ice-pair $ice ms, aioice $aioice ms, Chromium $chromium ms"
	against loopback-to-aioice "$ice" "$aioice" 1
	against loopback-to-chromium "$ice" "$chromium" 2
	PIPECALL_BIN=$top/$B/bin examples/nat-lab.sh --delay 13 none none -- "$0" in-lab
	read -r ice aioice chromium <"$work/lab"
	echo "at a round trip of 52 ms: ice-pair $ice ms, aioice $aioice ms," \
		"Chromium $chromium ms"
	against 52ms-to-aioice "$ice" "$aioice" 1.15
	against 52ms-to-chromium "$ice" "$chromium" 1.15
	figure ice-connect-52ms-round-trips "$(ratio "$ice" 52)" trips '<=' 1.3
	PIPECALL_BIN=$top/$B/bin examples/nat-lab.sh --delay 13 port port -- "$0" in-nat-lab
	ice=$(cat "$work/nat-lab")
	echo "there, behind two NATs that restrict ports: ice-pair $ice ms"
	figure ice-connect-nat-round-trips "$(ratio "$ice" 52)" trips '<=' 1.6
}

streaming()
{
	local ice tcp

	cd "$top"
	PIPECALL_BIN=$top/$B/bin examples/nat-lab.sh --loss 5 --delay 5 none none -- \
		"$0" in-lossy-lab
	read -r ice tcp <"$work/lossy"
	echo "300 kB where 10 % get lost: ice-pair $ice s, TCP $tcp s"
	figure ice-stream-lossy-to-tcp "$(ratio "$ice" "$tcp" 1)" ratio '<=' 40
}

# --- CPU ------------------------------------------------------------------

# Two ice-pairs with media processes, connected; options $@ for the first.
connect_media()
{
	rm -rf "${work:?}/media" && mkdir "$work/media" && cd "$work/media"
	two_ends "$@"
}

# CPU in us of process $1 while the rest is run.
cost_of()
{
	local pid=$1 before

	shift
	before=$(cpu_us "$pid")
	"$@"
	echo $(($(cpu_us "$pid") - before))
}

# $1 packets to a's media process, one each 5 ms.
flow()
{
	media bm flood "$1" 172
	wait_for $((seconds * 3)) says bm.out flooded
}

handed_over()
{
	connect_media
	sleep 5 # the last of the checks, with their retransmissions
	figure ice-cpu-handed-over "$(ratio "$(cost_of "$(pid_of a)" \
		flow $((seconds * 200)))" $((seconds * 1000)) 3)" ms/s '<=' 0.5
	ends_stop
}

# The same packets by two sockets of socat, which does nothing else: $bare us.
two_hops()
{
	local port

	port=$(free_port)
	cd "$work/media"
	/usr/bin/python3 "$top/tests/bench/ice-source.py" receive hops >/dev/null &
	end_pid[sink]=$!
	wait_for 5 test -S hops
	socat -u "UDP4-RECV:$port,bind=127.0.0.1" UNIX-CONNECT:hops,type=5 >/dev/null &
	end_pid[socat]=$!
	wait_for 5 grep -q "$(printf ':%04X' "$port")" /proc/net/udp
	bare=$(cost_of "$!" /usr/bin/python3 "$top/tests/bench/ice-source.py" \
		send "$port" $((seconds * 200)))
	ends_stop
}

relayed()
{
	local idle busy bare

	echo p >"$work/password"
	cd "$work"
	turn_start
	connect_media --relay-only --turn "$TURN" --turn-user u \
		--turn-password-file "$work/password"
	sleep 5
	idle=$(cost_of "$(pid_of a)" sleep "$seconds")
	busy=$(cost_of "$(pid_of a)" flow $((seconds * 200)))
	two_hops
	echo "relayed: $(ratio $((busy - idle)) $((seconds * 200)) 1) us a packet," \
		"two bare hops $(ratio "$bare" $((seconds * 200)) 1) us"
	figure ice-relayed-to-two-hops "$(ratio $((busy - idle)) "$bare" 2)" ratio '<=' 2
}

connecting
streaming
handed_over
relayed
