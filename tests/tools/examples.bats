#!/usr/bin/env bats
# The scripts of examples/, asked for help and told nonsense.

bats_require_minimum_version 1.5.0

setup()
{
	mkdir "$BATS_TEST_TMPDIR/here" # bats keeps files of its own in there
	cd "$BATS_TEST_TMPDIR/here" || exit
	examples=$BATS_TEST_DIRNAME/../../examples
}

@test "--help is on stdout, and 0" {
	local script

	for script in gateway.sh answering-machine.sh webrtc-phone.sh \
		sip-phone.sh nat-lab.sh live.sh ladder; do
		echo "$script"
		run -0 --separate-stderr timeout 10 "$examples/$script" --help
		[[ $output == *"$script"* && -z $stderr ]]
	done
}

@test "what is not known is one line, and 2, and starts nothing" {
	local script

	for script in gateway.sh answering-machine.sh webrtc-phone.sh \
		sip-phone.sh nat-lab.sh live.sh ladder demo.sh; do
		echo "$script"
		run -2 --separate-stderr timeout 10 "$examples/$script" --nonsense
		[ -z "$output" ]
		[ "${#stderr_lines[@]}" = 1 ]
	done
}

@test "a script that is for another to run says for which" {
	local script

	for script in call-in.sh call-out.sh answer-call.sh; do
		run -2 --separate-stderr timeout 10 "$examples/$script" x </dev/null
		[[ $stderr == "$script: "*" runs this, once a call"* ]]
		[ "${#stderr_lines[@]}" = 1 ]
	done
	[ -z "$(ls)" ]
}
