import {
  entryToJson,
  inspectionMemory,
  type KeyRing,
  Narrator,
  type SessionHeader,
  SessionInspector,
  type Source,
  type SourceEvent,
  summaryToJson,
} from "../capture/index.ts";
import { escapedJson } from "../go-text/index.ts";
import type { CommandContext } from "./command.ts";
import { CliError } from "./errors.ts";
import { fileChunks, fileError, sourceFor, standardInput } from "./recording-input.ts";
import { writable } from "./standard-output.ts";

/** Output is written in pieces of about so many characters. */
const pieceLength = 64 * 1024;

/** The choice of what is shown of a session. */
export interface InspectView {
  readonly json: boolean;
  readonly summary: boolean;
  readonly width: number;
}

/** Reads files one after the other, and writes what they say. */
export class InspectReading {
  readonly #context: CommandContext;
  readonly #keys: KeyRing;
  readonly #view: InspectView;
  readonly #keysRequired: boolean;
  readonly #numbered: boolean;
  readonly #memory = inspectionMemory();
  #sessions = 0;
  #sealedFrames = 0;
  #opened = false;
  #unread = false;
  #output: string[] = [];
  #outputLength = 0;

  constructor(
    context: CommandContext,
    keys: KeyRing,
    view: InspectView,
    keysRequired: boolean,
    numbered: boolean,
  ) {
    this.#context = context;
    this.#keys = keys;
    this.#view = view;
    this.#keysRequired = keysRequired;
    this.#numbered = numbered;
    for (const end of ["error", "close"] as const) {
      context.stdout.on(end, () => {
        this.#unread = true;
      });
    }
  }

  async file(file: string): Promise<void> {
    const sessions = new FileSessions(this);
    let source: Source | undefined;
    try {
      for await (const chunk of fileChunks(file, this.#context.stdin)) {
        source ??= sourceFor(file, chunk);
        if (this.#unread) return;
        for (const event of source.push(chunk)) {
          sessions.take(event);
          if (this.#outputLength > pieceLength) await this.flush();
          if (this.#unread) return;
        }
        // What comes through a pipe may be live.
        if (file === standardInput) await this.flush();
      }
      source ??= sourceFor(file, new Uint8Array(0));
      for (let events = source.end(); events.length > 0; events = source.end()) {
        for (const event of events) {
          sessions.take(event);
          if (this.#outputLength > pieceLength) await this.flush();
          if (this.#unread) return;
        }
      }
    } catch (error) {
      await this.flush();
      throw fileError(file, error);
    }
    await this.flush();
  }

  begin(header: SessionHeader): InspectedSession {
    return new InspectedSession(
      this,
      new SessionInspector(header, this.#keys, this.#memory),
      ++this.#sessions,
    );
  }

  /** Whether lines must say which session they belong to. */
  get numbered(): boolean {
    return this.#numbered;
  }

  get view(): InspectView {
    return this.#view;
  }

  get colour(): boolean {
    return this.#context.terminal;
  }

  write(text: string): void {
    this.#output.push(text);
    this.#outputLength += text.length;
  }

  count(inspector: SessionInspector): void {
    const { dialler, listener } = inspector.summary;
    this.#sealedFrames += dialler.sealedMessages + listener.sealedMessages;
    if (inspector.dissector.keyOf("dialler") ?? inspector.dissector.keyOf("listener")) this.#opened = true;
  }

  /** Whether whoever reads our lines has gone: there is nothing left to do then. */
  get unread(): boolean {
    return this.#unread;
  }

  /** Writes what there is if it is enough for a piece; waits until it is taken. */
  async flushIfLong(): Promise<void> {
    if (this.#outputLength > pieceLength) await this.flush();
  }

  async flush(): Promise<void> {
    const text = this.#output.join("");
    this.#output = [];
    this.#outputLength = 0;
    if (text === "" || this.#unread) return;
    if (!this.#context.stdout.write(text)) await writable(this.#context.stdout);
  }

  async finish(): Promise<void> {
    await this.flush();
    // What was not read is not known to be closed.
    if (this.#unread) return;
    if (this.#keysRequired && this.#sealedFrames > 0 && !this.#opened) {
      throw new CliError("failed", `none of the ${this.#keys.size} keys opens a sealed message`);
    }
  }
}

/** The sessions of one file. */
class FileSessions {
  readonly #reading: InspectReading;
  readonly #sessions = new Map<number, InspectedSession>();

  constructor(reading: InspectReading) {
    this.#reading = reading;
  }

  /** Whether all sessions that began have ended. */
  get done(): boolean {
    return this.#sessions.size === 0;
  }

  take(event: SourceEvent): void {
    if (event.type === "open") {
      this.#sessions.set(event.session, this.#reading.begin(event.header));
      return;
    }
    const session = this.#sessions.get(event.session);
    if (event.type === "record") {
      session?.record(event.record);
    } else {
      session?.close();
      this.#sessions.delete(event.session);
    }
  }
}

/** One session, and how it is written. */
export class InspectedSession {
  readonly #reading: InspectReading;
  readonly #inspector: SessionInspector;
  readonly #narrator: Narrator;
  readonly #number: number;
  #ends = 0;

  constructor(reading: InspectReading, inspector: SessionInspector, number: number) {
    const { colour } = reading;
    const { width } = reading.view;
    this.#reading = reading;
    this.#inspector = inspector;
    this.#number = number;
    const prefix = reading.numbered ? `#${number} ` : "";
    this.#narrator = new Narrator(inspector, { colour, payloadWidth: width, prefix });
    if (!reading.view.json) reading.write(this.#narrator.opening());
  }

  /** Both directions have ended. */
  get ended(): boolean {
    return this.#ends >= 2;
  }

  record(record: Parameters<SessionInspector["push"]>[0]): void {
    if ("end" in record) this.#ends++;
    this.#say(this.#inspector.push(record));
  }

  close(): void {
    this.#say(this.#inspector.finish());
    this.#reading.count(this.#inspector);
    if (this.#reading.view.json) {
      this.#reading.write(`${escapedJson(summaryToJson(this.#inspector, this.#number))}\n`);
    } else {
      this.#reading.write(this.#narrator.closing());
    }
    this.#inspector.release();
  }

  #say(entries: ReturnType<SessionInspector["push"]>): void {
    const { json, summary } = this.#reading.view;
    if (summary) return;
    for (const entry of entries) {
      this.#reading.write(
        json ? `${escapedJson(entryToJson(entry, this.#number))}\n` : this.#narrator.entry(entry),
      );
    }
  }
}
