/*
 * A Chromium page with a camera, in a call of one video section that it offers:
 *
 *	const call = await camera({ codec: "VP8", width: 320, height: 240,
 *		feedback: ["nack pli"], command: ["./answer.sh"] });
 *		(noise: true  not the camera's picture, but one hard to code)
 *	await call.stats();	what it has sent, and what has come back
 *	await call.browser.close();
 *
 * Writes offer.sdp; runs the command, which prints the lines of an answer's
 * video section (address, ICE, DTLS); writes answer.sdp and runs the command
 * again with "answered".
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { launch } from "./lib.mjs";

async function offer(page, size, noise)
{
	return page.evaluate(async ([video, noise]) => {
		/* Snow, which no encoder can make small. */
		function snow()
		{
			const canvas = document.createElement("canvas");
			const pen = canvas.getContext("2d");
			const { width, height } = Object.assign(canvas, video);
			const flakes = new Uint8ClampedArray(8 * width * height)
				.map(() => 256 * Math.random());

			setInterval(() => {
				const at = 4 * Math.floor(
					width * height * Math.random());

				pen.putImageData(new ImageData(flakes.subarray(at,
					at + 4 * width * height), width, height),
				0, 0);
			}, 50);
			return canvas.captureStream();
		}

		const stream = noise ? snow() :
			await navigator.mediaDevices.getUserMedia({ video });

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
	}, [size, noise]);
}

/* The codec's payload type in the offer, its lines, and transport-cc's. */
export function choose(sdp, codec)
{
	const lines = sdp.split("\r\n");
	const map = lines.find((l) => new RegExp(
		`^a=rtpmap:\\d+ ${codec}/90000`).test(l));

	if (!map)
		throw new Error(`impossible here: no ${codec} in this Chromium`);
	const pt = map.match(/:(\d+)/)[1];

	return { pt, lines: lines.filter((l) => new RegExp(
		`^a=(rtpmap|fmtp):${pt} |^a=extmap:.*transport-wide-cc`).test(l)) };
}

function answer(sdp, { codec, feedback, command })
{
	const { pt, lines } = choose(sdp, codec);

	return ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0",
		"a=group:BUNDLE 0",
		`m=video 9 UDP/TLS/RTP/SAVPF ${pt}`, "c=IN IP4 0.0.0.0", "a=mid:0",
		...lines.filter((l) => !l.includes("extmap") ||
			feedback.includes("transport-cc")),
		...feedback.map((what) => `a=rtcp-fb:${pt} ${what}`), "a=sendrecv",
		...execFileSync(command[0], command.slice(1), { encoding: "utf8" })
			.split(/\r?\n/).filter(Boolean), ""].join("\r\n");
}

async function stats(page)
{
	return page.evaluate(async () => {
		const all = [...(await window.pc.getStats()).values()];
		const come = all.find((s) => s.type === "inbound-rtp");
		const gone = all.find((s) => s.type === "outbound-rtp");

		return { decoded: come?.framesDecoded, width: come?.frameWidth,
			sent: gone?.framesEncoded, plis: gone?.pliCount,
			bytes: gone?.bytesSent, at: gone?.timestamp,
			limited: gone?.qualityLimitationReason,
			state: window.pc.connectionState };
	});
}

export async function camera(how)
{
	const browser = await launch();

	try {
		const page = await (await browser.newContext(
			{ permissions: ["camera"] })).newPage();

		await page.goto("http://localhost:" + process.env.WWW + "/");
		const sdp = await offer(page,
			{ width: how.width, height: how.height }, how.noise);
		writeFileSync("offer.sdp", sdp);
		const text = answer(sdp, how);
		writeFileSync("answer.sdp", text);
		await page.evaluate((t) => window.pc.setRemoteDescription(
			{ type: "answer", sdp: t }), text);
		execFileSync(how.command[0], ["answered"]);
		return { browser, page, stats: () => stats(page) };
	} catch (why) {
		await browser.close();
		throw why;
	}
}
