#!/usr/bin/python3
"""Janus on a folder of its own, and its plugins asked over a Unix socket.

  janus.py FOLDER PLUGIN     start Janus, attach to janus.plugin.PLUGIN, and
                             do what is on standard input until it ends

Each line there is the plugin's request, a JSON object, and then, if it goes
with a description, "offer FILE" or "answer FILE":

  {"audio": true} offer offer.sdp

or "attach", and what follows goes to another handle. Each answer is printed as a line of JSON: "data", and "sdp" if it came with a
description; before them comes {"ready": true}.

Janus leaves the loopback interface out of ICE: it needs another one with an
IPv4 address, else this ends with status 69 and "impossible here".
"""
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

PLUGINS = ("nosip", "echotest", "audiobridge")


def modules():
    """Debian's folder of plugins and transports."""
    out = subprocess.run(["dpkg", "-L", "janus"], capture_output=True,
                         text=True, check=True).stdout
    return next(line for line in out.split() if line.endswith("/janus/plugins")
                ).rsplit("/", 1)[0]


def address():
    """One that is not of loopback; None if there is none."""
    out = subprocess.run(["ip", "-j", "-4", "address"], capture_output=True,
                         text=True, check=True).stdout
    for link in json.loads(out):
        if "UP" in link["flags"] and "LOOPBACK" not in link["flags"]:
            for info in link["addr_info"]:
                return info["local"]
    return None


class Janus:
    def __init__(self, folder, ports="20100-32000"):
        self.host = address()
        if not self.host:
            sys.exit("janus.py: impossible here: there is only loopback")
        # A Unix socket's path is short.
        self.folder = tempfile.mkdtemp(prefix="janus.", dir="/tmp")
        self.configure(modules(), ports)
        self.transactions = 0
        # Janus 1.1.2 starts its transport's thread before that may run, and one
        # time in five it therefore has no transport, says so, and ends.
        for _ in range(20):
            self.process = subprocess.Popen(
                ["janus", "--configs-folder", self.folder], cwd=folder,
                stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT,
                stdout=open(folder + "/janus.log", "w"))
            try:
                self.sock = self.connect()
            except SystemExit:
                self.stop()
                raise
            if self.sock:
                return
        shutil.rmtree(self.folder)
        sys.exit("janus.py: Janus did not start: see janus.log")

    def configure(self, there, ports):
        transports = self.folder + "/transports"
        plugins = self.folder + "/plugins"
        os.mkdir(transports)
        os.mkdir(plugins)
        os.symlink(there + "/transports/libjanus_pfunix.so",
                   transports + "/libjanus_pfunix.so")
        for name in PLUGINS:
            os.symlink("%s/plugins/libjanus_%s.so" % (there, name),
                       "%s/libjanus_%s.so" % (plugins, name))
        for name, text in (
                ("janus", """
general: {
    configs_folder = "%s"
    plugins_folder = "%s"
    transports_folder = "%s"
    debug_level = 3
    session_timeout = 0
}
media: { rtp_port_range = "%s" }
nat: { ice_enforce_list = "%s" }
""" % (self.folder, plugins, transports, ports, self.host)),
                ("janus.transport.pfunix", """
general: {
    enabled = true
    json = "compact"
    path = "%s/api"
    type = "SOCK_SEQPACKET"
}
""" % self.folder),
                ("janus.plugin.nosip", """
general: {
    local_ip = "127.0.0.1"
    rtp_port_range = "%s"
}
""" % ports)):
            with open("%s/%s.jcfg" % (self.folder, name), "w") as file:
                file.write(text)

    def connect(self):
        """To its API; None if it has ended."""
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        sock.settimeout(10)
        end = time.monotonic() + 20
        while time.monotonic() < end and self.process.poll() is None:
            try:
                sock.connect(self.folder + "/api")
                return sock
            except (FileNotFoundError, ConnectionRefusedError):
                time.sleep(0.05)
        self.end()
        return None

    def ask(self, **message):
        """Its answer; that of a plugin comes after an acknowledgement."""
        self.transactions += 1
        message["transaction"] = str(self.transactions)
        self.sock.send(json.dumps(message).encode())
        while True:
            reply = json.loads(self.sock.recv(65536))
            if reply.get("transaction") != message["transaction"] or \
                    reply["janus"] == "ack":
                continue
            if reply["janus"] == "error" or \
                    "error" in reply.get("plugindata", {}).get("data", {}):
                sys.exit("janus.py: %s" % reply)
            return reply

    def attach(self, plugin):
        """What message() needs: one session and handle a call, as pages do."""
        session = self.ask(janus="create")["data"]["id"]
        handle = self.ask(janus="attach", session_id=session,
                          plugin="janus.plugin." + plugin)["data"]["id"]
        return {"session_id": session, "handle_id": handle}

    def message(self, handle, body, kind=None, sdp=None):
        """The plugin's data, and the description that came with it."""
        more = {"jsep": {"type": kind, "sdp": sdp}} if sdp else {}
        reply = self.ask(janus="message", body=body, **handle, **more)
        return reply["plugindata"]["data"], reply.get("jsep", {}).get("sdp")

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def stop(self):
        self.end()
        shutil.rmtree(self.folder)


def main():
    folder, plugin = sys.argv[1:]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so Janus ends, too
    janus = Janus(folder)
    try:
        handle = janus.attach(plugin)
        print(json.dumps({"ready": True}), flush=True)
        for line in sys.stdin:
            if line == "attach\n":
                handle = janus.attach(plugin)
                continue
            body, end = json.JSONDecoder().raw_decode(line)
            kind, path = line[end:].split() or (None, None)
            sdp = None
            if path:
                with open(path, newline="") as file:
                    sdp = file.read()
            data, sdp = janus.message(handle, body, kind, sdp)
            print(json.dumps({"data": data, "sdp": sdp}), flush=True)
    finally:
        janus.stop()


if __name__ == "__main__":
    main()
