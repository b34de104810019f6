#!/usr/bin/env bash
# gateway.sh: a SIP <-> WebRTC gateway, of seven programs and some pipes.
#
#	browser <-WebSocket-> ws-signal <-> this script <-> sip-register <-SIP-> PBX
#
# It starts the programs that stay: the WebSocket server (with the page), a
# line to the SIP side, and its own place in the room. Per call it starts
# call-out.sh or call-in.sh, each in a folder and with processes of its own.
set -euo pipefail

usage() {
	cat <<'EOT'
gateway.sh: a SIP <-> WebRTC gateway

usage: gateway.sh [options]

  --listen HOST:PORT    where the page and its WebSocket are (127.0.0.1:8080)
  --origin ORIGIN       let pages of ORIGIN in too, e.g. https://phone.example
                        when an https proxy stands in front
  --pbx HOST:PORT       the SIP registrar or proxy; without it, an answering
                        machine on this computer (the number echo) is called
  --user USER           register there as USER ...
  --password-file FILE  ... with this password (else $SIP_PASSWORD)
  --domain DOMAIN       the domain of numbers (default: the PBX)
  --tcp                 SIP over TCP
  --no-register         a PBX, but no registration
  --address IP          our only address for media (default: for the phone
                        the one that leads to it, for browsers all we have)
  --turn HOST:PORT      a TURN server for browsers, and for us, to relay through:
                        where no other way is open ...
  --turn-secret FILE    ... with users for a day, made of the secret in FILE that
                        the server has too (coturn: static-auth-secret)
  --turn-transport HOW  ... reached by udp, tcp or tls (udp)
  --codecs LIST         what the phone is offered, e.g. PCMU,telephone-event
  --transcode CODEC     use CODEC (opus) with the browser even if the phone has
                        another; rtp-bridge then transcodes
  --timeout SECONDS     how long a phone may ring (60)
  --max-calls N         calls from browsers at once (100)
  --share-media         the media of all calls in one process: less CPU, but
                        what crashes it ends them all
  --calls DIR           a folder per call goes here (default: ./calls)
  --room NAME           the room the phones are in (phones)
  --quiet               say only what went wrong
EOT
}

here=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
. "$here/lib.sh"
bin=$(cd "$bin" && pwd) || die 66 "the programs are not built: run make"

listen=127.0.0.1:8080 origin='' pbx='' user='' password_file='' domain='' transport=()
turn='' turn_secret='' turn_transport=udp
register=1 address='' codecs='' transcode='' timeout=60 max_calls=100 calls=calls room=phones quiet='' share_media=''
while (($#)); do
	case $1 in
	--listen | --origin | --pbx | --user | --password-file | --domain | --address | --turn | --turn-secret | --turn-transport | --codecs | --transcode | --timeout | --max-calls | --calls | --room)
		[[ $# -gt 1 ]] || die 2 "$1 needs a value (--help says which)"
		name=${1#--}
		printf -v "${name//-/_}" '%s' "$2"
		shift
		;;
	--tcp) transport=(--tcp) ;;
	--no-register) register='' ;;
	--share-media) share_media=1 ;;
	--quiet | -q) quiet=1 ;;
	--help | -h)
		usage
		exit 0
		;;
	*) die 2 "unknown option $1 (gateway.sh --help lists them)" ;;
	esac
	shift
done
[[ $max_calls =~ ^[0-9]{1,4}$ ]] || die 2 "--max-calls: \"$max_calls\" is not a number"
[[ $timeout =~ ^[0-9]{1,5}$ ]] || die 2 "--timeout: \"$timeout\" is not a number of seconds"
[[ $address =~ ^([0-9.]+|[0-9a-fA-F:]+)?$ ]] || die 2 "--address: \"$address\" is not an IP address"
[[ $transcode =~ ^(opus|PCMU|PCMA)?$ ]] || die 2 "--transcode: opus, PCMU or PCMA"
turn=${turn#turn:}
[[ $turn =~ ^([][0-9A-Za-z.:-]+:[0-9]{1,5})?$ && $turn != -* ]] || die 2 "--turn: \"$turn\" is not HOST:PORT"
[[ ${turn:+1} == "${turn_secret:+1}" ]] || die 2 "--turn goes with --turn-secret"
[[ $turn_transport =~ ^(udp|tcp|tls)$ ]] || die 2 "--turn-transport: udp, tcp or tls"
[[ ! $turn_secret || -r $turn_secret ]] || die 66 "$turn_secret: cannot be read"
[[ ! $turn_secret ]] || turn_secret=$(realpath "$turn_secret")
[[ $pbx || ! $user ]] || die 2 "--user goes with --pbx"
[[ ! $pbx || $user || ! $register ]] || die 2 "--pbx needs --user, or --no-register"
[[ ! $password_file || -r $password_file ]] || die 66 "$password_file: cannot be read"
[[ ! $password_file ]] || password_file=$(realpath "$password_file")

mkdir -p "$calls" || die 74 "$calls: cannot be made"
calls=$(cd "$calls" && pwd)
((${#calls} < 80)) || die 2 "$calls: too long a path for the sockets in it"
exec {lock}>"$calls/.lock"
flock -n "$lock" || die 74 "$calls: another gateway uses it (give --calls another folder)"
rm -rf "$calls/gateway"
call_begin "$calls/gateway"
finish() {
	local status=$?
	trap - EXIT
	trap : TERM INT HUP # we are ending already
	gateway_end
	call_end
	exit "$status"
}
trap finish EXIT

# The calls end first, while the line is still there for their BYEs.
gateway_end() {
	local pid calls_running=()
	for pid in $(jobs -rp); do
		[[ " ${started[*]} " == *" $pid "* ]] || calls_running+=("$pid")
	done
	((${#calls_running[@]})) || return 0
	kill "${calls_running[@]}" 2>/dev/null || true
	wait "${calls_running[@]}" 2>/dev/null || true
}

# wait_for TOOL EVENT...: the first of these events, or the tool's end.
wait_for() {
	local wanted=$1 word
	shift
	while next_event; do
		for word in "$@"; do
			[[ $tool != "$wanted" || $event != "$word" ]] || return 0
		done
		[[ $tool:$event != "$wanted".*:gone && $tool:$event != "$wanted":gone ]] ||
			die "$((code < 128 ? code : 74))" "$(why_gone)"
	done
	die 74 "$wanted ended"
}

# 1. The WebSocket server and the page.
start ws-signal.server --listen "$listen" --www "$here/web" \
	${origin:+--origin "$origin"} </dev/null >/dev/null
wait_for ws-signal listening
address_bound=$(member address)
PIPECALL_URL=ws://$address_bound/signal

# 2. Media: a process for each call, or this one for all.
if [[ $share_media ]]; then
	start rtp-bridge.media --serve media.sock </dev/null >/dev/null
	wait_for rtp-bridge listening
	export PIPECALL_MEDIA=$PWD/media.sock
fi

whom="a number at $pbx"
# 3. Without a PBX, an answering machine is the SIP side.
if [[ ! $pbx ]]; then
	control_open machine
	"$here/answering-machine.sh" --listen 127.0.0.1:0 --calls "$calls" -- \
		--events "$PWD/inbox" --control "$PWD/machine.ctl" \
		--call machine --pid $$ 2>>machine.log >/dev/null &
	started+=($!)
	wait_for sip-register listening
	pbx=$(member address) whom=echo
	register=''
fi

# 4. The line to the SIP side. call-in.sh takes what comes in on it.
export PIPECALL_URL PIPECALL_ROOM=$room PIPECALL_CALLS=$calls
export PIPECALL_LINE=$PWD/line.sock PIPECALL_GATEWAY=$PWD
export PIPECALL_DOMAIN=${domain:-$pbx} PIPECALL_BIN=$bin
export PIPECALL_ICE=${address:+--address $address}
: "${PIPECALL_ICE:=--loopback}"
export PIPECALL_CODECS=${codecs:+--codecs $codecs} PIPECALL_TRANSCODE=$transcode
export PIPECALL_TIMEOUT=$timeout
export PIPECALL_TURN=$turn PIPECALL_TURN_SECRET=$turn_secret PIPECALL_TURN_TRANSPORT=$turn_transport
# The line's own address leads to the phones: it is for media, too.
line_is_open() {
	local bound
	wait_for sip-register listening
	bound=$(member address)
	bound=${bound%:*}
	[[ ! $address ]] || bound=$address
	[[ $address != *:* ]] || bound=[$address]
	printf '%s' "$bound" >address
}
if [[ $register ]]; then
	start sip-register "sip:$user@$PIPECALL_DOMAIN" --registrar "$pbx" \
		--line "$PIPECALL_LINE" --keep-trying "${transport[@]}" \
		${password_file:+--password-file "$password_file"} \
		--exec bash -- "$here/call-in.sh" </dev/null >/dev/null
	line_is_open
	wait_for sip-register registered refused unreachable
	[[ $event == registered ]] || say "not registered at $pbx: ${code:+$code }$why"
else
	start sip-register --no-register --proxy "$pbx" --line "$PIPECALL_LINE" \
		"${transport[@]}" --exec bash -- "$here/call-in.sh" </dev/null >/dev/null
	line_is_open
fi

# 5. Our own place in the room: the page's invitations come here.
signal_start gateway "the gateway"
say "open http://$address_bound/ and call $whom"

number_of_calls=0
call_out() {
	local name running
	mapfile -t running < <(jobs -rp)
	if ((${#running[@]} - ${#started[@]} >= max_calls)); then
		browser=$from call=$(member call)
		signal bye '{code: 503, why: "the gateway has too many calls"}'
		return
	fi
	printf -v name '%(%Y%m%d-%H%M%S)T-out-%d-%d' -1 $$ "$((++number_of_calls))"
	"$here/call-out.sh" "$calls/$name" <<<"$json" {feed}<&- {inbox}>&- &
}

# A page that is about to call asks what it may be relayed through.
servers() {
	browser=$from call=$(member call)
	signal servers --slurpfile servers <(turn_server) '{$servers}'
}

while next_event; do
	case $tool:$event in
	ws:invite) call_out ;;
	ws:servers) servers ;;
	sip-register:refused | sip-register:unreachable) say "not registered: ${code:+$code }$why" ;;
	ws:*) ;; # whatever else somebody says
	*:gone)
		((code != 0)) || exit 0 # Ctrl-C is for all of us
		die 74 "$(why_gone)"
		;;
	esac
done
