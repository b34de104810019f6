"""Debian's rtpengine, asked as Kamailio's rtpengine module asks it.

    with Rtpengine(folder) as engine:
        answer = engine.ask("offer", sdp, call="1", ICE="force")
        answer["result"], answer["sdp"]
"""
import os
import socket
import subprocess
import time


def encode(value):
    """Bencode: the ng protocol's form of dictionaries."""
    if isinstance(value, int):
        return b"i%de" % value
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, bytes):
        return b"%d:%s" % (len(value), value)
    if isinstance(value, list):
        return b"l" + b"".join(map(encode, value)) + b"e"
    return b"d" + b"".join(encode(k) + encode(value[k])
                           for k in sorted(value)) + b"e"


def decode(data, at=0):
    """The value at data[at:], and where it ends."""
    kind = data[at:at + 1]
    if kind == b"i":
        end = data.index(b"e", at)
        return int(data[at + 1:end]), end + 1
    if kind in (b"l", b"d"):
        items = []
        at += 1
        while data[at:at + 1] != b"e":
            item, at = decode(data, at)
            items.append(item)
        if kind == b"l":
            return items, at + 1
        return dict(zip(items[::2], items[1::2])), at + 1
    colon = data.index(b":", at)
    end = colon + 1 + int(data[at:colon])
    return data[colon + 1:end].decode(), end


def free_ports(count):
    """The first of count UDP ports that are free, below the kernel's own."""
    for port in range(14000 + os.getpid() % 9000 * 2, 32000, count):
        held = []
        try:
            for i in range(count):
                held.append(socket.socket(type=socket.SOCK_DGRAM))
                held[-1].bind(("127.0.0.1", port + i))
            return port
        except OSError:
            continue
        finally:
            for sock in held:
                sock.close()
    raise OSError("no free ports")


class Rtpengine:
    def __init__(self, folder):
        self.port = free_ports(64)
        self.log = open(os.path.join(folder, "rtpengine.log"), "wb")
        self.process = None
        self.socket = socket.socket(type=socket.SOCK_DGRAM)
        self.socket.settimeout(0.5)
        self.cookie = 0

    def __enter__(self):
        self.process = subprocess.Popen(
            ["rtpengine", "--foreground", "--log-stderr", "--table=-1",
             "--interface=127.0.0.1", "--pidfile=/dev/null",
             "--config-file=none",
             f"--listen-ng=127.0.0.1:{self.port}",
             f"--port-min={self.port + 2}", f"--port-max={self.port + 62}"],
            stdout=self.log, stderr=self.log)
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if self.send({"command": "ping"})["result"] == "pong":
                    return self
            except OSError:
                time.sleep(0.05)
        self.__exit__()
        raise OSError("rtpengine does not answer")

    def __exit__(self, *_):
        if self.process:
            self.process.terminate()
            self.process.wait(5)
        self.socket.close()
        self.log.close()

    def send(self, message):
        self.cookie += 1
        cookie = b"%d " % self.cookie
        self.socket.sendto(cookie + encode(message), ("127.0.0.1", self.port))
        while True:
            data = self.socket.recv(65536)
            if data.startswith(cookie):
                return decode(data[len(cookie):])[0]

    def ask(self, command, sdp, call="1", **flags):
        message = {"command": command, "call-id": call, "from-tag": "from",
                   "sdp": sdp, "replace": ["origin", "session-connection"]}
        if command == "answer":
            message["to-tag"] = "to"
        message.update({k.replace("_", "-"): v for k, v in flags.items()})
        return self.send(message)
