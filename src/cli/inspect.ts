import { open } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import {
  CaptureError,
  entryToJson,
  type KeyRing,
  Narrator,
  type SessionHeader,
  SessionInspector,
  SessionSource,
  type Source,
  type SourceEvent,
  summaryToJson,
} from "../capture/index.ts";
import { parseFlags, parseWhole } from "./arguments.ts";
import type { Command, CommandContext } from "./command.ts";
import { CliError } from "./errors.ts";
import { fileChunks, fileError, readKeys, recordingFiles, sourceFor } from "./recording-input.ts";
import { StopRequest } from "./stop-request.ts";

/** How often `--follow` looks for more, in milliseconds. */
const followIntervalMs = 200;
/** Output is written in pieces of about so many characters. */
const pieceLength = 64 * 1024;

/** `weave-mesh inspect`: a recorded session as a conversation. */
export const inspect: Command = {
  help: `Usage: weave-mesh inspect FILE… [FLAG…]

Read recorded sessions like a conversation: session files, plain or packed with gzip, folders of them, and the packet
captures of tcpdump and Wireshark, in which mesh sessions are found by their first bytes.

  --keylog FILE      session keys; may be repeated. Which belongs to what is found by trying
  --password TEXT    for key logs with secret keys; may be repeated
  --json             one JSON object for each thing that was said, and one with the summary of each session
  --summary          the summaries only
  --follow           go on reading as the files grow, and take up new files in folders, until interrupted
  --width N          characters of a payload to show (default 160)

Times are seconds since the beginning of the session; -> is from the peer that dialled, <- is to it. What a topology
update says is shown as the difference to what was known before. Damage is shown where it is, and reading goes on.
WEAVE_MESH_KEYLOG names a key log, too, as it does for weave-mesh join.
`,
  run: runInspect,
};

interface View {
  readonly json: boolean;
  readonly summary: boolean;
  readonly width: number;
}

async function runInspect(args: readonly string[], context: CommandContext): Promise<void> {
  const { values, positionals } = parseFlags(
    args,
    {
      keylog: { type: "string", multiple: true },
      password: { type: "string", multiple: true },
      json: { type: "boolean" },
      summary: { type: "boolean" },
      follow: { type: "boolean" },
      width: { type: "string", default: "160" },
    },
    true,
  );
  if (positionals.length === 0) throw new CliError("usage", "inspect FILE…");
  const fromEnvironment = process.env.WEAVE_MESH_KEYLOG;
  const logs = values.keylog ?? (fromEnvironment === undefined ? [] : [fromEnvironment]);
  const keys = await readKeys(logs, values.password ?? []);
  const view = {
    json: values.json === true,
    summary: values.summary === true,
    width: parseWhole("--width", values.width, 1, 1_000_000),
  };
  const files = recordingFiles(positionals);
  // Lines of several sessions tell which they belong to; a packet capture can hold any number.
  const numbered =
    values.follow === true || files.length !== 1 || !/\.session\.jsonl(\.gz)?$/.test(files[0]!);
  const reading = new Reading(context, keys, view, values.keylog !== undefined, numbered);
  if (values.follow === true) return follow(positionals, reading, context);
  if (files.length === 0) throw new CliError("failed", `${positionals.join(", ")}: no session files`);
  for (const file of files) await reading.file(file);
  await reading.finish();
}

/** Reads files one after the other, and writes what they say. */
class Reading {
  readonly #context: CommandContext;
  readonly #keys: KeyRing;
  readonly #view: View;
  readonly #keysRequired: boolean;
  readonly #numbered: boolean;
  #sessions = 0;
  #sealedFrames = 0;
  #opened = false;
  #output: string[] = [];
  #outputLength = 0;

  constructor(context: CommandContext, keys: KeyRing, view: View, keysRequired: boolean, numbered: boolean) {
    this.#context = context;
    this.#keys = keys;
    this.#view = view;
    this.#keysRequired = keysRequired;
    this.#numbered = numbered;
  }

  async file(file: string): Promise<void> {
    const sessions = new FileSessions(this);
    let source: Source | undefined;
    try {
      for await (const chunk of fileChunks(file)) {
        source ??= sourceFor(file, chunk);
        for (const event of source.push(chunk)) {
          sessions.take(event);
          if (this.#outputLength > pieceLength) await this.flush();
        }
      }
      source ??= sourceFor(file, new Uint8Array(0));
      for (let events = source.end(); events.length > 0; events = source.end()) {
        for (const event of events) sessions.take(event);
      }
    } catch (error) {
      await this.flush();
      throw fileError(file, error);
    }
    await this.flush();
  }

  begin(header: SessionHeader): Session {
    return new Session(this, new SessionInspector(header, this.#keys), ++this.#sessions);
  }

  /** Whether lines must say which session they belong to. */
  get numbered(): boolean {
    return this.#numbered;
  }

  get view(): View {
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

  async flush(): Promise<void> {
    const text = this.#output.join("");
    this.#output = [];
    this.#outputLength = 0;
    if (text !== "" && !this.#context.stdout.write(text)) {
      await new Promise<void>((resolve) => {
        this.#context.stdout.once("drain", resolve);
        this.#context.stdout.once("close", resolve);
      });
    }
  }

  async finish(): Promise<void> {
    await this.flush();
    if (this.#keysRequired && this.#sealedFrames > 0 && !this.#opened) {
      throw new CliError("failed", `none of the ${this.#keys.size} keys opens a sealed message`);
    }
  }
}

/** The sessions of one file. */
class FileSessions {
  readonly #reading: Reading;
  readonly #sessions = new Map<number, Session>();

  constructor(reading: Reading) {
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
class Session {
  readonly #reading: Reading;
  readonly #inspector: SessionInspector;
  readonly #narrator: Narrator;
  readonly #number: number;
  #ends = 0;

  constructor(reading: Reading, inspector: SessionInspector, number: number) {
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
      this.#reading.write(`${JSON.stringify(summaryToJson(this.#inspector, this.#number))}\n`);
    } else {
      this.#reading.write(this.#narrator.closing());
    }
  }

  #say(entries: ReturnType<SessionInspector["push"]>): void {
    const { json, summary } = this.#reading.view;
    if (summary) return;
    for (const entry of entries) {
      this.#reading.write(
        json ? `${JSON.stringify(entryToJson(entry, this.#number))}\n` : this.#narrator.entry(entry),
      );
    }
  }
}

/** Reads files as they grow, until interrupted, or until every session of the files that were named has ended. */
async function follow(paths: readonly string[], reading: Reading, context: CommandContext): Promise<void> {
  const stop = new StopRequest(context);
  const abort = new AbortController();
  void stop.requested.then(() => abort.abort());
  const files = new Map<string, FollowedFile>();
  try {
    while (!abort.signal.aborted) {
      for (const file of recordingFiles(paths)) {
        if (!files.has(file)) files.set(file, new FollowedFile(file, reading));
      }
      for (const file of files.values()) await file.more();
      await reading.flush();
      const named = paths.every((path) => files.get(path)?.ended === true);
      if (named) break;
      await delay(followIntervalMs, undefined, { signal: abort.signal }).catch(() => {});
    }
    for (const file of files.values()) file.close();
    await reading.finish();
  } finally {
    stop.dispose();
  }
}

/** A session file that is being written. */
class FollowedFile {
  readonly #file: string;
  readonly #reading: Reading;
  readonly #source = new SessionSource();
  #session: Session | undefined;
  #position = 0;
  #closed = false;

  constructor(file: string, reading: Reading) {
    this.#file = file;
    this.#reading = reading;
  }

  get ended(): boolean {
    return this.#closed;
  }

  async more(): Promise<void> {
    if (this.#closed) return;
    try {
      const handle = await open(this.#file);
      try {
        for (;;) {
          const { bytesRead, buffer } = await handle.read(
            Buffer.alloc(64 * 1024),
            0,
            64 * 1024,
            this.#position,
          );
          if (bytesRead === 0) break;
          this.#position += bytesRead;
          for (const event of this.#source.push(buffer.subarray(0, bytesRead))) {
            if (event.type === "open") this.#session = this.#reading.begin(event.header);
            if (event.type === "record") this.#session?.record(event.record);
          }
        }
      } finally {
        await handle.close();
      }
    } catch (error) {
      if (error instanceof CaptureError || (error as { code?: string }).code !== "ENOENT") {
        throw fileError(this.#file, error);
      }
    }
    if (this.#session?.ended === true) this.close();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#session?.close();
  }
}
