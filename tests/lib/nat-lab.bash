# shellcheck shell=bash
# The gateway in the lab of namespaces: load ../lib/nat-lab
#
#	lab_needs                      skip the test where it is impossible
#	lab_calls A B FILE [OPTION...] home a's WebRTC end, behind a NAT of kind
#	                               A, and home b's SIP phone, behind B, call
#	                               each other; what is said goes to FILE
#	lab_run A B FUNCTION...        run a function of the test at home b, with
#	                               the gateway there; `on a CMD` is the other
#	                               home. It has the helpers of baresip.bash,
#	                               and the other functions that are named
#	lab_recorded NAME SECONDS      until that baresip has recorded so much
#
# A and B are kinds of NAT, of examples/nat-lab.sh; the environment that a
# function finds is in its --help.

lab_lib=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
lab_top=$(cd "$lab_lib/../.." && pwd)
# shellcheck source=tests/lib/baresip.bash
source "$lab_lib/baresip.bash"
PIPECALL_BIN=$lab_top/${B:-build}/bin
export PIPECALL_BIN

lab_needs()
{
	unshare -Urnm true || skip "impossible here: no user namespaces"
}

lab_calls()
{
	"$lab_top/examples/nat-lab.sh" "${@:4}" gateway "$1" "$2" >"$3" 2>&1 3>&-
}

lab_run()
{
	local a=$1 b=$2 script

	shift 2
	script=$(mktemp "$BATS_TEST_TMPDIR/lab.XXXXXX")
	{
		echo 'set -euo pipefail'
		printf 'source %q\n' "$lab_lib/nat-lab.bash"
		declare -f "$@"
		echo "$1"
	} >"$script"
	"$lab_top/examples/nat-lab.sh" gateway "$a" "$b" -- \
		on b bash "$script" </dev/null 3>&-
}

lab_recorded()
{
	wait_for 20 lab_has_recorded "$@"
}

lab_has_recorded()
{
	local file

	file=$(baresip_heard "$1")
	[ -n "$file" ] && [ "$(stat -c %s "$file")" -gt $((16000 * $2)) ]
}

# One tone there and back: a line of webrtc-phone.sh or sip-phone.sh.
lab_heard='sent 997 Hz to [^ ]*, heard 99[67] Hz'
export lab_heard
