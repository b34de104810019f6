#!/usr/bin/env bats
# A call goes live: to nginx's RTMP module and to HLS, and a stream published
# there comes into it (examples/live.sh).

bats_require_minimum_version 1.5.0

setup()
{
	load ../lib/media
	live=$BATS_TEST_DIRNAME/../../examples/live.sh
	cd "$BATS_TEST_TMPDIR" || exit
}

teardown()
{
	media_stop
}

nginx_start()
{
	rtmp=$(free_port)
	mkdir -p hls
	cat >nginx.conf <<-END
		daemon off;
		master_process off;
		pid $PWD/nginx.pid;
		error_log $PWD/nginx.log;
		load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
		events { }
		rtmp { access_log off; server {
			listen 127.0.0.1:$rtmp;
			application live { live on; }
		} }
	END
	media_spawn nginx nginx -p "$PWD" -c "$PWD/nginx.conf" \
		-e "$PWD/nginx.log" >nginx.out 2>&1
	wait_for 5 nc_works
}

nc_works()
{
	(exec 9<>"/dev/tcp/127.0.0.1/$rtmp") 2>/dev/null
}

dropped()
{
	at_least 1 m.jsonl leg '.state == "dropped"'
}

@test "a call is heard at an RTMP server, and its packets pass as before" {
	nginx_start
	call_start
	media_spawn out "$live" out m.in "rtmp://127.0.0.1:$rtmp/live/call"
	wait_for 10 at_least 1 m.jsonl leg '.state == "added" and
		(.leg | startswith("live"))'
	media_spawn player timeout 30 ffmpeg -v error -nostdin \
		-i "rtmp://127.0.0.1:$rtmp/live/call" -t 2 -ac 1 -ar 8000 \
		-y heard.wav
	wait_for 30 media_ended player
	both_tones_in heard.wav
	[ "$(jq -rs 'map(select(.event == "media" and .from == "a"))[-1].mode' \
		m.jsonl)" = pass ]
	kill "${media_pid[out]}"
	wait_for 5 media_ended out
	wait_for 5 dropped
}

@test "a call becomes HLS files" {
	call_start
	mkdir www
	media_spawn out "$live" out m.in "$PWD/www/call.m3u8"
	wait_for 30 test -s www/call.m3u8
	cp www/call0.ts .
	ffmpeg -v error -nostdin -i call0.ts -ac 1 -ar 8000 heard.wav
	both_tones_in heard.wav
}

@test "a stream that is published comes into the call" {
	nginx_start
	call_start
	media_spawn publisher ffmpeg -v error -nostdin -re -f lavfi \
		-i sine=frequency=1500:sample_rate=44100 -t 60 -c:a aac \
		-f flv "rtmp://127.0.0.1:$rtmp/live/show"
	bridge m mute z
	media_spawn in "$live" in m.in "rtmp://127.0.0.1:$rtmp/live/show"
	wait_for 30 at_least 2 a.jsonl heard '.hz > 1480 and .hz < 1520 and
		.ratio > 0.8'
	# a call that is over is no place to go
	run -66 "$live" in missing.ctl "rtmp://127.0.0.1:$rtmp/live/show"
	run -2 "$live" up m.in x
}
