# shellcheck shell=bash
# phones.sh: the gateway in the lab, between a browser-side end at home a and a
# SIP phone at home b. Sourced by nat-lab.sh.
#
#	a: browser --NAT-- [internet] --NAT-- b: SIP phone
#	                       |
#	       server: Kamailio <-SIP-> gateway.sh
#
# The phone (an answering machine) and the gateway register at Kamailio, as
# phone and as gateway. SIP and media of both homes come to the server's
# address: the NATs see no more than what goes out and its answers.

# await NAME WORDS: until its log has them, while it runs.
await() {
	local pid=${lab_pids[-1]} tries=0
	until grep -qs -e "$2" "$lab/$1.log"; do
		{ ((tries++ < 200)) && kill -0 "$pid" 2>/dev/null; } ||
			die 69 "$1 does not start: $(tail -n 1 "$lab/$1.log")"
		sleep 0.1
	done
}

start_exchange() {
	export NAT_LAB_SIP=$NAT_LAB_SERVER:5060
	mkdir "$lab/kamailio"
	{
		printf '#!KAMAILIO\nlisten=udp:%s\nlisten=tcp:%s\n' \
			"$NAT_LAB_SIP" "$NAT_LAB_SIP"
		printf 'alias="lab.example"\n'
		cat "$here/nat-lab/kamailio.cfg"
	} >"$lab/kamailio/kamailio.cfg"
	start kamailio nsenter --net=/run/netns/server kamailio -DD -E -m 32 -M 8 \
		-f "$lab/kamailio/kamailio.cfg" -Y "$lab/kamailio" -w "$lab/kamailio"
	await_exchange
}

await_exchange() {
	local pid=${lab_pids[-1]} tries=0
	until "$bin/sip-dial" -q --method OPTIONS --timeout 1 "sip:$NAT_LAB_SIP" >/dev/null 2>&1; do
		{ ((tries++ < 100)) && kill -0 "$pid" 2>/dev/null; } ||
			die 69 "Kamailio does not start: $(tail -n 1 "$lab/kamailio.log")"
		sleep 0.1
	done
}

start_gateway() {
	export NAT_LAB_CALLS=$lab/calls
	start gateway nsenter --net=/run/netns/server "$here/gateway.sh" \
		--listen "$NAT_LAB_SERVER:8080" --address "${NAT_LAB_SERVER//[][]/}" \
		--pbx "$NAT_LAB_SIP" --user gateway --domain lab.example \
		--calls "$NAT_LAB_CALLS"
	await gateway "open http"
	export NAT_LAB_PAGE=http://$NAT_LAB_SERVER:8080/
	export NAT_LAB_SIGNAL=ws://$NAT_LAB_SERVER:8080/signal
}

start_phone() {
	local address=$NAT_LAB_B
	[[ $address != *:* ]] || address=[$address]
	export NAT_LAB_LINE=$lab/phone.sock
	start phone nsenter --net=/run/netns/b "$here/answering-machine.sh" \
		--listen "$address:5060" --calls "$lab/answered" \
		--register sip:phone@lab.example -- --registrar "$NAT_LAB_SIP" \
		--line "$NAT_LAB_LINE"
	await phone '"event":"registered"'
}

# The newest call's folder of the gateway.
last_call() { # out|in
	local folder newest=''
	for folder in "$NAT_LAB_CALLS"/*-"$1"-*/; do
		[[ $folder -ot $newest ]] || newest=$folder
	done
	printf '%s' "$newest"
}

# Where the gateway has found the two, behind their NATs: ICE tells of a, the
# source of the RTP packets of b (its description, if that was right).
tell_paths() { # out|in
	local folder web sip
	folder=$(last_call "$1")
	web=$(jq -rs 'map(select(.tool == "ice-pair" and .event == "connected"))
		| last | "\(.remote) (\(.remote_type))"' "$folder/events.jsonl")
	sip=$(jq -rs 'map(select(.tool == "rtp-bridge" and .event == "learned"))
		| last | .remote // "where its description says"' "$folder/events.jsonl")
	printf '    to the gateway, a (%s) is %s\n' "$NAT_LAB_A" "$web"
	printf '    to the gateway, b (%s) is %s\n' "$NAT_LAB_B" "$sip"
}

# The two calls: a's end calls the phone; the phone calls a's end.
run_calls() {
	local failed=0 line answerer
	if line=$(in_ns a "$here/webrtc-phone.sh" "$NAT_LAB_SIGNAL" phone 2>>"$lab/a.log"); then
		printf 'a calls b: %s\n' "$line"
		tell_paths out
	else
		printf 'a calls b: FAILED: %s\n' "$(tail -n 1 "$lab/a.log")"
		failed=1
	fi
	start a.answers nsenter --net=/run/netns/a \
		"$here/webrtc-phone.sh" --answer "$NAT_LAB_SIGNAL"
	answerer=${lab_pids[-1]}
	await a.answers "waits to be called"
	if line=$(in_ns b "$here/sip-phone.sh" --address "$NAT_LAB_B" \
		sip:gateway@lab.example -- --line "$NAT_LAB_LINE" 2>>"$lab/b.log") &&
		wait "$answerer"; then
		printf 'b calls a: %s\n' "$line"
		tell_paths in
	else
		printf 'b calls a: FAILED: %s\n' "$(tail -n 1 "$lab/b.log")"
		failed=1
	fi
	return "$failed"
}
