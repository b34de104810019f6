# shellcheck shell=bash
# A call between two sip-dials: load ../lib/two-dials
#
#	two_dials_setup          fifos control.a and control.b, offer.sdp
#	answerer [OPTIONS]       its address is $at then; events.b, said.b
#	caller [OPTIONS]         it calls there; events.a, said.a
#	call_up                  until both say so
#	event FILE CONDITION [SECONDS]    event events.b '.event == "dtmf"'
#	ended PID STATUS         it has ended, or ends, with that status
#	two_dials_stop

# shellcheck source=tests/lib/phone-sdp.bash
source "$(dirname "${BASH_SOURCE[0]}")/phone-sdp.bash"
# shellcheck source=tests/lib/ports.bash
source "$(dirname "${BASH_SOURCE[0]}")/ports.bash"

two_dials_setup()
{
	phone_sdp >offer.sdp
	mkfifo control.a control.b
	answerer=''
	caller=''
}

two_dials_stop()
{
	[ -z "$answerer" ] || kill "$answerer" 2>/dev/null || true
	[ -z "$caller" ] || kill "$caller" 2>/dev/null || true
}

answerer()
{
	sip-dial --answer --listen 127.0.0.1:0 --events events.b \
		--control control.b --trace trace.b "$@" \
		<"${input:-offer.sdp}" >got.offer 2>said.b 3>&- &
	answerer=$!
	event events.b '.event == "listening"'
	at=$(jq -r 'select(.event == "listening") | .address' events.b)
}

caller()
{
	sip-dial --events events.a --control control.a --trace trace.a "$@" \
		"sip:bob@$at" <offer.sdp >got.answer 2>said.a 3>&- &
	caller=$!
}

call_up()
{
	event events.a '.event == "established"'
	event events.b '.event == "established"'
}

ended()
{
	local status=0

	wait "$1" || status=$?
	if [ "$status" != "$2" ]; then
		cat said.* events.*
		echo "exit status $status, not $2"
		return 1
	fi
}

event()
{
	wait_for "${3:-10}" event_is "$1" "$2"
}

event_is()
{
	[ -s "$1" ] && jq -se "any(.[]; $2)" "$1" >/dev/null
}
