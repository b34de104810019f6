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
. "${BASH_SOURCE[0]%/*}/tone.sh"

address=127.0.0.1 dir='' words=()
while (($#)); do
	case $1 in
	--tone | --timeout | --address | --dir)
		[[ $# -gt 1 ]] || die 2 "$1 needs a value (--help says which)"
		case $1 in
		--tone) hz=$2 ;;
		--timeout) patience=$2 ;;
		--address) address=$2 ;;
		--dir) dir=$2 ;;
		esac
		shift
		;;
	--help | -h)
		usage
		exit 0
		;;
	--)
		shift
		break
		;;
	-*) die 2 "unknown option $1 (--help lists them)" ;;
	*) words+=("$1") ;;
	esac
	shift
done
check_tone_options
[[ $address != *:* ]] || address=[$address]
[[ ${#words[@]} -eq 1 ]] || die 2 "give one SIP address (--help shows how)"
uri=${words[0]}
phone_begin "$dir"

product media.sdpfrag rtp-bridge "rtp:$address:0,name=sip" "tone:$hz,name=tone" \
	</dev/null || fail 74 "$(tail -n 1 rtp-bridge.log)"
"$bin/sdp-convert" --to sip --with media.sdpfrag \
	<"$here/audio.sdp" >offer.sdp 2>>sdp-convert.log
start sip-dial "$@" "$uri" <offer.sdp >answer.sdp

while next_event; do
	case $tool:$event in
	sip-dial:ringing) say "ringing" ;;
	sip-dial:established) describe sip offer.sdp answer.sdp ;;
	sip-dial:rejected) fail 1 "the call was refused: $code $why" ;;
	sip-dial:ended) fail 1 "the other side hung up" ;;
	rtp-bridge:heard) if tone_heard "$uri"; then exit 0; fi ;;
	clock:late) fail 69 "the tone did not come back in $patience s" ;;
	*:gone) fail "$((code > 0 && code < 128 ? code : 74))" "$(tail -n 1 "$tool.log")" ;;
	esac
done
