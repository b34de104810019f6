# ice-pair with pion's ICE, and pion's TURN server for it and for stun-probe.

bats_require_minimum_version 1.5.0

setup_file()
{
	load pion/build
	pion_build ice-end turn-server
}

setup()
{
	load ../lib/ports
	load ice/ends
	cd "$BATS_TEST_TMPDIR" || exit
	echo p >password
}

teardown()
{
	ends_stop
}

# pion with the options $1, ice-pair with the others; media process m.
connect()
{
	local options=$1

	shift
	mkfifo i.frag
	media_start m
	command_fifo p
	# shellcheck disable=SC2086
	spawn p "$BATS_FILE_TMPDIR/ice-end" $options p.frag i.frag <p.in \
		>p.out 2>p.err
	wait_for 10 test -s p.frag
	ice_start i --remote p.frag --handover m "$@"
	wait_for 20 says i.jsonl handover
	wait_for 20 says p.out selected
	packets_both_ways
}

packets_both_ways()
{
	local n

	n=$(packets m "$way")
	media m flood 21 172
	wait_for 10 says p.out received
	wait_for 10 packets_are m "$way" $((n + 20))
	# both speak of one pair
	wait_for 5 same_pair
}

same_pair()
{
	[ "$(event i.jsonl selected remote)" = "$(event p.out selected local)" ]
}

way=udp

@test "pion controlling: it nominates regularly, on one pair" {
	connect -controlling
}

@test "pion controlled: aggressive and regular nomination" {
	connect "" --controlling
	teardown
	rm -f ./*
	connect "" --controlling --nomination regular
}

@test "pion as an ICE-lite agent, whatever our role was" {
	connect -lite
	[ "$(event i.jsonl remote lite)" = true ]
	teardown
	rm -f ./*
	connect -lite --controlling
}

@test "over TCP: pion is passive, and either end controls" {
	way=unix
	connect "-tcp -controlling" --tcp
	[[ $(event i.jsonl selected transport) == tcp* ]]
	teardown
	rm -f ./*
	connect -tcp --tcp --controlling
	[[ $(event i.jsonl selected transport) == tcp* ]]
}

# pion's new fragment is q.frag, ours r.frag.
restarted_fragment()
{
	wait_for 5 says i.jsonl restart
	event i.jsonl restart fragment >r.frag
	media p remote r.frag
	[ "$1" = theirs ] || ice i remote "$PWD/q.frag"
	wait_for 10 handovers_are i 2
	packets_both_ways
}

@test "pion restarts ICE: another pair, handed over anew" {
	connect -controlling
	media p restart q.frag
	wait_for 5 test -s q.frag
	ice i remote "$PWD/q.frag"
	restarted_fragment theirs
}

@test "ice-pair restarts ICE, and pion follows" {
	connect "" --controlling
	ice i restart
	wait_for 5 says i.jsonl restart
	media p restart q.frag
	wait_for 5 test -s q.frag
	restarted_fragment ours
}

# pion's TURN server; sets $turn (UDP, TCP) and $secure (TLS, DTLS).
turn_serve()
{
	local port

	port=$(free_port 2)
	turn=127.0.0.1:$port
	secure=127.0.0.1:$((port + 1))
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 \
		-nodes -subj /CN=relay.example -keyout key -out cert -days 2 \
		-addext subjectAltName=IP:127.0.0.1 2>openssl.err
	spawn turn "$BATS_FILE_TMPDIR/turn-server" "$turn" cert key \
		>turn.out 2>turn.err
	wait_for 10 grep -q ready turn.out
}

# ice-pair relayed by it, as the options say; pion is met directly.
relayed()
{
	connect -controlling --relay-only --turn-user u \
		--turn-password-file password "$@"
	[ "$(event i.jsonl handover relayed)" = true ]
	kill "$(pid_of i)" "$(pid_of p)" "$(pid_of m)"
	rm -f i.* m.* p.* m
}

@test "relayed by pion's TURN server, over UDP, TCP and TLS" {
	turn_serve
	way=unix
	relayed --turn "$turn"
	relayed --turn "$turn" --turn-transport tcp
	relayed --turn "$secure" --turn-transport tls --turn-ca cert
}

@test "pion behind a relay of its own, over UDP and TLS" {
	turn_serve
	connect "-controlling -relay turn:$turn"
	[ "$(event i.jsonl connected remote_type)" = relay ]
	kill "$(pid_of i)" "$(pid_of p)" "$(pid_of m)"
	rm -f i.* m.* p.* m
	connect "-relay turns:$secure?transport=tcp" --controlling
	[ "$(event i.jsonl connected remote_type)" = relay ]
}

@test "stun-probe: pion's TURN server relays, over each transport" {
	local args=(--turn --user u --password-file password --packets 5 --json)

	turn_serve
	for transport in udp tcp; do
		stun-probe "${args[@]}" -T "$transport" "$turn" >report
		jq -e '.works and .realm == "pion.example"' report
	done
	for transport in tls dtls; do
		stun-probe "${args[@]}" -T "$transport" --ca cert "$secure" >report
		jq -e .works report
	done
	# it says 400 where RFC 8489 has 401
	echo wrong >password
	run -77 stun-probe "${args[@]}" "$turn"
}
