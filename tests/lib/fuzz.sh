#!/bin/bash
#
# Run each fuzzer for so many seconds; `make fuzz` calls this.
#
#	tests/lib/fuzz.sh 60          all of them, two at a time
#	tests/lib/fuzz.sh 600 stun    those with this in their name
#	tests/lib/fuzz.sh 60 "sdp stun"          ... or with that
#
# tests/fuzz/fuzz_NAME.c is a libFuzzer target (LLVMFuzzerTestOneInput) over
# one codec. Its seeds are the files of tests/fuzz/NAME/, which its first
# lines may add to: "seeds: tests/data/sdp". What it finds interesting stays
# in build/fuzz/corpus/NAME; an input that breaks it is kept in
# build/fuzz/broken and printed, and the exit status is 1. With SEED=1 and
# without a corpus the inputs are the same ones each time.
set -euo pipefail

cd "$(dirname "$0")/../.."
B=${B:-build/fuzz}
seconds=${1:-60}
only=${2:-}

# Run fuzzer $1 and say one line; its whole output when it broke.
run_fuzzer()
{
	local name=${1##*/fuzz_} line log
	local -a seeds
	local corpus=$B/corpus/$name

	log=$B/$name.log
	mkdir -p "$corpus" "$B/broken"
	read -ra seeds < <(sed -n 's/.*seeds: *\([^*]*\).*/\1/p;10q' \
		"tests/fuzz/fuzz_$name.c" | tr '\n' ' ') || true
	[ ! -d "tests/fuzz/$name" ] || seeds+=("tests/fuzz/$name")
	if ! LSAN_OPTIONS=suppressions=tests/fuzz/lsan.supp:print_suppressions=0 \
		"$1" -max_total_time="$seconds" -timeout=5 -rss_limit_mb=1024 \
		-seed="${SEED:-0}" -artifact_prefix="$B/broken/$name-" -print_final_stats=1 \
		"$corpus" "${seeds[@]}" >"$log" 2>&1; then
		sed 's/^/    /' "$log"
		echo "not ok $name: see the above; the input is in $B/broken"
		return 1
	fi
	line=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
	echo "ok $name: $line inputs in $seconds s, corpus $(find "$corpus" \
		-type f | wc -l)"
}

# Whether one of the words of $only is the name $1, or, if it is no fuzzer's
# name, in it.
wanted()
{
	local word

	for word in ${only:-"$1"}; do
		if [ "$1" = "$word" ] || { [ ! -e "tests/fuzz/fuzz_$word.c" ] &&
			[[ $1 == *"$word"* ]]; }; then
			return 0
		fi
	done
	return 1
}

main()
{
	local fuzzer n=0 status=0

	for fuzzer in "$B"/fuzzers/fuzz_*; do
		if [ ! -x "$fuzzer" ] || ! wanted "${fuzzer##*/fuzz_}"; then
			continue
		fi
		if [ "$n" -ge 2 ]; then
			wait -n || status=1
		fi
		run_fuzzer "$fuzzer" &
		n=$((n + 1))
	done
	if [ "$n" = 0 ]; then
		echo "fuzz.sh: no fuzzer has \"$only\" in its name" >&2
		exit 2
	fi
	while [ -n "$(jobs -pr)" ]; do
		wait -n || status=1
	done
	return "$status"
}

trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
main
