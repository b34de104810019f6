# shellcheck shell=bash
# rtpengine as a peer: load ../lib/rtpengine, behind ../lib/media
#
#	rtpengine_start            one, on ports of its own; media_stop ends it
#	ask_rtpengine COMMAND KEY=VALUE... <SDP >SDP     as rtpengine.py says

rtpengine_start()
{
	ng=$(free_port)
	low=$(free_port 40)
	media_spawn rtpengine rtpengine --config-file=none --foreground --log-stderr \
		--log-level=5 --table=-1 --interface=127.0.0.1 \
		--listen-ng="127.0.0.1:$ng" --port-min="$low" \
		--port-max=$((low + 39)) 2>rtpengine.err
	wait_for 10 ask_rtpengine ping </dev/null
}

ask_rtpengine()
{
	"$media_lib/rtpengine.py" "$ng" "$@"
}
