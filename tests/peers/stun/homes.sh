#!/bin/bash
#
# Inside nat-net.sh: start coturn (RFC 5780, and a plain one on port 3480) and
# Debian's stun-server (RFC 3489, port 3490), and ask them from every home.
# Reports go into the current folder: KIND.json, with two plain servers
# KIND.plain.json, from stun-server KIND.rfc3489.json; KIND.status. And what
# coturn's own turnutils_natdiscovery says of the mapping: KIND.theirs.
set -euo pipefail

here=$(dirname "$0")
# shellcheck source=tests/lib/ports.bash
source "$here/../../lib/ports.bash"

# What is started here ends with the process namespace that nat-net.sh is in.
turn()
{
	in_net turnserver -n -L 203.0.113.1 -L 203.0.113.2 -L 2001:db8:1::1 \
		-L 2001:db8:1::2 --no-tls --no-dtls --no-cli --no-tcp -z \
		--log-file stdout --simple-log "$@" &
}

answers()
{
	in_home none stun-probe --timeout 0.3 "$1" >/dev/null 2>&1
}

probe()
{
	local file=$1 home=$2 status=0

	in_home "$home" stun-probe --nat --json "${@:3}" >"$file.json" \
		2>"$file.err" || status=$?
	echo "$status" >"$file.status"
}

turn -p 3478 --pidfile "$PWD/turn.pid" --userdb "$PWD/turn.db" >turn.log 2>&1
turn -p 3480 --pidfile "$PWD/plain.pid" --userdb "$PWD/plain.db" \
	--no-rfc5780 >plain.log 2>&1
in_net stund -h 203.0.113.1 -a 203.0.113.2 -p 3490 -o 3491 >stund.log 2>&1 &
for port in 3478 3480 3490; do
	wait_for 10 answers "203.0.113.1:$port"
done

probes=()
for kind in full hairpin address port address-mapping symmetric masquerade \
	firewall none; do
	probe "$kind" "$kind" 203.0.113.1 &
	probes+=($!)
	probe "$kind.plain" "$kind" 203.0.113.1:3480 203.0.113.2:3480 &
	probes+=($!)
	probe "$kind.rfc3489" "$kind" 203.0.113.1:3490 &
	probes+=($!)
done
probe none.v6 none '[2001:db8:1::1]' &
probes+=($!)
probe lossy lossy --silence 2 203.0.113.1 &
probes+=($!)
for kind in full port address-mapping symmetric none; do
	in_home "$kind" turnutils_natdiscovery -m 203.0.113.1 \
		>"$kind.theirs" 2>&1 &
	probes+=($!)
done
# An idle binding of this NAT lives for two seconds.
for timeout in udp_timeout udp_timeout_stream; do
	ip netns exec nat-idle sysctl -qw \
		net.netfilter.nf_conntrack_$timeout=2
done
probe lifetime idle --lifetime 4 --silence 1 203.0.113.1 &
probes+=($!)
probe lifetime.none full --lifetime 1 --silence 1 203.0.113.1 &
probes+=($!)
# one that does not do RESPONSE-PORT is not waited for
probe lifetime.plain full --lifetime 600 --silence 1 203.0.113.1:3490 &
probes+=($!)
# ended when all else is known
sleep 600 &
until_then=$!
probe ended full --lifetime 600 --silence 1 --pid "$until_then" 203.0.113.1 &
ended=$!
wait "${probes[@]}"
kill "$until_then"
wait "$ended"
