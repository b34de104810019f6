# stun-probe --decode and --encode: the RFCs' own messages, both ways, and
# tshark as the other reader.

bats_require_minimum_version 1.5.0

setup()
{
	vectors=$BATS_TEST_DIRNAME/../fuzz/stun # RFC 5769, RFC 8489 B.1
	cd "$BATS_TEST_TMPDIR"
	echo VOkJxbRl1RmTxUk/WvJxBt >short # RFC 5769 section 2
	echo TheMatrIX >long               # 2.4, after SASLprep
	user=マトリックス
}

# Its lines on stdin, each without the bytes: "offset meaning".
meanings()
{
	sed -nE 's/^ +([0-9]+)  ([0-9a-f]{2} ){0,7}[0-9a-f]{2} +([^ ].*)$/\1 \3/p'
}

@test "RFC 5769 2.1: each field, and both checks" {
	stun-probe --decode --password-file short <"$vectors/request" >out
	meanings <out >fields
	grep -qx '0 Binding request  \[RFC 8489 5\]' fields
	grep -qx '24 "STUN test client"' fields
	grep -qx '40 PRIORITY, 4 bytes  \[RFC 8445 7.1.1\]' fields
	grep -qx '44 1845494271' fields
	grep -qx '52 0x932ff9b151263b36' fields
	grep -qx '64 "evtj:h6vY"' fields
	grep -qx '80 HMAC-SHA1 over what is before: right (short-term)' fields
	grep -qx '104 CRC-32 of what is before: right' fields
}

@test "RFC 5769 2.2 to 2.4 and RFC 8489 B.1" {
	stun-probe --decode --password-file short <"$vectors/response_v4" >out
	grep -q ' 192.0.2.1:32853, XORed' out
	stun-probe --decode --password-file short <"$vectors/response_v6" >out
	grep -qF ' [2001:db8:1234:5678:11:2233:4455:6677]:32853, XORed' out
	grep -q 'right (short-term)' out
	stun-probe --decode --password-file long <"$vectors/long_term" >out
	grep -q 'HMAC-SHA1 over what is before: right (long-term, MD5)' out
	grep -q "\"$user\"" out
	stun-probe --decode --password-file long --user "$user" \
		<"$vectors/sha256" >out
	grep -q 'HMAC-SHA256 over what is before: right (long-term, MD5)' out
	grep -q 'a nonce cookie: password algorithms no, username anonymity yes' \
		out
}

@test "a wrong password is status 1, and none is no check" {
	echo wrong >bad
	run -1 stun-probe --decode --password-file bad <"$vectors/request"
	[[ $output == *"WRONG for this password"* ]]
	run -0 stun-probe --decode <"$vectors/request"
	[[ $output == *"HMAC-SHA1 over what is before"* ]]
	[[ $output != *"before: right (short"* ]]
	STUN_PASSWORD=$(<short) run -0 stun-probe --decode <"$vectors/request"
	[[ $output == *"right (short-term)"* ]]
	run -66 stun-probe --decode --password-file nowhere <"$vectors/request"
	# one bit of the SOFTWARE: the checksum does not fit any more
	xxd -p "$vectors/request" | tr -d '\n' | sed 's/5354554e20/5354554e21/' |
		run -1 stun-probe --decode
}

@test "hex in its forms, and messages one behind the other" {
	xxd -p "$vectors/response_v4" >plain
	xxd -i <"$vectors/response_v4" >c
	xxd -p -c 1 "$vectors/response_v4" | paste -sd: >colons
	for form in plain c colons; do
		stun-probe --decode <$form | grep -q ' 192.0.2.1:32853, XORed'
	done
	cat "$vectors/response_v4" "$vectors/request" "$vectors/sha256" |
		stun-probe --decode --json >three.json
	jq -e '(.messages | length) == 3 and
		([.messages[].summary | split(",")[0]] == ["Binding success response",
		"Binding request", "Binding request"]) and
		all(.messages[]; .sound)' three.json
}

@test "every byte is shown once, in its place" {
	local name

	for name in request response_v4 response_v6 long_term sha256; do
		stun-probe --decode --json <"$vectors/$name" |
			jq -r '.messages[0].fields[].bytes' | tr -d '\n' >hex
		xxd -p "$vectors/$name" | tr -d '\n' | cmp - hex
	done
}

@test "what is no STUN, broken or nothing" {
	run -66 --separate-stderr stun-probe --decode </dev/null
	[[ $stderr == "stun-probe: stdin is empty: "* ]]
	run -65 --separate-stderr stun-probe --decode <<<"good morning"
	[[ $stderr == "stun-probe: stdin: not a sound STUN message" ]]
	head -c 50 "$vectors/request" >short.cut
	run -65 stun-probe --decode <short.cut
	[[ $output == *"BROKEN: the lengths do not fit"* ]]
	run -65 stun-probe --decode <<<$'\xd4\xc3\xb2\xa1 no capture'
	run -2 stun-probe --decode file
	run -2 stun-probe --decode --nat
	run -2 stun-probe --decode --every 1 </dev/null
}

@test "--encode makes RFC 5769's and RFC 8489's messages, byte for byte" {
	made()
	{
		stun-probe --encode --raw "${@:2}" | cmp - "$vectors/$1"
	}
	id=id=b7e7a701bc34d686fa87dfae
	made request --password-file short binding request $id \
		"software=STUN test client" priority=0x6e0001ff \
		ice-controlled=0x932ff9b151263b36 pad=0x20 username=evtj:h6vY \
		message-integrity fingerprint
	made response_v4 --password-file short Binding Success $id pad=0x20 \
		"software=test vector" xor-mapped-address=192.0.2.1:32853 \
		integrity fingerprint
	made response_v6 --password-file short binding success $id pad=0x20 \
		"SOFTWARE=test vector" \
		"xor-mapped-address=[2001:db8:1234:5678:11:2233:4455:6677]:32853" \
		integrity fingerprint
	id=id=78ad3433c6ad72c029da412e
	made long_term --password-file long binding request $id \
		username="$user" nonce=f//499k954d6OL34oL9FSTvy64sA \
		realm=example.org integrity
	made sha256 --password-file long --user "$user" binding request $id \
		userhash=hex:4a3cf38fef6992bda952c6780417da0f24819415569e60b205c46e41407f1704 \
		nonce=obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA \
		realm=example.org integrity-sha256
}

@test "--encode and --decode of every kind of value" {
	stun-probe --encode allocate error \
		error-code=420:Unknown unknown-attributes=0x7fff,priority \
		lifetime=0600 channel-number=0x4001 requested-transport=17 \
		requested-address-family=6 even-port dont-fragment \
		change-request=ip,port response-port=4242 \
		password-algorithms=md5,sha-256 \
		other-address=192.0.2.9:3479 \
		0x8055=hex:00ff ice-controlling=1 fingerprint >hex
	stun-probe --decode <hex | meanings | cut -d' ' -f2- >fields
	while read -r line; do
		grep -qxF "$line" fields
	done <<-'EOF'
	Allocate error response  [RFC 8489 5]
	420 Unknown
	not understood: 0x7fff 0x0024 (PRIORITY)
	600 seconds
	channel 0x4001
	protocol 17 (UDP)
	IPv6
	an even port
	answer from the other address and the other port
	port 4242
	MD5, SHA-256
	192.0.2.9:3479
	attribute 0x8055 (may be skipped), 2 bytes
	0x0000000000000001
	CRC-32 of what is before: right
	EOF
}

@test "--encode says what it does not understand" {
	for words in "" binding "binding what" "what request" \
		"binding request nonsense" "binding request lifetime=soon" \
		"binding request id=12" "binding request mapped-address=here" \
		"binding request channel-number=70000" \
		"binding request error-code=x" "binding request data=hex:0" \
		"binding request message-integrity" "binding request pad=x" \
		"binding request pad=256" "binding request id" \
		"binding error unknown-attributes=$(seq -s, 40)" \
		"binding request password-algorithms=$(seq -s, 20)"; do
		# shellcheck disable=SC2086
		run -2 stun-probe --encode $words
		[[ ${lines[0]} == "stun-probe: --encode: "* ]]
	done
}

@test "a capture with Ethernet frames, and tshark reads the same in it" {
	stun-probe --encode binding request username=a:b priority=1 \
		use-candidate ice-controlling=2 software=x fingerprint |
		sed 's/../& /g; s/^/0000 /' >dump
	for kind in pcap pcapng; do
		text2pcap -q -F $kind -4 192.0.2.1,192.0.2.2 -u 5000,3478 dump \
			packets >said 2>&1 || { cat said; false; }
		stun-probe --decode --json <packets >ours.json
		jq -e '.messages[0] | .from == "192.0.2.1:5000" and
			.to == "192.0.2.2:3478" and .transport == "udp" and
			.packet == 1 and .sound' ours.json
		tshark -r packets -T fields -e stun.att.type 2>/dev/null |
			tr , '\n' >theirs
		# ours: the two bytes of the type before each value
		jq -r '.messages[0].fields[4:][] | select(.attribute | not) |
			select(.meaning != "padding") | "0x" + .bytes[:4]' \
			ours.json | cmp - theirs
	done
	# a capture without any STUN
	printf '0000 01 02 03\n' | text2pcap -q -u 1,2 - none >said 2>&1
	run -65 stun-probe --decode <none
	[[ $output == *"no STUN message in this capture"* ]]
	# and one that was cut short: what is whole is shown
	head -c -3 packets >short.cut
	run -65 stun-probe --decode <short.cut
}

@test "VLANs, extension headers; what cannot be read is no proof of nothing" {
	mkdir captures
	/usr/bin/python3 "$BATS_TEST_DIRNAME/stun/captures.py" \
		"$vectors/request" captures >ways
	[ "$(wc -l <ways)" = 8 ]
	while read -r name messages fragments frames; do
		stun-probe --decode --json <"captures/$name" >report 2>said || true
		jq -e --argjson messages "$messages" \
			--argjson fragments "$fragments" --argjson frames "$frames" \
			'(.messages | length) == $messages and
			.fragments == $fragments and .unknown_frames == $frames and
			(.error != null) == ($messages == 0)' report
		[ "$(tshark -r "captures/$name" -Y stun 2>/dev/null | wc -l)" \
			-ge "$messages" ]
		if [ $((fragments + frames)) -gt 0 ]; then
			grep -q "IP fragments.*: $fragments\$\|link layer.*: $frames\$" \
				said
		fi
	done <ways
}

@test "--json is an object whatever comes in" {
	for input in "" "good morning" $'\xd4\xc3\xb2\xa1 no capture'; do
		printf '%s' "$input" | stun-probe --decode --json >report 2>said &&
			false
		jq -e '.error and (.messages | type) == "array"' report
	done
}
