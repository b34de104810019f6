#!/usr/bin/env bats
# OpenSSL's own DTLS tools against a dtls: leg; SRTP packets read by ffmpeg's
# SRTP with the keys that OpenSSL exports.

bats_require_minimum_version 1.5.0

setup()
{
	load ../lib/media
	cd "$BATS_TEST_TMPDIR" || exit
	peer_port=$(free_port)
}

teardown()
{
	[ -z "${stopped:-}" ] || kill -CONT "$stopped" 2>/dev/null || true
	media_stop
}

certificate()
{
	openssl req -x509 -newkey "${1:-ec}" ${2:+-pkeyopt "$2"} -nodes \
		-keyout key.pem -out cert.pem -days 2 -subj /CN=peer \
		2>openssl.err
}

fingerprint() # -sha256
{
	openssl x509 -in cert.pem -noout -fingerprint "$1" | cut -d= -f2
}

# What the peer would say: its setup $1, and fingerprints, one a word or two.
peer_sdp()
{
	local print

	printf '%s\r\n' v=0 'o=- 1 1 IN IP4 127.0.0.1' s=- 't=0 0' \
		'm=audio 9 UDP/TLS/RTP/SAVPF 0' 'c=IN IP4 0.0.0.0' \
		'a=rtpmap:0 PCMU/8000' a=rtcp-mux "a=setup:$1"
	for print in "${@:2}"; do
		printf 'a=fingerprint:%s\r\n' "$print"
	done
}

# openssl s_client, from the peer's port to where the handover says.
client()
{
	media_spawn client openssl s_client -dtls1_2 \
		-bind "127.0.0.1:$peer_port" -connect "$(tail -n 1 hand.out)" \
		-cert cert.pem -key key.pem ${1:+-use_srtp "$1"} \
		-keymatexport EXTRACTOR-dtls_srtp -keymatexportlen "${2:-56}" \
		>client.out 2>&1
}

state_is()
{
	[ "$(event br.jsonl dtls state)" = "$1" ]
}

begin()
{
	bridge_start br "${@}" dtls:ice.sock,name=web tone:1000
	hand_start hand "$PWD/ice.sock" "127.0.0.1:$peer_port"
}

@test "s_client, GCM: a ClientHello before the description waits for it" {
	certificate ec ec_paramgen_curve:P-256
	begin
	client SRTP_AEAD_AES_128_GCM
	# s_client repeats itself after a second: one is there by then.
	sleep 1
	[ "$(count br.jsonl dtls)" = 0 ]
	peer_sdp active "sha-256 $(fingerprint -sha256)" >peer.sdp
	bridge br describe web - "$PWD/peer.sdp"
	wait_for 5 state_is connected
	[ "$(event br.jsonl dtls profile)" = SRTP_AEAD_AES_128_GCM ]
	[ "$(event br.jsonl dtls fingerprint)" = checked ]
	wait_for 3 grep -q profile=SRTP_AEAD_AES_128_GCM client.out
	bridge br hangup
	bridge_wait br 0
	wait_for 3 media_ended client # close_notify
}

@test "s_client with an RSA certificate, AES_CM_128, fingerprints of two hashes" {
	certificate rsa:2048
	begin
	peer_sdp active "sha-1 $(fingerprint -sha1 | tr 0-9 9)" \
		"sha-512 $(fingerprint -sha512)" >peer.sdp
	bridge br describe web - "$PWD/peer.sdp"
	client SRTP_AES128_CM_SHA1_80 60
	wait_for 5 state_is connected
	[ "$(event br.jsonl dtls profile)" = SRTP_AES128_CM_SHA1_80 ]
}

@test "s_client that has SHA1_32 alone" {
	certificate ec ec_paramgen_curve:P-256
	begin
	peer_sdp active "sha-256 $(fingerprint -sha256)" >peer.sdp
	bridge br describe web - "$PWD/peer.sdp"
	client SRTP_AES128_CM_SHA1_32
	wait_for 5 state_is connected
	[ "$(event br.jsonl dtls profile)" = SRTP_AES128_CM_SHA1_32 ]
}

@test "s_server: we are the client" {
	certificate ec ec_paramgen_curve:P-256
	media_spawn server openssl s_server -dtls1_2 -accept \
		"127.0.0.1:$peer_port" -cert cert.pem -key key.pem -Verify 1 \
		-use_srtp SRTP_AEAD_AES_128_GCM >server.out 2>&1
	wait_for 5 grep -q ACCEPT server.out
	begin
	peer_sdp passive "sha-256 $(fingerprint -sha256)" >peer.sdp
	bridge br describe web - "$PWD/peer.sdp"
	wait_for 5 state_is connected
	[ "$(event br.jsonl dtls role)" = active ]
}

@test "another certificate than described: no key is used, 76" {
	certificate ec ec_paramgen_curve:P-256
	begin --pcap br.pcapng
	peer_sdp active "sha-256 $(fingerprint -sha256 | tr 0-9 9)" >peer.sdp
	bridge br describe web - "$PWD/peer.sdp"
	client SRTP_AEAD_AES_128_GCM
	bridge_wait br 76
	grep -q fingerprint br.err
	[ "$(count br.jsonl dtls '.state == "connected"')" = 0 ]
	[ "$(event br.jsonl stats packets_out)" = 0 ]
	# DTLS went both ways, and not one packet that could be SRTP.
	tshark -r br.pcapng -T fields -e udp.payload >packets
	grep -q '^16fefd' packets
	run ! grep -q '^[89ab]' packets
}

@test "an MD5 fingerprint is none" {
	certificate ec ec_paramgen_curve:P-256
	begin
	peer_sdp active "md5 $(fingerprint -md5)" >peer.sdp
	bridge br describe web - "$PWD/peer.sdp"
	client SRTP_AEAD_AES_128_GCM
	bridge_wait br 76
}

@test "no profile in common: 76" {
	certificate ec ec_paramgen_curve:P-256
	begin
	peer_sdp active "sha-256 $(fingerprint -sha256)" >peer.sdp
	bridge br describe web - "$PWD/peer.sdp"
	client ''
	bridge_wait br 76
	grep -q use_srtp br.err
}

@test "nobody answers: it says so, 69" {
	certificate ec ec_paramgen_curve:P-256
	begin --handshake 1
	peer_sdp passive "sha-256 $(fingerprint -sha256)" >peer.sdp
	bridge br describe web - "$PWD/peer.sdp"
	bridge_wait br 69
	[ "$(event br.jsonl dtls why)" = \
		"the peer did not answer the handshake" ]
}

# 16 bytes of key and 14 of salt each: client key, server key, then salts.
@test "ffmpeg decrypts our SRTP with the keys that s_client exports" {
	local keys mine to

	certificate ec ec_paramgen_curve:P-256
	export SSLKEYLOGFILE=$PWD/secrets
	begin --pcap br.pcapng
	unset SSLKEYLOGFILE
	peer_sdp active "sha-256 $(fingerprint -sha256)" >peer.sdp
	bridge br describe web - "$PWD/peer.sdp"
	client SRTP_AES128_CM_SHA1_80 60
	wait_for 5 grep -q 'Keying material:' client.out
	keys=$(sed -n 's/.*Keying material: //p' client.out)
	mine=$(printf '%s' "${keys:32:32}${keys:92:28}" | xxd -r -p | base64)
	sleep 3
	bridge br hangup
	bridge_wait br 1 # s_client sends no media
	# the secrets, as Wireshark wants them, in a file and in the capture
	grep -qxE 'CLIENT_RANDOM [0-9a-f]{64} [0-9a-f]{96}' secrets
	[ "$(stat -c %a secrets)" = 600 ]
	tshark -r br.pcapng -d "udp.port==$peer_port,dtls" \
		-Y 'dtls.handshake.type == 20' -T fields \
		-e dtls.handshake.verify_data >finished
	[ "$(wc -l <finished)" -ge 1 ] # which is encrypted
	to=$(free_port 2)
	sdp "127.0.0.1:$to" 0=PCMU/8000 |
		sed 's|RTP/AVP|RTP/SAVP|' >srtp.sdp
	printf 'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:%s\r\n' "$mine" \
		>>srtp.sdp
	media_spawn recorder ffmpeg -v error -nostdin -protocol_whitelist \
		file,udp,rtp,srtp -i srtp.sdp -t 2 -ac 1 -y out.wav
	"$BATS_TEST_DIRNAME/../lib/replay.py" br.pcapng "$to"
	wait_for 10 media_ended recorder
	hear out.wav 1000
}

# Without ICE: a UDP port of our own, and the described address.
plain_sdp() # setup
{
	peer_sdp "$1" "sha-256 $(fingerprint -sha256)" |
		sed "s/^m=audio 9/m=audio $peer_port/; s/0\.0\.0\.0/127.0.0.1/"
}

# One at a port that nobody described, with options of s_client.
stranger()
{
	media_spawn "$1" openssl s_client -dtls1_2 -connect "$(<hand.out)" \
		-use_srtp SRTP_AEAD_AES_128_GCM "${@:2}" >"$1.out" 2>&1
}

@test "a plain port: s_client comes from where it is described, strangers in vain" {
	certificate ec ec_paramgen_curve:P-256
	bridge_start br -v --pcap br.pcapng dtls:127.0.0.1:0,name=web tone:1000
	grep -q '^c=IN IP4 127.0.0.1' br.frag
	echo "127.0.0.1:$(bridge_port br web)" >hand.out
	plain_sdp active >peer.sdp
	bridge br describe web - "$PWD/peer.sdp"
	# who has no certificate, and who has another, is not believed
	stranger none
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-keyout false.key -out false.pem -days 2 -subj /CN=false \
		2>openssl.err
	stranger false -cert false.pem -key false.key
	wait_for 10 grep -q 'certificate is not the one described' br.err
	[ "$(count br.jsonl dtls '.state != "connecting"')" = 0 ]
	client SRTP_AEAD_AES_128_GCM
	wait_for 10 state_is connected
	wait_for 5 grep -q profile=SRTP_AEAD_AES_128_GCM client.out
	wait_for 5 at_least 1 br.jsonl stats '.packets_out > 10'
	bridge br hangup
	bridge_wait br 0
	wait_for 3 media_ended client
	[ "$(count br.jsonl moved)" = 0 ]
	# not a packet that could be SRTP went to another than the peer
	tshark -r br.pcapng -T fields -e udp.dstport -e udp.payload |
		awk -v peer="$peer_port" '$2 ~ /^8/ && $1 != peer' >astray
	[ ! -s astray ]
}

@test "a plain port: who is elsewhere, and has the described certificate, is the peer" {
	certificate ec ec_paramgen_curve:P-256
	bridge_start br dtls:127.0.0.1:0,name=web,setup=passive tone:1000
	echo "127.0.0.1:$(bridge_port br web)" >hand.out
	grep -q '^a=setup:passive' br.frag
	plain_sdp actpass >peer.sdp
	bridge br describe web - "$PWD/peer.sdp"
	for n in {1..9}; do # so many do not keep it out
		stranger "none$n"
	done
	stranger peer -cert cert.pem -key key.pem
	wait_for 20 state_is connected
	[ "$(event br.jsonl dtls role)" = passive ]
	[ "$(event br.jsonl moved remote)" != "127.0.0.1:$peer_port" ]
	wait_for 5 grep -q profile=SRTP_AEAD_AES_128_GCM peer.out
	wait_for 5 at_least 1 br.jsonl stats '.packets_out > 10'
	# described as before, it is still there
	bridge br describe web - "$PWD/peer.sdp"
	wait_for 5 at_least 1 br.jsonl stats '.packets_out > 100'
	bridge br hangup
	bridge_wait br 1 # s_client sends no media
	wait_for 3 media_ended peer # close_notify, to where it is
	run timeout 20 rtp-bridge dtls:127.0.0.1:0,setup=holdconn null:
	[[ $status = 2 && $output == *"setup= can be passive"* ]]
}

traced() # direction, message
{
	jq -c --arg dir "$1" --arg what "$2" 'select(.event == "message" and
		.direction == $dir and .summary == $what)' trace | grep -q .
}

# Who answers a call sends it before the answer has been read.
@test "a plain port: a ClientHello before the description waits for it" {
	certificate ec ec_paramgen_curve:P-256
	bridge_start br --trace trace dtls:127.0.0.1:0,name=web tone:1000
	echo "127.0.0.1:$(bridge_port br web)" >hand.out
	plain_sdp active >peer.sdp
	client SRTP_AEAD_AES_128_GCM
	wait_for 10 traced in ClientHello
	stopped=${media_pid[client]}
	kill -STOP "$stopped" # so that it does not say it again
	bridge br describe web - "$PWD/peer.sdp"
	wait_for 10 traced out ServerHello
	kill -CONT "$stopped"
	wait_for 10 state_is connected
}

@test "a plain port: we call s_server, with a certificate that was given" {
	certificate ec ec_paramgen_curve:P-256
	cp cert.pem peer.pem
	plain_sdp passive >peer.sdp
	media_spawn server openssl s_server -dtls1_2 -accept \
		"127.0.0.1:$peer_port" -cert cert.pem -key key.pem -Verify 1 \
		-use_srtp SRTP_AEAD_AES_128_GCM >server.out 2>&1
	wait_for 5 grep -q ACCEPT server.out
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-keyout ours.key -out ours.pem -days 2 -subj /CN=given 2>openssl.err
	cat ours.pem ours.key >both.pem
	bridge_start br dtls:127.0.0.1:0,name=web,cert=both.pem tone:1000
	tr -d '\r' <br.frag | grep -qxF "a=fingerprint:sha-256 $(openssl x509 \
		-in ours.pem -noout -fingerprint -sha256 | cut -d= -f2)"
	bridge br describe web - "$PWD/peer.sdp"
	wait_for 10 state_is connected
	wait_for 5 grep -q 'CN *= *given' server.out
	for file in ours.pem ours.key missing.pem; do
		run timeout 20 rtp-bridge "dtls:127.0.0.1:0,cert=$file"
		[[ $status = @(65|66) && $output == *"rtp-bridge: $file: "* ]]
	done
}
