#!/bin/bash
#
# An internet with two STUN addresses and homes behind NATs, in namespaces:
#
#	unshare -Urnmpf --kill-child nat-net.sh CMD [ARG...]
#
# runs CMD in it, which may say `in_home KIND CMD...` and `in_net CMD...` (they
# are exported functions). KIND is full, hairpin (full, and reaches itself),
# address, port, address-mapping, symmetric, masquerade, firewall, lossy (full,
# and a quarter of the packets is lost), none or idle (a masquerade for tests of
# idle bindings). The internet is 203.0.113.0/24 with
# the servers' addresses .1 and .2, and 2001:db8:1::/64; each home is one host.
set -euo pipefail

kinds=(full hairpin address port address-mapping symmetric masquerade firewall
	lossy none idle)

in_net()
{
	ip netns exec net "$@"
}

in_home()
{
	ip netns exec "home-$1" "${@:2}"
}
export -f in_net in_home

# A veth pair between two namespaces: link NS IF NS IF
link()
{
	ip -n "$1" link add "$2" type veth peer name "$4" netns "$3"
	ip -n "$1" link set "$2" up
	ip -n "$3" link set "$4" up
}

make_net()
{
	ip netns add net
	ip -n net link set lo up
	ip -n net link add br0 type bridge
	ip -n net addr add 203.0.113.1/24 dev br0
	ip -n net addr add 203.0.113.2/24 dev br0
	ip -n net addr add 2001:db8:1::1/64 dev br0 nodad
	ip -n net addr add 2001:db8:1::2/64 dev br0 nodad
	ip -n net link set br0 up
}

# Endpoint-independent mapping: the first packet of a port makes the map's
# entry, which all later ones find. What else comes in is for nobody.
cone_rules()
{
	cat <<-EOF
	table ip nat {
		map fc {
			type inet_service : ipv4_addr . inet_service
			flags dynamic, timeout
			size 65535
		}
		chain out {
			type nat hook postrouting priority srcnat
			oifname wan meta l4proto udp \\
				update @fc { udp sport timeout 300s : ip saddr . udp sport } \\
				snat to $1
		}
		chain in {
			type nat hook prerouting priority dstnat
			iifname wan meta l4proto udp dnat ip to udp dport map @fc
		}
	}
	EOF
}

filter_rules()
{
	cat <<-EOF
	table ip filter {
		set sent {
			type ipv4_addr . inet_service . ipv4_addr
			flags dynamic, timeout
			size 65535
		}
		chain forward {
			type filter hook forward priority 0
			oifname wan meta l4proto udp \\
				update @sent { ip saddr . udp sport . ip daddr timeout 300s }
			$1
			iifname wan ct state established,related accept
			iifname wan drop
		}
		chain input {
			type filter hook input priority 0
			iifname wan ct state established,related accept
			iifname wan drop
		}
	}
	EOF
}

symmetric_rules()
{
	cat <<-EOF
	table ip nat {
		chain out {
			type nat hook postrouting priority srcnat
			oifname wan meta l4proto udp $1
		}
		chain in {
			type nat hook prerouting priority dstnat
		}
	}
	EOF
}

rules()
{
	local kind=$1 wan=$2

	case $kind in
	full) cone_rules "$wan" ;;
	hairpin) cone_rules "$wan" | sed "
		s/iifname wan meta/ip daddr $wan meta/
		s/^oifname wan meta/ip saddr 10.0.0.0\/8 oifname lan ct status dnat snat to $wan\n&/" ;;
	address) cone_rules "$wan"
		filter_rules 'ip daddr . udp dport . ip saddr @sent accept' ;;
	port) cone_rules "$wan"
		filter_rules '' ;;
	address-mapping) symmetric_rules "snat to $wan : jhash ip saddr . udp sport . ip daddr mod 20000 offset 40000"
		filter_rules '' ;;
	symmetric) symmetric_rules 'masquerade random'
		filter_rules '' ;;
	masquerade | idle) symmetric_rules 'masquerade' ;;
	lossy) cone_rules "$wan"
		echo 'table ip loss {
			chain forward {
				type filter hook forward priority 0
				numgen random mod 4 0 drop
			}
		}' ;;
	firewall) filter_rules '' ;;
	esac
}

# IPv6 for the home that has no NAT: 2001:db8:2::2.
make_v6()
{
	ip -n nat-none addr add "2001:db8:1::1$1/64" dev wan nodad
	ip -n nat-none addr add 2001:db8:2::1/64 dev lan nodad
	ip -n home-none addr add 2001:db8:2::2/64 dev eth0 nodad
	ip -n home-none route add default via 2001:db8:2::1
	ip -n net route add 2001:db8:2::/64 via "2001:db8:1::1$1"
	ip netns exec nat-none sysctl -qw net.ipv6.conf.all.forwarding=1
}

# A home whose router is a NAT; "none" and "firewall" route only.
make_home()
{
	local kind=$1 n=$2 wan=203.0.113.1$2 host=10.0.$2.2

	ip netns add "nat-$kind"
	ip netns add "home-$kind"
	ip -n "nat-$kind" link set lo up
	ip -n "home-$kind" link set lo up
	link net "to-$n" "nat-$kind" wan
	ip -n net link set "to-$n" master br0
	link "nat-$kind" lan "home-$kind" eth0
	ip -n "nat-$kind" addr add "$wan/24" dev wan
	if [ "$kind" = none ] || [ "$kind" = firewall ]; then
		host=198.51.100.$((4 * n + 2))
		ip -n net route add "$host/32" via "$wan"
	fi
	ip -n "nat-$kind" addr add "${host%.*}.$((${host##*.} - 1))/30" dev lan
	ip -n "home-$kind" addr add "$host/30" dev eth0
	ip -n "home-$kind" route add default via \
		"${host%.*}.$((${host##*.} - 1))"
	ip netns exec "nat-$kind" sysctl -qw net.ipv4.ip_forward=1
	[ "$kind" != none ] || make_v6 "$n"
	rules "$kind" "$wan" | ip netns exec "nat-$kind" nft -f -
}

mount -t tmpfs tmpfs /run
# Sanitizers look for themselves there; where it is forbidden, do without.
mount -t proc proc /proc 2>/dev/null || true
make_net
n=0
for kind in "${kinds[@]}"; do
	make_home "$kind" "$((++n))"
done
"$@"
