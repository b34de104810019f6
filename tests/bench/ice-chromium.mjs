/*
 * The median time of N connections of two ends in Chromium, in ms, from when
 * both know the other's description, all candidates in it, to when both are
 * connected:
 *
 *	node ice-chromium.mjs N [CHROMIUM]
 *
 * CHROMIUM is the program of a second browser, in which the second end is, such
 * as one that runs it in another network namespace; else both are in one.
 */
import { launch } from "../browser/lib.mjs";

/*
 * These run in a page. Addresses are told as they are: nobody would resolve a
 * name of mDNS from one namespace to another.
 */
function begin(offerer)
{
	const pc = new RTCPeerConnection();

	window.pc = pc;
	window.connected = new Promise((done) => {
		pc.oniceconnectionstatechange = () =>
			["connected", "completed"].includes(pc.iceConnectionState) &&
			done(performance.timeOrigin + performance.now());
	});
	window.described = async () => {
		const gathered = new Promise((done) => {
			pc.onicecandidate = (e) => e.candidate || done();
		});

		await pc.setLocalDescription();
		await gathered;
		return pc.localDescription.toJSON();
	};
	if (!offerer)
		return null;
	pc.createDataChannel("d");
	return window.described();
}

async function answer(offer)
{
	await window.pc.setRemoteDescription(offer);
	return window.described();
}

async function finish(description)
{
	const began = performance.timeOrigin + performance.now();

	await window.pc.setRemoteDescription(description);
	return began;
}

async function once(a, b)
{
	const offer = await a.evaluate(begin, true);

	await b.evaluate(begin, false);
	const began = await a.evaluate(finish, await b.evaluate(answer, offer));
	const ended = Math.max(...await Promise.all([a, b].map((page) =>
		page.evaluate(() => window.connected))));

	await Promise.all([a, b].map((page) =>
		page.evaluate(() => window.pc.close())));
	return ended - began;
}

async function open(program)
{
	if (program)
		process.env.CHROMIUM = program;
	const browser = await launch({
		args: ["--disable-features=WebRtcHideLocalIpsWithMdns"],
	});

	browsers.push(browser);
	return browser;
}

const [n, second] = process.argv.slice(2);
const browsers = [], times = [];
const first = await open();
const a = await first.newPage();
const b = await (second ? await open(second) : first).newPage();

for (let i = 0; i < Number(n); i++)
	times.push(await once(a, b));
await Promise.all(browsers.map((browser) => browser.close()));
console.log(times.sort((x, y) => x - y)[times.length >> 1].toFixed(1));
