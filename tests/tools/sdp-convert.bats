#!/usr/bin/env bats
# sdp-convert as a filter: what it keeps, what it refuses, how it ends.

bats_require_minimum_version 1.5.0
load ../lib/ports

setup()
{
	data=$PWD/tests/data/sdp
	cd "$BATS_TEST_TMPDIR" || exit
	offer=$data/chromium-av-data-offer.sdp
	printf '%s\r\n' v=0 'o=u 1 1 IN IP4 127.0.0.1' s=- \
		'c=IN IP4 127.0.0.1' 't=0 0' 'm=audio 6000 RTP/AVP 0' >phone.sdp
}

teardown()
{
	rm -f fifo
}

# One line on stderr that has this in it, nothing on stdout, this status.
refused()
{
	local want=$1 status=0

	shift 2
	"$@" >out 2>err || status=$?
	cat err
	[ "$status" = "$want" ]
	[ ! -s out ]
	[ "$(wc -l <err)" = 1 ]
}

@test "without options every description comes back byte for byte" {
	local file n=0

	for file in "$data"/*.sdp; do
		sdp-convert <"$file" >out
		cmp out "$file"
		n=$((n + 1))
	done
	[ "$n" -ge 15 ]
}

@test "a pipeline: offer to the phone, answer to the browser" {
	sdp-convert -q --to sip --with "$data/media.sdpfrag" <"$offer" |
		sdp-convert >offer.sip.sdp
	grep -q '^m=audio 40312 RTP/AVP 111 9 0 8 13 110 126' offer.sip.sdp
	[ "$(grep -c ^m= offer.sip.sdp)" = 1 ]
	sdp-convert --to webrtc --answer-to "$offer" \
		--with "$data/media.sdpfrag" --with "$data/ice.sdpfrag" \
		<phone.sdp >answer.sdp
	grep -q '^m=audio 9 UDP/TLS/RTP/SAVPF 0' answer.sdp
	grep -q '^a=setup:active' answer.sdp
	grep -q '^a=candidate:1 ' answer.sdp
	[ "$(grep -c '^m=[a-z]* 0 ' answer.sdp)" = 2 ]
	run ! grep '[^[:print:]]' <(tr -d '\r' <answer.sdp)
}

@test "offer to the browser, answer to the phone" {
	sdp-convert --to webrtc --codecs opus,PCMU,telephone-event \
		--with "$data/media.sdpfrag" --with "$data/ice.sdpfrag" \
		<phone.sdp >offer.sdp
	grep -q '^m=audio 9 UDP/TLS/RTP/SAVPF 111 0 110 101' offer.sdp
	sdp-convert --to sip --answer-to phone.sdp \
		--with "$data/media.sdpfrag" \
		<"$data/chromium-audio-answer.sdp" >answer.sip.sdp
	grep -q '^m=audio 40312 RTP/AVP 0' answer.sip.sdp
	grep -q '^a=rtcp:40313' answer.sip.sdp
}

@test "a fragment's section by name, in a file with any name" {
	cp "$data/media.sdpfrag" 'a#b'
	sdp-convert --to sip --with "a#b#sip" <"$offer" | grep '^m=audio 40312'
	sdp-convert --to sip --with "a#b" <"$offer" | grep '^m=audio 40312'
	refused 65 : sdp-convert --to sip --with "a#b#nobody" <"$offer"
	grep -q 'a=mid:nobody' err
}

@test "a leg with DTLS on a port of its own is offered so, unless another is meant" {
	printf '%s\n' 'm=audio 40000 UDP/TLS/RTP/SAVPF 0' 'c=IN IP4 192.0.2.1' \
		a=mid:phone a=setup:actpass a=rtcp-mux \
		"a=fingerprint:sha-256 $(printf ':%02X' {1..32} | cut -c2-)" \
		>dtls.frag
	sdp-convert --to sip --with dtls.frag <"$data/chromium-audio-offer.sdp" \
		>offer.sdp
	grep -q '^m=audio 40000 UDP/TLS/RTP/SAVP [0-9]' offer.sdp
	grep -q '^c=IN IP4 192.0.2.1' offer.sdp
	grep -q '^a=fingerprint:sha-256 01:02' offer.sdp
	grep -q '^a=setup:actpass' offer.sdp
	grep -q '^a=rtcp-mux' offer.sdp
	run ! grep -E '^a=(ice|candidate|group|extmap|rtcp-fb)' offer.sdp
	sdp-convert --check <offer.sdp
	# the phone answers, and is answered
	sdp-convert --to sip --with dtls.frag --profile UDP/TLS/RTP/SAVPF \
		<"$data/ffmpeg-pcmu.sdp" | grep -q '^m=audio 40000 UDP/TLS/RTP/SAVPF'
	sdp-convert --to sip --with dtls.frag --profile RTP/AVP \
		<"$data/ffmpeg-pcmu.sdp" | grep -q '^m=audio 40000 RTP/AVP'
	sdp-convert --to sip --with dtls.frag --answer-to "$data/baresip-dtls-offer.sdp" \
		<"$data/chromium-audio-answer.sdp" >answer.sdp
	grep -q '^m=audio 40000 UDP/TLS/RTP/SAVP' answer.sdp
	grep -q '^a=setup:active' answer.sdp
	sdp-convert --check --answer-to "$data/baresip-dtls-offer.sdp" <answer.sdp
	# a plain leg beside it goes first; one that waits for ICE is none
	printf 'm=audio 40002 RTP/AVP 0\nc=IN IP4 192.0.2.1\na=mid:plain\n' \
		>>dtls.frag
	sdp-convert --to sip --with dtls.frag <"$data/chromium-audio-offer.sdp" |
		grep -q '^m=audio 40002 RTP/AVP'
	sdp-convert --to sip --with dtls.frag#phone \
		<"$data/chromium-audio-offer.sdp" |
		grep -q '^m=audio 40000 UDP/TLS/RTP/SAVP '
	run -1 sdp-convert --to sip --with dtls.frag#plain \
		--profile UDP/TLS/RTP/SAVP <"$data/ffmpeg-pcmu.sdp"
	[[ $output == *"UDP/TLS needs a=fingerprint"* ]]
}

@test "a fragment from a FIFO, and one that never comes" {
	mkfifo fifo
	cat "$data/media.sdpfrag" >fifo &
	sdp-convert --to sip --with fifo <"$offer" | grep '^m=audio 40312'
	sdp-convert --to sip --with <(cat "$data/media.sdpfrag") <"$offer" |
		grep '^m=audio 40312'
	refused 66 : sdp-convert --timeout 0.3 --to sip --with fifo <"$offer"
	grep -q timeout err
}

# Process $1 waits; at SIGTERM it ends with status 0 and no product.
ends_at_sigterm()
{
	wait_for 5 waits_for_signals "$1"
	kill "$1"
	wait "$1"
	[ ! -s out ]
}

@test "SIGTERM ends the wait for a FIFO or for stdin" {
	mkfifo fifo stdin
	sdp-convert --with fifo <"$offer" >out 3>&- &
	ends_at_sigterm "$!"
	exec 5<>stdin # nobody writes, and it does not end
	sdp-convert <stdin >out 3>&- &
	ends_at_sigterm "$!"
}

@test "no input" {
	refused 66 : sdp-convert --to sip </dev/null
	grep -q 'did the program in front of me fail' err
	refused 66 : sdp-convert --to sip --answer-to nothing.sdp <phone.sdp
	refused 66 : sdp-convert --with /dev/null <phone.sdp
}

@test "input that is not SDP: where, what was expected, which RFC" {
	refused 65 : sdp-convert <"$BATS_TEST_FILENAME"
	grep -q 'stdin: line 1: expected .*RFC 8866 section 5' err
	refused 65 : sdp-convert <"$(command -v sdp-convert)"
	refused 65 : sdp-convert <"$data/ice.sdpfrag"
	head -c 10000000 /dev/zero | refused 65 : sdp-convert
	head -c 10000000 /dev/zero | tr '\0' 'v' | refused 65 : sdp-convert
	{ cat phone.sdp; echo 'm=audio x RTP/AVP 0'; } >broken.sdp
	refused 65 : sdp-convert <broken.sdp
	grep -q 'line 7: column 9: expected a port' err
	refused 65 : sdp-convert --to sip --answer-to broken.sdp <"$offer"
	grep -q 'broken.sdp: line 7' err
}

@test "a description without a line that it must have" {
	local type

	for type in o s t; do
		grep -v "^$type=" phone.sdp >without.sdp
		refused 65 : sdp-convert <without.sdp
		grep -q "line 4: expected $type=.*RFC 8866 section 5\.[239])" err
	done
	grep -v '^s=' phone.sdp | sdp-convert --to webrtc | grep '^s='
	printf 'v=0\no=me\n' | refused 65 : sdp-convert
	# Order is not what is refused, nor the lack of media.
	printf '%s\r\n' v=0 't=0 0' s=- 'o=u 1 1 IN IP4 127.0.0.1' >odd.sdp
	sdp-convert <odd.sdp | cmp - odd.sdp
}

@test "nothing shared: the answer is no" {
	sed 's/AVP 0/AVP 18/' phone.sdp >g729.sdp
	refused 1 : sdp-convert --to webrtc --answer-to "$offer" <g729.sdp
	grep -q 'share no codec' err
	sed 's/audio 6000/audio 0/' phone.sdp >rejected.sdp
	refused 1 : sdp-convert --to webrtc --answer-to "$offer" <rejected.sdp
	grep -q 'rejected' err
}

@test "wrong options" {
	local args

	for args in '--to tel' file --nonsense '--timeout x' '--ptime x' \
		'--to webrtc --profile RTP/SAVP' '--to sip --profile X' \
		'--strict --lenient' '--check --report' '--check --fragment' '--fragment --json' '--check a b c' '--diff' '--diff a' '--explain --json' \
		'--explain --stream' \
		'--transcode opus' '--set nothing' '--delete m=audio' \
		'--address nowhere'; do
		# shellcheck disable=SC2086 # words are meant
		run -2 --separate-stderr sdp-convert $args <phone.sdp
		[ -z "$output" ]
	done
}

@test "a full disk, a reader that is gone" {
	run -74 bash -c 'sdp-convert <phone.sdp >/dev/full'
	mkfifo gone
	: <gone &
	exec 5>gone
	wait "$!"
	run -74 bash -c 'sdp-convert <phone.sdp >&5 2>err'
	grep -q 'its reader is gone' err
}

@test "-v tells each change and why; without it stderr is quiet" {
	sdp-convert --to sip --with "$data/media.sdpfrag" <"$offer" 2>err >out
	[ ! -s err ]
	sdp-convert -v --to sip --with "$data/media.sdpfrag" <"$offer" 2>err |
		cmp - out
	grep -q -e '- a=setup:actpass (DTLS ends at the gateway)' err
	grep -q 'm=video .*(no fragment says where its media goes)' err
}

@test "events: what was converted" {
	sdp-convert --to sip --with "$data/media.sdpfrag" --events events \
		--call c1 <"$offer" >/dev/null
	jq -se '.[0] | .event == "converted" and .tool == "sdp-convert" and
		.call == "c1" and .port == 40312 and .proto == "RTP/AVP" and
		.codecs[0] == {type: 111, name: "opus", clock: 48000}' events
	jq -se '.[-1] | .event == "exit" and .status == 0' events
}

@test "hostile text reaches no shell, no file name, no terminal" {
	local evil='$(touch evil)`touch evil`../../evil'"'"'"%s%n'

	{ cat phone.sdp; printf 'a=x:%s\033[31m\r\n' "$evil"; } >evil.sdp
	sdp-convert <evil.sdp >out
	cmp out evil.sdp
	sdp-convert -v --to webrtc <evil.sdp 2>err | grep -F "$evil"
	printf 'v=0\r\nm=\033[31m\r\n' >escape.sdp
	refused 65 : sdp-convert <escape.sdp
	run ! grep $'\033' err
	[ ! -e evil ] && [ ! -e ../../evil ]
}

@test "help, version, manual" {
	sdp-convert --help | grep -q -- --answer-to
	sdp-convert --version | grep -q '^sdp-convert '
	sdp-convert --help-mdoc | grep -q answer-to
}
