#!/bin/bash
#
# Does it work on a bare machine? Make a minimal Debian 12 with debootstrap
# (the mirror, as configured for apt here), clone the committed tree into it,
# and run there what the README tells a stranger to run, as an ordinary user
# who may use sudo.
#
#	sudo tests/lib/fresh.sh                     make demo ONCE=1, make check
#	sudo tests/lib/fresh.sh 'make check ONLY=sdp'    these commands instead
#	sudo tests/lib/fresh.sh -k ...              keep what the last run installed
#	sudo tests/lib/fresh.sh bash                look around in there
#
# FRESH_DIR (default /tmp/pipecall-fresh) keeps the pristine system as a tar
# file, so that only the first run needs the minutes of debootstrap, and the
# used system in root/. FRESH_USER=root runs the commands as root. The
# network is this machine's own: apt needs it. Mounts and processes are in
# namespaces of their own and end with this script.
set -euo pipefail

dir=${FRESH_DIR:-/tmp/pipecall-fresh}
user=${FRESH_USER:-dev}
root=$dir/root
suite=bookworm
repo=$(cd "$(dirname "$0")/../.." && pwd)

die()
{
	echo "fresh.sh: $*" >&2
	exit 1
}

# The lines "URI SUITE COMPONENT" of Debian's own archive, as apt has them.
mirrors()
{
	# shellcheck disable=SC2016 # the variables are apt's
	apt-get indextargets --format '$(SITE) $(RELEASE) $(COMPONENT)' \
		'Created-By: Packages' | grep -E " $suite(-updates|-security)? main$" |
		sort -u
}

make_base()
{
	local mirror

	command -v debootstrap >/dev/null ||
		die "debootstrap: not installed: apt-get install debootstrap"
	mirror=$(mirrors | sed -n "s/ $suite main$//p" | head -n 1)
	[ -n "$mirror" ] || die "apt has no source for $suite"
	rm -rf "$root"
	debootstrap --variant=minbase \
		--include=git,make,gcc,ca-certificates,sudo \
		"$suite" "$root" "$mirror"
	mirrors | sed 's/^/deb /' >"$root/etc/apt/sources.list"
	apt-config dump | grep -E '^Acquire::[a-z]+::Proxy ' \
		>"$root/etc/apt/apt.conf.d/90proxy" || true
	useradd -R "$root" -m -s /bin/bash dev
	echo 'dev ALL=(ALL) NOPASSWD: ALL' >"$root/etc/sudoers.d/dev"
	chroot "$root" apt-get clean
	tar -C "$root" -cf "$dir/base.tar.part" .
	mv "$dir/base.tar.part" "$dir/base.tar"
}

# Give the system below $root what a booted machine has. Runs in namespaces
# of our own.
mount_all()
{
	local node

	mount --bind "$root" "$root"
	mount -t proc proc "$root/proc"
	mount -t sysfs -o ro sys "$root/sys" 2>/dev/null ||
		mount --rbind /sys "$root/sys"
	mount -t tmpfs -o mode=755 dev "$root/dev"
	for node in null zero full random urandom tty; do
		: >"$root/dev/$node"
		mount --bind "/dev/$node" "$root/dev/$node"
	done
	mkdir "$root/dev/pts" "$root/dev/shm"
	mount -t devpts -o newinstance,ptmxmode=666 devpts "$root/dev/pts"
	mount -t tmpfs -o mode=1777 shm "$root/dev/shm"
	ln -s pts/ptmx "$root/dev/ptmx"
	ln -s /proc/self/fd "$root/dev/fd"
	for node in 0:stdin 1:stdout 2:stderr; do
		ln -s "/proc/self/fd/${node%:*}" "$root/dev/${node#*:}"
	done
	cp "$dir/repo.bundle" "$root/tmp/repo.bundle"
	cp -L /etc/resolv.conf "$root/etc/resolv.conf"
	cp -L /etc/hosts "$root/etc/hosts"
	# Authorities that this machine's network needs and Debian knows not.
	cp -L /etc/ssl/certs/ca-certificates.crt \
		"$root/etc/ssl/certs/ca-certificates.crt"
	# Not chroot: in one, the kernel grants no user namespaces, and
	# Chromium's sandbox is made of these.
	cd "$root"
	mkdir -p mnt/old
	pivot_root . mnt/old
	cd /
	umount -l /mnt/old
}

# Run one command line in the clone, as the user, with a plain environment.
# A registry that npm is told to use on this machine is used there, too.
in_clone()
{
	env -i \
		TERM="${TERM:-dumb}" LANG=C.UTF-8 CI="${CI:-}" \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		npm_config_registry="$registry" \
		NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt \
		su -w TERM,LANG,CI,npm_config_registry,NODE_EXTRA_CA_CERTS -l "$user" \
		-c "cd pipecall && $1"
}

run_inside()
{
	local home command status=0

	mount_all
	home=$(getent passwd "$user" | cut -d: -f6)
	rm -rf "${home:?}/pipecall"
	su -l "$user" -c "git -c advice.detachedHead=false clone -q /tmp/repo.bundle pipecall"
	for command; do
		echo "fresh: \$ $command"
		in_clone "$command" || status=$?
		echo "fresh: exit $status"
		[ "$status" = 0 ] || break
	done
	return "$status"
}

main()
{
	local keep=false

	if [ "${1:-}" = -k ]; then
		keep=true
		shift
	fi
	[ $# -gt 0 ] || set -- 'make demo ONCE=1' 'make check'
	[ "$(id -u)" = 0 ] || die "needs root (chroot, mounts): use sudo"
	mkdir -p "$dir"
	[ -e "$dir/base.tar" ] || make_base
	if ! $keep || [ ! -d "$root" ]; then
		rm -rf "$root"
		mkdir "$root"
		tar -C "$root" -xf "$dir/base.tar"
	fi
	git -C "$repo" bundle create -q "$dir/repo.bundle" HEAD
	registry=$(npm config get registry 2>/dev/null || true)
	FRESH_INSIDE=1 registry=$registry exec unshare --mount --pid --fork \
		--kill-child --propagation private "$0" "$@"
}

if [ -n "${FRESH_INSIDE:-}" ]; then
	run_inside "$@"
else
	main "$@"
fi
