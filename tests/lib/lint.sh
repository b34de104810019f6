#!/bin/bash
#
# What a reader or a compiler would complain of; `make lint` calls this.
#
#	tests/lib/lint.sh              everything
#	tests/lib/lint.sh headers      one of the checks named below
#
# Looks at the files that git knows or would add. Every check is run,
# whatever the ones before it found; the exit status is 1 if one did.
set -euo pipefail

cd "$(dirname "$0")/../.."
B=${B:-build}
jobs=$(nproc)

files()
{
	git ls-files -co --exclude-standard -- "$@" | while read -r file; do
		[ ! -f "$file" ] || printf '%s\n' "$file"
	done
}

# Files whose first line names a shell.
scripts()
{
	{
		files '*.sh' '*.bash'
		files | grep -vE '\.(c|h|bats|md|sdp|json|pcap.*|wav)$' |
			xargs -r awk 'FNR == 1 && /^#!.*\<(ba|da)?sh\>/ {
				print FILENAME }'
	} | sort -u
}

# Flags as the Makefile has them.
flags()
{
	make -s B="$B" print-flags
}

lint_format()
{
	files '*.c' '*.h' | xargs -r clang-format --dry-run -Werror
}

lint_tidy()
{
	local -a flags

	read -ra flags < <(flags)
	# Its "N warnings generated" is about headers that are not ours.
	files '*.c' | xargs -r -n 4 -P "$jobs" sh -c \
		'flags=$1; shift; clang-tidy --quiet "$@" -- $flags' sh \
		"${flags[*]}" 2> >(grep -vE '^[0-9]+ warnings? generated' >&2)
}

lint_cppcheck()
{
	files '*.c' | xargs -r cppcheck -q -j "$jobs" --std=c11 \
		--enable=warning,performance,portability --inline-suppr \
		--suppress=missingIncludeSystem --error-exitcode=1 \
		--include="/usr/include/$(cc -print-multiarch)/sys/queue.h" \
		-D_GNU_SOURCE -D__GNUC__ -DPC_VERSION='""' -Ilibcommon
}

lint_scripts()
{
	scripts | xargs -r shellcheck -e SC2119
	files '*.bats' | xargs -r shellcheck -s bats \
		-e SC2015,SC2030,SC2031,SC2094,SC2119,SC2120,SC2143,SC2164
}

lint_manuals()
{
	local ours

	ours=$(files 'tools/*.c' | cut -d/ -f2 | sort -u | paste -sd'|')
	# Manuals that are not installed here are no fault of ours.
	! files 'tools/*.1' | while read -r page; do
		page=$B/man/${page##*/}
		[ -e "$page" ] || echo "$page: not built"
		mandoc -Tlint -Wstyle "$page" 2>&1 || true
	done | grep -vE "mandoc.db|manual not found: Xr ($ours) 1( |$)" | grep .
}

# Each header stands alone: whoever includes it needs no other before it.
lint_headers()
{
	local -a flags
	local header status=0

	read -ra flags < <(flags)
	while read -r header; do
		echo "#include \"${header#libcommon/}\"" |
			cc "${flags[@]}" -I. -I"${header%/*}" -Werror \
				-fsyntax-only -x c - ||
			status=1
	done < <(files '*.h')
	return "$status"
}

# No path of the machine that someone works on.
lint_paths()
{
	local home=$HOME here

	here=$(dirname "$PWD")
	case $here in
	/ | /home | /tmp* | /var/tmp*) here=$PWD ;; # others say these, too
	esac
	[ "$home" != / ] && [ "$home" != /root ] || home=/home/
	! files | grep -vE '^tests/data/|package-lock' |
		xargs -r grep -nIE "(^|[^A-Za-z0-9_.])($here/|$home|/Users/)" |
		grep -v '^tests/lib/lint.sh:'
}

lint_sizes()
{
	files 'libcommon/*.[ch]' 'tools/*.[ch]' | xargs -r wc -l |
		awk '$2 != "total" && $1 > 500 {
			print $2 ": " $1 " lines: more than one concern?"
			long = 1
		}
		END { exit long }'
}

# Shell runs the definition that it read last: no two functions have one name,
# be it in one file or in two that are read together (load, source or .). Which
# file is read, the last part of its name tells.
lint_shadows()
{
	files '*.bats' '*.bash' '*.sh' | xargs -r awk '
	FNR == 1 {
		base = FILENAME
		sub(/.*\//, "", base)
		called[base] = called[base] " " FILENAME
		files[++count] = FILENAME
	}
	match($0, /^[ \t]*[A-Za-z_][A-Za-z0-9_-]*\(\)/) {
		name = substr($0, 1, RLENGTH - 2)
		# those inside of two tests may have one name
		inner = sub(/^[ \t]+/, "", name)
		if (!((FILENAME, name) in line)) {
			names[FILENAME] = names[FILENAME] " " name
			line[FILENAME, name] = FNR
			inside[FILENAME, name] = inner
		} else if (!inner || !inside[FILENAME, name]) {
			say(FILENAME, FNR, name, FILENAME)
		}
	}
	match($0, /(^|[ \t;"'\''])(load|source|\.)[ \t]+[^;]+/) {
		base = substr($0, RSTART, RLENGTH)
		ending = base ~ /load[ \t]/ ? ".bash" : ""
		gsub(/.*[\/ \t]|["'\'']/, "", base)
		reads[FILENAME] = reads[FILENAME] " " base ending
	}
	function say(file, at, name, other) {
		if (said[file, at, other]++)
			return
		printf "%s:%d: %s() is in %s:%d, too\n", file, at, name,
			other, line[other, name]
		found = 1
	}
	# Hold the names of file against those of all that were read with it.
	function take(file, n, i, list, other) {
		if (taken[file] == round)
			return
		taken[file] = round
		n = split(names[file], list)
		for (i = 1; i <= n; i++) {
			other = owner[round, list[i]]
			if (other != "")
				say(other, line[other, list[i]], list[i], file)
			else
				owner[round, list[i]] = file
		}
		n = split(reads[file], list)
		for (i = 1; i <= n; i++)
			take_all(called[list[i]])
	}
	function take_all(files_of, n, i, list) {
		n = split(files_of, list)
		for (i = 1; i <= n; i++)
			take(list[i])
	}
	END {
		for (round = 1; round <= count; round++)
			take(files[round])
		exit found
	}'
}

main()
{
	local check status=0

	[ $# -gt 0 ] || set -- format headers paths sizes shadows scripts \
		manuals cppcheck tidy
	for check; do
		if "lint_$check"; then
			echo "lint: $check: clean"
		else
			echo "lint: $check: see above"
			status=1
		fi
	done
	return "$status"
}

main "$@"
