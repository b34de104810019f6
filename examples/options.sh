# shellcheck shell=bash
# options.sh: the options of a script. Sourced, not run.
#
# The script has functions usage and die (die STATUS WORDS), and says which
# variable each option sets: to what follows it, or to 1.
#
#	declare -A values=([--timeout]=patience) flags=([--stay]=stay)
#	take_options "$@"
#
# What is no option is in words then, and what stands behind -- in behind.

words=() behind=()

take_options() {
	while (($#)); do
		case $1 in
		--help | -h)
			usage
			exit 0
			;;
		--)
			behind=("${@:2}")
			return
			;;
		-*) take_option "$@" || shift ;;
		*) words+=("$1") ;;
		esac
		shift
	done
}

take_option() { # false: its value went with it
	if [[ ${flags[$1]-} ]]; then
		printf -v "${flags[$1]}" 1
		return
	fi
	[[ ${values[$1]-} ]] || die 2 "unknown option $1 (--help lists them)"
	[[ $# -gt 1 ]] || die 2 "$1 needs a value (--help says which)"
	printf -v "${values[$1]}" '%s' "$2"
	return 1
}
