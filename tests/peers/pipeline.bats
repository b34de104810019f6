#!/usr/bin/env bats
# Flow 6: no gateway, just pipes. The filters end, the call stays.

load ../lib/sipp

setup()
{
	bin=$BATS_TEST_DIRNAME/../../${B:-build}/bin
	PATH=$bin:$PATH
	cd "$BATS_TEST_TMPDIR" || exit
}

teardown()
{
	sipp_stop
	[ -z "${dial-}" ] || kill "$dial" 2>/dev/null || true
}

call_is_up()
{
	grep -q '"event":"established"' events.jsonl
}

@test "sdp-convert | sip-dial | sdp-convert: a browser's offer becomes a call" {
	sipp_start bob -sn uas -m 1
	cp "$BATS_TEST_DIRNAME"/../data/sdp/chromium-audio-offer.sdp offer.sdp
	# the pipeline ends when its filters have, although sip-dial lives on
	sdp-convert --to sip <offer.sdp 2>/dev/null | {
		sip-dial --events events.jsonl "sip:bob@127.0.0.1:$(sipp_port bob)" \
			<&0 2>dial.log 3>&- &
		echo $! >dial.pid
	} | sdp-convert --to webrtc --answer-to offer.sdp >answer.sdp 2>/dev/null
	dial=$(<dial.pid)
	grep -q '^m=audio .* UDP/TLS/RTP/SAVPF' answer.sdp
	call_is_up
	kill -0 "$dial"
	[ ! -e "$(sipp_dir bob)/status" ] # SIPp has had no BYE
	kill "$dial"
	sipp_wait bob # now it has
	tail -n 1 events.jsonl | grep -q '"event":"exit","status":0'
}

@test "a refused call closes the pipe: the filter behind says no input" {
	sipp_start bob -sf "$BATS_TEST_DIRNAME/sipp/uas-final.xml" -m 1
	run bash -c "sdp-convert --to sip --codecs PCMU <'$BATS_TEST_DIRNAME/../../examples/audio.sdp' 2>/dev/null |
		sip-dial 'sip:bob@127.0.0.1:$(sipp_port bob)' |
		sdp-convert --to webrtc; echo \"\${PIPESTATUS[@]}\""
	[[ $output == *"486 Busy Here"* ]]
	[[ $output == *"no input"* ]]
	[ "${lines[-1]}" = "0 1 66" ]
}
