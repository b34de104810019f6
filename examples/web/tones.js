/*
 * The tones a telephone makes itself: ringback while the other side rings
 * (425 Hz, 1 s in 5, as in most of Europe), and ringing when we are called.
 */
let context = null;
let playing = null;

/* kind: "ringback", "ring" or null for silence. */
export function tone(kind)
{
	if (kind === playing?.kind)
		return;
	playing?.stop();
	playing = kind ? start(kind) : null;
}

function start(kind)
{
	context ??= new AudioContext();
	context.resume(); // refused until the page was clicked: then silent

	const gain = new GainNode(context, { gain: 0 });
	const pitches = kind === "ring" ? [660, 880] : [425];
	const oscillators = pitches.map((frequency) =>
		new OscillatorNode(context, { frequency }));
	const burst = () => {
		const now = context.currentTime;

		gain.gain.setValueAtTime(0.06, now);
		gain.gain.setValueAtTime(0, now + 1);
	};
	const timer = setInterval(burst, kind === "ring" ? 3000 : 5000);

	gain.connect(context.destination);
	for (const o of oscillators) {
		o.connect(gain);
		o.start();
	}
	burst();
	return { kind, stop()
	{
		clearInterval(timer);
		oscillators.forEach((o) => o.stop());
		gain.disconnect();
	} };
}
