# shellcheck shell=bash
# rules.sh: what makes a router one kind of NAT (RFC 4787), as nftables rules.
#
#	nat_rules KIND ip|ip6 ADDRESS HOME | nft -f -
#
# The router's inside is the interface `lan`, with one machine, HOME; its
# outside is `wan`, with ADDRESS.
# Linux has one NAT of its own (masquerade), which is none of RFC 4787's
# kinds: the others are made of its pieces.

# What a kind maps a source to, and what it lets in.
declare -A nat_kinds=(
	[none]="no NAT: the home has a public address"
	[firewall]="no NAT, but nothing comes in uninvited (RFC 6092)"
	[full]="full cone: endpoint-independent mapping and filtering"
	[address]="address-restricted: endpoint-independent mapping, address-dependent filtering"
	[port]="port-restricted: endpoint-independent mapping, address-and-port-dependent filtering"
	[address-mapping]="address-dependent mapping, address-and-port-dependent filtering"
	[symmetric]="symmetric: address-and-port-dependent mapping and filtering"
	[masquerade]="Linux's bare masquerade: keeps the port until a stranger knocks"
	[double]="carrier-grade: a port-restricted NAT behind another"
)

# Established connections, and what the inside begins, may pass.
filter_strict() {
	cat <<-EOT
		chain through {
			type filter hook forward priority filter; policy accept;
			iifname "wan" ct state established,related accept
			iifname "wan" drop
		}
	EOT
}

# The same, and whoever a port of the inside has sent to may answer it from any
# port of that address.
filter_by_address() { # FAMILY ADDRESS-TYPE
	cat <<-EOT
		set invited {
			type inet_service . $2
			flags dynamic,timeout
			size 65535
		}
		chain through {
			type filter hook forward priority filter; policy accept;
			oifname "wan" meta l4proto udp update @invited { udp sport . $1 daddr timeout 300s }
			iifname "wan" udp dport . $1 saddr @invited accept
			iifname "wan" ct state established,related accept
			iifname "wan" drop
		}
	EOT
}

# A port that the inside has sent from is mapped, to the same port, whoever it
# sends to; also a stranger's packet to it then finds the way in.
map_independent() { # FAMILY ADDRESS HOME
	cat <<-EOT
		set mapped {
			type inet_service
			flags dynamic,timeout
			size 65535
		}
		chain in {
			type nat hook prerouting priority dstnat;
			iifname "wan" $1 daddr $2 udp dport @mapped dnat to $3
		}
		chain out {
			type nat hook postrouting priority srcnat;
			oifname "wan" meta l4proto udp update @mapped { udp sport timeout 300s }
			oifname "wan" meta l4proto udp snat to $2
			oifname "wan" masquerade
		}
	EOT
}

# Each destination address (address-mapping) or destination (symmetric) gets
# another port. The empty chain has replies, and only them, translated back.
map_dependent() { # RULE
	cat <<-EOT
		chain in {
			type nat hook prerouting priority dstnat;
		}
		chain out {
			type nat hook postrouting priority srcnat;
			$1
		}
	EOT
}

# An uninvited packet to the router itself must not be seen by conntrack: it
# would claim the port, and the home's next packet get another.
drop_uninvited() {
	cat <<-EOT
		chain itself {
			type filter hook input priority filter; policy accept;
			iifname "wan" ct state established,related accept
			iifname "wan" meta l4proto { udp, tcp } drop
		}
	EOT
}

nat_rules() {
	local kind=$1 family=$2 address=$3 home=$4 type=ipv4_addr to=$3
	[[ $family == ip ]] || type=ipv6_addr to="[$3]"
	echo "table $family nat {"
	case $kind in
	full) map_independent "$family" "$address" "$home" ;;
	address)
		map_independent "$family" "$address" "$home"
		filter_by_address "$family" "$type"
		;;
	port | double)
		map_independent "$family" "$address" "$home"
		filter_strict
		;;
	address-mapping)
		map_dependent "oifname \"wan\" meta l4proto udp snat to $to : jhash udp sport . $family daddr mod 20000 offset 40000
			oifname \"wan\" masquerade"
		filter_strict
		;;
	symmetric)
		map_dependent 'oifname "wan" masquerade random'
		filter_strict
		;;
	masquerade) map_dependent 'oifname "wan" masquerade' ;;
	firewall) filter_strict ;;
	esac
	[[ $kind == masquerade || $kind == none ]] || drop_uninvited
	echo "}"
}
