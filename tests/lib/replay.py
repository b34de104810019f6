#!/usr/bin/python3
"""Send the SRTP of a capture again: replay.py FILE.pcapng PORT

Of the packets that rtp-bridge wrote, those with "before encryption" are the
clear text of the next; these, and what came in, are left out.
"""
import socket
import subprocess
import sys
import time

path, port = sys.argv[1:]
out = subprocess.run(
    ["tshark", "-r", path, "-T", "fields", "-e", "frame.comment",
     "-e", "udp.payload", "-Y", "udp"],
    check=True, capture_output=True, text=True).stdout
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
time.sleep(1)  # the one who listens has to be there
for line in out.splitlines():
    comment, payload = line.split("\t")
    data = bytes.fromhex(payload.replace(":", ""))
    if not comment and len(data) > 12 and data[0] == 0x80 and data[1] & 127 == 0:
        sock.sendto(data, ("127.0.0.1", int(port)))
        time.sleep(0.02)
