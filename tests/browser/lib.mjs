/*
 * Drive the page of examples/web in Debian's Chromium, or with BROWSER=firefox
 * in its Firefox.
 *
 *	const page = await openPhone("http://127.0.0.1:8080/", { mic: "tone.wav" });
 *	await dial(page, "echo");
 *	await waitStatus(page, /^in call/, 10000);
 *	await recordRemote(page, 2, "heard.wav");
 *	await hangUp(page);
 *	await closePhone(page);
 *
 * Every wait is bounded; a browser has a profile of its own, made fresh, and is
 * ended by its own handle. What was recorded is what came out of the peer
 * connection, as samples.
 */
import { chromium } from "playwright-core";
import { launchFirefox, recordInFirefox } from "./firefox.mjs";
import { writeFile } from "node:fs/promises";

export const WAIT_MS = 15000;

/*
 * A browser.
 *   mic  a WAV file that the microphone plays over and over; default: the
 *        beeps of Chromium's fake device
 *   hz   a tone that is in that file (for Firefox, which has no use for files)
 *   deny the microphone is refused
 *   args more arguments
 *   origin  one whose pages get the microphone even over plain HTTP
 */
export async function launch(options = {})
{
	return process.env.BROWSER === "firefox" ? launchFirefox(options)
		: launchChromium(options);
}

export async function launchChromium({ mic, deny, args = [], origin } = {})
{
	return chromium.launch({
		executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
		headless: !process.env.HEADED,
		args: [
			"--no-sandbox",
			"--disable-gpu",
			`--use-fake-ui-for-media-stream${deny ? "=deny" : ""}`,
			"--use-fake-device-for-media-stream",
			...(origin ? [
				`--unsafely-treat-insecure-origin-as-secure=${origin}`,
			] : []),
			...(mic ? [`--use-file-for-fake-audio-capture=${mic}`] : []),
			"--allow-loopback-in-peer-connection",
			"--autoplay-policy=no-user-gesture-required",
			"--disable-background-networking",
			"--disable-component-update",
			"--disable-sync",
			"--no-first-run",
			...args,
		],
	});
}

/*
 * Open the page, and wait until it is connected and a gateway is there.
 *   browser  of launch(); else one of its own, that closePhone() ends
 *   gateway  false: do not wait for a gateway
 *   raw      false: with Chromium's noise suppression, which takes a steady
 *            tone for noise and removes it
 *   colorScheme, viewport  for screenshots
 */
export async function openPhone(url, options = {})
{
	const { gateway = true, raw = true, colorScheme = "light",
		viewport } = options;
	const address = new URL(url);
	const browser = options.browser ??
		await launch({ ...options, origin: address.origin });
	const context = await browser.newContext({
		colorScheme,
		viewport: viewport ?? { width: 1100, height: 760 },
	});
	const page = await context.newPage();

	if (raw)
		address.searchParams.set("raw", "1");
	page.errors = [];
	page.ownBrowser = options.browser ? null : browser;
	page.on("pageerror", (error) => page.errors.push(String(error)));
	page.on("console", (message) => {
		if (message.type() === "error")
			page.errors.push(message.text());
	});
	try {
		await page.goto(address.href, { timeout: WAIT_MS });
		await page.waitForFunction((want) => window.pipecall?.id() &&
			(!want || window.pipecall.people().some((p) =>
				p.kind === "gateway")),
		gateway, { timeout: WAIT_MS });
	} catch (error) {
		await closePhone(page);
		throw error;
	}
	return page;
}

export async function closePhone(page)
{
	await page.context().close();
	await page.ownBrowser?.close();
}

export async function dial(page, number)
{
	await page.getByRole("textbox", { name: "Number or SIP address" })
		.fill(number);
	await button(page, "Call").click();
}

export function button(page, name)
{
	return page.getByRole("button", { name, exact: true });
}

export const answer = (page) => button(page, "Answer").click();
export const reject = (page) => button(page, "Reject").click();
export const hangUp = (page) => button(page, "Hang up").click();

export async function status(page)
{
	return page.getByRole("status").textContent();
}

/* Wait until the status fits; returns it. The error says what it was. */
export async function waitStatus(page, regex, ms = WAIT_MS)
{
	try {
		await page.waitForFunction(([source, flags]) =>
			new RegExp(source, flags).test(
				document.querySelector("[role=status]").textContent),
		[regex.source, regex.flags], { timeout: ms, polling: 20 });
	} catch (error) {
		if (!/Timeout/.test(String(error)))
			throw error;
		throw new Error(`status is "${await status(page)}", not ${regex
		}, after ${ms} ms`);
	}
	return status(page);
}

export const stats = (page) => page.evaluate(() => window.pipecall.stats());

/*
 * Record what the other side says: mono, 16 bits, 48000 Hz.
 * Returns the WAV file as a Buffer, and writes it to path if there is one.
 */
export async function recordRemote(page, seconds, path)
{
	const base64 = await page.evaluate(process.env.BROWSER === "firefox"
		? recordInFirefox : recordInPage, seconds);
	const wav = wavFile(Buffer.from(base64, "base64"), 48000);

	if (path)
		await writeFile(path, wav);
	return wav;
}

/* Runs in the page, of which it uses nothing but pipecall.remote(). */
async function recordInPage(seconds)
{
	const rate = 48000, wanted = Math.round(seconds * rate);
	const stream = window.pipecall.remote();

	if (!stream)
		throw new Error("there is no remote stream");
	const context = new AudioContext({ sampleRate: rate });
	const source = context.createMediaStreamSource(stream);
	const tap = context.createScriptProcessor(4096, 1, 1);
	const pcm = new Int16Array(wanted);
	let have = 0;

	await context.resume();
	await new Promise((resolve, fail) => {
		const late = setTimeout(() => fail(new Error(
			`only ${have} of ${wanted} samples came`)),
		seconds * 2000 + 5000);

		tap.onaudioprocess = (event) => {
			const block = event.inputBuffer.getChannelData(0);

			for (const x of block)
				if (have < wanted)
					pcm[have++] = Math.max(-1, Math.min(1, x)) * 32767;
			if (have === wanted) {
				clearTimeout(late);
				resolve();
			}
		};
		source.connect(tap).connect(context.destination);
	});
	tap.onaudioprocess = null;
	await context.close();

	const bytes = new Uint8Array(pcm.buffer);
	let text = "";

	for (let i = 0; i < bytes.length; i += 32768)
		text += String.fromCharCode(...bytes.subarray(i, i + 32768));
	return btoa(text);
}

/* ---- sound ---- */

export function wavFile(pcm, rate)
{
	const head = Buffer.alloc(44);

	head.write("RIFF", 0);
	head.writeUInt32LE(36 + pcm.length, 4);
	head.write("WAVEfmt ", 8);
	head.writeUInt32LE(16, 16);
	head.writeUInt16LE(1, 20);
	head.writeUInt16LE(1, 22);
	head.writeUInt32LE(rate, 24);
	head.writeUInt32LE(rate * 2, 28);
	head.writeUInt16LE(2, 32);
	head.writeUInt16LE(16, 34);
	head.write("data", 36);
	head.writeUInt32LE(pcm.length, 40);
	return Buffer.concat([head, pcm]);
}

/* A file for the microphone: a steady tone, -12 dBFS. */
export async function writeTone(path, hz, seconds = 5, rate = 48000)
{
	const pcm = Buffer.alloc(seconds * rate * 2);

	for (let i = 0; i < seconds * rate; i++)
		pcm.writeInt16LE(Math.round(8192 *
			Math.sin(2 * Math.PI * hz * i / rate)), i * 2);
	await writeFile(path, wavFile(pcm, rate));
}

/*
 * What is in a recording of recordRemote()?
 * Returns {dbfs, hz, share}: its level, its strongest frequency (of multiples
 * of 5 Hz from 100 to 3900), and the share of the energy that this has.
 */
export function hear(wav)
{
	const pcm = new Int16Array(wav.buffer.slice(wav.byteOffset + 44,
		wav.byteOffset + wav.length));
	const rate = wav.readUInt32LE(24);
	const energy = pcm.reduce((sum, x) => sum + (x / 32768) ** 2, 0);
	let best = { hz: 0, power: 0 };

	for (let hz = 100; hz <= 3900; hz += 5) {
		const power = goertzel(pcm, hz, rate);

		if (power > best.power)
			best = { hz, power };
	}
	return { dbfs: 10 * Math.log10(2 * energy / pcm.length + 1e-12),
		hz: best.hz, share: energy ? best.power / energy : 0 };
}

/* The energy of one frequency, in windows of 0.2 s (drift is no loss). */
function goertzel(pcm, hz, rate)
{
	const size = rate / 5, k = 2 * Math.cos(2 * Math.PI * hz / rate);
	let sum = 0;

	for (let start = 0; start + size <= pcm.length; start += size) {
		let a = 0, b = 0;

		for (let i = start; i < start + size; i++)
			[a, b] = [pcm[i] / 32768 + k * a - b, a];
		sum += (a * a + b * b - k * a * b) * 2 / size;
	}
	return sum;
}
