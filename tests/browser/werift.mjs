/*
 * werift, WebRTC written in TypeScript alone, as the browser: it calls a number
 * through a gateway's ws-signal, or is called.
 *
 *	node werift.mjs URL NUMBER|- HZ HEARD.wav SECONDS [trickle]
 *
 * Sends a tone of HZ as PCMU, records what comes for SECONDS, and hangs up.
 * With trickle its candidates go one by one. Exits 1 with the gateway's words
 * when the call is refused.
 */
import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { wavFile } from "./lib.mjs";
import { MediaStreamTrack, RTCPeerConnection, RTCRtpCodecParameters, RtpHeader,
	RtpPacket } from "werift";

const [url, number, hz, path, seconds, trickle] = process.argv.slice(2);
const RATE = 8000, FRAME = 160;
const heard = [];
const pc = new RTCPeerConnection({
	codecs: { audio: [new RTCRtpCodecParameters({ mimeType: "audio/PCMU",
		clockRate: RATE, channels: 1, payloadType: 0 })] },
});
const track = new MediaStreamTrack({ kind: "audio" });
let peer, call = "werift";
const wire = spawn("ws-signal", ["--connect", url],
	{ stdio: ["pipe", "pipe", "inherit"] });

function say(message)
{
	wire.stdin.write(`${JSON.stringify(message)}\n`);
}

/* G.711, by its definition (and slowly). */
function toMulaw(x)
{
	const sign = x < 0 ? 0x80 : 0;
	const v = Math.min(Math.abs(Math.round(x * 8159)) + 33, 8191);
	const exponent = 26 - Math.clz32(v); // 33 -> 0

	return ~(sign | exponent << 4 | v >> exponent + 1 & 15) & 255;
}

function fromMulaw(byte)
{
	const x = ~byte, exponent = x >> 4 & 7;
	const v = ((x & 15) * 2 + 33 << exponent) - 33;

	return (x & 0x80 ? -v : v) * 4;
}

let at = 0;

function talk()
{
	const began = Date.now();

	return setInterval(() => {
		for (; at * FRAME / RATE * 1000 < Date.now() - began; at++) {
			const payload = Buffer.alloc(FRAME);

			for (let i = 0; i < FRAME; i++)
				payload[i] = toMulaw(0.25 * Math.sin(2 * Math.PI *
					hz * (at * FRAME + i) / RATE));
			track.writeRtp(new RtpPacket(new RtpHeader({
				payloadType: 0, sequenceNumber: at & 65535,
				timestamp: at * FRAME, ssrc: 1,
				marker: at === 0 }), payload));
		}
	}, 20);
}

async function save()
{
	const pcm = Buffer.alloc(heard.length * 2);

	heard.forEach((x, i) => pcm.writeInt16LE(x, i * 2));
	await writeFile(path, wavFile(pcm, RATE));
}

async function end(words)
{
	if (words)
		console.log(words);
	await pc.close();
	wire.stdin.end();
	process.exitCode = words ? 1 : 0;
	wire.once("exit", () => process.exit());
}

async function enough()
{
	await save();
	say({ type: "bye", to: peer, call });
	await end();
}

/* Ours, once it has all candidates, unless they follow one by one. */
async function described(description)
{
	await pc.setLocalDescription(description);
	if (!trickle && pc.iceGatheringState !== "complete")
		await pc.iceGatheringStateChange.watch((s) => s === "complete");
	return pc.localDescription.sdp;
}

const on = {
	async room(m)
	{
		const gateway = m.participants.find((p) => p.kind === "gateway");

		if (number === "-")
			return console.log("ready");
		say({ type: "invite", to: gateway.id, call, number,
			sdp: await described(await pc.createOffer()) });
	},
	async invite(m)
	{
		[peer, call] = [m.from, m.call];
		await pc.setRemoteDescription({ type: "offer", sdp: m.sdp });
		say({ type: "description", to: peer, call, kind: "answer",
			sdp: await described(await pc.createAnswer()) });
	},
	trying(m) { meet(m.from); },
	description(m)
	{
		return pc.setRemoteDescription({ type: "answer", sdp: m.sdp });
	},
	bye(m) { return end(`${m.code} ${m.why}`); },
};
const toSend = [];

function meet(id)
{
	peer = id;
	for (const message of toSend.splice(0))
		say({ ...message, to: peer, call });
}

if (trickle)
	pc.onIceCandidate.subscribe((c) => {
		toSend.push({ type: "candidate", candidate: c?.candidate ?? "",
			mid: c?.sdpMid ?? "0" });
		if (peer)
			meet(peer);
	});
pc.addTransceiver(track, { direction: "sendrecv" });
pc.onTrack.subscribe((remote) => remote.onReceiveRtp.subscribe((packet) => {
	const full = heard.length >= seconds * RATE;

	heard.push(...Array.from(packet.payload, fromMulaw));
	if (!full && heard.length >= seconds * RATE)
		enough();
}));
pc.connectionStateChange.subscribe((state) => {
	if (state === "connected")
		talk();
});
let chain = Promise.resolve();
createInterface({ input: wire.stdout }).on("line", (line) => {
	const m = JSON.parse(line);

	chain = chain.then(() => on[m.type]?.(m))
		.catch((error) => end(String(error)));
});
say({ type: "enter", room: "phones", kind: "phone", name: "werift" });
