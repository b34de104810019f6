#!/usr/bin/env python3
"""Collect what real programs say in SDP, as data for the tests.

    collect.py FOLDER [PEER...]

Peers: chromium, aiortc, baresip, rtpengine, ffmpeg, linphone, janus; all of
them without. Each description becomes FOLDER/PEER-WHAT.sdp, byte for byte as
it came. Run it where there is nothing but 192.0.2.2 to be found in
candidates:

    unshare -Urnm sh -c 'ip link set lo up
        ip link add v0 type veth peer name v1
        ip addr add 192.0.2.2/24 dev v0; ip link set v0 up; ip link set v1 up
        tests/peers/sdp/collect.py tests/data/sdp'
"""
import asyncio
import http.server
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

from rtpengine import Rtpengine, free_ports

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = sys.argv[1]


def keep(name, sdp):
    data = sdp if isinstance(sdp, bytes) else sdp.encode()
    with open(os.path.join(FOLDER, name + ".sdp"), "wb") as file:
        file.write(data)
    print(name, len(data))


def data(name):
    with open(os.path.join(FOLDER, name + ".sdp"), encoding="utf-8",
              newline="") as file:
        return file.read()


class Page(http.server.BaseHTTPRequestHandler):
    done = threading.Event()

    def log_message(self, format, *args):  # pylint: disable=redefined-builtin
        pass

    def reply(self, body):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        with open(os.path.join(HERE, "collect.html"), "rb") as file:
            self.reply(file.read())

    def do_POST(self):
        text = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/done":
            print(text.decode())
            Page.done.set()
        else:
            keep("chromium" + self.path.replace("/", "-"), text)
        self.reply(b"")


def chromium(tmp):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with subprocess.Popen(
            ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu",
             "--user-data-dir=" + tmp, "--use-fake-ui-for-media-stream",
             "--use-fake-device-for-media-stream",
             "--autoplay-policy=no-user-gesture-required",
             f"http://127.0.0.1:{server.server_port}/"],
            stderr=subprocess.DEVNULL) as browser:
        Page.done.wait(60)
        browser.terminate()


def aiortc(_):
    async def run():
        from aiortc import RTCPeerConnection, RTCSessionDescription
        from aiortc.mediastreams import AudioStreamTrack, VideoStreamTrack
        one, two = RTCPeerConnection(), RTCPeerConnection()
        one.addTrack(VideoStreamTrack())
        one.addTransceiver("audio", direction="recvonly")
        await one.setLocalDescription(await one.createOffer())
        keep("aiortc-video-offer", one.localDescription.sdp)
        two.addTrack(AudioStreamTrack())
        await two.setRemoteDescription(
            RTCSessionDescription(one.localDescription.sdp, "offer"))
        await two.setLocalDescription(await two.createAnswer())
        keep("aiortc-video-answer", two.localDescription.sdp)
        await one.close()
        await two.close()

    asyncio.run(run())


def first_invite(start, seconds=20):
    """The body of the first INVITE that start(port) makes somebody send."""
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(seconds)
        process = start(sock.getsockname()[1])
        try:
            while True:
                message = sock.recv(65536)
                if message.startswith(b"INVITE "):
                    return message.split(b"\r\n\r\n", 1)[1]
        finally:
            process.kill() # its call would be given up only slowly
            process.wait()


BARESIP = """sip_listen 127.0.0.1:0
net_interface 127.0.0.1
module_path /usr/lib/baresip/modules
module g711.so
module g722.so
module opus.so
module vp8.so
module fakevideo.so
module srtp.so
module dtls_srtp.so
module ice.so
module aufile.so
module aubridge.so
module_app menu.so
module_tmp account.so
audio_source aubridge,x
audio_player aubridge,x
video_source fakevideo
video_display fakevideo
"""


def baresip(tmp):
    kinds = {
        "avpf-video": ";video_codecs=vp8;rtcp_mux=yes",
        "srtp-mand": ";mediaenc=srtp-mand",
        "dtls": ";mediaenc=dtls_srtp;rtcp_mux=yes",
    }
    for name, account in kinds.items():
        with open(os.path.join(tmp, "config"), "w", encoding="utf-8") as file:
            file.write(BARESIP)
        with open(os.path.join(tmp, "accounts"), "w", encoding="utf-8") as file:
            file.write(f"<sip:a@127.0.0.1>;regint=0{account}\n")

        def start(port):
            return subprocess.Popen(
                ["baresip", "-f", tmp, "-e", f"/dial sip:b@127.0.0.1:{port}"],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL)

        keep("baresip-" + name + "-offer", first_invite(start))


def linphone(tmp):
    kinds = {
        "avp": "media_encryption=none\n[net]\nfirewall_policy=0\n"
               "[rtp]\navpf=0\n",
        "srtp": "media_encryption=srtp\nmedia_encryption_mandatory=1\n"
                "[net]\nfirewall_policy=0\n",
        "dtls-ice": "media_encryption=dtls\n[net]\nfirewall_policy=3\n"
                    "[rtp]\navpf=1\nrtcp_mux=1\n",
    }
    # It starts only where it can make its databases.
    os.makedirs(os.path.join(tmp, ".local/share/linphone"))
    for name, config in kinds.items():
        path = os.path.join(tmp, "linphonerc")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"[sip]\nsip_port={free_ports(2)}\nguess_hostname=1\n"
                       "contact=sip:a@127.0.0.1\n" + config +
                       "[video]\ncapture=1\ndisplay=1\nenabled=1\n"
                       "automatically_initiate=1\n")

        def start(port):
            process = subprocess.Popen(
                ["linphonec", "-c", path, "-V"], stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                env=dict(os.environ, HOME=tmp))
            process.stdin.write(f"call sip:b@127.0.0.1:{port}\n".encode())
            process.stdin.flush()
            return process

        keep("linphone-" + name + "-offer", first_invite(start))


def ffmpeg(tmp):
    video = ["-f", "lavfi", "-i", "testsrc=size=160x120:rate=5"]
    audio = ["-f", "lavfi", "-i", "sine"]
    kinds = {
        "h264": [*video, "-c:v", "libx264", "-f", "rtp",
                 "rtp://127.0.0.1:5004"],
        "vp8-srtp": [*video, "-c:v", "libvpx", "-f", "rtp",
                     "-srtp_out_suite", "AES_CM_128_HMAC_SHA1_80",
                     "-srtp_out_params",
                     "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz",
                     "srtp://127.0.0.1:5004"],
        "aac": [*audio, "-c:a", "aac", "-f", "rtp", "rtp://127.0.0.1:5004"],
    }
    for name, args in kinds.items():
        path = os.path.join(tmp, name)
        subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", *args[:4],
                        "-t", "0.2", *args[4:-1], "-sdp_file", path,
                        args[-1]], check=True)
        with open(path, "rb") as file:
            keep("ffmpeg-" + name, file.read())


def rtpengine(tmp):
    to_web = {"ICE": "force", "DTLS": "passive",
              "transport_protocol": "UDP/TLS/RTP/SAVPF",
              "flags": ["generate-mid"], "rtcp_mux": ["offer", "require"]}
    to_sip = {"ICE": "remove", "DTLS": "off", "transport_protocol": "RTP/AVP",
              "rtcp_mux": ["demux"]}
    with Rtpengine(tmp) as engine:
        answer = engine.ask("offer", data("baresip-g711-offer"), **to_web)
        keep("rtpengine-webrtc-offer", answer["sdp"])
        answer = engine.ask("offer", data("chromium-av-data-offer"),
                            call="2", **to_sip)
        keep("rtpengine-avp-offer", answer["sdp"])
        answer = engine.ask("answer", data("baresip-g711-offer"),
                            call="2", **to_web)
        keep("rtpengine-webrtc-answer", answer["sdp"])
        answer = engine.ask("offer", data("chromium-audio-offer"), call="3",
                            ICE="remove", DTLS="off",
                            transport_protocol="RTP/SAVPF")
        keep("rtpengine-savpf-offer", answer["sdp"])


JANUS = """general: {
	configs_folder = "%(tmp)s"
	plugins_folder = "%(plugins)s"
	transports_folder = "%(transports)s"
	events_folder = "%(tmp)s"
	loggers_folder = "%(tmp)s"
	debug_level = 4
	admin_secret = "x"
}
nat: { ice_enforce_list = "v0" ignore_mdns = true }
media: { ipv6 = false }
plugins: { disable = "libjanus_sip.so,libjanus_lua.so,libjanus_duktape.so" }
"""


class Janus:
    def __init__(self, port):
        self.url = f"http://127.0.0.1:{port}/janus"
        self.path = ""

    def post(self, message):
        message["transaction"] = "t"
        request = urllib.request.Request(
            self.url + self.path, json.dumps(message).encode(),
            {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.load(answer)

    def attach(self, plugin):
        self.path = ""
        self.path = f"/{self.post({'janus': 'create'})['data']['id']}"
        session = self.path
        handle = self.post({"janus": "attach",
                            "plugin": "janus.plugin." + plugin})["data"]["id"]
        self.path += f"/{handle}"
        return session

    def jsep(self, session, body, sdp=None, kind="offer"):
        """The event that answers, with its description."""
        message = {"janus": "message", "body": body}
        if sdp:
            message["jsep"] = {"type": kind, "sdp": sdp}
        self.post(message)
        for _ in range(10):
            with urllib.request.urlopen(self.url + session, timeout=10) as got:
                event = json.load(got)
            if event["janus"] == "event":
                return event
        raise OSError("Janus tells nothing")


def janus(tmp):
    lib = next(p for p in ("/usr/lib/x86_64-linux-gnu/janus",
                           "/usr/lib/aarch64-linux-gnu/janus")
               if os.path.isdir(p))
    port = free_ports(1)
    for name, text in {
            "janus.jcfg": JANUS % {"tmp": tmp, "plugins": lib + "/plugins",
                                   "transports": lib + "/transports"},
            "janus.transport.http.jcfg":
                f'general: {{ http = true port = {port} ip = "127.0.0.1" '
                'base_path = "/janus" }',
            "janus.plugin.streaming.jcfg":
                'av: { type = "rtp" id = 1 media = ( '
                '{ type = "audio" mid = "a" port = 0 pt = 111 '
                'codec = "opus" }, '
                '{ type = "video" mid = "v" port = 0 pt = 100 '
                'codec = "vp8" } ) }',
            "janus.plugin.nosip.jcfg":
                'general: { local_ip = "127.0.0.1" }'}.items():
        with open(os.path.join(tmp, name), "w", encoding="utf-8") as file:
            file.write(text)
    with subprocess.Popen(["janus", "-F", tmp, "-C", tmp + "/janus.jcfg"],
                          stdout=open(tmp + "/log", "wb"),
                          stderr=subprocess.STDOUT) as process:
        try:
            talk_to_janus(Janus(port))
        finally:
            process.terminate()


def talk_to_janus(server):
    for _ in range(100):
        try:
            session = server.attach("echotest")
            break
        except OSError:
            time.sleep(0.1)
    event = server.jsep(session, {"audio": True, "video": True},
                        data("chromium-av-data-offer"))
    keep("janus-echo-answer", event["jsep"]["sdp"])
    session = server.attach("streaming")
    event = server.jsep(session, {"request": "watch", "id": 1})
    keep("janus-stream-offer", event["jsep"]["sdp"])
    session = server.attach("nosip")
    event = server.jsep(session, {"request": "generate"},
                        data("chromium-audio-offer"))
    keep("janus-nosip-offer",
         event["plugindata"]["data"]["result"]["sdp"])
    session = server.attach("nosip")
    event = server.jsep(session, {"request": "process", "type": "offer",
                                  "sdp": data("baresip-g711-offer")})
    keep("janus-nosip-webrtc-offer", event["jsep"]["sdp"])


PEERS = [chromium, aiortc, baresip, rtpengine, ffmpeg, linphone, janus]


def main():
    wanted = sys.argv[2:] or [peer.__name__ for peer in PEERS]
    failed = False
    for peer in PEERS:
        if peer.__name__ not in wanted:
            continue
        tmp = tempfile.mkdtemp()
        try:
            peer(tmp)
        except Exception as error:  # the others are still asked
            failed = True
            print(f"{peer.__name__}: {error!r}", file=sys.stderr)
        shutil.rmtree(tmp, ignore_errors=True)
    return failed


sys.exit(main())
