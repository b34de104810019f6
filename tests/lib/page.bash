# shellcheck shell=bash
# The page of $GATEWAY_URL as a telephone: load ../lib/page
#
#	phone STEP...              use-phone.mjs, to the end; each step succeeds
#	phone_start STEP...        the same in the background, its words in $out
#	phone_did STEP [SECONDS]   wait until it has done one
#	phone_end                  and until it has ended
#	phone_stop                 for teardown
#
# $out is the test's to set. BROWSER=firefox: in Firefox. PHONE_PATIENCE: for how
# long phone_did waits (20 s).

phone()
{
	node "$BATS_TEST_DIRNAME/use-phone.mjs" "$GATEWAY_URL" "$@" 3>&-
}

phone_start()
{
	phone "$@" >"$out" 2>&1 &
	PHONE_PID=$!
}

phone_did()
{
	if ! wait_for "${2:-${PHONE_PATIENCE:-20}}" \
		grep -q -e "^$1" -e ^FAILED "$out" || ! grep "^$1" "$out"; then
		cat "$out" >&2
		return 1
	fi
}

phone_end()
{
	wait "$PHONE_PID" || {
		cat "$out" >&2
		return 1
	}
	PHONE_PID=
}

phone_stop()
{
	[ -z "${PHONE_PID:-}" ] || kill "$PHONE_PID" 2>/dev/null || true
}
