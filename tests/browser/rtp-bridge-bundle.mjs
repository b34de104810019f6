/*
 * A Chromium page with a tone of 440 Hz and a camera, in one bundle:
 *
 *	node rtp-bridge-bundle.mjs VP8|H264 FRAGMENTS-COMMAND...
 *
 * See camera.mjs for the command; its lines go into both sections. Waits until
 * 30 pictures were decoded, then records what is heard while 30 more are, as
 * heard.wav, and prints what the page counted.
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { launch, recordRemote } from "./lib.mjs";
import { choose } from "./camera.mjs";

const [codec, ...command] = process.argv.slice(2);

/* Runs in the page. */
async function offer()
{
	const context = new AudioContext();
	const tone = new OscillatorNode(context, { frequency: 440 });
	const said = context.createMediaStreamDestination();
	const seen = await navigator.mediaDevices.getUserMedia(
		{ video: { width: 320, height: 240 } });
	const pc = window.pc = new RTCPeerConnection();
	const heard = new MediaStream();

	tone.connect(said);
	tone.start();
	await context.resume();
	pc.ontrack = ({ track }) => {
		const element = document.createElement("video");

		element.muted = true;
		element.srcObject = new MediaStream([track]);
		document.body.append(element);
		element.play();
		if (track.kind === "audio")
			heard.addTrack(track);
	};
	window.pipecall = { remote: () => heard };
	pc.addTrack(said.stream.getAudioTracks()[0], said.stream);
	pc.addTrack(seen.getVideoTracks()[0], said.stream);
	await pc.setLocalDescription();
	await new Promise((done) => {
		if (pc.iceGatheringState === "complete")
			done();
		pc.onicecandidate = (e) => e.candidate || done();
	});
	return pc.localDescription.sdp;
}

function answer(sdp)
{
	const transport = execFileSync(command[0], command.slice(1),
		{ encoding: "utf8" }).split(/\r?\n/).filter(Boolean);
	const { pt, lines } = choose(sdp, codec);
	const section = (kind, mid, type, more) => [
		`m=${kind} 9 UDP/TLS/RTP/SAVPF ${type}`, "c=IN IP4 0.0.0.0",
		`a=mid:${mid}`, ...more, "a=sendrecv", ...transport];

	return ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0",
		"a=group:BUNDLE 0 1",
		...section("audio", 0, 111, ["a=rtpmap:111 opus/48000/2"]),
		...section("video", 1, pt, [
			...lines.filter((line) => !line.includes("extmap")),
			`a=rtcp-fb:${pt} nack pli`, `a=rtcp-fb:${pt} nack`]), "",
	].join("\r\n");
}

/* Until so many pictures are decoded; what the page counted. */
async function decoded(page, pictures)
{
	const end = Date.now() + 40000;

	for (;;) {
		const stats = await page.evaluate(async () => {
			const all = [...(await window.pc.getStats()).values()];
			const of = (type, kind) => all.find((s) =>
				s.type === type && s.kind === kind);

			return { decoded: of("inbound-rtp", "video")?.framesDecoded,
				sent: of("outbound-rtp", "video")?.framesEncoded,
				audio: of("inbound-rtp", "audio")?.packetsReceived,
				state: window.pc.connectionState };
		});

		if (stats.decoded >= pictures)
			return stats;
		if (Date.now() > end)
			throw new Error(`after 40 s: ${JSON.stringify(stats)}`);
		await page.waitForTimeout(100);
	}
}

const browser = await launch();

try {
	const page = await (await browser.newContext(
		{ permissions: ["camera", "microphone"] })).newPage();

	await page.goto("http://localhost:" + process.env.WWW + "/");
	const sdp = await page.evaluate(offer);
	writeFileSync("offer.sdp", sdp);
	const text = answer(sdp);
	writeFileSync("answer.sdp", text);
	await page.evaluate((t) => window.pc.setRemoteDescription(
		{ type: "answer", sdp: t }), text);
	execFileSync(command[0], ["answered"]);
	const before = await decoded(page, 30);
	await recordRemote(page, 2, "heard.wav");
	console.log(JSON.stringify(await decoded(page, before.decoded + 30)));
} finally {
	await browser.close();
}
