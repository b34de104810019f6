# shellcheck shell=bash
# Two ends of an ICE path and a media process: load ice/ends
#
#	media_start NAME           a media process at socket NAME; its lines
#	                           in NAME.out, commands by `media NAME ...`
#	ice_start NAME [OPTION...] an ice-pair: NAME.frag, NAME.jsonl, NAME.err,
#	                           commands by `ice NAME ...`; at $ICE_ADDRESS
#	aioice_start NAME ROLE FROM   aioice, its fragment NAME.frag, its peer's
#	                           read from FROM, its lines in NAME.out
#	libnice_start NAME ROLE FROM [OPTION...]   the same with libnice
#	two_ends [OPTION...]       ice-pairs a (controlling, with these options)
#	                           and b, connected, with media processes am, bm
#	handovers_are NAME N       its ice-pair has handed over so often
#	pid_of NAME, ends_stop
# Descriptors 3 (bats') and those of command FIFOs are kept from children.

ends_dir=$(dirname "${BASH_SOURCE[0]}")
source "$ends_dir/../../lib/events.bash"
declare -gA end_pid end_fd # load is a function

pid_of()
{
	echo "${end_pid[$1]}"
}

command_fifo()
{
	local fd

	mkfifo "$1.in"
	exec {fd}<>"$1.in"
	end_fd[$1]=$fd
}

# Run the rest without bats' descriptor or ours; its pid is NAME's. (Bash
# would give what is in the background /dev/null for its stdin.)
spawn()
{
	local name=$1

	shift
	(
		for fd in "${end_fd[@]}"; do
			exec {fd}>&-
		done
		exec "$@" 3>&-
	) <&0 &
	end_pid[$name]=$!
}

media_start()
{
	command_fifo "$1"
	spawn "$1" /usr/bin/python3 "$ends_dir/media-end.py" "$1" \
		<"$1.in" >"$1.out"
	wait_for 10 grep -q listening "$1.out"
}

media()
{
	echo "${@:2}" >&"${end_fd[$1]}"
}

ice_start()
{
	command_fifo "$1"
	spawn "$1" ice-pair --address "${ICE_ADDRESS:-127.0.0.1}" --events "$1.jsonl" \
		--control "$1.in" "${@:2}" >"$1.frag" 2>"$1.err"
}

ice()
{
	echo "${@:2}" >&"${end_fd[$1]}"
}

aioice_start()
{
	command_fifo "$1"
	spawn "$1" /usr/bin/python3 "$ends_dir/aioice-end.py" "$2" "$1.frag" \
		"$3" <"$1.in" >"$1.out" 2>"$1.err"
	wait_for 10 test -s "$1.frag"
}

libnice_start()
{
	command_fifo "$1"
	spawn "$1" /usr/bin/python3 "$ends_dir/libnice-end.py" "$2" "$1.frag" \
		"$3" "${@:4}" <"$1.in" >"$1.out" 2>"$1.err"
	wait_for 10 test -s "$1.frag"
}

ends_stop()
{
	local pid

	for pid in "${end_pid[@]}"; do
		kill "$pid" 2>/dev/null || true
		kill -CONT "$pid" 2>/dev/null || true
	done
}

handovers_are()
{
	[ "$(grep -c '"event":"handover"' "$1.jsonl")" -ge "$2" ]
}

two_ends()
{
	media_start am
	media_start bm
	ice_start a --controlling --handover am "$@"
	ice_start b --handover bm
	wait_for 10 grep -q end-of-candidates a.frag
	wait_for 10 grep -q end-of-candidates b.frag
	ice a remote "$PWD/b.frag"
	ice b remote "$PWD/a.frag"
	wait_for 15 handovers_are a 1
	wait_for 15 handovers_are b 1
}

# How many packets came to media process $1 by way of $2 (udp, unix).
packets()
{
	grep -c "\"packet\", \"way\": \"$2\"" "$1.out" || true
}

packets_are()
{
	[ "$(packets "$1" "$2")" -ge "$3" ]
}

# Ask $1 for its counters, into $1.stats.
stats_of()
{
	local n

	n=$(grep -c '"event":"stats"' "$1.jsonl" || true)
	ice "$1" stats
	wait_for 5 more_stats "$1" "$n"
	jq -cs 'map(select(.event == "stats")) | last' "$1.jsonl" >"$1.stats"
}

more_stats()
{
	[ "$(grep -c '"event":"stats"' "$1.jsonl")" -gt "$2" ]
}

# nominator_start NAME FRAG [lite|full] [ice2]: a peer without candidates of its
# own (ICE-lite and with two; with two; with an option), of the ice-pair whose
# fragment is FRAG; commands by `media NAME ...`.
nominator_start()
{
	command_fifo "$1"
	spawn "$1" /usr/bin/python3 "$ends_dir/nominator.py" "$1.frag" "${@:2}" \
		<"$1.in" >"$1.out" 2>"$1.err"
	wait_for 10 says "$1.out" ready
}
