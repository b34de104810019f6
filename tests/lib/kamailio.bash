# shellcheck shell=bash
# Kamailio as a PBX on loopback: load ../lib/kamailio
#
#	kamailio_start [--md5|--sha256] [--max-expires S] [--min-expires S]
#		[--nonce-expire S] [--port PORT] [--tls CERT KEY CA]
#		[--ipv6] [--outbound] [--route NAME] [USER:PASSWORD ...]
#	... $KAMAILIO is its address (127.0.0.1:PORT, UDP and TCP),
#	    $KAMAILIO_PORT the port, $KAMAILIO_LOG what it said
#	... with --tls it is at $KAMAILIO_TLS too (CA "" asks no client for a
#	    certificate), with --ipv6 all are at [::1], and WebSocket is at
#	    each, with HTTP's Upgrade; --outbound speaks RFC 5626, with STUN;
#	    --route makes that name its Record-Route
#	kamailio_contacts USER       the registered Contact URIs, one a line
#	kamailio_stop
#
# Users default to 100:secret-100 200:word-200 300:pass-300; one whose password
# is "forbidden" gets 403. See kamailio.cfg for the numbers it answers itself.

# Each reads $KAMAILIO* after start.
export KAMAILIO KAMAILIO_PORT KAMAILIO_TLS KAMAILIO_LOG KAMAILIO_PID KAMAILIO_DIR

# shellcheck source=tests/lib/ports.bash
source "$(dirname "${BASH_SOURCE[0]}")/ports.bash"

kamailio_config()
{
	local user

	printf '#!KAMAILIO\n'
	printf '#!substdef "!CONTROL_SOCKET!unix:%s/ctl!g"\n' "$KAMAILIO_DIR"
	printf '#!define MAX_EXPIRES %s\n' "$max_expires"
	printf '#!define NONCE_EXPIRE %s\n' "$nonce_expire"
	printf '#!define DIGEST_ALGORITHM "%s"\n' "$algorithm"
	if [ -n "$min_expires" ]; then
		printf '#!define MIN_EXPIRES %s\n' "$min_expires"
		printf '#!substdef "!MIN_EXPIRES_TEXT!%s!g"\n' "$min_expires"
	fi
	printf 'listen=udp:%s\nlisten=tcp:%s\n' "$KAMAILIO" "$KAMAILIO"
	if [ -n "$cert" ]; then
		printf '#!define WITH_TLS\nlisten=tls:%s\n' "$KAMAILIO_TLS"
		printf 'enable_tls=yes\nloadmodule "tls.so"\n'
		printf 'modparam("tls", "tls_method", "TLSv1.2+")\n'
		printf 'modparam("tls", "certificate", "%s")\n' "$cert"
		printf 'modparam("tls", "private_key", "%s")\n' "$key"
		[ -z "$ca" ] || printf '%s\n' \
			"modparam(\"tls\", \"ca_list\", \"$ca\")" \
			'modparam("tls", "verify_certificate", 1)' \
			'modparam("tls", "require_certificate", 1)'
	fi
	[ -z "$outbound" ] || printf '#!define WITH_OUTBOUND\n'
	[ -z "$route" ] || printf '#!substdef "!ROUTE_NAME!%s!g"\n' "$route"
	[ -z "$route" ] || printf '#!define WITH_ROUTE_NAME\n'
	printf 'alias="pbx"\nalias="pbx.test"\n'
	cat "$(dirname "${BASH_SOURCE[0]}")/kamailio.cfg"
	printf 'event_route[htable:mod-init] {\n'
	for user; do
		printf '\t$sht(users=>%s) = "%s";\n' "${user%%:*}" "${user#*:}"
	done
	printf '}\n'
}

kamailio_start()
{
	local algorithm=MD5 max_expires=3600 min_expires='' nonce_expire=300
	local tries=0 cert='' key='' ca='' host=127.0.0.1 outbound='' route=''

	KAMAILIO_PORT=''
	while [ $# -gt 0 ]; do
		case $1 in
		--md5) algorithm=MD5 ;;
		--sha256) algorithm=SHA-256 ;;
		--max-expires) max_expires=$2; shift ;;
		--min-expires) min_expires=$2; shift ;;
		--nonce-expire) nonce_expire=$2; shift ;;
		--port) KAMAILIO_PORT=$2; shift ;;
		--tls) cert=$2 key=$3 ca=$4; shift 3 ;;
		--ipv6) host="[::1]" ;;
		--outbound) outbound=yes ;;
		--route) route=$2; shift ;;
		*) break ;;
		esac
		shift
	done
	[ $# -gt 0 ] || set -- 100:secret-100 200:word-200 300:pass-300
	KAMAILIO_PORT=${KAMAILIO_PORT:-$(free_port 2)}
	KAMAILIO=$host:$KAMAILIO_PORT
	KAMAILIO_TLS=$host:$((KAMAILIO_PORT + 1))
	KAMAILIO_DIR=$(mktemp -d "${TMPDIR:-/tmp}/kamailio.XXXXXX")
	KAMAILIO_LOG=$KAMAILIO_DIR/log
	kamailio_config "$@" >"$KAMAILIO_DIR/kamailio.cfg"
	kamailio -DD -E -f "$KAMAILIO_DIR/kamailio.cfg" -Y "$KAMAILIO_DIR" \
		-w "$KAMAILIO_DIR" -m 32 -M 8 \
		</dev/null >"$KAMAILIO_LOG" 2>&1 3>&- &
	KAMAILIO_PID=$!
	host=${host#[} host=${host%]}
	until (: <"/dev/tcp/$host/$KAMAILIO_PORT") 2>/dev/null; do
		if [ $((tries++)) -gt 100 ] ||
			! kill -0 "$KAMAILIO_PID" 2>/dev/null; then
			tail -n 20 "$KAMAILIO_LOG" >&2
			return 1
		fi
		sleep 0.1
	done
}

kamailio_contacts()
{
	kamcmd -s "unix:$KAMAILIO_DIR/ctl" ul.lookup location "s:$1" |
		sed -n 's/^[[:space:]]*Address: //p'
}

kamailio_stop()
{
	[ -n "${KAMAILIO_PID:-}" ] || return 0
	kill "$KAMAILIO_PID" 2>/dev/null || true
	wait "$KAMAILIO_PID" 2>/dev/null || true
	rm -rf "$KAMAILIO_DIR"
	KAMAILIO_PID=''
}
