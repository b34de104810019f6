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
	timeout --preserve-status 2 rtp-bridge tone:440 wav:record=tone.wav
	[ "$(stat Length | cut -d. -f1)" -le 5 ]
	[ "$(stat 'Maximum amplitude' | cut -c 1-4)" = 0.25 ]
	(($(stat Rough) >= 430 && $(stat Rough) <= 450))
}

# In either order, by one leg or two, by a path or another: it stays as it was.
@test "what is played is not recorded to" {
	sox -n -r 8000 -b 16 tone.wav synth 3 sine 440
	cp tone.wav before.wav
	ln -s tone.wav link.wav
	for legs in "wav:play=tone.wav wav:record=tone.wav,name=r" \
		"wav:record=link.wav wav:play=tone.wav,name=p" \
		"wav:play=tone.wav,record=link.wav tone:440" \
		"wav:play=tone.wav ogg:record=tone.wav"; do
		# shellcheck disable=SC2086 # legs
		run -74 timeout 20 rtp-bridge $legs
		[[ $output == *"it is being "* ]]
		cmp tone.wav before.wav
	done
	# nor are two recordings made of one file
	run -74 timeout 20 rtp-bridge tone:440 wav:record=new.wav,name=a \
		wav:record=new.wav,name=b
	[[ $output == *"new.wav: it is being played, or recorded to"* ]]
}

@test "an older recording is written over, also when nothing comes" {
	sox -n -r 8000 -b 16 tone.wav synth 3 sine 440
	timeout --preserve-status 3 rtp-bridge null: wav:record=tone.wav
	[ "$(soxi -s tone.wav)" = 0 ]
}
