#!/usr/bin/env bats
# The runner of the tests: whatever goes wrong in a test file is counted, and
# nothing it leaves behind survives or goes unseen.

setup()
{
	tree=$BATS_TEST_TMPDIR
	mkdir -p "$tree"/tests/{lib,tools,peers} "$tree/build/tests"
	cp tests/lib/run-tests.sh "$tree/tests/lib"
	unset CI ONLY V
	export AGAIN=0
	B=build
}

# A bats file tests/$1.bats with the lines of stdin, where "test:" stands for
# "@test", which bats would take for a test of this file.
file()
{
	sed 's/^[[:space:]]*test:/@test/' >"$tree/tests/$1.bats"
}

unit()
{
	{ echo '#!/bin/bash'; cat; } >"$tree/build/tests/test_$1"
	chmod +x "$tree/build/tests/test_$1"
}

# Processes end soon after they are killed, not at once; a zombie is ended.
ended()
{
	local tries=0

	while grep -qs . "/proc/$1/cmdline"; do
		[ $((tries++)) -lt 200 ] || return 1
		sleep 0.1
	done
}

# In an environment of its own: we run below such a runner, too.
check()
{
	run env -u PIPECALL_TEST B=build \
		"$tree/tests/lib/run-tests.sh" "$@" 2>&1
}

@test "all good: the last line counts, exit 0" {
	file tools/a <<<$'test: "one" { true; }\ntest: "two" { true; }'
	unit x <<<'printf "1..1\nok 1 - x.c:x:x: Passed\n" >"$CK_TAP_LOG_FILE_NAME"'
	check
	[ "$status" = 0 ]
	[ "${lines[-1]}" = "3 passed, 0 failed, 0 skipped" ]
}

@test "a failure does not stop the rest, and is named with its file" {
	file tools/a <<<$'test: "one" { false; }\ntest: "two" { true; }'
	file peers/b <<<'test: "three" { true; }'
	check
	[ "$status" = 1 ]
	[ "${lines[-1]}" = "2 passed, 1 failed, 0 skipped" ]
	[[ $output == *"make check ONLY=tests/tools/a.bats"*"    one"* ]]
}

@test "what failed is run once more, alone; what passes then is told of" {
	file tools/a <<-'EOT'
		test: "one" {
			[ -e tests/tried ] || ! touch tests/tried
		}
		test: "two" { true; }
	EOT
	file peers/b <<<'test: "three" { true; }'
	AGAIN=1 check
	[ "$status" = 0 ]
	[ "${lines[-1]}" = "3 passed, 0 failed, 0 skipped, 1 failed at first" ]
	[ "${lines[-2]}" = "failed at first: tests/tools/a.bats: one" ]
	# what fails again has failed, and so have many
	file peers/b <<<'test: "three" { false; }'
	AGAIN=1 check
	[ "$status" = 1 ]
	[ "${lines[-1]}" = "2 passed, 1 failed, 0 skipped, 1 failed at first" ]
	rm "$tree/tests/tried"
	AGAIN=1 check
	[ "$status" = 1 ]
	[ "${lines[-1]}" = "1 passed, 2 failed, 0 skipped" ]
}

@test "the filter, and a filter that finds nothing" {
	file tools/a <<<'test: "one" { false; }'
	file tools/b <<<'test: "two" { true; }'
	check tools/b
	[ "$status" = 0 ]
	[ "${lines[-1]}" = "1 passed, 0 failed, 0 skipped" ]
	check nothing-like-it
	[ "$status" = 2 ]
}

@test "a unit program that crashes, fails, or tests nothing" {
	unit crash <<<'printf "1..5\nok 1 - a: b\n" >"$CK_TAP_LOG_FILE_NAME"
	kill -SEGV $$'
	unit fails <<<'echo AddressSanitizer; exit 1'
	unit nothing <<<'exit 0'
	check
	[ "$status" = 1 ]
	[ "${lines[-1]}" = "1 passed, 3 failed, 0 skipped" ]
	[[ $output == *"ended after 1 of 5 tests"* ]]
	[[ $output == *AddressSanitizer* ]]
}

@test "a test that hangs is ended and counted" {
	file tools/a <<<'setup_file() { export BATS_TEST_TIMEOUT=1; }
	test: "hangs" { sleep 98.6; }
	test: "goes on" { true; }'
	check
	[ "$status" = 1 ]
	[[ $output == *"    hangs: timeout after 1s"* ]]
	[ "${lines[-1]}" = "1 passed, 1 failed, 0 skipped" ]
}

@test "a process left running is a failure, and ended" {
	file tools/a <<<'test: "leaves" {
		sleep 98.6 </dev/null >/dev/null 2>&1 3>&- & disown
		echo $! >"$PIDFILE"
	}'
	PIDFILE=$tree/pid check
	[ "$status" = 1 ]
	[[ $output == *"left running: $(cat "$tree/pid"): sleep 98.6"* ]]
	ended "$(cat "$tree/pid")"
}

@test "a FIFO or socket left behind is a failure" {
	file tools/a <<<'test: "leaves" { mkfifo "$TMPDIR/x.fifo"; }'
	check
	[ "$status" = 1 ]
	[[ $output == *"left behind: x.fifo"* ]]
}

@test "skipped: allowed with its reason, in CI only where impossible" {
	file tools/a <<<'test: "one" { skip "lazy"; }
	test: "two" { skip "impossible here: no IPv6"; }
	test: "three" { true; }'
	check
	[ "$status" = 0 ]
	[[ $output == *"skipped: tests/tools/a.bats: one: lazy"* ]]
	[ "${lines[-1]}" = "1 passed, 0 failed, 2 skipped" ]
	CI=true check
	[ "$status" = 1 ]
	[ "${lines[-1]}" = "1 passed, 1 failed, 1 skipped" ]
}

@test "ended by a signal, it ends what it started" {
	file tools/a <<<'test: "long" { echo $$ >"$PIDFILE"; sleep 98.6; }'
	mkfifo "$tree/pid"
	PIDFILE=$tree/pid B=build env -u PIPECALL_TEST \
		"$tree/tests/lib/run-tests.sh" >/dev/null 2>&1 3>&- &
	runner=$!
	read -r pid <"$tree/pid"
	kill -TERM "$runner"
	run wait "$runner"
	ended "$pid"
}
