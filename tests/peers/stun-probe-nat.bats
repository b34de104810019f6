# stun-probe --nat behind every kind of NAT (namespaces, nftables), at coturn
# (RFC 5780), at two plain servers, and at Debian's stun-server (RFC 3489).

bats_require_minimum_version 1.5.0

setup_file()
{
	cd "$BATS_FILE_TMPDIR"
	timeout 60 unshare -Urnmpf --kill-child \
		"$BATS_TEST_DIRNAME/stun/nat-net.sh" \
		"$BATS_TEST_DIRNAME/stun/homes.sh" >log 2>&1 3>&-
}

setup()
{
	cd "$BATS_FILE_TMPDIR"
}

# Report $1 has exit status $2, is $3 in RFC 3489's words, maps as $4 says and
# filters as $5 says.
found()
{
	[ "$(<"$1.status")" = "$2" ] || return 1
	[ ! -s "$1.err" ] || return 1
	jq -e --arg name "$3" --arg mapping "$4" --arg filtering "$5" '
		.rfc3489 == $name and .mapping.verdict == $mapping and
		.filtering.verdict == $filtering' "$1.json"
}

ei=endpoint-independent
ad=address-dependent
apd=address-and-port-dependent

@test "every kind is told by coturn's two addresses" {
	found full 0 "full cone" $ei $ei
	found hairpin 0 "full cone" $ei $ei
	found address 0 "restricted cone" $ei $ad
	found port 0 "port restricted cone" $ei $apd
	found address-mapping 1 symmetric $ad $apd
	found symmetric 1 symmetric $apd $apd
	found masquerade 0 "port restricted cone" $ei $apd
	found firewall 0 "symmetric UDP firewall" $ei $apd
	found none 0 "open internet" $ei $ei
	jq -e '.nat == false' none.json firewall.json
	jq -e '.nat' full.json symmetric.json
}

@test "a masquerade loses its mapping to a stranger's packet, others do not" {
	jq -e '.uninvited.verdict == "mapping lost" and (.packets as $all |
		.uninvited.packets | length > 0 and
		all($all[. - 1].test == "uninvited"))' masquerade.json
	jq -e '.uninvited.verdict == "mapping kept" or .late_answers > 0' \
		address.json port.json firewall.json
	# nothing was kept out, or it has another mapping for everybody
	jq -e '.uninvited.verdict == "unknown"' full.json none.json symmetric.json
}

@test "the same from a server of RFC 3489" {
	found full.rfc3489 0 "full cone" $ei $ei
	found address.rfc3489 0 "restricted cone" $ei $ad
	found port.rfc3489 0 "port restricted cone" $ei $apd
	found address-mapping.rfc3489 1 symmetric $ad $apd
	found symmetric.rfc3489 1 symmetric $apd $apd
	found none.rfc3489 0 "open internet" $ei $ei
}

@test "two plain servers tell the mapping; unknown is not no" {
	local kind

	for kind in full address port masquerade firewall none; do
		found $kind.plain 0 unknown $ei unknown
	done
	for kind in address-mapping symmetric; do
		found $kind.plain 1 symmetric unknown unknown
		jq -e '.mapping.possible == ["address-dependent",
			"address-and-port-dependent"] and
			(.filtering.possible | length) == 3 and
			.filtering.certain == false' $kind.plain.json
	done
}

@test "silence is certain only where the server was seen to answer" {
	# (a busy machine may be late with an answer, and then it says so)
	jq -e '.filtering.certain or .late_answers > 0' full.json \
		address.json port.json address-mapping.json firewall.json
	jq -e '.filtering.certain == false and
		(.filtering.why | test("cannot be checked"))' symmetric.json
}

@test "each finding names its packets, and they are those" {
	jq -e '. as $all | ["mapping", "filtering", "fragments"] |
		all(. as $name | $all[$name].packets | length > 1 and
			all($all.packets[. - 1].test == $name))' address.json
	# one socket asked for the mapping; filtering never on that before
	# it was over, but for the control
	jq -e '[.packets[] | select(.test == "mapping" and .direction == "out")
		| .local] | unique | length == 1' address.json
	jq -e '[.packets[] | select(.test == "filtering" and
		.direction == "out") | .local] | unique | length == 3' address.json
	# a fresh socket sent to one address only
	jq -e '[.packets[] | select(.direction == "out" and
			.test == "filtering")] | group_by(.local) |
		all([.[].remote] | unique == ["203.0.113.1:3478"])' address.json
	jq -e '.mapping.seen | length == 4' address.json
}

@test "where packets are lost, silence is not certain" {
	jq -e '.late_answers > 0 and
		(.mapping.verdict == "endpoint-independent" or
			.mapping.verdict == "unknown") and
		(.filtering.verdict == "endpoint-independent" or
			.filtering.certain == false)' lossy.json
}

@test "IPv6, where there is no NAT" {
	found none.v6 0 "open internet" $ei $ei
	jq -e '.mapped == .local and (.mapped | startswith("[2001:db8:2::2]:"))' \
		none.v6.json
}

@test "coturn's own turnutils_natdiscovery says the same of the mapping" {
	grep -q 'NAT with Endpoint Independent Mapping!' full.theirs
	grep -q 'NAT with Endpoint Independent Mapping!' port.theirs
	grep -q 'NAT with Endpoint Independent Mapping!' none.theirs
	grep -q 'NAT with Address Dependent Mapping!' address-mapping.theirs
	grep -q 'NAT with Address and Port Dependent Mapping!' symmetric.theirs
}

@test "ports, their parity, hairpin, payloads and fragments" {
	jq -e '.port_preservation.verdict == "yes" and
		.port_parity.verdict == "yes"' full.json
	jq -e '.port_preservation.verdict == "no"' address-mapping.json \
		symmetric.json
	jq -e '.hairpin.verdict == "yes" and .hairpin.outside' hairpin.json
	jq -e '.hairpin.verdict == "no" and .hairpin.certain == false and
		(.hairpin.why | test("flaky"))' full.json
	jq -e '.hairpin.verdict == "not applicable"' none.json
	jq -e '.rewriting.verdict == "no" and .fragments.verdict == "yes" and
		.pooling.verdict == "paired"' full.json symmetric.json
	# what a server does not take is not what the NAT drops
	jq -e '.fragments.verdict == "unknown" or .fragments.verdict == "out"' \
		none.rfc3489.json
}

@test "how long an idle binding lives: found, longer, and not known" {
	# two seconds, by steps of half a one
	jq -e '.lifetime | .verdict == "found" and .alive_s >= 1 and
		.alive_s <= 2 and .dead_s >= 1.5 and .dead_s <= 3' lifetime.json
	jq -e '.lifetime | .verdict == "longer" and .alive_s == 1' \
		lifetime.none.json
	# a server without RESPONSE-PORT
	jq -e '.lifetime.verdict == "unknown"' lifetime.plain.json full.json
	jq -e '.lifetime.why | test("RESPONSE-PORT")' lifetime.plain.json
	# ended before its time: all that was known by then
	jq -e '.rfc3489 == "full cone" and .lifetime.verdict == "unknown" and
		(.lifetime.why | test("ended before"))' ended.json
	[ "$(<ended.status)" = 0 ]
}

@test "--predict agrees with the table of who can connect" {
	local row a b want status
	local kinds=(full address port address-mapping symmetric)

	row=0
	for want in "ddddd" "ddddd" "dddrr" "ddrrr" "ddrrr"; do
		a=${kinds[row++]}
		for b in "${kinds[@]}"; do
			status=0
			# two homes: what is one home's own report is of another
			jq '.mapped = "198.18.0.1:1234"' "$b.json" >other.json
			stun-probe --predict --json "$a.json" other.json \
				>verdict.json || status=$?
			if [ "${want:0:1}" = d ]; then
				jq -e '.verdict == "direct"' verdict.json
				[ "$status" = 0 ]
			else
				jq -e '.verdict == "relay"' verdict.json
				[ "$status" = 1 ]
			fi
			want=${want:1}
		done
	done
}

@test "--predict does not guess" {
	# endpoint-independent mappings connect whatever the filters do
	run -0 stun-probe --predict full.plain.json port.plain.json
	[[ $output == *"verdict   direct"* ]]
	run -3 stun-probe --predict port.plain.json symmetric.plain.json
	[[ $output == *"verdict   unknown"* ]]
	# a mapping that is lost to whoever knocks first
	jq '.mapped = "198.18.0.1:1234"' masquerade.json >other.json
	for pair in full.json:0 address.json:0 port.json:3 masquerade.json:3 \
		firewall.json:3 symmetric.json:1; do
		run "-${pair#*:}" stun-probe --predict "${pair%:*}" other.json
	done
	# behind one address, what counts is the hairpin
	run -3 stun-probe --predict full.json full.json
	run -0 stun-probe --predict hairpin.json hairpin.json
}
