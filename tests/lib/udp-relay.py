#!/usr/bin/python3
"""A bad network for UDP: loses, delays, reorders and doubles what goes by.

  udp-relay.py TO [loss=0.05] [jitter=60] [double=0.02] [delay=0] [seed=1]

What comes goes on to TO (HOST:PORT), what TO answers back to who sent last.
Each packet is late by delay ms, and 0 to jitter ms more, which reorders.
Prints {"event":"bound","port":N}; ends when its standard input does.
"""
import heapq
import json
import random
import select
import socket
import sys
import time


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
    back, waiting, n = None, [], 0
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
        if chance.random() < how["loss"]:
            continue
        for _ in range(2 if chance.random() < how["double"] else 1):
            late = how["delay"] + chance.random() * how["jitter"]
            n += 1
            heapq.heappush(waiting, (time.monotonic() + late / 1000, n, data,
                                     dest))


main()
