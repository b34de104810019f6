/*
 * The page's state machine against the gateway of gateway.mjs.
 *
 *	node phone.mjs [SCENARIO...]     all without one; prints a line each
 *	SHOTS=DIR                        leaves screenshots there
 */
import assert from "node:assert/strict";
import { answer, button, dial, hangUp, hear, launch, launchChromium,
	openPhone, recordRemote, reject, stats, status, waitStatus } from "./lib.mjs";
import { startGateway } from "./gateway.mjs";
import { startServer } from "./server.mjs";

const shot = async (page, name) => process.env.SHOTS &&
	page.screenshot({ path: `${process.env.SHOTS}/${name}.png`,
		fullPage: true });

/* What every one begins with; a scenario gets it. */
async function world({ deny, gateway = true } = {})
{
	const server = await startServer();
	const browser = await launch({ deny });
	const other = browser.browserType().name() === "chromium" ? browser
		: await launchChromium();
	const w = { server, browser };

	if (gateway)
		w.gateway = await startGateway(other, server.url);
	w.phone = await openPhone(server.url, { browser, gateway });
	w.end = async () => {
		await browser.close();
		await other.close();
		await w.server.stop();
	};
	return w;
}

const scenarios = {
	async "a call: calling, ringing, in call, ended"(w)
	{
		const { phone } = w, seen = await states(phone);

		assert.equal(await status(phone), "idle");
		await shot(phone, "idle");
		await dial(phone, "echo");
		await waitStatus(phone, /^in call: echo$/);
		await phone.waitForFunction(() => window.pipecall.pc()
			.connectionState === "connected");
		const heard = hear(await recordRemote(phone, 1.5));

		assert.ok(Math.abs(heard.hz - 700) <= 5, `heard ${heard.hz} Hz`);
		assert.ok(heard.share > 0.8, `share ${heard.share}`);
		assert.ok(heard.dbfs > -20, `level ${heard.dbfs}`);
		const f = await stats(phone);

		assert.match(f.in.codec, /^opus\/48000/);
		assert.ok(f.in.packets > 50 && f.out.packets > 50);
		assert.equal(f.dtls, "connected");
		await phone.waitForFunction(() =>
			/^00:0[2-9]/.test(document.getElementById("timer").textContent) &&
			/opus/.test(document.getElementById("codec").textContent));
		await shot(phone, "in-call");
		await hangUp(phone);
		await waitStatus(phone, /^ended: you hung up$/);
		await w.gateway.seen("bye");
		assert.deepEqual(await seen(), ["idle", "calling: echo",
			"ringing: echo", "in call: echo", "ended: you hung up"]);
		/* and again: a phone is not used up */
		await dial(phone, "echo");
		await waitStatus(phone, /^in call: echo$/);
	},

	async "candidates wait until the call's participant is known"(w)
	{
		await dial(w.phone, "echo");
		await waitStatus(w.phone, /^in call/);
		const log = await w.phone.evaluate(() => window.pipecall.log());
		const out = log.filter((l) => l.direction === "out")
			.map((l) => l.message);
		const peer = log.find((l) => l.message.type === "ringing").message.from;
		const invite = out.find((m) => m.type === "invite");
		const gateway = log.find((l) => l.message.type === "room")
			.message.participants.find((p) => p.kind === "gateway").id;

		assert.equal(invite.to, gateway);
		assert.notEqual(peer, gateway);
		assert.ok(out.some((m) => m.type === "candidate" && m.candidate));
		for (const m of out.filter((x) => x.type === "candidate"))
			assert.deepEqual([m.to, m.call], [peer, invite.call]);
	},

	async "early media is ringing that can be heard"(w)
	{
		await dial(w.phone, "early");
		await waitStatus(w.phone, /^ringing/);
		await waitStatus(w.phone, /^in call/);
		const heard = hear(await recordRemote(w.phone, 1));

		assert.ok(Math.abs(heard.hz - 700) <= 5, `heard ${heard.hz} Hz`);
	},

	async "a new offer during a call is answered, and the call goes on"(w)
	{
		await dial(w.phone, "again");
		await waitStatus(w.phone, /^in call/);
		await w.gateway.seen("description");
		await w.phone.waitForFunction(() => window.pipecall.pc()
			.connectionState === "connected");
		const heard = hear(await recordRemote(w.phone, 1));

		assert.ok(Math.abs(heard.hz - 700) <= 5, `heard ${heard.hz} Hz`);
		assert.match(await status(w.phone), /^in call/);
	},

	async "why a call was refused, in words"(w)
	{
		const words = {
			404: /^ended: the number was not found \(404\)$/,
			480: /^ended: nobody can be reached there now \(480\)$/,
			486: /^ended: the number is busy \(486\)$/,
			488: /^ended: the two sides have no codec in common \(488\)$/,
			503: /^ended: the telephone system cannot be reached \(503\)$/,
			603: /^ended: the call was declined \(603\)$/,
			499: /^ended: as asked \(499\)$/,
		};

		for (const [number, regex] of Object.entries(words)) {
			await dial(w.phone, number);
			await waitStatus(w.phone, regex);
			if (number === "486")
				await shot(w.phone, "busy");
		}
	},

	async "what the network says is text and nothing else"(w)
	{
		await dial(w.phone, "markup");
		await waitStatus(w.phone, /^ended: <img src=x onerror/);
		await w.gateway.invite("c-markup", "<b>Eve</b>\u202e$(id)");
		await waitStatus(w.phone, /^incoming: <b>Eve<\/b>/);
		assert.equal(await w.phone.evaluate(() => window.bad), undefined);
		assert.equal(await w.phone.locator("main img, main b").count(), 0);
	},

	async "the other side hangs up; the call's participant dies"(w)
	{
		await dial(w.phone, "bye");
		await waitStatus(w.phone, /^in call/);
		await waitStatus(w.phone, /^ended: the other side hung up$/);
		await dial(w.phone, "dies");
		await waitStatus(w.phone, /^in call/);
		await waitStatus(w.phone, /^ended: the gateway's end of the call is gone$/);
		await dial(w.phone, "vanishes");
		await waitStatus(w.phone, /^calling/);
		await waitStatus(w.phone, /^ended: the gateway's end of the call is gone$/);
		await dial(w.phone, "bad");
		await waitStatus(w.phone, /^ended: the answer cannot be used/);
		await w.gateway.seen("bye");
		/* Chromium says so too, and rightly: */
		w.phone.errors = w.phone.errors.filter((e) =>
			!/SDP|SessionDescription/i.test(e));
	},

	async "hanging up before anybody answered"(w)
	{
		await dial(w.phone, "nothing");
		await waitStatus(w.phone, /^calling: nothing$/);
		await phoneFocus(w.phone, "hangup");
		await w.gateway.seen("invite");
		await w.phone.keyboard.press("Escape");
		await waitStatus(w.phone, /^ended: you hung up$/);
		await w.gateway.seen("bye");
	},

	async "being called: answer, and hear"(w)
	{
		await w.gateway.invite("c1", "Alice <1001>");
		await waitStatus(w.phone, /^incoming: Alice <1001>$/);
		await w.gateway.seen("ringing", "c1");
		await shot(w.phone, "incoming");
		await answer(w.phone);
		await waitStatus(w.phone, /^in call: Alice/);
		await w.phone.waitForFunction(() => window.pipecall.pc()
			.connectionState === "connected");
		const heard = hear(await recordRemote(w.phone, 1));

		assert.ok(Math.abs(heard.hz - 700) <= 5, `heard ${heard.hz} Hz`);
		/* one call is enough */
		await w.gateway.invite("c2", "Bob");
		const refused = await w.gateway.seen("reject", "c2");

		assert.equal(refused.code, 486);
		assert.match(await status(w.phone), /^in call: Alice/);
		await w.gateway.drop("c1");
		await waitStatus(w.phone, /^ended: the gateway's end/);
	},

	async "being called: reject, cancel, and the caller goes"(w)
	{
		await w.gateway.invite("c1", "Alice");
		await waitStatus(w.phone, /^incoming/);
		await reject(w.phone);
		await waitStatus(w.phone, /^ended: you declined$/);
		assert.equal((await w.gateway.seen("reject", "c1")).code, 603);
		await w.gateway.invite("c2", "Bob");
		await waitStatus(w.phone, /^incoming: Bob/);
		await w.gateway.cancel("c2");
		await waitStatus(w.phone, /^ended: the caller hung up$/);
		await w.gateway.invite("c3", "Carol");
		await waitStatus(w.phone, /^incoming: Carol/);
		await w.gateway.cancel("c3", "answered elsewhere");
		await waitStatus(w.phone, /^ended: answered elsewhere$/);
		await w.gateway.invite("c4", "Dave");
		await waitStatus(w.phone, /^incoming: Dave/);
		await w.gateway.drop("c4");
		await waitStatus(w.phone, /^ended: the caller hung up$/);
	},

	async "no gateway; the gateway goes during a call attempt"(w)
	{
		await dial(w.phone, "gone");
		await waitStatus(w.phone, /^ended: the gateway is gone$/);
		await w.phone.getByText("no gateway").waitFor();
		await dial(w.phone, "echo");
		await waitStatus(w.phone, /^ended: the gateway is not there$/);
	},

	async "the server goes, and comes back"(w)
	{
		await dial(w.phone, "echo");
		await waitStatus(w.phone, /^in call/);
		await w.server.stop();
		await waitStatus(w.phone, /^ended: the connection to the server was lost$/);
		await w.phone.getByText("connecting").waitFor();
		await dial(w.phone, "echo");
		await waitStatus(w.phone, /^ended: the server is not there$/);
		w.server = await startServer(w.server.port);
		await w.phone.waitForFunction(() => window.pipecall.id(), null,
			{ timeout: 8000 });
		/* the failed attempts are in the console, as they should */
		w.phone.errors = w.phone.errors.filter((e) => !/WebSocket/.test(e));
	},

	async "mute, keypad, and the keyboard alone"(w)
	{
		const { phone } = w;

		await phoneFocus(phone, "number");
		await phone.keyboard.type("echo");
		await phone.keyboard.press("Enter");
		await waitStatus(phone, /^in call/);
		await phoneFocus(phone, "number"); /* a second Enter does no harm */
		await phone.keyboard.press("Enter");
		await button(phone, "Mute").click();
		assert.equal(await phone.evaluate(() => window.pipecall.pc()
			.getSenders()[0].track.enabled), false);
		await button(phone, "5").click();
		assert.equal(await phone.evaluate(() => window.pipecall.pc()
			.getSenders()[0].dtmf.canInsertDTMF), true);
		await phone.keyboard.press("Escape");
		await waitStatus(phone, /^ended: you hung up$/);
		await phone.getByRole("textbox", { name: "Number or SIP address" })
			.fill("");
		for (const key of ["1", "0", "star", "hash"])
			await button(phone, key).click();
		assert.equal(await phone.getByRole("textbox").inputValue(), "10*#");
	},
};

/* These have a world of another kind. */
const special = {
	"the microphone is refused": {
		options: { deny: true },
		async run(w)
		{
			await dial(w.phone, "echo");
			await waitStatus(w.phone, /^ended: the microphone was refused/);
			await w.gateway.invite("c1", "Alice");
			await waitStatus(w.phone, /^incoming: Alice/);
			await answer(w.phone);
			await waitStatus(w.phone, /^ended: the microphone was refused/);
			await w.gateway.seen("reject", "c1");
		},
	},
};

async function phoneFocus(page, id)
{
	await page.waitForFunction((want) =>
		document.activeElement?.id === want, id, { timeout: 3000 });
}

/* Every text the status has had; a function that returns them. */
async function states(page)
{
	await page.evaluate(() => {
		const node = document.querySelector("[role=status]");

		window.texts = [node.textContent];
		new MutationObserver(() => window.texts.push(node.textContent))
			.observe(node, { childList: true, characterData: true,
				subtree: true });
	});
	return () => page.evaluate(() => window.texts);
}

/* One after the other in one browser; each in a fresh page. */
async function runAll(names)
{
	let failed = 0;

	for (const name of names) {
		const w = await world(special[name]?.options);

		try {
			await (special[name]?.run ?? scenarios[name])(w);
			assert.deepEqual(w.phone.errors, []);
			console.log(`ok - ${name}`);
		} catch (error) {
			failed++;
			console.log(`not ok - ${name}`);
			console.error(error);
			console.error("status:", await status(w.phone).catch(String));
		} finally {
			await w.end();
		}
	}
	return failed;
}

const all = [...Object.keys(scenarios), ...Object.keys(special)];
const wanted = process.argv.slice(2);
const names = all.filter((name) => !wanted.length ||
	wanted.some((word) => name.includes(word)));

if (!names.length) {
	console.error(`no such scenario: ${wanted.join(" ")}`);
	process.exit(2);
}
process.exit(await runAll(names) ? 1 : 0);
