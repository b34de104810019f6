/*
 * The wire to ws-signal: one WebSocket, one room. It comes back by itself,
 * and knows who is in the room.
 */
const RETRY_MS = [500, 1000, 2000, 5000];

export class Signal {
	id = null;           // ours, as the server said
	people = new Map();  // id -> {id, name, kind}, ourselves left out
	#socket = null;
	#tries = 0;
	#on;
	#entry;

	/*
	 *   url    ws://HOST:PORT/signal
	 *   entry  {room, name, kind}
	 *   on     {message(m), change(), lost(), log(direction, m)}
	 */
	constructor(url, entry, on)
	{
		this.url = url;
		this.#entry = entry;
		this.#on = on;
		this.#connect();
	}

	get connected()
	{
		return this.id !== null;
	}

	/* The first participant of a kind, or undefined. */
	find(kind)
	{
		return [...this.people.values()].find((p) => p.kind === kind);
	}

	/* Returns false when there is no wire to send it on. */
	send(message)
	{
		if (this.#socket?.readyState !== WebSocket.OPEN)
			return false;
		this.#socket.send(JSON.stringify(message));
		this.#on.log("out", message);
		return true;
	}

	#connect()
	{
		const socket = new WebSocket(this.url);

		this.#socket = socket;
		socket.onopen = () => {
			this.#tries = 0;
			this.send({ type: "enter", ...this.#entry });
		};
		socket.onmessage = (event) => this.#receive(event.data);
		socket.onclose = (event) => this.#lost(event);
	}

	#lost(event)
	{
		const wasThere = this.connected;
		const wait = RETRY_MS[Math.min(this.#tries++, RETRY_MS.length - 1)];

		this.id = null;
		this.people.clear();
		if (wasThere) {
			this.#on.log("in", { type: "(closed)", code: event.code,
				why: event.reason || "the connection is gone" });
			this.#on.lost();
		}
		this.#on.change();
		setTimeout(() => this.#connect(), wait);
	}

	#receive(text)
	{
		let message;

		try {
			message = JSON.parse(text);
		} catch {
			return; // not ours to guess at
		}
		if (typeof message !== "object" || message === null)
			return;
		this.#on.log("in", message);
		if (!this.#presence(message))
			this.#on.message(message);
	}

	/* Who is here. `left` is also the call's business: false. */
	#presence(m)
	{
		switch (m.type) {
		case "welcome":
			this.id = m.id;
			break;
		case "room":
			this.people.clear();
			for (const p of m.participants ?? [])
				if (p.id !== this.id)
					this.people.set(p.id, p);
			break;
		case "entered":
			this.people.set(m.id, m);
			break;
		case "left":
			this.people.delete(m.id);
			this.#on.change();
			return false;
		default:
			return false;
		}
		this.#on.change();
		return true;
	}
}
