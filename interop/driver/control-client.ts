import { parseStatus, type Status } from "./status.ts";

/** One delivery, as GET /received reports it. */
export interface Received {
  kind: "unicast" | "broadcast" | "gossip";
  channel: string;
  /** The sender's name; empty for gossip, whose sender the library does not say. */
  source: string;
  bytes: Buffer;
}

/** The two kinds of channel that the driven peers have. */
export type ChannelKind = "log" | "counter";

/** A refusal by a peer: the text is the library's own. */
export class ControlError extends Error {
  override readonly name = "ControlError";
}

/** The control interface of one driven peer (interop/README.md). */
export class ControlClient {
  readonly #base: string;
  readonly #received: Received[] = [];
  #reading: Promise<unknown> = Promise.resolve();

  /** The address of the interface, HOST:PORT. */
  readonly address: string;

  constructor(address: string) {
    this.address = address;
    this.#base = `http://${address}`;
  }

  async status(): Promise<Status> {
    return parseStatus(await this.statusText());
  }

  /** The status as the peer wrote it. */
  statusText(): Promise<string> {
    return this.#send("GET", "/status");
  }

  /** Everything delivered so far, oldest first; only what is new goes over the wire. */
  received(): Promise<readonly Received[]> {
    const reading = this.#reading.then(() => this.#readReceived());
    this.#reading = reading.catch(() => {}); // one at a time, or a message would be counted twice
    return reading;
  }

  async #readReceived(): Promise<readonly Received[]> {
    const answer = JSON.parse(await this.#send("GET", `/received?from=${this.#received.length}`));
    for (const { base64, ...message } of answer.messages) {
      this.#received.push({ ...message, bytes: Buffer.from(base64, "base64") });
    }
    return this.#received;
  }

  async unicast(channel: string, peer: string, payload: Uint8Array): Promise<void> {
    await this.#send("POST", "/unicast", { channel, peer, base64: base64(payload) });
  }

  async broadcast(channel: string, payload: Uint8Array): Promise<void> {
    await this.#send("POST", "/broadcast", { channel, base64: base64(payload) });
  }

  async gossip(channel: string, payload: Uint8Array): Promise<void> {
    await this.#send("POST", "/gossip", { channel, base64: base64(payload) });
  }

  /** Counts `times` more; the answer is the peer's new total. */
  async increment(channel: string, times: number): Promise<number> {
    return JSON.parse(await this.#send("POST", "/incr", { channel, times })).value;
  }

  /** The peer's total. */
  async count(channel: string): Promise<number> {
    return JSON.parse(await this.#send("GET", `/counter?channel=${encodeURIComponent(channel)}`)).value;
  }

  /** The peer's count for each name that it counts. */
  async counts(channel: string): Promise<ReadonlyMap<string, number>> {
    const answer = JSON.parse(await this.#send("GET", `/counter?channel=${encodeURIComponent(channel)}`));
    return new Map(Object.entries(answer.counts));
  }

  /** The memory, sockets and timers of the process; TypeScript peers only. */
  async resources(): Promise<{ heapBytes: number; sockets: number; timers: number }> {
    return JSON.parse(await this.#send("GET", "/resources"));
  }

  /** The texts of the targets' errors, none when all are good. */
  async connect(peers: readonly string[], replace = false): Promise<string[]> {
    return JSON.parse(await this.#send("POST", "/connect", { peers, replace })).errors;
  }

  async forget(peers: readonly string[]): Promise<void> {
    await this.#send("POST", "/forget", { peers });
  }

  async register(channel: string, kind: ChannelKind): Promise<void> {
    await this.#send("POST", "/channel", { channel, kind });
  }

  async quit(): Promise<void> {
    await this.#send("POST", "/quit", {});
  }

  async #send(method: string, path: string, body?: unknown): Promise<string> {
    const response = await fetch(this.#base + path, {
      method,
      signal: AbortSignal.timeout(60_000), // a slow link holds up the answer of a Go peer
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new ControlError(errorOf(text));
    return text;
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

function errorOf(text: string): string {
  try {
    return JSON.parse(text).error ?? text;
  } catch {
    return text;
  }
}
