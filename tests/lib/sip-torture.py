#!/usr/bin/env python3
"""Send RFC 4475's messages to sip-dial, and see what it answers.

    sip-torture.py DATA udp|tcp   each to a `sip-dial --answer` of its own
    sip-torture.py DATA caller    all of them to one that is calling

DATA is tests/data/rfc4475; its file "answers" says what must come. One line
is printed for each message that is answered otherwise, and the exit status is
1 then. Run it in a network namespace of its own: answers go to the ports that
the messages name (RFC 3261 18.2.2).
"""
import re
import select
import signal
import socket
import subprocess
import sys
import time

SDP = (
    b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    b"m=audio 40000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
)
PING = (
    b"OPTIONS sip:p@127.0.0.1 SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 127.0.0.1;rport;branch=z9hG4bKping\r\n"
    b"From: <sip:p@127.0.0.1>;tag=1\r\nTo: <sip:p@127.0.0.1>\r\n"
    b"Call-ID: ping\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\n"
    b"Content-Length: 0\r\n\r\n"
)
COMPACT = {b"v": b"via", b"f": b"from", b"t": b"to", b"i": b"call-id"}
PATIENCE = 10


def table(data):
    """name -> (udp, tcp)"""
    rows = {}
    with open(data + "/answers", encoding="utf-8") as lines:
        for line in lines:
            if line.strip() and line[0] != "#":
                name, _, udp, tcp, _ = line.split(None, 4)
                rows[name] = (udp, tcp)
    return rows


def read(data, name):
    with open(f"{data}/{name}.dat", "rb") as file:
        return file.read()


def headers(message):
    """name -> values, without any blanks: those may come and go."""
    head = message.split(b"\r\n\r\n")[0]
    head = re.sub(rb"\r\n[ \t]+", b" ", head)
    found = {}
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        name = name.strip().lower()
        name = COMPACT.get(name, name)
        found.setdefault(name, []).append(re.sub(rb"\s", b"", value))
    return found


def unbracketed(value):
    """sip:a@b;tag=1 and <sip:a@b>;tag=1 are the same."""
    return value.replace(b"<", b"").replace(b">", b"")


def stripped(vias):
    """Without what the top one is marked with (18.2.1, RFC 3581)."""
    top, comma, rest = vias.partition(b",")
    return re.sub(rb";(received|rport)(=[^;]*)?", b"", top) + comma + rest


def copied(request, response):
    """8.2.6.2: what must come back as it went; the name of what did not."""
    was, now = headers(request), headers(response)
    for name in (b"call-id", b"cseq"):
        if was.get(name) != now.get(name):
            return name.decode()
    if [unbracketed(v) for v in was.get(b"from", [])] != [
        unbracketed(v) for v in now.get(b"from", [])
    ]:
        return "from"
    for old, new in zip(was.get(b"to", []), now.get(b"to", [])):
        if not unbracketed(new).startswith(unbracketed(old)):
            return "to"
    old, new = b",".join(was[b"via"]), b",".join(now[b"via"])
    return None if stripped(old) == stripped(new) else "via"


class Dial:
    """A sip-dial and what it says on stderr."""

    def __init__(self, *args):
        self.process = subprocess.Popen(
            ["sip-dial", "--verbose", *args],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.process.stdin.write(SDP)
        self.process.stdin.close()
        self.said = b""

    def wait_for(self, text):
        until = time.monotonic() + PATIENCE
        while text not in self.said:
            left = until - time.monotonic()
            if left < 0 or not select.select([self.process.stderr], [], [], left)[0]:
                raise RuntimeError(f"no {text!r} in {self.said!r}")
            more = self.process.stderr.read1(65536)
            if not more:
                raise RuntimeError(f"it ended: {self.said!r}")
            self.said += more

    def port(self):
        self.wait_for(b"\n")
        return int(re.search(rb"listening \w+ [\d.]+:(\d+)", self.said)[1])

    def end(self):
        """Its exit status, or None when it ended before it was asked to."""
        if self.process.poll() is not None:
            return None
        self.process.send_signal(signal.SIGTERM)
        until = time.monotonic() + 0.15
        while self.process.poll() is None and time.monotonic() < until:
            time.sleep(0.01)
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)  # at once, then
        self.process.wait(PATIENCE)
        self.process.stdout.close()
        self.process.stderr.close()
        return self.process.returncode


def status_of(response):
    match = re.match(rb"SIP/2.0 (\d{3}) ", response)
    return match[1].decode() if match else "?"


def via_port(message):
    """Where the answer to a request comes to: the port of its top Via."""
    via = re.search(rb"(?mi)^(?:via|v)\s*:([^\r]*(?:\r\n[ \t][^\r]*)*)", message)
    protocol = re.search(rb"(?s)/\s*(\w+)\s+([\w.-]+)(?:\s*:\s*(\d+))?", via[1])
    return int(protocol[3] or 5060)


def ping(sock, port):
    """Alive, and done with what came before: the answers until then."""
    answers = []
    sock.sendto(PING, ("127.0.0.1", port))
    until = time.monotonic() + PATIENCE
    while select.select([sock], [], [], max(0, until - time.monotonic()))[0]:
        data = sock.recv(65536)
        if b"\r\nCall-ID: ping\r\n" in data:
            return answers
        answers.append(data)
    raise RuntimeError("no answer to a ping")


def finals(answers):
    return [a for a in answers if not status_of(a).startswith("1")]


def over_udp(message):
    """What came back: the final answers."""
    dial = Dial("--answer", "--listen", "127.0.0.1:0")
    port = dial.port()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        request = not message.startswith(b"SIP/2.0")
        sock.bind(("127.0.0.1", via_port(message) if request else 0))
        sock.sendto(message, ("127.0.0.1", port))
        found = finals(ping(sock, port))
        until = time.monotonic() + PATIENCE
        while not found and b" INVITE" in message and request:
            if time.monotonic() > until:  # its 200 waits for stdin
                break
            found = finals(ping(sock, port))
    if dial.end() is None:
        raise RuntimeError(f"it ended: {dial.said!r}")
    return found


def over_tcp(message):
    """What came back, and b"" when the connection was closed."""
    dial = Dial("--answer", "--tcp", "--listen", "127.0.0.1:0")
    address = ("127.0.0.1", dial.port())
    answers = b""
    with socket.create_connection(address, PATIENCE) as sock:
        sock.sendall(message)
        quiet = 0
        while quiet < 3:
            if not select.select([sock], [], [], 0.1)[0]:
                quiet += 1
                with socket.create_connection(address, PATIENCE) as other:
                    other.sendall(PING.replace(b"/UDP", b"/TCP"))
                    if not other.recv(65536).startswith(b"SIP/2.0 200"):
                        raise RuntimeError("no answer to a ping")
                if answers:
                    break
                continue
            data = sock.recv(65536)
            if not data:
                answers += b"\r\n\r\n\0"
                break
            answers += data
    if dial.end() is None:
        raise RuntimeError(f"it ended: {dial.said!r}")
    ended = answers.endswith(b"\0")
    found = [
        a for a in re.split(rb"(?=SIP/2\.0 \d{3} )", answers) if a.startswith(b"SIP/")
    ]
    return finals(found), ended


def judge(name, message, wanted, transport):
    """None, or what is wrong."""
    if transport == "udp":
        found, ended = over_udp(message), False
    else:
        found, ended = over_tcp(message)
    got = ",".join(
        dict.fromkeys([status_of(a) for a in found] + (["end"] if ended else []))
    )
    if wanted in ("R", "wait", "drop"):
        return f"{name}: got {got}" if got else None
    if got != wanted:
        return f"{name}: got {got or 'nothing'}, not {wanted}"
    wrong = copied(message, found[0]) if found else None
    return f"{name}: its {wrong} was changed:\n{found[0].decode()}" if wrong else None


def answers(data, transport):
    failed = 0
    for name, columns in table(data).items():
        wanted = columns[transport == "tcp"]
        try:
            why = judge(name, read(data, name), wanted, transport)
        except (RuntimeError, OSError, subprocess.TimeoutExpired) as error:
            why = f"{name}: {error}"
        if why:
            failed += 1
            print(why)
    return failed


def reply(invite, status, to_tag, body=b""):
    """A response to our INVITE, from its own headers."""
    head = invite.split(b"\r\n\r\n")[0].split(b"\r\n")[1:]
    lines = [b"SIP/2.0 " + status]
    for line in head:
        if re.match(rb"(?i)(via|from|to|call-id|cseq):", line):
            is_to = line.lower().startswith(b"to:")
            lines.append(line + (b";tag=" + to_tag if is_to else b""))
    lines.append(b"Contact: <sip:us@127.0.0.1:%d>" % reply.port)
    if body:
        lines.append(b"Content-Type: application/sdp")
    lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def of_the_call(message, invite):
    """The torture response, as if it were one to this INVITE."""
    ours = headers(invite)
    number = re.search(rb"(?m)^CSeq:\s*(\d+)", message)[1]
    for name in (b"Via", b"Call-ID", b"From", b"To"):
        value = ours[name.lower()][0]
        if name == b"Via":
            value = re.sub(rb"(SIP/2.0/\w+)", rb"\1 ", value)
        if name == b"To":
            value += b";tag=torture"
        message = re.sub(
            rb"(?m)^%s:[^\r]*" % name, lambda _: name + b": " + value, message, count=1
        )
    if len(number) < 9:
        message = re.sub(rb"(?m)^CSeq:\s*\d+", b"CSeq: 1", message)
    return message


def caller(data):
    """All are thrown at a caller while it calls; then it is answered."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(PATIENCE)
        reply.port = sock.getsockname()[1]
        dial = Dial(f"sip:bob@127.0.0.1:{reply.port}")
        invite, address = sock.recvfrom(65536)
        for name in table(data):
            message = read(data, name)
            sock.sendto(message, address)
            if name in ("scalarlg", "bigcode", "bcast"):  # to be discarded
                sock.sendto(of_the_call(message, invite), address)
        sock.sendto(of_the_call(read(data, "noreason"), invite), address)
        dial.wait_for(b"100 ")
        sock.sendto(reply(invite, b"180 Ringing", b"a"), address)
        dial.wait_for(b"180 Ringing")
        answer = of_the_call(read(data, "unreason"), invite)
        answer = answer.replace(b"<sip:user@host198.example.com>",
                                b"<sip:us@127.0.0.1:%d>" % reply.port)
        sock.sendto(answer, address)
        dial.wait_for(b"the call is up")
        dial.process.send_signal(signal.SIGTERM)
        while not (bye := sock.recv(65536)).startswith(b"BYE "):
            pass
        sock.sendto(reply(bye, b"200 OK", b""), address)
        status = dial.process.wait(PATIENCE)
        if status:
            print(f"exit status {status}: {dial.said.decode()}")
        return status


def main(data, what):
    if what == "caller":
        return caller(data)
    return answers(data, what)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) != 0)
