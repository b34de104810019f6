#!/usr/bin/python3
"""A TURN server's door as RFC 8489 has it: turn8489.py PASSWORD

Wants SHA-256, the user's name hashed and its list of algorithms sent back; who
does all that is told 508, signed. Prints its port. It has its own few lines of
STUN on purpose: what is tested is not tested with itself.
"""
import base64
import hashlib
import hmac
import socket
import struct
import sys

COOKIE = 0x2112A442
USER, REALM = b"alice", b"example.org"
# both features: bits 0 and 1
NONCE = b"obMatJos2" + base64.b64encode((3).to_bytes(3, "big")) + b"xyz"
ALGORITHMS = struct.pack("!HHHH", 2, 0, 1, 0)


def attribute(kind, value):
    return (struct.pack("!HH", kind, len(value)) + value
            + b"\0" * (-len(value) % 4))


def attributes(data):
    at, out = 20, {}
    while at + 4 <= len(data):
        kind, length = struct.unpack("!HH", data[at:at + 4])
        out.setdefault(kind, (at, data[at + 4:at + 4 + length]))
        at += 4 + length + -length % 4
    return out


def mac(key, data, end):
    header = data[:2] + struct.pack("!H", end - 20) + data[4:20]
    return hmac.new(key, header + data[20:], hashlib.sha256).digest()


def error(request, code, reason, key=None, more=b""):
    body = attribute(9, struct.pack("!HBB", 0, code // 100, code % 100)
                     + reason) + more
    kind = struct.unpack("!H", request[:2])[0] | 0x110
    message = struct.pack("!HHI", kind, len(body), COOKIE) + request[8:20] + body
    if key:
        end = len(message) + 36
        message = message[:2] + struct.pack("!H", end - 20) + message[4:]
        message += attribute(0x1C, mac(key, message, end))
    return message


def complaint(request, key):
    """What an RFC 8489 server would reject; None if it is all there."""
    a = attributes(request)
    if a.get(0x1E, (0, b""))[1] != hashlib.sha256(USER + b":" + REALM).digest():
        return b"USERHASH"
    if 6 in a:
        return b"USERNAME, too"
    if a.get(0x1D, (0, b""))[1][:2] != b"\0\2":
        return b"PASSWORD-ALGORITHM"
    if a.get(0x8002, (0, b""))[1] != ALGORITHMS:
        return b"PASSWORD-ALGORITHMS"
    if a.get(0x15, (0, b""))[1] != NONCE or a.get(0x14, (0, b""))[1] != REALM:
        return b"NONCE or REALM"
    if 0x1C not in a or 8 in a:
        return b"not the SHA-256 integrity alone"
    at, value = a[0x1C]
    if value != mac(key, request[:at], at + 36):
        return b"a wrong integrity"
    return None


def serve(password):
    key = hashlib.sha256(USER + b":" + REALM + b":" + password).digest()
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))
    print(server.getsockname()[1], flush=True)
    while True:
        request, source = server.recvfrom(4096)
        if 0x1E not in attributes(request) and 6 not in attributes(request):
            answer = error(request, 401, b"Unauthorized", more=attribute(
                0x14, REALM) + attribute(0x15, NONCE)
                + attribute(0x8002, ALGORITHMS))
        else:
            why = complaint(request, key)
            answer = (error(request, 400, why) if why
                      else error(request, 508, b"Full", key))
        server.sendto(answer, source)


serve(sys.argv[1].encode())
