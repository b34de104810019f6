#!/usr/bin/env bash
# again.sh [SED-SCRIPT]: the call of this lesson, typed by a script.
#
# SED-SCRIPT changes the answer on its way to the browser, as somebody could
# who sits on the wire that carries it. The result is one line. The telephone
# has to be there: examples/answering-machine.sh --listen 127.0.0.1:5070
set -euo pipefail
examples=$(cd "${BASH_SOURCE[0]%/*}/../../examples" && pwd)
PATH=$examples/../build/bin:$PATH

cd "$(mktemp -d)"
finish() {
	jobs -p | xargs -r kill 2>/dev/null || true
	wait
	rm -r "$PWD"
}
trap finish EXIT
trap 'exit 1' INT TERM
mkfifo out browser.bridge browser.ice gateway.bridge

rtp-bridge -q --handshake 3 --events events.jsonl --call browser \
	--control browser.bridge dtls:browser.sock,name=web tone:997 >out &
cat out >browser.media.sdpfrag
ice-pair -q --controlling --timeout 10 --address 127.0.0.1 \
	--handover browser.sock --events events.jsonl --call browser \
	--control browser.ice >out &
cat out >browser.ice.sdpfrag
sdp-convert --to webrtc --with browser.ice.sdpfrag \
	--with browser.media.sdpfrag <"$examples/audio.sdp" >offer.sdp

rtp-bridge -q --handshake 3 --events events.jsonl --call gateway \
	--control gateway.bridge dtls:gateway.sock,name=web \
	rtp:127.0.0.1:0,name=sip >out &
cat out >gateway.media.sdpfrag
ice-pair -q --controlled --timeout 10 --address 127.0.0.1 \
	--remote offer.sdp --handover gateway.sock --events events.jsonl \
	--call gateway >out &
cat out >gateway.ice.sdpfrag
sdp-convert --to sip --with gateway.media.sdpfrag#sip <offer.sdp >offer.sip.sdp

sip-dial -q sip:echo@127.0.0.1:5070 <offer.sip.sdp >out &
cat out >answer.sip.sdp
[[ -s answer.sip.sdp ]] || exit 69 # sip-dial has said why

sdp-convert --to webrtc --answer-to offer.sdp --with gateway.ice.sdpfrag \
	--with gateway.media.sdpfrag#web <answer.sip.sdp >answer.sdp
sed "${1-}" answer.sdp >answer.changed.sdp

echo "describe sip offer.sip.sdp answer.sip.sdp" >gateway.bridge
echo "describe web answer.sdp offer.sdp" >gateway.bridge
echo "describe web offer.sdp answer.changed.sdp" >browser.bridge
echo "remote answer.changed.sdp" >browser.ice

# The first of these tells how it went.
timeout 30 tail -n +1 -F events.jsonl 2>/dev/null | jq -nr '
	first(inputs |
		if .event == "heard" and .ratio > 0.9 then
			"the browser hears \(.hz | round) Hz"
		elif .event == "failed" or (.event == "dtls" and .state == "failed") then
			"\(.call): \(.tool): \(.event) \(.why)"
		else empty end)'
