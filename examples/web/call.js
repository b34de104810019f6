/*
 * One call: a microphone, a peer connection, and the messages that belong to
 * it. It goes through these states, never back:
 *
 *	calling -> ringing -> in call -> ended      (we called)
 *	incoming ----------> in call -> ended       (we were called)
 *
 * We invite the gateway; the answers come from another participant, the
 * call's own, and name the same `call`: first `trying`, at once. Candidates
 * wait until it is known.
 */
import { because, microphone } from "./words.js";

const SERVERS_MS = 1000; // how long the gateway may take to name its relay

export class Call {
	state;
	peer = null;     // id of the call's own participant
	pc = null;
	stream = null;   // the microphone
	remote = null;   // MediaStream of the other side
	answeredAt = 0;
	early = false;   // the far end plays its own ringing
	#signal;
	#changed;
	#stun;
	#relay;
	#servers;        // a promise of what the gateway gives us to relay through
	#tellServers;    // resolves it
	#audio;
	#offer = null;   // of an incoming call
	#toSend = [];    // our candidates, while peer is unknown
	#toAdd = [];     // theirs, while there is no remote description
	#chain = Promise.resolve();

	/*
	 *   id       the call's name in every message
	 *   who      the number, or the caller
	 *   signal   a Signal
	 *   stun     "stun:host:port" or null
	 *   relay    go through the gateway's TURN server and no other way
	 *   raw      the microphone as it is: no echo canceller, no noise
	 *            suppression (which takes a steady tone for noise)
	 *   changed  called with the call at each change of state
	 */
	constructor({ id, who, signal, stun, relay, raw, changed })
	{
		Object.assign(this, { id, who });
		this.#signal = signal;
		this.#stun = stun;
		this.#relay = relay;
		this.#audio = !raw || { echoCancellation: false,
			noiseSuppression: false, autoGainControl: false };
		this.#changed = changed;
	}

	get over()
	{
		return this.state === "ended";
	}

	get microphone()
	{
		return this.stream?.getAudioTracks()[0];
	}

	get dtmf()
	{
		return this.pc?.getSenders()[0]?.dtmf ?? null;
	}

	/* ---- what we do ---- */

	async dial()
	{
		this.#enter("calling");
		this.gateway = this.#signal.find("gateway");
		if (!this.#signal.connected)
			return this.#end("the server is not there");
		if (!this.gateway)
			return this.#end("the gateway is not there");
		this.#askServers();
		if (!await this.#open())
			return;
		await this.#setLocal(await this.pc.createOffer());
		if (this.over)
			return;
		this.#signal.send({ type: "invite", to: this.gateway.id,
			call: this.id, number: this.who,
			sdp: this.pc.localDescription.sdp });
	}

	ring(invite)
	{
		this.peer = invite.from;
		this.#offer = { type: "offer", sdp: invite.sdp };
		this.#servers = invite.servers;
		this.#enter("incoming");
		this.#send({ type: "ringing" });
	}

	async answer()
	{
		if (this.state !== "incoming" || this.pc)
			return;
		if (!await this.#open("no microphone"))
			return;
		try {
			await this.#setRemote(this.#offer);
			await this.#setLocal(await this.pc.createAnswer());
		} catch (error) {
			this.reject(488, `the offer cannot be used: ${error.message}`);
			return;
		}
		if (this.over)
			return;
		this.#send({ type: "description", kind: "answer",
			sdp: this.pc.localDescription.sdp });
		this.#enter("in call");
	}

	reject(code = 603, why = "you declined")
	{
		if (this.state !== "incoming")
			return;
		this.#send({ type: "reject", code, why });
		this.#end(why);
	}

	hangUp()
	{
		if (this.over)
			return;
		this.#send({ type: "bye", why: "hung up" });
		this.#end("you hung up");
	}

	/* Stop without a word: there is nobody to say it to. */
	abandon(why)
	{
		this.#end(why);
	}

	/* ---- what we are told ---- */

	/* A message that names this call; one after the other. */
	receive(message)
	{
		this.#chain = this.#chain
			.then(() => this.#handle(message))
			.catch((error) => this.#fail(error));
	}

	left(id)
	{
		if (this.over)
			return;
		if (id === this.peer)
			this.#end(this.state === "incoming"
				? "the caller hung up"
				: "the gateway's end of the call is gone");
		else if (!this.peer && id === this.gateway?.id)
			this.#end("the gateway is gone");
	}

	async #handle(m)
	{
		if (this.over)
			return;
		if (!this.peer && m.from !== this.gateway?.id)
			this.#meet(m.from);
		switch (m.type) {
		case "servers":
			if (m.from === this.gateway?.id)
				this.#tellServers?.(m.servers);
			break;
		case "ringing":
			if (this.state === "calling")
				this.#enter("ringing");
			break;
		case "description":
			await this.#describe(m);
			break;
		case "candidate":
			await this.#addCandidate(m);
			break;
		case "bye":
			this.#end(because(m.code, m.why, "the other side hung up"));
			break;
		case "reject":
			this.#end(because(m.code, m.why, "the call was refused"));
			break;
		case "cancel":
			this.#end(because(m.code, m.why, "the caller hung up"));
			break;
		case "undelivered":
			this.#end(m.message === "invite"
				? "the gateway is gone"
				: "the gateway's end of the call is gone");
			break;
		}
	}

	/* The first answer tells who the call's own participant is. */
	#meet(id)
	{
		this.peer = id;
		for (const message of this.#toSend.splice(0))
			this.#send(message);
	}

	async #describe(m)
	{
		const description = { type: m.kind, sdp: m.sdp };

		if (m.kind === "offer") { // a change during the call
			await this.#setRemote(description);
			await this.#setLocal(await this.pc.createAnswer());
			this.#send({ type: "description", kind: "answer",
				sdp: this.pc.localDescription.sdp });
			return;
		}
		await this.#setAnswer(description);
		if (this.over)
			return;
		this.early = m.kind === "pranswer";
		this.#enter(m.kind === "answer" ? "in call" : "ringing");
	}

	/*
	 * Firefox knows no pranswer. There it is taken for the answer, and an
	 * answer that says something else later is one to the same offer, made
	 * once more: the other side need not hear of it.
	 */
	async #setAnswer(description)
	{
		const { type, sdp } = description;

		if (this.pc.signalingState === "stable") {
			if (sdp === this.pc.remoteDescription.sdp)
				return;
			await this.#setLocal(await this.pc.createOffer());
		}
		try {
			await this.#setRemote(description);
		} catch (error) {
			if (type !== "pranswer" || error.name !== "NotSupportedError")
				throw error;
			await this.#setRemote({ type: "answer", sdp });
		}
	}

	/* ---- the peer connection ---- */

	/* While the microphone opens: the answer is awaited after that. */
	#askServers()
	{
		this.#servers = new Promise((resolve) => {
			this.#tellServers = resolve;
			setTimeout(resolve, SERVERS_MS);
		});
		this.#send({ type: "servers" });
	}

	#connect(servers)
	{
		const stun = this.#stun ? [{ urls: this.#stun }] : [];
		const how = { iceTransportPolicy: this.#relay ? "relay" : "all" };

		try {
			this.pc = new RTCPeerConnection({ ...how,
				iceServers: [...stun, ...servers.map((s) => ({
					urls: s.urls, username: s.username,
					credential: s.credential }))] });
		} catch (error) {
			console.warn("servers not taken:", error);
			this.pc = new RTCPeerConnection({ ...how,
				iceServers: stun });
		}
	}

	/* Microphone and connection; false if the call ended meanwhile. */
	async #open(why)
	{
		let stream;

		try {
			stream = await navigator.mediaDevices.getUserMedia(
				{ audio: this.#audio });
		} catch (error) {
			if (this.state === "incoming")
				this.#send({ type: "reject", code: 480, why });
			this.#end(microphone(error));
			return false;
		}
		if (this.over) {
			stream.getTracks().forEach((track) => track.stop());
			return false;
		}
		this.stream = stream;
		const servers = await this.#servers;

		if (this.over) // its end has stopped the microphone
			return false;
		this.#connect(Array.isArray(servers) ? servers : []);
		this.pc.onicecandidate = (event) => this.#candidate(event.candidate);
		this.pc.ontrack = (event) => {
			this.remote = event.streams[0] ?? new MediaStream([event.track]);
			this.#changed(this);
		};
		this.pc.onconnectionstatechange = () => this.#connection();
		this.pc.addTrack(this.microphone, stream);
		return true;
	}

	#connection()
	{
		if (this.pc?.connectionState === "failed" && !this.over) {
			this.#send({ type: "bye", why: "no path for the media" });
			this.#end("no path for the media was found");
		} else {
			this.#changed(this);
		}
	}

	async #setLocal(description)
	{
		if (!this.over)
			await this.pc.setLocalDescription(description);
	}

	async #setRemote(description)
	{
		await this.pc.setRemoteDescription(description);
		for (const candidate of this.#toAdd.splice(0))
			await this.#add(candidate);
	}

	/* One of ours; null says that there are no more. */
	#candidate(candidate)
	{
		const message = { type: "candidate",
			candidate: candidate?.candidate ?? "",
			mid: candidate?.sdpMid ?? "0" };

		if (candidate?.candidate === "")
			return; // the end of one generation; null will follow
		if (this.peer)
			this.#send(message);
		else
			this.#toSend.push(message);
	}

	async #addCandidate(m)
	{
		const candidate = { candidate: m.candidate ?? "",
			sdpMid: m.mid ?? null, sdpMLineIndex: 0 };

		if (this.pc?.remoteDescription)
			await this.#add(candidate);
		else
			this.#toAdd.push(candidate);
	}

	/* A candidate that cannot be used is no reason to end a call. */
	async #add(candidate)
	{
		try {
			await this.pc.addIceCandidate(candidate);
		} catch (error) {
			console.warn("candidate not taken:", candidate, error);
		}
	}

	/* ---- the end ---- */

	#send(message)
	{
		const to = this.peer ?? this.gateway?.id;

		return to && this.#signal.send({ ...message, to, call: this.id });
	}

	#fail(error)
	{
		if (this.over)
			return;
		console.error(error);
		this.#send({ type: "bye", code: 488, why: error.message });
		this.#end(`the answer cannot be used: ${error.message}`);
	}

	#enter(state)
	{
		if (this.over)
			return;
		this.state = state;
		if (state === "in call" && !this.answeredAt)
			this.answeredAt = Date.now();
		this.#changed(this);
	}

	#end(why)
	{
		if (this.over)
			return;
		this.why = why;
		this.#enter("ended");
		this.stream?.getTracks().forEach((track) => track.stop());
		this.pc?.close();
	}
}
