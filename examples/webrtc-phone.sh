#!/usr/bin/env bash
# webrtc-phone.sh URL NUMBER HZ: the toolkit's own WebRTC end calls NUMBER.
#
# What a browser does in the page, with ice-pair and rtp-bridge in its place:
# it sends a tone of HZ, and is content (exit 0) once that tone comes back. It
# prints one line: what it heard, and how long the call took to set up.
set -euo pipefail
. "${BASH_SOURCE[0]%/*}/lib.sh"

[[ $# -ge 3 ]] || die 2 "usage: webrtc-phone.sh ws://HOST:PORT/signal NUMBER HZ [DIR]"
PIPECALL_URL=$1 number=$2 hz=$3
PIPECALL_ROOM=${PIPECALL_ROOM:-phones}
read -ra ice_options <<<"${PIPECALL_ICE-}"
bin=$(cd "$bin" && pwd) here=$(cd "$here" && pwd)
dir=${4:-$(mktemp -d)}
call_begin "$dir"
call=$PIPECALL_CALL browser='' peer=''

fail() { # fail STATUS WORDS
	say "$2"
	exit "$1"
}
(sleep "${PIPECALL_PATIENCE:-30}" & trap 'kill $!' TERM; wait $!; echo '{"tool":"clock","event":"late"}' >&"$inbox") &
clock=$!
trap 'kill "$clock" 2>/dev/null; call_end; [[ ${4-} ]] || rm -rf "$dir"' EXIT

product media.sdpfrag start rtp-bridge "dtls:media.sock,name=web" \
	"tone:$hz,name=tone" || fail 74 "$(tail -n 1 rtp-bridge.log)"
product ice.sdpfrag start ice-pair --controlling --handover media.sock \
	"${ice_options[@]}" || fail 74 "$(tail -n 1 ice-pair.log)"
"$bin/sdp-convert" --to webrtc --with ice.sdpfrag --with media.sdpfrag \
	<"$here/audio.sdp" >offer.sdp
signal_start phone "webrtc-phone.sh"

invite_gateway() {
	browser=$(jq -r 'first(.participants[] | select(.kind == "gateway")) | .id' <<<"$json")
	[[ $browser ]] || fail 69 "no gateway is in the room"
	begun=$EPOCHREALTIME
	signal invite --arg number "$number" --rawfile sdp offer.sdp '{$number, $sdp}'
}

take_answer() {
	browser=$from
	member sdp >answer.sdp
	describe web offer.sdp answer.sdp
	tell ice-pair "remote answer.sdp"
}

heard() { # the tone leg says once a second what it hears
	local answer
	answer=$(jq -r --argjson hz "$hz" --argjson begun "$begun" \
		'select(.dbfs > -40 and (.hz - $hz | fabs) < $hz * 0.02 and .ratio > 0.5)
		| "heard \(.hz | round) Hz at \(.dbfs | round) dBFS"' <<<"$json")
	[[ $answer ]] || return 0
	printf '%s\n' "sent $hz Hz to $number, $answer"
	signal bye '{}'
	exit 0
}

while next_event; do
	case $tool:$event in
	ws:room) invite_gateway ;;
	ws:ringing) say "ringing" ;;
	ws:description) take_answer ;;
	ws:bye | ws:reject) fail 1 "$code $why" ;;
	ws:left) [[ $(member id) != "$browser" ]] || fail 1 "the gateway's end of the call is gone" ;;
	rtp-bridge:heard) heard ;;
	ice-pair:failed | ice-pair:lost) fail 69 "no path to the gateway: $why" ;;
	clock:late) fail 69 "the tone did not come back in time" ;;
	*:gone) fail 74 "$tool ended unexpectedly: $(tail -n 1 "$tool.log")" ;;
	esac
done
