#!/usr/bin/python3
"""An RTP end that is made of bytes, for tests: no codec, no judgement.

  rtp-end.py [ADDRESS]      binds an even port and the next on 127.0.0.1 (or
                            ADDRESS), prints {"event":"bound","port":N} and a
                            line for each packet that comes

Commands on standard input, one a line; TO is HOST:PORT:

  speech TO N PT SSRC SEQ TS STEP BYTES   N packets of BYTES, STEP ms apart
                            (their payload is FF: PCMU's and PCMA's quiet)
  digit TO PT SSRC SEQ TS CODE DURATION   an RFC 4733 event: one packet of
                            half its duration, and its end three times
  hex TO HEX                any datagram; "-" is an empty one
  rtcp TO HEX               the same from the second port
"""
import json
import os
import select
import socket
import struct
import sys
import time


def say(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


def bind_pair(address):
    for _ in range(100):
        first = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        second = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        first.bind((address, 0))
        port = first.getsockname()[1]
        try:
            if port % 2 == 0:
                second.bind((address, port + 1))
                return first, second
        except OSError:
            pass
    sys.exit("rtp-end.py: no pair of ports is free")


def address(text):
    host, port = text.rsplit(":", 1)
    return host, int(port)


def rtp(marker, pt, seq, ts, ssrc):
    return struct.pack("!BBHII", 0x80, marker << 7 | pt, seq & 0xffff,
                       ts & 0xffffffff, ssrc)


class End:
    def __init__(self, host):
        self.rtp, self.rtcp = bind_pair(host)
        say("bound", port=self.rtp.getsockname()[1])

    def step(self, timeout):
        ready, _, _ = select.select([sys.stdin, self.rtp, self.rtcp], [], [],
                                    timeout)
        for sock in (self.rtp, self.rtcp):
            if sock in ready:
                self.take(sock)
        return sys.stdin in ready

    def take(self, sock):
        data, source = sock.recvfrom(65536)
        fields = {"from": "%s:%d" % source[:2], "len": len(data)}
        if sock is self.rtcp:
            say("rtcp", hex=data.hex(), **fields)
            return
        if len(data) < 12:
            say("other", hex=data.hex(), **fields)
            return
        _, mpt, seq, ts, ssrc = struct.unpack("!BBHII", data[:12])
        say("packet", pt=mpt & 127, marker=mpt >> 7, seq=seq, ts=ts,
            ssrc=ssrc, payload=data[12:28].hex(), **fields)

    def speech(self, to, n, pt, ssrc, seq, ts, step, size):
        due = time.monotonic()
        for i in range(n):
            self.rtp.sendto(rtp(0, pt, seq + i, ts + i * size, ssrc) +
                            b"\xff" * size, to)
            due += step / 1000
            while (left := due - time.monotonic()) > 0:
                if self.step(left):
                    break  # a command waits: it is read when this is done
            time.sleep(max(0, due - time.monotonic()))
        say("sent", n=n)

    def digit(self, to, pt, ssrc, seq, ts, code, duration):
        for i, (end, d) in enumerate([(0, duration // 2)] +
                                     [(1, duration)] * 3):
            self.rtp.sendto(rtp(i == 0, pt, seq + i, ts, ssrc) +
                            struct.pack("!BBH", code, end << 7 | 10, d), to)
        say("sent", n=4)

    def command(self, words):
        to = address(words[1])
        if words[0] in ("hex", "rtcp"):
            data = b"" if words[2] == "-" else bytes.fromhex(words[2])
            (self.rtcp if words[0] == "rtcp" else self.rtp).sendto(data, to)
        elif words[0] == "speech":
            self.speech(to, *map(int, words[2:]))
        elif words[0] == "digit":
            self.digit(to, *map(int, words[2:]))

    def run(self):
        rest = b""
        while True:
            if not self.step(None):
                continue
            data = os.read(0, 65536)
            if not data:
                return
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                self.command(line.decode().split())


End(sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1").run()
