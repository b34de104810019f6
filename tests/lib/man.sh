#!/usr/bin/env bash
# man.sh TOOL <NAME.1: put the tool's own OPTIONS and EXIT STATUS into its
# manual, so that neither is written twice.
set -euo pipefail
tool=$1
while IFS= read -r line; do
	case $line in
	'.\" @OPTIONS@') "$tool" --help-mdoc | sed -n '/^\.\\" options$/,/^\.\\" exit$/{/^\.\\"/d;p}' ;;
	'.\" @EXIT@') "$tool" --help-mdoc | sed -n '/^\.\\" exit$/,${/^\.\\"/d;p}' ;;
	*) printf '%s\n' "$line" ;;
	esac
done
