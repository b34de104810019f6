# shellcheck shell=bash
# What a phone says of itself where nothing more is wanted: load ../lib/phone-sdp
#
#	phone_sdp [PORT] >offer.sdp    PCMU at that port of loopback (40000)

phone_sdp()
{
	printf '%s\n' v=0 'o=- 1 1 IN IP4 127.0.0.1' s=- 'c=IN IP4 127.0.0.1' \
		't=0 0' "m=audio ${1:-40000} RTP/AVP 0" 'a=rtpmap:0 PCMU/8000'
}
