#!/usr/bin/python3
"""The media process's end of the handover socket, for tests.

media-end.py SOCKPATH: listens, prints one JSON line for each thing that
happens, and takes commands on stdin, one a line:

    send HEX          send a datagram to the peer
    flood N BYTES     send N datagrams of that size, numbered, 5 ms apart
    count             print how many packets came, and by which way

Datagrams whose first payload byte after a two-byte tag is 'E' are echoed.
"""
import json
import os
import select
import socket
import sys
import time


def say(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


def parse(address):
    host, port = address.rsplit(":", 1)
    return host.strip("[]"), int(port)


class MediaEnd:
    def __init__(self, path):
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listener.bind(path)
        self.listener.listen(1)
        self.unix = None
        self.udp = None
        self.remote = None
        self.by_unix = self.by_udp = self.foreign = 0
        say("listening", path=path)

    def packet(self, data, way):
        say("packet", way=way, len=len(data), head=data[:16].hex())
        if len(data) > 2 and data[2:3] == b"E":
            self.send(data[:2] + b"R" + data[3:])

    def send(self, data):
        if self.udp:
            self.udp.sendto(data, self.remote)
        else:
            self.unix.send(data)

    def on_unix(self):
        data, fds, _, _ = socket.recv_fds(self.unix, 65536, 4)
        if not data:
            say("closed")
            self.unix.close()
            self.unix = None
            return
        if data[:1] != b"{":
            self.by_unix += 1
            self.packet(data, "unix")
            return
        message = json.loads(data)
        if message["type"] == "handover":
            if self.udp:
                while select.select([self.udp], [], [], 0)[0]:
                    self.on_udp()
                self.udp.close()
                self.udp = None
            if fds:
                self.udp = socket.socket(fileno=fds[0])
                message["bound"] = "%s:%d" % self.udp.getsockname()[:2]
            self.remote = parse(message["remote"])
        say("message", fds=len(fds), **{"message": message})

    def on_udp(self):
        data, source = self.udp.recvfrom(65536)
        if source[:2] != self.remote:
            self.foreign += 1
            return
        self.by_udp += 1
        self.packet(data, "udp")

    def command(self, words):
        if words[0] == "send":
            self.send(bytes.fromhex(words[1]))
        elif words[0] == "flood":
            for i in range(int(words[1])):
                head = bytes([0x80, 0x6F]) + i.to_bytes(2, "big")
                self.send(head.ljust(int(words[2]), b"."))
                end = time.monotonic() + 0.005  # the pace of a stream
                while time.monotonic() < end:
                    self.step(max(0, end - time.monotonic()))
            say("flooded", n=int(words[1]))
        elif words[0] == "count":
            say("count", unix=self.by_unix, udp=self.by_udp,
                foreign=self.foreign)

    def step(self, timeout, *others):
        watched = [self.unix or self.listener, *others]
        if self.udp:
            watched.append(self.udp)
        ready = select.select(watched, [], [], timeout)[0]
        if self.listener in ready:
            self.unix = self.listener.accept()[0]
        elif self.unix in ready:
            self.on_unix()
        elif self.udp in ready:
            self.on_udp()
        return ready

    def run(self):
        while True:
            if sys.stdin not in self.step(None, sys.stdin):
                continue
            lines = os.read(0, 4096).decode()
            if not lines:
                return
            for line in lines.splitlines():
                self.command(line.split())


MediaEnd(sys.argv[1]).run()
