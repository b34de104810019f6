# shellcheck shell=bash
# build.sh: an internet with servers on it, and homes behind NATs. Sourced by
# nat-lab.sh, inside namespaces of its own.
#
#	home a --eth0-- lan [nat-a] wan -- [wire] -- wan1 [internet] srv --eth0-- server
#
# The internet is the namespace the lab itself runs in: a router with one link
# to each home (wan1, wan2, ...) and one to the server. The wire stands in a
# home's link only if packets are to be late.

families=(4) # 4, 6 or both
delay=0      # ms that a packet takes longer on a link
loss=0       # percent of the packets that a link loses, each way
home_names=()
lab_pids=()
declare -A home_kind home_address home_address6

server4=203.0.113.10 server4_other=203.0.113.11
server6=2001:db8:ffff::10 server6_other=2001:db8:ffff::11
router4=203.0.113.1 router6=2001:db8:ffff::1 # the internet's end of its link

in_ns() { # in_ns NAMESPACE CMD...
	nsenter --net="/run/netns/$1" "${@:2}"
}

has_family() {
	[[ " ${families[*]} " == *" $1 "* ]]
}

# start NAME CMD...: in the background, with its log in NAME.log; it ends with
# us, even if we are killed.
start() {
	setpriv --pdeathsig TERM "${@:2}" <"/dev/null" >"$lab/$1.log" 2>&1 &
	lab_pids+=($!)
}

# What has no address in the internet vanishes in the sink, as it does in the
# real one: to be told "unreachable" would end a relay's allocation.
build_internet() {
	mount -t tmpfs -o mode=755 nat-lab /run
	ip netns attach internet $$
	ip -batch - <<-EOT
		link set lo up
		link add sink type veth peer name drain
		link set sink arp off up
		link set drain up
		route add default dev sink
		route add ::/0 dev sink
	EOT
	make_router internet
	build_server_place
	[[ $loss == 0 ]] || lose_packets | nft -f -
	((delay == 0)) || ip netns add wire
}

# The server has its addresses on a device of its own, as libnice wants them,
# and all else is behind its router: what nobody has goes to the sink.
build_server_place() {
	ip netns add server
	ip link add eth0 netns server type veth peer name srv
	ip -batch - <<-EOT
		addr add $router4/32 dev srv
		addr add $router6/128 dev srv nodad
		link set srv up
		route add $server4 dev srv
		route add $server4_other dev srv
		route add $server6 dev srv
		route add $server6_other dev srv
	EOT
	ip -n server -batch - <<-EOT
		link set lo up
		addr add $server4/32 dev eth0
		addr add $server4_other/32 dev eth0
		addr add $server6/128 dev eth0 nodad
		addr add $server6_other/128 dev eth0 nodad
		link set eth0 up
		route add $router4 dev eth0
		route add $router6 dev eth0
		route add default via $router4
		route add ::/0 via $router6
	EOT
}

make_router() { # NAMESPACE
	in_ns "$1" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward
		echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
}

# A packet from home to home crosses two links, and may be lost on either.
lose_packets() {
	local of_10000
	of_10000=$(awk -v p="$loss" 'BEGIN { printf "%d", p * 100 }')
	cat <<-EOT
		table inet loss {
			chain from_homes {
				type filter hook prerouting priority raw;
				iifname "wan*" numgen random mod 10000 < $of_10000 drop
			}
			chain to_homes {
				type filter hook postrouting priority raw;
				oifname "wan*" numgen random mod 10000 < $of_10000 drop
			}
		}
	EOT
}

# link NUMBER NAMESPACE DEVICE: join a namespace's DEVICE to the internet's
# wanNUMBER, through the wire if there is one.
link() {
	if ((delay == 0)); then
		ip link add "$3" netns "$2" type veth peer name "wan$1"
		return
	fi
	ip link add "$3" netns "$2" type veth peer name "h$1" netns wire
	ip link add "wan$1" type veth peer name "i$1" netns wire
	ip -n wire -batch - <<-EOT
		link set h$1 up
		link set i$1 up
	EOT
	# who reads a frame from the wire needs its checksums complete
	python3 "$here/nat-lab/wire.py" --offload-off "wan$1"
	in_ns "$2" python3 "$here/nat-lab/wire.py" --offload-off "$3"
}

# addresses NAMESPACE DEVICE IPV4/LEN IPV6/LEN [GATEWAY4 GATEWAY6]
addresses() {
	{
		echo "link set lo up"
		echo "link set $2 up"
		! has_family 4 || echo "addr add $3 dev $2"
		! has_family 6 || echo "addr add $4 dev $2 nodad"
		[[ $# -lt 6 ]] || {
			! has_family 4 || echo "route add default via $5"
			! has_family 6 || echo "route add default via $6"
		}
	} | ip -n "$1" -batch -
}

nat() { # nat KIND NAMESPACE WAN4 WAN6 HOME4 HOME6: load its rules
	{
		! has_family 4 || nat_rules "$1" ip "$3" "$5"
		! has_family 6 || nat_rules "$1" ip6 "$4" "$6"
	} | in_ns "$2" nft -f -
}

# build_home NAME KIND: the next home. Its number makes all its addresses.
build_home() {
	local name=$1 kind=$2 i=$((${#home_names[@]} + 1))
	local wan=198.51.100 wan6=2001:db8:0:$i lan=192.168.$i lan6=fd00:0:0:$i
	local router=nat-$name outside=nat-$name
	local near=$((4 * i + 1)) far=$((4 * i + 2))

	home_names+=("$name")
	home_kind[$name]=$kind
	ip netns add "$name"
	if [[ $kind == none ]]; then
		link "$i" "$name" eth0
		addresses internet "wan$i" "$wan.$near/30" "$wan6::1/64"
		addresses "$name" eth0 "$wan.$far/30" "$wan6::2/64" \
			"$wan.$near" "$wan6::1"
		home_address[$name]=$wan.$far home_address6[$name]=$wan6::2
		return
	fi
	ip netns add "$router"
	make_router "$router"
	if [[ $kind == double ]]; then
		outside=cgn-$name
		ip netns add "$outside"
		make_router "$outside"
		ip link add wan netns "$router" type veth peer name lan netns "$outside"
		addresses "$outside" lan "100.64.$i.1/30" "fd64:0:0:$i::1/64"
		addresses "$router" wan "100.64.$i.2/30" "fd64:0:0:$i::2/64" \
			"100.64.$i.1" "fd64:0:0:$i::1"
		nat port "$router" "100.64.$i.2" "fd64:0:0:$i::2" \
			"$lan.2" "$lan6::2"
	fi
	link "$i" "$outside" wan
	addresses internet "wan$i" "$wan.$near/30" "$wan6::1/64"
	addresses "$outside" wan "$wan.$far/30" "$wan6::2/64" \
		"$wan.$near" "$wan6::1"
	ip link add eth0 netns "$name" type veth peer name lan netns "$router"
	if [[ $kind == firewall ]]; then
		# routed, not translated
		lan=192.0.$((1 + i)) lan6=2001:db8:1:$i
		! has_family 4 || ip route add "$lan.0/24" via "$wan.$far"
		! has_family 6 || ip route add "$lan6::/64" via "$wan6::2"
	fi
	addresses "$router" lan "$lan.1/24" "$lan6::1/64"
	addresses "$name" eth0 "$lan.2/24" "$lan6::2/64" "$lan.1" "$lan6::1"
	home_address[$name]=$lan.2 home_address6[$name]=$lan6::2
	if [[ $kind == double ]]; then
		nat double "$outside" "$wan.$far" "$wan6::2" \
			"100.64.$i.2" "fd64:0:0:$i::2"
	else
		nat "$kind" "$router" "$wan.$far" "$wan6::2" "$lan.2" "$lan6::2"
	fi
}

# The wire, when all links are there: it delays each frame.
start_wire() {
	((delay > 0)) || return 0
	start wire nsenter --net=/run/netns/wire \
		python3 "$here/nat-lab/wire.py" "$delay" "${#home_names[@]}"
}

# coturn: STUN, TURN (user lab, password lab) and, with its two addresses,
# RFC 5780; over UDP and TCP on 3478, and TLS on 5349. libnice cannot ask for
# the family of a relay's address: it gets that of the request.
start_server() {
	local listen=()
	! has_family 4 || listen+=(-L "$server4" -L "$server4_other" -E "$server4")
	! has_family 6 || listen+=(-L "$server6" -L "$server6_other" -E "$server6")
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
		-subj /CN=turn.lab.example -addext \
		"subjectAltName=DNS:turn.lab.example,IP:$server4,IP:$server6" -days 2 -keyout "$lab/key.pem" \
		-out "$lab/cert.pem" 2>/dev/null
	start coturn nsenter --net=/run/netns/server turnserver -n "${listen[@]}" -p 3478 --tls-listening-port 5349 \
		--cert "$lab/cert.pem" --pkey "$lab/key.pem" --no-cli \
		--log-file stdout --simple-log --pidfile "$lab/turn.pid" \
		--userdb "$lab/turn.db" --lt-cred-mech --user lab:lab \
		--realm lab.example --allocation-default-address-family=keep
	export NAT_LAB_SERVER=$server4 NAT_LAB_OTHER=$server4_other
	has_family 4 || NAT_LAB_SERVER=[$server6] NAT_LAB_OTHER=[$server6_other]
	export NAT_LAB_STUN=$NAT_LAB_SERVER:3478 NAT_LAB_TURN=$NAT_LAB_SERVER:3478
	export NAT_LAB_TLS=$NAT_LAB_SERVER:5349 NAT_LAB_CERT=$lab/cert.pem
	export NAT_LAB_USER=lab TURN_PASSWORD=lab
	await_server
}

await_server() {
	local tries=0
	until "$bin/stun-probe" -q --timeout 0.25 "$NAT_LAB_STUN" >/dev/null 2>&1; do
		{ ((tries++ < 60)) && kill -0 "${lab_pids[-1]}" 2>/dev/null; } ||
			die 69 "coturn does not start: $(tail -n 1 "$lab/coturn.log")"
	done
}

# The processes in the homes and routers; the internet is where we are.
inhabitants() {
	local name
	for name in $(ip netns list | cut -d' ' -f1); do
		[[ $name == internet ]] || ip netns pids "$name"
	done
}

# End what the lab started, and what was left behind in its namespaces.
demolish() {
	local pids tries=0
	((${#lab_pids[@]} == 0)) || kill "${lab_pids[@]}" 2>/dev/null || true
	while mapfile -t pids < <(inhabitants) && ((${#pids[@]} && tries++ < 40)); do
		kill "${pids[@]}" 2>/dev/null || true
		sleep 0.05
	done
	((${#pids[@]} == 0)) || kill -KILL "${pids[@]}" 2>/dev/null || true
	wait "${lab_pids[@]}" 2>/dev/null || true
}
