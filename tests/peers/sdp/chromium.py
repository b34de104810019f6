#!/usr/bin/env python3
"""Chromium takes what sdp-convert makes, and its descriptions are converted.

Serves calls.html to a headless Chromium on loopback, converts what the page
posts with the sdp-convert in PATH, and prints what the page found: one line
a call. argv: the folder of test data, a folder for files.
"""
import http.server
import os
import subprocess
import sys
import threading

DATA, TMP = sys.argv[1:]
MEDIA = ["--with", DATA + "/media.sdpfrag"]
BOTH = ["--with", DATA + "/media-av.sdpfrag"]
SRTP = ["--with", DATA + "/media-srtp.sdpfrag"]
ICE = ["--with", DATA + "/ice.sdpfrag"]
HEAD = ("v=0\r\no=phone 5 5 IN IP4 127.0.0.1\r\ns=call\r\n"
        "c=IN IP4 127.0.0.1\r\nt=0 0\r\n")
EVENT = "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n"

ANSWERS = {
    "pcma": "m=audio 6000 RTP/AVP 8 101\r\n" + EVENT,
    "video-pcma": "m=audio 6000 RTP/AVP 8 101\r\n" + EVENT,
    "opus": "m=audio 6000 RTP/AVP 111\r\na=rtpmap:111 opus/48000/2\r\n",
    "transcode": "m=audio 6000 RTP/AVP 0 101\r\n" + EVENT,
    "hold": "m=audio 6000 RTP/AVP 0\r\na=sendonly\r\n",
    "inactive": "m=audio 6000 RTP/AVP 0\r\na=inactive\r\n",
    "video-vp8": "m=video 6002 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\n"
                 "m=audio 6000 RTP/AVP 8\r\n",
    "video-h264": "m=video 6002 RTP/AVP 102\r\na=rtpmap:102 H264/90000\r\n"
                  "a=fmtp:102 packetization-mode=1;"
                  "profile-level-id=42c01f\r\nm=audio 6000 RTP/AVP 8\r\n",
    "video-refused": "m=video 0 RTP/AVP 96\r\nm=audio 6000 RTP/AVP 8\r\n",
    "srtp": "m=audio 6000 RTP/SAVP 8\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 "
            "inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n",
}
OFFERS = {
    "pcmu": HEAD + "m=audio 6000 RTP/AVP 0\r\n",
    "odd": "v=0\nt=0 0\n\nX=?\no=- 1 1 IN IP4 127.0.0.1\n"
           "m=audio  6000  RTP/AVP  8  101\nc=IN IP4 127.0.0.1\n"
           "a=rtpmap:101   telephone-event/8000 \na=\n",
    "hold": HEAD + "m=audio 6000 RTP/AVP 0\r\na=sendonly\r\n",
    "video": HEAD + "m=video 5000 RTP/AVP 99\r\na=rtpmap:99 H264/90000\r\n"
                    "m=audio 6000 RTP/AVP 0 101\r\n" + EVENT,
    "both": HEAD + "m=audio 6000 RTP/AVP 96 0\r\na=rtpmap:96 opus/48000/2\r\n"
            "m=video 6002 RTP/AVPF 96 97\r\na=rtpmap:96 H264/90000\r\n"
            "a=fmtp:96 packetization-mode=1;profile-level-id=42801f\r\n"
            "a=rtpmap:97 VP8/90000\r\na=rtcp-fb:* nack pli\r\n",
    "srtp": HEAD + "m=audio 6000 RTP/SAVP 0\r\na=crypto:9 "
            "AES_CM_128_HMAC_SHA1_32 "
            "inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n",
}


def convert(text, *args):
    done = subprocess.run(["sdp-convert", *args], input=text.encode(),
                          stdout=subprocess.PIPE, check=False)
    return done.stdout.decode()


def keep(name, text):
    path = os.path.join(TMP, name)
    with open(path, "w", newline="", encoding="utf-8") as file:
        file.write(text)
    return path


def legs(name):
    """The fragments of the gateway that has the call."""
    if name in ("both", "video-vp8", "video-h264", "video-refused"):
        return BOTH
    return SRTP if name == "srtp" else MEDIA


def call_out(name, offer):
    sip = convert(offer, "--to", "sip", *legs(name))
    if sip.count("\nm=") != (2 if legs(name) is BOTH else 1) or (
            "RTP/SAVP" if name == "srtp" else "RTP/AVP") not in sip:
        return ""
    more = ["--transcode", "opus"] if name == "transcode" else []
    return convert(HEAD + ANSWERS[name], "--to", "webrtc", *legs(name), *ICE,
                   "--answer-to", keep("offer.sdp", offer), *more)


def call_in(name, _):
    return convert(OFFERS[name], "--to", "webrtc", *legs(name), *ICE,
                   "--codecs", "opus,PCMU,PCMA,telephone-event")


def answer(name, text):
    return convert(text, "--to", "sip", *legs(name),
                   "--answer-to", keep("phone.sdp", OFFERS[name]))


class Handler(http.server.BaseHTTPRequestHandler):
    found = None
    done = threading.Event()

    def log_message(self, format, *args):  # pylint: disable=redefined-builtin
        pass

    def reply(self, body, kind):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        page = os.path.join(os.path.dirname(__file__), "calls.html")
        with open(page, "rb") as file:
            self.reply(file.read(), "text/html")

    def do_POST(self):
        length = int(self.headers.get("Content-Length") or 0)
        text = self.rfile.read(length).decode()
        _, what, *name = self.path.split("/")
        if what == "done":
            Handler.found = text
            self.reply(b"", "text/plain")
            Handler.done.set()
            return
        does = {"out": call_out, "in": call_in, "answer": answer}[what]
        self.reply(does(name[0], text).encode(), "text/plain")


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with subprocess.Popen(
            ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu",
             "--user-data-dir=" + os.path.join(TMP, "profile"),
             "--autoplay-policy=no-user-gesture-required",
             f"http://127.0.0.1:{server.server_port}/"],
            stderr=subprocess.DEVNULL) as browser:
        Handler.done.wait(60)
        browser.terminate()
    print(Handler.found or "Chromium told nothing within 60 s")


main()
