#!/usr/bin/python3
"""Ask rtpengine by its ng protocol (bencode over UDP).

  rtpengine.py PORT COMMAND KEY=VALUE... <SDP >SDP

A value with commas is a list, as in flags=a,b; the SDP on standard input is
sent with offer and answer, and theirs printed. Any answer but ok: status 1.
"""
import os
import socket
import sys
import time


def encode(value):
    if isinstance(value, dict):
        return b"d" + b"".join(encode(k) + encode(value[k])
                               for k in sorted(value)) + b"e"
    if isinstance(value, list):
        return b"l" + b"".join(map(encode, value)) + b"e"
    data = value if isinstance(value, bytes) else value.encode()
    return b"%d:%s" % (len(data), data)


def decode(data, at=0):
    """The value at data[at:], and where it ends."""
    kind = data[at:at + 1]
    if kind == b"i":
        end = data.index(b"e", at)
        return int(data[at + 1:end]), end + 1
    if kind in b"ld":
        items, at = [], at + 1
        while data[at:at + 1] != b"e":
            item, at = decode(data, at)
            items.append(item)
        if kind == b"d":
            items = dict(zip(items[::2], items[1::2]))
        return items, at + 1
    colon = data.index(b":", at)
    end = colon + 1 + int(data[at:colon])
    return data[colon + 1:end], end


def ask(port, message, tries=20):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.settimeout(0.5)
    sock.connect(("127.0.0.1", port))
    cookie = os.urandom(8).hex().encode()  # one seen before is answered so
    for _ in range(tries):
        try:
            sock.send(cookie + b" " + encode(message))
            return decode(sock.recv(65536).split(b" ", 1)[1])[0]
        except (ConnectionRefusedError, socket.timeout):
            time.sleep(0.1)
    sys.exit("rtpengine.py: no answer from port %d" % port)


def main():
    message = {"command": sys.argv[2]}
    for word in sys.argv[3:]:
        key, value = word.split("=", 1)
        message[key] = value.split(",") if "," in value or \
            key in ("flags", "SDES", "replace") else value
    if sys.argv[2] in ("offer", "answer"):
        message["sdp"] = sys.stdin.read()
    reply = ask(int(sys.argv[1]), message)
    if reply.get(b"result") not in (b"ok", b"pong"):
        sys.exit("rtpengine.py: %s" % reply)
    sys.stdout.write(reply.get(b"sdp", b"").decode())


if __name__ == "__main__":
    main()
