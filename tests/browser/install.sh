#!/bin/bash
#
# Install what the browser tests need of npm, unless it is there: exactly what
# package-lock.json says. Quick when there is nothing to do.
set -euo pipefail
cd "$(dirname "$0")"

stamp=node_modules/.package-lock.json
if [ ! -e "$stamp" ] || [ package-lock.json -nt "$stamp" ]; then
	npm ci >&2
	touch "$stamp"
fi
