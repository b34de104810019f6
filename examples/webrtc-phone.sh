#!/usr/bin/env bash
# webrtc-phone.sh: the toolkit's own WebRTC end calls through a gateway, or is
# called.
#
# It does what a browser does in the page, with ice-pair and rtp-bridge in the
# browser's place: it sends a tone, and says so in one line on stdout once that
# tone comes back; or it answers, and sends back what it hears.
set -euo pipefail

usage() {
	cat <<'EOT'
webrtc-phone.sh: call a number through a gateway, and listen for a tone

usage: webrtc-phone.sh [options] ws://HOST:PORT/signal NUMBER
       webrtc-phone.sh [options] --answer ws://HOST:PORT/signal

  --tone HZ          what is sent and listened for (997)
  --answer           be called, by anybody; what comes is sent back
  --stay             stay in the call until the other side ends it
  --timeout SECONDS  how long the tone, or the call, may take to come (30)
  --address IP       use this local address for media
  --room NAME        the room the gateway is in (phones)
  --dir DIR          leave the call's folder there (default: it is removed)

It exits with 0 when the tone came back, or the call that it answered is over;
1 when the call was refused or ended before, 69 when nobody answered or called,
or nothing came back.
EOT
}

. "${BASH_SOURCE[0]%/*}/lib.sh"
. "${BASH_SOURCE[0]%/*}/options.sh"
. "${BASH_SOURCE[0]%/*}/tone.sh"

stay='' to_answer='' address='' PIPECALL_ROOM=phones dir=''
declare -A values=([--tone]=hz [--timeout]=patience [--address]=address
	[--room]=PIPECALL_ROOM [--dir]=dir) flags=([--stay]=stay [--answer]=to_answer)
take_options "$@"
words+=("${behind[@]}")
check_tone_options
[[ $to_answer || ${#words[@]} -eq 2 ]] || die 2 "give a URL and a number (--help shows how)"
[[ ! $to_answer || ${#words[@]} -eq 1 ]] || die 2 "--answer: give a URL alone (--help shows how)"
PIPECALL_URL=${words[0]} number=${words[1]-}
phone_begin "$dir"
call=$PIPECALL_CALL browser='' # the other side, as in the gateway's scripts

# media_start LEG: media between the peer and that leg of rtp-bridge.
media_start() {
	product media.sdpfrag rtp-bridge "dtls:media.sock,name=web" "$1" \
		</dev/null || fail 74 "$(tail -n 1 rtp-bridge.log)"
}

ice_start() { # ice_start ROLE WORDS
	product ice.sdpfrag ice-pair "$@" --handover media.sock \
		${address:+--address "$address"} </dev/null || fail 74 "$(tail -n 1 ice-pair.log)"
}

description() { # description WORDS >SDP
	"$bin/sdp-convert" --to webrtc "$@" --with ice.sdpfrag --with media.sdpfrag \
		<"$here/audio.sdp" 2>>sdp-convert.log
}

offer() {
	media_start "tone:$hz,name=tone"
	ice_start --controlling
	description >offer.sdp
}

entered() {
	[[ ! $to_answer ]] || say "waits to be called"
	invite_gateway
}

invite_gateway() { # of the room, or who just entered it
	[[ ! $browser && ! $to_answer ]] || return 0
	browser=$(jq -r 'first((.participants // [.])[] | select(.kind == "gateway")) | .id' <<<"$json")
	[[ $browser ]] || return 0
	signal invite --arg number "$number" --rawfile sdp offer.sdp '{$number, $sdp}'
}

take_answer() {
	[[ ! $to_answer ]] || return 0
	browser=$from
	member sdp >answer.sdp
	describe web offer.sdp answer.sdp
	tell ice-pair "remote $PWD/answer.sdp"
}

answer() { # who calls first has it
	[[ $to_answer && ! $browser ]] || return 0
	browser=$from call=$(member call)
	say "called by $(member caller)"
	member sdp >offer.sdp
	media_start "echo:,name=echo"
	ice_start --controlled --remote offer.sdp
	description --answer-to offer.sdp >answer.sdp ||
		fail 74 "$(tail -n 1 sdp-convert.log)"
	describe web answer.sdp offer.sdp
	signal description --arg kind answer --rawfile sdp answer.sdp '{$kind, $sdp}'
}

connected() { # whoever has answered waits for nothing more but the end
	[[ ! $to_answer ]] || in_call
}

heard() {
	tone_heard "$number" || return 0
	[[ ! $stay ]] || return 0
	signal bye '{}'
	exit 0
}

over() { # over WORDS: the other side ended it
	[[ $waiting ]] && fail 1 "$1"
	say "$1"
	exit 0
}

[[ $to_answer ]] || offer
signal_start phone "webrtc-phone.sh"
while next_event; do
	case $tool:$event in
	ws:room) entered ;;
	ws:entered) invite_gateway ;;
	ws:invite) answer ;;
	ws:trying) browser=$from ;;
	ws:ringing) say "ringing" ;;
	ws:description) take_answer ;;
	ws:bye | ws:reject | ws:cancel) [[ $(member call) != "$call" ]] || over "the call ended: $code $why" ;;
	ws:left) [[ $(member id) != "$browser" ]] || over "the gateway's end of the call is gone" ;;
	ice-pair:connected) connected ;;
	rtp-bridge:heard) heard ;;
	ice-pair:failed | ice-pair:lost) fail 69 "no path to the gateway: $why" ;;
	clock:late)
		[[ ! $to_answer ]] || fail 69 "nobody called in $patience s"
		[[ $browser ]] || fail 69 "no gateway is in the room"
		fail 69 "the tone did not come back in $patience s"
		;;
	ws:*) ;; # whatever else somebody says
	*:gone) fail "$((code > 0 && code < 128 ? code : 74))" "$(tail -n 1 "$tool.log")" ;;
	esac
done
