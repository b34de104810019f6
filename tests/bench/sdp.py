"""sdp-convert beside cat and node with sdp-transform, all in one run.

argv: a description. Prints the figures; sdp.sh calls this. Times are the
shortest of several rounds, the programs taking turns: on a busy machine it is
the one least disturbed.
"""
import json
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
OFFER = sys.argv[1]
HEAD = b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
SHAPES = {
    "lines": (b"m=audio 6000 RTP/AVP 0\r\n", b"a=x-odd:1 of very many\r\n"),
    "sections": (b"", b"m=audio 6000 RTP/AVP 0\r\na=mid:%d\r\na=ptime:20\r\n"),
    "codecs": (b"m=audio 6000 RTP/AVP 0\r\n", b"a=rtpmap:%d x/8000\r\n"),
}


def figure(name, value, unit, how, goal):
    good = value <= goal if how == "<=" else value >= goal
    print(f"{name} {value:.3g} {unit} (goal {how} {goal:g}) "
          f"{'ok' if good else 'short'}")


def run(command, data):
    """Seconds from start to end, data on stdin."""
    began = time.perf_counter()
    subprocess.run(command, input=data, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, check=False)
    return time.perf_counter() - began


def shortest(commands, data, rounds):
    best = {name: 1e9 for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            best[name] = min(best[name], run(command, data))
    return best


def node(what):
    return ["node", os.path.join(HERE, "sdp.mjs"), what]


def one_call(data):
    """Start-up to answer, which is what a gateway pays for each call."""
    best = shortest({"ours": ["sdp-convert", "-q", "--to", "sip"],
                     "cat": ["cat"], "node": node("one")}, data, 25)
    print(f"# one description: sdp-convert {best['ours'] * 1e3:.2f} ms, "
          f"cat {best['cat'] * 1e3:.2f} ms, "
          f"node {best['node'] * 1e3:.2f} ms")
    figure("sdp-start-to-cat", best["ours"] / best["cat"], "ratio", "<=", 4)
    figure("sdp-start-to-node", best["ours"] / best["node"], "ratio", "<=",
           0.2)


def stream(data, count=5000):
    """Many descriptions through one process, parsed and written again."""
    lines = (json.dumps({"sdp": data.decode()}) + "\n").encode() * count
    best = shortest({"ours": ["sdp-convert", "--stream"],
                     "convert": ["sdp-convert", "--stream", "--to", "sip"],
                     "node": node("stream"), "jq": ["jq", "-c", "."]},
                    lines, 3)
    print(f"# {count} descriptions: written again "
          f"{count / best['ours']:.0f}/s, converted "
          f"{count / best['convert']:.0f}/s, node "
          f"{count / best['node']:.0f}/s")
    # jq reads and prints the JSON, which is most of the work.
    figure("sdp-stream-to-jq", best["ours"] / best["jq"], "ratio", "<=", 1)
    figure("sdp-stream-to-node", best["ours"] / best["node"], "ratio", "<=",
           0.5)


def document(shape, size):
    first, more = SHAPES[shape]
    parts = [HEAD, first]
    length = len(HEAD) + len(first)
    i = 0
    while length < size:
        part = more % i if b"%d" in more else more
        parts.append(part)
        length += len(part)
        i += 1
    return b"".join(parts)


def growth():
    """Ten times as much takes ten times as long, and a little more for caches
    that are too small by then; were it quadratic, a hundred times."""
    kinds = {"same": [], "to-webrtc": ["--to", "webrtc"],
             "check": ["--check"]}
    for name, args in kinds.items():
        worst = 0
        for shape in SHAPES:
            command = {"x": ["sdp-convert", "-q", *args]}
            small = shortest(command, document(shape, 1 << 20), 3)["x"]
            large = shortest(command, document(shape, 10 << 20), 2)["x"]
            worst = max(worst, large / small)
        figure(f"sdp-10MB-to-1MB-{name}", worst, "ratio", "<=", 20)


def memory(data):
    with subprocess.Popen(["sdp-convert", "--stream", "--to", "sip"],
                          stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as process:
        line = json.dumps({"sdp": data.decode()}) + "\n"
        process.stdin.write(line.encode())
        process.stdin.flush()
        process.stdout.readline()
        with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
            peak = next(x.split()[1] for x in file if x.startswith("VmHWM"))
        process.stdin.close()
    figure("sdp-memory", int(peak) / 1024, "MiB", "<=", 8)
    big = document("lines", 10 << 20)
    out = subprocess.run(
        [sys.executable, "-c",
         "import resource, subprocess, sys\n"
         "subprocess.run(sys.argv[1:], stdin=sys.stdin,"
         " stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n"
         "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)",
         "sdp-convert", "--to", "sip"], input=big, stdout=subprocess.PIPE,
        check=True)
    figure("sdp-memory-10MB", int(out.stdout) * 1024 / len(big),
           "bytes/byte", "<=", 12)


def main():
    with open(OFFER, "rb") as file:
        data = file.read()
    one_call(data)
    stream(data)
    growth()
    memory(data)


main()
