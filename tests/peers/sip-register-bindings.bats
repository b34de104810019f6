# What a registrar has bound (RFC 3261 10.2, 10.3): fetched, removed, several
# contacts; and what it says of us and of the way: GRUU (RFC 5627), outbound
# (RFC 5626), Path, Service-Route (RFC 3608), a 3xx. Kamailio, SIPp.

bats_require_minimum_version 1.5.0

setup()
{
	load ../lib/kamailio
	load ../lib/sipp
	cd "$BATS_TEST_TMPDIR" || exit
	echo secret-100 >password
	urn=urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6
	pid=
}

teardown()
{
	[ -z "$pid" ] || kill "$pid" 2>/dev/null || true
	sipp_stop
	kamailio_stop
}

once()
{
	sip-register --registrar "$KAMAILIO" --password-file password "$@" \
		sip:100@pbx >events
}

register()
{
	sip-register --registrar "$KAMAILIO" --password-file password "$@" \
		sip:100@pbx >events 2>errors 3>&- &
	pid=$!
	wait_for 10 says registered
}

says()
{
	grep -q "\"event\":\"$1\"" events
}

# The last event of that name, through a filter of jq.
event()
{
	jq -rs --arg name "$1" \
		"map(select(.event == \$name)) | last | $2 // empty" events
}

@test "bindings are told, one is removed, then all" {
	kamailio_start
	once --fetch
	[ "$(event bindings '.contacts | length')" = 0 ]
	once --once --contact '<sip:100@192.0.2.1>;q=0.5' \
		--contact sip:100@192.0.2.2:5070
	own=$(event registered .contact)
	[ "$(event registered '.contacts | length')" = 3 ]
	once --fetch
	[ "$(event bindings '.contacts | map(.uri) | sort | join(" ")')" = \
		"$(printf '%s\n' "$own" sip:100@192.0.2.1 \
			sip:100@192.0.2.2:5070 | sort | paste -sd ' ')" ]
	[ "$(event bindings '.contacts[] | select(.q) | .uri + .q')" = \
		sip:100@192.0.2.10.5 ]
	[ "$(event bindings '.contacts | all(.expires > 500)')" = true ]
	once --remove sip:100@192.0.2.1
	[ "$(event bindings '.contacts | length')" = 2 ]
	once --remove '*'
	[ "$(event bindings '.contacts | length')" = 0 ]
	[ -z "$(kamailio_contacts 100)" ]
}

@test "all contacts of ours go when we do" {
	kamailio_start
	register --contact sip:100@192.0.2.2:5070
	[ "$(kamailio_contacts 100 | wc -l)" = 2 ]
	kill "$pid"
	wait "$pid"
	pid=
	[ -z "$(kamailio_contacts 100)" ]
}

@test "an instance gets its GRUUs" {
	kamailio_start
	register --instance "$urn"
	[[ $(event registered .pub_gruu) == "sip:100@pbx;gr=$urn" ]]
	[[ $(event registered .temp_gruu) == sip:*gr* ]]
	[ "$(event registered '.contacts[0].instance')" = "<$urn>" ]
}

@test "outbound: a flow of its own, kept by STUN; Path and Service-Route" {
	kamailio_start --outbound
	register --instance "$urn" --reg-id 1 --keep-alive 0.5 --line sock
	[ "$(event registered '.path[0]')" = '<sip:edge.test;lr;ob>' ]
	[ "$(event registered '.service_route | join(" ")')" = \
		'<sip:first.test;lr> <sip:second.test;lr>' ]
	# calls take that way (RFC 3608 5)
	run sip-dial --line sock --timeout 5 --trace trace \
		sip:status-486@pbx <<-'SDP'
			v=0
			o=- 1 1 IN IP4 127.0.0.1
			s=-
			c=IN IP4 127.0.0.1
			t=0 0
			m=audio 40000 RTP/AVP 0
		SDP
	grep -q 'INVITE.*Route: <sip:first.test;lr>' trace
	grep -q 'INVITE.*Route: <sip:second.test;lr>' trace
	# the other end is gone without a word
	mapfile -t family < <(pgrep -P "$KAMAILIO_PID")
	kill -STOP "$KAMAILIO_PID" "${family[@]}"
	wait_for 20 says lost
	kill -KILL "$KAMAILIO_PID" "${family[@]}"
	grep -q 'keep-alive by STUN' events
}

@test "a 3xx sends us to another registrar" {
	kamailio_start
	sed -e "s/INVITE/REGISTER/; s/486 Busy Here/302 Moved Temporarily/" \
		-e "s/Contact: .*/Contact: <sip:$KAMAILIO>/" \
		-e '/ACK/d' "$BATS_TEST_DIRNAME/sipp/uas-final.xml" >302.xml
	sipp_start old -sf "$PWD/302.xml" -m 1
	sip-register --once --registrar "127.0.0.1:$(sipp_port old)" \
		--password-file password sip:100@pbx >events
	says redirected
	says registered
	[ -n "$(kamailio_contacts 100)" ]
}

@test "contacts and instances that are none: 2" {
	run -2 sip-register --contact junk sip:100@pbx
	[[ $output == *"junk: not a contact"* ]]
	run -2 sip-register --remove $'sip:a@b\r\nX: y' sip:100@pbx
	run -2 sip-register --instance 'urn:x">' sip:100@pbx
	[[ $output == *"not a URN"* ]]
	run -2 sip-register --reg-id 1 sip:100@pbx
	[[ $output == *"give --instance"* ]]
	run -2 sip-register --fetch --line sock sip:100@pbx
	run -2 sip-register --fetch --remove '*' sip:100@pbx
}
