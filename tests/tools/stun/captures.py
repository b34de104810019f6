#!/usr/bin/python3
"""Captures of one STUN message, in the ways that packets are wrapped.

    captures.py MESSAGE FOLDER    the message on a file; a file for each way
"""
import struct
import sys

RAW, ETHERNET, COOKED, WIFI = 101, 1, 113, 105
message = open(sys.argv[1], "rb").read()
udp = struct.pack(">HHHH", 5000, 3478, 8 + len(message), 0) + message


def ipv4(payload, fragment=0):
    return struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 1,
                       fragment, 64, 17, 0, bytes([192, 0, 2, 1]),
                       bytes([192, 0, 2, 2])) + payload


def ipv6(header, payload):
    return struct.pack(">IHBB16s16s", 0x60000000, len(payload), header, 64,
                       bytes(15) + b"\1", bytes(15) + b"\2") + payload


def extended(header, extension):
    return ipv6(header, bytes([17]) + extension + udp)


def tagged(begin, *tags):
    return begin + struct.pack(">%dH" % len(tags), *tags) + ipv4(udp)


# name: link, its frames, how many messages, fragments and unknown frames
ways = {
    "options": (RAW, [extended(0, bytes(7)), extended(60, b"\1" + bytes(14))],
                2, 0, 0),
    "authentication": (RAW, [extended(51, b"\4" + bytes(22))], 1, 0, 0),
    "whole": (RAW, [extended(44, bytes(7))], 1, 0, 0),
    "pieces6": (RAW, [extended(44, b"\0\0\1" + bytes(4))], 0, 1, 0),
    "pieces4": (RAW, [ipv4(udp[:40], 0x2000), ipv4(udp[40:], 5), ipv4(udp)],
                1, 2, 0),
    "tags": (ETHERNET, [tagged(bytes(12), 0x9100, 5, 0x8100, 6, 0x0800),
                        tagged(bytes(12), 0x88a8, 5, 0x8100, 6, 0x0800)],
             2, 0, 0),
    "cooked": (COOKED, [tagged(bytes(14), 0x0800),
                        tagged(bytes(14), 0x8100, 5, 0x0800)], 2, 0, 0),
    "wifi": (WIFI, [bytes(40) + ipv4(udp)], 0, 0, 1),
}
for name, (link, frames, *expected) in ways.items():
    with open("%s/%s" % (sys.argv[2], name), "wb") as capture:
        capture.write(struct.pack(">IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535,
                                  link))
        for frame in frames:
            capture.write(struct.pack(">IIII", 1, 2, len(frame), len(frame)))
            capture.write(frame)
    print(name, *expected)
