# shellcheck shell=bash
# matrix.sh: which kinds of NAT connect with which. Sourced by nat-lab.sh.
#
# Each kind stands twice in the lab, as home a.KIND and as b.KIND. Every a
# calls every b, all at once, without a TURN server and with one; meanwhile
# stun-probe looks at each NAT from inside. What has to come out follows from
# RFC 4787's two properties, which stun-probe must find to predict it; what
# comes out, ice-pair says; all stand in the table.

matrix_kinds=(full address port address-mapping symmetric)
declare -A outcome # CELL,END: direct, relay or no

build_matrix() { # KIND...
	local kind
	for kind; do
		build_home "a.$kind" "$kind"
		build_home "b.$kind" "$kind"
	done
}

# Does a NAT keep its mapping when the destination changes?
keeps_mapping() {
	[[ $1 != address-mapping && $1 != symmetric ]]
}

# Does it let in who was never written to at that very port?
lets_strangers_in() {
	[[ $1 == none || $1 == full || $1 == address ]]
}

# expected A B: direct, no or chance. Each end writes first to where the server
# saw the other. If both keep their mappings, these addresses are right, and
# both holes are open. If one does not, what it sends comes from another port
# than was said: then the other has to let strangers in. A bare masquerade
# keeps its mapping if its own packet was there before the other's.
expected() {
	if lets_strangers_in "$1" || lets_strangers_in "$2"; then
		echo direct
	elif ! keeps_mapping "$1" || ! keeps_mapping "$2"; then
		echo no
	elif [[ $1 == masquerade || $2 == masquerade ]]; then
		echo chance
	else
		echo direct
	fi
}

# One end of a cell. Its description goes through a FIFO, its events to the
# inbox, under its own name. The servers are there: with all ends starting at
# once, and packets late or lost, their answers may take more than a second.
matrix_end() { # NAME HOME WORDS...
	exec setpriv --pdeathsig TERM nsenter --net="/run/netns/$2" \
		"$bin/ice-pair" --call "$1" --timeout "$patience" \
		--gather-timeout $((patience / 2 + 1)) \
		--events "$lab/inbox" --stun "$NAT_LAB_STUN" "${@:3}" \
		{inbox}<&- {hold}>&- 2>"$lab/$1.log"
}

# start_cell A B TURN: A calls B, with TURN "turn" or "no-turn".
start_cell() {
	local name=$1,$2,$3 turn=()
	[[ $3 == no-turn ]] || turn=(--turn "$NAT_LAB_TURN" --turn-user "$NAT_LAB_USER")
	mkfifo "$lab/$name.there" "$lab/$name.back"
	matrix_end "$name,a" "a.$1" "${turn[@]}" --controlling \
		--remote "$lab/$name.back" >"$lab/$name.there" &
	lab_pids+=($!)
	matrix_end "$name,b" "b.$2" "${turn[@]}" \
		--remote - <"$lab/$name.there" >"$lab/$name.back" &
	lab_pids+=($!)
}

# "CELL,END EVENT PATH" of each event that decides.
decisive='fromjson? | objects | select(.event | IN("selected", "exit")) |
	[.call, .event, if [.local_type, .remote_type] | any(. == "relay") then "relay"
		else "direct" end] | join(" ")'

# Every cell at once, until each end has an outcome.
run_cells() { # KIND...
	local a b turn name event path inbox hold waiting=$((4 * $# * $#))
	mkfifo "$lab/inbox"
	# what an end says as all is ended has no reader any more
	exec {inbox}< <(exec jq -rR --unbuffered "$decisive" <"$lab/inbox" 2>/dev/null)
	exec {hold}>"$lab/inbox"
	for a; do
		for b; do
			for turn in no-turn turn; do
				start_cell "$a" "$b" "$turn"
			done
		done
	done
	while ((waiting > 0)); do
		read -r -t $((patience + 20)) -u "$inbox" name event path ||
			die 69 "matrix: $waiting ends of ice-pair have nothing to say (--keep DIR leaves their logs)"
		[[ ${outcome[$name]-} ]] || ((waiting--)) || true
		[[ $event == selected ]] || path=${outcome[$name]-no}
		outcome[$name]=$path
	done
	exec {hold}>&- {inbox}<&-
}

# What both ends of a cell say; a connection that only one has is none.
both_say() { # CELL
	local a=${outcome[$1,a]} b=${outcome[$1,b]}
	if [[ $a == "$b" ]]; then
		echo "$a"
	elif [[ $a == no || $b == no ]]; then
		echo one-way
	else
		echo relay # one end has already moved to a better path
	fi
}

# Its tests take silence for an answer, which it is not where packets get lost:
# then it is when a request has been sent as often as it may be, over 31.5 s.
start_probes() { # KIND...
	local kind end silence=()
	((10#${loss%.*} < 10)) || silence=(--silence 32)
	for kind; do
		for end in a b; do
			setpriv --pdeathsig TERM nsenter --net="/run/netns/$end.$kind" \
				"$bin/stun-probe" -q --nat --json --timeout "$patience" \
				"${silence[@]}" "$NAT_LAB_STUN" \
				>"$lab/$end.$kind.json" 2>"$lab/$end.$kind.log" &
			probes+=($!)
		done
	done
	lab_pids+=("${probes[@]}")
}

# What stun-probe says of home $1: "port restricted cone".
found() {
	jq -r '.rfc3489 // "no verdict"' "$lab/$1.json" 2>/dev/null || echo "no report"
}

# What it predicts of two homes: direct, relay or unknown.
predicted() { # A B
	"$bin/stun-probe" -q --json --predict "$lab/a.$1.json" "$lab/b.$2.json" \
		2>/dev/null | jq -r .verdict || true
}

# agrees EXPECTED PREDICTED WITHOUT-TURN WITH-TURN: a relay is predicted where
# there is no direct path. Through one everything connects, and nothing does
# without it where there is no direct path. Where there is one, the relay may
# still have answered first.
agrees() {
	case $1 in
	direct) [[ $2 == direct && $3 == direct && $4 == @(direct|relay) ]] ;;
	no) [[ $2 == relay && $3 == no && $4 == relay ]] ;;
	chance) [[ $2 == unknown && $3 == @(direct|no) && $4 == @(direct|relay) ]] ;;
	esac
}

# Why a cell is not as it has to be: the last words of its ends, which have the
# state of each pair and its reason.
explain() { # CELL
	local end log
	for end in a b; do
		log=$lab/$1,$end.log
		[[ -s $log ]] || continue
		printf '\n%s %s\n' "$1" "$end"
		tail -n 9 "$log" | cut -c 11- | sed 's/^/    /'
	done
}

run_matrix() { # KIND...
	local a b want guess alone turn verdict wrong=0 cells=() cell probes=() row='%-16s %-16s %-9s %-10s %-9s %-10s %s\n'
	start_probes "$@"
	run_cells "$@"
	wait "${probes[@]}" || true
	printf '%-16s %s\n' home "stun-probe finds"
	for a; do
		printf '%-16s %s\n' "$a" "$(found "a.$a")"
	done
	# shellcheck disable=SC2059 # the row is the format
	printf "\n$row" a b expected predicted ice-pair "with TURN" ""
	for a; do
		for b; do
			want=$(expected "$a" "$b") guess=$(predicted "$a" "$b")
			alone=$(both_say "$a,$b,no-turn") turn=$(both_say "$a,$b,turn")
			verdict=agree
			agrees "$want" "$guess" "$alone" "$turn" ||
				verdict=DISAGREE wrong=$((wrong + 1)) cells+=("$a,$b")
			# shellcheck disable=SC2059
			printf "$row" "$a" "$b" "$want" "${guess:-none}" "$alone" "$turn" "$verdict"
		done
	done
	for cell in "${cells[@]}"; do
		explain "$cell,no-turn"
		explain "$cell,turn"
	done
	((wrong == 0)) || die 1 "matrix: $wrong cells are not as they have to be"
}
