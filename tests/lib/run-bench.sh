#!/bin/bash
#
# Run the benchmarks, tests/bench/*.sh and the programs of build/bench, one
# after the other; `make bench` calls this.
#
#	tests/lib/run-bench.sh          all of them
#	tests/lib/run-bench.sh call     those with this in their path
#
# Each figure is a line "name value unit (goal <= x) ok|short". A benchmark
# that fails, or prints no figure, is an error; a short one is not: it says
# where the work is.
set -euo pipefail

cd "$(dirname "$0")/../.."
export B=${B:-build}
export PATH=$PWD/$B/bin:$PWD/$B/tests:$PATH:/usr/sbin:/sbin
only=${1:-}
figures=$(mktemp)
trap 'rm -f "$figures"' EXIT
status=0 n=0

for bench in tests/bench/*.sh "$B"/bench/*; do
	[[ -x $bench && ! -d $bench && $bench == *"$only"* ]] || continue
	n=$((n + 1))
	echo "$bench"
	if ! "$bench" </dev/null | tee "$figures" | sed 's/^/    /'; then
		echo "run-bench.sh: $bench: failed" >&2
		status=1
	elif ! grep -qE '\(goal [<>]= .*\) (ok|short)$' "$figures"; then
		echo "run-bench.sh: $bench: no figure" >&2
		status=1
	fi
done
if [ "$n" = 0 ]; then
	echo "run-bench.sh: no benchmark has \"$only\" in its path" >&2
	exit 2
fi
exit "$status"
