import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { CliError } from "../errors.ts";
import { parseStatusDocument } from "../status-document.ts";
import { chatChannel, counterChannel, type DemoPeer, type DemoPeerOptions, type Heard } from "./peer.ts";

/** How long a Go peer may take to start or to answer, in milliseconds. */
const patienceMs = 15_000;

/**
 * Starts `binary`, the Go peer of interop/go-peer, as a process of its own on a free port of the loopback interface,
 * and drives it over its control interface (interop/README.md).
 *
 * @throws CliError `failed` if it does not start.
 */
export async function startGoPeer(binary: string, options: DemoPeerOptions): Promise<DemoPeer> {
  const address = `127.0.0.1:${await freePort()}`;
  const child = spawn(
    binary,
    [
      ...["--mesh", address, "--hwaddr", options.name, "--nickname", options.nickname],
      ...[
        "--password",
        options.password,
        "--channel",
        chatChannel,
        "--counter",
        counterChannel,
        "--no-discovery",
      ],
      ...options.targets.flatMap((target) => ["--peer", target]),
    ],
    { stdio: ["pipe", "pipe", "ignore"] },
  );
  const ready = await readyLine(child);
  const control = new Control(`http://${ready.control}`);
  return {
    nickname: options.nickname,
    name: ready.name,
    language: `Go (process ${child.pid}, ${ready.runtime}, weaveworks/mesh of ${ready.generation})`,
    address,
    status: async () => parseStatusDocument(await control.get("/status")),
    unicast: (peer, text) => control.post("/unicast", { channel: chatChannel, peer, text }),
    broadcast: (text) => control.post("/broadcast", { channel: chatChannel, text }),
    heard: async () => heardMessages(await control.get("/received")),
    increment: (times) => control.post("/incr", { channel: counterChannel, times }),
    count: async () => JSON.parse(await control.get(`/counter?channel=${counterChannel}`)).value as number,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "close");
      // It ends by itself when its standard input does.
      child.stdin?.end();
      await ended;
    },
  };
}

interface Ready {
  readonly control: string;
  readonly name: string;
  readonly generation: string;
  readonly runtime: string;
}

/** The first line of a Go peer's standard output: where it is controlled, and what it is. */
async function readyLine(child: ChildProcess): Promise<Ready> {
  const lines = createInterface({ input: child.stdout! });
  const timeout = AbortSignal.timeout(patienceMs);
  const failed = new Promise<never>((_, reject) => {
    child.once("error", (error) =>
      reject(new CliError("failed", `the Go peer does not start: ${error.message}`)),
    );
    child.once("exit", (status) => reject(new CliError("failed", `the Go peer ended early (${status})`)));
    timeout.addEventListener("abort", () =>
      reject(new CliError("failed", "the Go peer is not ready in time")),
    );
  });
  failed.catch(() => {});
  const [line] = (await Promise.race([once(lines, "line"), failed])) as [string];
  return JSON.parse(line) as Ready;
}

function heardMessages(json: string): Heard[] {
  const { messages } = JSON.parse(json) as { messages: { kind: string; source: string; base64: string }[] };
  return messages.map(({ kind, source, base64 }) => ({
    kind,
    source,
    text: Buffer.from(base64, "base64").toString(),
  }));
}

/** The control interface of a Go peer. */
class Control {
  readonly #base: string;

  constructor(base: string) {
    this.#base = base;
  }

  get(path: string): Promise<string> {
    return this.#request(path, {});
  }

  async post(path: string, body: object): Promise<void> {
    await this.#request(path, { method: "POST", body: JSON.stringify(body) });
  }

  async #request(path: string, init: RequestInit): Promise<string> {
    const response = await fetch(this.#base + path, { ...init, signal: AbortSignal.timeout(patienceMs) });
    const text = await response.text();
    if (!response.ok)
      throw new CliError("failed", `the Go peer answers ${path} with ${response.status}: ${text}`);
    return text;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
