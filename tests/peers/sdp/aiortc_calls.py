#!/usr/bin/env python3
"""aiortc takes what sdp-convert makes, and its descriptions are converted.

argv: the folder of test data, a folder for files. Prints one line a call.
"""
import asyncio
import os
import subprocess
import sys

from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack

DATA, TMP = sys.argv[1:]
MEDIA = ["--with", DATA + "/media.sdpfrag"]
ICE = ["--with", DATA + "/ice.sdpfrag"]
PHONE = ("v=0\r\no=phone 5 5 IN IP4 127.0.0.1\r\ns=call\r\n"
         "c=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 6000 RTP/AVP 8 0\r\n")


def convert(text, *args):
    return subprocess.run(["sdp-convert", *args], input=text.encode(),
                          stdout=subprocess.PIPE, check=True).stdout.decode()


def keep(name, text):
    path = os.path.join(TMP, name)
    with open(path, "w", newline="", encoding="utf-8") as file:
        file.write(text)
    return path


async def call_out():
    """An offer of audio alone, answered by a phone: aiortc 1.4 wants ICE and
    DTLS lines in rejected sections too, which RFC 8829 5.3.1 leaves out."""
    pc = RTCPeerConnection()
    pc.addTrack(AudioStreamTrack())
    await pc.setLocalDescription(await pc.createOffer())
    offer = pc.localDescription.sdp
    sip = convert(offer, "--to", "sip", *MEDIA)
    sdp = convert(PHONE, "--to", "webrtc", *MEDIA, *ICE,
                  "--answer-to", keep("offer.sdp", offer))
    await pc.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
    print("out:", *[(t.kind, t.currentDirection) for t in
                    pc.getTransceivers()], sip.count("\nm="))
    await pc.close()


async def call_in():
    """A phone's offer, answered."""
    pc = RTCPeerConnection()
    pc.addTrack(AudioStreamTrack())
    sdp = convert(PHONE, "--to", "webrtc", *MEDIA, *ICE)
    await pc.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
    await pc.setLocalDescription(await pc.createAnswer())
    back = convert(pc.localDescription.sdp, "--to", "sip", *MEDIA,
                   "--answer-to", keep("phone.sdp", PHONE))
    print("in:", *[line for line in back.split("\r\n") if line[:2] == "m="])
    await pc.close()


async def main():
    await call_out()
    await call_in()


asyncio.run(main())
