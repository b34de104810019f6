# shellcheck shell=bash
# Kamailio as a presence server on loopback: load ../lib/presence
#
#	presence_start           $PRESENCE is its address (127.0.0.1:PORT)
#	presence_stop

export PRESENCE PRESENCE_PID PRESENCE_DIR

# shellcheck source=tests/lib/ports.bash
source "$(dirname "${BASH_SOURCE[0]}")/ports.bash"

presence_start()
{
	PRESENCE=127.0.0.1:$(free_port 1)
	PRESENCE_DIR=$(mktemp -d "${TMPDIR:-/tmp}/presence.XXXXXX")
	cp -r /usr/share/kamailio/dbtext/kamailio "$PRESENCE_DIR/db"
	{
		printf '#!KAMAILIO\n'
		printf '#!substdef "!DB_URL!text://%s/db!g"\n' "$PRESENCE_DIR"
		printf '#!substdef "!SERVER_URI!sip:%s!g"\n' "$PRESENCE"
		printf 'listen=udp:%s\nlisten=tcp:%s\nalias="pbx"\n' \
			"$PRESENCE" "$PRESENCE"
		cat "$(dirname "${BASH_SOURCE[0]}")/presence.cfg"
	} >"$PRESENCE_DIR/presence.cfg"
	kamailio -DD -E -f "$PRESENCE_DIR/presence.cfg" -Y "$PRESENCE_DIR" \
		-w "$PRESENCE_DIR" -m 32 -M 8 </dev/null \
		>"$PRESENCE_DIR/log" 2>&1 3>&- &
	PRESENCE_PID=$!
	wait_for 10 presence_listens || {
		tail -n 20 "$PRESENCE_DIR/log" >&2
		return 1
	}
}

presence_listens()
{
	(: </dev/tcp/127.0.0.1/"${PRESENCE##*:}") 2>/dev/null
}

presence_stop()
{
	[ -n "${PRESENCE_PID:-}" ] || return 0
	kill "$PRESENCE_PID" 2>/dev/null || true
	wait "$PRESENCE_PID" 2>/dev/null || true
	rm -rf "$PRESENCE_DIR"
	PRESENCE_PID=''
}
