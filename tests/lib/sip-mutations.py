#!/usr/bin/env python3
"""Send a line (sip-register --line) broken SIP, from both of its sides.

    sip-mutations.py ADDRESS:PORT SOCK [COUNT [SEED]]

Requests and responses of a handful of calls come over UDP, and as a dial's
over SOCK, each with up to five random changes; dials come and go, and take
calls. Prints how many answers came. Exits 1 when the line is gone.
"""
import random
import socket
import sys
import time

METHODS = [b"INVITE", b"ACK", b"BYE", b"CANCEL", b"OPTIONS", b"UPDATE", b"FOO"]
CHALLENGE = b'WWW-Authenticate: Digest realm="r",nonce="n"\r\n'


def message(first, cseq, port, call, tag=b"", extra=b""):
    return (
        first
        + b"\r\nVia: SIP/2.0/UDP 127.0.0.1:%d;branch=z9hG4bK%d;rport\r\n"
        b'From: "A" <sip:a@127.0.0.1:%d>;tag=f\r\n'
        b"To: <sip:b@127.0.0.1>%s\r\nCall-ID: c%d\r\nCSeq: 1 %s\r\n"
        b"Contact: <sip:a@127.0.0.1:%d>\r\n"
        b"Record-Route: <sip:127.0.0.1:%d;lr>, <sip:x;lr>\r\n"
        b"%sContent-Length: 0\r\n\r\n"
        % (port, random.randrange(1000), port, tag, call, cseq, port, port, extra)
    )


def mutate(data):
    data = bytearray(data)
    for _ in range(random.choice([0, 0, 1, 1, 2, 5])):
        at = random.randrange(len(data) + 1)
        kind = random.random()
        if kind < 0.3:
            data[at : at + 1] = bytes([random.choice(b'\0\r\n<>";,:@ \t\xff=%')])
        elif kind < 0.5:
            data[at:at] = bytes(random.choices(b'\r\n<>";,:@ =', k=3))
        elif kind < 0.7:
            del data[at : at + random.randrange(1, 30)]
        elif kind < 0.85:
            data[at:at] = data[max(0, at - 40) : at]
        else:
            del data[at:]
    return bytes(data)


def request(port, methods):
    method = random.choice(methods)
    tag = random.choice([b"", b";tag=t"])
    first = method + b" sip:b@127.0.0.1 SIP/2.0"
    return mutate(message(first, method, port, random.randrange(40), tag))


def response(port, statuses):
    method = random.choice(METHODS[:4])
    status = random.choice(statuses)
    extra = CHALLENGE if status in (401, 407) else b""
    call = random.randrange(40)
    first = b"SIP/2.0 %d X" % status
    return mutate(message(first, method, port, call, b";tag=t", extra))


def from_dial(port):
    """What a dial might send over the line; None: it goes."""
    kind = random.random()
    head = b'{"type":"send","to":"127.0.0.1:%d"}\n' % port
    if kind < 0.5:
        return head + request(port, METHODS[:4])
    if kind < 0.8:
        return head + response(port, [180, 200, 486])
    if kind < 0.9:
        return b'{"type":"take"}\n'
    if kind < 0.93:
        return mutate(
            b'{"type":"authorize","id":1,"method":"INVITE","uri":"sip:x"}\n'
            b"SIP/2.0 401 X\r\n" + CHALLENGE + b"\r\n"
        )
    return None


def connect(path):
    line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    line.connect(path)
    line.setblocking(False)
    return line


def drain(sock):
    n = 0
    try:
        while sock.recv(70000):
            n += 1
    except OSError:
        pass
    return n


def main(address, path, count=2000, seed=1):
    random.seed(int(seed))
    host, _, port = address.rpartition(":")
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", 0))
    udp.setblocking(False)
    mine = udp.getsockname()[1]
    line = connect(path)
    answers = 0
    for n in range(int(count)):
        data = (
            request(mine, METHODS)
            if random.random() < 0.6
            else response(mine, [100, 180, 200, 200, 302, 401, 407, 481, 487, 500])
        )
        udp.sendto(data, (host, int(port)))
        if random.random() < 0.5:
            packet = from_dial(mine)
            try:
                if packet is None:
                    raise BrokenPipeError
                line.send(packet)
            except OSError:  # told to go, or dropped for what it said
                line.close()
                line = connect(path)
        answers += drain(udp) + drain(line)
        if n % 20 == 0:
            time.sleep(0.005)
    print(answers)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except OSError as error:
        sys.exit(f"the line is gone: {error}")
