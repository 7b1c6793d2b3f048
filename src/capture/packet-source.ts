import { CaptureError } from "./errors.ts";
import { type Packet, PacketFileReader } from "./packet-file.ts";
import type { Source, SourceEvent } from "./source.ts";
import { TcpConnection } from "./tcp-connection.ts";
import { knowsLinkType, readSegment } from "./tcp-segment.ts";

/**
 * The mesh sessions in a packet capture, found by their header. Sessions are numbered in the order in which they were
 * recognised.
 *
 * Throws CaptureError as {@link PacketFileReader} does, and at the end `no-session` if there is none.
 */
export class PacketSource implements Source {
  readonly #reader = new PacketFileReader();
  readonly #connections = new Map<string, TcpConnection>();
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
    for (const connection of this.#connections.values()) connection.finish();
    this.#connections.clear();
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
    let connection = this.#connections.get(key);
    if (connection?.isReplacedBy(segment)) {
      connection.finish();
      connection = undefined;
    }
    if (connection === undefined) {
      // Late pieces of a connection that has ended, and bare acknowledgements, begin nothing.
      if (segment.reset || (!segment.syn && segment.length === 0)) return;
      connection = new TcpConnection(segment, {
        number: () => ++this.#sessions,
        origin: this.#origin,
        emit: (event) => this.#events.push(event),
      });
      this.#connections.set(key, connection);
    }
    connection.segment(at, segment);
    if (connection.done) this.#connections.delete(key);
  }
}
