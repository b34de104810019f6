#!/usr/bin/python3
"""A STUN and TURN server that only ever says the same:

    challenger.py CODE [REASON]

Once asked with credentials, or if CODE is 300 (with itself as the alternate
server), each Allocate request is answered with CODE; before, with 401. A
Binding request is answered with CODE, as RFC 3489 has it if it is so asked.
Prints its port, and a line for each request. It has its own few lines of STUN on
purpose: what is tested is not tested with itself.
"""
import socket
import struct
import sys

USERNAME, REALM, NONCE, ALTERNATE = 0x06, 0x14, 0x15, 0x8023


def attribute(kind, value):
    return (struct.pack("!HH", kind, len(value)) + value
            + b"\0" * (-len(value) % 4))


def kinds(data):
    at = 20
    while at + 4 <= len(data):
        kind, length = struct.unpack("!HH", data[at:at + 4])
        yield kind
        at += 4 + length + -length % 4


def main(code, reason=""):
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))
    port = server.getsockname()[1]
    print(port, flush=True)
    while True:
        data, source = server.recvfrom(2048)
        print("request", flush=True)
        known = data[1] == 1 or code == 300 or USERNAME in kinds(data)
        said = code if known else 401
        body = attribute(9, struct.pack("!HBB", 0, said // 100, said % 100)
                         + (reason if known else "Unauthorized").encode())
        body += attribute(REALM, b"example.org") + attribute(NONCE, b"again")
        if code == 300:
            body += attribute(ALTERNATE, struct.pack("!BBH", 0, 1, port)
                              + socket.inet_aton("127.0.0.1"))
        server.sendto(struct.pack("!HH", 0x110 | data[1], len(body))
                      + data[4:20] + body, source)


main(int(sys.argv[1]), *sys.argv[2:])
