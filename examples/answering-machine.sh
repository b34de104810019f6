#!/usr/bin/env bash
# answering-machine.sh: answers every call with a greeting, then an echo.
#
# A bare line (sip-register without a registrar) takes the calls and starts
# answer-call.sh for each, as inetd does.
set -euo pipefail
here=$(cd "${BASH_SOURCE[0]%/*}" && pwd)

listen=127.0.0.1:5070 calls=calls words=()
while (($#)); do
	case $1 in
	--listen | --calls)
		[[ $# -gt 1 ]] || {
			echo "answering-machine.sh: $1 needs a value" >&2
			exit 2
		}
		printf -v "${1#--}" '%s' "$2"
		shift
		;;
	--help | -h)
		echo "usage: answering-machine.sh [--listen HOST:PORT] [--calls DIR] [-- options for sip-register]"
		exit 0
		;;
	--)
		shift
		words=("$@")
		break
		;;
	*)
		echo "answering-machine.sh: unknown option $1 (--help lists them)" >&2
		exit 2
		;;
	esac
	shift
done
mkdir -p "$calls"
PIPECALL_CALLS=$(cd "$calls" && pwd)
export PIPECALL_CALLS PIPECALL_ADDRESS=${listen%:*}
export PIPECALL_GREETING=${PIPECALL_GREETING:-$here/greeting.wav}
exec "${PIPECALL_BIN:-$here/../build/bin}/sip-register" --no-register \
	--listen "$listen" "${words[@]}" --exec bash -- "$here/answer-call.sh"
