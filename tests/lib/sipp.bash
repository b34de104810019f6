# shellcheck shell=bash
# SIPp as a caller or answerer on loopback: load ../lib/sipp
#
#	sipp_start NAME -sn uas -m 1             its port: $(sipp_port NAME)
#	sipp_start NAME -sf file.xml -m 1 127.0.0.1:5060
#	sipp_play NAME [ADDRESS] <short   a scenario written short
#	sipp_wait NAME [SECONDS]     its exit status (0: all calls went well)
#	sipp_messages NAME           every message, in the file of this name
#	sipp_log NAME                what it printed
#	sipp_stop [NAME...]          all of them without a name
#
# -i, -p, -mp, -nostdin, traces and a global -timeout are put in. A -p of your own
# comes later and wins, but sipp_port then tells the wrong one: use SIPP_PORT.

# shellcheck source=tests/lib/ports.bash
source "$(dirname "${BASH_SOURCE[0]}")/ports.bash"

sipp_dir()
{
	echo "${BATS_FILE_TMPDIR:-${TMPDIR:-/tmp}}/sipp.$1"
}

sipp_start()
{
	local name=$1 dir port ports

	shift
	dir=$(sipp_dir "$name")
	rm -rf "$dir" && mkdir -p "$dir"
	# the second and the fourth are its media's, of two kinds
	ports=$(free_port 4)
	port=${SIPP_PORT:-$ports}
	echo "$port" >"$dir/port"
	(
		cd "$dir" || exit
		status=0
		trap 'kill "$sipp"' TERM
		sipp -i 127.0.0.1 -p "$port" -mp $((ports + 1)) -nostdin -timeout 60s \
			-timeout_error -trace_msg -message_file "$dir/messages" \
			-trace_err -error_file "$dir/errors" \
			-trace_logs -log_file "$dir/said" "$@" \
			</dev/null >"$dir/log" 2>&1 &
		sipp=$!
		echo "$sipp" >"$dir/pid"
		wait "$sipp" || status=$?
		echo "$status" >"$dir/status"
	) 3>&- &
	wait_for 5 sipp_up "$dir" "$port"
}

# Bound (an address in hex, as the kernel lists it), or ended at once.
sipp_up()
{
	local port

	port=$(printf '%04X' "$2")
	[ -s "$1/status" ] ||
		grep -q "0100007F:$port" /proc/net/udp /proc/net/tcp
}

sipp_port()
{
	cat "$(sipp_dir "$1")/port"
}

sipp_messages()
{
	echo "$(sipp_dir "$1")/messages"
}

sipp_log()
{
	echo "$(sipp_dir "$1")/log"
}

sipp_wait()
{
	local dir

	dir=$(sipp_dir "$1")
	wait_for "${2:-20}" test -s "$dir/status" || return 99
	if [ "$(<"$dir/status")" != 0 ]; then
		cat "$dir"/errors 2>/dev/null || true
		tail -n 60 "$dir/log"
	fi
	return "$(<"$dir/status")"
}

sipp_stop()
{
	local dir name

	if [ $# -eq 0 ]; then
		for dir in "$(sipp_dir '')"*; do
			[ -d "$dir" ] && set -- "$@" "${dir##*/sipp.}"
		done
	fi
	for name; do
		dir=$(sipp_dir "$name")
		if [ ! -s "$dir/pid" ] || [ -s "$dir/status" ]; then
			continue
		fi
		kill "$(<"$dir/pid")" 2>/dev/null || true
		wait_for 5 test -s "$dir/status" ||
			kill -KILL "$(<"$dir/pid")"
	done
}

# A scenario written short on stdin (see sipp-scenario.py), as SIPp NAME:
#	sipp_play NAME [MORE ARGUMENTS] <<-'END'
sipp_play()
{
	local name=$1

	shift
	"$(dirname "${BASH_SOURCE[0]}")/sipp-scenario.py" \
		>"$BATS_TEST_TMPDIR/$name.xml"
	sipp_start "$name" -sf "$BATS_TEST_TMPDIR/$name.xml" -m 1 -timeout 20s "$@"
}
