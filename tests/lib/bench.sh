# shellcheck shell=bash
# What benchmarks need; sourced by tests/bench/*.sh.
#
#	. tests/lib/bench.sh
#	before=$(cpu_us "$pid")
#	...
#	figure dial-cpu "$(ratio $(($(cpu_us "$pid") - before)) 1000)" ms/s \
#		'<=' 1.5
#
# A process that has ended has no /proc: read its figures while it lives.

ticks=$(getconf CLK_TCK)

# CPU time of process $1 in microseconds (user and system, its ended and
# waited-for children included); 0 when it is not there. The scheduler's
# nanoseconds for its own part, because a tick of 10 ms is coarse.
cpu_us()
{
	local own=0 task stat
	local -a field

	for task in /proc/"$1"/task/*/schedstat; do
		read -r field _ 2>/dev/null <"$task" || continue
		own=$((own + field))
	done
	stat=$(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null) || return 0
	read -ra field <<<"$stat"
	echo $((own / 1000 + (field[13] + field[14]) * 1000000 / ticks))
}

# Proportional memory of process $1 in KiB: shared pages are divided among
# those who share them.
pss_kib()
{
	sed -n 's/^Pss: *\([0-9]*\) kB/\1/p' "/proc/$1/smaps_rollup" 2>/dev/null ||
		echo 0
}

# All descendants of process $1, and itself.
tree_of()
{
	local child
	local -a children

	echo "$1"
	read -ra children < <(cat /proc/"$1"/task/*/children 2>/dev/null) || true
	for child in "${children[@]}"; do
		tree_of "$child"
	done
}

# The name of the program that process $1 runs.
program_of()
{
	cat "/proc/$1/comm" 2>/dev/null
}

# $1 / $2 with $3 (default 3) decimals.
ratio()
{
	awk -v a="$1" -v b="$2" -v n="${3:-3}" \
		'BEGIN { printf "%.*f", n, b ? a / b : 0 }'
}

# figure NAME VALUE UNIT '<='|'>=' GOAL: the line that each benchmark ends
# with.
figure()
{
	awk -v name="$1" -v value="$2" -v unit="$3" -v how="$4" -v goal="$5" '
	BEGIN {
		good = how == "<=" ? value + 0 <= goal + 0 : value + 0 >= goal + 0
		printf "%s %s %s (goal %s %s) %s\n", name, value, unit, how, goal,
			good ? "ok" : "short"
	}'
}

# The q'th quantile (0..1) of numbers on stdin, one a line.
quantile()
{
	sort -n | awk -v q="$1" '
	{ v[NR] = $1 }
	END { if (NR) { i = int(q * (NR - 1) + 0.5) + 1; print v[i] } }'
}
