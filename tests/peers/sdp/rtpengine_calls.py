#!/usr/bin/env python3
"""rtpengine takes what sdp-convert makes of every description kept as data.

argv: the folder of test data, a folder for files. Prints one line for each
that is refused, and at last how many were taken.
"""
import glob
import os
import subprocess
import sys

from rtpengine import Rtpengine

DATA, TMP = sys.argv[1:]
ICE = ["--with", DATA + "/ice.sdpfrag"]
LEGS = {leg: ["--with", f"{DATA}/media{leg}.sdpfrag"]
        for leg in ("", "-av", "-srtp")}


def convert(path, *args):
    with open(path, "rb") as file:
        done = subprocess.run(["sdp-convert", "-q", *args], stdin=file,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, check=False)
    return done.stdout.decode()


def judge(name, said, sdp):
    """Taken, with as many sections as it came with?"""
    if said["result"] == "ok" and (
            said["sdp"].count("\nm=") == sdp.count("\nm=")):
        return True
    print(name, said)
    return False


def main():
    taken = 0
    with Rtpengine(TMP) as engine:
        for path in sorted(glob.glob(DATA + "/*.sdp")):
            with open(path, encoding="utf-8", newline="") as file:
                web = "/TLS/" in file.read()
            for leg, fragments in LEGS.items():
                call = os.path.basename(path) + leg
                sdp = (convert(path, "--to", "sip", *fragments) if web else
                       convert(path, "--to", "webrtc", *fragments, *ICE))
                if not sdp:
                    continue
                said = engine.ask(
                    "offer", sdp, call=call, ICE="remove", DTLS="off",
                    transport_protocol="RTP/AVP", rtcp_mux=["demux"])
                taken += judge(call, said, sdp)
                # What rtpengine made for the other side is answered.
                offer = os.path.join(TMP, "offer.sdp")
                with open(offer, "w", encoding="utf-8", newline="") as file:
                    file.write(said.get("sdp", ""))
                answer = convert(path, "--to", "sip", "--answer-to", offer,
                                 *LEGS["-av"])
                if answer:
                    said = engine.ask("answer", answer, call=call)
                    taken += judge("answer to " + call, said, answer)
                engine.send({"command": "delete", "call-id": call,
                             "from-tag": "from", "delete-delay": 0})
    print("taken", taken)


main()
