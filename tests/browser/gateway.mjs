/*
 * A gateway for testing the page alone: it lives in a page of its own, speaks
 * the messages of ws-signal's rooms as examples/gateway.sh does, and its calls
 * are RTCPeerConnections that say 700 Hz. What a called number does is its
 * name:
 *
 *	echo       rings, then answers          early    early media, then answers
 *	404, 486   refused with that code       rings    rings for ever
 *	nothing    no answer of any kind        dies     the call's participant goes
 *	bye        answered, then hung up       bad      answered with rubbish
 *	gone       the gateway itself goes        again    answers, then offers anew
 *
 *	const gateway = await startGateway(browser, "http://127.0.0.1:8080/");
 *	await gateway.invite("call-1", "Alice");   call the phones
 *	gateway.seen("bye")                        messages that came, by type
 */
export async function startGateway(browser, url)
{
	const context = await browser.newContext();
	const page = await context.newPage();
	const run = (name, ...args) => page.evaluate(([n, a]) =>
		window.gateway[n](...a), [name, args]);

	await page.goto(new URL("icon.svg", url).href);
	await page.evaluate(gatewayInPage);
	await page.evaluate(() => window.gateway.start());
	return {
		invite: (call, caller) => run("invite", call, caller),
		cancel: (call, why) => run("cancel", call, why),
		drop: (call) => run("drop", call),
		stop: () => context.close(),
		messages: () => page.evaluate(() => window.gateway.got),
		/* Wait for a message of that type that names the call. */
		async seen(type, call, ms = 5000)
		{
			return (await page.waitForFunction(([t, c]) =>
				window.gateway.got.find((m) => m.type === t &&
					(!c || m.call === c)),
			[type, call], { timeout: ms, polling: 20 })).jsonValue();
		},
	};
}

/* Runs in the page; everything it needs is inside. */
function gatewayInPage()
{
	const url = `ws://${location.host}/signal`;
	const calls = new Map();
	const got = [];
	let main = null;

	/* A participant: resolves when it has entered. */
	function enter(kind, name, on)
	{
		const socket = new WebSocket(url);

		socket.say = (m) => socket.send(JSON.stringify(m));
		return new Promise((resolve, fail) => {
			socket.onopen = () => socket.say({ type: "enter",
				room: "phones", name, kind });
			socket.onerror = () => fail(new Error("no ws-signal"));
			socket.onmessage = (event) => {
				const m = JSON.parse(event.data);

				got.push(m);
				if (m.type === "room") {
					socket.people = m.participants;
					resolve(socket);
				} else {
					on(m);
				}
			};
		});
	}

	function tone()
	{
		const context = new AudioContext();
		const source = new OscillatorNode(context, { frequency: 700 });
		const gain = new GainNode(context, { gain: 0.5 });
		const to = new MediaStreamAudioDestinationNode(context);

		source.connect(gain).connect(to);
		source.start();
		return to.stream;
	}

	class Peer {
		constructor(call, phone)
		{
			this.call = call;
			this.phone = phone;
			calls.set(call, this);
		}

		async open()
		{
			const stream = tone();

			this.socket = await enter("call", this.call, (m) => this.on(m));
			this.pc = new RTCPeerConnection();
			this.pc.addTrack(stream.getTracks()[0], stream);
			this.pc.onicecandidate = ({ candidate }) => this.say({
				type: "candidate",
				candidate: candidate?.candidate ?? "",
				mid: candidate?.sdpMid ?? "0" });
		}

		say(m)
		{
			this.socket.say({ ...m, to: this.phone, call: this.call });
		}

		async on(m)
		{
			if (m.type === "candidate" && m.candidate)
				await this.pc.addIceCandidate({ candidate: m.candidate,
					sdpMid: m.mid });
			else if (m.type === "description" && m.kind === "answer")
				await this.pc.setRemoteDescription({ type: "answer",
					sdp: m.sdp });
			else if (m.type === "bye" || m.type === "reject")
				this.close();
		}

		async answer(offer, early)
		{
			await this.pc.setRemoteDescription({ type: "offer", sdp: offer });
			await this.pc.setLocalDescription(await this.pc.createAnswer());
			const sdp = this.pc.localDescription.sdp;

			if (early) { // another text than the answer's
				this.say({ type: "description", kind: "pranswer",
					sdp: sdp.replace(/^(o=\S+ \d+) \d+/m, "$1 1") });
				await sleep(700);
			}
			this.say({ type: "description", kind: "answer", sdp });
		}

		close()
		{
			this.pc?.close();
			this.socket?.close();
		}
	}

	const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

	const numbers = {
		async echo(peer, m)
		{
			peer.say({ type: "ringing" });
			await sleep(300);
			await peer.answer(m.sdp);
		},
		async early(peer, m) { await peer.answer(m.sdp, true); },
		async rings(peer) { peer.say({ type: "ringing" }); },
		async nothing() { },
		async vanishes(peer)
		{
			peer.say({ type: "trying" });
			await sleep(500);
			peer.close();
		},
		async dies(peer, m)
		{
			await peer.answer(m.sdp);
			await sleep(500);
			peer.close();
		},
		async bye(peer, m)
		{
			await peer.answer(m.sdp);
			await sleep(500);
			peer.say({ type: "bye", why: "" });
		},
		async again(peer, m)
		{
			await peer.answer(m.sdp);
			await sleep(500);
			await peer.pc.setLocalDescription(
				await peer.pc.createOffer({ iceRestart: true }));
			peer.say({ type: "description", kind: "offer",
				sdp: peer.pc.localDescription.sdp });
		},
		async bad(peer)
		{
			peer.say({ type: "description", kind: "answer", sdp: "v=0" });
		},
		async markup(peer)
		{
			peer.say({ type: "bye",
				why: "<img src=x onerror=window.bad=1>$(id)`id`" });
		},
	};

	async function invited(m)
	{
		if (m.number === "gone") {
			main.close();
		} else if (/^[3-6][0-9][0-9]$/.test(m.number)) {
			main.say({ type: "reject", to: m.from, call: m.call,
				code: Number(m.number), why: "as asked" });
		} else {
			const peer = new Peer(m.call, m.from);

			await peer.open();
			await numbers[m.number](peer, m);
		}
	}

	window.gateway = {
		got,
		async start()
		{
			main = await enter("gateway", "test", (m) => {
				if (m.type === "invite")
					invited(m);
				if (m.type === "servers")
					main.say({ type: "servers", to: m.from,
						call: m.call, servers: [] });
			});
		},
		/* Call every phone that is there. */
		async invite(call, caller)
		{
			const first = await enter("call", call, () => {});
			const phones = first.people.filter((p) => p.kind === "phone");

			first.close();
			for (const phone of phones) {
				const peer = new Peer(call, phone.id);

				await peer.open();
				await peer.pc.setLocalDescription(
					await peer.pc.createOffer());
				peer.say({ type: "invite", caller,
					sdp: peer.pc.localDescription.sdp });
			}
		},
		cancel: (call, why) => calls.get(call).say({ type: "cancel", why }),
		drop: (call) => calls.get(call).close(),
	};
}
