#!/usr/bin/env python3
"""aiortc as the browser: call NUMBER through a gateway's ws-signal.

    aiortc-phone.py ws://HOST:PORT/signal NUMBER HZ HEARD.wav SECONDS

Sends a tone of HZ, records what comes back, prints the codec; exits 1 with
the gateway's words when the call is refused.
"""
import asyncio
import fractions
import json
import math
import struct
import sys
import wave

import av
import websockets
from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription

RATE = 8000


class Tone(MediaStreamTrack):
    kind = "audio"

    def __init__(self, hz):
        super().__init__()
        self.hz, self.at, self.start = hz, 0, None

    async def recv(self):
        loop = asyncio.get_running_loop()
        self.start = self.start or loop.time()
        await asyncio.sleep(max(0, self.start + self.at / RATE - loop.time()))
        n = RATE // 50
        pcm = struct.pack(f"<{n}h", *(
            int(8192 * math.sin(2 * math.pi * self.hz * (self.at + i) / RATE))
            for i in range(n)))
        frame = av.AudioFrame(format="s16", layout="mono", samples=n)
        frame.planes[0].update(pcm)
        frame.sample_rate, frame.pts = RATE, self.at
        frame.time_base = fractions.Fraction(1, RATE)
        self.at += n
        return frame


async def record(track, path, seconds):
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    with wave.open(path, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        got = 0
        while got < seconds * RATE:
            for frame in resampler.resample(await track.recv()):
                out.writeframes(bytes(frame.planes[0])[:frame.samples * 2])
                got += frame.samples


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
