/*
 * Use the page of a running gateway, step by step, as a person would:
 *
 *	node use-phone.mjs URL [mic HZ] STEP...
 *
 *	call NUMBER          until REGEX [within the patience]
 *	answer, reject, hangup
 *	press KEYS           on the keypad, one after the other
 *	record SECONDS FILE  what the other side says, as a WAV file
 *	stats FILE           the page's figures, as JSON
 *	screenshot FILE
 *
 * Each step is printed when it is done, so that whoever started this can
 * wait for it. Fails (exit 1) with one line at the first step that does.
 */
import { writeFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { answer, button, closePhone, dial, hangUp, openPhone, recordRemote, reject,
	stats, status, waitStatus, writeTone } from "./lib.mjs";

const [url, ...words] = process.argv.slice(2);
const patience = Number(process.env.PATIENCE_MS ?? 20000);
const scratch = await mkdtemp(join(tmpdir(), "phone-"));
let mic, hz;

if (words[0] === "mic") {
	hz = Number(words[1]);
	mic = join(scratch, "mic.wav");
	await writeTone(mic, hz, 20);
	words.splice(0, 2);
}

const steps = {
	call: [1, (page, number) => dial(page, number)],
	until: [1, (page, regex) => waitStatus(page, new RegExp(regex), patience)],
	answer: [0, answer],
	reject: [0, reject],
	hangup: [0, hangUp],
	press: [1, async (page, keys) => {
		for (const key of keys)
			await button(page, { "*": "star", "#": "hash" }[key] ?? key)
				.click();
	}],
	record: [2, (page, seconds, file) =>
		recordRemote(page, Number(seconds), file).then(() => "")],
	stats: [1, async (page, file) =>
		writeFile(file, JSON.stringify(await stats(page), null, "\t"))],
	screenshot: [1, (page, path) => page.screenshot({ path })],
};

const page = await openPhone(url, { mic, hz });

try {
	while (words.length > 0) {
		const name = words.shift();
		const [n, run] = steps[name] ?? [0, null];
		const args = words.splice(0, n);

		if (!run)
			throw new Error(`no such step: ${name}`);
		const said = await run(page, ...args);

		console.log(`${name} ${args.join(" ")}: ${
			typeof said === "string" && said ? said : await status(page)}`);
	}
	if (page.errors.length > 0)
		throw new Error(`the page complained: ${page.errors.join("; ")}`);
} catch (error) {
	console.log(`FAILED: ${error.message ?? error}`);
	process.exitCode = 1;
} finally {
	await closePhone(page);
	await rm(scratch, { recursive: true });
}
