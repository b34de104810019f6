#!/bin/bash
#
# What rtp-bridge costs beside rtpengine (userspace, no kernel module) and
# beside the bare libraries, in the same run.
#
# CALLS ("20") calls at once, 50 packets of speech a second each way, for
# BENCH_SECONDS (5), ROUNDS (3) times in turn; the median counts. CASES are
# plain (RTP to RTP), sdes (SRTP with SHA1_80), gcm (SRTP with GCM), dtls
# (DTLS-SRTP to RTP) and opus (Opus to PCMU, transcoded). Latency is from the
# n'th packet in to the n'th out, so that who holds a frame back (rtpengine,
# when it transcodes: 20 ms) does not show it here.
#
# tests/bench/media/calls.py sets the calls up, tests/lib/rtp-load.c is both
# ends of all of them and is not counted.
set -euo pipefail

cd "$(dirname "$0")/../.."
# shellcheck source=tests/lib/bench.sh
. tests/lib/bench.sh

rounds=${ROUNDS:-3} seconds=${BENCH_SECONDS:-5}
read -ra counts <<<"${CALLS:-20}"
read -ra cases <<<"${CASES:-plain sdes gcm dtls opus}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# run BRIDGE CALLS CASE: a line of JSON, behind those of earlier rounds.
run()
{
	local folder

	folder=$(mktemp -d "$work/XXXXXX")
	timeout 120 tests/bench/media/calls.py "$1" "$2" "$seconds" "$3" \
		"$work/speech.wav" "$folder" >>"$work/$1.$2.$3"
	rm -rf "$folder"
}

# median BRIDGE CALLS CASE FIELD
median()
{
	jq -r ".$4" "$work/$1.$2.$3" | quantile 0.5
}

# What the libraries and the kernel take for a second of a call, in ms.
pure_ms()
{
	awk -v of="$1" '
	{ us[$1] = $2 }
	END {
		all = 100 * us["udp-us"]
		if (of == "opus")
			all += 50 * (us["opus-encode-us"] + us["opus-decode-us"])
		if (of == "sdes")
			all += 100 * us["srtp-sha1-us"]
		if (of == "gcm" || of == "dtls")
			all += 100 * us["srtp-gcm-us"]
		printf "%.3f", all / 1000
	}' "$work/pure"
}

figures()
{
	local n=$1 name=$2 mine theirs goal=0.7

	[ "$name" != opus ] || goal=0.3
	mine=$(median pipecall "$n" "$name" cpu_ms)
	theirs=$(median rtpengine "$n" "$name" cpu_ms)
	echo "$name x $n: rtp-bridge $mine, rtpengine $theirs, pure" \
		"$(pure_ms "$name") ms of CPU a call-second"
	figure "media-$name-$n-cpu-of-rtpengine" "$(ratio "$mine" "$theirs" 2)" \
		x '<=' "$goal"
	if [ "$name" = opus ]; then
		figure "media-$name-$n-cpu-of-pure" \
			"$(ratio "$mine" "$(pure_ms opus)" 2)" x '<=' 1.3
		figure "media-$name-$n-p99" \
			"$(median pipecall "$n" "$name" p99)" ms '<=' 1.2
	else
		figure "media-$name-$n-p99-of-rtpengine" "$(ratio \
			"$(median pipecall "$n" "$name" p99)" \
			"$(median rtpengine "$n" "$name" p99)" 2)" x '<=' 1
	fi
	figure "media-$name-$n-pss" "$(median pipecall "$n" "$name" pss_kib)" \
		KiB '<=' 2048
	# one may be on its way at the end of each direction
	figure "media-$name-$n-lost" "$(jq -s --argjson n "$n" \
		'map([.sent - .got - 2 * $n, 0] | max) | add' \
		"$work/pipecall.$n.$name")" packets '<=' 0
}

ffmpeg -v error -f lavfi -i "flite=text='The quick brown fox jumps over the
	lazy dog. How vexingly quick daft zebras jump. Pack my box with five
	dozen liquor jugs.'" -ar 48000 -ac 1 "$work/speech.wav"
rtp-load pure "$work/speech.wav" | tee "$work/pure"
# 30 legs in one conference, half of them Opus: how much of a core it takes.
run pipecall 15 mix
figure media-mix-30-legs-core "$(ratio "$(median pipecall 15 mix cpu_ms |
	awk '{ print $1 * 15 }')" 1000 2)" cores '<=' 1
for n in "${counts[@]}"; do
	for ((round = 0; round < rounds; round++)); do
		for name in "${cases[@]}"; do
			run pipecall "$n" "$name"
			run rtpengine "$n" "$name"
		done
	done
	for name in "${cases[@]}"; do
		figures "$n" "$name"
	done
done
