import { protocolName } from "../wire/index.ts";
import { makeSessionHeader, otherSide, type SessionRecord, type Side } from "./session-file.ts";
import type { SourceEvent } from "./source.ts";
import { TcpDirection } from "./tcp-direction.ts";
import { endpointText, type TcpSegment } from "./tcp-segment.ts";

const magic = new TextEncoder().encode(protocolName);

/** What a connection needs from its source. */
export interface TcpConnectionOptions {
  /** A number for the session, when it is recognised as one. */
  number(): number;
  readonly origin: Readonly<Record<string, string>>;
  emit(event: SourceEvent): void;
}

/** Both directions of a TCP connection, and whether a mesh session is in it. */
export class TcpConnection {
  readonly #options: TcpConnectionOptions;
  readonly #dialler: string;
  readonly #addresses: Record<Side, string>;
  readonly #directions: Record<Side, TcpDirection>;
  readonly #ended = new Set<Side>();
  /** The first bytes of each side, until it is known whether this is a session. */
  readonly #beginning: Record<Side, number[]> = { dialler: [], listener: [] };
  #waiting: SessionRecord[] = [];
  #session: number | undefined;
  #foreign = false;
  #startedAt: number | undefined;
  #at = 0;

  constructor(first: TcpSegment, options: TcpConnectionOptions) {
    this.#options = options;
    this.#dialler = dialledBySource(first) ? first.source : first.destination;
    const listener = this.#dialler === first.source ? first.destination : first.source;
    this.#addresses = { dialler: endpointText(this.#dialler), listener: endpointText(listener) };
    const direction = (side: Side) =>
      new TcpDirection({
        data: (bytes) => this.#data(side, bytes),
        gap: (missing) => this.#record({ at: this.#relative(), from: side, missing }),
      });
    this.#directions = { dialler: direction("dialler"), listener: direction("listener") };
  }

  /** Nothing of interest will come any more. */
  get done(): boolean {
    return this.#ended.size === 2;
  }

  /** Whether a segment opens another connection between the same ports. */
  isReplacedBy(segment: TcpSegment): boolean {
    if (!segment.syn || segment.acknowledged !== undefined) return false;
    const side = this.#sideOf(segment);
    const { initial } = this.#directions[side];
    return side === "listener" || initial !== segment.sequence;
  }

  segment(at: number, segment: TcpSegment): void {
    this.#at = at;
    this.#startedAt ??= at;
    const from = this.#sideOf(segment);
    // Of a connection that is no session only its end matters.
    if (!this.#foreign) {
      this.#directions[from].segment(segment);
      if (segment.acknowledged !== undefined)
        this.#directions[otherSide(from)].acknowledge(segment.acknowledged);
    }
    if (segment.reset) {
      this.#directions.dialler.flush();
      this.#directions.listener.flush();
      this.#end(from, "reset");
      this.#close();
    } else if (this.#foreign ? segment.fin : this.#directions[from].finished) {
      this.#end(from, "fin");
      if (this.done) this.#close();
    }
  }

  /** The capture has ended. */
  finish(): void {
    if (this.done) return;
    for (const side of ["dialler", "listener"] as const) {
      this.#directions[side].flush();
      this.#end(side, this.#directions[side].finished ? "fin" : "open");
    }
    this.#close();
  }

  #sideOf(segment: TcpSegment): Side {
    return segment.source === this.#dialler ? "dialler" : "listener";
  }

  #relative(): number {
    return this.#at - this.#startedAt!;
  }

  #data(side: Side, bytes: Uint8Array): void {
    if (this.#foreign) return;
    this.#record({ at: this.#relative(), from: side, bytes });
    if (this.#session !== undefined) return;
    const beginning = this.#beginning[side];
    for (let i = 0; i < bytes.length && beginning.length < magic.length; i++) beginning.push(bytes[i]!);
    if (beginning.some((byte, i) => byte !== magic[i])) {
      this.#foreign = true;
      this.#waiting = [];
    } else if (beginning.length === magic.length) {
      this.#recognise();
    }
  }

  #recognise(): void {
    const { number, origin, emit } = this.#options;
    const session = number();
    this.#session = session;
    const header = makeSessionHeader({
      layer: "wire",
      startedAt: this.#startedAt!,
      made: origin,
      dialler: { address: this.#addresses.dialler },
      listener: { address: this.#addresses.listener },
    });
    // The header keeps whole milliseconds.
    this.#startedAt = Date.parse(header.started);
    emit({ type: "open", session, header });
    for (const record of this.#waiting) emit({ type: "record", session, record });
    this.#waiting = [];
  }

  #record(record: SessionRecord): void {
    if (this.#session !== undefined) this.#options.emit({ type: "record", session: this.#session, record });
    else if (!this.#foreign) this.#waiting.push(record);
  }

  #end(side: Side, end: "fin" | "reset" | "open"): void {
    if (this.#ended.has(side)) return;
    this.#ended.add(side);
    this.#record({ at: this.#relative(), from: side, end });
  }

  #close(): void {
    this.#ended.add("dialler").add("listener");
    if (this.#session !== undefined) this.#options.emit({ type: "close", session: this.#session });
  }
}

/** Who opened the connection; where its beginning was not captured, whoever has the higher port. */
function dialledBySource({ syn, acknowledged, sourcePort, destinationPort }: TcpSegment): boolean {
  if (syn) return acknowledged === undefined;
  return sourcePort > destinationPort;
}
