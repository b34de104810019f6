#!/usr/bin/env bats
# The checker of the documents' commands is itself checked: above all, that
# wrong output fails.

bats_require_minimum_version 1.5.0

setup()
{
	doc=$BATS_TEST_TMPDIR/doc.md
}

# $1 the body of a console block; the rest are options of check-docs.
check()
{
	printf '# A document\n\n```console\n%s\n```\n' "$1" >"$doc"
	run tests/lib/check-docs --late 0.5 "${@:2}" "$doc"
}

@test "the right output passes, one test a command" {
	check $'$ echo hello\nhello\n$ seq 2\n1\n2'
	[ "$status" = 0 ]
	[ "${lines[0]}" = "ok 1 - $doc: its links lead somewhere" ]
	[ "${lines[1]}" = "ok 2 - $doc:4: \$ echo hello" ]
	[ "${lines[2]}" = "ok 3 - $doc:6: \$ seq 2" ]
	[[ $output == *"# $doc: 2 commands run, 0 blocks not run"* ]]
	[ "${lines[-1]}" = 1..3 ]
}

@test "wrong output fails and is shown" {
	check $'$ echo hello\nhullo'
	[ "$status" = 1 ]
	[ "${lines[1]}" = "not ok 2 - $doc:4: \$ echo hello" ]
	[[ $output == *"not found: hullo"* ]]
	[[ $output == *"    hello"* ]]
}

@test "output that is missing, or too much, or on stderr, fails" {
	check $'$ seq 1\n1\n2'
	[ "$status" = 1 ]
	check $'$ seq 3\n1\n2'
	[ "$status" = 1 ]
	[[ $output == *"and then more"* ]]
	check $'$ echo oops >&2'
	[ "$status" = 1 ]
	check $'$ echo "a  b"\na b'
	[ "$status" = 1 ]
}

@test "a failure does not stop the commands after it" {
	check $'$ echo a\nb\n$ echo c\nc'
	[ "$status" = 1 ]
	[[ $output == *"ok 3 - $doc:6: \$ echo c"* ]]
}

@test "... stands for part of a line, or for lines, and for no more" {
	check $'$ echo "port 40312 open"\nport ... open\n$ seq 100\n1\n...\n100'
	[ "$status" = 0 ]
	check $'$ seq 3\n...'
	[ "$status" = 0 ]
	check $'$ echo "port 40312 shut"\nport ... open'
	[ "$status" = 1 ]
	check $'$ printf "1\\n2\\n"\n1...2'
	[ "$status" = 1 ]
	check $'$ seq 100\n1\n...\n101'
	[ "$status" = 1 ]
	check $'$ echo a.b\na?b'
	[ "$status" = 1 ]
}

@test "one shell for all: variables, folders, \$?, here-documents" {
	check $'$ x=5; mkdir d; cd d\n$ false\n$ echo $x $?\n5 1\n$ pwd
.../d\n$ cat <<E\n> a\n>\n> $x\n> E\na\n\n5'
	[ "$status" = 0 ]
}

@test "the tree is there, and a copy: nothing written stays" {
	check $'$ ls tests/lib/check-docs; cd tests/lib; echo x >scratch
tests/lib/check-docs\n$ cat scratch\nx'
	[ "$status" = 0 ]
	[ ! -e tests/lib/scratch ]
}

@test "SDP: carriage returns and trailing blanks do not count" {
	check $'$ printf "v=0\\r\\ns=- \\r\\n"\nv=0\ns=-'
	[ "$status" = 0 ]
}

@test "background: late output is waited for, jobs can be killed" {
	check $'$ (sleep 0.3; echo late; exec sleep 99) &\n[1] 1234\nlate
$ kill %1; wait %1\n...\n$ echo $?\n143'
	[ "$status" = 0 ]
	check $'$ sleep 99 &\n$ kill -KILL $!; wait $!\n[1]+  Killed    sleep 99
$ echo $?\n137'
	[ "$status" = 0 ]
	check $'$ (sleep 0.3; echo early) &\nlate'
	[ "$status" = 1 ]
}

@test "what bash says of jobs that have ended may be left out" {
	check $'$ sleep 0.1 & sleep 0.2 & sleep 0.3 &\n$ sleep 0.5; ls -d .\n.'
	[ "$status" = 0 ]
}

@test "Ctrl-C is given once the output before it has come" {
	check $'$ sh -c \'trap "echo bye; exit 3" INT; echo up; sleep 99 & wait\'
up\n^C\nbye\n$ echo $?\n3'
	[ "$status" = 0 ]
	check $'$ sh -c \'trap "echo bye; exit 3" INT; echo up; sleep 99 & wait\'
up\n^C\nciao' --limit 5
	[ "$status" = 1 ]
}

@test "what still runs at the end is ended" {
	check $'$ sleep 98.7 &'
	[ "$status" = 0 ]
	run ! grep -lszx "PIPECALL_DOC=.*" /proc/[0-9]*/environ
}

@test "what will not end politely fails" {
	check $'$ sh -c \'trap "" TERM; echo up; while :; do sleep 98.7; done\' &\nup'
	[ "$status" = 1 ]
	[[ $output == *"did not end on SIGTERM: sh -c"* ]]
}

@test "a command that takes too long fails, and ends the document" {
	check $'$ echo begun; sleep 98.7\nbegun\n$ echo next\nnext' --limit 0.5
	[ "$status" = 1 ]
	[[ $output == *"not done after 0.5 s"* ]]
	[[ $output == *"begun"* ]]
	[[ $output != *"echo next"* ]]
	run ! grep -lszx "PIPECALL_DOC=.*" /proc/[0-9]*/environ
}

@test "a shell that was ended fails" {
	check $'$ exit 0\n$ echo x\nx'
	[ "$status" = 1 ]
}

@test "blocks left out are counted, with the reason" {
	cat >"$doc" <<-'E'
	<!-- not run: it installs -->
	```sh
	make install
	```
	<!-- not run: takes a phone -->

	```console
	$ false
	wrong
	```
	```console
	$ echo x
	x
	```
	E
	run tests/lib/check-docs "$doc"
	[ "$status" = 0 ]
	[[ $output == *"1 commands run, 2 blocks not run"* ]]
	[[ $output == *"# not run: $doc:2: it installs"* ]]
}

@test "unchecked shell, headless output, dead links fail" {
	printf '```bash\nmake\n```\n' >"$doc"
	run tests/lib/check-docs "$doc"
	[ "$status" = 1 ]
	printf '```console\nfoo\n```\n' >"$doc"
	run tests/lib/check-docs "$doc"
	[ "$status" = 1 ]
	printf '[a](nowhere.md) [b](https://example.org/)\n' >"$doc"
	run tests/lib/check-docs "$doc"
	[ "$status" = 1 ]
	[[ $output == *"link to nowhere.md"* ]]
	[ "${lines[-1]}" = 1..1 ]
}

@test "fixed ports clash with nobody" {
	unshare --net true || unshare -r --net true ||
		skip "impossible here: no network namespaces"
	check $'$ socat -u TCP-LISTEN:8080,bind=127.0.0.1 - &
$ echo hi | socat -u - TCP:127.0.0.1:8080,retry=50,interval=0.1; wait\nhi'
	[ "$status" = 0 ]
	run socat -u OPEN:/dev/null TCP:127.0.0.1:1
	[ "$status" = 1 ]
}
