#!/usr/bin/env bash
# nat-lab.sh: an internet on this computer, with homes behind NATs, without
# root: namespaces, virtual links, nftables, and coturn for a server.
#
# Nothing of it touches the real network, and nothing stays when it ends.
set -euo pipefail

usage() {
	cat <<'EOT'
nat-lab.sh: try ICE, STUN and TURN behind every kind of NAT, without root

usage: nat-lab.sh [options] KIND KIND [-- COMMAND...]
       nat-lab.sh [options] shell [KIND KIND]
       nat-lab.sh [options] gateway KIND KIND [-- COMMAND...]
       nat-lab.sh [options] matrix [KIND...]

There are two homes, a and b, each behind a NAT of a KIND. COMMAND runs at
home a; in it, `on b COMMAND` runs something at home b, likewise on nat-a,
nat-b (the routers), server and internet (the router before it). Without
COMMAND, and with shell, you get a shell at home a.

gateway has gateway.sh and a SIP exchange run on the server, and a SIP phone
at home b. Without COMMAND a WebRTC end at home a calls the phone, then the
phone calls it: the exit status is 0 if the tone of each came back. With
`-- bash` you get a shell at home a, to call from.

matrix has ice-pair connect each kind with each, with and without a TURN
server, and compares: its exit status is 0 only if every cell is as it has to
be, and 1 if not, with what either end last said of its pairs.

EOT
	local kind
	for kind in none firewall full address port address-mapping symmetric masquerade double; do
		printf '  %-16s %s\n' "$kind" "${nat_kinds[$kind]}"
	done
	cat <<'EOT'

  -4, -6           IPv4 (the default), IPv6, or both with both
  --delay MS       what crosses a home's link comes MS later, each way
  --loss PERCENT   what a home's link loses, each way
                   matrix: at 20, ICE itself fails in a cell of some hundred:
                   all checks of the only pair, or their replies, get lost
  --timeout SECS   matrix: how long a pair may take to connect (10; with
                   --delay or --loss 20, with --loss 10 and more 60, which is
                   for all requests of a check or an allocation)
  --keep DIR       leave the logs (matrix: also what each end said; gateway:
                   also the folder of each call) there

In COMMAND's environment: NAT_LAB_STUN and NAT_LAB_TURN (HOST:PORT; over UDP
and TCP), NAT_LAB_TLS (over TLS, certificate in NAT_LAB_CERT), the user's name
in NAT_LAB_USER and the password in TURN_PASSWORD, as ice-pair wants it;
NAT_LAB_A and NAT_LAB_B, the homes' own addresses. With gateway also
NAT_LAB_PAGE and NAT_LAB_SIGNAL, its URLs, NAT_LAB_CALLS, the folder of its
calls, NAT_LAB_SIP, the exchange (HOST:PORT, UDP and TCP; it asks for no
password, and its domain is lab.example), and NAT_LAB_LINE, the line of the
phone, which is called phone; the browsers are called gateway.

  nat-lab.sh symmetric port -- sh -c 'stun-probe $NAT_LAB_STUN'
  nat-lab.sh gateway symmetric port
  nat-lab.sh gateway port full -- sh -c 'webrtc-phone.sh $NAT_LAB_SIGNAL phone'
  nat-lab.sh matrix
EOT
}

die() { # die STATUS WORDS
	printf 'nat-lab.sh: %s\n' "$2" >&2
	exit "$1"
}

here=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
. "$here/options.sh"
. "$here/nat-lab/rules.sh"
. "$here/nat-lab/build.sh"
. "$here/nat-lab/matrix.sh"
. "$here/nat-lab/phones.sh"

four='' six='' both='' keep='' patience='' action='' all=("$@")
declare -A values=([--delay]=delay [--loss]=loss [--keep]=keep [--timeout]=patience)
declare -A flags=([-4]=four [-6]=six [-46]=both)
take_options "$@"
set -- "${behind[@]}"
case ${words[0]-} in
shell | matrix | gateway) action=${words[0]} words=("${words[@]:1}") ;;
esac
[[ ! $both ]] || four=1 six=1
[[ $four || ! $six ]] || families=()
[[ ! $six ]] || families+=(6)
[[ $delay =~ ^[0-9]{1,4}$ ]] || die 2 "--delay: \"$delay\" is not a number of milliseconds"
[[ $loss =~ ^[0-9]{1,2}(\.[0-9]{1,2})?$ ]] || die 2 "--loss: \"$loss\" is not a percentage"
if [[ ! $patience ]]; then
	patience=10
	[[ $delay$loss == 00 ]] || patience=20
	((10#${loss%.*} < 10)) || patience=60
fi
[[ $patience =~ ^[1-9][0-9]{0,2}$ ]] || die 2 "--timeout: \"$patience\" is not a number of seconds"
for word in "${words[@]}"; do
	[[ $word != @(shell|matrix|gateway) ]] || die 2 "$word: it comes before the kinds of NAT"
	[[ ${nat_kinds[$word]-} ]] || die 2 "$word: no such kind of NAT (--help lists them; a command comes after --)"
done
if [[ $action == matrix ]]; then
	(($# == 0)) || die 2 "matrix runs its own commands"
	((${#words[@]})) || words=("${matrix_kinds[@]}")
	[[ $(printf "%s\n" "${words[@]}" | sort | uniq -d) == "" ]] || die 2 "matrix: give each kind once"
else
	[[ $action != shell || ${#words[@]} -gt 0 ]] || words=(port port)
	[[ ${#words[@]} == 2 ]] || die 2 "two kinds of NAT are expected, for a and b (--help lists them; a command comes after --)"
	[[ $action != shell || $# == 0 ]] || die 2 "shell takes no command"
fi
bin=$(cd "${PIPECALL_BIN:-$here/../build/bin}" 2>/dev/null && pwd) ||
	die 66 "the programs are not built: run make"
programs=(ip nft turnserver nsenter setpriv openssl python3 jq)
[[ $action != gateway ]] || programs+=(kamailio)
for program in "${programs[@]}"; do
	command -v "$program" >/dev/null || PATH+=:/usr/sbin:/sbin
	command -v "$program" >/dev/null ||
		die 69 "$program is missing: apt-get install iproute2 nftables coturn util-linux openssl python3 jq${programs[8]+ kamailio}"
done

# Namespaces of our own; in them we are root, over nothing but them.
if [[ ${NAT_LAB_INSIDE-} != "$$" ]]; then
	unshare -Urnm true 2>/dev/null ||
		die 77 "user namespaces are not allowed here (sysctl kernel.unprivileged_userns_clone, user.max_user_namespaces)"
	NAT_LAB_INSIDE=$$ exec unshare -Urnm bash "$here/nat-lab.sh" "${all[@]}"
fi
unset NAT_LAB_INSIDE

if [[ $keep ]]; then
	mkdir -p "$keep" 2>/dev/null || die 74 "$keep: cannot be made"
	lab=$(cd "$keep" && pwd)
	[[ ! $(ls -A "$lab") ]] || die 74 "$keep: it is not empty (give --keep another folder)"
else
	lab=$(mktemp -d)
fi
# shellcheck disable=SC2317 # the trap calls it
finish() {
	local status=$?
	trap - EXIT
	trap : TERM INT HUP # we are ending already
	demolish
	[[ $keep ]] || rm -rf "$lab"
	exit "$status"
}
trap finish EXIT
trap 'exit 143' TERM
trap 'exit 130' INT HUP

build_internet
if [[ $action == matrix ]]; then
	build_matrix "${words[@]}"
else
	build_home a "${words[0]}"
	build_home b "${words[1]}"
fi
start_wire
start_server

mkdir -p "$lab/bin"
cat >"$lab/bin/on" <<'EOT'
#!/bin/sh
[ $# -gt 1 ] && [ -e "/run/netns/$1" ] || {
	echo "on: say where and what: on PLACE COMMAND... ($(echo $(ls /run/netns)))" >&2
	exit 2
}
where=$1
shift
exec nsenter --net=/run/netns/"$where" "$@"
EOT
chmod +x "$lab/bin/on"
PATH=$lab/bin:$bin:$here:$PATH
export PIPECALL_BIN=$bin

if [[ $action == matrix ]]; then
	run_matrix "${words[@]}"
	exit
fi
export NAT_LAB_A=${home_address[a]} NAT_LAB_B=${home_address[b]}
has_family 4 || NAT_LAB_A=${home_address6[a]} NAT_LAB_B=${home_address6[b]}
if [[ $action == gateway ]]; then
	start_exchange
	start_gateway
	start_phone
	if (($# == 0)); then
		run_calls
		exit
	fi
fi
if (($# == 0)); then
	printf '%s\n' "You are at home a ($NAT_LAB_A, ${words[0]}); b is $NAT_LAB_B (${words[1]})." \
		"The server is \$NAT_LAB_STUN; \`on b COMMAND\` runs something there." >&2
	export PS1='nat-lab:a\$ '
	in_ns a "${SHELL_IN_LAB:-bash}" --norc -i || true
	exit 0
fi
# a background command would ignore Ctrl-C, and so would all it starts
(
	trap - INT QUIT
	exec nsenter --net=/run/netns/a "$@"
) <&0 &
command=$!
lab_pids+=("$command")
status=0
wait "$command" || status=$?
exit "$status"
