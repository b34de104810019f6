#!/usr/bin/python3
"""The other end of an ICE path, on libnice as others use it (Janus, GStreamer):

    libnice-end.py controlling|controlled OUT.frag IN.frag [regular] [lite] [tcp]

Nominates aggressively unless regular. Writes its fragment to OUT, reads the
peer's from IN (a FIFO), prints JSON lines, and echoes each datagram. Ends at end
of file on stdin.
"""
import ctypes
import json
import os
import sys
import threading

import gi
gi.require_version("Nice", "0.1")
from gi.repository import GLib, Nice

RTP = 1

# What its introspection leaves out, by the address that hash() is.
lib = ctypes.CDLL("libnice.so.10")
ON_DATA = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_uint, ctypes.c_uint,
                           ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p)


def say(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


class End:
    def __init__(self, role, out, remote, options):
        flags = Nice.AgentOption.CONSENT_FRESHNESS
        if "regular" in options:
            flags |= Nice.AgentOption.REGULAR_NOMINATION
        if "lite" in options:
            flags |= Nice.AgentOption.LITE_MODE
        self.lite = "lite" in options
        self.out, self.remote = out, remote
        self.loop = GLib.MainLoop()
        agent = self.agent = Nice.Agent.new_full(
            self.loop.get_context(), Nice.Compatibility.RFC5245, flags)
        agent.set_property("upnp", False)
        agent.set_property("ice-tcp", "tcp" in options)
        agent.set_property("ice-udp", "tcp" not in options)
        agent.set_property("controlling-mode", role == "controlling")
        here = Nice.Address.new()
        here.set_from_string("127.0.0.1")
        agent.add_local_address(here)
        agent.connect("candidate-gathering-done", self.gathered)
        agent.connect("component-state-changed", self.changed)
        agent.connect("new-selected-pair-full", self.selected)
        self.stream = agent.add_stream(1)
        self.on_data = ON_DATA(self.echo)
        lib.nice_agent_attach_recv(ctypes.c_void_p(hash(agent)), self.stream,
                                   RTP, None, self.on_data, None)
        agent.gather_candidates(self.stream)

    def gathered(self, agent, stream):
        _, ufrag, pwd = agent.get_local_credentials(stream)
        lines = (["a=ice-lite"] if self.lite else []) + [
            "a=ice-ufrag:" + ufrag, "a=ice-pwd:" + pwd,
            "m=audio 9 UDP/TLS/RTP/SAVPF 0", "a=mid:0"]
        lines += [agent.generate_local_candidate_sdp(c)
                  for c in agent.get_local_candidates(stream, RTP)]
        with open(self.out + ".tmp", "w", newline="") as file:
            file.write("\r\n".join(lines + ["a=end-of-candidates", ""]))
        os.rename(self.out + ".tmp", self.out)
        say("gathered")
        threading.Thread(target=self.read_remote, daemon=True).start()

    def read_remote(self):
        with open(self.remote, newline="") as file:
            text = file.read()
        GLib.idle_add(self.take_remote, text)

    def take_remote(self, text):
        values, candidates = {}, []
        for line in text.splitlines():
            name, _, value = line.partition(":")
            values.setdefault(name, value)
            if name == "a=candidate":
                candidates.append(self.agent.parse_remote_candidate_sdp(
                    self.stream, line))
        self.agent.set_remote_credentials(
            self.stream, values["a=ice-ufrag"], values["a=ice-pwd"])
        self.agent.set_remote_candidates(self.stream, RTP,
                                         [c for c in candidates if c])
        return False

    def changed(self, agent, stream, component, state):
        say("state", state=Nice.component_state_to_string(
            Nice.ComponentState(state)))

    def selected(self, agent, stream, component, local, remote):
        say("connected", local=self.text(local), remote=self.text(remote))

    def text(self, candidate):
        words = self.agent.generate_local_candidate_sdp(candidate).split()
        return "%s:%s" % (words[4], words[5])

    def echo(self, agent, stream, component, length, data, _):
        say("received", length=length)
        lib.nice_agent_send(ctypes.c_void_p(agent), stream, component, length,
                            ctypes.c_void_p(data))

    def run(self):
        GLib.io_add_watch(0, GLib.PRIORITY_DEFAULT,
                          GLib.IOCondition.HUP | GLib.IOCondition.IN,
                          lambda *_: self.loop.quit() or False)
        self.loop.run()


End(*sys.argv[1:4], sys.argv[4:]).run()
