#!/usr/bin/env bash
# demo.sh: `make demo`. The gateway, its answering machine, one call by the
# toolkit's own WebRTC end, its result in one line; then the page, until
# Ctrl-C (or at once with ONCE=1).
set -euo pipefail
here=$(cd "${BASH_SOURCE[0]%/*}" && pwd)

[[ $# == 0 ]] || {
	echo "usage: [ONCE=1] [LISTEN=HOST:PORT] [CALLS=DIR] demo.sh" >&2
	[[ $1 == --help ]] || exit 2
	exit 0
}
listen=${LISTEN:-127.0.0.1:8080}
work=$(mktemp -d)
gateway=''

finish() {
	local status=$?
	trap - EXIT
	[[ ! $gateway ]] || kill "$gateway" 2>/dev/null || true
	wait 2>/dev/null || true
	rm -rf "$work"
	exit "$status"
}
trap finish EXIT
trap 'exit 0' INT TERM

mkfifo "$work/ready"
"$here/gateway.sh" --listen "$listen" --calls "${CALLS:-calls}" \
	2> >(trap '' INT; exec tee "$work/ready" >&2) &
gateway=$!
url=$(grep -m 1 -o 'http://[^ ]*' <"$work/ready") || {
	wait "$gateway" || exit $?
	exit 74
}
cat "$work/ready" >/dev/null & # what the gateway says later is for stderr only

if result=$("$here/webrtc-phone.sh" --tone 997 --address "${listen%:*}" \
	"ws${url#http}signal" echo); then
	printf 'demo: ok: %s; page: %s\n' "$result" "$url"
else
	status=$?
	printf 'demo: FAILED; the calls are explained in %s\n' "${CALLS:-calls}"
	exit "$status"
fi
[[ ! ${ONCE-} ]] || exit 0
printf 'Open %s in a browser, call the number echo; Ctrl-C ends.\n' "$url"
wait "$gateway"
