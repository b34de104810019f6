# shellcheck shell=bash
# rtp-bridge and those that it talks to: load ../lib/media
#
#	bridge_start NAME [OPTION...] LEG...   NAME.frag, NAME.jsonl, NAME.err
#	bridge NAME COMMAND...     a command, as words or as one JSON object
#	bridge_wait NAME STATUS    it ends by itself, so
#	bridge_port NAME [LEG]     the port of its rtp: leg
#	rtp_start NAME [ADDRESS]   rtp-end.py; its lines are in NAME.out
#	rtp NAME COMMAND...        a command to it
#	rtp_port NAME
#	sdp ADDRESS:PORT PT=CODING...   a description of plain RTP
#	hand_start NAME ARG...     handover.py; its lines are in NAME.out
#	hand NAME COMMAND...
#	call_start                 phones a and z, 440 and 1000 Hz, and their
#	                           packets pass m
#	both_tones_in FILE
#	media_stop                 for teardown
# Names are of files, too: one name for one process.

media_lib=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/lib/ports.bash
source "$media_lib/ports.bash"
source "$media_lib/events.bash"
declare -gA media_pid media_fd # load is a function

# The rest in the background with commands from a FIFO that stays open, and
# without bats' descriptor and the other commands'.
media_spawn()
{
	local name=$1 fd

	shift
	mkfifo "$name.in"
	exec {fd}<>"$name.in"
	media_fd[$name]=$fd
	(
		for fd in "${media_fd[@]}"; do
			exec {fd}>&-
		done
		exec "$@" 3>&-
	) <"$name.in" &
	media_pid[$name]=$!
}

bridge_start()
{
	media_spawn "$1" rtp-bridge --events "$1.jsonl" --control "$1.in" \
		"${@:2}" >"$1.frag" 2>"$1.err"
	wait_for 5 bridge_is_up "$@"
}

# All its legs are there, which is when the fragment is, if there is to be one.
bridge_is_up()
{
	if [[ " $*" == *" "@(rtp|srtp|dtls):* ]]; then
		[ -s "$1.frag" ] || ! media_lives "$1"
	else
		says "$1.jsonl" leg || ! media_lives "$1"
	fi
}

bridge()
{
	printf '%s\n' "${*:2}" >&"${media_fd[$1]}"
}

# A command that cannot be done: an error like pattern $3, and it goes on.
bridge_refuses()
{
	bridge "$1" "$2"
	wait_for 5 error_like "$1" "$3"
	media_lives "$1"
}

error_like()
{
	# (jq -e judges by the last event alone.)
	jq -c --arg like "$2" 'select(.event == "error") | .why
		| select(test($like))' "$1.jsonl" | grep -q .
}

media_lives()
{
	kill -0 "${media_pid[$1]}" 2>/dev/null
}

media_ended()
{
	! media_lives "$1"
}

bridge_wait()
{
	local status=0

	wait_for 5 media_ended "$1"
	wait "${media_pid[$1]}" || status=$?
	unset "media_pid[$1]"
	[ "$status" = "$2" ] || {
		echo "$1 ended with $status, not $2" >&2
		return 1
	}
}

bridge_port()
{
	tr -d '\r' <"$1.frag" | awk -v leg="${2:-rtp}" '
		/^m=/ { split($0, m, " ") }
		$0 == "a=mid:" leg { print m[2] }'
}

rtp_start()
{
	media_spawn "$1" /usr/bin/python3 "$media_lib/rtp-end.py" "${@:2}" \
		>"$1.out"
	wait_for 5 says "$1.out" bound
}

rtp()
{
	printf '%s\n' "${*:2}" >&"${media_fd[$1]}"
}

rtp_port()
{
	event "$1.out" bound port
}

hand_start()
{
	media_spawn "$1" /usr/bin/python3 "$media_lib/handover.py" "${@:2}" \
		>"$1.out"
	wait_for 10 test -s "$1.out"
}

hand()
{
	printf '%s\n' "${*:2}" >&"${media_fd[$1]}"
}

sdp()
{
	local at=$1 codings=("${@:2}") coding pts=

	for coding in "${codings[@]}"; do
		pts+=" ${coding%%=*}"
	done
	printf '%s\r\n' v=0 "o=- 1 1 IN IP4 ${at%:*}" s=- \
		"c=IN IP4 ${at%:*}" 't=0 0' "m=audio ${at##*:} RTP/AVP$pts"
	for coding in "${codings[@]}"; do
		printf 'a=rtpmap:%s %s\r\n' "${coding%%=*}" "${coding#*=}"
	done
}

call_start()
{
	local p

	bridge_start a rtp:127.0.0.1:0 tone:440
	bridge_start z rtp:127.0.0.1:0 tone:1000
	bridge_start m rtp:127.0.0.1:0,name=a rtp:127.0.0.1:0,name=z
	for p in a z; do
		sdp "127.0.0.1:$(bridge_port $p)" 0=PCMU/8000 >$p.sdp
		sdp "127.0.0.1:$(bridge_port m $p)" 0=PCMU/8000 >m$p.sdp
		bridge m describe $p - $p.sdp
		bridge $p describe rtp - m$p.sdp
	done
	wait_for 5 at_least 1 m.jsonl media '.mode == "pass"'
}

both_tones_in()
{
	local hz

	for hz in 440 1000; do
		sox "$1" band.wav trim 0.5 sinc $((hz - 60))-$((hz + 60))
		hear band.wav $hz
	done
}

media_stop()
{
	local name

	for name in "${!media_pid[@]}"; do
		kill "${media_pid[$name]}" 2>/dev/null || true
	done
	for name in "${!media_pid[@]}"; do
		wait "${media_pid[$name]}" 2>/dev/null || true
	done
}

# How many events $2 in file $1 satisfy jq filter $3.
count()
{
	jq -c "select(.event == \"$2\") | select(${3:-true})" "$1" | wc -l
}

at_least()
{
	[ "$(count "$2" "$3" "${4:-true}")" -ge "$1" ]
}
