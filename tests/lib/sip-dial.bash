# shellcheck shell=bash
# A sip-dial in the background: load ../lib/sip-dial
#
# The test starts it, sets $dial to its process id, and has its events in the
# file events and its stderr in said.
#
#	dialled STATUS            it has ended, or ends, with that status
#	event CONDITION [SECONDS] until an event fits: event '.event == "ringing"'

# shellcheck source=tests/lib/phone-sdp.bash
source "$(dirname "${BASH_SOURCE[0]}")/phone-sdp.bash"
# shellcheck source=tests/lib/ports.bash
source "$(dirname "${BASH_SOURCE[0]}")/ports.bash"

dialled()
{
	local status=0

	wait "$dial" || status=$?
	dial=''
	[ "$status" = "$1" ] || {
		echo "exit status $status, not $1" && cat said events
		return 1
	}
}

event()
{
	wait_for "${2:-10}" event_is "$1"
}

event_is()
{
	[ -s events ] && jq -se "any(.[]; $1)" events >/dev/null
}
