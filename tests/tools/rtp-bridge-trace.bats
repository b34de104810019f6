#!/usr/bin/env bats
# What --trace of rtp-bridge tells: RTCP, and who went from what to what, why.

bats_require_minimum_version 1.5.0

setup()
{
	load ../lib/media
	cd "$BATS_TEST_TMPDIR" || exit
}

teardown()
{
	media_stop
}

# The lines of trace b.trace that jq filter $1 selects.
traced()
{
	jq -c "select($1)" b.trace 2>/dev/null | grep -q .
}

@test "--trace: RTCP both ways with what it says, and when media passes" {
	bridge_start b --trace b.trace rtp:127.0.0.1:0,name=phone echo:
	rtp_start p
	to=127.0.0.1:$(bridge_port b phone)
	rtcp=127.0.0.1:$((${to#*:} + 1))
	sdp "127.0.0.1:$(rtp_port p)" 0=PCMU/8000 >p.sdp
	bridge b describe phone - p.sdp
	rtp p speech "$to" 30 0 77 1 160 10 160
	# an SR of 77 with no block, 256 packets; and then none at all
	rtp p rtcp "$rtcp" \
		80c800060000004d0000000000000000000000000000010000000200
	rtp p rtcp "$rtcp" 80c8ffff0000004d
	wait_for 8 traced ".event == \"message\" and .protocol == \"RTCP\" and
		.direction == \"in\" and .local == \"$rtcp\" and .bytes == 28 and
		.summary == \"phone: SR of 0000004d, 256 packets\""
	wait_for 8 traced '.direction == "in" and .bytes == 8 and
		.summary == "phone: and what is none"'
	wait_for 8 traced ".direction == \"out\" and .protocol == \"RTCP\" and
		.remote == \"127.0.0.1:$(($(rtp_port p) + 1))\" and
		(.summary | test(\"^phone: SR of [0-9a-f]{8}, [0-9]+ packets, \" +
			\"lost 0 of 0000004d, SDES$\"))"
	traced '.machine == "media" and .leg == "phone" and .from == null and
		.to == "pass" and .why == "PCMU/8000 to PCMU/8000 of phone"'
	bridge b gain phone 6
	rtp p speech "$to" 5 0 77 31 4960 10 160
	wait_for 5 traced '.machine == "media" and .from == "pass" and
		.to == "transcode"'
	# no packet of speech is in it
	run -1 traced '.event == "message" and .protocol != "RTCP"'
	bridge b quit
	bridge_wait b 0
	traced '.direction == "out" and (.summary | test(", BYE of "))'
}

@test "--trace: the states of two dtls: legs can be told apart" {
	bridge_start b --trace b.trace dtls:127.0.0.1:0,name=one \
		dtls:127.0.0.1:0,name=two
	bridge_start p dtls:127.0.0.1:0,name=one dtls:127.0.0.1:0,name=two
	for leg in one two; do
		describe_leg b $leg >b.$leg.sdp
		describe_leg p $leg >p.$leg.sdp
	done
	for leg in one two; do
		bridge b describe $leg b.$leg.sdp p.$leg.sdp
		bridge p describe $leg p.$leg.sdp b.$leg.sdp
	done
	for leg in one two; do
		wait_for 10 traced ".machine == \"dtls\" and .leg == \"$leg\" and
			.from == null and .to == \"connecting\" and
			.why == \"described, and there is a path\""
		wait_for 10 traced ".machine == \"dtls\" and .leg == \"$leg\" and
			.from == \"connecting\" and .to == \"connected\" and
			(.why | test(\"fingerprint\"))"
	done
	bridge p drop two
	wait_for 5 traced '.machine == "dtls" and .leg == "two" and
		.from == "connected" and .to == "closed" and
		(.why | test("close_notify"))'
	run -1 traced '.to == "closed" and .leg == "one"'
}

# The description of leg $2 of bridge $1; b waits for the handshake.
describe_leg()
{
	local setup=active

	[ "$1" = p ] || setup=passive
	printf '%s\r\n' v=0 'o=- 1 1 IN IP4 127.0.0.1' s=- 't=0 0'
	# its section begins at its m= and ends before the next
	awk -v mid="a=mid:$2" -v setup="$setup" '
		/^m=/ { part = ""; mine = 0 }
		{ line = $0; sub(/\r$/, "", line)
		  if (line ~ /^a=setup/) line = "a=setup:" setup
		  if (line ~ /^m=/) sub(/ [0-9]+$/, " 0", line)
		  part = part line "\r\n"; if (line == mid) mine = 1
		  if (mine) found = part }
		END { printf "%s", found }' "$1.frag"
	printf 'a=rtpmap:0 PCMU/8000\r\n'
}
