# shellcheck shell=bash
# What JSON lines say: load ../lib/events

# The value of field $3 of the last event $2 in file $1.
event()
{
	jq -rs --arg name "$2" --arg field "$3" \
		'map(select(.event == $name)) | last | .[$field] |
			if . == null then empty else . end' "$1"
}

says()
{
	grep -qE "\"event\": ?\"$2\"" "$1" 2>/dev/null
}
