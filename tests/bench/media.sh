#!/bin/bash
#
# What rtp-bridge costs beside rtpengine (userspace, no kernel module), Janus,
# and the bare libraries, in the same run: about twelve minutes.
#
# CALLS ("20") calls at once, 50 packets of speech a second each way, for
# BENCH_SECONDS (4), ROUNDS (4) times in turn. Of CPU time the least counts,
# because what else runs here can only add to it; of the rest the median. CASES
# are plain (RTP to RTP), sdes (SRTP with SHA1_80), gcm (SRTP with GCM), dtls
# (DTLS-SRTP to RTP; also Janus, by its NoSIP plugin and with ICE) and opus
# (Opus to PCMU, transcoded). CALLS="20 100 200" takes that much longer.
# Latency is from a packet in to the packet with the same speech out, to the
# nearest packet (tests/lib/rtp-load/follow.h): who holds a frame back shows it
# (rtpengine, when it transcodes: 20 ms), and what a coder delays does not.
#
# BRIDGES ("pipecall shared"): rtp-bridge as a process a call, and all of them
# --via one (--serve), whose figures have "-shared" in their name; what is
# counted then is that one and all that wait for it.
#
# Beside libopus alone, Opus falls short of 1.3. A bridge adds 8 thousand
# instructions to the 314 thousand that libopus takes for a packet (callgrind);
# what is left is to be woken for each: a relay that does nothing but that, in
# one process and with two system calls a packet, takes 1.2 to 1.6 ms of a
# call-second here (rtpengine: 2.0 to 2.6), and 1.3 would leave it 0.9. Packets
# would have to wait for each other.
#
# Does a call cost the same among many? GROWTH (100) calls beside the fewest of
# CALLS, twice; 0 leaves it out, and so does a second number in CALLS.
# How many calls bears one core without a lost packet, the load being on another?
# ONE_CORE ("opus:200 dtls:600") are tried, and if they are too many, fewer, to a
# sixteenth; "" leaves it out, "dtls:1200" asks for more.
#
# tests/bench/media/calls.py sets the calls up, tests/lib/rtp-load.c is both
# ends of all of them and is not counted.
set -euo pipefail

cd "$(dirname "$0")/../.."
# shellcheck source=tests/lib/bench.sh
. tests/lib/bench.sh

rounds=${ROUNDS:-4} seconds=${BENCH_SECONDS:-4}
read -ra counts <<<"${CALLS:-20}"
read -ra cases <<<"${CASES:-plain sdes gcm dtls opus}"
read -ra bridges <<<"${BRIDGES:-pipecall shared}"
read -ra one_core <<<"${ONE_CORE-opus:200 dtls:600}"
growth=${GROWTH:-100}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# run BRIDGE CALLS CASE [held|pinned]: a line of JSON, behind those of earlier
# rounds.
run()
{
	local folder

	folder=$(mktemp -d "$work/XXXXXX")
	timeout 180 tests/bench/media/calls.py "$1" "$2" "$seconds" "$3" \
		"$work/speech.wav" "$folder" "${@:4}" >>"$work/$1.$2.$3${4:+.$4}"
	rm -rf "$folder"
}

# CPU in ms of a call-second: least BRIDGE CALLS CASE
least()
{
	jq -s 'map(.cpu_ms) | min' "$work/$1.$2.$3"
}

# median BRIDGE CALLS CASE FIELD
median()
{
	jq -r ".$4" "$work/$1.$2.$3" | quantile 0.5
}

# What figures of bridge $1 have in their name.
label()
{
	[ "$1" = pipecall ] || echo "-$1"
}

# What the libraries and the kernel take for a second of a call, in ms.
pure_ms()
{
	awk -v of="$1" '
	!($1 in us) || us[$1] > $2 { us[$1] = $2 }
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

# figures CALLS CASE BRIDGE
figures()
{
	local n=$1 name=$2 bridge=$3 is mine theirs goal=0.7

	is=media-$name-$n$(label "$bridge")
	[ "$name" != opus ] || goal=0.3
	mine=$(least "$bridge" "$n" "$name")
	theirs=$(least rtpengine "$n" "$name")
	echo "$name x $n: rtp-bridge ($bridge) $mine, rtpengine $theirs, pure" \
		"$(pure_ms "$name") ms of CPU a call-second"
	figure "$is-cpu-of-rtpengine" "$(ratio "$mine" "$theirs" 2)" \
		x '<=' "$goal"
	if [ "$name" = dtls ]; then
		theirs=$(least janus "$n" dtls)
		echo "$name x $n: Janus $theirs ms"
		figure "$is-cpu-of-janus" "$(ratio "$mine" "$theirs" 2)" \
			x '<=' 0.3
	fi
	if [ "$name" = opus ]; then
		figure "$is-cpu-of-pure" \
			"$(ratio "$mine" "$(pure_ms opus)" 2)" x '<=' 1.3
		figure "$is-p99" \
			"$(median "$bridge" "$n" "$name" p99)" ms '<=' 1.2
	else
		figure "$is-p99-of-rtpengine" "$(ratio \
			"$(median "$bridge" "$n" "$name" p99)" \
			"$(median rtpengine "$n" "$name" p99)" 2)" x '<=' 1
	fi
	figure "$is-pss" "$(median "$bridge" "$n" "$name" pss_kib)" \
		KiB '<=' 2048
	figure "$is-lost" "$(jq -s 'map(.sent - .got) | add' \
		"$work/$bridge.$n.$name")" packets '<=' 0
}

# A call's CPU among many, beside the same among few.
growth_of()
{
	local few=${counts[0]} many=${counts[-1]} name bridge=$1

	[ "$many" != "$few" ] || many=$growth
	[ "$many" != 0 ] || return 0
	for name in "${cases[@]}"; do
		if [ ! -e "$work/$bridge.$many.$name" ]; then
			run "$bridge" "$many" "$name"
			run "$bridge" "$many" "$name"
		fi
		figure "media-$name-$many$(label "$bridge")-cpu-of-$few" \
			"$(ratio \
				"$(least "$bridge" "$many" "$name")" \
				"$(least "$bridge" "$few" "$name")" 2)" \
			x '<=' 1.2
	done
}

# What wakes a process: in a call each packet at most, and in a held one what
# is due: stats each second, RTCP of either leg about every five, at random.
wakeups_of()
{
	local held=$work/$2.20.$1.held is

	is=media-$1$(label "$2")
	run "$2" 20 "$1" held
	figure "$is-wakeups" \
		"$(jq '(.wakeups - .held_wakeups) / 100' "$held")" a-packet '<=' 1
	figure "$is-held-wakeups" "$(jq .held_wakeups "$held")" \
		a-second '<=' 2
}

# lossless CASE CALLS BRIDGE: do so many on one core lose nothing? What comes later than 0.3 s is
# lost; and where the other core cannot even send so much, nothing is known.
lossless()
{
	run "$3" "$2" "$1" pinned 2>"$work/err" || return
	echo "$1 x $2 on one core: $(tail -n 1 "$work/$3.$2.$1.pinned")"
	tail -n 1 "$work/$3.$2.$1.pinned" | jq -e \
		".sent == .got and .sent >= 98 * $2 * $seconds" >/dev/null
}

# most_on_one_core CASE:CALLS BRIDGE
most_on_one_core()
{
	local name=${1%:*} goal=${1#*:} least=0 most n

	most=$goal n=$goal
	while [ $((most - least)) -gt $((goal / 16)) ] || [ "$n" = "$goal" ]; do
		if lossless "$name" "$n" "$2"; then
			least=$n
			[ "$n" -lt "$goal" ] || break
		else
			most=$n
		fi
		n=$(((least + most) / 2))
	done
	figure "media-$name$(label "$2")-one-core" "$least" calls '>=' "$goal"
}

ffmpeg -v error -f lavfi -i "flite=text='The quick brown fox jumps over the
	lazy dog. How vexingly quick daft zebras jump. Pack my box with five
	dozen liquor jugs.'" -ar 48000 -ac 1 "$work/speech.wav"
# 30 legs in one conference, half of them Opus: how much of a core it takes.
run pipecall 15 mix
figure media-mix-30-legs-core "$(ratio "$(least pipecall 15 mix |
	awk '{ print $1 * 15 }')" 1000 2)" cores '<=' 1
for n in "${counts[@]}"; do
	for ((round = 0; round < rounds; round++)); do
		rtp-load pure "$work/speech.wav" | tee -a "$work/pure"
		for name in "${cases[@]}"; do
			for bridge in "${bridges[@]}"; do
				run "$bridge" "$n" "$name"
			done
			run rtpengine "$n" "$name"
			[ "$name" != dtls ] || run janus "$n" "$name"
		done
	done
	for name in "${cases[@]}"; do
		for bridge in "${bridges[@]}"; do
			figures "$n" "$name" "$bridge"
		done
	done
done
for bridge in "${bridges[@]}"; do
	growth_of "$bridge"
	wakeups_of dtls "$bridge"
	[ "$(nproc)" -gt 1 ] || continue
	for name in "${one_core[@]}"; do
		most_on_one_core "$name" "$bridge"
	done
done
