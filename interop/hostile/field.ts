import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PeerName } from "../../src/peer-name.ts";
import type { Endpoint } from "../driver/endpoint.ts";
import { RawPeer, type RawPeerOptions } from "../runner/raw-peer.ts";
import { RawConnection } from "./raw-connection.ts";

/** What the attacker's process is told; JSON. */
export interface FieldSpec {
  /** The mesh port of the victim, or in a control run a server that discards what it gets. */
  target: Endpoint;
  /** The status port of the victim, if it serves one. */
  http?: Endpoint;
  /** The loopback network of the run, as 127.3.4. */
  network: string;
  password: string | null;
  victimName: string;
  /** The second peer, with its control interface, if the attack has one. */
  companion?: { target: Endpoint; http: Endpoint; name: string };
  /** The folder of the victim's own files. */
  victimFolder: string;
  /** The honest peers' names and UIDs. */
  honest: { name: string; uid: string }[];
  /** Whether this is the control run, in which nothing ever answers but for handshakes. */
  control: boolean;
  /** For bytes that take long to make. */
  cacheFolder: string;
}

/** What an attack does its work with: it lives in the attacker's process. */
export class Field {
  readonly spec: FieldSpec;
  /** For the check of the attack and for the report. */
  readonly notes: Record<string, unknown> = {};
  readonly #begin: () => Promise<void>;

  constructor(spec: FieldSpec, begin: () => Promise<void>) {
    this.spec = spec;
    this.#begin = begin;
  }

  get target(): Endpoint {
    return this.spec.target;
  }

  /** The n-th address of the attacker, from 0 to 99. */
  host(n = 0): string {
    return `${this.spec.network}.${100 + n}`;
  }

  /** To be called when everything is prepared: measuring begins, and the call settles when it has. */
  begin(): Promise<void> {
    return this.#begin();
  }

  /** Opens a TCP connection to the mesh port. */
  connect(host = 0, target = this.target): Promise<RawConnection> {
    return RawConnection.open(target, this.host(host));
  }

  /** Joins the mesh as the n-th attacking peer, with the password. Messages that come are not kept. */
  join(n = 0, options: Partial<RawPeerOptions> = {}, target = this.target): Promise<RawPeer> {
    return RawPeer.dial(target, {
      name: this.name(n),
      flavour: "mac",
      localHost: this.host(n % 100),
      onMessage: () => {},
      ...(this.spec.password === null ? {} : { password: this.spec.password }),
      ...options,
    });
  }

  /** The name of the n-th attacking peer. */
  name(n = 0): PeerName {
    return PeerName.parse(`02:66:66:00:${(n >> 8).toString(16)}:${(n & 0xff).toString(16)}`);
  }

  /** Waits. */
  sleep(ms: number): Promise<void> {
    return sleep(ms);
  }

  /** Repeats an action until so much time has passed. */
  async during(ms: number, action: () => Promise<unknown>): Promise<void> {
    const end = performance.now() + ms;
    while (performance.now() < end) await action();
  }

  /** Bytes that are made once and then read from a file. */
  async cached(name: string, make: () => Uint8Array): Promise<Buffer> {
    const file = join(this.spec.cacheFolder, name);
    const known = await readFile(file).catch(() => undefined);
    if (known !== undefined) return known;
    const bytes = Buffer.from(make());
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
    return bytes;
  }
}
