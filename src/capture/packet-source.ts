import { ConnectionTable, type TableEntry } from "./connection-table.ts";
import { CaptureError } from "./errors.ts";
import type { FollowedConnection } from "./followed-connection.ts";
import { MemoryBudget } from "./memory-budget.ts";
import { type Packet, PacketFileReader } from "./packet-file.ts";
import type { Source, SourceEvent } from "./source.ts";
import { TcpConnection } from "./tcp-connection.ts";
import { knowsLinkType, readSegment } from "./tcp-segment.ts";

/** The most TCP connections that are followed at once, sessions or not; beyond that idle ones are given up. */
export const maxConnections = 65_536;
/** The most sessions among them that are followed at once; beyond that idle ones are given up, with a note. */
export const maxOpenSessions = 4096;
/** At the end of a capture events are given out in portions of about so many. */
const endPortion = 1000;
/** The memory, in bytes, for what is kept of all connections: pending segments, and bytes to compare with. */
export const maxReassemblyBytes = 64 * 1024 * 1024;

/**
 * The mesh sessions in a packet capture, found by their header. Sessions are numbered in the order in which they were
 * recognised.
 *
 * Throws CaptureError as {@link PacketFileReader} does, and at the end `no-session` if there is none.
 */
export class PacketSource implements Source {
  readonly #reader = new PacketFileReader();
  readonly #connections = new ConnectionTable<FollowedConnection>(maxConnections);
  readonly #openSessions = new ConnectionTable<OpenSession>(maxOpenSessions);
  readonly #budget = new MemoryBudget(maxReassemblyBytes);
  readonly #origin: Readonly<Record<string, string>>;
  #sessions = 0;
  #packets = 0;
  #segments = 0;
  #events: SourceEvent[] = [];

  /** `origin` is put into the headers of the sessions as how they were made. */
  constructor(origin: Readonly<Record<string, string>> = {}) {
    this.#origin = origin;
  }

  push(chunk: Uint8Array): SourceEvent[] {
    this.#reader.push(chunk);
    for (const packet of this.#reader.packets()) this.#packet(packet);
    return this.#takeEvents();
  }

  end(): SourceEvent[] {
    // What is left of the connections is given out before a damaged end is complained about, by the next call.
    while (this.#events.length < endPortion) {
      const connection = this.#connections.take();
      if (connection === undefined) break;
      connection.finish();
    }
    const events = this.#takeEvents();
    if (events.length > 0) return events;
    this.#reader.end();
    if (this.#sessions === 0) {
      throw new CaptureError(
        "no-session",
        `no mesh session in ${this.#packets} packets (${this.#segments} of TCP)`,
      );
    }
    return events;
  }

  #takeEvents(): SourceEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #packet({ at, linkType, bytes }: Packet): void {
    this.#packets++;
    if (!knowsLinkType(linkType)) return;
    const segment = readSegment(bytes, linkType);
    if (segment === undefined) return;
    this.#segments++;
    const { source, destination } = segment;
    const key = source < destination ? source + destination : destination + source;
    const connection = this.#connections.get(key);
    const earlier = connection?.successor(at, segment);
    if (connection !== undefined && earlier === undefined) {
      const kept = connection.segment(at, segment);
      if (kept !== connection) this.#connections.replace(key, kept);
      return;
    }
    // Bare acknowledgements and resets begin nothing.
    if (segment.reset || (!segment.syn && segment.length === 0 && earlier === undefined)) return;
    connection?.finish();
    this.#openSessions.delete(key);
    const next: TcpConnection = new TcpConnection(earlier?.[0]?.segment ?? segment, {
      number: () => {
        this.#openSessions.set(key, new OpenSession(key, next, this.#connections));
        return ++this.#sessions;
      },
      origin: this.#origin,
      budget: this.#budget,
      emit: (event) => {
        if (event.type === "close") this.#openSessions.delete(key);
        this.#events.push(event);
      },
    });
    let kept: FollowedConnection = next;
    for (const { at, segment } of earlier ?? []) kept = kept.segment(at, segment);
    kept = kept.segment(at, segment);
    // Its own beginning does not make it busier than the others.
    kept.touched = false;
    this.#connections.set(key, kept);
  }
}

/** A session as the table of open sessions sees it. */
class OpenSession implements TableEntry {
  readonly #key: string;
  readonly #connection: TcpConnection;
  readonly #connections: ConnectionTable<FollowedConnection>;

  constructor(key: string, connection: TcpConnection, connections: ConnectionTable<FollowedConnection>) {
    this.#key = key;
    this.#connection = connection;
    this.#connections = connections;
  }

  get touched(): boolean {
    return this.#connection.touched;
  }

  set touched(touched: boolean) {
    this.#connection.touched = touched;
  }

  get done(): boolean {
    return this.#connection.done;
  }

  abandon(): void {
    this.#connection.abandon();
    this.#connections.replace(this.#key, this.#connection.afterEnd());
  }
}
