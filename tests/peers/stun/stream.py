#!/usr/bin/python3
"""A TCP server that is no proper STUN server: stream.py MODE

Prints its port. silent: takes connections and says nothing. http: says
something that is not STUN. closes: ends each connection. pieces: answers each
request properly, a byte at a time.
"""
import socket
import struct
import sys

COOKIE = 0x2112A442


def answer(request, mapped):
    ip = struct.unpack("!I", socket.inet_aton(mapped[0]))[0] ^ COOKIE
    port = mapped[1] ^ COOKIE >> 16
    return (struct.pack("!HHI", 0x101, 12, COOKIE) + request[8:20]
            + struct.pack("!HHBBHI", 0x20, 8, 0, 1, port, ip))


def serve(mode):
    server = socket.create_server(("127.0.0.1", 0))
    print(server.getsockname()[1], flush=True)
    kept = []
    while True:
        c = server.accept()[0]
        c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        kept.append(c)
        if mode == "http":
            c.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        elif mode == "closes":
            c.close()
        elif mode == "pieces":
            for byte in answer(c.recv(1000), ("192.0.2.7", 7)):
                c.send(bytes([byte]))


serve(sys.argv[1])
