#!/usr/bin/python3
"""Set many calls up through a media bridge, load them, say what they cost.

  calls.py BRIDGE CALLS SECONDS CASE SPEECH.wav DIR [pinned] [held]

BRIDGE is pipecall (a process each), shared (its --serve, and a process each
that waits), rtpengine or janus (one). CASE:
  plain   PCMU to PCMU, RTP to RTP           sdes, gcm  the same, SRTP to RTP
  dtls    PCMU to PCMU, DTLS-SRTP to RTP     opus       Opus to PCMU, RTP to RTP
  mix     a conference of both ends of all calls, Opus and PCMU (pipecall)
Janus has dtls only, by its NoSIP plugin, and is a full ICE agent besides.
"pinned" puts the bridge on one core, and the load on another. "held" stops
the load afterwards for as long, and counts what wakes the bridge then.

Prints one line of JSON: cpu_ms (a call-second), pss_kib (a call), wakeups (a
call-second; and as held_wakeups), and what rtp-load says (sent, got, p50, p99,
max).
"""
import array
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../lib"))
from importlib import import_module  # noqa: E402

janus = import_module("janus")
rtpengine = import_module("rtpengine")

SUITE = {"sdes": "AES_CM_128_HMAC_SHA1_80", "gcm": "AEAD_AES_128_GCM"}


def cpu_us(pid):
    """All threads', in microseconds, by the scheduler's own count."""
    total = 0
    for task in os.listdir("/proc/%d/task" % pid):
        with open("/proc/%d/task/%s/schedstat" % (pid, task)) as file:
            total += int(file.read().split()[0])
    return total / 1000


def pss_kib(pid):
    with open("/proc/%d/smaps_rollup" % pid) as file:
        for line in file:
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


def wakeups(pid):
    """How often its threads went to sleep, and so were woken."""
    total = 0
    for task in os.listdir("/proc/%d/task" % pid):
        with open("/proc/%d/task/%s/status" % (pid, task)) as file:
            total += next(int(line.split()[1]) for line in file
                          if line.startswith("voluntary_ctxt_switches"))
    return total


def sdp(port, coding, proto="RTP/AVP", more=()):
    return "\r\n".join(["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-",
                        "c=IN IP4 127.0.0.1", "t=0 0",
                        "m=audio %d %s %s" % (port, proto,
                                              coding.split()[0]),
                        "a=rtpmap:" + coding, "a=sendrecv",
                        *more]) + "\r\n"


def attribute(text, name):
    for line in text.splitlines():
        if line.startswith("a=%s:" % name):
            return line[len(name) + 3:]
    return ""


def port_of(text):
    return int(next(line for line in text.splitlines()
                    if line.startswith("m=")).split()[1])


class Case:
    def __init__(self, name):
        self.name = name
        self.coding = "96 opus/48000/2" if name in ("opus", "mix") \
            else "0 PCMU/8000"

    def a_sdp(self, port, secret):
        """How end A describes itself."""
        if self.name in SUITE:
            return sdp(port, self.coding, "RTP/SAVP",
                       ["a=crypto:1 %s inline:%s" % (SUITE[self.name],
                                                     secret)])
        if self.name == "dtls":
            return sdp(port, self.coding, "UDP/TLS/RTP/SAVPF",
                       ["a=fingerprint:" + secret, "a=setup:active",
                        "a=rtcp-mux"])
        return sdp(port, self.coding)


class Pipecall:
    """One rtp-bridge a call."""

    options = []

    def __init__(self, case, folder):
        self.case, self.folder, self.processes = case, folder, []

    def call(self, i, a_port, z_port, secret):
        name = "%s/%d" % (self.folder, i)
        leg = {"plain": "rtp:127.0.0.1:0", "opus": "rtp:127.0.0.1:0",
               "dtls": "dtls:%s.sock" % name}.get(
                   self.case.name, "srtp:127.0.0.1:0,suite=" +
                   SUITE.get(self.case.name, ""))
        os.mkfifo(name + ".ctl")
        process = subprocess.Popen(
            ["rtp-bridge", "-q", *self.options, "--control", name + ".ctl",
             leg + ",name=a", "rtp:127.0.0.1:0,name=z"], stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL)
        self.processes.append(process)
        fragment = process.stdout.read().decode()
        process.stdout.close()
        a_part, z_part = ("m=" + part for part in fragment.split("m=")[1:])
        self.describe(name, "a", self.case.a_sdp(a_port, secret), a_part)
        self.describe(name, "z", sdp(z_port, "0 PCMU/8000"), None)
        key = attribute(a_part, "crypto").split("inline:")[-1] or "-"
        here = self.hand_over(name, a_port) if self.case.name == "dtls" \
            else port_of(a_part)
        return here, port_of(z_part), key

    def describe(self, name, leg, remote, fragment):
        local = "-"
        with open("%s.%s.sdp" % (name, leg), "w") as file:
            file.write(remote)
        if fragment and self.case.name in SUITE:
            local = name + ".local.sdp"
            with open(local, "w") as file:
                file.write(sdp(port_of(fragment), self.case.coding, "RTP/SAVP",
                               ["a=crypto:" + attribute(fragment, "crypto")]))
        with open(name + ".ctl", "w") as file:
            file.write("describe %s %s %s.%s.sdp\n" % (leg, local, name, leg))

    def hand_over(self, name, a_port):
        """As ice-pair does; the connection stays open with the socket."""
        conn = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        conn.connect(name + ".sock")
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind(("127.0.0.1", 0))
        here = udp.getsockname()[1]
        message = {"type": "handover", "local": "127.0.0.1:%d" % here,
                   "remote": "127.0.0.1:%d" % a_port, "relayed": False}
        conn.sendmsg([json.dumps(message).encode()],
                     [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
                       array.array("i", [udp.fileno()]))])
        udp.close()
        self.conns = getattr(self, "conns", []) + [conn]
        return here

    def pids(self):
        return [process.pid for process in self.processes]

    def stop(self):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait()


class Shared(Pipecall):
    """All in one process, and one a call that waits for its end."""

    def __init__(self, case, folder):
        super().__init__(case, folder)
        path = folder + "/media.sock"
        self.options = ["--via", path]
        self.server = subprocess.Popen(
            ["rtp-bridge", "-q", "--serve", path], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE)
        self.server.stdout.read()  # closed once it listens

    def pids(self):
        return [self.server.pid, *super().pids()]

    def stop(self):
        super().stop()
        self.server.terminate()
        self.server.wait()


class Conference(Pipecall):
    """One rtp-bridge with a leg for each end of each call."""

    def call(self, i, a_port, z_port, secret):
        control = self.folder + "/ctl"
        if not self.processes:
            os.mkfifo(control)
            self.events = open(self.folder + "/events", "w+")
            process = subprocess.Popen(
                ["rtp-bridge", "-q", "--control", control, "--events",
                 self.folder + "/events", "rtp:127.0.0.1:0,name=a0"],
                stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
            self.processes.append(process)
        return (self.leg(control, "a%d" % i, self.case.a_sdp(a_port, secret)),
                self.leg(control, "z%d" % i, sdp(z_port, "0 PCMU/8000")), "-")

    def leg(self, control, name, remote):
        """Add it, if it is not the first, describe it; its port."""
        path = "%s/%s.sdp" % (self.folder, name)
        with open(path, "w") as file:
            file.write(remote)
        with open(control, "w") as file:
            if name != "a0":
                file.write("add rtp:127.0.0.1:0,name=%s\n" % name)
            file.write("describe %s - %s\n" % (name, path))
        for line in self.lines():
            if line.get("event") == "leg" and line["leg"] == name:
                return port_of(line["fragment"])
        raise RuntimeError("no leg " + name)

    def lines(self):
        """What is in the events, waiting for more, up to 10 s."""
        end = time.monotonic() + 10
        while time.monotonic() < end:
            line = self.events.readline()
            if line.endswith("\n"):
                yield json.loads(line)
            else:
                time.sleep(0.01)


class Rtpengine:
    """One for all calls."""

    def __init__(self, case, folder):
        self.case, self.sdes = case, SUITE.get(case.name)
        self.ng = 12000 + os.getpid() % 8000
        self.process = subprocess.Popen(
            ["rtpengine", "--config-file=none", "--foreground",
             "--log-stderr", "--log-level=3", "--table=-1",
             "--interface=127.0.0.1", "--listen-ng=127.0.0.1:%d" % self.ng,
             "--port-min=20100", "--port-max=32000", "--num-threads=2"],
            stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.ask(command="ping")

    def ask(self, **message):
        message = {k.replace("_", "-"): v for k, v in message.items()}
        reply = rtpengine.ask(self.ng, message, 40)
        if reply.get(b"result") not in (b"ok", b"pong"):
            raise RuntimeError(reply)
        return reply.get(b"sdp", b"").decode()

    def call(self, i, a_port, z_port, secret):
        names = {"call_id": "c%d" % i, "from_tag": "a", "ICE": "remove"}
        more = {"codec": {"transcode": ["PCMU"], "mask": ["all"]}} \
            if self.case.name == "opus" else {}
        to_z = self.ask(command="offer", sdp=self.case.a_sdp(a_port, secret),
                        transport_protocol="RTP/AVP", **more, **names)
        to_a = self.ask(command="answer", sdp=sdp(z_port, "0 PCMU/8000"),
                        to_tag="z", **names)
        key = attribute(to_a, "crypto").split("inline:")[-1] or "-"
        return port_of(to_a), port_of(to_z), key

    def pids(self):
        return [self.process.pid]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


class Janus(janus.Janus):
    """One for all calls: a handle of the NoSIP plugin each."""

    def __init__(self, case, folder):
        if case.name != "dtls":
            sys.exit("calls.py: Janus has no case " + case.name)
        self.case = case
        super().__init__(folder)

    def call(self, i, a_port, z_port, secret):
        """A offers to Janus, Janus to Z; the answers go back so."""
        handle = self.attach("nosip")
        offer = self.case.a_sdp(a_port, secret) + "\r\n".join(
            ["a=mid:0", "a=ssrc:%d cname:load" % a_port, "a=ice-ufrag:load",
             "a=ice-pwd:rtp-load.rtp-load.rtp-load",
             "a=candidate:1 1 udp 2130706431 %s %d typ host" % (self.host,
                                                                a_port),
             "a=end-of-candidates"]) + "\r\n"
        data, _ = self.message(handle, {"request": "generate"}, "offer", offer)
        _, answer = self.message(
            handle, {"request": "process", "type": "answer",
                     "sdp": sdp(z_port, "0 PCMU/8000")})
        host, port = attribute(answer, "candidate").split()[4:6]
        ice = ":".join([host, attribute(answer, "ice-ufrag"),
                        attribute(answer, "ice-pwd")])
        return int(port), port_of(data["result"]["sdp"]), ice

    def pids(self):
        return [self.process.pid]


def measure(bridge, load):
    """From "counting" to "counted": CPU of all, wake-ups; then memory."""
    for line in load.stdout:
        if line.startswith("counting"):
            before, began = sum(map(cpu_us, bridge.pids())), time.monotonic()
            woken = sum(map(wakeups, bridge.pids()))
        elif line.startswith("counted"):
            took = time.monotonic() - began
            spent = sum(map(cpu_us, bridge.pids())) - before
            woken = sum(map(wakeups, bridge.pids())) - woken
        else:
            return {"cpu_ms": spent / took / 1000, "wakeups": woken / took,
                    "pss_kib": sum(map(pss_kib, bridge.pids()))
                    }, json.loads(line)
    sys.exit("calls.py: rtp-load said nothing")


def hold(bridge, load, seconds):
    """The wake-ups a second while nobody says anything."""
    load.send_signal(signal.SIGSTOP)
    time.sleep(1)  # until what is on its way has come
    woken = sum(map(wakeups, bridge.pids()))
    time.sleep(seconds)
    return (sum(map(wakeups, bridge.pids())) - woken) / seconds


def come_first():
    """What else runs on this machine is not to be measured (root only)."""
    os.nice(-20)
    try:
        os.setsid()  # a session is a scheduling group (sched(7), autogroup)
        with open("/proc/self/autogroup", "w") as file:
            file.write("-20")
    except OSError:
        pass  # there are none, or this one is not ours alone


def pin(bridge, load):
    """The bridge on the first core, the load on the last."""
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(load, cores[-1:])
    os.sched_setaffinity(0, cores[-1:])
    for pid in bridge.pids():
        for task in os.listdir("/proc/%d/task" % pid):
            os.sched_setaffinity(int(task), cores[:1])


def main():
    which, n, seconds, name, speech, folder = sys.argv[1:7]
    case, n = Case(name), int(n)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # all ends with it
    pinned, held = "pinned" in sys.argv[7:], "held" in sys.argv[7:]
    # Each call has two sockets in rtp-load and two pipes in here.
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if os.geteuid() == 0:
        come_first()
    kind = {"pipecall": Pipecall, "shared": Shared, "rtpengine": Rtpengine,
            "janus": Janus}[which]
    bridge = (Conference if name == "mix" else kind)(case, folder)
    load = None
    try:
        load = subprocess.Popen(
            ["rtp-load", str(n), seconds,
             "opus" if name in ("opus", "mix") else "pcmu",
             "plain" if name in ("opus", "mix") else name, speech], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        ends = [load.stdout.readline().split(None, 2) for _ in range(n)]
        for i, (a_port, z_port, secret) in enumerate(ends):
            there = bridge.call(i, int(a_port), int(z_port), secret.strip())
            print(*there, file=load.stdin)
        if pinned:
            pin(bridge, load.pid)
        load.stdin.close()
        cost, result = measure(bridge, load)
        result.update({k: round(v / n, 3) for k, v in cost.items()})
        if held:
            result["held_wakeups"] = round(hold(bridge, load, 5) / n, 3)
        print(json.dumps(result))
    finally:
        if load:
            load.kill()
            load.wait()
        bridge.stop()


main()
