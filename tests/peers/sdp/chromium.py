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
}
OFFERS = {
    "pcmu": HEAD + "m=audio 6000 RTP/AVP 0\r\n",
    "odd": "v=0\nt=0 0\n\nX=?\no=- 1 1 IN IP4 127.0.0.1\n"
           "m=audio  6000  RTP/AVP  8  101\nc=IN IP4 127.0.0.1\n"
           "a=rtpmap:101   telephone-event/8000 \na=\n",
    "hold": HEAD + "m=audio 6000 RTP/AVP 0\r\na=sendonly\r\n",
    "video": HEAD + "m=video 5000 RTP/AVP 99\r\na=rtpmap:99 H264/90000\r\n"
                    "m=audio 6000 RTP/AVP 0 101\r\n" + EVENT,
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


def call_out(name, offer):
    sip = convert(offer, "--to", "sip", *MEDIA)
    if sip.count("\nm=") != 1 or "RTP/AVP" not in sip:
        return ""
    more = ["--transcode", "opus"] if name == "transcode" else []
    return convert(HEAD + ANSWERS[name], "--to", "webrtc", *MEDIA, *ICE,
                   "--answer-to", keep("offer.sdp", offer), *more)


def call_in(name, _):
    return convert(OFFERS[name], "--to", "webrtc", *MEDIA, *ICE,
                   "--codecs", "opus,PCMU,PCMA,telephone-event")


def answer(name, text):
    return convert(text, "--to", "sip", *MEDIA,
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
