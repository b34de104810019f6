#!/usr/bin/env bash
# call-in.sh: one call from a SIP phone to the browsers.
#
# Started by sip-register --exec, once an INVITE; who calls stands in the
# environment (SIP_FROM ...). Rings every phone in the room; the first to
# answer has the call.
set -euo pipefail
. "${BASH_SOURCE[0]%/*}/lib.sh"
by_gateway gateway.sh

ice_options_read
call_begin "$PIPECALL_CALLS/$(date +%Y%m%d-%H%M%S)-in-$$"
call=${PWD##*/}
caller=${SIP_FROM_NAME:-$SIP_FROM}
phones=()  # who rings
browser='' # who answered

reject_with() { # reject_with CODE WORDS: the caller and the phones are told
	tell sip-dial "reject $1"
	cancel_others "$2"
	while next_event; do
		[[ $tool:$event != sip-dial:gone ]] || exit 0
	done
	exit 0
}

cancel_others() { # everybody who rings, but not who answered
	local answered=$browser phone
	for phone in "${phones[@]}"; do
		[[ $phone == "$answered" ]] && continue
		browser=$phone
		signal cancel --arg why "$1" '{$why}'
	done
	browser=$answered
}

end_with() {
	[[ ! $browser ]] || signal bye --arg code "$1" --arg why "$2" \
		'{code: ($code | tonumber), $why}'
	cancel_others "$2"
	exit 0
}

stopped() {
	end_with 0 "the gateway was stopped"
}
on_stop=stopped

# 1. The phone's offer. Its answer goes back by a control command, later.
take_call offer.sip.sdp || exit 0

# 2. Media and ICE, as in call-out.sh; here the gateway offers.
product media.sdpfrag rtp-bridge ${PIPECALL_MEDIA:+--via "$PIPECALL_MEDIA"} \
	"dtls:media.sock,name=web" \
	"$(leg_for offer.sip.sdp):$(<"$PIPECALL_GATEWAY/address"):0,name=sip" || reject_with 500 "no media"
product ice.sdpfrag ice-pair --controlling --handover media.sock \
	--timeout 180 "${ice_options[@]}" || reject_with 500 "no ICE"
"$bin/sdp-convert" --to webrtc --with ice.sdpfrag --with media.sdpfrag#web \
	${PIPECALL_TRANSCODE:+--codecs "$PIPECALL_TRANSCODE,telephone-event"} \
	<offer.sip.sdp >offer.sdp 2>>sdp-convert.log ||
	reject_with 488 "the phone's offer: $(tail -n 1 sdp-convert.log)"

# 3. Ring.
signal_start call "$PIPECALL_CALL"
ring() { # the `room` message says who is there
	mapfile -t phones < <(jq -r '.participants[] | select(.kind == "phone") | .id' <<<"$json")
	((${#phones[@]})) || reject_with 480 "no phone is there"
	for browser in "${phones[@]}"; do
		signal invite --arg caller "$caller" --rawfile sdp offer.sdp \
			--slurpfile servers <(turn_server) '{$caller, $sdp, $servers}'
	done
	browser=''
}

answered() {
	[[ ! $browser && " ${phones[*]} " == *" $from "* ]] || return 0
	browser=$from
	member sdp >answer.sdp
	cancel_others "answered by another phone"
	"$bin/sdp-convert" --to sip --answer-to offer.sip.sdp --with media.sdpfrag#sip \
		<answer.sdp >answer.sip.sdp 2>>sdp-convert.log ||
		end_with 0 "the browser's answer: $(tail -n 1 sdp-convert.log)"
	tell ice-pair "remote answer.sdp"
	describe web offer.sdp answer.sdp
	ours=answer.sip.sdp
	answer_call answer.sip.sdp offer.sip.sdp
}

# refused ID CODE: one phone less to ring; the last one decides.
refused() {
	local phone left=()
	for phone in "${phones[@]}"; do
		[[ $phone == "$1" ]] || left+=("$phone")
	done
	phones=("${left[@]}")
	((${#phones[@]})) || reject_with "$2" "nobody took the call"
}

from_browser() {
	case $event in
	candidate) [[ $from != "$browser" ]] || candidate ;;
	bye) [[ $from != "$browser" ]] || exit 0 ;;
	reject) [[ $browser ]] || refused "$from" "$([[ $code =~ ^[3-6][0-9][0-9]$ ]] && echo "$code" || echo 603)" ;;
	left) from=$(member id)
		[[ $from != "$browser" ]] || exit 0
		[[ $browser ]] || refused "$from" 480 ;;
	esac
}

while next_event; do
	case $tool:$event in
	ws:room) ring ;;
	ws:description) answered ;;
	ws:error) reject_with 500 "signalling: $why" ;;
	ws:*) from_browser ;;
	sip-dial:established) [[ ! $late ]] || describe sip answer.sip.sdp ack.sip.sdp ;;
	sip-dial:changed) moved ;;
	sip-dial:reoffer) reoffered answer.sdp ;;
	sip-dial:cancelled) end_with 487 "the caller gave up" ;;
	sip-dial:ended) end_with 200 "the other side hung up" ;;
	sip-dial:exit) end_with 0 "the call failed: $(tail -n 1 sip-dial.log)" ;;
	ice-pair:failed | ice-pair:lost) end_with 0 "the path to the browser failed: $why" ;;
	ice-pair:exit) [[ $why == "the media process ended" ]] || end_with 0 "ice-pair ended: $why" ;;
	*:exit) end_with 0 "$tool ended: $why" ;;
	*:gone) end_with 0 "$(why_gone)" ;;
	esac
done
