import type { Router, RouterOptions } from "../index.ts";
import { CliError, oneLine } from "./errors.ts";

/** The environment variable that names a key log. */
export const keyLogVariable = "WEAVE_MESH_KEYLOG";

/** The longest time that the end waits for the disk, in milliseconds. */
export const flushTimeoutMs = 5_000;

/** The recordings that a peer makes of its connections. */
export interface RecordingOptions {
  /** Folder for the sessions: their plain conversation. */
  readonly record?: string | undefined;
  /** File to which session keys are appended; by default the one that {@link keyLogVariable} names. */
  readonly keylog?: string | undefined;
  /** The peer's own address, for the recordings. */
  readonly localAddress?: string;
  /** Called with errors in writing, and with what was changed about an existing file; the text names the flag. */
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
  const { record, localAddress } = options;
  const keylog = options.keylog ?? process.env[keyLogVariable];
  if (record === undefined && keylog === undefined) return noRecording;
  const { FrameRecorder, KeyLogOverlay, SecretsLog, SessionFolder } = await import("../capture/index.ts");
  const failed = (flag: string) => (error: Error) =>
    options.failed(new CliError("failed", `${flag}: ${oneLine(error)}`, { cause: error }));
  const folder =
    record === undefined
      ? undefined
      : attempt("--record", () => new SessionFolder(record, failed("--record")));
  const keys =
    keylog === undefined
      ? undefined
      : attempt("--keylog", () => {
          const notice = (text: string) => failed("--keylog")(new Error(text));
          return new SecretsLog(keylog, failed(`--keylog ${keylog}`), notice);
        });
  const recorder =
    folder === undefined
      ? undefined
      : new FrameRecorder({
          ...(localAddress !== undefined && { localAddress }),
          made: { by: "weave-mesh join" },
          open: folder.open,
        });
  return {
    routerOptions: {
      ...(recorder !== undefined && { onFrame: recorder.tap }),
      ...(keys !== undefined && { overlay: new KeyLogOverlay((line) => keys.append(line)) }),
    },
    watch: (router) => recorder?.watch(router),
    async stop() {
      recorder?.stop();
      const written = Promise.all([folder?.flushed(), keys?.close()]).then((): true => true);
      if (await withinTime(written)) return;
      options.failed(new CliError("failed", `recordings were not written within ${flushTimeoutMs / 1000} s`));
    },
  };
}

/** Whether all is written in time. A disk that hangs keeps no process from ending. */
export async function withinTime(written: Promise<true>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), flushTimeoutMs);
  });
  const result = await Promise.race([written, late]);
  clearTimeout(timer);
  return result;
}

function attempt<T>(flag: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new CliError("failed", `${flag}: ${oneLine(error)}`, { cause: error });
  }
}
