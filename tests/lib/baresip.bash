# shellcheck shell=bash
# baresip as a SIP phone on loopback: load ../lib/baresip
#
#	baresip_start NAME [--at REGISTRAR] [--user USER] [--password WORD]
#		[--transport udp|tcp] [--tone HZ | --play FILE.wav | --echo]
#		[--answer auto|manual] [--codecs PCMU/8000/1,PCMA/8000/1]
#		[--account ';more=parameters'] [--watch CONTACT]
#		[--config 'line of its config'] [--address IP]
#	baresip_uri NAME               sip:USER@127.0.0.1:PORT, to be called at
#	baresip_command NAME COMMAND [ARGUMENT]    dial URI, accept, hangup,
#	                               hold, resume, sndcode 1, reginfo, ...
#	baresip_wait NAME REGEX [SECONDS]          until its log says so
#	baresip_heard NAME             the WAV of what it received (last call)
#	baresip_log NAME               the log's path
#	baresip_stop [NAME...]         all of them without a name
#
# It is at 127.0.0.1, or at --address. Without --at it has no registrar and is
# called at its URI. With it, it is registered when baresip_start returns. The
# tone (default 440 Hz) and what it records are 8 kHz mono. Log lines worth
# waiting for: "Call established", "Incoming call", "session closed" (the other
# side ended it). What it knows stands in files, so it may be used across bats'
# processes.

# shellcheck source=tests/lib/ports.bash
source "$(dirname "${BASH_SOURCE[0]}")/ports.bash"

baresip_dir()
{
	echo "${BATS_FILE_TMPDIR:-${TMPDIR:-/tmp}}/baresip.$1"
}

baresip_source()
{
	if [ "$echo" = 1 ]; then
		echo 'audio_source aubridge,loop'
		echo 'audio_player aubridge,loop'
		return
	fi
	if [ -z "$play" ]; then
		play=$dir/tone.wav
		sox -n -r 8000 -c 1 -b 16 "$play" synth 120 sine "$tone" vol 0.3
	fi
	echo "audio_source aufile,$play"
	# A player without a source under its name: nothing is heard twice.
	echo 'audio_player aubridge,none'
}

baresip_config()
{
	cat <<-EOF
		sip_listen $address:$port
		net_interface $address
		rtp_ports 10000-11999
		module_path $(baresip_modules)
		module g711.so
		module aufile.so
		module aubridge.so
		module sndfile.so
		module_tmp account.so
		module_app menu.so
		module_app ctrl_tcp.so
		ctrl_tcp_listen 127.0.0.1:$((port + 2))
		ausrc_srate 8000
		auplay_srate 8000
		ausrc_channels 1
		auplay_channels 1
		snd_path $dir/heard
		call_max_calls 20
		$config
	EOF
	baresip_source
}

baresip_modules()
{
	local dir

	for dir in /usr/lib/baresip/modules /usr/lib/*/baresip/modules \
		/usr/local/lib/baresip/modules; do
		if [ -d "$dir" ]; then
			echo "$dir"
			return
		fi
	done
}

baresip_account()
{
	local domain=$address:$port

	[ -z "$at" ] || domain=pbx
	printf '<sip:%s@%s;transport=%s>;answermode=%s;audio_codecs=%s' \
		"$user" "$domain" "$transport" "$answer" "$codecs"
	if [ -n "$at" ]; then
		printf ';auth_user=%s;auth_pass=%s;regint=600' \
			"$user" "$password"
		printf ';outbound="sip:%s;transport=%s"' "$at" "$transport"
	else
		printf ';regint=0'
	fi
	printf '%s\n' "$account"
}

baresip_start()
{
	local name=$1 at='' user=$1 password='' transport=udp tone=440 play=''
	local echo=0 answer=auto codecs=PCMU/8000/1,PCMA/8000/1 account='' watch=''
	local config='' address=127.0.0.1
	local dir port

	shift
	while [ $# -gt 0 ]; do
		case $1 in
		--echo) echo=1 && shift && continue ;;
		--at) at=$2 ;;
		--user) user=$2 ;;
		--password) password=$2 ;;
		--transport) transport=$2 ;;
		--tone) tone=$2 ;;
		--play) play=$2 ;;
		--answer) answer=$2 ;;
		--codecs) codecs=$2 ;;
		--account) account=$2 ;;
		--watch) watch=$2 ;;
		--config) config=$2 ;;
		--address) address=$2 ;;
		*) echo "baresip_start: $1?" >&2 && return 2 ;;
		esac
		shift 2
	done
	dir=$(baresip_dir "$name")
	# A port that was free may be somebody's by the time it is used.
	for _ in 1 2 3; do
		baresip_run
		wait_for 10 grep -qaE 'baresip is ready|init failed' "$dir/log" ||
			break
		grep -qa 'Address already in use' "$dir/log" || break
		kill "$(<"$dir/pid")" 2>/dev/null || true
	done
	baresip_wait "$name" 'baresip is ready' 1
	[ -z "$at" ] || baresip_wait "$name" '200 OK .*[0-9] binding' 10
}

# Its folder, and the process; the variables are baresip_start's.
baresip_run()
{
	rm -rf "$dir" && mkdir -p "$dir/heard"
	port=$(free_port 3) # SIP, its TLS, control
	baresip_config >"$dir/config"
	baresip_account >"$dir/accounts"
	if [ -n "$watch" ]; then # its presence module subscribes to contacts
		printf 'module_app contact.so\nmodule_app presence.so\n' \
			>>"$dir/config"
		printf '%s\n' "$watch" >"$dir/contacts"
	fi
	echo "sip:$user@$address:$port" >"$dir/uri"
	echo $((port + 2)) >"$dir/control"
	: >"$dir/log"
	stdbuf -oL baresip -f "$dir" -s -v </dev/null >"$dir/log" 2>&1 3>&- &
	echo $! >"$dir/pid"
}

baresip_uri()
{
	cat "$(baresip_dir "$1")/uri"
}

baresip_log()
{
	echo "$(baresip_dir "$1")/log"
}

# A netstring of JSON over its control port; prints the answer.
baresip_command()
{
	local dir message fd answer

	dir=$(baresip_dir "$1")
	message=$(jq -nc --arg command "$2" --arg params "${3:-}" \
		'{command: $command, params: $params}')
	exec {fd}<>"/dev/tcp/127.0.0.1/$(<"$dir/control")"
	printf '%d:%s,' "${#message}" "$message" >&"$fd"
	IFS= read -r -t 2 -d '}' answer <&"$fd" || true
	exec {fd}>&-
	printf '%s}\n' "$answer"
}

baresip_wait()
{
	if ! wait_for "${3:-10}" grep -qaE "$2" "$(baresip_log "$1")"; then
		tail -n 40 "$(baresip_log "$1")" >&2
		return 1
	fi
}

baresip_heard()
{
	local file newest=''

	for file in "$(baresip_dir "$1")"/heard/*-dec.wav; do
		[ "$file" -nt "$newest" ] && newest=$file
	done
	printf '%s\n' "$newest"
}

baresip_stop()
{
	local dir name pid

	if [ $# -eq 0 ]; then
		for dir in "$(baresip_dir '')"*; do
			[ -d "$dir" ] && set -- "$@" "${dir##*/baresip.}"
		done
	fi
	for name; do
		dir=$(baresip_dir "$name")
		[ -s "$dir/pid" ] || continue
		pid=$(<"$dir/pid")
		kill "$pid" 2>/dev/null || true
		wait_for 5 baresip_gone "$pid" || kill -KILL "$pid"
		: >"$dir/pid"
	done
}

baresip_gone()
{
	wait "$1" 2>/dev/null || true # if it is this shell's
	! kill -0 "$1" 2>/dev/null
}
