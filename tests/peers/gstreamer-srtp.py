#!/usr/bin/env python3
"""GStreamer says a tone of 440 Hz as SRTP, in PCMU, until it is ended:

    gstreamer-srtp.py FROM-PORT TO-PORT CIPHER AUTH KEY MKI

CIPHER and AUTH as srtpenc has them; KEY is in base64, MKI in hex.
"""
import base64
import sys

import gi

gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst  # noqa: E402

here, there, cipher, auth, key, mki = sys.argv[1:]
Gst.init(None)
pipe = Gst.parse_launch(
    "audiotestsrc is-live=true freq=440 samplesperbuffer=160 ! "
    "audio/x-raw,rate=8000,channels=1 ! mulawenc ! rtppcmupay ! "
    f"srtpenc name=e rtp-cipher={cipher} rtp-auth={auth} "
    f"rtcp-cipher={cipher} rtcp-auth={auth} ! udpsink host=127.0.0.1 "
    f"port={there} bind-address=127.0.0.1 bind-port={here}")
encoder = pipe.get_by_name("e")
encoder.set_property("key", Gst.Buffer.new_wrapped(base64.b64decode(key)))
encoder.set_property("mki", Gst.Buffer.new_wrapped(bytes.fromhex(mki)))
pipe.set_state(Gst.State.PLAYING)
GLib.MainLoop().run()
