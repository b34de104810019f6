# shellcheck shell=bash
# Chromium's camera at a dtls: leg: load ../lib/camera, after ../lib/media.
#
#	camera_page    serve the page that it is used in, at $WWW
#	make_answer    answer.sh, which answers the page's offer for bridge br

camera_page()
{
	# a page of localhost, because cameras are for secure ones
	export WWW
	WWW=$(free_port)
	mkdir www
	echo '<!doctype html><title>camera</title>' >www/index.html
	media_spawn www python3 -m http.server "$WWW" --bind 127.0.0.1 \
		--directory www >www.out 2>&1
	wait_for 10 curl -sf -o page "http://127.0.0.1:$WWW/"
}

# The command that the page's driver runs, as a script: first it prints the
# answer's lines, then (answered) tells the bridge.
make_answer()
{
	cat >answer.sh <<-END
		#!/bin/bash
		if [ "\$1" = answered ]; then
			echo "describe web answer.sdp offer.sdp" >$PWD/br.in
			exit
		fi
		ice-pair --controlled --address 127.0.0.1 --remote offer.sdp \\
			--handover ice.sock >ice.frag 2>ice.err </dev/null 3>&- &
		echo "\$!" >ice.pid
		for ((i = 0; i < 100; i++)); do
			! grep -q end-of-candidates ice.frag || break
			sleep 0.05
		done
		grep -hE '^a=(ice-|candidate|end-of)' ice.frag
		grep -hE '^a=(fingerprint|rtcp-mux)' br.frag | sort -u
		echo a=setup:passive
	END
	chmod +x answer.sh
}
