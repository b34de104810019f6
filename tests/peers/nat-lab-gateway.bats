# The gateway in the lab: whoever is at home a, behind one kind of NAT, calls
# through it whoever is at home b, behind another, and is called.

load ../lib/nat-lab

setup()
{
	lab_needs
	cd "$BATS_TEST_TMPDIR" || exit
}

# Both calls of homes behind $1 and $2 are heard, and the gateway has seen
# the NATs' addresses (NAT: none, firewall: the homes' own).
heard_between()
{
	local a=198.51.100.6 b=198.51.100.10

	[ "$1" != firewall ] || a=192.0.2.2
	[ "$2" != firewall ] || b=192.0.3.2
	[ "$(grep -cE "^[ab] calls [ab]: $lab_heard" "$1-$2")" = 2 ]
	[ "$(grep -cF " is $a:" "$1-$2")" = 2 ]
	[ "$2" = none ] || [ "$2" = firewall ] ||
		[ "$(grep -cF " is $b:" "$1-$2")" = 2 ]
}

# Each kind is once before the browser's end, and once before the phone. Three
# labs at a time.
@test "behind each kind of NAT, a browser's end and a SIP phone call each other" {
	local kinds=(full address port address-mapping symmetric masquerade
		double none firewall)
	local n=${#kinds[@]} i j pids

	for ((i = 0; i < n; i += 3)); do
		pids=()
		for ((j = i; j < i + 3; j++)); do
			lab_calls "${kinds[j]}" "${kinds[(j + 1) % n]}" \
				"${kinds[j]}-${kinds[(j + 1) % n]}" &
			pids+=($!)
		done
		wait "${pids[@]}" || true # of each, what it said is judged
	done
	tail -n +1 -- *-*
	for ((i = 0; i < n; i++)); do
		heard_between "${kinds[i]}" "${kinds[(i + 1) % n]}"
	done
}

@test "two symmetric NATs; IPv6; a network that is late and loses packets" {
	local pids=()

	lab_calls symmetric symmetric symmetric-symmetric &
	pids+=($!)
	lab_calls symmetric port six -6 &
	pids+=($!)
	lab_calls address double bad --delay 60 --loss 2 &
	pids+=($!)
	wait "${pids[@]}" || true # of each, what it said is judged
	tail -n +1 symmetric-symmetric six bad
	heard_between symmetric symmetric
	[ "$(grep -cE "^[ab] calls [ab]: $lab_heard" six)" = 2 ]
	[ "$(grep -cE "is \[2001:db8:0:[12]::2\]:[0-9]+" six)" = 4 ]
	[ "$(grep -cE "^[ab] calls [ab]: $lab_heard" bad)" = 2 ]
}

baresip_is_called()
{
	baresip_start bob --address "$NAT_LAB_B" --at "$NAT_LAB_SIP" --echo
	on a "$lab_top/examples/webrtc-phone.sh" "$NAT_LAB_SIGNAL" bob
	baresip_wait bob 'session closed|terminated'
}

@test "baresip behind a NAT is called from behind another" {
	lab_run port symmetric baresip_is_called | tee said
	grep -q "^$lab_heard" said
}

# What it records is the echo of its own tone.
baresip_calls()
{
	baresip_start bob --address "$NAT_LAB_B" --at "$NAT_LAB_SIP" --tone 440
	on a "$lab_top/examples/webrtc-phone.sh" --answer "$NAT_LAB_SIGNAL" \
		2>answerer &
	wait_for 20 grep -q 'waits to be called' answerer
	baresip_command bob dial sip:gateway@pbx
	lab_recorded bob 3
	baresip_command bob hangup
	wait "$!"
	baresip_stop
	hear "$(baresip_heard bob)" 440
}

@test "baresip behind a NAT calls who is behind another" {
	lab_run symmetric address-mapping baresip_calls
}

# It never sends a word; what it hears it records.
silent_phone_hears()
{
	local examples=$lab_top/examples pids=()

	sip-register sip:silent@lab.example --registrar "$NAT_LAB_SIP" \
		--line silent.sock --events line >line.out 2>&1 &
	pids+=($!)
	wait_for 10 grep -qs '"registered"' line
	mkfifo bridge dial
	rtp-bridge --control bridge "rtp:$NAT_LAB_B:0,name=sip" \
		wav:record=heard.wav >frag 2>bridge.log &
	pids+=($!)
	sip-dial --answer --line silent.sock --control dial --events call \
		</dev/null >offer 2>dial.log &
	pids+=($!)
	on a "$examples/webrtc-phone.sh" --timeout 12 "$NAT_LAB_SIGNAL" silent &
	wait_for 20 test -s offer
	sdp-convert --to sip --answer-to offer --with frag \
		<"$examples/audio.sdp" >answer.sdp
	echo describe sip answer.sdp offer >bridge
	jq -nc --rawfile sdp answer.sdp '{command: "answer", $sdp}' >dial
	wait "$!" || true # no tone came back to it
	kill "${pids[@]}" 2>/dev/null || true
	wait "${pids[@]}" || true
	hear heard.wav 997
}

@test "a silent phone behind a NAT hears who calls it from behind another" {
	lab_run port symmetric silent_phone_hears
}
