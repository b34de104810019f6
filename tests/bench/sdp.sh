#!/bin/bash
#
# sdp-convert: start-up to answer, descriptions a second, time against size,
# memory; beside cat, jq, and node with sdp-transform.
set -euo pipefail

cd "$(dirname "$0")/../.."
tests/browser/install.sh
python3 -B tests/bench/sdp.py tests/data/sdp/chromium-av-data-offer.sdp
