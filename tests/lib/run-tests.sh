#!/bin/bash
#
# Run the tests; `make check` calls this when everything is built.
#
#	tests/lib/run-tests.sh                all of them, the fast ones first
#	tests/lib/run-tests.sh sip-dial       those with this in their path
#
# A test file is a program of tests/unit (libcheck), a bats file of
# tests/tools, tests/peers or tests/browser, or a document whose commands are
# run (check-docs). Each is run to its end whatever failed before it, with
# $PIPECALL_TEST in its environment, a TMPDIR of its own and a time limit.
# After it nothing may be left: a process that still has that environment, or
# a socket or FIFO in that folder, is a failure of its own.
#
# Files of tests/unit, tests/tools and tests/peers run two at a time (JOBS=1:
# one); browsers alone, because they need both cores, and documents, because
# their ports are what a reader sees. V=1
# (and CI) shows all output, not only that of failures.
#
# In CI a skipped test is a failure, unless its reason begins with
# "impossible here".
#
# These are tests of real programs, real networks and real time, on machines
# that may be busy with other things. So a file that failed is run once more,
# alone, when all others are done; if it then passes, the run passes, and the
# last lines say what failed at first. More than AGAIN (3) such files are no
# accident, and are not run again (AGAIN=0: none is).
set -euo pipefail

cd "$(dirname "$0")/../.."
B=${B:-build}
only=${1:-}
jobs=${JOBS:-2}
again=${AGAIN:-3}
run=$(mktemp -d "${TMPDIR:-/tmp}/pc.XXXXXX")
id=pipecall-$$
unset MAKEFLAGS MAKELEVEL MFLAGS
# Debian keeps kamailio and ip where only root looks.
export PATH=$PWD/$B/bin:$PWD/$B/tests:$PATH:/usr/sbin:/sbin B
tab=$'\t'

# Processes with PIPECALL_TEST=$1 (a regular expression) in their environment.
processes_of()
{
	grep -lszE "^PIPECALL_TEST=$1\$" /proc/[0-9]*/environ |
		sed 's|/proc/\([0-9]*\)/.*|\1|' || true
}

# Name and end them, by pid. A process may still be on its polite way out
# (the contract's two seconds) when its test is over.
end_processes_of()
{
	local pid pids tries=0

	pids=$(processes_of "$1")
	while [ -n "$pids" ] && [ $((tries++)) -lt 25 ]; do
		sleep 0.1
		pids=$(processes_of "$1")
	done
	for pid in $pids; do
		echo "left running: $pid: $(tr '\0' ' ' \
			2>/dev/null <"/proc/$pid/cmdline" | cut -c -100)"
		kill -KILL "$pid" 2>/dev/null || true
	done
}

# What a test file is run with: its command and its time limit in seconds.
command_of()
{
	local dir=${1%/*}

	case $1 in
	"$B"/tests/*) limit=120 command=("$1") ;;
	*.md) limit=900 command=(tests/lib/check-docs "$1") ;;
	*.bats)
		limit=900 command=(bats --tap --timing "$1")
		export BATS_TEST_TIMEOUT=60
		[ "$dir" = tests/tools ] || BATS_TEST_TIMEOUT=180
		;;
	esac
}

# TAP on stdin -> lines "pass|fail|skip TAB file TAB name TAB why".
# $1 file, $2 its exit status.
results_of()
{
	awk -v file="$1" -v status="$2" '
	function say(verdict, name, why) {
		printf "%s\t%s\t%s\t%s\n", verdict, file, name, why
	}
	/^1\.\.[0-9]+/ { plan = substr($1, 4) + 0; next }
	/^(not )?ok / {
		seen++
		bad = /^not /
		sub(/^(not )?ok [0-9]* ?(- )?/, "")
		why = ""
		if (match($0, / # (skip|SKIP|timeout) ?/)) {
			why = substr($0, RSTART + RLENGTH)
			skip = tolower(substr($0, RSTART + 3, 4)) == "skip"
			if (!skip)
				why = "timeout " why
			$0 = substr($0, 1, RSTART - 1)
			gsub(/^\(|\)$/, "", why)
		} else {
			skip = 0
		}
		sub(/ in [0-9]+m?s(ec)?$/, "")
		failed += bad
		say(bad ? "fail" : skip ? "skip" : "pass", $0, why)
	}
	END {
		if (seen < plan)
			say("fail", "(the rest)", "ended after " seen + 0 \
				" of " plan " tests, exit " status)
		else if (status == 124 || status == 137)
			say("fail", "(all)", "took too long")
		else if (status != 0 && !failed)
			say("fail", "(the program)", "exit " status)
		else if (!seen && status == 0)
			say("fail", "(none)", "no test in it")
	}'
}

# Run test file $2 as the $1th: $run/$1.results, and a line for the reader.
run_file()
{
	local n=$1 file=$2 status=0 limit left line began=$EPOCHREALTIME
	local -a command
	local out=$run/$n.out tap=$run/$n.tap results=$run/$n.results

	command_of "$file"
	mkdir "$run/$n"
	PIPECALL_TEST=$id.$n TMPDIR=$run/$n CK_TAP_LOG_FILE_NAME=$tap \
		CK_DEFAULT_TIMEOUT=30 \
		timeout --kill-after=5 "$limit" "${command[@]}" \
		</dev/null >"$out" 2>&1 || status=$?
	[ -s "$tap" ] || cp "$out" "$tap"
	# A program without TAP (sanitizers ended it early) is one test.
	results_of "$file" "$status" <"$tap" >"$results"
	{
		end_processes_of "$id\\.$n"
		# Chromium leaves its socket; it is not ours to mend.
		find "$run/$n" \( -type s -o -type p \) ! -name SingletonSocket \
			-printf 'left behind: %P\n'
	} >"$run/$n.left"
	while read -r left; do
		echo "# $left" >>"$out"
		printf 'fail\t%s\t%s\t\n' "$file" "$left" >>"$results"
	done <"$run/$n.left"
	line=$(printf '%-36s %3d passed %2d failed %2d skipped %6.1f s' "$file" \
		"$(count pass "$results")" "$(count fail "$results")" \
		"$(count skip "$results")" \
		"$(seconds "$EPOCHREALTIME" "$began")")
	if [ "$(count fail "$results")" != 0 ] || [ "${V:-0}" = 1 ] ||
		[ -n "${CI:-}" ]; then
		line+=$'\n'$(sed 's/^/    /' "$out")
	fi
	printf '%s\n' "$line"
}

count()
{
	grep -c "^$1$tab" "${@:2}" || true
}

# $1 - $2, both as $EPOCHREALTIME.
seconds()
{
	local us=$((${1/[.,]/} - ${2/[.,]/}))

	printf '%d.%d' $((us / 1000000)) $((us / 100000 % 10))
}

# All test files; those of "parallel" first, which are the fast ones, too.
list_files()
{
	case $1 in
	parallel) printf '%s\n' "$B"/tests/test_* tests/tools/*.bats \
		tests/peers/*.bats ;;
	alone) printf '%s\n' README.md tutorials/*/README.md \
		tests/browser/*.bats ;;
	esac | while read -r file; do
		if [ -e "$file" ] && [[ $file == *"$only"* ]] &&
			[[ $file != *.d ]]; then
			echo "$file"
		fi
	done
}

run_all()
{
	local n=0 file
	local -a parallel alone

	mapfile -t parallel < <(list_files parallel)
	mapfile -t alone < <(list_files alone)
	if [ $((${#parallel[@]} + ${#alone[@]})) = 0 ]; then
		echo "run-tests.sh: no test file has \"$only\" in its path" >&2
		exit 2
	fi
	for file in "${parallel[@]}"; do
		[ "$n" -lt "$jobs" ] || wait -n || true
		n=$((n + 1))
		run_file "$n" "$file" &
	done
	wait
	for file in "${alone[@]}"; do
		n=$((n + 1))
		run_file "$n" "$file" &
		wait "$!" || true # a signal is taken while waiting
	done
	run_failed_again "$n"
}

# What failed, once more and alone. The first time's failures become "first";
# if the second passes, that is all that is left of them.
run_failed_again()
{
	local n=$1 first
	local -a failed

	mapfile -t failed < <(grep -l "^fail$tab" "$run"/*.results)
	if [ ${#failed[@]} = 0 ] || [ ${#failed[@]} -gt "$again" ]; then
		return 0
	fi
	for first in "${failed[@]}"; do
		n=$((n + 1))
		echo "once more, alone:"
		run_file "$n" "$(head -n 1 "$first" | cut -f 2)" &
		wait "$!" || true
		sed -n "s/^fail$tab/first$tab/p" "$first" >>"$run/$n.results"
		rm "$first"
	done
}

# Failures first, skips with their reason, and the count as the last line.
summary()
{
	cat "$run"/*.results | awk -F '\t' -v ci="${CI:-}" '
	$1 == "skip" && ci != "" && $4 !~ /^impossible here/ {
		$1 = "fail"
		$4 = "skipped: " $4
	}
	{ n[$1]++ }
	$1 == "fail" {
		if (!again[$2]++)
			failed = failed "failed: " $2 \
				"   (again: make check ONLY=" $2 ")\n"
		failed = failed "    " $3 ($4 == "" ? "" : ": " $4) "\n"
	}
	$1 == "first" {
		first = first "failed at first: " \
			$2 ": " $3 ($4 == "" ? "" : ": " $4) "\n"
	}
	$1 == "skip" {
		skipped = skipped "skipped: " $2 ": " $3 ": " $4 "\n"
	}
	END {
		printf "\n%s%s%s%d passed, %d failed, %d skipped", \
			failed, skipped, first, n["pass"], n["fail"], n["skip"]
		if (n["first"])
			printf ", %d failed at first", n["first"]
		printf "\n"
		exit n["fail"] > 0
	}'
}

# shellcheck disable=SC2317 # the trap calls it
finish()
{
	local pid

	trap - EXIT
	for pid in $(jobs -p) $(processes_of "$id\\.[0-9]+"); do
		kill -TERM "$pid" 2>/dev/null || true
	done
	end_processes_of "$id\\.[0-9]+" >&2
	rm -rf "$run"
}
trap finish EXIT
trap 'exit 130' INT TERM HUP

# Read as a whole before it runs: this file may change under bash's feet.
main()
{
	run_all
	summary
	exit
}
main
