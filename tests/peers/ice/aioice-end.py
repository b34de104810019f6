#!/usr/bin/python3
"""The other end of an ICE path, on aioice (the stack under aiortc).

aioice-end.py controlling|controlled OUT.frag IN.frag [stun:HOST:PORT]

Writes its fragment to OUT (renamed into place), reads the peer's from IN (a
FIFO), connects, prints JSON lines, sends one DTLS-like and then an RTP-like
packet a 20 ms, and echoes what it gets back to stdout as counts. Ends at end
of file on stdin.
"""
import asyncio
import json
import os
import sys

import aioice
import aioice.ice

aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]


def say(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


def fragment(connection):
    lines = ["a=ice-ufrag:" + connection.local_username,
             "a=ice-pwd:" + connection.local_password,
             "m=audio 9 UDP/TLS/RTP/SAVPF 0", "a=mid:0"]
    lines += ["a=candidate:" + c.to_sdp()
              for c in connection.local_candidates]
    return "\r\n".join(lines + ["a=end-of-candidates", ""])


async def take(connection, text):
    for line in text.splitlines():
        if line.startswith("a=ice-ufrag:"):
            connection.remote_username = line[12:]
        elif line.startswith("a=ice-pwd:"):
            connection.remote_password = line[10:]
        elif line.startswith("a=candidate:"):
            await connection.add_remote_candidate(
                aioice.Candidate.from_sdp(line[12:]))
    await connection.add_remote_candidate(None)


async def receive(connection, counts):
    while True:
        data = await connection.recv()
        counts["received"] += 1
        if counts["received"] % 50 == 1:
            say("received", n=counts["received"], head=data[:8].hex())


async def send(connection):
    await connection.send(bytes([22]) + b"an early ClientHello")
    n = 0
    while True:
        n += 1
        await connection.send(bytes([0x80, 0x6F]) + n.to_bytes(2, "big"))
        await asyncio.sleep(0.02)  # the pace of an RTP stream


async def main(role, out, remote):
    connection = aioice.Connection(ice_controlling=role == "controlling",
                                   components=1)
    loop = asyncio.get_running_loop()
    await connection.gather_candidates()
    with open(out + ".tmp", "w", newline="") as file:
        file.write(fragment(connection))
    os.rename(out + ".tmp", out)
    say("gathered")
    with open(remote, newline="") as file:
        await take(connection, file.read())
    await connection.connect()
    pair = connection._nominated[1]
    say("connected", local="%s:%d" % pair.local_addr,
        remote="%s:%d" % pair.remote_addr)
    counts = {"received": 0}
    tasks = [asyncio.create_task(receive(connection, counts)),
             asyncio.create_task(send(connection))]
    ended = loop.run_in_executor(None, sys.stdin.read)
    done, _ = await asyncio.wait([ended, tasks[0]],
                                 return_when=asyncio.FIRST_COMPLETED)
    say("ending", alive=tasks[0] not in done, **counts)
    for task in tasks:
        task.cancel()
    await connection.close()


asyncio.run(main(*sys.argv[1:4]))
