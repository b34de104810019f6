// The same work with sdp-transform: node sdp.mjs one|stream
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { readFileSync } from "node:fs";

const require = createRequire(new URL("../browser/", import.meta.url));
const { parse, write } = require("sdp-transform");

// A description for a phone, as far as a few lines go.
function convert(text)
{
	const sdp = parse(text);

	sdp.media = sdp.media.filter(m => m.type == "audio");
	for (const m of sdp.media) {
		m.protocol = "RTP/AVP";
		for (const name of ["candidates", "iceUfrag", "icePwd", "ext",
			"fingerprint", "setup", "ssrcs", "rtcpFb", "rtcpMux"])
			delete m[name];
	}
	return write(sdp);
}

if (process.argv[2] == "one") {
	process.stdout.write(convert(readFileSync(0, "utf8")));
} else {
	for await (const line of createInterface({ input: process.stdin })) {
		const message = JSON.parse(line);

		message.sdp = write(parse(message.sdp));
		process.stdout.write(JSON.stringify(message) + "\n");
	}
}
