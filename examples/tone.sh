# shellcheck shell=bash
# tone.sh: what the two phones that listen for a tone share. Sourced by
# webrtc-phone.sh and sip-phone.sh, after lib.sh.
#
# A call is heard by what comes back: the phone says a tone to somebody who
# sends it back, and the tone leg of its rtp-bridge tells once a second what it
# hears.

hz=997 patience=30 # the options' values
waiting=1          # for the tone, or the call, while the clock runs

check_tone_options() {
	[[ $hz =~ ^[1-9][0-9]{1,3}$ ]] || die 2 "--tone: \"$hz\" is not a frequency in Hz"
	[[ $patience =~ ^[1-9][0-9]{0,4}$ ]] || die 2 "--timeout: \"$patience\" is not a number of seconds"
}

# phone_begin [DIR]: the call's folder, the clock, and their end.
phone_begin() {
	kept=$1 folder=$1
	bin=$(cd "$bin" && pwd) || die 66 "the programs are not built: run make"
	here=$(cd "$here" && pwd)
	call_begin "${folder:=$(mktemp -d)}"
	mkfifo clock.fifo
	( # a read of what nobody writes is a sleep without a child to end
		read -rt "$patience" <>clock.fifo ||
			echo '{"tool":"clock","event":"late"}' >&"$inbox"
	) {feed}<&- &
	clock=$!
	trap phone_end EXIT
}

# shellcheck disable=SC2317 # the trap calls it
phone_end() {
	local status=$?
	trap - EXIT
	trap : TERM INT HUP
	kill "$clock" 2>/dev/null || true
	call_end
	[[ $kept ]] || rm -rf "$folder"
	exit "$status"
}

fail() { # fail STATUS WORDS
	say "$2"
	exit "$1"
}

# in_call: what was waited for is here; now the call may last.
in_call() {
	waiting=''
	kill "$clock" 2>/dev/null || true
}

# tone_heard TO: is the event just read our tone? Then say so, once.
tone_heard() {
	local answer
	[[ $waiting ]] || return 1
	answer=$(jq -r --argjson hz "$hz" 'select(.dbfs > -40 and .ratio > 0.5
		and (.hz - $hz | fabs) < $hz * 0.02)
		| "heard \(.hz | round) Hz at \(.dbfs | round) dBFS"' <<<"$json")
	[[ $answer ]] || return 1
	in_call
	printf '%s\n' "sent $hz Hz to $1, $answer"
}
