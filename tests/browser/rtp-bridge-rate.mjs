/*
 * How much Chromium sends of a picture that is hard to code, once a second, until SIGTERM:
 *
 *	node rtp-bridge-rate.mjs goog-remb,transport-cc FRAGMENTS-COMMAND...
 *
 * See camera.mjs for the command. Prints {"event":"rate","kbps":N}.
 */
import { camera } from "./camera.mjs";

const [feedback, ...command] = process.argv.slice(2);
const call = await camera({ codec: "VP8", width: 640, height: 480, command,
	noise: true,
	feedback: ["nack pli", "nack", ...feedback.split(",")] });
let before = await call.stats();

process.on("SIGTERM", async () => {
	await call.browser.close();
	process.exit(0);
});
for (;;) {
	await new Promise((done) => setTimeout(done, 1000));
	const now = await call.stats();

	if (now.bytes > 0 && now.at > before.at)
		console.log(JSON.stringify({ event: "rate",
			kbps: Math.round(8 * (now.bytes - (before.bytes ?? 0)) /
				(now.at - before.at)),
			limited: now.limited, state: now.state }));
	before = now;
}
