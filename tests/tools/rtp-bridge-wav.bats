#!/usr/bin/env bats
# rtp-bridge's recordings: as long as the call was, and of what was heard.

bats_require_minimum_version 1.5.0

setup()
{
	cd "$BATS_TEST_TMPDIR" || exit
}

# stat NAME: a figure of sox's about tone.wav.
stat()
{
	sox tone.wav -n stat 2>&1 | sed -n "s/^$1[^:]*: *//p"
}

# A source may be numbered 0, as nothing is before the first frame.
@test "a tone is recorded from its first sample, and nothing before it" {
	ulimit -f 1000
	timeout --preserve-status 1 rtp-bridge tone:440 wav:record=tone.wav
	[ "$(stat Length | cut -d. -f1)" -le 1 ]
	[ "$(stat 'Maximum amplitude' | cut -c 1-4)" = 0.25 ]
	(($(stat Rough) >= 430 && $(stat Rough) <= 450))
}
