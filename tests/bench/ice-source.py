#!/usr/bin/python3
"""Packets for a benchmark, 172 bytes each, one each 5 ms:

    ice-source.py send PORT N      to this UDP port of 127.0.0.1
    ice-source.py receive PATH     take them at this Unix SOCK_SEQPACKET socket
"""
import socket
import sys
import time


def send(port, n):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    due = time.monotonic()
    for _ in range(n):
        sock.sendto(bytes([0x80, 0x6F]) + bytes(170), ("127.0.0.1", port))
        due += 0.005
        time.sleep(max(0, due - time.monotonic()))


def receive(path):
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(path)
    listener.listen(1)
    sock = listener.accept()[0]
    while sock.recv(4096):
        pass


if sys.argv[1] == "send":
    send(int(sys.argv[2]), int(sys.argv[3]))
else:
    receive(sys.argv[2])
