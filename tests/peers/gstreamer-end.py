#!/usr/bin/env python3
"""GStreamer's webrtcbin as one end of a call that a test describes:

    gstreamer-end.py offer|answer OURS.sdp THEIRS.sdp HZ HEARD.wav SECONDS \
        [opus|PCMU|- [VP8|H264 [POLICY]]]

Writes OURS.sdp, with all candidates, and reads THEIRS.sdp when there is a line
on standard input. Sends a tone of HZ and a test picture, and records what sound
comes. SECONDS after the first of it, and when 20 pictures could be decoded, it
ends.
"""
import os
import sys
import threading

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstWebRTC", "1.0")
gi.require_version("GstSdp", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

AUDIO = {"opus": ("opusenc", "rtpopuspay", 111),
         "PCMU": ("mulawenc", "rtppcmupay", 0)}
VIDEO = {"VP8": ("vp8enc deadline=1 keyframe-max-dist=30",
                 "rtpvp8pay picture-id-mode=2", 96),
         "H264": ("x264enc tune=zerolatency speed-preset=ultrafast "
                  "key-int-max=30 ! video/x-h264,profile=constrained-baseline",
                  "rtph264pay config-interval=-1", 102)}


def send_audio(name, hz):
    encoder, payloader, pt = AUDIO[name]
    return (f"audiotestsrc is-live=true freq={hz} volume=0.3 ! audioconvert ! "
            f"audioresample ! {encoder} ! {payloader} pt={pt} ! "
            f"application/x-rtp,media=audio,encoding-name={name.upper()},"
            f"payload={pt} ! w. ")


def send_video(name):
    encoder, payloader, pt = VIDEO[name]
    return ("videotestsrc is-live=true ! "
            "video/x-raw,width=320,height=240,framerate=15/1 ! "
            f"videoconvert ! {encoder} ! {payloader} pt={pt} ! "
            f"application/x-rtp,media=video,encoding-name={name},"
            f"payload={pt} ! w. ")


class End:
    def __init__(self, role, ours, theirs, hz, heard, seconds, audio="opus",
                 video="", policy="max-bundle"):
        self.role, self.ours, self.theirs = role, ours, theirs
        self.heard, self.seconds, self.pictures = heard, float(seconds), 0
        self.video, self.failed = video, False
        self.wanted = {"audio"} if audio != "-" else set()
        self.wanted |= {"video"} if video else set()
        self.loop = GLib.MainLoop()
        self.pipe = Gst.parse_launch(
            f"webrtcbin name=w bundle-policy={policy} latency=100 "
            + (send_audio(audio, hz) if audio != "-" else "")
            + (send_video(video) if video else ""))
        self.web = self.pipe.get_by_name("w")
        self.web.connect("pad-added", self.incoming)
        self.web.connect("notify::ice-gathering-state", self.gathered)
        if role == "offer":
            self.web.connect("on-negotiation-needed", self.offer)
        bus = self.pipe.get_bus()
        bus.add_signal_watch()
        bus.connect("message::error", self.error)

    def error(self, _, message):
        print(*message.parse_error(), file=sys.stderr)
        self.failed = True
        self.loop.quit()

    def promise(self, signal, then):
        self.web.emit(signal, None, Gst.Promise.new_with_change_func(then))

    def created(self, promise, kind):
        reply = promise.get_reply()  # (the description is a part of it)
        description = reply.get_value(kind)
        self.web.emit("set-local-description", description, Gst.Promise.new())

    def offer(self, _):
        self.promise("create-offer", lambda p: self.created(p, "offer"))

    def gathered(self, *_):
        if (self.web.get_property("ice-gathering-state") !=
                GstWebRTC.WebRTCICEGatheringState.COMPLETE):
            return
        text = self.web.get_property("local-description").sdp.as_text()
        with open(self.ours + ".new", "w", newline="") as file:
            file.write(text)
        os.rename(self.ours + ".new", self.ours)
        if self.role == "offer":
            threading.Thread(target=self.take, daemon=True).start()

    def take(self):
        sys.stdin.readline()
        with open(self.theirs, newline="") as file:
            _, sdp = GstSdp.SDPMessage.new_from_text(file.read())
        kind = (GstWebRTC.WebRTCSDPType.ANSWER if self.role == "offer"
                else GstWebRTC.WebRTCSDPType.OFFER)
        description = GstWebRTC.WebRTCSessionDescription.new(kind, sdp)
        self.web.emit("set-remote-description", description,
                      Gst.Promise.new_with_change_func(self.taken))

    def taken(self, _):
        if self.role == "answer":
            self.promise("create-answer", lambda p: self.created(p, "answer"))

    def incoming(self, _, pad):
        if pad.direction != Gst.PadDirection.SRC:
            return
        decode = Gst.ElementFactory.make("decodebin")
        decode.connect("pad-added", self.decoded)
        self.pipe.add(decode)
        decode.sync_state_with_parent()
        pad.link(decode.get_static_pad("sink"))

    def decoded(self, _, pad):
        kind = pad.get_current_caps().get_structure(0).get_name()[:5]
        if kind == "audio":
            sink = Gst.parse_bin_from_description(
                "queue ! audioconvert ! audioresample ! "
                "audio/x-raw,format=S16LE,rate=8000,channels=1 ! wavenc ! "
                f"filesink location={self.heard} async=false", True)
        else:
            sink = Gst.parse_bin_from_description(
                "queue ! identity name=count signal-handoffs=true ! "
                "fakesink async=false", True)
            sink.get_by_name("count").connect("handoff", self.picture)
        self.pipe.add(sink)
        sink.sync_state_with_parent()
        pad.link(sink.get_static_pad("sink"))
        self.wanted.discard(kind)
        if not self.wanted:
            GLib.timeout_add(int(self.seconds * 1000), self.finish)

    def picture(self, *_):
        self.pictures += 1

    def finish(self):
        if self.video and self.pictures < 20:
            GLib.timeout_add(100, self.finish)
            return
        self.pipe.send_event(Gst.Event.new_eos())
        GLib.timeout_add(300, self.loop.quit)

    def run(self):
        self.pipe.set_state(Gst.State.PLAYING)
        if self.role == "answer":
            threading.Thread(target=self.take, daemon=True).start()
        self.loop.run()
        self.pipe.set_state(Gst.State.NULL)


Gst.init(None)
end = End(*sys.argv[1:])
end.run()
sys.exit(end.failed)
