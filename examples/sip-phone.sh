#!/usr/bin/env bash
# sip-phone.sh: a SIP phone calls a number, and listens for a tone.
#
# sip-dial makes the call and rtp-bridge is its ear and mouth: it sends a tone,
# and says so in one line on stdout once that tone comes back.
set -euo pipefail

usage() {
	cat <<'EOT'
sip-phone.sh: call a SIP address, and listen for a tone

usage: sip-phone.sh [options] URI [-- options for sip-dial]

  --tone HZ          what is sent and listened for (997)
  --timeout SECONDS  how long the tone may take to come back (30)
  --address IP       use this local address for media (127.0.0.1)
  --dir DIR          leave the call's folder there (default: it is removed)

It exits with 0 when the tone came back, 1 when the call was refused or ended
before, 69 when nobody answered or nothing came back.

  sip-phone.sh sip:echo@127.0.0.1:5070
  sip-phone.sh sip:100@pbx.example -- --line "$PWD/phone.sock"
EOT
}

. "${BASH_SOURCE[0]%/*}/lib.sh"
. "${BASH_SOURCE[0]%/*}/options.sh"
. "${BASH_SOURCE[0]%/*}/tone.sh"

address=127.0.0.1 dir=''
declare -A values=([--tone]=hz [--timeout]=patience [--address]=address [--dir]=dir) flags=()
take_options "$@"
check_tone_options
[[ $address != *:* ]] || address=[$address]
[[ ${#words[@]} -eq 1 ]] || die 2 "give one SIP address (--help shows how)"
uri=${words[0]}
phone_begin "$dir"

product media.sdpfrag rtp-bridge "rtp:$address:0,name=sip" "tone:$hz,name=tone" \
	</dev/null || fail 74 "$(tail -n 1 rtp-bridge.log)"
"$bin/sdp-convert" --to sip --with media.sdpfrag \
	<"$here/audio.sdp" >offer.sdp 2>>sdp-convert.log
ours=offer.sdp
start sip-dial "${behind[@]}" "$uri" <offer.sdp >answer.sdp

while next_event; do
	case $tool:$event in
	sip-dial:ringing) say "ringing" ;;
	sip-dial:established) describe sip offer.sdp answer.sdp ;;
	sip-dial:changed) moved ;;
	sip-dial:rejected) fail 1 "the call was refused: $code $why" ;;
	sip-dial:ended) fail 1 "the other side hung up" ;;
	rtp-bridge:heard) if tone_heard "$uri"; then exit 0; fi ;;
	clock:late) fail 69 "the tone did not come back in $patience s" ;;
	*:gone) fail "$((code > 0 && code < 128 ? code : 74))" "$(tail -n 1 "$tool.log")" ;;
	esac
done
