import { open, stat } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { SessionSource } from "../capture/index.ts";
import type { CommandContext } from "./command.ts";
import { CliError } from "./errors.ts";
import type { InspectedSession, InspectReading } from "./inspect-reading.ts";
import { fileError, type GrowingKeyLogs, recordingFiles } from "./recording-input.ts";
import { StopRequest } from "./stop-request.ts";

/** The time between two passes over the files, in milliseconds. A pass that takes longer is followed by as long a pause. */
const followIntervalMs = 200;
const readBytes = 64 * 1024;

/**
 * Reads files as they grow, until interrupted, or until every session of the named files has ended. A file in a folder
 * that cannot be read is reported and left out; the others are read on.
 *
 * @throws CliError `failed` for a named file that cannot be read, and at the end if a file was left out.
 */
export async function follow(
  paths: readonly string[],
  reading: InspectReading,
  context: CommandContext,
  keyLogs: GrowingKeyLogs,
): Promise<void> {
  const stop = new StopRequest(context, context.stdout);
  const { signal } = stop;
  const files = new Map<string, FollowedFile>();
  const named = new Set(paths);
  let failed = 0;
  try {
    while (!signal.aborted && !reading.unread) {
      const startedAt = performance.now();
      await keyLogs.refresh();
      for (const file of recordingFiles(paths)) {
        if (!files.has(file)) files.set(file, new FollowedFile(file, reading));
      }
      for (const [path, file] of files) {
        if (signal.aborted || reading.unread) break;
        try {
          await file.more();
        } catch (error) {
          if (named.has(path)) throw error;
          failed++;
          file.close();
          await reading.flush();
          context.stderr.write(`weave-mesh: ${(error as Error).message}\n`);
        }
      }
      await reading.flush();
      if (paths.every((path) => files.get(path)?.ended === true)) break;
      const pause = Math.max(followIntervalMs, performance.now() - startedAt);
      await delay(pause, undefined, { signal }).catch(() => {});
    }
    for (const file of files.values()) file.close();
    await reading.finish();
    if (failed > 0) throw new CliError("failed", `${failed} files could not be read`);
  } finally {
    stop.dispose();
  }
}

/** A session file that is being written. */
class FollowedFile {
  readonly #file: string;
  readonly #reading: InspectReading;
  /** Undefined when the session has ended, whose memory is then free. */
  #source: SessionSource | undefined = new SessionSource();
  #session: InspectedSession | undefined;
  #position = 0;

  constructor(file: string, reading: InspectReading) {
    this.#file = file;
    this.#reading = reading;
  }

  get ended(): boolean {
    return this.#source === undefined;
  }

  /** Reads what was written since the last call. @throws CliError */
  async more(): Promise<void> {
    if (this.#source === undefined) return;
    try {
      // Most files of a folder have not grown: they are not opened.
      if ((await stat(this.#file)).size <= this.#position) return;
      const handle = await open(this.#file);
      try {
        while (await this.#read(handle));
      } finally {
        await handle.close();
      }
    } catch (error) {
      if ((error as { code?: string }).code !== "ENOENT") throw fileError(this.#file, error);
    }
    if (this.#session?.ended === true) this.close();
  }

  close(): void {
    this.#session?.close();
    this.#session = undefined;
    this.#source = undefined;
  }

  async #read(handle: Awaited<ReturnType<typeof open>>): Promise<boolean> {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(readBytes), 0, readBytes, this.#position);
    if (bytesRead === 0) return false;
    this.#position += bytesRead;
    for (const event of this.#source!.push(buffer.subarray(0, bytesRead))) {
      if (event.type === "open") this.#session = this.#reading.begin(event.header);
      if (event.type === "record") this.#session?.record(event.record);
      await this.#reading.flushIfLong();
    }
    return !this.#reading.unread;
  }
}
