#!/usr/bin/python3
"""A bad network for UDP: loses, delays, reorders and doubles what goes by.

  udp-relay.py TO [loss=0.05] [jitter=60] [double=0.02] [delay=0] [seed=1]

What comes goes on to TO (HOST:PORT), what TO answers back to who sent last.
Each packet is late by delay ms, and 0 to jitter ms more, which reorders.
What happens to an RTP packet depends on the seed and on how many of its
sender's came before it, by its number, alone: each run is like the others.
Prints {"event":"bound","port":N}; ends when its standard input does.
"""
import heapq
import json
import random
import select
import socket
import sys
import time


def number_of(data):
    """The sequence number of an RTP packet (RFC 3550 5.1), or None."""
    if len(data) < 12 or data[0] >> 6 != 2 or 64 <= data[1] & 0x7f < 96:
        return None
    return int.from_bytes(data[2:4], "big")


def main():
    host, port = sys.argv[1].rsplit(":", 1)
    to = (host, int(port))
    how = {"loss": 0, "jitter": 0, "double": 0, "delay": 0, "seed": 1}
    how.update((k, float(v)) for k, v in (a.split("=") for a in sys.argv[2:]))
    chance = random.Random(how["seed"])
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    print(json.dumps({"event": "bound", "port": sock.getsockname()[1]}),
          flush=True)
    back, waiting, n, first = None, [], 0, {}
    others = chance
    while True:
        now = time.monotonic()
        while waiting and waiting[0][0] <= now:
            _, _, data, dest = heapq.heappop(waiting)
            sock.sendto(data, dest)
        timeout = waiting[0][0] - now if waiting else None
        ready, _, _ = select.select([sock, 0], [], [], timeout)
        if 0 in ready and not sys.stdin.buffer.raw.read(1):
            return
        if sock not in ready:
            continue
        try:
            data, source = sock.recvfrom(65536)
        except ConnectionRefusedError:
            continue
        if source == to and back is None:
            continue
        back, dest = (back, back) if source == to else (source, to)
        number = number_of(data)
        chance = others
        if number is not None:
            first.setdefault(source, number)
            nth = (number - first[source]) % 65536
            chance = random.Random(int(how["seed"]) * 65536 + nth)
        if chance.random() < how["loss"]:
            continue
        for _ in range(2 if chance.random() < how["double"] else 1):
            late = how["delay"] + chance.random() * how["jitter"]
            n += 1
            heapq.heappush(waiting, (time.monotonic() + late / 1000, n, data,
                                     dest))


main()
