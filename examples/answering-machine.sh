#!/usr/bin/env bash
# answering-machine.sh: answers every call with a greeting, then an echo.
#
# A line takes the calls and starts answer-call.sh for each, as inetd does. It
# is a bare one (sip-register without a registrar) unless it has an account.
set -euo pipefail
here=$(cd "${BASH_SOURCE[0]%/*}" && pwd)

listen=127.0.0.1:5070 calls=calls register='' words=()
while (($#)); do
	case $1 in
	--listen | --calls | --register)
		[[ $# -gt 1 ]] || {
			echo "answering-machine.sh: $1 needs a value" >&2
			exit 2
		}
		printf -v "${1#--}" '%s' "$2"
		shift
		;;
	--help | -h)
		echo "usage: answering-machine.sh [--listen HOST:PORT] [--calls DIR] [--register AOR]" \
			"[-- options for sip-register]"
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
exec "${PIPECALL_BIN:-$here/../build/bin}/sip-register" "${register:---no-register}" \
	--listen "$listen" "${words[@]}" --exec bash -- "$here/answer-call.sh"
