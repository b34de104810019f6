#!/bin/bash
#
# Send a call live: what is said in it goes through ffmpeg to an RTMP server
# (nginx with its RTMP module, say) or to HLS files; or bring a stream that is
# published there into the call.
#
#	live.sh out CONTROL rtmp://127.0.0.1/live/call
#	live.sh out CONTROL www/call.m3u8
#	live.sh in  CONTROL rtmp://127.0.0.1/live/music
#
# CONTROL is the control FIFO of an rtp-bridge: calls/*/rtp-bridge.ctl of a
# call through gateway.sh. A leg is added to the call (out: one that only
# listens, and the others' packets pass as ever) and dropped at the end, which
# is Ctrl-C, or the stream's.
set -euo pipefail

usage() {
	echo "usage: live.sh out|in CONTROL URL" >&2
	exit 2
}

[[ ${1-} != --help ]] || { sed -n '3,14s/^# \{0,1\}//p' "$0" && exit 0; }
[ $# = 3 ] || usage
way=$1 control=$2 url=$3
[[ $way == out || $way == in ]] || usage
if [ ! -p "$control" ]; then
	echo "live.sh: $control: not a FIFO: is the call over?" >&2
	exit 66
fi
bin=${PIPECALL_BIN:-}
[ -z "$bin" ] || PATH=$bin:$PATH

work=$(mktemp -d)
leg=live$$
ffmpeg=

# A FIFO is opened for both: so writing never waits for a bridge that is gone.
tell() {
	printf '%s\n' "$*" 1<>"$control"
}

# shellcheck disable=SC2317 # the trap calls it
finish() {
	trap - EXIT
	if [ -n "$ffmpeg" ]; then
		kill "$ffmpeg" 2>/dev/null || true
		wait "$ffmpeg" 2>/dev/null || true
	fi
	[ ! -p "$control" ] || tell "drop $leg"
	rm -rf "$work"
}
trap finish EXIT
trap 'exit 0' INT TERM

# A pair of ports that nobody has: of the kernel's, and given back at once.
free_ports() {
	perl -MIO::Socket::INET -e '
		for (1 .. 100) {
			my $port = 20000 + 2 * int rand 5000;
			my @held = map { IO::Socket::INET->new(Proto => "udp",
				LocalAddr => "127.0.0.1",
				LocalPort => $port + $_) // () } 0, 1;
			if (@held == 2) { print $port; exit 0 }
		}
		exit 1'
}

# What of a stream goes where; HLS when it is a playlist.
output_of() {
	case $1 in
	*.m3u8) printf '%s\0' -f hls -hls_time 2 -hls_list_size 6 \
		-hls_flags delete_segments+omit_endlist "$1" ;;
	*) printf '%s\0' -f flv "$1" ;;
	esac
}

here=$(free_ports)
if [ "$way" = out ]; then
	mapfile -d '' -t output < <(output_of "$url")
	tell "add rtp:127.0.0.1:0,name=$leg,listen,to=127.0.0.1:$here,sdp=$work/sdp"
	for ((i = 0; i < 100; i++)); do
		[ ! -s "$work/sdp" ] || break
		sleep 0.05
	done
	if [ ! -s "$work/sdp" ]; then
		echo "live.sh: $control: no answer: is the call over?" >&2
		exit 69
	fi
	ffmpeg -v warning -nostdin -protocol_whitelist file,udp,rtp \
		-i "$work/sdp" -c:a aac -ar 44100 -b:a 96k "${output[@]}" &
else
	there=$(free_ports)
	tell "add rtp:127.0.0.1:$there,name=$leg,to=127.0.0.1:$here"
	ffmpeg -v warning -nostdin -re -i "$url" -vn -c:a libopus -ar 48000 \
		-ac 2 -payload_type 96 -f rtp \
		"rtp://127.0.0.1:$there?localrtpport=$here&pkt_size=1200" \
		>/dev/null &
fi
ffmpeg=$!
wait "$ffmpeg" || status=$?
ffmpeg=
exit "${status:-0}"
