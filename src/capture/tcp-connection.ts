import { protocolName } from "../wire/index.ts";
import {
  EndedConnection,
  type FollowedConnection,
  ForeignConnection,
  type TimedSegment,
} from "./followed-connection.ts";
import type { MemoryBudget } from "./memory-budget.ts";
import { makeSessionHeader, otherSide, type SessionRecord, type Side } from "./session-file.ts";
import type { SourceEvent } from "./source.ts";
import { TcpDirection } from "./tcp-direction.ts";
import { endpointText, type TcpSegment } from "./tcp-segment.ts";

const magic = new TextEncoder().encode(protocolName);

/** The most notes about one connection; the last one says how many more there were. */
export const maxNotes = 100;
/** The most records held back until a connection is recognised as a session. */
const maxUnrecognisedRecords = 64;

/** The surroundings of a connection. */
export interface TcpConnectionOptions {
  /** A number for the session, when it is recognised as one. */
  number(): number;
  readonly origin: Readonly<Record<string, string>>;
  /** Memory for the bytes that are kept; shared by all connections. */
  readonly budget: MemoryBudget;
  emit(event: SourceEvent): void;
}

/** A SYN that opens another connection between the same ports, if the rest of its handshake follows. */
interface Candidate {
  readonly at: number;
  readonly syn: TcpSegment;
  answer?: TimedSegment;
}

/**
 * Both directions of a TCP connection, and whether a mesh session is in it.
 *
 * Segments are judged as RFC 5961 has a receiver judge them. A reset counts only if its sequence number is exactly the
 * next expected one. A SYN in an open connection never counts; it opens another connection if a SYN-ACK for it and then
 * a segment that fits both follow. Whatever else does not fit the connection is noted and ignored. Checksums are not
 * verified, as captures on the sending machine mostly have wrong ones.
 */
export class TcpConnection implements FollowedConnection {
  readonly #options: TcpConnectionOptions;
  readonly #dialler: string;
  readonly #addresses: Record<Side, string>;
  readonly #directions: Record<Side, TcpDirection>;
  readonly #ended = new Set<Side>();
  /** The first bytes of each side, until it is known whether this is a session; undefined where they were lost. */
  readonly #beginning: Record<Side, number[] | undefined> = { dialler: [], listener: [] };
  #candidate: Candidate | undefined;
  #unrecognised: SessionRecord[] = [];
  #unrecognisedBytes = 0;
  #session: number | undefined;
  #foreign = false;
  #startedAt: number | undefined;
  #at = 0;
  #notes = 0;
  touched = false;

  constructor(first: TcpSegment, options: TcpConnectionOptions) {
    this.#options = options;
    this.#dialler = dialledBySource(first) ? first.source : first.destination;
    const listener = this.#dialler === first.source ? first.destination : first.source;
    this.#addresses = { dialler: this.#dialler, listener };
    const direction = (side: Side) =>
      new TcpDirection(
        {
          data: (bytes) => this.#data(side, bytes),
          gap: (missing) => this.#gap(side, missing),
          note: (text) => this.#note(side, text),
        },
        options.budget,
      );
    this.#directions = { dialler: direction("dialler"), listener: direction("listener") };
  }

  /** Both sides have ended. */
  get done(): boolean {
    return this.#ended.size === 2;
  }

  successor(at: number, segment: TcpSegment): readonly TimedSegment[] | undefined {
    if (this.done) return this.afterEnd().successor(at, segment);
    const { syn, acknowledged } = segment;
    const candidate = this.#candidate;
    if (syn && acknowledged === undefined) {
      const { initial } = this.#directions[this.#sideOf(segment)];
      const repeated = initial === segment.sequence && segment.source === this.#dialler;
      if (!repeated && candidate?.syn.sequence !== segment.sequence)
        this.#candidate = { at, syn: withoutBytes(segment) };
      return undefined;
    }
    if (candidate === undefined) return undefined;
    const first = (candidate.syn.sequence + 1) >>> 0;
    const isDialler = segment.source === candidate.syn.source;
    if (syn) {
      if (!isDialler && acknowledged === first) candidate.answer = { at, segment: withoutBytes(segment) };
      return undefined;
    }
    const begun = { at: candidate.at, segment: candidate.syn };
    if (candidate.answer === undefined) {
      // Where the other direction is not captured at all, the first bytes stand for the rest of the handshake.
      const heard = this.#directions[this.#sideOf({ source: candidate.syn.destination })].synchronised;
      return !heard && isDialler && segment.sequence === first && segment.length > 0 ? [begun] : undefined;
    }
    const answered = (candidate.answer.segment.sequence + 1) >>> 0;
    const [sequence, other] = isDialler ? [first, answered] : [answered, first];
    if (segment.reset || segment.sequence !== sequence || acknowledged === undefined) return undefined;
    return isShortlyAfter(acknowledged, other) ? [begun, candidate.answer] : undefined;
  }

  segment(at: number, segment: TcpSegment): FollowedConnection {
    if (this.done) return this.afterEnd();
    this.touched = true;
    this.#at = at;
    this.#startedAt ??= at;
    this.#judge(this.#sideOf(segment), segment);
    if (this.#foreign) return new ForeignConnection();
    return this.done ? this.afterEnd() : this;
  }

  /** Returns the part of an ended connection that is kept. */
  afterEnd(): EndedConnection {
    const next = new Map<string, number>();
    for (const side of ["dialler", "listener"] as const) {
      const { sequence } = this.#directions[side];
      if (sequence !== undefined) next.set(this.#addresses[side], sequence);
    }
    return new EndedConnection(next);
  }

  #judge(from: Side, segment: TcpSegment): void {
    if (segment.reset) {
      this.#reset(from, segment);
      return;
    }
    if (segment.syn && !this.#opens(from, segment)) return;
    const direction = this.#directions[from];
    const isNear = direction.isNear(segment.sequence);
    if (segment.urgent && isNear) this.#note(from, "urgent data, which counts like any other");
    direction.segment(segment);
    // A forged segment can acknowledge anything.
    if (segment.acknowledged !== undefined && (isNear || direction.isNear(segment.sequence)))
      this.#directions[otherSide(from)].acknowledge(segment.acknowledged);
    for (const side of ["dialler", "listener"] as const) {
      if (this.#directions[side].finished) this.#end(side, "fin");
    }
    if (this.done) this.#close();
  }

  finish(): void {
    if (this.done) return;
    for (const side of ["dialler", "listener"] as const) {
      this.#directions[side].flush();
      this.#end(side, this.#directions[side].complete ? "fin" : "open");
    }
    this.#close();
  }

  /** Gives up following the connection, for want of memory for more of them. */
  abandon(): void {
    if (!this.done) this.#note("dialler", "too many connections at once: this one is followed no further");
    this.finish();
  }

  #sideOf({ source }: Pick<TcpSegment, "source">): Side {
    return source === this.#dialler ? "dialler" : "listener";
  }

  #relative(): number {
    return this.#at - (this.#startedAt ?? this.#at);
  }

  /** Whether a SYN is one of this connection. */
  #opens(from: Side, { sequence, acknowledged }: TcpSegment): boolean {
    const dialled = this.#directions.dialler.initial;
    const isAnswer = acknowledged !== undefined;
    const fits =
      isAnswer === (from === "listener") &&
      (!isAnswer || dialled === undefined || acknowledged === (dialled + 1) >>> 0);
    if (fits && this.#directions[from].begin(sequence)) return true;
    const name = isAnswer ? "SYN-ACK" : "SYN";
    this.#note(from, `a ${name} with sequence number ${sequence}, which is not this connection's: ignored`);
    return false;
  }

  #reset(from: Side, { sequence, acknowledged }: TcpSegment): void {
    const own = this.#directions[from];
    const other = this.#directions[otherSide(from)];
    // The refusal of a SYN has no sequence number of its own.
    const refused =
      !own.synchronised && other.initial !== undefined && acknowledged === (other.initial + 1) >>> 0;
    const verdict = refused ? "exact" : own.synchronised ? own.judgeReset(sequence) : undefined;
    if (verdict !== "exact") {
      const where =
        verdict === undefined
          ? "from a side of which nothing else was captured"
          : `with a sequence number ${Math.abs(verdict)} ${verdict > 0 ? "after" : "before"} the expected one`;
      this.#note(from, `a reset ${where}: ignored, as RFC 5961 says`);
      return;
    }
    if (acknowledged !== undefined) other.acknowledge(acknowledged);
    for (const side of ["dialler", "listener"] as const) {
      this.#directions[side].flush();
      if (this.#directions[side].complete) this.#end(side, "fin");
    }
    this.#end(from, "reset");
    this.#close();
  }

  #data(side: Side, bytes: Uint8Array): void {
    if (this.#foreign) return;
    this.#record({ at: this.#relative(), from: side, bytes });
    const beginning = this.#beginning[side];
    if (this.#session !== undefined || beginning === undefined) return;
    for (let i = 0; i < bytes.length && beginning.length < magic.length; i++) beginning.push(bytes[i]!);
    if (beginning.some((byte, i) => byte !== magic[i])) this.#becomeForeign();
    else if (beginning.length === magic.length) this.#recognise();
  }

  #gap(side: Side, missing: number): void {
    this.#record({ at: this.#relative(), from: side, missing });
    // The other side can still tell what this is.
    if (this.#session === undefined) this.#beginning[side] = undefined;
  }

  #note(side: Side, text: string): void {
    this.#notes++;
    if (this.#notes <= maxNotes) this.#record({ at: this.#relative(), from: side, note: text });
  }

  #becomeForeign(): void {
    this.#foreign = true;
    this.#forgetUnrecognised();
    for (const side of ["dialler", "listener"] as const) this.#directions[side].release();
  }

  #recognise(): void {
    const { number, origin, emit } = this.#options;
    const session = number();
    this.#session = session;
    const header = makeSessionHeader({
      layer: "wire",
      startedAt: this.#startedAt!,
      made: origin,
      dialler: { address: endpointText(this.#addresses.dialler) },
      listener: { address: endpointText(this.#addresses.listener) },
    });
    // The header keeps whole milliseconds.
    this.#startedAt = Date.parse(header.started);
    emit({ type: "open", session, header });
    for (const record of this.#unrecognised) emit({ type: "record", session, record });
    this.#forgetUnrecognised();
  }

  #record(record: SessionRecord): void {
    if (this.#session !== undefined) {
      this.#options.emit({ type: "record", session: this.#session, record });
    } else if (!this.#foreign) {
      const bytes = "bytes" in record ? record.bytes.length : 0;
      const isKept = this.#unrecognised.length < maxUnrecognisedRecords && this.#options.budget.take(bytes);
      if (!isKept) {
        this.#becomeForeign();
        return;
      }
      this.#unrecognisedBytes += bytes;
      // A view would keep the whole chunk of the file.
      this.#unrecognised.push("bytes" in record ? { ...record, bytes: record.bytes.slice() } : record);
    }
  }

  #forgetUnrecognised(): void {
    this.#options.budget.release(this.#unrecognisedBytes);
    this.#unrecognisedBytes = 0;
    this.#unrecognised = [];
  }

  #end(side: Side, end: "fin" | "reset" | "open"): void {
    if (this.#ended.has(side)) return;
    this.#ended.add(side);
    this.#record({ at: this.#relative(), from: side, end });
  }

  #close(): void {
    this.#ended.add("dialler").add("listener");
    for (const side of ["dialler", "listener"] as const) this.#directions[side].release();
    this.#forgetUnrecognised();
    this.#candidate = undefined;
    if (this.#session === undefined) return;
    const more = this.#notes - maxNotes;
    if (more > 0)
      this.#record({ at: this.#relative(), from: "dialler", note: `${more} more notes are left out` });
    this.#options.emit({ type: "close", session: this.#session });
  }
}

/** A SYN to keep: its bytes, which hardly any has, would keep the whole chunk of the file. */
function withoutBytes(syn: TcpSegment): TcpSegment {
  return { ...syn, payload: new Uint8Array(0), length: 0 };
}

/** Whether a sequence number is at or up to 64 KiB after another. */
function isShortlyAfter(number: number, first: number): boolean {
  const distance = (number - first) | 0;
  return distance >= 0 && distance <= 64 * 1024;
}

/** Whether the source opened the connection; if its beginning was not captured, whether it has the higher port. */
function dialledBySource({ syn, acknowledged, sourcePort, destinationPort }: TcpSegment): boolean {
  if (syn) return acknowledged === undefined;
  return sourcePort > destinationPort;
}
