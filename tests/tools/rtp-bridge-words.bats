#!/usr/bin/env bats
# What cannot be done is said so that one sees what to do.

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

@test "describe without a description is an error" {
	bridge_start b rtp:127.0.0.1:0,name=x echo:
	bridge_refuses b 'describe x' '^describe: x: with what'
	bridge_refuses b 'describe x -' '^describe: x: with what'
	bridge_refuses b 'describe x - -' '^describe: x: with what'
	bridge_refuses b '{"command":"describe","leg":"x"}' 'with what'
	[ "$(count b.jsonl error)" = 4 ]
}

@test "a description without an address, or with a name for it" {
	bridge_start b rtp:127.0.0.1:0,name=x dtls:127.0.0.1:0,name=y
	print="a=fingerprint:sha-256 $(printf 'AB:%.0s' {1..31})AB"
	sdp 127.0.0.1:4000 0=PCMU/8000 | sed /^c=/d >none.sdp
	sdp localhost:4000 0=PCMU/8000 >name.sdp
	sdp 127.0.0.1:4000 0=PCMU/8000 | sed 's/^c=.*/c=IN IP6 ::1\r/' >six.sdp
	for file in none name six; do
		printf '%s\r\n' "$print" >>$file.sdp
	done
	for leg in x y; do
		bridge_refuses b "describe $leg - none.sdp" "^$leg: .* no c= line"
		bridge_refuses b "describe $leg - name.sdp" \
			"^$leg: .*give the address of localhost"
		bridge_refuses b "describe $leg - six.sdp" \
			"^$leg: cannot send to .::1. from 127.0.0.1:0"
	done
}

@test "to= takes a name, and says when there is no such host, or no port" {
	rtp_start p
	bridge_start b tone:440 \
		"rtp:127.0.0.1:0,to=localhost:$(rtp_port p),codec=PCMU"
	wait_for 5 at_least 1 p.out packet
	for to in 127.0.0.1 127.0.0.1:0 0.0.0.0:9 x:y; do
		run -2 timeout 20 rtp-bridge "rtp:127.0.0.1:0,to=$to" echo:
		[[ $output == *"to=$to: not HOST:PORT"* ]]
	done
	run -2 timeout 20 rtp-bridge rtp:127.0.0.1:0,to=no.such.invalid:4000 echo:
	[[ $output == *"to=no.such.invalid:4000: no such host"* ]]
}

@test "codec= and sdp= are for to=, and of the leg's medium" {
	for leg in rtp:127.0.0.1:0,sdp=x srtp:127.0.0.1:0,codec=PCMU; do
		run -2 timeout 20 rtp-bridge "$leg" echo:
		[[ $output == *"codec= and sdp= need to=HOST:PORT"* ]]
	done
	run -2 timeout 20 rtp-bridge \
		rtp:127.0.0.1:0,to=127.0.0.1:9,codec=H264,sdp=x echo:
	[[ $output == *"give codec= opus, PCMU, PCMA, G722 or L16"* ]]
	for codec in ,codec=PCMU ""; do
		run -2 timeout 20 rtp-bridge \
			"rtp:127.0.0.1:0,media=video,to=127.0.0.1:9$codec,sdp=x" echo:
		[[ $output == *"give codec= H264, VP8 or VP9"* ]]
	done
	[ ! -e x ]
	for leg in listen media=video; do
		run -2 timeout 5 rtp-bridge "rtp:127.0.0.1:0,from=a,$leg" null:
		[[ $output == *"from= is for a leg with media=video and listen"* ]]
	done
}

@test "who wants sdp= of a dtls: leg is told how to listen to it" {
	run -2 timeout 20 rtp-bridge dtls:ice.sock,sdp=x echo:
	[[ $output == *"add rtp:127.0.0.1:0,listen,to=HOST:PORT,sdp=FILE listens"* ]]
}

@test "an unknown suite, and a file in the way of a socket" {
	run -2 timeout 20 rtp-bridge srtp:127.0.0.1:0,suite=FOO echo:
	[[ $output == *AES_CM_128_HMAC_SHA1_80,*AEAD_AES_256_GCM,*" or AES_"* ]]
	touch f
	run -74 timeout 20 rtp-bridge dtls:f echo:
	[[ $output == *"dtls:f: File exists"* ]]
	bridge_start b dtls:s echo:
	run -74 timeout 20 rtp-bridge dtls:s echo:
	[[ $output == *"dtls:s: Address already in use"* ]]
}

@test "DTLS: a=setup by which nobody would begin" {
	bridge_start b dtls:127.0.0.1:0,name=g tone:440
	{
		sdp 127.0.0.1:9 0=PCMU/8000
		printf 'a=%s\r\n' rtcp-mux \
			"fingerprint:sha-256 $(printf 'AB:%.0s' {1..31})AB"
	} >no.sdp
	for setup in active passive holdconn; do
		sed "\$a a=setup:$setup\r" no.sdp >$setup.sdp
	done
	bridge_refuses b 'describe g passive.sdp passive.sdp' 'so neither begins'
	bridge_refuses b 'describe g active.sdp active.sdp' 'so neither answers'
	bridge_refuses b 'describe g - holdconn.sdp' 'says holdconn'
	bridge_start c dtls:127.0.0.1:0,name=g,setup=passive tone:440
	bridge_refuses c 'describe g - passive.sdp' 'so neither begins'
	run ! says b.jsonl dtls
	bridge b describe g passive.sdp active.sdp
	wait_for 5 at_least 1 b.jsonl dtls '.state == "connecting"'
}

@test "words of a leg or a command that mean nothing are refused" {
	for leg in echo:x null:y wav:f,play=g ogg:f,record=g tone:440,mute=no \
		rtp:127.0.0.1:0,listen=0 tone:440,name=a,name=b; do
		run -2 timeout 20 rtp-bridge "$leg" null:,name=n
		[[ $output == *": nothing but options goes there"* ||
			$output == *": mute=no: mute has no value"* ||
			$output == *": listen=0: listen has no value"* ||
			$output == *": name is given twice"* ]]
	done
	bridge_start b echo: null:
	bridge_refuses b 'add tone:440 extra words' '^add: extra: what is that'
	bridge_refuses b 'drop echo null' '^drop: null: what is that for'
	bridge_refuses b 'mute echo off' '^mute: off: what is that for'
	bridge_refuses b 'gain echo 1 2' '^gain: 2: what is that for'
	bridge_refuses b 'dtmf echo 1 99 2' '^dtmf: 2: what is that for'
	bridge_refuses b 'keyframe echo now' '^keyframe: now: what is that for'
	bridge_refuses b 'describe echo - a b' '^describe: b: what is that for'
	[ "$(count b.jsonl leg)" = 2 ]
}

@test "sdp= to a FIFO: who reads has it, and nobody is not waited for" {
	mkfifo ff
	run -74 timeout -s KILL 5 rtp-bridge \
		rtp:127.0.0.1:0,to=127.0.0.1:4000,sdp=ff null:
	[[ $output == *"ff: nobody reads this FIFO"* ]]
	exec 5<>ff
	timeout 5 rtp-bridge --control - null: \
		rtp:127.0.0.1:0,to=127.0.0.1:4000,sdp=ff </dev/null 5<&-
	read -r line <&5
	exec 5<&-
	[ "$line" = $'v=0\r' ]
}

# Of a pair the first may still be opened, and the second be one too many.
@test "too few descriptors: that is what is said" {
	local n said=0

	for n in {5..12}; do
		run timeout 5 bash -c "ulimit -n $n
			exec rtp-bridge -t 0.1 rtp:127.0.0.1:0 null:"
		[[ $output != *"in use"* ]]
		[[ $output != *"rtp:127.0.0.1:0: Too many open files"* ]] || said=1
	done
	[ $said = 1 ]
}

@test "a description over TCP, of a group or of everybody is refused" {
	bridge_start b rtp:127.0.0.1:0,name=x dtls:127.0.0.1:0,name=y
	for ip in 224.2.3.4 239.255.0.1 255.255.255.255; do
		sdp $ip:4000 0=PCMU/8000 >$ip.sdp
	done
	sdp 127.0.0.1:4000 0=PCMU/8000 | sed 's|RTP/AVP|TCP/&|' >tcp.sdp
	for file in ./*.sdp; do
		printf '%s\r\n' "a=fingerprint:sha-256 $(printf 'AB:%.0s' \
			{1..31})AB" >>"$file"
	done
	for leg in x y; do
		for ip in 224.2.3.4 239.255.0.1 255.255.255.255; do
			bridge_refuses b "describe $leg - $ip.sdp" \
				"^$leg: ${ip//./[.]} is no one's address"
		done
		bridge_refuses b "describe $leg - tcp.sdp" \
			"^$leg: .* TCP/RTP/AVP: only UDP"
	done
	# to a group on one's own word
	timeout 20 rtp-bridge rtp:127.0.0.1:0,to=239.255.0.1:4000 null: \
		--control - </dev/null
}

@test "SSLKEYLOGFILE: that it cannot be written is said, once and at once" {
	SSLKEYLOGFILE=none/keys bridge_start b dtls:127.0.0.1:0,name=x \
		dtls:127.0.0.1:0,name=y
	[ "$(count b.jsonl error '.why | test("SSLKEYLOGFILE: none/keys: No such")')" \
		= 1 ]
	media_lives b
	SSLKEYLOGFILE=/dev/full bridge_start a dtls:127.0.0.1:0 tone:440
	bridge_start c dtls:127.0.0.1:0 tone:440
	sed -i s/actpass/active/ a.frag
	sed -i s/actpass/passive/ c.frag
	for end in a c; do
		printf '%s\r\n' v=0 'o=- 1 1 IN IP4 127.0.0.1' s=- 't=0 0' |
			cat - $end.frag >$end.sdp
	done
	bridge a describe dtls a.sdp c.sdp
	bridge c describe dtls c.sdp a.sdp
	wait_for 10 at_least 1 a.jsonl dtls '.state == "connected"'
	[ "$(count a.jsonl error '.why | test("/dev/full: No space left")')" = 1 ]
}
