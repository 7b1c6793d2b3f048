import { appendFileSync, writeFileSync } from "node:fs";
import type { Router, RouterOptions } from "../index.ts";
import { CliError, oneLine } from "./errors.ts";

/** The environment variable that names a key log. */
export const keyLogVariable = "WEAVE_MESH_KEYLOG";

/** What a peer is to write down of its connections. */
export interface RecordingOptions {
  /** Folder for the sessions: their plain conversation. */
  readonly record?: string | undefined;
  /** File to which session keys are appended; by default the one that {@link keyLogVariable} names. */
  readonly keylog?: string | undefined;
  /** The peer's own address, for the recordings. */
  readonly localAddress?: string;
  /** Told of errors in writing. */
  failed(error: Error): void;
}

/** A peer's recording, on its way. */
export interface RecordingOutput {
  /** To be spread into the options of the router. */
  readonly routerOptions: Pick<RouterOptions, "onFrame" | "overlay">;
  /** To be called with the router, before it starts: recordings then end with their connections. */
  watch(router: Pick<Router, "addEventListener">): void;
  /** Ends the recordings and waits until they are written. To be called when the router has stopped. */
  stop(): Promise<void>;
}

const noRecording: RecordingOutput = { routerOptions: {}, watch() {}, async stop() {} };

/**
 * Prepares the recording that `--record` and `--keylog` ask for. What records is loaded only if one of them is there.
 *
 * @throws CliError `failed` if the folder or the file cannot be written.
 */
export async function startRecording(options: RecordingOptions): Promise<RecordingOutput> {
  const { record, localAddress, failed } = options;
  const keylog = options.keylog ?? process.env[keyLogVariable];
  if (record === undefined && keylog === undefined) return noRecording;
  const { FrameRecorder, KeyLogOverlay, SessionFolder } = await import("../capture/index.ts");
  const folder =
    record === undefined ? undefined : attempt("--record", () => new SessionFolder(record, failed));
  // Readable by its owner only, as whoever has it can read what was said.
  if (keylog !== undefined) attempt("--keylog", () => writeFileSync(keylog, "", { flag: "a", mode: 0o600 }));
  const recorder =
    folder === undefined
      ? undefined
      : new FrameRecorder({
          ...(localAddress !== undefined && { localAddress }),
          made: { by: "weave-mesh join" },
          open: folder.open,
        });
  const append = (line: string) => {
    try {
      appendFileSync(keylog!, line);
    } catch (error) {
      failed(error as Error);
    }
  };
  return {
    routerOptions: {
      ...(recorder !== undefined && { onFrame: recorder.tap }),
      ...(keylog !== undefined && { overlay: new KeyLogOverlay(append) }),
    },
    watch: (router) => recorder?.watch(router),
    async stop() {
      recorder?.stop();
      await folder?.flushed();
    },
  };
}

function attempt<T>(flag: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new CliError("failed", `${flag}: ${oneLine(error)}`, { cause: error });
  }
}
