#!/usr/bin/python3
"""The median time of RUNS connections of two ends of aioice, in ms:

    ice-aioice.py RUNS ADDRESS ADDRESS [COMMAND...]

from when both know the other's description to when both are connected. The
second end is a process of its own, run with COMMAND in front of it.
"""
import asyncio
import json
import statistics
import subprocess
import sys
import time

import aioice
import aioice.ice


async def open_end(address, controlling):
    aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: [address]
    end = aioice.Connection(ice_controlling=controlling, components=1)
    await end.gather_candidates()
    return end, json.dumps([end.local_username, end.local_password,
                            [c.to_sdp() for c in end.local_candidates]])


async def connect(end, other):
    end.remote_username, end.remote_password, candidates = json.loads(other)
    for candidate in candidates:
        await end.add_remote_candidate(aioice.Candidate.from_sdp(candidate))
    await end.add_remote_candidate(None)
    await end.connect()
    return time.time()


async def line_of(stream):
    return await asyncio.get_running_loop().run_in_executor(
        None, stream.readline)


async def second(address):
    end, description = await open_end(address, False)
    print(description, flush=True)
    print(await connect(end, await line_of(sys.stdin)), flush=True)
    await line_of(sys.stdin)  # stays until the first is connected, too
    await end.close()


async def once(address, there, command):
    other = subprocess.Popen([*command, sys.executable, __file__, "second",
                              there], stdin=subprocess.PIPE, text=True,
                             stdout=subprocess.PIPE, bufsize=1)
    end, description = await open_end(address, True)
    theirs = await line_of(other.stdout)
    began = time.time()
    other.stdin.write(description + "\n")
    done = await connect(end, theirs)
    done = max(done, float(await line_of(other.stdout)))
    other.stdin.close()
    other.wait()
    await end.close()
    return (done - began) * 1000


async def main(runs, here, there, command):
    print("%.1f" % statistics.median(
        [await once(here, there, command) for _ in range(runs)]))


if sys.argv[1] == "second":
    asyncio.run(second(sys.argv[2]))
else:
    asyncio.run(main(int(sys.argv[1]), *sys.argv[2:4], sys.argv[4:]))
