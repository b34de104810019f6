# shellcheck shell=bash
# A DNS server for one test, dnsmasq on loopback: load ../lib/dns
#
#	dns_start RECORD...          dnsmasq's options without their dashes:
#		host-record=pbx.test,127.0.0.1
#		srv-host=_sip._udp.test,pbx.test,5060,10,20
#		naptr-record=test,10,20,s,SIP+D2U,,_sip._udp.test
#	... $DNS is its address (127.0.0.1:PORT), $DNS_LOG what it was asked
#	dns_stop

source "$(dirname "${BASH_SOURCE[0]}")/ports.bash"

export DNS DNS_LOG DNS_PID

dns_start()
{
	local port

	port=$(free_port 1)
	DNS=127.0.0.1:$port
	DNS_LOG=$(mktemp "${TMPDIR:-/tmp}/dns.XXXXXX")
	dnsmasq --keep-in-foreground --conf-file=/dev/null --pid-file \
		--port="$port" --listen-address=127.0.0.1 --bind-interfaces \
		--no-resolv --no-hosts --no-daemon --local=/test/ \
		--log-queries --log-facility="$DNS_LOG" "${@/#/--}" \
		</dev/null >"$DNS_LOG.err" 2>&1 3>&- &
	DNS_PID=$!
	wait_for 5 grep -q started "$DNS_LOG" "$DNS_LOG.err"
}

# What it was asked, in order: "NAPTR test", "SRV _sip._udp.test", ...
dns_asked()
{
	sed -n 's/.*query\[\([^]]*\)\] \([^ ]*\) from.*/\1 \2/p' "$DNS_LOG" \
		"$DNS_LOG.err"
}

dns_stop()
{
	[ -n "${DNS_PID:-}" ] || return 0
	kill "$DNS_PID" 2>/dev/null || true
	wait "$DNS_PID" 2>/dev/null || true
	rm -f "$DNS_LOG" "$DNS_LOG.err"
	DNS_PID=''
}
