/* The few figures of getStats() that tell whether a call is well. */

/*
 * Returns {in: {codec, packets, bytes, lost, jitterMs, level},
 * out: {codec, packets, bytes, level}, rttMs, path, dtls, srtp, role}; what is
 * not known yet is missing.
 */
export async function figures(pc)
{
	const report = await pc.getStats();
	const all = [...report.values()];
	const one = (type) => all.find((s) => s.type === type &&
		(s.kind === undefined || s.kind === "audio"));
	const inbound = one("inbound-rtp"), outbound = one("outbound-rtp");
	const transport = one("transport");
	const pair = report.get(transport?.selectedCandidatePairId);
	const rtt = one("remote-inbound-rtp")?.roundTripTime ??
		pair?.currentRoundTripTime;

	return {
		in: inbound && {
			codec: codec(report.get(inbound.codecId)),
			packets: inbound.packetsReceived,
			bytes: inbound.bytesReceived,
			lost: inbound.packetsLost,
			jitterMs: ms(inbound.jitter),
			level: inbound.audioLevel,
		},
		out: outbound && {
			codec: codec(report.get(outbound.codecId)),
			packets: outbound.packetsSent,
			bytes: outbound.bytesSent,
			level: one("media-source")?.audioLevel,
		},
		rttMs: ms(rtt),
		path: pair && path(report.get(pair.localCandidateId),
			report.get(pair.remoteCandidateId)),
		dtls: transport?.dtlsState,
		role: transport?.dtlsRole,
		srtp: transport?.srtpCipher,
	};
}

function ms(seconds)
{
	return seconds === undefined ? undefined
		: Math.round(seconds * 10000) / 10;
}

function codec(c)
{
	return c && `${c.mimeType.replace(/^audio\//, "")}/${c.clockRate} (${
		c.payloadType})`;
}

function path(local, remote)
{
	const end = (c) => c && `${c.candidateType} ${c.address ?? "?"}:${c.port}`;

	return `${end(local)} \u2192 ${end(remote)} (${local?.protocol})`;
}
