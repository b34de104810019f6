#!/usr/bin/python3
"""A STUN server that misbehaves, for tests: server.py MODE [NUMBER]

Prints its port, then answers every Binding request on 127.0.0.1 as MODE
says, until it is killed. The modes beginning with "two-" are of a server with
a second address, 127.0.0.2, and a second port (RFC 5780). It has its own few lines of STUN on purpose: what
is tested is not tested with itself.
"""
import select
import socket
import struct
import sys
import zlib

COOKIE = 0x2112A442


def attribute(kind, value):
    padding = b"\0" * (-len(value) % 4)
    return struct.pack("!HH", kind, len(value)) + value + padding


def address(kind, host, port):
    ip = struct.unpack("!I", socket.inet_aton(host))[0]
    if kind == 0x20:
        port ^= COOKIE >> 16
        ip ^= COOKIE
    return attribute(kind, struct.pack("!BBHI", 0, 1, port, ip))


def message(kind, ident, body):
    return struct.pack("!HHI", kind, len(body), COOKIE) + ident + body


def with_fingerprint(kind, ident, body, flip=0):
    header = struct.pack("!HHI", kind, len(body) + 8, COOKIE) + ident
    crc = zlib.crc32(header + body) ^ 0x5354554E ^ flip
    return header + body + attribute(0x8028, struct.pack("!I", crc))


def error(code, reason):
    return attribute(9, struct.pack("!HBB", 0, code // 100, code % 100)
                     + reason)


def answer(mode, number, ident, source, port):
    mapped = address(0x20, *source)
    if mode == "good" or mode == "drop" or mode == "other-source":
        return with_fingerprint(0x101, ident, mapped)
    if mode == "plain":  # RFC 3489's attribute alone, no fingerprint
        return message(0x101, ident, address(1, *source))
    if mode == "moved":  # as behind a NAT
        return message(0x101, ident, address(0x20, "192.0.2.1", number))
    if mode == "rewritten":
        return message(0x101, ident,
                       address(1, "192.0.2.1", 1) + mapped)
    if mode == "fingerprint":
        return with_fingerprint(0x101, ident, mapped, flip=1)
    if mode == "empty":
        return message(0x101, ident, b"")
    if mode == "unknown":
        return message(0x101, ident, mapped + attribute(0x7ABC, b""))
    if mode == "cut":
        return with_fingerprint(0x101, ident, mapped)[:-3]
    if mode == "long":
        return message(0x101, ident, mapped)[:23] + b"\xff" + mapped[4:]
    if mode == "wrong-id":
        return with_fingerprint(0x101, ident[::-1], mapped)
    if mode == "noise":
        return b"\x80\x00\x1b[31m not STUN \xff"
    if mode == "elsewhere":  # ALTERNATE-SERVER: not XORed; 0: itself
        return message(0x111, ident, error(300, b"Try Alternate") + attribute(
            0x8023, address(1, "127.0.0.1", number or port)[4:]))
    if mode == "error":
        return message(0x111, ident, error(number, b"Go \x1b[31m\xff away"))
    raise SystemExit("server.py: what is " + mode)


def change_wanted(data):
    at = 20
    while at + 4 <= len(data):
        kind, length = struct.unpack("!HH", data[at:at + 4])
        if kind == 3:
            return struct.unpack("!I", data[at + 4:at + 8])[0]
        at += 4 + length + -length % 4
    return 0


def serve_two(mode):
    """Four sockets, by (other address, other port)."""
    sockets = {}
    ports = [0, 0]
    for address_bit in 0, 1:
        for port_bit in 0, 1:
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.bind((f"127.0.0.{1 + address_bit}", ports[port_bit]))
            ports[port_bit] = s.getsockname()[1]
            sockets[address_bit, port_bit] = s
    print(ports[0], flush=True)
    while True:
        for key, s in sockets.items():
            if s not in select.select(list(sockets.values()), [], [])[0]:
                continue
            data, source = s.recvfrom(4096)
            change = change_wanted(data)
            if change and mode in ("two-deaf", "two-dead"):
                continue
            if mode == "two-dead" and key != (0, 0):
                continue
            ident = data[8:20]
            if change and mode == "two-refuses":
                s.sendto(message(0x111, ident, error(420, b"What?")), source)
                continue
            if mode == "two":
                key = (key[0] ^ change >> 2 & 1, key[1] ^ change >> 1 & 1)
            body = (address(0x20, *source)
                    + address(0x802B, *s.getsockname())
                    + address(0x802C, *sockets[1, 1].getsockname()))
            sockets[key].sendto(message(0x101, ident, body), source)


def main():
    mode = sys.argv[1]
    number = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    if mode.startswith("two"):
        serve_two(mode)
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))
    other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    other.bind(("127.0.0.1", 0))
    print(server.getsockname()[1], flush=True)
    while True:
        data, source = server.recvfrom(2048)
        kind, length, cookie = struct.unpack("!HHI", data[:8])
        if kind != 1 or cookie != COOKIE or length != len(data) - 20:
            print("not a Binding request", flush=True)
            continue
        if mode == "drop" and number > 0:
            number -= 1
            continue
        out = other if mode == "other-source" else server
        out.sendto(answer(mode, number, data[8:20], source,
                          server.getsockname()[1]), source)


main()
