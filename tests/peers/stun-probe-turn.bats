# stun-probe --turn at coturn: what a relay must do for a call, and each way
# in which it may not.

bats_require_minimum_version 1.5.0

setup()
{
	load ../lib/ports
	load stun/turn-tls
	cd "$BATS_TEST_TMPDIR"
	echo p >password
	other=
}

teardown()
{
	turn_tls_stop
	[ -z "$other" ] || kill "$other" 2>/dev/null || true
}

# --turn as the user u.
check()
{
	stun-probe --turn --user u --password-file password --packets 10 "$@"
}

@test "a relay that works, over UDP, TCP, TLS and DTLS" {
	turn_tls_start --lt-cred-mech --user u:p
	for kind in udp tcp tls dtls; do
		at=$TURN
		[[ $kind == [ut][dc]p ]] || at=$TURNS
		check --json -T $kind --ca cert.pem "$at" >report
		jq -e --arg kind $kind '.works and .transport == $kind and
			.authenticated and .realm == "example.org" and
			.sent == 10 and .came == 10 and .loss_percent == 0 and
			.rtt_min_ms <= .rtt_avg_ms and
			.rtt_avg_ms <= .rtt_max_ms and .lifetime_s == 600 and
			([.steps[].outcome] | unique == ["ok"]) and
			(.relayed | startswith("127.0.0.1:"))' report
	done
	run -0 check "$TURN"
	[[ $output == *"allocate   ok, for 600 s"* ]]
	[[ $output == *"echo       ok, 10 sent, 10 came back, 0.0 % lost"* ]]
	# the password from the environment
	TURN_PASSWORD=p run -0 stun-probe --turn --user u --packets 1 "$TURN"
}

@test "a relay on IPv6" {
	turn_tls_start --lt-cred-mech --user u:p -L ::1 --relay-ip ::1
	check --json "[::1]:${TURN##*:}" >report
	jq -e '.works and .came == 10 and (.relayed | startswith("[::1]:")) and
		(.peer | startswith("[::1]:"))' report
}

@test "interrupted: what had been seen by then, and the rest is not known: 3" {
	turn_tls_start --lt-cred-mech --user u:p
	stun-probe --turn --user u --password-file password --packets 100000 \
		--trace trace "$TURN" >report 2>said 3>&- &
	other=$!
	wait_for 10 grep -q 'ChannelBind success' trace
	sleep 0.5
	kill "$other"
	status=0
	wait "$other" || status=$?
	other=
	[ "$status" = 3 ]
	grep -q '^allocate   ok' report
	grep -q '^echo       not done, [0-9]* sent, ' report
	grep -q '^release    ok' report
	grep -q 'not done (it was ended before)' said
}

@test "not let in: 77, and what to do" {
	turn_tls_start --lt-cred-mech --user u:p
	run -77 stun-probe --turn "$TURN"
	[[ $output == *"allocate: refused: 401"*"--user and --password-file"* ]]
	echo wrong >password
	run -77 --separate-stderr check --json "$TURN"
	[[ $stderr == *"does not take these credentials"* ]]
	jq -e '.works == false and .steps.allocate.code == 401' <<<"$output"
	run -2 stun-probe --turn --user u "$TURN"
	run -2 stun-probe --turn "$TURN" "$TURN"
	run -66 stun-probe --turn --turn-secret nowhere "$TURN"
}

@test "no descriptors left: 74, and whether it works is not known" {
	turn_tls_start --lt-cred-mech --user u:p
	short=0
	for most in 7 8 9 10 11 12 14; do
		status=0
		# shellcheck disable=SC2016
		TURN_PASSWORD=p bash -c 'ulimit -n "$1"; exec stun-probe --turn \
			--user u --packets 2 --json "$2"' bash "$most" "$TURN" \
			>report 2>said || status=$?
		[ "$status" != 127 ] || continue # not even its libraries
		[ "$status" = 0 ] || [ "$status" = 74 ]
		grep -q "Too many open files" said || [ "$status" = 0 ]
		if [ "$status" = 74 ] && [ -s report ]; then
			jq -e 'has("works") and .works == null and .error' report
			short=$((short + 1))
		fi
	done
	[ "$short" -gt 0 ]
}

@test "ephemeral credentials of a shared secret" {
	turn_tls_start --use-auth-secret --static-auth-secret=s3cret
	echo s3cret >secret
	stun-probe --turn --turn-secret secret --user alice --packets 2 --json \
		"$TURN" >report
	jq -e '.works and (.user | test("^[0-9]{10}:alice$"))' report
	TURN_SECRET=s3cret run -0 stun-probe --turn --packets 1 "$TURN"
	run -77 stun-probe --turn --turn-secret password "$TURN"
	# as a browser gets them, they are taken
	stun-probe --credentials --turn-secret secret --user bob "$TURN" \
		turns:relay.example '[::1]:99' >server
	jq -e --arg turn "turn:$TURN" '.urls == [$turn,
		"turns:relay.example?transport=tcp", "turn:[::1]:99"]
		and .ttl == 86400' server
	jq -r .credential server >made
	run -0 stun-probe --turn --packets 1 --user "$(jq -r .username server)" \
		--password-file made "$TURN"
	run -2 stun-probe --credentials "$TURN"
	[[ $output == *"needs --turn-secret"* ]]
	run -2 stun-probe --credentials --turn --turn-secret secret "$TURN"
	run -2 stun-probe --turn-secret secret "$TURN"
}

@test "a server without credentials, and a nonce that goes stale" {
	turn_tls_start --no-auth
	stun-probe --turn --packets 1 --json "$TURN" |
		jq -e '.works and .authenticated == false'
	run -0 stun-probe --turn --packets 1 "$TURN"
	[[ $output == *"anybody may relay there"* ]]
	turn_tls_stop
	turn_tls_start --lt-cred-mech --user u:p --stale-nonce=1
	# two seconds of packets between the channel and the refresh
	check --packets 100 --json "$TURN" >report
	jq -e '.works and .steps.refresh.outcome == "ok" and
		([.packets[] | select(.test == "refresh") | .summary |
			select(test("438"))] | length == 1)' report
}

@test "refused: an address that it does not relay to, and a full server" {
	turn_tls_start --lt-cred-mech --user u:p \
		--denied-peer-ip=127.0.0.0-127.255.255.255 --user-quota=1
	run -1 --separate-stderr check --json "$TURN"
	[[ $stderr == *"permission: refused: 403"*"does not relay to the address"* ]]
	jq -e '.steps.permission.code == 403 and
		.steps.in.outcome == "not tried" and
		.steps.release.outcome == "ok"' <<<"$output"
	turn_tls_stop
	turn_tls_start --lt-cred-mech --user u:p --user-quota=1
	stun-probe --turn --user u --password-file password --packets 100000 \
		--events events "$TURN" >report 3>&- &
	other=$!
	wait_for 10 grep -q '"step": *"echo"' events
	run -1 check "$TURN"
	[[ $output == *"allocate: refused: 486"* ]]
	# ended early, it gives its allocation back
	kill "$other"
	status=0
	wait "$other" || status=$?
	other=
	[ "$status" = 3 ]
	grep -q '^release    ok' report
	# else that would be so for ten minutes
	wait_for 10 check "$TURN"
}

@test "nobody there, and a server that is no TURN server" {
	run -69 check "127.0.0.1:$(free_port)"
	[[ $output == *"allocate: failed: nothing listens there"* ]]
	turn_tls_start --lt-cred-mech --user u:p --stun-only
	run check --timeout 1 "$TURN"
	[ "$status" != 0 ]
	[[ $output == *"allocate: "* ]]
}

@test "RFC 8489: password algorithms, SHA-256 and a hashed user" {
	: >port
	/usr/bin/python3 "$BATS_TEST_DIRNAME/../tools/stun/turn8489.py" p \
		>port 3>&- &
	other=$!
	wait_for 10 test -s port
	run -1 --separate-stderr stun-probe --turn --user alice \
		--password-file password --json "127.0.0.1:$(<port)"
	jq -e '.steps.allocate.code == 508 and .integrity == "SHA-256" and
		.anonymous' <<<"$output"
	# that server would have said 400
	run -77 --separate-stderr stun-probe --turn --user mallory \
		--password-file password --json "127.0.0.1:$(<port)"
	jq -e '.steps.allocate.code == 400' <<<"$output"
}

# ejabberd's, which has nothing in common with coturn.
@test "another server: p1_stun, over UDP and TCP" {
	local port kind

	port=$(free_port)
	cat >listen.erl <<-EOF
	{ok, _} = application:ensure_all_started(stun),
	Listen = fun(Transport, Min) ->
		ok = stun_listener:add_listener({127,0,0,1}, $port, Transport,
			[{use_turn, true}, {turn_ipv4_address, {127,0,0,1}},
			{turn_min_port, Min}, {turn_max_port, Min + 400},
			{auth_type, user}, {auth_realm, <<"example.org">>},
			{turn_blacklist, []}, {auth_fun,
				fun(<<"u">>, _) -> <<"p">>; (_, _) -> <<>> end}])
	end,
	Listen(udp, 51000), Listen(tcp, 51500),
	receive stop -> ok end.
	EOF
	erl -noshell -noinput -eval "$(<listen.erl)" >erl.log 2>&1 3>&- &
	other=$!
	wait_for 20 stun-probe --timeout 0.5 "127.0.0.1:$port"
	wait_for 20 stun-probe --timeout 0.5 -T tcp "127.0.0.1:$port"
	for kind in udp tcp; do
		check --json -T $kind "127.0.0.1:$port" >report
		jq -e '.works and .authenticated and .came == 10 and
			.software == "P1 STUN library"' report
	done
	echo wrong >password
	run -77 check "127.0.0.1:$port"
}

@test "loss is counted" {
	cat >lossy <<-'EOF'
	set -e
	ip link set lo up
	# our peer gets no port of the relay's, or what it is sent is lost, too
	echo 32768 51999 >/proc/sys/net/ipv4/ip_local_port_range
	. "$1/../lib/ports.bash"
	. "$1/stun/turn-tls.bash"
	turn_tls_start --lt-cred-mech --user u:p
	# a tenth of what our peer sends back does not come to the relay
	nft -f - <<-RULES
	table ip loss {
		chain in {
			type filter hook input priority 0
			udp dport 52000-52999 meta length 200 numgen inc mod 10 0 drop
		}
	}
	RULES
	stun-probe --turn --user u --password-file password --silence 5 \
		--packets 50 --json "$TURN" >report
	EOF
	timeout 60 unshare -Urnpf --kill-child bash lossy "$BATS_TEST_DIRNAME"
	cat report
	jq -e '.works and .sent == 50 and .came == 45 and .loss_percent == 10' \
		report
}

@test "a relay that sends us on (coturn, --alternate-server): we go there" {
	turn_tls_start --lt-cred-mech --user u:p
	good=$TURN
	other=$turn_pid
	turn_tls_start --lt-cred-mech --user u:p --alternate-server="$good"
	run -0 --separate-stderr check --json "$TURN"
	[[ $stderr == *"300 Try Alternate Server"*"ask $good instead: that is done" ]] ||
		[[ $stderr == *"ask $good instead"* ]]
	jq -e --arg at "$good" '.works and .server == $at' <<<"$output"
}
