import { open } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { CaptureError, SessionSource } from "../capture/index.ts";
import type { CommandContext } from "./command.ts";
import type { InspectedSession, InspectReading } from "./inspect-reading.ts";
import { fileError, recordingFiles } from "./recording-input.ts";
import { StopRequest } from "./stop-request.ts";

/** How often more is looked for, in milliseconds. */
const followIntervalMs = 200;

/** Reads files as they grow, until interrupted, or until every session of the files that were named has ended. */
export async function follow(
  paths: readonly string[],
  reading: InspectReading,
  context: CommandContext,
  refresh: () => Promise<void>,
): Promise<void> {
  const stop = new StopRequest(context);
  const abort = new AbortController();
  void stop.requested.then(() => abort.abort());
  const files = new Map<string, FollowedFile>();
  try {
    while (!abort.signal.aborted && !reading.unread) {
      await refresh();
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
  readonly #reading: InspectReading;
  readonly #source = new SessionSource();
  #session: InspectedSession | undefined;
  #position = 0;
  #closed = false;

  constructor(file: string, reading: InspectReading) {
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
