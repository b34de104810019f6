/*
 * Why a call ended, in words. Codes are SIP's (RFC 3261 section 21), as the
 * gateway passes them on in `bye` and `reject`.
 */
const sip = {
	400: "the request was not understood",
	401: "the telephone system wants a password",
	403: "the call is forbidden",
	404: "the number was not found",
	405: "the telephone system does not allow this",
	406: "the call was not acceptable",
	407: "the telephone system wants a password",
	408: "nobody answered in time",
	410: "the number is no longer in use",
	415: "the other side does not know this kind of call",
	420: "the other side lacks something the call needs",
	421: "the call lacks something the other side needs",
	480: "nobody can be reached there now",
	481: "the call is no longer known there",
	482: "the call went round in a circle",
	483: "the call went through too many systems",
	484: "the number is incomplete",
	485: "the number is ambiguous",
	486: "the number is busy",
	487: "the call was cancelled",
	488: "the two sides have no codec in common",
	491: "both sides wanted something at once",
	500: "the telephone system failed",
	501: "the telephone system cannot do this",
	502: "the telephone system got no sensible answer",
	503: "the telephone system cannot be reached",
	504: "the telephone system did not answer in time",
	600: "the number is busy everywhere",
	603: "the call was declined",
	604: "the number does not exist anywhere",
	606: "the call was not acceptable there",
};

const classes = {
	3: "the number has moved",
	4: "the call was refused",
	5: "the telephone system failed",
	6: "the call was refused everywhere",
};

/* The reason for a person: words, and the code for those who know it. */
export function because(code, why, otherwise)
{
	const n = Number.isInteger(code) ? code : 0;
	const own = typeof why === "string" ? why.trim().slice(0, 200) : "";

	if (n < 300)
		return own || otherwise;
	const words = sip[n] ?? (own || classes[Math.floor(n / 100)]);
	return `${words ?? otherwise} (${n})`;
}

/* What getUserMedia's refusal means. */
export function microphone(error)
{
	switch (error?.name) {
	case "NotAllowedError":
		return "the microphone was refused (allow it beside the address bar)";
	case "NotFoundError":
		return "no microphone was found";
	case "NotReadableError":
		return "the microphone is in use elsewhere";
	default:
		return navigator.mediaDevices
			? `the microphone failed: ${error?.message ?? error}`
			: "no microphone: open this page from localhost or over https";
	}
}
