/*
 * The median time of N connections of two ends in one Chromium, in ms, from
 * when both know the other's description, all candidates in it, to when both
 * are connected:
 *
 *	node ice-chromium.mjs N
 */
import { launch } from "../browser/lib.mjs";

/* Runs in the page. */
async function once()
{
	const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
	const gathered = (pc) => new Promise((done) => {
		pc.onicecandidate = (e) => e.candidate || done();
	});
	const connected = (pc) => new Promise((done) => {
		pc.oniceconnectionstatechange = () =>
			["connected", "completed"].includes(pc.iceConnectionState) &&
			done(performance.now());
	});

	a.createDataChannel("d");
	const all = gathered(a);
	await a.setLocalDescription();
	await all;
	await b.setRemoteDescription(a.localDescription);
	const both = Promise.all([connected(a), connected(b)]);
	const rest = gathered(b);
	await b.setLocalDescription();
	await rest;
	const began = performance.now();
	await a.setRemoteDescription(b.localDescription);
	const ended = Math.max(...await both);
	a.close();
	b.close();
	return ended - began;
}

const browser = await launch();
const page = await browser.newPage();
const times = [];

for (let i = 0; i < Number(process.argv[2]); i++)
	times.push(await page.evaluate(once));
await browser.close();
console.log(times.sort((x, y) => x - y)[times.length >> 1].toFixed(1));
