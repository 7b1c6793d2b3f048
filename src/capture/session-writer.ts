import type { MemoryBudget } from "./memory-budget.ts";
import type { WritableFile } from "./private-file.ts";
import type { SessionSink } from "./recording-proxy.ts";
import { formatSessionRecord, type SessionRecord, type Side } from "./session-file.ts";

/** The most bytes of one session that wait to be written; beyond that its recording ends. */
export const maxBacklogBytes = 8 * 1024 * 1024;
/** The most bytes of all sessions of a folder that wait to be written; beyond that the recording that adds more ends. */
export const maxFolderBacklogBytes = 64 * 1024 * 1024;
/** About the memory of a waiting line besides its text. */
const lineCost = 128;
/** The most characters that are written at once. */
const pieceLength = 4 * 1024 * 1024;

/** A line that waits to be written, and what it counts in the backlog. */
interface Line {
  readonly text: string;
  readonly cost: number;
}

/**
 * Writes one session to a file. Nothing waits for the disk: lines queue up to {@link maxBacklogBytes}, and then the
 * recording ends with a note while the session goes on. Back-pressure would slow down the peers, and an honest gap at
 * the end of a recording costs an operator less than a mesh that a slow disk takes apart.
 */
export class SessionWriter implements SessionSink {
  readonly #backlog: MemoryBudget;
  readonly #failed: (reason: string) => void;
  readonly #ended = new Set<Side>();
  #lines: Line[] = [];
  #waitingBytes = 0;
  #at = 0;
  #over = false;
  #reported = false;
  #wake = (): void => {};
  /** Settles when all is written, or cannot be. */
  readonly done: Promise<void>;

  /**
   * `open` makes the file, whose first line is `header`. `failed` is called once, with the reason, if the recording is
   * not complete.
   */
  constructor(
    header: string,
    open: () => Promise<WritableFile>,
    backlog: MemoryBudget,
    failed: (reason: string) => void,
  ) {
    this.#backlog = backlog;
    this.#failed = failed;
    this.#queue(header, 0);
    this.done = this.#run(open);
  }

  record(record: SessionRecord): void {
    if (this.#over) return;
    this.#at = record.at;
    if ("end" in record) this.#ended.add(record.from);
    const line = formatSessionRecord(record);
    const cost = line.length + lineCost;
    if (this.#waitingBytes + cost <= maxBacklogBytes && this.#backlog.take(cost)) {
      this.#queue(line, cost);
      return;
    }
    const reason = `recording stopped: ${this.#waitingBytes} bytes were waiting for the disk`;
    this.#queue(formatSessionRecord({ at: this.#at, from: record.from, note: reason }), 0);
    for (const from of ["dialler", "listener"] as const) {
      if (!this.#ended.has(from)) this.#queue(formatSessionRecord({ at: this.#at, from, end: "open" }), 0);
    }
    this.closed();
    this.#report(reason);
  }

  closed(): void {
    this.#over = true;
    this.#wake();
  }

  #queue(text: string, cost: number): void {
    this.#waitingBytes += cost;
    this.#lines.push({ text, cost });
    this.#wake();
  }

  #report(reason: string): void {
    if (!this.#reported) this.#failed(reason);
    this.#reported = true;
  }

  async #run(open: () => Promise<WritableFile>): Promise<void> {
    let file: WritableFile | undefined;
    try {
      file = await open();
      while (!this.#over || this.#lines.length > 0) {
        if (this.#lines.length === 0) await this.#more();
        else await this.#write(file);
      }
      await file.close();
    } catch (error) {
      // Closing can fail in the same way, of which nobody needs to hear twice.
      await file?.close().catch(() => {});
      this.#report((error as Error).message);
    } finally {
      this.#over = true;
      this.#lines = [];
      this.#written(this.#waitingBytes);
    }
  }

  async #write(file: WritableFile): Promise<void> {
    const lines = this.#lines;
    let count = 0;
    let length = 0;
    let cost = 0;
    while (count < lines.length && length < pieceLength) {
      length += lines[count]!.text.length;
      cost += lines[count++]!.cost;
    }
    const piece = lines.slice(0, count).map(({ text }) => text);
    this.#lines = lines.slice(count);
    await file.write(Buffer.from(piece.join("")));
    this.#written(cost);
  }

  #written(cost: number): void {
    this.#waitingBytes -= cost;
    this.#backlog.release(cost);
  }

  async #more(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }
}
