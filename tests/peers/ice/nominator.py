#!/usr/bin/python3
"""An ICE peer that does as it is told:

    nominator.py OUT.frag FRAG [lite|full] [ice2]

Two UDP sockets, a and b, on 127.0.0.1; its fragment (OUT) names no
candidates, as a browser's that has only mDNS names; with full it names both,
with lite it is ICE-lite as well; ice2 is an option of ICE that it says it has.
Commands on stdin:

    check a|b PRIORITY     a check
    nominate a|b PRIORITY  a check with USE-CANDIDATE
    forge a|b PRIORITY     the same with a wrong password
    conflict a|b PRIORITY TIE  a check in the role that TIE begins with,
                           controlling or controlled: controlled=0
    answer CODE            answer all checks with this error from now on
    answer elsewhere       ... from the other socket
    answer 0               ... as they should be
    data a|b HEX           a datagram that is not STUN

Checks are answered; every message is a JSON line.
"""
import json
import os
import select
import socket
import sys

from aioice import stun

UFRAG, PASSWORD = "nomi", "0123456789abcdefghijklmn"


def say(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


def read_fragment(path):
    values = {}
    for line in open(path, newline=""):
        name, _, value = line.strip().partition(":")
        values.setdefault(name, value)
    words = values["a=candidate"].split()
    return (values["a=ice-ufrag"], values["a=ice-pwd"],
            (words[4], int(words[5])))


class Nominator:
    def __init__(self, out, fragment, *kind):
        self.sockets = {}
        for name in "ab":
            self.sockets[name] = socket.socket(socket.AF_INET,
                                               socket.SOCK_DGRAM)
            self.sockets[name].bind(("127.0.0.1", 0))
        with open(out + ".tmp", "w", newline="") as file:
            file.write("%sa=ice-ufrag:%s\r\na=ice-pwd:%s\r\n"
                       "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n"
                       % ("a=ice-lite\r\n" if "lite" in kind else
                          "a=ice-options:ice2\r\n" if "ice2" in kind else "",
                          UFRAG, PASSWORD))
            for name in "ab" if "lite" in kind or "full" in kind else "":
                file.write("a=candidate:%s 1 udp %d 127.0.0.1 %d typ host\r\n"
                           % (name, 2 ** 24 * (126 - ord(name) % 2) + 65535 * 256
                              + 255, self.sockets[name].getsockname()[1]))
        os.rename(out + ".tmp", out)
        self.ufrag, self.password, self.remote = read_fragment(fragment)
        self.code = 0
        self.elsewhere = False
        say("ready", **{name: "127.0.0.1:%d" % s.getsockname()[1]
                        for name, s in self.sockets.items()})

    def check(self, name, priority, nominate=False, password=None,
              role="controlling=%d" % 2 ** 63):
        message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
        message.attributes["USERNAME"] = self.ufrag + ":" + UFRAG
        message.attributes["PRIORITY"] = priority
        kind, _, tie_breaker = role.partition("=")
        message.attributes["ICE-" + kind.upper()] = int(tie_breaker)
        if nominate:
            message.attributes["USE-CANDIDATE"] = None
        message.add_message_integrity((password or self.password).encode())
        self.sockets[name].sendto(bytes(message), self.remote)

    def answer(self, name, request, source):
        response = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE,
                                transaction_id=request.transaction_id)
        if self.code:
            response.message_class = stun.Class.ERROR
            response.attributes["ERROR-CODE"] = (self.code, "As told")
        else:
            response.attributes["XOR-MAPPED-ADDRESS"] = source
        response.add_message_integrity(PASSWORD.encode())
        if self.elsewhere:
            name = "b" if name == "a" else "a"
        self.sockets[name].sendto(bytes(response), source)

    def receive(self, name):
        data, source = self.sockets[name].recvfrom(2048)
        if data[0] > 3:
            say("data", at=name, hex=data.hex())
            return
        message = stun.parse_message(data)
        if message.message_class == stun.Class.REQUEST:
            stun.parse_message(data, integrity_key=PASSWORD.encode())
            say("asked", at=name,
                attributes=sorted(message.attributes.keys()))
            self.answer(name, message, source)
        else:
            say("answered", at=name, kind=message.message_class.name,
                code=message.attributes.get("ERROR-CODE", [0])[0])

    def command(self, words):
        if words[0] in ("check", "nominate", "forge"):
            self.check(words[1], int(words[2]), words[0] != "check",
                       "x" * 22 if words[0] == "forge" else None)
        elif words[0] == "conflict":
            self.check(words[1], int(words[2]), role=words[3])
        elif words[0] == "answer":
            self.elsewhere = words[1] == "elsewhere"
            self.code = 0 if self.elsewhere else int(words[1])
        elif words[0] == "data":
            self.sockets[words[1]].sendto(bytes.fromhex(words[2]),
                                          self.remote)

    def run(self):
        by_socket = {s: name for name, s in self.sockets.items()}
        while True:
            for ready in select.select([sys.stdin, *by_socket], [], [])[0]:
                if ready is not sys.stdin:
                    self.receive(by_socket[ready])
                    continue
                lines = os.read(0, 4096).decode()
                if not lines:
                    return
                for line in lines.splitlines():
                    self.command(line.split())


Nominator(*sys.argv[1:]).run()
