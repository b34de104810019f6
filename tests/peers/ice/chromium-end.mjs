/*
 * The other end of an ICE path in Chromium: a peer connection with a data
 * channel, of which only ICE and the first flight of DTLS are wanted.
 *
 *	node chromium-end.mjs offer|answer OUT.sdp [relay HOST:PORT USER PASSWORD]
 *
 * Its description is in OUT.sdp when all candidates are; its addresses are
 * behind names of mDNS, as a browser's are. With relay it has no candidates but
 * those of a TURN server. Commands on stdin:
 *
 *	remote FILE         the peer's fragment
 *	candidate LINE      one of its candidates; without one, the end
 *	restart OUT.sdp     restart ICE: a new offer
 *	close
 *
 * Prints JSON lines: each candidate, each state, and the pair that is selected.
 */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { launch } from "../../browser/lib.mjs";

const [role, out, policy, turn, username, credential] = process.argv.slice(2);
const say = (event, fields) =>
	console.log(JSON.stringify({ event, ...fields }));

/* These run in the page. */
function begin([offers, config])
{
	const pc = window.pc = new RTCPeerConnection(config);

	pc.onicecandidate = (e) => window.say("candidate",
		{ candidate: e.candidate?.candidate ?? "" });
	pc.oniceconnectionstatechange = () =>
		window.say("state", { state: pc.iceConnectionState });
	if (offers)
		pc.createDataChannel("d");
}

async function describe(anew)
{
	const { pc } = window;

	if (anew)
		pc.restartIce();
	await pc.setLocalDescription();
	await new Promise((done) => {
		const look = () => pc.iceGatheringState === "complete" && done();

		pc.addEventListener("icegatheringstatechange", look);
		look();
	});
	return pc.localDescription.sdp;
}

/* The transport is there when both descriptions are, and may have a pair. */
function watchPair()
{
	const ice = window.pc.sctp.transport.iceTransport;
	const look = () => {
		const pair = ice.getSelectedCandidatePair();

		if (pair)
			window.say("selected", { local: pair.local.candidate,
				remote: pair.remote.candidate,
				protocol: pair.local.protocol });
	};

	ice.onselectedcandidatepairchange = look;
	look();
}

/* A whole description of what a fragment says; its fingerprint is nobody's. */
function description(type, fragment)
{
	const ice = fragment.split(/\r?\n/).filter((line) =>
		/^a=(ice-|candidate:|end-of)/.test(line));

	return ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0",
		"a=group:BUNDLE 0",
		"m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
		"c=IN IP4 0.0.0.0", "a=mid:0", "a=sctp-port:5000",
		"a=fingerprint:sha-256 " + Array(32).fill("00").join(":"),
		"a=setup:" + (type === "answer" ? "passive" : "actpass"),
		...ice, ""].join("\r\n");
}

function write(path, text)
{
	writeFileSync(path + ".tmp", text);
	renameSync(path + ".tmp", path);
	say("described", { path });
}

const commands = {
	async remote(file)
	{
		const type = await page.evaluate(() =>
			window.pc.signalingState === "have-local-offer" ?
				"answer" : "offer");

		await page.evaluate((remote) =>
			window.pc.setRemoteDescription(remote),
		{ type, sdp: description(type, readFileSync(file, "latin1")) });
		const ours = type === "answer" ? null :
			page.evaluate(describe, false);

		await page.evaluate(watchPair);
		if (ours)
			write(out, await ours);
	},
	candidate: (line) => page.evaluate((candidate) =>
		window.pc.addIceCandidate({ candidate, sdpMid: "0" }), line),
	restart: async (path) => write(path, await page.evaluate(describe, true)),
	close: () => page.evaluate(() => window.pc.close()),
};

const browser = await launch();
const page = await browser.newPage();

await page.exposeFunction("say", say);
await page.evaluate(begin, [role === "offer", policy ? {
	iceTransportPolicy: "relay",
	iceServers: [{ urls: `turn:${turn}`, username, credential }],
} : {}]);
if (role === "offer")
	write(out, await page.evaluate(describe, false));
say("ready");
for await (const line of createInterface({ input: process.stdin })) {
	const [word, ...rest] = line.split(" ");

	await commands[word](rest.join(" "));
}
await browser.close();
