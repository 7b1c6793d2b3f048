import { SessionReader } from "./session-reader.ts";
import type { Source, SourceEvent } from "./source.ts";

/** A session file as a {@link Source} of one session. */
export class SessionSource implements Source {
  readonly #reader = new SessionReader();
  #open = false;
  #closed = false;

  push(chunk: Uint8Array): SourceEvent[] {
    this.#reader.push(chunk);
    const events: SourceEvent[] = [];
    for (;;) {
      const record = this.#reader.next();
      const { header } = this.#reader;
      if (header !== undefined && !this.#open) {
        this.#open = true;
        events.push({ type: "open", session: 1, header });
      }
      if (record === undefined) return events;
      events.push({ type: "record", session: 1, record });
    }
  }

  end(): SourceEvent[] {
    if (this.#closed) return [];
    this.#reader.end();
    if (!this.#open) return [];
    this.#open = false;
    this.#closed = true;
    return [{ type: "close", session: 1 }];
  }
}
