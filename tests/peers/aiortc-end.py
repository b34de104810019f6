#!/usr/bin/env python3
"""aiortc as one end of a call that a test describes:

    aiortc-end.py offer OURS.sdp THEIRS.sdp HZ HEARD.wav SECONDS
    aiortc-end.py answer OURS.sdp THEIRS.sdp HZ HEARD.wav SECONDS

Writes OURS.sdp, with all candidates, and reads THEIRS.sdp when there is a line
on standard input. An offer has audio and a data channel, on which a message is
sent when it opens (if the other side knows what that is). Sends a tone of HZ,
records what comes for SECONDS, and ends.
"""
import asyncio
import os
import sys

from aiortc import RTCPeerConnection, RTCSessionDescription

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
from aiortc_ends import Tone, record  # noqa: E402


def write(path, text):
    with open(path + ".new", "w", newline="") as file:
        file.write(text)
    os.rename(path + ".new", path)


async def theirs(path, kind):
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    with open(path, newline="") as file:
        return RTCSessionDescription(sdp=file.read(), type=kind)


async def main(role, ours, path, hz, heard, seconds):
    pc, tracks = RTCPeerConnection(), asyncio.Queue()
    pc.addTrack(Tone(hz))
    pc.on("track", tracks.put_nowait)
    if role == "offer":
        channel = pc.createDataChannel("chat")
        channel.on("open", lambda: channel.send("hello"))
        await pc.setLocalDescription(await pc.createOffer())
        write(ours, pc.localDescription.sdp)
        await pc.setRemoteDescription(await theirs(path, "answer"))
    else:
        await pc.setRemoteDescription(await theirs(path, "offer"))
        await pc.setLocalDescription(await pc.createAnswer())
        write(ours, pc.localDescription.sdp)
    await asyncio.wait_for(record(await tracks.get(), heard, seconds),
                           seconds + 30)
    await pc.close()


asyncio.run(main(*sys.argv[1:4], float(sys.argv[4]), sys.argv[5],
                 float(sys.argv[6])))
