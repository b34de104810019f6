/*
 * How long from the browser's offer to the first audio packet:
 *
 *	node setup.mjs URL CALLS
 *
 * for calls to the answering machine through the gateway, and, in the same
 * page, between two RTCPeerConnections of Chromium's own (no signalling at
 * all: the floor). Prints both medians and their ratio.
 */
import { openPhone, closePhone, dial, hangUp, waitStatus } from "../browser/lib.mjs";

const [url, calls] = [process.argv[2], Number(process.argv[3] ?? 10)];
const page = await openPhone(url);
const median = (list) => list.sort((a, b) => a - b)[list.length >> 1];

/* Runs in the page: when did the first packet come? Looked at every 2 ms. */
const firstPacket = () => new Promise((resolve) => {
	const look = async () => {
		const pc = window.pipecall.pc();

		for (const s of pc ? (await pc.getStats()).values() : [])
			if (s.type === "inbound-rtp" && s.packetsReceived > 0)
				return resolve(Date.now());
		setTimeout(look, 2);
	};

	look();
});

async function gatewayCall()
{
	const arrived = page.evaluate(firstPacket);

	await dial(page, "echo");
	const end = await arrived;
	const begin = await page.evaluate(() => window.pipecall.log()
		.findLast((l) => l.message.type === "invite").time);

	await waitStatus(page, /^in call/);
	await hangUp(page);
	await waitStatus(page, /^ended/);
	return end - begin;
}

/* Runs in the page: two of Chromium's own ends. */
async function floor()
{
	const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
	const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];

	a.onicecandidate = (e) => e.candidate && b.addIceCandidate(e.candidate);
	b.onicecandidate = (e) => e.candidate && a.addIceCandidate(e.candidate);
	for (const pc of [a, b])
		pc.addTrack(stream.getTracks()[0], stream);
	await a.setLocalDescription();
	const begin = Date.now();

	await b.setRemoteDescription(a.localDescription);
	await b.setLocalDescription();
	await a.setRemoteDescription(b.localDescription);
	for (;;) {
		for (const s of (await a.getStats()).values())
			if (s.type === "inbound-rtp" && s.packetsReceived > 0) {
				a.close();
				b.close();
				stream.getTracks().forEach((t) => t.stop());
				return Date.now() - begin;
			}
		await new Promise((done) => setTimeout(done, 2));
	}
}

const through = [], alone = [];

for (let i = 0; i < calls; i++) {
	alone.push(await page.evaluate(floor));
	through.push(await gatewayCall());
}
await closePhone(page);
console.log(JSON.stringify({ gateway_ms: median(through), floor_ms: median(alone),
	all: through, min: Math.min(...through), max: Math.max(...through) }));
