#!/usr/bin/env bash
# call-out.sh DIR <invite.json: one call from a browser to a SIP phone.
#
# Started by gateway.sh with the browser's `invite` message on stdin. Every
# tool it starts works on one layer; this script carries their descriptions
# from one to the next, and leaves them all in DIR.
set -euo pipefail
. "${BASH_SOURCE[0]%/*}/lib.sh"
by_gateway gateway.sh

invite=$(cat)
ice_options_read
read -ra codec_options <<<"$PIPECALL_CODECS"
call_begin "$1"
printf '%s\n' "$invite" >>events.jsonl
mapfile -d '' -t said < <(jq -j '.from, .call, .number, .sdp
	| (. // "" | tostring) + "\u0000"' <<<"$invite")
browser=${said[0]} call=${said[1]} number=${said[2]}
printf '%s' "${said[3]}" >offer.sdp

# end_with CODE WORDS: the browser is told why, then everything ends. CODE is
# SIP's, or 0 where it is the gateway that has something to say.
end_with() {
	signal bye --arg code "$1" --arg why "$2" \
		'{code: ($code | tonumber), $why}'
	exit 0
}

stopped() {
	end_with 0 "the gateway was stopped"
}
on_stop=stopped

target_uri() {
	local plain='^[0-9A-Za-z*#+._-]{1,64}$'
	local uri='^sip:[0-9A-Za-z*+._~%-]{1,64}@[]0-9A-Za-z.:[-]{1,128}(;transport=(udp|tcp))?$'
	if [[ $number =~ $uri ]]; then
		printf '%s' "$number"
	elif [[ $number =~ $plain ]]; then
		printf 'sip:%s@%s' "${number//#/%23}" "$PIPECALL_DOMAIN"
	else
		return 1
	fi
}

# From now on the browser knows whose messages belong to its call.
signal_start call "$PIPECALL_CALL"
signal trying '{}'
uri=$(target_uri) || end_with 0 "that is neither a number nor a SIP address"

# 1. Media: one leg for the browser, one for the phone.
product media.sdpfrag rtp-bridge ${PIPECALL_MEDIA:+--via "$PIPECALL_MEDIA"} \
	"dtls:media.sock,name=web" \
	"rtp:$(<"$PIPECALL_GATEWAY/address"):0,name=sip" ||
	end_with 0 "no media: $(tail -n 1 rtp-bridge.log)"

# 2. ICE: answers the browser's checks, then hands its socket to rtp-bridge.
product ice.sdpfrag ice-pair --controlled --remote offer.sdp \
	--handover media.sock "${ice_options[@]}" ||
	end_with 0 "no ICE: $(tail -n 1 ice-pair.log)"

# 3. The browser's offer, as a SIP phone likes it.
"$bin/sdp-convert" --to sip --with media.sdpfrag#sip \
	"${codec_options[@]}" <offer.sdp >offer.sip.sdp 2>>sdp-convert.log ||
	end_with 0 "the browser's offer: $(tail -n 1 sdp-convert.log)"

# 4. The call. Its product, the phone's answer, comes when it is answered.
ours=offer.sip.sdp
start sip-dial --line "$PIPECALL_LINE" --timeout "$PIPECALL_TIMEOUT" "$uri" <offer.sip.sdp >answer.sip.sdp

answer_browser() { # answer_browser KIND ANSWER.SIP.SDP ANSWER.SDP
	"$bin/sdp-convert" --to webrtc --answer-to offer.sdp --with ice.sdpfrag \
		--with media.sdpfrag#web \
		${PIPECALL_TRANSCODE:+--codecs "$PIPECALL_TRANSCODE,telephone-event"} \
		<"$2" >"$3" 2>>sdp-convert.log ||
		end_with 0 "the phone's answer: $(tail -n 1 sdp-convert.log)"
	describe sip offer.sip.sdp "$2"
	describe web "$3" offer.sdp
	signal description --arg kind "$1" --rawfile sdp "$3" '{$kind, $sdp}'
}

early_media() {
	[[ ! -e early.sip.sdp ]] || return 0
	member sdp >early.sip.sdp
	answer_browser pranswer early.sip.sdp early.sdp
}

rejected() {
	case $code in
	401 | 407) end_with_status 77 ;; # our digest answer was not taken
	*) end_with "$code" "$why" ;;
	esac
}

# end_with_status STATUS: sip-dial gave up without an answer from the phone.
end_with_status() {
	case $1 in
	69) end_with 408 "nobody answered" ;;
	77) end_with 0 "the telephone system did not accept the gateway's password" ;;
	*) end_with 0 "the call failed: $(tail -n 1 sip-dial.log)" ;;
	esac
}

while next_event; do
	case $tool:$event in
	sip-dial:ringing) signal ringing '{}' ;;
	sip-dial:early) early_media ;;
	sip-dial:established) answer_browser answer answer.sip.sdp answer.sdp ;;
	sip-dial:changed) moved ;;
	sip-dial:reoffer) reoffered offer.sdp "${codec_options[@]}" ;;
	sip-dial:rejected) rejected ;;
	sip-dial:failed) end_with "$([[ $why == "no answer" ]] && echo 408 || echo 503)" "$why" ;;
	sip-dial:ended) end_with 200 "the other side hung up" ;;
	sip-dial:exit) end_with_status "$code" ;;
	ice-pair:failed | ice-pair:lost) end_with 0 "the path to the browser failed: $why" ;;
	ws:candidate) [[ $from != "$browser" ]] || candidate ;;
	ws:bye | ws:cancel) [[ $from != "$browser" ]] || exit 0 ;;
	ws:left) [[ $(member id) != "$browser" ]] || exit 0 ;;
	ws:undelivered) exit 0 ;;
	ws:error) end_with 0 "signalling: $why" ;;
	ws:*) ;; # whatever else somebody says
	ice-pair:exit) [[ $why == "the media process ended" ]] || end_with 0 "ice-pair ended: $why" ;;
	*:exit) end_with 0 "$tool ended: $why" ;;
	*:gone) end_with 0 "$(why_gone)" ;;
	esac
done
