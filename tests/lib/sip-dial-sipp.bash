# shellcheck shell=bash
# A sip-dial whose other side is SIPp: load ../lib/sip-dial-sipp
#
# Each test has a folder of its own with ours.sdp, new.sdp (another codec) and
# the FIFO control. SIPp's scenario is played first, as "peer" (see sipp_play).
#
#	caller [OPTION...]      calls SIPp
#	answerer [OPTION...]    waits to be called, at $at
#	tell COMMAND FILE.sdp   a command with a description, as JSON

# shellcheck source=tests/lib/sip-dial.bash
source "$(dirname "${BASH_SOURCE[0]}")/sip-dial.bash"
# shellcheck source=tests/lib/sipp.bash
source "$(dirname "${BASH_SOURCE[0]}")/sipp.bash"

setup()
{
	cd "$BATS_TEST_TMPDIR" || exit
	phone_sdp >ours.sdp
	sed 's/RTP.AVP 0/RTP\/AVP 8/; s/:0 PCMU/:8 PCMA/' ours.sdp >new.sdp
	mkfifo control
}

teardown()
{
	[ -z "${dial:-}" ] || kill "$dial" 2>/dev/null || true
	sipp_stop
}

dial()
{
	timeout 25 sip-dial --events events --trace trace --control control \
		--timeout 10 "$@" <ours.sdp >theirs.sdp 2>said 3>&- &
	dial=$!
}

answerer()
{
	dial --answer --listen 127.0.0.1:0 "$@"
	event '.event == "listening"'
	at=$(jq -r 'select(.event == "listening") | .address' events)
}

caller()
{
	dial "$@" "sip:bob@127.0.0.1:$(sipp_port peer)"
}

tell()
{
	jq -nc --arg command "$1" --rawfile sdp "$2" '{$command, $sdp}' >control
}
