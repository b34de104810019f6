#!/usr/bin/python3
"""The other end of a WebSocket, by another hand: Debian's websockets.

    ws-signal.py client URL [STEP...]    connect, do the steps in order
    ws-signal.py server STEP...          listen, say the port, do the steps
                                         with the first that connects
    ws-signal.py raw HOST:PORT HEX       a handshake, then these bytes; says
                                         what comes back, in hex

Steps: send:TEXT  parts:TEXT|TEXT (fragments)  binary:TEXT  ping
       recv (prints a line)  recv:N  close:CODE:REASON  drop (no goodbye)
       quiet:SECONDS (do not read)  wait (prints the other end's close)
"""
import asyncio
import socket
import sys

import websockets


async def step(ws, what):
    verb, _, rest = what.partition(":")
    if verb == "send":
        await ws.send(rest)
    elif verb == "parts":
        await ws.send(rest.split("|"))
    elif verb == "binary":
        await ws.send(rest.encode())
    elif verb == "ping":
        await asyncio.wait_for(await ws.ping(b"still there?"), 5)
        print("pong", flush=True)
    elif verb == "recv":
        for _ in range(int(rest or 1)):
            print(await asyncio.wait_for(ws.recv(), 10), flush=True)
    elif verb == "close":
        code, _, reason = rest.partition(":")
        await ws.close(int(code), reason)
    elif verb == "drop":
        ws.transport.abort()
    elif verb == "quiet":
        ws.transport.pause_reading()
        await asyncio.sleep(float(rest))
        ws.transport.resume_reading()
    elif verb == "wait":
        try:
            while True:
                print(await asyncio.wait_for(ws.recv(), 10), flush=True)
        except websockets.ConnectionClosed:
            print("closed", ws.close_code, ws.close_reason, flush=True)
    else:
        sys.exit(f"{what}?")


LIMITS = {"max_size": None, "ping_interval": None, "compression": None}


async def client(url, *steps):
    async with websockets.connect(url, close_timeout=5, **LIMITS) as ws:
        for what in steps:
            await step(ws, what)


async def server(*steps):
    done = asyncio.Event()

    async def serve(ws):
        try:
            for what in steps:
                await step(ws, what)
        finally:
            done.set()

    async with websockets.serve(serve, "127.0.0.1", 0, **LIMITS) as s:
        print(s.sockets[0].getsockname()[1], flush=True)
        await asyncio.wait_for(done.wait(), 20)


def raw(address, data):
    host, port = address.split(":")
    with socket.create_connection((host, int(port)), 5) as s:
        s.sendall(b"GET /signal HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
                  b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                  b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        s.sendall(bytes.fromhex(data))
        s.settimeout(5)
        got = b""
        while more := s.recv(65536):
            got += more
    print(got.partition(b"\r\n\r\n")[2].hex())


if __name__ == "__main__":
    if sys.argv[1] == "raw":
        raw(*sys.argv[2:])
    else:
        asyncio.run({"client": client, "server": server}[sys.argv[1]](
            *sys.argv[2:]))
