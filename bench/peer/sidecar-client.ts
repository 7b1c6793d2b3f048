/**
 * A Node program that uses the mesh through a Go sidecar: it posts messages to the sidecar and gets posted what comes.
 * Arguments: where the sidecar listens, and the port for deliveries.
 */
import { Agent, createServer, request } from "node:http";
import { serveCommands } from "../../interop/driver/serve-commands.ts";
import { Kind, numberOf, Payloads } from "./payload.ts";
import { cpuMs } from "./usage.ts";

const [sidecar, port] = process.argv.slice(2) as [string, string];
const together = 64;
const agent = new Agent({ keepAlive: true, maxSockets: together });

let payloads = new Payloads(16);
let [count, broken, firstMs, lastMs] = [0, 0, 0, 0];
let pong: (payload: Uint8Array) => void = () => {};
let seen = new Set<number>();

const server = createServer(async (incoming, answer) => {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const payload = Buffer.concat(chunks);
  answer.end();
  if (payload[0] === Kind.ping) {
    payload[0] = Kind.pong;
    void post(new URL(incoming.url!, "http://x").searchParams.get("from")!, payload);
  } else if (payload[0] === Kind.pong) pong(payload);
  else {
    if (count++ === 0) firstMs = performance.now();
    lastMs = performance.now();
    // They overtake each other on their way.
    const number = numberOf(payload);
    if (seen.has(number) || !payloads.isIntact(payload, number)) broken++;
    seen.add(number);
  }
});
await new Promise<void>((resolve) => server.listen(Number(port), "127.0.0.1", resolve));

function post(to: string, payload: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const [host, sidecarPort] = sidecar.split(":");
    const outgoing = request(
      {
        agent,
        host,
        port: sidecarPort,
        method: "POST",
        path: `/?to=${to}`,
        headers: { "content-length": payload.length },
      },
      (answer) => {
        answer.resume();
        answer.on("end", () =>
          answer.statusCode === 200 ? resolve() : reject(new Error(`HTTP ${answer.statusCode}`)),
        );
      },
    );
    outgoing.on("error", reject);
    outgoing.end(payload);
  });
}

serveCommands({
  expect({ size }: { size: number }) {
    payloads = new Payloads(size);
    seen = new Set();
    [count, broken, firstMs, lastMs] = [0, 0, 0, 0];
    return undefined;
  },
  async received({ sent }: { sent: number }) {
    while (count < sent) await new Promise((resolve) => setTimeout(resolve, 5));
    return { count, broken, seconds: (lastMs - firstMs) / 1000 };
  },
  async stream({ to, size, seconds }: { to: string; size: number; seconds: number }) {
    const making = new Payloads(size);
    const endMs = performance.now() + seconds * 1000;
    let sent = 0;
    const lane = async (): Promise<void> => {
      while (performance.now() < endMs) await post(to, making.make(Kind.message, sent++));
    };
    await Promise.all(Array.from({ length: together }, lane));
    return { sent };
  },
  async ping({ to, size, seconds }: { to: string; size: number; seconds: number }) {
    const making = new Payloads(size);
    const trips: number[] = [];
    const endMs = performance.now() + seconds * 1000;
    for (let number = 0; performance.now() < endMs; number++) {
      const startMs = performance.now();
      const answer = new Promise<Uint8Array>((resolve) => {
        pong = resolve;
      });
      await post(to, making.make(Kind.ping, number));
      if (!making.isIntact(await answer, number)) throw new Error("a ping came back broken");
      trips.push((performance.now() - startMs) * 1000);
    }
    trips.sort((a, b) => a - b);
    const at = (part: number): number => trips[Math.floor((trips.length - 1) * part)]!;
    return { count: trips.length, p50: at(0.5), p99: at(0.99) };
  },
  usage: () => ({ cpuMs: cpuMs() }),
});
