#!/bin/bash
#
# What a call through the gateway costs: CPU and memory of every process that
# belongs to it, with the media passed through and transcoded.
#
# CALLS (5) calls at once are made with webrtc-phone.sh to the answering
# machine, which echoes; when all hear their tone, the processes working in
# the calls' folders are watched for SECONDS (15). The callers and the
# answering machine are not counted.
set -euo pipefail

cd "$(dirname "$0")/../.."
# shellcheck source=tests/lib/bench.sh
. tests/lib/bench.sh
# shellcheck source=tests/lib/gateway.bash
. tests/lib/gateway.bash

calls=${CALLS:-5} seconds=${BENCH_SECONDS:-15}
work=$(mktemp -d)
export TMPDIR=$work
phones=()

finish()
{
	trap - EXIT
	end_phones
	gateway_stop || true
	rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

end_phones()
{
	[ ${#phones[@]} = 0 ] || kill "${phones[@]}" 2>/dev/null || true
	wait "${phones[@]}" 2>/dev/null || true
	phones=()
}

# The examples, with a caller that has the payload types of $@ alone.
callers_with()
{
	cp -r examples "$work/callers"
	awk -v only=" $* " '
	/^m=audio/ { $0 = "m=audio 9 RTP/AVP" substr(only, 1, length(only) - 1) }
	match($0, /^a=(rtpmap|fmtp):[0-9]+/) {
		pt = substr($0, RSTART, RLENGTH)
		sub(/.*:/, "", pt)
		if (!index(only, " " pt " "))
			next
	}
	{ print }' examples/audio.sdp >"$work/callers/audio.sdp"
}

start_calls()
{
	local i

	for ((i = 0; i < calls; i++)); do
		"$work/callers/webrtc-phone.sh" --address 127.0.0.1 --stay \
			"$GATEWAY_SIGNAL" echo </dev/null \
			>"$work/phone.$i" 2>"$work/phone.$i.log" &
		phones+=("$!")
	done
	for ((i = 0; i < calls; i++)); do
		if ! wait_for 40 grep -q heard "$work/phone.$i"; then
			cat "$work/phone.$i.log" >&2
			return 1
		fi
	done
}

call_folders()
{
	printf '%s\n' "$GATEWAY_CALLS"/*-out-*/ | sed 's|/$||'
}

# "pass" or "transcode", as the bridges of all calls say.
mode_of_calls()
{
	call_folders | sed 's|$|/events.jsonl|' | xargs cat |
		jq -r 'select(.tool == "rtp-bridge" and .event == "media") | .mode' |
		sort -u | paste -sd, -
}

# "pid program" of each process of the calls.
processes()
{
	local folder pid

	while read -r folder; do
		for pid in $(gateway_processes "$folder"); do
			echo "$pid $(program_of "$pid")"
		done
	done < <(call_folders)
}

# Read "pid program" lines; print "program value" lines, summed, by the
# command given.
sum_by_program()
{
	local pid program

	while read -r pid program; do
		echo "$program $("$@" "$pid")"
	done | awk '{ sum[$1] += $2 } END { for (p in sum) print p, sum[p] }' |
		sort
}

# figures NAME UNIT DIVISOR DECIMALS <"program value", goals in $goal.
figures()
{
	local program value

	while read -r program value; do
		figure "call-$1-$program" "$(ratio "$value" "$3" "$4")" "$2" \
			'<=' "${goal[$program]:-${goal[any]}}"
	done
}

# measure NAME RTP-BRIDGE-GOAL: all figures of the calls that are up.
measure()
{
	local -A goal
	local began spent

	processes >"$work/processes"
	sum_by_program cpu_us <"$work/processes" >"$work/before"
	began=${EPOCHREALTIME/[.,]/}
	sleep "$seconds"
	sum_by_program cpu_us <"$work/processes" >"$work/after"
	spent=$(((${EPOCHREALTIME/[.,]/} - began) * calls / 1000))

	goal=([any]=0.5 [rtp-bridge]=$2 [sip-dial]=0.1 [ws-signal]=0.1)
	join "$work/before" "$work/after" | awk '{ print $1, $3 - $2 }' |
		figures "$1-cpu" ms/s "$spent" 3
	goal=([any]=50 [bash]=100 [all]=200)
	awk '{ print; sum += $2 } END { print "all", sum }' "$work/before" |
		figures "$1-setup" ms $((calls * 1000)) 1
	goal=([any]=3000 [all]=20000)
	sum_by_program pss_kib <"$work/processes" |
		awk '{ print; sum += $2 } END { print "all", sum }' |
		figures "$1-pss" KiB "$calls" 0
}

# bench MODE RTP-BRIDGE-GOAL PAYLOAD-TYPES: calls whose media is in that mode.
bench()
{
	local mode=$1 cpu_goal=$2

	shift 2
	rm -rf "$work/callers"
	callers_with "$@"
	gateway_start --codecs PCMU,telephone-event
	start_calls
	if [ "$(mode_of_calls)" != "$mode" ]; then
		echo "call.sh: the media is not in mode $mode" >&2
		return 1
	fi
	measure "$mode" "$cpu_goal"
	end_phones
	gateway_stop
}

bench pass 3 0 101
bench transcode 10 96
