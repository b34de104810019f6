#!/usr/bin/python3
"""A wire that takes its time, for nat-lab.sh (this kernel need not have netem).

    wire.py MS N             carry frames between the devices h1 and i1, ...,
                             hN and iN, each MS milliseconds late
    wire.py --offload-off DEVICE
                             have the kernel itself complete the checksums of
                             what DEVICE sends; a virtual device leaves them to
                             hardware that it has not

Run in a network namespace that has the devices. A constant delay keeps the
order: one queue is enough.
"""
import collections
import ctypes
import fcntl
import select
import socket
import struct
import sys
import time

ETH_P_ALL = 3
PACKET_OUTGOING = 4
SIOCETHTOOL = 0x8946
ETHTOOL_STXCSUM, ETHTOOL_STSO, ETHTOOL_SGSO = 0x17, 0x1F, 0x24
QUEUE_MAX = 20000  # frames; beyond it they are lost, as in a router


def offload_off(device):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for command in (ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_STXCSUM):
            value = ctypes.create_string_buffer(struct.pack("II", command, 0))
            fcntl.ioctl(sock, SIOCETHTOOL, struct.pack(
                "16sP", device.encode(), ctypes.addressof(value)))


def open_device(device):
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                         socket.htons(ETH_P_ALL))
    sock.bind((device, ETH_P_ALL))
    sock.setblocking(False)
    return sock


def receive(sock, peer, queue, delay):
    while True:
        try:
            frame, address = sock.recvfrom(65536)
        except BlockingIOError:
            return
        if address[2] != PACKET_OUTGOING and len(queue) < QUEUE_MAX:
            queue.append((time.monotonic() + delay, peer, frame))


def send_due(queue):
    """Send what is due; the milliseconds until the next is, or None."""
    while queue:
        left = queue[0][0] - time.monotonic()
        if left > 0:
            return left * 1000
        _, sock, frame = queue.popleft()
        try:
            sock.send(frame)
        except (BlockingIOError, OSError):
            pass  # a full or absent device loses frames
    return None


def carry(delay, n):
    queue = collections.deque()
    peers, poll = {}, select.epoll()
    for i in range(1, n + 1):
        home, internet = open_device("h%d" % i), open_device("i%d" % i)
        peers[home.fileno()] = home, internet
        peers[internet.fileno()] = internet, home
        poll.register(home, select.EPOLLIN)
        poll.register(internet, select.EPOLLIN)
    while True:
        wait = send_due(queue)
        for fd, _ in poll.poll(None if wait is None else wait / 1000):
            receive(*peers[fd], queue, delay)


if sys.argv[1] == "--offload-off":
    offload_off(sys.argv[2])
else:
    carry(float(sys.argv[1]) / 1000, int(sys.argv[2]))
