/*
 * A page that is a telephone. It enters the room `phones` of ws-signal, calls
 * through the participant of kind "gateway" there, and is called by
 * participants of kind "call".
 *
 *	signal.js  the WebSocket       call.js   one call
 *	view.js    what is shown       words.js  why it ended
 *	stats.js   getStats()          tones.js  ringing
 *
 * In the address: ?stun=stun:HOST:PORT (default: none), ?name=..., ?room=...,
 * ?call=NUMBER (puts it into the box), ?ws=ws://HOST:PORT/signal, ?raw=1 (the
 * microphone as it is, no echo canceller: for tests and measurements), ?relay=1
 * (through the gateway's TURN server alone: to see whether that works).
 *
 * For tests and the curious, window.pipecall has:
 *	state()   "idle", "calling", "ringing", "incoming", "in call", "ended"
 *	why()     why the last call ended, in words
 *	id()      our participant id, or null while not connected
 *	people()  the others in the room: [{id, name, kind}]
 *	pc()      the RTCPeerConnection of the call, or null
 *	remote()  the other side's MediaStream, or null
 *	stats()   a promise of figures (stats.js), or of null
 *	log()     every signalling message: [{time, direction, message}]
 */
import { Signal } from "./signal.js";
import { Call } from "./call.js";
import { figures } from "./stats.js";
import { tone } from "./tones.js";
import { showCall, showFigures, showMessage, showServer, showTimer }
	from "./view.js";

const LOG_MAX = 1000;
const query = new URLSearchParams(location.search);
const $ = (id) => document.getElementById(id);
const log = [];
const unmet = new Set(); // calls we gave up before their participant spoke
let call = null;
let ticker = 0;

const signal = new Signal(
	query.get("ws") ?? `${location.protocol.replace("http", "ws")}//${
		location.host}/signal`,
	{ room: query.get("room") ?? "phones",
		name: query.get("name") ?? "browser", kind: "phone" },
	{
		message: receive,
		change: () => showServer(signal),
		lost: () => call?.abandon("the connection to the server was lost"),
		log(direction, message)
		{
			log.push({ time: Date.now(), direction, message });
			if (log.length > LOG_MAX)
				log.shift();
			showMessage(direction, message);
		},
	});

function receive(m)
{
	if (m.type === "left")
		call?.left(m.id);
	else if (m.call !== undefined && m.call === call?.id)
		call.receive(m);
	else if (m.type === "invite")
		invited(m);
	else if (m.from && unmet.delete(m.call) && m.type !== "bye" &&
		m.type !== "reject")
		signal.send({ type: "bye", to: m.from, call: m.call,
			why: "hung up" });
}

function invited(m)
{
	if (typeof m.sdp !== "string" || typeof m.call !== "string")
		return;
	if (call && !call.over) {
		signal.send({ type: "reject", to: m.from, call: m.call, code: 486,
			why: "busy" });
		return;
	}
	newCall(m.call, String(m.caller || "unknown")).ring(m);
}

function newCall(id, who)
{
	call = new Call({ id, who, signal, stun: query.get("stun"),
		relay: query.has("relay"),
		raw: query.has("raw"), changed });
	return call;
}

function dial()
{
	const number = $("number").value.trim();

	if (call && !call.over)
		return;
	if (number)
		newCall(crypto.randomUUID(), number).dial();
	else
		$("number").focus();
}

function hangUp()
{
	if (call?.state === "incoming")
		call.reject();
	else
		call?.hangUp();
}

/* A call has changed: show it, and make it heard. */
function changed(which)
{
	const audio = $("remote");

	if (which !== call)
		return;
	if (call.over) {
		if (!call.peer)
			unmet.add(call.id);
		call.endedAt ??= Date.now();
		tick();
		clearInterval(ticker);
		ticker = 0;
	} else if (!ticker) {
		ticker = setInterval(tick, 1000);
	}
	if (audio.srcObject !== (call.over ? null : call.remote))
		audio.srcObject = call.over ? null : call.remote;
	tone(call.state === "ringing" && !call.early ? "ringback"
		: call.state === "incoming" ? "ring" : null);
	showCall(call);
	showTimer(call);
}

async function tick()
{
	const now = call;

	showTimer(now);
	if (!now?.pc)
		return;
	const f = await figures(now.pc);
	if (now === call && !now.over)
		showFigures(f);
}

function mute()
{
	const track = call?.microphone;

	if (!track)
		return;
	track.enabled = !track.enabled;
	$("mute").setAttribute("aria-pressed", String(!track.enabled));
}

/* In a call the keypad sends tones; before, it writes the number. */
function press(key)
{
	if (call?.state === "in call") {
		if (call.dtmf?.canInsertDTMF)
			call.dtmf.insertDTMF(key, 160, 70);
	} else if (!$("number").readOnly) {
		$("number").value += key;
	}
}

$("dial").addEventListener("submit", (event) => {
	event.preventDefault();
	dial();
});
$("answer").addEventListener("click", () => call?.answer());
$("reject").addEventListener("click", () => call?.reject());
$("hangup").addEventListener("click", (event) => {
	if (event.detail < 2) // not the second half of a double click on Call
		hangUp();
});
$("mute").addEventListener("click", mute);
$("clear").addEventListener("click", () => $("log").replaceChildren());
$("try-echo").addEventListener("click", () => {
	if (!$("number").readOnly)
		$("number").value = "echo";
	$("number").focus();
});
$("keypad").addEventListener("click", (event) => {
	if (event.target.dataset.key)
		press(event.target.dataset.key);
});
document.addEventListener("keydown", (event) => {
	if (event.key === "Escape")
		hangUp();
	else if (call?.state === "in call" && /^[0-9*#]$/.test(event.key) &&
		!event.ctrlKey && !event.metaKey && !event.altKey)
		press(event.key);
});

window.pipecall = {
	state: () => call?.state ?? "idle",
	why: () => call?.why ?? "",
	id: () => signal.id,
	people: () => [...signal.people.values()],
	pc: () => call?.pc ?? null,
	remote: () => call?.remote ?? null,
	stats: async () => call?.pc ? figures(call.pc) : null,
	log: () => log,
};

$("number").value = query.get("call") ?? "";
showCall(null);
showServer(signal);
