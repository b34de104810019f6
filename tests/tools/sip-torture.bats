#!/usr/bin/env bats
# RFC 4475's torture messages: what each must be answered with stands in
# tests/data/rfc4475/answers.

bats_require_minimum_version 1.5.0

setup()
{
	unshare -Urn true || skip "impossible here: no user namespaces"
}

# In a network of its own, because answers go to ports that the messages name.
torture()
{
	unshare -Urn sh -c 'ip link set lo up && exec "$@"' - \
		"$BATS_TEST_DIRNAME/../lib/sip-torture.py" \
		"$BATS_TEST_DIRNAME/../data/rfc4475" "$1"
}

@test "the table has all 49 messages" {
	cd "$BATS_TEST_DIRNAME/../data/rfc4475"
	printf '%s\n' *.dat | LC_ALL=C sort >"$BATS_TEST_TMPDIR/files"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/files")" = 49 ]
	diff "$BATS_TEST_TMPDIR/files" <(sed -n 's/^\([a-z0-9]*\) .*/\1.dat/p' answers |
		LC_ALL=C sort)
}

@test "each over UDP: accepted, refused or dropped as the table says" {
	torture udp
}

@test "each over TCP: accepted, refused or dropped as the table says" {
	torture tcp
}

@test "all of them at a caller: the call comes about all the same" {
	torture caller
}
