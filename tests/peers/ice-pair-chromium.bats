# ice-pair and Chromium, each in each role: its mDNS names, trickle, TCP, a
# relay, restarts, consent.

bats_require_minimum_version 1.5.0

setup_file()
{
	(cd "$BATS_TEST_DIRNAME/../.." && tests/browser/install.sh)
}

setup()
{
	load ../lib/ports
	load ice/ends
	load ice/turn
	cd "$BATS_TEST_TMPDIR"
	media_start m
}

teardown()
{
	ends_stop
	turn_stop
}

# c in role $1, with the other arguments.
chromium_start()
{
	command_fifo c
	spawn c node "$BATS_TEST_DIRNAME/ice/chromium-end.mjs" "$1" c.sdp \
		"${@:2}" <c.in >c.out 2>c.err
	wait_for 30 says c.out ready
}

chromium()
{
	echo "$@" >&"${end_fd[c]}"
}

# Chromium offers, and so controls.
it_offers()
{
	chromium_start offer "${relay[@]}"
	ice_start i --remote c.sdp --handover m "$@"
	wait_for 10 says i.jsonl gathered
	chromium remote "$PWD/i.frag"
}

relay=()

# ice-pair offers, and so controls.
we_offer()
{
	chromium_start answer
	ice_start i --controlling --handover m "$@"
	wait_for 10 grep -q end-of-candidates i.frag
	chromium remote "$PWD/i.frag"
	wait_for 10 test -s c.sdp
	ice i remote "$PWD/c.sdp"
}

# Both have the path, and Chromium's ClientHello has come by it.
connected()
{
	wait_for 20 says i.jsonl handover
	wait_for 20 says c.out selected
	wait_for 20 grep -q '"packet".*"head": "16fe' m.out
}

@test "Chromium offers, with mDNS names alone: it is found by its checks" {
	it_offers
	connected
	grep -q '\.local .*typ host' c.sdp
	[ "$(event i.jsonl connected remote_type)" = prflx ]
	[ "$(event i.jsonl remote skipped)" -gt 0 ]
	[ "$(event i.jsonl handover relayed)" = false ]
	# the pair is the same for both
	[[ $(event c.out selected remote) == *" 127.0.0.1 $(event i.jsonl \
		selected local | sed 's/.*://') "* ]]
}

@test "ice-pair offers, and nominates either way" {
	we_offer
	connected
	teardown
	rm -f ./*
	media_start m
	we_offer --nomination regular
	connected
}

@test "trickle both ways" {
	chromium_start answer
	ice_start i --controlling --handover m --trickle
	wait_for 10 test -s i.frag
	[ "$(grep -c candidate: i.frag)" = 0 ]
	chromium remote "$PWD/i.frag"
	wait_for 10 says i.jsonl gathered
	chromium candidate "$(event i.jsonl candidate candidate)"
	chromium candidate
	wait_for 10 grep -q '"candidate":""' c.out
	grep -v '^a=candidate' c.sdp >bare.sdp
	ice i remote "$PWD/bare.sdp"
	jq -c 'select(.event == "candidate") | {command: "candidate", candidate}' \
		c.out >&"${end_fd[i]}"
	connected
}

@test "over TCP: Chromium connects to us, each packet by the Unix socket" {
	chromium_start offer
	ice_start i --remote c.sdp --handover m --tcp
	wait_for 10 says i.jsonl gathered
	grep -v ' UDP ' i.frag >tcp.frag
	chromium remote "$PWD/tcp.frag"
	connected
	[[ $(event i.jsonl connected transport) == tcp* ]]
	[ "$(event i.jsonl handover relayed)" = true ]
	[ "$(event c.out selected protocol)" = tcp ]
}

@test "Chromium behind a relay of its own" {
	turn_start
	relay=(relay "$TURN" u p)
	it_offers
	connected
	grep -q 'typ relay' c.sdp
	[ "$(event i.jsonl connected remote_type)" = relay ]
}

selections_are()
{
	[ "$(grep -c '"event":"selected"' i.jsonl)" -ge "$1" ]
}

# Our address after the restart: 127.0.0.1 PORT
new_address()
{
	sed -n 's/.* \(127.0.0.1 [0-9]*\) typ host.*/\1/p' i2.frag
}

ports_are()
{
	[ "$(ss -Hanup | grep "pid=$(pid_of i)," | awk '{print $4}' |
		sort -u | wc -l)" = "$1" ]
}

# Both are on our new port, the old one is closed, and consent goes on.
moved()
{
	wait_for 20 grep -q "\"selected\".* $(new_address) typ" c.out
	wait_for 20 grep -q "\"handover\".*$(new_address | tr ' ' :)" i.jsonl
	wait_for 30 ports_are 1
	sleep 5 # so that consent would end, if it did
	kill -0 "$(pid_of i)"
	run ! grep -q '"lost"' i.jsonl
	run ! grep -qE '"(disconnected|failed)"' c.out
}

chromium_restarts()
{
	before=$(grep -c '"pair"' i.jsonl)
	chromium restart again.sdp
	wait_for 10 test -s again.sdp
	"$@"
	ice i remote "$PWD/again.sdp"
	wait_for 10 says i.jsonl restart
	[ "$(event i.jsonl restart by)" = peer ]
	event i.jsonl restart fragment >i2.frag
	run ! grep -qf <(grep ice-ufrag i.frag) i2.frag
	run ! grep -qf <(grep ice-pwd i.frag) i2.frag
	chromium remote "$PWD/i2.frag"
	moved
}

@test "Chromium restarts ICE: it comes by its new port to ours" {
	it_offers --consent-timeout 8
	connected
	chromium_restarts
}

# From a new port of its own, with our old credentials: both will know no others
# for a while.
checks_have_come()
{
	wait_for 10 more_pairs
}

more_pairs()
{
	[ "$(grep -c '"pair"' i.jsonl)" -gt "$before" ]
}

@test "Chromium restarts ICE, and is on our old port when our answer comes" {
	it_offers --consent-timeout 8
	connected
	chromium_restarts checks_have_come
}

@test "Chromium restarts ICE as the controlled end" {
	we_offer --consent-timeout 8
	connected
	chromium_restarts
}

@test "ice-pair restarts ICE, and Chromium answers" {
	we_offer
	connected
	before=$(grep -c '"event":"selected"' i.jsonl)
	ice i restart
	wait_for 10 says i.jsonl restart
	event i.jsonl restart fragment >i2.frag
	rm c.sdp
	chromium remote "$PWD/i2.frag"
	wait_for 10 test -s c.sdp
	ice i remote "$PWD/c.sdp"
	wait_for 20 selections_are $((before + 1))
}

@test "a page that is closed is lost: 69" {
	it_offers --consent-timeout 4
	connected
	chromium close
	status=0
	wait "$(pid_of i)" || status=$?
	[ "$status" = 69 ]
	[[ $(event i.jsonl lost why) == *"its consent ended"* ]]
	wait_for 5 grep -q '"type": "lost"' m.out
}
