# shellcheck shell=bash
# ice-pair beside a bridge, which has a leg dtls:NAME.sock: load ../lib/webrtc
# behind ../lib/media.
#
#	webrtc_address             one that peers reach which leave loopback out
#	ice_start NAME [OPTION...]       NAME-ice.frag; media_stop ends it, too
#	ice_remote NAME FILE       whom to connect to
#	webrtc_describe            to br: what both have said
#	webrtc_sdp NAME SETUP PT=CODING...    how the two describe themselves

# The test is skipped where there is none.
webrtc_address()
{
	local address

	address=$(ip -j -4 address | jq -r 'map(select(.flags |
		(index("UP") and (index("LOOPBACK") | not))) |
		.addr_info[].local)[0] // empty')
	[ -n "$address" ] || skip "impossible here: there is only loopback"
	printf '%s\n' "$address"
}

ice_start()
{
	media_spawn "$1-ice" ice-pair --control "$1-ice.in" \
		--events "$1-ice.jsonl" --handover "$1.sock" "${@:2}" \
		>"$1-ice.frag" 2>"$1-ice.err"
	wait_for 10 grep -q end-of-candidates "$1-ice.frag"
}

ice_remote()
{
	printf 'remote %s\n' "$PWD/$2" >&"${media_fd[$1-ice]}"
}

# theirs.sdp and ours.sdp.
webrtc_describe()
{
	ice_remote br theirs.sdp
	bridge br describe web "$PWD/ours.sdp" "$PWD/theirs.sdp"
}

webrtc_sdp()
{
	sdp 0.0.0.0:9 "${@:3}" | sed 's|RTP/AVP|UDP/TLS/RTP/SAVPF|
		s|^t=0 0|&\r\na=group:BUNDLE 0|'
	printf '%s\r\n' a=mid:0 a=sendrecv "a=setup:$2"
	grep -hE '^a=(ice-|candidate|end-of|fingerprint|rtcp-mux|ssrc)' \
		"$1-ice.frag" "$1.frag"
}
