/*
 * Debian's Firefox for lib.mjs (BROWSER=firefox), as it is: Playwright's own
 * Firefox is a changed one, this one is driven over WebDriver BiDi.
 *
 *   hz    what the microphone says without end (440)
 *   hide  host candidates are names of mDNS, as they are for a page that may
 *         not use the microphone (draft-ietf-mmusic-mdns-ice-candidates)
 */
import { firefox } from "playwright-core";

export async function launchFirefox({ hz = 440, hide = !!process.env.HIDE } = {})
{
	return firefox.launch({
		channel: "moz-firefox",
		executablePath: process.env.FIREFOX ?? "/usr/bin/firefox-esr",
		headless: !process.env.HEADED,
		firefoxUserPrefs: {
			"media.navigator.streams.fake": true,
			"media.navigator.audio.fake_frequency": hz,
			"media.navigator.permission.disabled": true,
			"media.peerconnection.ice.loopback": true,
			"media.peerconnection.ice.obfuscate_host_addresses": hide,
			"media.autoplay.default": 0,
		},
	});
}

/*
 * What lib.mjs's recordInPage() does. Where there is no sound card, Firefox's
 * AudioContext stands still for ever; its MediaRecorder does not.
 */
export async function recordInFirefox(seconds)
{
	const rate = 48000, wanted = Math.round(seconds * rate);
	const stream = window.pipecall.remote();

	if (!stream)
		throw new Error("there is no remote stream");
	const recorder = new MediaRecorder(stream);
	const parts = [];

	recorder.ondataavailable = ({ data }) => parts.push(data);
	const stopped = new Promise((resolve) => {
		recorder.onstop = resolve;
	});

	recorder.start();
	await new Promise((resolve) => setTimeout(resolve, seconds * 1000 + 500));
	recorder.stop();
	await stopped;
	const offline = new OfflineAudioContext(1, 1, rate);
	const buffer = await offline.decodeAudioData(
		await new Blob(parts).arrayBuffer());
	const samples = buffer.getChannelData(0);

	if (samples.length < wanted)
		throw new Error(`only ${samples.length} of ${wanted} samples came`);
	const bytes = new Uint8Array(Int16Array.from(samples.subarray(0, wanted),
		(x) => Math.max(-1, Math.min(1, x)) * 32767).buffer);
	let text = "";

	for (let i = 0; i < bytes.length; i += 32768)
		text += String.fromCharCode(...bytes.subarray(i, i + 32768));
	return btoa(text);
}
