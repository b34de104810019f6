# shellcheck shell=bash
# The gateway on a free port of loopback: load ../lib/gateway
#
#	gateway_start [gateway.sh's options]
#	... $GATEWAY_URL is the page, $GATEWAY_CALLS the folder of its calls
#	gateway_phone [options] "$GATEWAY_SIGNAL" NUMBER
#	                               webrtc-phone.sh calls, on loopback
#	gateway_call PATTERN           the folder of the newest call (out, in, ...)
#	gateway_idle [SECONDS]         until no process of a call is left
#	gateway_stop

# shellcheck source=tests/lib/ports.bash
source "$(dirname "${BASH_SOURCE[0]}")/ports.bash"

export GATEWAY_URL GATEWAY_SIGNAL GATEWAY_CALLS GATEWAY_PID GATEWAY_LOG
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
PIPECALL_BIN=$top/${B:-build}/bin
export PIPECALL_BIN

gateway_start()
{
	local dir

	dir=$(mktemp -d "${BATS_FILE_TMPDIR:-${TMPDIR:-/tmp}}/gateway.XXXX")
	GATEWAY_CALLS=$dir/calls GATEWAY_LOG=$dir/log
	"$top/examples/gateway.sh" --listen 127.0.0.1:0 --calls "$GATEWAY_CALLS" \
		--address 127.0.0.1 \
		"$@" </dev/null >"$dir/out" 2>"$GATEWAY_LOG" 3>&- &
	GATEWAY_PID=$!
	if ! wait_for 15 gateway_ready || ! grep -q 'open http' "$GATEWAY_LOG"; then
		cat "$GATEWAY_LOG" >&2
		return 1
	fi
	GATEWAY_URL=$(grep -o 'http://[^ ]*' "$GATEWAY_LOG" | head -n 1)
	GATEWAY_SIGNAL=ws${GATEWAY_URL#http}signal
}

# Ready, or already ended.
gateway_ready()
{
	grep -q 'open http' "$GATEWAY_LOG" || ! kill -0 "$GATEWAY_PID"
}

gateway_phone()
{
	"$top/examples/webrtc-phone.sh" --address 127.0.0.1 "$@" 3>&-
}

gateway_call()
{
	local folder newest=''

	for folder in "$GATEWAY_CALLS"/*-"$1"-*/; do
		[ ! -d "$folder" ] || [ "$folder" -ot "$newest" ] || newest=$folder
	done
	printf '%s\n' "${newest%/}"
}

# Processes whose call's folder is $1, a pattern (their working directory is).
gateway_processes()
{
	find /proc -mindepth 2 -maxdepth 2 -path '/proc/[0-9]*/cwd' \
		-lname "$1" 2>/dev/null | cut -d / -f 3
}

gateway_no_calls()
{
	[ -z "$(gateway_processes "$GATEWAY_CALLS/*-*")" ] &&
		# nothing but what explains the calls is left in their folders
		[ -z "$(find "$GATEWAY_CALLS"/*-*/ -type p -o -type s)" ]
}

gateway_idle()
{
	wait_for "${1:-5}" gateway_no_calls
}

gateway_stop()
{
	[ -n "${GATEWAY_PID:-}" ] || return 0
	kill "$GATEWAY_PID" 2>/dev/null || true
	wait_for 8 gateway_gone
	GATEWAY_PID=
}

gateway_gone()
{
	! kill -0 "$GATEWAY_PID" 2>/dev/null
}
