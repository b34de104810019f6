/*
 * ws-signal for a test: on a port of its own, with the page.
 *
 *	const server = await startServer();   server.url, server.stop()
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/* port 0: any */
export async function startServer(port = 0)
{
	const child = spawn("ws-signal", ["--listen", `127.0.0.1:${port}`,
		"--www", `${root}examples/web`],
	{ stdio: ["ignore", "ignore", "pipe"] });
	const ended = once(child, "exit");
	const lines = createInterface({ input: child.stderr });
	const address = await new Promise((resolve, fail) => {
		child.once("error", fail);
		child.once("exit", (status) =>
			fail(new Error(`ws-signal ended: ${status}`)));
		lines.on("line", (line) => {
			const found = line.match(/listening tcp (\S+)/);

			if (found)
				resolve(found[1]);
			else
				console.error(line);
		});
	});

	return {
		url: `http://${address}/`,
		port: Number(address.split(":")[1]),
		async stop(signal = "SIGTERM")
		{
			child.kill(signal);
			await ended;
		},
	};
}
