#!/usr/bin/env bash
# webrtc-phone.sh: the toolkit's own WebRTC end calls through a gateway.
#
# It does what a browser does in the page, with ice-pair and rtp-bridge in the
# browser's place: it sends a tone, and says so in one line on stdout once that
# tone comes back.
set -euo pipefail

usage() {
	cat <<'EOT'
webrtc-phone.sh: call a number through a gateway, and listen for a tone

usage: webrtc-phone.sh [options] ws://HOST:PORT/signal NUMBER

  --tone HZ          what is sent and listened for (997)
  --stay             stay in the call until the other side ends it
  --timeout SECONDS  how long the tone may take to come back (30)
  --address IP       use this local address for media
  --room NAME        the room the gateway is in (phones)
  --dir DIR          leave the call's folder there (default: it is removed)

It exits with 0 when the tone came back, 1 when the call was refused or ended
before, 69 when nobody answered or nothing came back.
EOT
}

. "${BASH_SOURCE[0]%/*}/lib.sh"

hz=997 stay='' patience=30 address='' PIPECALL_ROOM=phones dir='' words=()
while (($#)); do
	case $1 in
	--stay) stay=1 ;;
	--tone | --timeout | --address | --room | --dir)
		[[ $# -gt 1 ]] || die 2 "$1 needs a value (--help says which)"
		case $1 in
		--tone) hz=$2 ;;
		--timeout) patience=$2 ;;
		--address) address=$2 ;;
		--room) PIPECALL_ROOM=$2 ;;
		--dir) dir=$2 ;;
		esac
		shift
		;;
	--help | -h)
		usage
		exit 0
		;;
	-*) die 2 "unknown option $1 (--help lists them)" ;;
	*) words+=("$1") ;;
	esac
	shift
done
[[ $hz =~ ^[1-9][0-9]{1,3}$ ]] || die 2 "--tone: \"$hz\" is not a frequency in Hz"
[[ $patience =~ ^[1-9][0-9]{0,4}$ ]] || die 2 "--timeout: \"$patience\" is not a number of seconds"
[[ ${#words[@]} -eq 2 ]] || die 2 "give a URL and a number (--help shows how)"
PIPECALL_URL=${words[0]} number=${words[1]}
bin=$(cd "$bin" && pwd) here=$(cd "$here" && pwd)
keep=$dir
call_begin "${dir:=$(mktemp -d)}"
call=$PIPECALL_CALL browser='' heard_at=''

(
	trap 'kill $!' TERM
	sleep "$patience" &
	wait $!
	echo '{"tool":"clock","event":"late"}' >&"$inbox"
) {feed}<&- &
clock=$!
finish() {
	local status=$?
	trap - EXIT
	trap : TERM INT HUP
	kill "$clock" 2>/dev/null || true
	call_end
	[[ $keep ]] || rm -rf "$dir"
	exit "$status"
}
trap finish EXIT

fail() { # fail STATUS WORDS
	say "$2"
	exit "$1"
}

product media.sdpfrag rtp-bridge "dtls:media.sock,name=web" \
	"tone:$hz,name=tone" </dev/null || fail 74 "$(tail -n 1 rtp-bridge.log)"
product ice.sdpfrag ice-pair --controlling --handover media.sock \
	${address:+--address "$address"} </dev/null || fail 74 "$(tail -n 1 ice-pair.log)"
"$bin/sdp-convert" --to webrtc --with ice.sdpfrag --with media.sdpfrag \
	<"$here/audio.sdp" >offer.sdp
signal_start phone "webrtc-phone.sh"

invite_gateway() { # of the room, or who just entered it
	[[ ! $browser ]] || return 0
	browser=$(jq -r 'first((.participants // [.])[] | select(.kind == "gateway")) | .id' <<<"$json")
	[[ $browser ]] || return 0
	signal invite --arg number "$number" --rawfile sdp offer.sdp '{$number, $sdp}'
}

take_answer() {
	browser=$from
	member sdp >answer.sdp
	describe web offer.sdp answer.sdp
	tell ice-pair "remote $PWD/answer.sdp"
}

heard() { # the tone leg says once a second what it hears
	local answer
	[[ ! $heard_at ]] || return 0
	answer=$(jq -r --argjson hz "$hz" 'select(.dbfs > -40 and .ratio > 0.5
		and (.hz - $hz | fabs) < $hz * 0.02)
		| "heard \(.hz | round) Hz at \(.dbfs | round) dBFS"' <<<"$json")
	[[ $answer ]] || return 0
	heard_at=$EPOCHREALTIME
	kill "$clock" || true
	printf '%s\n' "sent $hz Hz to $number, $answer"
	[[ ! $stay ]] || return 0
	signal bye '{}'
	exit 0
}

over() { # over WORDS: the other side ended it
	[[ $heard_at ]] && {
		say "$1"
		exit 0
	}
	fail 1 "$1"
}

while next_event; do
	case $tool:$event in
	ws:room | ws:entered) invite_gateway ;;
	ws:ringing) say "ringing" ;;
	ws:description) take_answer ;;
	ws:bye | ws:reject) over "the call ended: $code $why" ;;
	ws:left) [[ $(member id) != "$browser" ]] || over "the gateway's end of the call is gone" ;;
	rtp-bridge:heard) heard ;;
	ice-pair:failed | ice-pair:lost) fail 69 "no path to the gateway: $why" ;;
	clock:late)
		[[ $browser ]] || fail 69 "no gateway is in the room"
		fail 69 "the tone did not come back in $patience s"
		;;
	ws:*) ;; # whatever else somebody says
	*:gone) fail "$((code > 0 && code < 128 ? code : 74))" "$(tail -n 1 "$tool.log")" ;;
	esac
done
