/*
 * A Chromium page with a camera, and rtp-bridge's dtls: leg that echoes it:
 *
 *	node rtp-bridge-chromium.mjs VP8|H264|VP9|AV1 FRAGMENTS-COMMAND...
 *
 * See camera.mjs for the command. Waits until 30 pictures were decoded and
 * prints what the page counted.
 */
import { camera } from "./camera.mjs";

const [codec, ...command] = process.argv.slice(2);
const call = await camera({ codec, width: 320, height: 240, command,
	feedback: ["nack pli", "nack", "goog-remb"] });

try {
	const end = Date.now() + 30000;
	let stats = {};

	while (!(stats.decoded >= 30 && stats.plis >= 1)) {
		if (Date.now() > end)
			throw new Error(`after 30 s: ${JSON.stringify(stats)}`);
		await call.page.waitForTimeout(100);
		stats = await call.stats();
	}
	console.log(JSON.stringify(stats));
} finally {
	await call.browser.close();
}
