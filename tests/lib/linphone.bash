# shellcheck shell=bash
# linphone's console as a phone at Kamailio: load ../lib/linphone, ../lib/kamailio
#
#	linphone_start NAME --at REGISTRAR --user USER --password WORD
#	linphone_command NAME COMMAND...   call sip:200@pbx, pause, answer,
#	                               transfer 1 --to-call 2, terminate all
#	linphone_wait NAME REGEX [SECONDS]     until it says so
#	linphone_stop                  all of them
#
# It is registered when linphone_start returns. Without a sound card it sends
# silence. What it knows stands in files, as with baresip.

# shellcheck source=tests/lib/ports.bash
source "$(dirname "${BASH_SOURCE[0]}")/ports.bash"

linphone_dir()
{
	echo "${BATS_FILE_TMPDIR:-${TMPDIR:-/tmp}}/linphone.$1"
}

linphone_config()
{
	cat <<-EOF
		[sip]
		sip_port=$port
		sip_tcp_port=0
		sip_tls_port=0
		use_ipv6=0
		bind_address=127.0.0.1
		default_proxy=0
		[proxy_0]
		reg_proxy=<sip:$at;transport=udp>
		reg_route=<sip:$at;transport=udp;lr>
		reg_identity=<sip:$user@pbx>
		reg_sendregister=1
		reg_expires=600
		[auth_info_0]
		username=$user
		passwd=$password
		realm=pbx
		[net]
		firewall_policy=0
		[rtp]
		audio_rtp_port=$((port + 2))
	EOF
}

linphone_start()
{
	local name=$1 at='' user='' password='' dir port

	shift
	while [ $# -gt 0 ]; do
		case $1 in
		--at) at=$2 ;;
		--user) user=$2 ;;
		--password) password=$2 ;;
		esac
		shift 2
	done
	dir=$(linphone_dir "$name")
	mkdir -p "$dir/.local/share/linphone"
	port=$(free_port 4)
	linphone_config >"$dir/rc"
	mkfifo "$dir/in"
	(
		exec 3>&- 4<>"$dir/in"
		HOME=$dir exec linphonec -c "$dir/rc" <&4 >"$dir/log" 2>&1
	) &
	echo $! >"$dir/pid"
	wait_for 30 linphone_registered "$user"
}

linphone_registered()
{
	[ -n "$(kamailio_contacts "$1")" ]
}

linphone_command()
{
	echo "${*:2}" >"$(linphone_dir "$1")/in"
}

linphone_wait()
{
	wait_for "${3:-20}" grep -qE "$2" "$(linphone_dir "$1")/log" || {
		tail -n 20 "$(linphone_dir "$1")/log" >&2
		return 1
	}
}

linphone_stop()
{
	local dir

	for dir in "$(linphone_dir '')"*; do
		[ -s "$dir/pid" ] || continue
		kill -KILL "$(<"$dir/pid")" 2>/dev/null || true
		rm -rf "$dir"
	done
}
