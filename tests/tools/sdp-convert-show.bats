#!/usr/bin/env bats
# What sdp-convert says about a description: --json, --check, --report; and
# the modes of reading it.

bats_require_minimum_version 1.5.0

setup()
{
	data=$PWD/tests/data/sdp
	cd "$BATS_TEST_TMPDIR" || exit
	offer=$data/chromium-av-data-offer.sdp
	printf '%s\r\n' v=0 'o=u 1 1 IN IP4 127.0.0.1' s=- \
		'c=IN IP4 127.0.0.1' 't=0 0' 'm=audio 6000 RTP/AVP 0' >phone.sdp
}

# This status, this on stderr in one line, nothing on stdout.
refused()
{
	local want=$1 words=$2 status=0

	shift 2
	"$@" >out 2>err || status=$?
	cat err
	[ "$status" = "$want" ]
	[ ! -s out ]
	[ "$(wc -l <err)" = 1 ]
	grep -q "$words" err
}

@test "JSON and back is the same bytes, for every description" {
	local file

	for file in "$data"/*.sdp; do
		sdp-convert --json <"$file" >x.json
		[ "$(wc -l <x.json)" = 1 ]
		sdp-convert --json <x.json | cmp - "$file"
		sdp-convert <x.json | cmp - "$file"
	done
}

@test "JSON has the parts of lines as members, and takes edits of them" {
	sdp-convert -j <"$offer" >x.json
	jq -e '.media[0].lines[0] | .media == "audio" and .port == 35021 and
		.proto == "UDP/TLS/RTP/SAVPF" and .formats[0] == "111"' x.json
	jq -e '[.media[0].lines[] | select(.name == "rtpmap")][0] ==
		{type: "a", name: "rtpmap", payload: 111, codec: "opus",
		 clock: 48000, channels: 2}' x.json
	jq '.media[0].lines[0].port = 5004' x.json | sdp-convert |
		grep '^m=audio 5004 UDP'
	jq '.media[0].lines += [{type: "a", name: "ptime", value: 40},
		{type: "b", value: "AS:64"}]' x.json | sdp-convert >out
	grep -q '^a=ptime:40' out
	grep -q '^b=AS:64' out
}

@test "bytes that JSON cannot hold, and odd endings, come back" {
	printf 'v=0\no=u 1 1 IN IP4 h\r\ns=\377\376\r\r\nt=0 0\n\nQ=x\na=\na=x:' \
		>odd.sdp
	sdp-convert --json <odd.sdp >x.json
	jq -e '[.. | .hex?] | index("733dfffe")' x.json
	sdp-convert <x.json | cmp - odd.sdp
}

@test "a session description as browsers' signalling has it" {
	jq -Rs '{type: "offer", sdp: .}' "$offer" | sdp-convert | cmp - "$offer"
}

@test "JSON that is no description: where, and what was expected" {
	refused 65 'column [0-9]*: expected JSON' sdp-convert <<<'{'
	refused 65 'session' sdp-convert <<<'{}'
	refused 65 'line 1: .*type' sdp-convert <<<'{"session": [{"x": 1}]}'
	refused 65 'no line feed inside a line' sdp-convert \
		<<<'{"session": [{"type": "s", "value": "x\r\na=evil"}]}'
	refused 65 'array of lines' sdp-convert <<<'{"session": 5}'
}

@test "--check: nothing wrong, warnings, errors, and no SDP" {
	run -0 sdp-convert --check "$offer"
	[ "$output" = '0 errors, 0 warnings' ]
	sed 's/^m=audio 6000/m=audio 6001/' phone.sdp >odd.sdp
	run -0 sdp-convert --check <odd.sdp
	[[ ${lines[0]} == 'warning: line 6: an odd RTP port'*'RFC 3550 section 11)' ]]
	[ "${lines[1]}" = '0 errors, 1 warning' ]
	sed 's/AVP 0/AVP 0 96 x/; s/^s=-/s/' phone.sdp >bad.sdp
	run -1 sdp-convert --check bad.sdp
	[[ $output == *'error: line 3: expected <letter>=<value>'* ]]
	[[ $output == *'line 6: column 27: expected a payload type'* ]]
	[[ $output == *'expected a=rtpmap:96'*'RFC 8866 section 6.6'* ]]
	run -1 sdp-convert --check "$BATS_TEST_FILENAME"
	refused 66 'No such file' sdp-convert --check nothing.sdp
	refused 65 'NUL' sdp-convert --check <(printf 'v=0\0')
}

@test "--check of a pair names the document and the rule" {
	sed 's/AVP 0/AVP 8/' phone.sdp >answer.sdp
	run -0 sdp-convert --check phone.sdp phone.sdp
	run -1 sdp-convert --check phone.sdp answer.sdp
	[[ $output == *'error: answer: line 6: PCMA/8000/1 is not in the offer (RFC 3264 section 6.1)'* ]]
	run -1 sdp-convert --check --answer-to phone.sdp <answer.sdp
	grep -v '^s=' phone.sdp >offer.sdp
	run -1 sdp-convert --check offer.sdp phone.sdp
	[[ $output == *'error: offer: '*'expected s='* ]]
	run -0 sdp-convert --check "$data/chromium-av-data-offer.sdp" \
		"$data/chromium-av-data-answer.sdp"
	run -0 sdp-convert --check "$data/aiortc-av-data-offer.sdp" \
		"$data/aiortc-av-data-answer.sdp"
	[ "$output" = '0 errors, 0 warnings' ]
}

@test "--check --json is one object" {
	sed 's/AVP 0/AVP 96/' phone.sdp >bad.sdp
	run -1 sdp-convert --check --json bad.sdp
	jq -e '.errors == 1 and .warnings == 0 and
		.findings[0] == {severity: "error", line: 6, column: 22,
		what: "expected a=rtpmap:96, which says what payload type 96 is",
		rfc: "RFC 8866 section 6.6"}' <<<"$output"
}

@test "--check judges what a conversion makes" {
	run -1 sdp-convert --check --to webrtc <phone.sdp
	[[ $output == *'expected a=fingerprint'* ]]
	run -0 sdp-convert --check --to webrtc --with "$data/media.sdpfrag" \
		--with "$data/ice.sdpfrag" <phone.sdp
}

@test "--report: every line that is dropped, added, rewritten, with its why" {
	sdp-convert --report --to sip --with "$data/media.sdpfrag" \
		<"$offer" >out
	grep -q "^dropped   a=setup:actpass (DTLS ends at the gateway)" out
	grep -q '^rewritten m=audio .* -> m=audio 40312 RTP/AVP.*(' out
	grep -q "^added     a=rtcp:40313 (the fragment's)" out
	run ! grep -vE '^(dropped|added|rewritten) .* \(.*\)$' out
	# It accounts for all of the difference.
	sdp-convert --to sip --with "$data/media.sdpfrag" <"$offer" >sip.sdp
	sdp-convert --report --json --to sip --with "$data/media.sdpfrag" \
		<"$offer" >out.jsonl
	jq -se 'all(.why | length > 0) and
		([.[] | select(.change == "dropped" and .line == null)] | length) <= 3' \
		out.jsonl
	sdp-convert --report <phone.sdp >out
	[ ! -s out ]
}

@test "--explain: each line, what it means, why, which RFC" {
	local file

	sdp-convert --explain "$offer" >out
	# Every line of the description is there, in order.
	grep -E '^[a-z]=' out | cmp - <(tr -d '\r' <"$offer")
	[ "$(grep -c 'Why:' out)" = "$(wc -l <"$offer")" ]
	run ! grep -E '.{100}' <(grep '^    ' out)
	grep -A 3 '^a=rtpmap:126' out | grep -q 'keys pressed'
	grep -A 6 '^m=application' out | grep -q 'data channels'
	sdp-convert --explain --to sip <"$offer" 2>/dev/null | grep -A 3 ^m= |
		grep -q 'RTP in the clear'
	sdp-convert --explain --lenient <"$BATS_TEST_FILENAME" |
		grep -q 'Not a line of SDP'
	printf 'v=0\r\ns=\033[31m\r\n' | sdp-convert --explain >out
	run ! grep $'\033' out
	for file in "$data"/*.sdp; do
		sdp-convert --explain "$file" >/dev/null
	done
}

@test "--diff tells what differs in meaning, and only that" {
	local file

	for file in "$data"/*.sdp; do
		run -0 sdp-convert --diff "$file" "$file"
		[ -z "$output" ]
	done
	# The session's c= and direction as the section's, other order, LF.
	printf '%s\n' v=0 'o=u 1 1 IN IP4 127.0.0.1' s=- 't=0 0' \
		'm=audio 6000 RTP/AVP 0' a=sendrecv 'a=rtpmap:0 PCMU/8000' \
		'c=IN IP4 127.0.0.1' >same.sdp
	run -0 sdp-convert --diff phone.sdp same.sdp
	[ -z "$output" ]
	sed 's/ 1 1 IN/ 1 2 IN/; s/AVP 0/AVP 8 0/; s/a=sendrecv/a=sendonly/' \
		same.sdp >other.sdp
	run -1 sdp-convert --diff same.sdp other.sdp
	[ "$output" = 'session: version: 1 -> 2
audio 0: direction: sendrecv -> sendonly
audio 0: order of codecs: PCMU -> PCMA PCMU
audio 0: codec PCMA/8000/1: only in the second: payload type 8' ]
	run -1 sdp-convert --diff --json same.sdp other.sdp
	jq -se '.[1] == {section: 0, what: "direction", before: "sendrecv",
		after: "sendonly"}' <<<"$output"
	refused 66 'No such file' sdp-convert --diff same.sdp nothing.sdp
}

@test "--strict refuses what --lenient takes" {
	printf '%s\r\n' v=0 'o=u 1 1 IN IP4 127.0.0.1' s=- 't=0 0' 'rubbish' \
		>rubbish.sdp
	refused 65 'line 5: expected <letter>=<value>' sdp-convert <rubbish.sdp
	sdp-convert --lenient <rubbish.sdp | cmp - rubbish.sdp
	run -1 sdp-convert -q --lenient --to webrtc <rubbish.sdp
	{ cat rubbish.sdp; tail -n 1 phone.sdp; echo 'candy=1'; } >more.sdp
	sdp-convert -q --lenient --to webrtc <more.sdp >out
	run ! grep -E 'rubbish|candy' out
	sdp-convert --lenient <"$BATS_TEST_FILENAME" |
		cmp - "$BATS_TEST_FILENAME"
	printf '%s\r\n' v=0 'o=u 1 1 IN IP4 127.0.0.1' 't=0 0' s=- \
		'm=audio  5000 RTP/AVP 0' >loose.sdp
	sdp-convert <loose.sdp | cmp - loose.sdp
	refused 65 'line 4: expected s= before t=' sdp-convert --strict \
		<loose.sdp
	sdp-convert --strict <phone.sdp | cmp - phone.sdp
	sdp-convert --strict <"$offer" | cmp - "$offer"
}

@test "ten megabytes: as many lines or sections as fit, and one line" {
	{
		cat phone.sdp
		yes $'a=x\r' | head -c 10000000
	} >many.sdp
	timeout 30 sdp-convert <many.sdp | cmp - many.sdp
	{
		head -5 phone.sdp
		yes $'m=audio 9 RTP/AVP 0\r' | head -n 10000
	} >sections.sdp
	timeout 30 sdp-convert --to webrtc <sections.sdp >out
	[ "$(grep -c ^m= out)" = 10000 ]
	timeout 30 sdp-convert --check <sections.sdp | tail -n 1 |
		grep -q '^0 errors'
	timeout 30 sdp-convert --json <sections.sdp |
		timeout 30 sdp-convert | cmp - sections.sdp
	head -c 17000000 /dev/zero | tr '\0' v >big
	refused 65 'more than' sdp-convert <big
}
