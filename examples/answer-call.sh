#!/usr/bin/env bash
# answer-call.sh: one call to the answering machine: greeting, then echo.
#
# Started by sip-register --exec, once an INVITE.
set -euo pipefail
. "${BASH_SOURCE[0]%/*}/lib.sh"
by_gateway answering-machine.sh

call_begin "$PIPECALL_CALLS/$(date +%Y%m%d-%H%M%S)-answered-$$"

reject_with() {
	tell sip-dial "reject $1"
	while next_event; do
		[[ $tool:$event != sip-dial:gone ]] || exit 0
	done
	exit 0
}

take_call offer.sdp || exit 0
product media.sdpfrag rtp-bridge ${PIPECALL_MEDIA:+--via "$PIPECALL_MEDIA"} \
	"$(leg_for offer.sdp):$PIPECALL_ADDRESS:0,name=sip" \
	"wav:play=$PIPECALL_GREETING,name=greeting" || reject_with 500
"$bin/sdp-convert" --to sip --answer-to offer.sdp --with media.sdpfrag \
	<"$here/audio.sdp" >answer.sdp 2>>sdp-convert.log || reject_with 488
ours=answer.sdp
answer_call answer.sdp offer.sdp

while next_event; do
	case $tool:$event in
	sip-dial:established) [[ ! $late ]] || describe sip answer.sdp ack.sip.sdp ;;
	sip-dial:changed) moved ;;
	sip-dial:reoffer) reoffered "$here/audio.sdp" ;;
	rtp-bridge:played)
		tell rtp-bridge "drop greeting"
		tell rtp-bridge "add echo:"
		;;
	*:exit | *:gone) exit 0 ;;
	esac
done
