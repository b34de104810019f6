# shellcheck shell=bash
# lib.sh: what the scripts of a call share. Sourced, not run.
#
# A call is a folder. In it every tool of the call writes its events into one
# FIFO, `inbox`; the script reads them from there, one at a time, and acts:
#
#	tools --events--> inbox --> tee events.jsonl --> jq --> the script
#
# Nothing is polled. Every tool is tied (--pid) to the script and to the
# subshell that waits for it, so whichever process is killed, the rest ends.
# What the network said stays data: it is only ever a quoted value, the
# content of a file, or text that jq puts into JSON.

here=${BASH_SOURCE[0]%/*}
bin=${PIPECALL_BIN:-$here/../build/bin}
started=()
default_ifs=$IFS
declare -A control
on_stop=: # what a script does when a signal ends it

# What the inbox holds, as fields that no remote text can forge: a message has
# a `type`, which no event of a tool has, and is always from "ws"; control
# characters go, and the fields are joined by one of them. The last is the
# whole as JSON; of a candidate, the command for ice-pair.
fields='fromjson? | objects | [if has("type") then "ws", .type else .tool, .event end,
	.from, (.status // .code),
	(.reason // .why),
	(if .type == "candidate" then {command: "candidate", candidate, mid} else . end | tojson)]
	| map(. // "" | tostring | gsub("[\u0000-\u001f\u007f]"; " "))
	| join("\u001f")'

die() { # die STATUS WORDS: one line, and out
	printf '%s: %s\n' "${0##*/}" "$2" >&2
	exit "$1"
}

say() {
	[[ ${quiet-} ]] || printf '%s: %s\n' "${0##*/}" "$1" >&2
}

# by_gateway SCRIPT: this is that script's to run, with the call's environment.
by_gateway() {
	[[ ${PIPECALL_CALLS-} || ${PIPECALL_ICE-} ]] ||
		die 2 "$1 runs this, once a call (examples/$1 --help)"
}

# call_begin DIR: make the folder, go there, open the inbox.
call_begin() {
	mkdir -p "$1"
	cd "$1" || die 74 "$1: cannot go there"
	export PIPECALL_CALL=${1##*/}
	mkfifo inbox product.fifo
	# Ctrl-C is for all of us; these end last
	exec {feed}< <(
		trap '' TERM INT HUP
		exec jq -rR --unbuffered "$fields" < <(exec tee -a events.jsonl <inbox)
	)
	feeder=$!
	exec {inbox}>inbox
	trap call_end EXIT
	trap 'IFS=$default_ifs; $on_stop; exit 0' TERM INT HUP # amid a read
}

# control_open TOOL: the FIFO for its commands; held open, so that telling a
# tool that is no longer there does not hang.
control_open() {
	local fd
	mkfifo "$1.ctl"
	exec {fd}<>"$1.ctl"
	control[$1]=$fd
}

# start TOOL[.NAME] WORDS: run a tool of this call in the background. Its
# product goes where stdout goes; its log to TOOL.log, commands to TOOL.ctl.
start() {
	local tool=$1 status=0
	shift
	control_open "$tool"
	(
		self=$BASHPID
		[[ ! ${product_to-} ]] || exec >"$product_to"
		"$bin/${tool%%.*}" --events inbox --trace trace.jsonl \
			--pcap "$tool.pcapng" --control "$tool.ctl" \
			--pid $$ --pid "$self" "$@" \
			<&0 2>>"$tool.log" {feed}<&- {inbox}>&- &
		exec >&- # the product's end is the tool's alone
		wait $! || status=$?
		kill -0 $$ 2>/dev/null || call_clean # the script was killed
		printf '{"tool":"%s","event":"gone","status":%d}\n' \
			"$tool" "$status" >&"$inbox"
	) <&0 2>>script.log {feed}<&- &
	started+=($!)
}

# product FILE TOOL[.NAME] WORDS: start it, and go on once its product is
# complete: it then closes its stdout, and lives on. False if there was none.
product() {
	local file=$1 text
	shift
	product_to=product.fifo start "$@"
	IFS= read -rd '' text <product.fifo || true
	printf '%s' "$text" >"$file"
	[[ $text ]]
}

# why_gone: why the tool of a `gone` event has ended, in words.
why_gone() {
	local said
	said=$(tail -n 1 "$tool.log")
	if ((code > 128)); then
		printf '%s was killed (signal %d)' "$tool" $((code - 128))
	else
		printf '%s' "${said:-$tool ended}"
	fi
}

# tell TOOL COMMAND: one control command to a tool that was started.
tell() {
	[[ ${control[$1]-} ]] && printf '%s\n' "$2" >&"${control[$1]}"
}

# next_event: wait for one event or message; false when the inbox is gone.
next_event() {
	IFS=$'\x1f' read -r -u "$feed" tool event from code why json
}

# signal_start KIND: become a participant of the room the phones are in.
signal_start() {
	mkfifo ws-signal.in
	exec {signal}<>ws-signal.in
	start ws-signal --connect "$PIPECALL_URL" <ws-signal.in >inbox
	jq -nc --arg room "$PIPECALL_ROOM" --arg kind "$1" --arg name "$2" \
		'{type: "enter", $room, $kind, $name}' >&"$signal"
}

# signal TYPE [JQ-ARGUMENTS] MEMBERS: a message to $browser about this call.
signal() {
	local type=$1 members=${*: -1}
	jq -nc --arg type "$type" --arg to "$browser" --arg call "$call" \
		"${@:2:$#-2}" "{\$type, \$to, \$call} + $members" >&"$signal"
}

# ice_options_read: how ice-pair is to find its way, as the gateway was told.
ice_options_read() {
	read -ra ice_options <<<"$PIPECALL_ICE"
	[[ ! $PIPECALL_TURN ]] || ice_options+=(--turn "$PIPECALL_TURN"
		--turn-transport "$PIPECALL_TURN_TRANSPORT" --turn-secret "$PIPECALL_TURN_SECRET")
}

# turn_server: the TURN server as browsers take it, with credentials that are
# good for a day; nothing if there is none.
turn_server() {
	[[ ! $PIPECALL_TURN ]] || "$bin/stun-probe" --credentials \
		--transport "$PIPECALL_TURN_TRANSPORT" \
		--turn-secret "$PIPECALL_TURN_SECRET" "$PIPECALL_TURN" 2>>stun-probe.log
}

# take_call OFFER WORDS: sip-dial takes the call that sip-register has for us;
# the phone's offer goes into OFFER. A phone that makes none has its reason: it
# answers ours, in its ACK (RFC 3261 13.2.1). Then what we can do stands in for
# its offer, $late is set, and its answer is in ack.sip.sdp once it is established.
take_call() {
	start sip-dial --answer --line "$SIP_LINE" --invite "$SIP_INVITE" \
		"${@:2}" </dev/null >ack.sip.sdp
	while next_event; do
		case $tool:$event in
		sip-dial:incoming)
			late=$(member late_offer)
			if [[ $late ]]; then
				cp "$here/audio.sdp" "$1"
			else
				member sdp >"$1"
				rm ack.sip.sdp
			fi
			return
			;;
		sip-dial:gone) return 1 ;;
		esac
	done
	return 1
}

# answer_call ANSWER OFFER: our answer goes to the phone, and the media begin,
# if it has said what it likes.
answer_call() {
	[[ $late ]] || describe sip "$1" "$2"
	tell sip-dial "$(jq -nc --rawfile sdp "$1" '{command: "answer", $sdp}')"
}

# leg_for OFFER: the kind of leg that a phone's offer can be answered by: with
# keys if it has some (SDES, or DTLS without ICE), else in the clear.
leg_for() {
	case $(grep -m 1 '^m=audio ' "$1") in
	*\ UDP/TLS/RTP/SAVP*) printf dtls ;;
	*\ RTP/SAVP*) if grep -q '^a=crypto:' "$1"; then printf srtp; else printf dtls; fi ;;
	*) printf rtp ;;
	esac
}

# describe LEG LOCAL REMOTE: tell rtp-bridge what a leg's two ends said.
describe() {
	tell rtp-bridge "describe $1 $2 $3"
}

# moved: the phone has changed the session, and sip-dial has said yes. Media go
# where it says now, as it says, or not at all while it holds the call. $ours is
# what it was told last.
moved() {
	[[ $(member by) == them ]] || return 0
	if [[ $(member what) == media ]]; then
		mv next.sip.sdp ours.sip.sdp
		ours=ours.sip.sdp
	fi
	member sdp >moved.sip.sdp
	describe sip "$ours" moved.sip.sdp
}

# reoffered SOURCE WORDS: the phone wants codecs that were not agreed on, or
# more than that: what SOURCE has is the answer, and media follow (moved).
reoffered() {
	[[ $(member answer) == wanted ]] || return 0
	member sdp >reoffer.sip.sdp
	if "$bin/sdp-convert" --to sip --answer-to reoffer.sip.sdp \
		--with media.sdpfrag#sip "${@:2}" <"$1" >next.sip.sdp 2>>sdp-convert.log; then
		tell sip-dial "$(jq -nc --rawfile sdp next.sip.sdp '{command: "answer", $sdp}')"
	else
		tell sip-dial "reject 488"
	fi
}

# candidate: the browser trickled one (a command already, see fields).
candidate() {
	tell ice-pair "$json"
}

# member NAME: a member of the message just read, as it is (use it quoted).
member() {
	jq -j --arg name "$1" '.[$name] // "" | tostring' <<<"$json"
}

# call_clean: remove what only the living need.
call_clean() {
	rm -f inbox -- *.ctl *.in *.fifo *.sock
}

# call_end: end what was started, wait for it, leave only what explains it.
call_end() {
	trap - EXIT
	trap : TERM INT HUP # we are ending already
	local tool pid killer
	for tool in "${!control[@]}"; do
		tell "$tool" hangup
	done
	# the tools end within 2 s of being told; this is for one that is stuck
	(
		trap 'kill $!; exit' TERM
		sleep 3 &
		wait $!
		kill -KILL "${started[@]}"
	) 2>/dev/null &
	killer=$!
	for pid in "${started[@]}"; do
		while kill -0 "$pid"; do
			wait "$pid" || true
		done
	done 2>/dev/null
	kill "$killer" 2>/dev/null || true
	exec {inbox}>&-
	wait "$feeder" "$killer" 2>/dev/null || true
	# nor may they end what tidies up; of one that has just come, bash would
	# complain that its trap is no more
	{ trap '' TERM INT HUP && :; } 2>/dev/null
	# SIP first: its SDP tells Wireshark which ports are RTP
	shopt -s nullglob
	local captures=(sip-*.pcapng [!s]*.pcapng)
	((${#captures[@]} == 0)) || {
		cat -- "${captures[@]}" >capture && rm -- "${captures[@]}" &&
			mv capture call.pcapng
	}
	call_clean
}
