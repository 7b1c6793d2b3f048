import { createSocket, type Socket } from "node:dgram";
import { systemClock } from "../../../src/transport/index.ts";
import { HostLookup } from "../../../src/transport/names/host-lookup.ts";
import { parseResolvConf } from "../../../src/transport/names/resolver-configuration.ts";
import { openDnsQueries } from "../../../src/transport/names/system-names.ts";

/** The IPv4 addresses of a name, or raw bytes, or silence. */
export type ServerAnswer = readonly string[] | Uint8Array | "silence";

/** A DNS server on 127.0.0.1 in this process. */
export class NameServer {
  readonly asked = new Set<string>();
  readonly #socket: Socket = createSocket("udp4");
  readonly #answer: (name: string) => ServerAnswer;

  private constructor(answer: (name: string) => ServerAnswer) {
    this.#answer = answer;
  }

  static async start(answer: (name: string) => ServerAnswer): Promise<NameServer> {
    const server = new NameServer(answer);
    await new Promise<void>((resolve) => server.#socket.bind(0, "127.0.0.1", resolve));
    server.#socket.on("message", (query, from) => {
      const reply = server.#reply(query);
      if (reply !== undefined) server.#socket.send(reply, from.port, from.address);
    });
    return server;
  }

  stop(): void {
    this.#socket.close();
  }

  /** Lookups in real time that ask this server only. */
  lookup(options = ""): HostLookup {
    const { port } = this.#socket.address();
    const configuration = { ...parseResolvConf(options), servers: [`127.0.0.1:${port}`] };
    return new HostLookup({
      clock: systemClock,
      hosts: () => undefined,
      configuration: () => configuration,
      openQueries: openDnsQueries,
      system: () => undefined,
    });
  }

  #reply(query: Buffer): Uint8Array | undefined {
    const labels: string[] = [];
    let at = 12;
    for (; query[at]! > 0; at += query[at]! + 1)
      labels.push(query.toString("latin1", at + 1, at + 1 + query[at]!));
    const name = labels.join(".").toLowerCase();
    const isA = query.readUInt16BE(at + 1) === 1;
    this.asked.add(name);
    const answer = this.#answer(name);
    if (answer === "silence") return undefined;
    if (answer instanceof Uint8Array) return answer;
    const addresses = isA ? answer : [];
    const header = Buffer.from(query.subarray(0, 12));
    // An answer, recursion available; no such name if there are no addresses at all.
    header.writeUInt16BE(answer.length === 0 ? 0x8183 : 0x8180, 2);
    header.writeUInt16BE(addresses.length, 6);
    header.writeUInt32BE(0, 8);
    const records = addresses.map((ip) => [
      0xc0,
      12,
      0,
      1,
      0,
      1,
      0,
      0,
      0,
      60,
      0,
      4,
      ...ip.split(".").map(Number),
    ]);
    return Buffer.concat([header, query.subarray(12, at + 5), Buffer.from(records.flat())]);
  }
}
