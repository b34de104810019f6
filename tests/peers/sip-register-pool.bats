# A pool of accounts in one sip-register, at Kamailio: each is registered with
# its own password, kept, called, calls, and is removed at the end.

bats_require_minimum_version 1.5.0

setup()
{
	load ../lib/kamailio
	load ../lib/baresip
	load ../lib/phone-sdp
	load ../lib/dns
	cd "$BATS_TEST_TMPDIR" || exit
	users=$(seq 1005 1019)
	for user in $users; do
		echo "$user:word:$user"
	done >passwords
	phone_sdp >offer.sdp
	pid='' dial=''
}

teardown()
{
	[ -z "$dial" ] || kill "$dial" 2>/dev/null || true
	[ -z "$pid" ] || kill "$pid" 2>/dev/null || true
	baresip_stop
	kamailio_stop
	dns_stop
}

# Kamailio that knows them, and 200.
pbx()
{
	local -a known

	mapfile -t known <passwords
	kamailio_start "$@" 200:word-200 "${known[@]}"
}

# Start the pool; its events are in the file events.
pool()
{
	sip-register --registrar "$KAMAILIO" --password-file passwords "$@" \
		'sip:1005;10[06-19]@pbx' >events 2>errors 3>&- &
	pid=$!
}

# Whether some event fits.
is()
{
	jq -se "any(.[]; $1)" events >/dev/null 2>&1
}

# Whether so many accounts have had an event N times at least.
each_has()
{
	[ "$(jq -rs --arg name "$1" --argjson n "$2" '
		map(select(.event == $name)) | group_by(.aor) |
		map(select(length >= $n)) | length' events)" = "$3" ]
}

all_are_back()
{
	[ "$(jq -rs 'map(select(.event == "pool")) | last | .registered' \
		events)" = 15 ]
}

bound()
{
	local user n=0

	for user in $users; do
		[ -z "$(kamailio_contacts "$user")" ] || n=$((n + 1))
	done
	echo "$n"
}

stop()
{
	end_in_time "$pid" "$1"
	pid=
}

registers_keeps_and_removes_all()
{
	pbx --max-expires 6
	pool "$@"
	wait_for 15 is '.event == "pool" and .registered == 15'
	for user in $users; do
		run kamailio_contacts "$user"
		[ "$output" = "$(jq -r --arg aor "sip:$user@pbx" 'select(
			.event == "registered" and .aor == $aor) | .contact' \
			events | tail -n 1)" ]
		[[ $output == "sip:$user@127.0.0.1:"* ]]
	done
	wait_for 15 each_has registered 2 15
	[ "$(bound)" = 15 ]
	# none of them began anew: one count was said
	[ "$(grep -c '"event":"pool"' events)" = 1 ]
	stop 0
	each_has unregistered 1 15
	[ "$(bound)" = 0 ]
}

@test "UDP: fifteen accounts are registered, refreshed and removed" {
	registers_keeps_and_removes_all
}

@test "TCP: the same, over one connection" {
	registers_keeps_and_removes_all --tcp
	grep -q 'sip:1019@127.0.0.1:[0-9]*;transport=tcp' events
}

@test "each has its own dialog of REGISTERs" {
	pbx
	pool --trace trace
	wait_for 15 is '.event == "pool" and .registered == 15'
	stop 0
	[ "$(jq -r 'select(.event == "message" and .direction == "out" and
		(.summary | startswith("REGISTER"))) | .raw' trace |
		grep -ao '^Call-ID: .*' | sort -u | wc -l)" = 15 ]
	[ "$(jq -r 'select(.event == "state" and .machine == "registration" and
		.to == "gone") | .aor' trace | sort -u | wc -l)" = 15 ]
}

@test "a wrong password is said, and the others go on" {
	pbx --max-expires 6
	sed -i 's/^1012:.*/1012:wrong/' passwords
	mkfifo control
	exec 4<>control
	pool --control control
	wait_for 15 is '.event == "pool" and .registered == 14 and
		.given_up == 1'
	grep -q 'sip:1012@pbx: the registrar refused: 401.*wrong user or pass' \
		errors
	is '.event == "given-up" and .aor == "sip:1012@pbx" and .status == 77'
	[ "$(grep -c 'refused' errors)" = 1 ]
	wait_for 15 each_has registered 2 14
	[ "$(bound)" = 14 ]
	[ -z "$(kamailio_contacts 1012)" ]
	echo refresh 1012x >&4
	wait_for 5 is '.event == "error" and (.why | test("1012x"))'
	stop 77
	exec 4>&-
	[ "$(bound)" = 0 ]
}

@test "--once: 0 if all are registered, else what went wrong" {
	pbx
	sip-register --once --registrar "$KAMAILIO" --password-file passwords \
		'sip:10[05-19]@pbx' >events
	[ "$(bound)" = 15 ]
	is '.event == "pool" and .registered == 15'
	sed -i 's/^1012:.*/1012:wrong/' passwords
	run -77 --separate-stderr sip-register --once \
		--registrar "$KAMAILIO" --password-file passwords \
		'sip:10[10-14]@pbx'
	[[ $stderr == *"4 of 5 accounts are registered"* ]]
	sip-register --fetch --registrar "$KAMAILIO" --password-file passwords \
		'sip:10[05-09]@pbx' >events
	each_has bindings 1 5
	sed -i 's/^1012:.*/1012:word:1012/' passwords
	sip-register --remove '*' --registrar "$KAMAILIO" \
		--password-file passwords 'sip:10[05-19]@pbx' >events
	[ "$(bound)" = 0 ]
}

@test "one password for all, and hashes" {
	kamailio_start 007:same 008:same
	echo same >password
	sip-register --once --registrar "$KAMAILIO" --password-file password \
		'sip:[007-008]@pbx' >events
	[ -n "$(kamailio_contacts 007)" ]
	[ -n "$(kamailio_contacts 008)" ]
	for user in 007 008; do
		echo "$user:pbx:$(printf '%s:pbx:same' $user | md5sum |
			cut -d ' ' -f 1)"
	done >hashes
	sip-register --once --registrar "$KAMAILIO" --ha1-file hashes \
		'sip:[007-008]@pbx' >events
	echo nonsense >>passwords
	run -65 --separate-stderr sip-register --registrar "$KAMAILIO" \
		--password-file passwords 'sip:10[05-19]@pbx'
	[[ $stderr == *"line 16 is not USER:PASSWORD"* ]]
}

@test "refresh: one, or all" {
	pbx
	mkfifo control
	exec 4<>control
	pool --control control
	wait_for 15 is '.event == "pool" and .registered == 15'
	echo refresh 1017 >&4
	wait_for 5 each_has registered 2 1
	is '.event == "registering" and .aor == "sip:1017@pbx"'
	echo refresh >&4
	wait_for 10 each_has registered 2 15
	each_has registered 3 1
	echo quit >&4
	wait "$pid"
	pid=
	exec 4>&-
	[ "$(bound)" = 0 ]
}

@test "the connection is cut: all are registered anew" {
	pbx
	pool --tcp
	wait_for 15 is '.event == "pool" and .registered == 15'
	kamailio_stop
	wait_for 5 each_has lost 1 15
	pbx --port "$KAMAILIO_PORT"
	wait_for 30 each_has registered 2 15
	[ "$(bound)" = 15 ]
	stop 0
}

@test "a dead target gives way to the next, once for all" {
	local dead

	pbx --max-expires 6
	dead=$(free_port 1)
	dns_start host-record=pbx.test,127.0.0.1 \
		"srv-host=_sip._udp.test,pbx.test,$dead,10,0" \
		"srv-host=_sip._udp.test,pbx.test,$KAMAILIO_PORT,20,0"
	pool --registrar test --resolver "$DNS"
	wait_for 15 is '.event == "pool" and .registered == 15'
	[ "$(bound)" = 15 ]
	[ "$(grep -c '"event":"failover"' events)" = 1 ]
	[ "$(grep -c 'registrar 127.0.0.1' errors)" = 1 ]
	# nobody is there any more: all wait, and come back
	kamailio_stop
	wait_for 15 each_has waiting 1 15
	is '.event == "pool" and .registered == 0 and .given_up == 0'
	pbx --max-expires 6 --port "$KAMAILIO_PORT"
	wait_for 30 all_are_back
	[ "$(bound)" = 15 ]
	stop 0
}

@test "one is called: --exec knows which, and answers as that one" {
	pbx
	baresip_start bob --at "$KAMAILIO" --user 200 --password word-200
	cat >answer <<-'EOF2'
		#!/bin/sh
		echo "$SIP_ACCOUNT" >called
		exec sip-dial --line "$SIP_LINE" --answer --trace answer.trace \
			<offer.sdp >theirs.sdp
	EOF2
	chmod +x answer
	pool --exec ./answer
	wait_for 15 is '.event == "pool" and .registered == 15'
	baresip_command bob dial sip:1007@pbx
	baresip_wait bob 'Call established'
	[ "$(cat called)" = sip:1007@pbx ]
	is '.event == "invite" and .account == "sip:1007@pbx"'
	grep -q 'Contact: <sip:1007@127.0.0.1' answer.trace
	baresip_command bob hangup
	wait_for 5 is '.event == "exec-ended" and .status == 0'
	# what no account is called is not here
	contact=$(kamailio_contacts 1007)
	run ! sip-dial "${contact/1007/1004}" --events refused <offer.sdp
	jq -se 'any(.[]; .event == "rejected" and .status == 404)' refused
	stop 0
}

@test "any of them calls, as itself, with its own password" {
	pbx
	baresip_start bob --at "$KAMAILIO" --user 200 --password word-200
	pool --line sock
	wait_for 15 is '.event == "pool" and .registered == 15'
	for user in 1005 1009; do
		rm -f dialled dial.trace # they would be added to
		sip-dial --line sock --from "sip:$user@pbx" --events dialled \
			--trace dial.trace sip:200@pbx \
			<offer.sdp >answer 2>said 3>&- &
		dial=$!
		wait_for 10 grep -q '"event":"established"' dialled
		is ".event == \"authorized\" and .aor == \"sip:$user@pbx\" and
			.error == null"
		grep -q "username=.*$user.*realm" dial.trace
		# and is reached as itself: their BYE has found it
		run jq -r 'select(.direction == "out") | .raw |
			select(startswith("INVITE")) |
			capture("Contact: <(?<who>sip:[^:]*)").who' dial.trace
		[ "$output" = "$(printf 'sip:%s@127.0.0.1\n' "$user" "$user")" ]
		baresip_wait bob 'Call established'
		baresip_command bob hangup
		wait "$dial"
		jq -r 'select(.direction == "in") | .summary' dial.trace |
			grep -q "^BYE sip:$user@127.0.0.1"
		dial=
	done
	stop 0
}

@test "what is no pool: one line, and 2" {
	for wrong in '10[06-;19]' '10[19-06]' '10[06-119]' '1005;10[05-19]' \
		'[0000-1000]' '1005;'; do
		run -2 --separate-stderr sip-register --once "sip:$wrong@pbx"
		[ "$(wc -l <<<"$stderr")" = 1 ]
		[[ $stderr == "sip-register: sip:$wrong@pbx: "* ]]
	done
}
