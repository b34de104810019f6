/*
 * A Chromium page with a camera, and rtp-bridge's dtls: leg that echoes it:
 *
 *	node rtp-bridge-chromium.mjs VP8|H264|VP9|AV1 FRAGMENTS-COMMAND...
 *
 * Writes offer.sdp; runs the command, which prints the lines of an answer's
 * video section (address, ICE, DTLS); waits until 30 pictures were decoded and
 * prints what the page counted.
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { launch } from "../browser/lib.mjs";

const [codec, ...command] = process.argv.slice(2);
const browser = await launch();

async function offer(page)
{
	return page.evaluate(async () => {
		const stream = await navigator.mediaDevices.getUserMedia(
			{ video: { width: 320, height: 240 } });

		window.pc = new RTCPeerConnection();
		window.pc.ontrack = ({ track }) => {
			const video = document.createElement("video");

			video.muted = true;
			video.srcObject = new MediaStream([track]);
			document.body.append(video);
			video.play();
			window.screen_ = video;
		};
		window.pc.addTrack(stream.getVideoTracks()[0], stream);
		await window.pc.setLocalDescription();
		await new Promise((done) => {
			if (window.pc.iceGatheringState === "complete")
				done();
			window.pc.onicecandidate = (e) => e.candidate || done();
		});
		return window.pc.localDescription.sdp;
	});
}

/* The payload type of the codec in the offer, and its lines. */
function choose(sdp)
{
	const lines = sdp.split("\r\n");
	const map = lines.find((l) => new RegExp(
		`^a=rtpmap:\\d+ ${codec}/90000`).test(l));

	if (!map)
		throw new Error(`impossible here: no ${codec} in this Chromium`);
	const pt = map.match(/:(\d+)/)[1];

	return { pt, lines: lines.filter((l) => new RegExp(
		`^a=(rtpmap|fmtp):${pt} `).test(l)) };
}

try {
	const page = await (await browser.newContext(
		{ permissions: ["camera"] })).newPage();

	await page.goto("http://localhost:" + process.env.WWW + "/");
	const sdp = await offer(page);
	writeFileSync("offer.sdp", sdp);
	const { pt, lines } = choose(sdp);
	const answer = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0",
		"a=group:BUNDLE 0",
		`m=video 9 UDP/TLS/RTP/SAVPF ${pt}`, "c=IN IP4 0.0.0.0", "a=mid:0",
		...lines, `a=rtcp-fb:${pt} nack pli`, `a=rtcp-fb:${pt} nack`,
		`a=rtcp-fb:${pt} goog-remb`, "a=sendrecv",
		...execFileSync(command[0], command.slice(1), { encoding: "utf8" })
			.split(/\r?\n/).filter(Boolean), ""].join("\r\n");
	writeFileSync("answer.sdp", answer);
	await page.evaluate((text) => window.pc.setRemoteDescription(
		{ type: "answer", sdp: text }), answer);
	execFileSync(command[0], ["answered"]);
	const end = Date.now() + 30000;
	let stats = {};

	while (!(stats.decoded >= 30 && stats.plis >= 1)) {
		if (Date.now() > end)
			throw new Error(`after 30 s: ${JSON.stringify(stats)}`);
		await page.waitForTimeout(100);
		stats = await page.evaluate(async () => {
			const all = [...(await window.pc.getStats()).values()];
			const come = all.find((s) => s.type === "inbound-rtp");
			const gone = all.find((s) => s.type === "outbound-rtp");

			return { decoded: come?.framesDecoded, width: come?.frameWidth,
				sent: gone?.framesEncoded, plis: gone?.pliCount,
				state: window.pc.connectionState };
		});
	}
	console.log(JSON.stringify(stats));
} finally {
	await browser.close();
}
