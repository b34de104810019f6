#!/usr/bin/env bats
# The page against ws-signal and a gateway made for the test: what it says in
# each state, and why a call ended. Audio is heard by its frequency.

setup_file()
{
	cd "$BATS_TEST_DIRNAME/../.." || exit
	tests/browser/install.sh
}

setup()
{
	cd "$BATS_TEST_DIRNAME/../.." || exit
}

phone()
{
	node tests/browser/phone.mjs "$@"
}

@test "a call from the page, its audio, and a second one" {
	phone "a call:" "candidates wait" "early media" "a new offer"
}

@test "why a call was refused, in words; remote text stays text" {
	phone "why a call" "what the network says"
}

@test "a call ends from either side, or with its participant" {
	phone "the other side hangs up" "hanging up before"
}

@test "being called: answer, reject, cancel, the caller goes" {
	phone "being called"
}

@test "no gateway, no server, no microphone" {
	phone "no gateway" "the server goes" "the microphone"
}

@test "the keyboard, the keypad, mute" {
	phone "mute"
}
