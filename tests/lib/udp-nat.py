#!/usr/bin/python3
"""A NAT for one flow of UDP: who sends to it comes from another port.

  udp-nat.py TO

What comes to the inner port goes on to TO (HOST:PORT) from an outer one, and
what TO answers there goes back. Each line on standard input gives it another
outer port, as a NAT does that has lost its binding; what comes to the one
before is heard no more. Prints {"event":"bound","port":INNER,"outer":OUTER} at
the beginning and for each; ends when its standard input does.
"""
import json
import select
import socket
import sys


def bind():
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    return sock


def main():
    host, port = sys.argv[1].rsplit(":", 1)
    to, inner, outer, old, back = (host, int(port)), bind(), None, None, None
    while True:
        if outer is old:
            outer = bind()
            print(json.dumps({"event": "bound", "port": inner.getsockname()[1],
                              "outer": outer.getsockname()[1]}), flush=True)
            if old:
                old.close()
        ready, _, _ = select.select([inner, outer, sys.stdin], [], [])
        if sys.stdin in ready:
            if not sys.stdin.readline():
                return
            old = outer
            continue
        try:
            if inner in ready:
                data, back = inner.recvfrom(65536)
                outer.sendto(data, to)
            if outer in ready:
                data, source = outer.recvfrom(65536)
                if source == to and back:
                    inner.sendto(data, back)
        except ConnectionRefusedError:
            pass


main()
