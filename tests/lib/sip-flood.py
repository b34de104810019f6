#!/usr/bin/env python3
"""Flood a SIP port with requests that lead nowhere.

    sip-flood.py [tcp:]ADDRESS:PORT KIND [COUNT [RATE]]

KIND is junk (no SIP), broken (RFC 4475's, of the folder in $TORTURE), unknown
(BYEs of no call), fresh (INVITEs, each of a call of its own), or, with tcp:,
idle (three hundred connections that bring no more than a beginning). RATE is
requests a second (10000). It goes on until SIGTERM, but for COUNT (20000) at
least. Prints "flooding" when 2000 have gone out, and at last how many did a
second. Over TCP, a connection that is closed is made again.
"""
import os
import random
import signal
import socket
import sys
import time

REQUEST = (
    "{method} sip:b@{host} SIP/2.0\r\n"
    "Via: SIP/2.0/UDP {host};rport;branch=z9hG4bK{n}\r\n"
    "From: <sip:a@{host}>;tag=f{n}\r\nTo: <sip:b@{host}>{tag}\r\n"
    "Call-ID: flood{n}\r\nCSeq: 1 {method}\r\nMax-Forwards: 70\r\n"
    "Contact: <sip:a@{host}>\r\nContent-Length: 0\r\n\r\n"
)


def messages(kind):
    """A function that makes the n-th one."""
    fields = {"host": "127.0.0.1"}
    if kind == "junk":
        noise = random.Random(1).randbytes(70000)
        return lambda n: noise[n % 65536 : n % 65536 + n % 1400 + 1]
    if kind == "broken":
        folder = os.environ["TORTURE"]
        texts = []
        for name in sorted(os.listdir(folder)):
            if name.endswith(".dat"):
                with open(os.path.join(folder, name), "rb") as file:
                    texts.append(file.read())
        # what is a good INVITE is for "fresh"
        texts = [t for t in texts if not t.startswith(b"INVITE")]
        return lambda n: texts[n % len(texts)]
    method, tag = ("BYE", ";tag=x") if kind == "unknown" else ("INVITE", "")
    return lambda n: REQUEST.format(method=method, tag=tag, n=n, **fields).encode()


class Udp:
    def __init__(self, to):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.connect(to)

    def send(self, data):
        try:
            self.sock.send(data)
        except OSError:  # ICMP, or no room: what is lost is lost
            pass


class Tcp:
    def __init__(self, to):
        self.to = to
        self.sock = None

    def send(self, data):
        try:
            if self.sock is None:
                self.sock = socket.create_connection(self.to, 5)
                self.sock.settimeout(None)
            self.sock.sendall(data)
            while self.sock.recv(65536, socket.MSG_DONTWAIT):
                pass
        except BlockingIOError:
            return
        except OSError:
            pass
        if self.sock is not None:
            self.sock.close()
        self.sock = None


class Many:
    """Connections that stay; each has said the beginning of a message."""

    def __init__(self, to):
        self.ends = [Tcp(to) for _ in range(300)]
        self.n = 0

    def send(self, data):
        end = self.ends[self.n % len(self.ends)]
        self.n += 1
        end.send(data if end.sock is None else b"")


def main(address, kind, count=20000, rate=10000):
    stopped = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    tcp = address.startswith("tcp:")
    host, _, port = address.removeprefix("tcp:").rpartition(":")
    to = (host, int(port))
    if kind == "idle":
        way, make = Many(to), lambda n: b"INVITE sip:b SIP/2.0\r\nVia: "
    else:
        way, make = (Tcp if tcp else Udp)(to), messages(kind)
    began = time.monotonic()
    n = 0
    while n < int(count) or not stopped:
        way.send(make(n))
        n += 1
        if n == 2000:
            print("flooding", flush=True)
        if n % 50 == 0:
            wait = began + n / int(rate) - time.monotonic()
            if wait > 0:
                time.sleep(wait)
    print(int(n / (time.monotonic() - began)))


if __name__ == "__main__":
    main(*sys.argv[1:])
