/*
 * What the page shows. Everything that came from the network goes into the
 * page as text (textContent), never as markup.
 */
const LOG_MAX = 300;
const $ = (id) => document.getElementById(id);

/* Which controls a state has. */
const controls = {
	"idle": ["call"],
	"calling": ["hangup"],
	"ringing": ["hangup"],
	"incoming": ["answer", "reject"],
	"in call": ["hangup", "mute"],
	"ended": ["call"],
};

/* Where the keyboard goes on when the button it was on has gone. */
const heir = { "idle": "number", "calling": "hangup", "ringing": "hangup",
	"incoming": "answer", "in call": "hangup", "ended": "number" };

export function showCall(call)
{
	const state = call?.state ?? "idle";
	const buttons = ["call", "answer", "reject", "hangup", "mute"];
	const focused = document.activeElement?.id;
	const words = !call ? "" : state === "ended" ? call.why : call.who;

	text("status", words ? `${state}: ${words}` : state);
	$("phone").dataset.state = state;
	for (const id of buttons)
		$(id).hidden = !controls[state].includes(id);
	$("number").readOnly = !controls[state].includes("call");
	for (const key of $("keypad").children)
		key.disabled = !["idle", "in call", "ended"].includes(state);
	if (buttons.includes(focused) && $(focused).hidden)
		$(heir[state]).focus();
	if (!call || call.over)
		$("mute").setAttribute("aria-pressed", "false");
	document.title = state === "incoming" ? `${words} is calling`
		: "pipecall phone";
	if (!call || call.over || !call.answeredAt)
		text("codec", "");
}

export function showServer(signal)
{
	const gateway = signal.find("gateway");
	const phones = [...signal.people.values()]
		.filter((p) => p.kind === "phone").length;

	pill("server", signal.connected,
		signal.connected ? `connected as ${signal.id}` : "connecting\u2026");
	pill("gateway", gateway,
		gateway ? "gateway is here" : "no gateway");
	$("gateway").title = [gateway && `${gateway.name} (${gateway.id})`,
		`${phones} other phone${phones === 1 ? "" : "s"} here`]
		.filter(Boolean).join(", ");
}

function pill(id, on, words)
{
	text(id, words);
	$(id).dataset.is = on ? "on" : "off";
}

/* Not to be written again when it has not changed: it would be read again. */
function text(id, words)
{
	if ($(id).textContent !== words)
		$(id).textContent = words;
}

export function showTimer(call)
{
	const s = call?.answeredAt
		? Math.floor(((call.endedAt ?? Date.now()) - call.answeredAt) / 1000)
		: -1;
	const two = (n) => String(n).padStart(2, "0");

	text("timer", s < 0 ? "" : `${two(Math.floor(s / 60))}:${two(s % 60)}`);
}

export function showFigures(f)
{
	const number = (n) => n?.toLocaleString("en") ?? "\u2013";
	const time = (n) => n === undefined ? "\u2013" : `${n} ms`;
	const same = f.in?.codec && f.in.codec === f.out?.codec;

	text("f-codec-in", f.in?.codec ?? "\u2013");
	text("f-codec-out", f.out?.codec ?? "\u2013");
	text("f-in", number(f.in?.packets));
	text("f-out", number(f.out?.packets));
	text("f-lost", number(f.in?.lost));
	text("f-jitter", time(f.in?.jitterMs));
	text("f-rtt", time(f.rttMs));
	text("f-dtls", [f.dtls, f.role, f.srtp].filter(Boolean).join(", ") ||
		"\u2013");
	text("f-path", f.path ?? "\u2013");
	text("codec", same ? f.in.codec : [f.in?.codec && `in ${f.in.codec}`,
		f.out?.codec && `out ${f.out.codec}`].filter(Boolean).join(", "));
	$("level-in").value = f.in?.level ?? 0;
	$("level-out").value = f.out?.level ?? 0;
}

/* The words of a candidate line (RFC 8839 5.1) that matter most. */
function candidate(line)
{
	const w = line.split(" ");

	return line ? `${w[2]} ${w[7]} ${w[4]} port ${w[5]}` : "no more";
}

/* What a message is about, besides its type. */
function about(m)
{
	if (m.type === "candidate")
		return candidate(String(m.candidate ?? ""));
	return m.number ?? m.caller ?? m.kind ??
		(m.participants && `${m.participants.length} here`) ??
		m.name ?? m.room ?? m.id ?? "";
}

/* One signalling message: a line that opens to show all of it. */
export function showMessage(direction, m)
{
	const line = document.createElement("li");
	const details = document.createElement("details");
	const summary = document.createElement("summary");
	const whole = document.createElement("pre");
	const part = (name, words) => {
		const span = document.createElement("span");

		span.className = name;
		span.textContent = words;
		summary.append(span);
	};

	line.dataset.direction = direction;
	part("when", new Date().toTimeString().slice(0, 8));
	part("arrow", direction === "out" ? "\u2192" : "\u2190");
	part("who", (direction === "out" ? m.to : m.from) ?? "server");
	part("type", m.type);
	part("about", [about(m), m.code, m.why].filter((x) => x || x === 0)
		.join(" "));
	/* SDP is easier to read with its lines as lines. */
	whole.textContent = JSON.stringify(m, null, 2)
		.replaceAll("\\r\\n", "\n    ");
	details.append(summary, whole);
	line.append(details);
	append(line);
}

function append(line)
{
	const list = $("log");
	const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;

	list.append(line);
	while (list.childElementCount > LOG_MAX)
		list.firstElementChild.remove();
	if (atEnd)
		list.scrollTop = list.scrollHeight;
}
