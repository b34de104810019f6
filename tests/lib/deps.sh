#!/bin/bash
#
# Install the Debian packages that a part of pipecall's work needs and that
# are missing; do nothing, quickly, when all are there.
#
#	tests/lib/deps.sh build         to build the tools and run the demo
#	tests/lib/deps.sh lab           to try them behind NATs
#	tests/lib/deps.sh check         to run the tests
#	tests/lib/deps.sh lint fuzz     ...
#
# Services that come with the packages (kamailio, coturn) are not started:
# the tests start their own, on ports of their own.
set -euo pipefail

build=(gcc libc6-dev make pkg-config
	libosip2-dev libnice-dev libssl-dev nettle-dev libopus-dev libogg-dev
	libevent-dev libjansson-dev libwslay-dev libmd-dev libc-ares-dev
	bash coreutils procps sed util-linux jq)
lab=(iproute2 nftables coturn kamailio openssl python3)
check=(check libsrtp2-dev bats mandoc shellcheck python3
	rtpengine-daemon janus nginx-light libnginx-mod-rtmp
	kamailio kamailio-presence-modules kamailio-tls-modules
	kamailio-websocket-modules
	kamailio-outbound-modules dnsmasq-base baresip-core sip-tester
	sipsak coturn ffmpeg tshark tmux
	python3-aiortc python3-websockets python3-gi gir1.2-nice-0.1 chromium
	iproute2 nftables socat curl sox openssl xxd stun-server
	erlang-p1-stun linphone-cli firefox-esr
	gstreamer1.0-plugins-base gstreamer1.0-plugins-good
	gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly gstreamer1.0-nice
	gstreamer1.0-libav gir1.2-gst-plugins-bad-1.0
	golang-go golang-github-pion-webrtc.v3-dev)
bench=(linphone-cli)
lint=(clang-format clang-tidy cppcheck shellcheck mandoc)
fuzz=(clang libclang-rt-14-dev)
fresh=(debootstrap)

# A Node.js from elsewhere is as good as Debian's.
node_packages()
{
	if ! command -v npm >/dev/null ||
		! node -e 'process.exit(+(parseInt(process.versions.node) < 18))' \
			2>/dev/null; then
		echo nodejs npm
	fi
}

# The packages of "$@" that are not installed.
missing()
{
	local -A installed=()
	local name

	while read -r name; do
		installed[$name]=1
	done < <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" \
		2>/dev/null | sed -n 's/^installed //p')
	for name; do
		[ -n "${installed[$name]:-}" ] || echo "$name"
	done
}

as_root()
{
	if [ "$(id -u)" = 0 ]; then
		"$@"
	else
		sudo "$@"
	fi
}

apt_get()
{
	as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get -q -y -o Dpkg::Use-Pty=0 "$@"
}

# Debian asks this program whether an installed service may be started.
policy=/usr/sbin/policy-rc.d
forbid_services()
{
	[ ! -e "$policy" ] || return 0
	printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
	as_root chmod +x "$policy"
	trap 'as_root rm -f "$policy"' EXIT
}

install_packages()
{
	if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
		echo "deps.sh: missing: $*: run as root: apt-get install $*" >&2
		exit 77
	fi
	echo "deps.sh: installing $*" >&2
	forbid_services
	# What apt knows may be nothing yet, or too old.
	if ! apt-cache show --no-all-versions "$@" >/dev/null 2>&1 ||
		! apt_get install --no-install-recommends "$@" >&2; then
		apt_get update >&2
		apt_get install --no-install-recommends "$@" >&2
	fi
}

main()
{
	local list name
	local -a wanted=() absent=()

	[ $# -gt 0 ] || set -- unknown
	for list; do
		case $list in
		build) wanted+=("${build[@]}") ;;
		check) wanted+=("${check[@]}")
			read -ra absent < <(node_packages) || true
			wanted+=("${absent[@]}") ;;
		lab) wanted+=("${lab[@]}") ;;
		lint) wanted+=("${lint[@]}") ;;
		fuzz) wanted+=("${fuzz[@]}") ;;
		bench) wanted+=("${bench[@]}") ;;
		fresh) wanted+=("${fresh[@]}") ;;
		*)
			echo "usage: deps.sh build|lab|check|lint|fuzz|bench|fresh ..." >&2
			exit 2
			;;
		esac
	done
	if ! command -v apt-get >/dev/null; then
		echo "deps.sh: no apt-get here: install the like of: ${wanted[*]}" >&2
		exit 0
	fi
	mapfile -t absent < <(missing "${wanted[@]}")
	[ ${#absent[@]} = 0 ] || install_packages "${absent[@]}"
}

main "$@"
