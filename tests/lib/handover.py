#!/usr/bin/python3
"""Play ice-pair towards rtp-bridge: hand it a UDP socket, or relay.

  handover.py SOCKET REMOTE            hand over a UDP socket bound to loopback;
                                       REMOTE (HOST:PORT) is the peer
  handover.py SOCKET REMOTE --relayed  keep the socket, relay its packets
  handover.py SOCKET REMOTE --early    deliver what comes until the first
                                       packet through the Unix socket
  handover.py SOCKET SOCKET            two bridges, each other's peer

Prints the local address(es) once done, then stays until killed or until its
standard input ends (as when ice-pair dies). Lines on stdin: "move REMOTE"
hands over a new socket for a new peer and prints it; "lost" says lost; "junk"
sends what is no handover and no media.
"""
import array
import json
import os
import select
import socket
import sys
import time


def udp():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("127.0.0.1", 0))
    return s


def text(addr):
    return "%s:%d" % addr[:2]


def connect(path):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    for _ in range(100):
        try:
            s.connect(path)
            return s
        except (FileNotFoundError, ConnectionRefusedError):
            time.sleep(0.05)
    sys.exit("handover.py: nobody listens on " + path)


def hand(conn, sock, remote, relayed=False):
    msg = {"type": "handover", "local": text(sock.getsockname()),
           "remote": remote, "component": 1, "relayed": relayed}
    fds = [] if relayed else [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
                               array.array("i", [sock.fileno()]))]
    conn.sendmsg([json.dumps(msg).encode()], fds)


def address(remote):
    host, port = remote.rsplit(":", 1)
    return host, int(port)


def command(conn, words, sock, remote):
    """Do it; the socket and the remote that hold from now on."""
    if words[0] == "lost":
        conn.send(b'{"type":"lost","why":"consent expired"}')
    elif words[0] == "junk":
        for packet in (b'{"type":17}', b"{nonsense", b"\x80junk", b"\x14",
                       b'{"type":"handover","remote":"here"}'):
            conn.send(packet)
    elif words[0] == "move":
        sock, remote = udp(), words[1]
        hand(conn, sock, remote)
        print(text(sock.getsockname()), flush=True)
    return sock, remote


def serve(conn, sock, remote, relayed):
    """Until stdin ends: its commands, and packets when they are relayed."""
    sources = [0] + ([sock, conn] if relayed else [])
    rest = b""
    while True:
        ready, _, _ = select.select(sources, [], [])
        if sock in ready:
            data, who = sock.recvfrom(4096)
            if text(who) == remote:
                conn.send(data)
        if conn in ready:
            data = conn.recv(4096)
            if not data:
                return
            sock.sendto(data, address(remote))
        if 0 in ready:
            data = os.read(0, 4096)
            if not data:
                return
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                sock, remote = command(conn, line.decode().split(), sock,
                                       remote)


def main():
    path, remote = sys.argv[1:3]
    flags = sys.argv[3:]
    conn, sock = connect(path), udp()
    if ":" not in remote:
        other_conn, other = connect(remote), udp()
        hand(other_conn, other, text(sock.getsockname()))
        remote = text(other.getsockname())
    if "--early" in flags:
        print(text(sock.getsockname()), flush=True)
        early = sock.recv(4096)
    hand(conn, sock, remote, "--relayed" in flags)
    if "--early" in flags:
        conn.send(early)
    else:
        print(text(sock.getsockname()), flush=True)
    serve(conn, sock, remote, "--relayed" in flags)


main()
