#!/usr/bin/env python3
"""aiortc as the browser: call NUMBER through a gateway's ws-signal.

    aiortc-phone.py ws://HOST:PORT/signal NUMBER HZ HEARD.wav SECONDS

Sends a tone of HZ, records what comes back, prints the codec; exits 1 with
the gateway's words when the call is refused.
"""
import asyncio
import json
import os
import sys

import websockets
from aiortc import RTCPeerConnection, RTCSessionDescription

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
from aiortc_ends import Tone, record  # noqa: E402


async def until(socket, *types):
    async for text in socket:
        message = json.loads(text)
        if message["type"] in ("bye", "reject"):
            sys.exit(f"{message.get('code')} {message.get('why')}")
        if message["type"] in types:
            return message
    sys.exit("the gateway is gone")


async def main(url, number, hz, path, seconds):
    pc, tracks = RTCPeerConnection(), asyncio.Queue()
    pc.addTrack(Tone(hz))
    pc.on("track", tracks.put_nowait)
    await pc.setLocalDescription(await pc.createOffer())
    async with websockets.connect(url) as socket:
        await socket.send(json.dumps({"type": "enter", "room": "phones",
                                      "kind": "phone", "name": "aiortc"}))
        room = await until(socket, "room")
        gateway = next(p["id"] for p in room["participants"]
                       if p["kind"] == "gateway")
        await socket.send(json.dumps({
            "type": "invite", "to": gateway, "call": "aiortc",
            "number": number, "sdp": pc.localDescription.sdp}))
        answer = await until(socket, "description")
        await pc.setRemoteDescription(
            RTCSessionDescription(sdp=answer["sdp"], type="answer"))
        await asyncio.wait_for(
            record(await tracks.get(), path, seconds), seconds + 15)
        await socket.send(json.dumps({"type": "bye", "call": "aiortc",
                                      "to": answer["from"]}))
        print(pc.getReceivers()[0].track.kind, "recorded")
        await pc.close()


asyncio.run(main(sys.argv[1], sys.argv[2], float(sys.argv[3]), sys.argv[4],
                 float(sys.argv[5])))
