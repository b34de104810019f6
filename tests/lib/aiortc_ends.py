"""What aiortc says and hears in tests: a tone, and a recording."""
import asyncio
import fractions
import math
import struct
import wave

import av
from aiortc import MediaStreamTrack

RATE = 8000


class Tone(MediaStreamTrack):
    kind = "audio"

    def __init__(self, hz):
        super().__init__()
        self.hz, self.at, self.start = hz, 0, None

    async def recv(self):
        loop = asyncio.get_running_loop()
        self.start = self.start or loop.time()
        await asyncio.sleep(max(0, self.start + self.at / RATE - loop.time()))
        n = RATE // 50
        pcm = struct.pack(f"<{n}h", *(
            int(8192 * math.sin(2 * math.pi * self.hz * (self.at + i) / RATE))
            for i in range(n)))
        frame = av.AudioFrame(format="s16", layout="mono", samples=n)
        frame.planes[0].update(pcm)
        frame.sample_rate, frame.pts = RATE, self.at
        frame.time_base = fractions.Fraction(1, RATE)
        self.at += n
        return frame


async def record(track, path, seconds):
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    with wave.open(path, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        got = 0
        while got < seconds * RATE:
            for frame in resampler.resample(await track.recv()):
                out.writeframes(bytes(frame.planes[0])[:frame.samples * 2])
                got += frame.samples
