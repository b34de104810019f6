#!/bin/bash
#
# Call set-up as the browser has it: from its offer to the first audio packet
# of the answering machine, over CALLS (10) calls, beside two ends of
# Chromium's own in the same page.
set -euo pipefail

cd "$(dirname "$0")/../.."
# shellcheck source=tests/lib/gateway.bash
. tests/lib/gateway.bash

tests/browser/install.sh
work=$(mktemp -d)
export TMPDIR=$work
trap 'gateway_stop || true; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

gateway_start --max-calls 100
figures=$(node tests/bench/setup.mjs "$GATEWAY_URL" "${CALLS:-10}")
echo "$figures"
jq -r '"setup_ms \(.gateway_ms) ms (goal <= 500) \(if .gateway_ms <= 500 then "ok" else "short" end)",
	"setup_to_floor \(.gateway_ms / .floor_ms * 100 | round / 100) ratio (goal <= 4) \(
		if .gateway_ms / .floor_ms <= 4 then "ok" else "short" end)"' <<<"$figures"
