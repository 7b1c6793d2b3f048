import { basename } from "node:path";
import {
  CaptureError,
  defaultConnectionLimit,
  PacketSource,
  RecordingProxy,
  SessionExport,
  SessionFolder,
  systemTransport,
} from "../capture/index.ts";
import { formatHostPort, parseFlags, parseHostPort } from "./arguments.ts";
import type { Command, CommandContext } from "./command.ts";
import { CliError, oneLine } from "./errors.ts";
import { LineLimiter } from "./line-limiter.ts";
import { openFileLimit } from "./open-file-limit.ts";
import { fileChunks, fileError } from "./recording-input.ts";
import { flushTimeoutMs, withinTime } from "./recording-output.ts";
import { OutputError } from "./standard-output.ts";
import { StopRequest } from "./stop-request.ts";

/** `weave-mesh capture`: sessions to files, by a proxy or out of a packet capture. */
export const capture: Command = {
  help: `Usage: weave-mesh capture --listen HOST:PORT --to HOST:PORT --out DIR [--versions MIN-MAX]
       weave-mesh capture --pcap FILE --out DIR

Record mesh sessions, one file each, to be read with weave-mesh inspect and played with weave-mesh replay.

As a proxy it stands in front of a peer and passes on all bytes. Let other peers connect to it by its address, without
discovery, as discovered peers are dialled directly.

  --listen HOST:PORT   accept connections here
  --to HOST:PORT       pass them on to this peer
  --versions MIN-MAX   tell both sides that the other speaks these protocol versions: 1-1 makes peers speak version 1
  --out DIR            write the files here; DIR is made if it does not exist. Only their owner can read the files

Out of a packet capture of tcpdump or Wireshark (pcap, pcapng, either packed with gzip), it takes the connections that
begin as mesh sessions do. Bytes that were not captured are noted as missing.

  --pcap FILE          read this file; - is standard input

The names of the files are written to standard output. The proxy runs until it is interrupted. A disk that is too slow,
or full, ends the recording of a session, with a note in the file where possible; the session itself goes on, and the
exit status is 1 in the end. Up to 1,024 connections pass at once, fewer if the process may open fewer than 3,100 files.
`,
  run: runCapture,
};

async function runCapture(args: readonly string[], context: CommandContext): Promise<void> {
  const { values } = parseFlags(args, {
    listen: { type: "string" },
    to: { type: "string" },
    versions: { type: "string" },
    out: { type: "string" },
    pcap: { type: "string" },
  });
  if (values.out === undefined) throw new CliError("usage", "--out DIR is missing");
  if (values.pcap !== undefined) {
    if (values.listen ?? values.to ?? values.versions)
      throw new CliError("usage", "--pcap and the flags of the proxy exclude each other");
    return extract(values.pcap, values.out, context);
  }
  if (values.listen === undefined || values.to === undefined)
    throw new CliError("usage", "--listen HOST:PORT with --to HOST:PORT, or --pcap FILE");
  return proxy(
    {
      listen: parseHostPort("--listen", values.listen),
      to: parseHostPort("--to", values.to, 1),
      versions: versions(values.versions),
    },
    values.out,
    context,
  );
}

async function extract(file: string, folder: string, context: CommandContext): Promise<void> {
  const source = new PacketSource({ from: basename(file) });
  const written = new SessionExport(folder, basename(file).replace(/\.(pcap|pcapng|cap)?(\.gz)?$/, ""));
  try {
    for await (const chunk of fileChunks(file, context.stdin))
      for (const event of source.push(chunk)) written.take(event);
    for (let events = source.end(); events.length > 0; events = source.end()) {
      for (const event of events) written.take(event);
    }
    context.stdout.write(
      written
        .commit()
        .map((name) => `${name}\n`)
        .join(""),
    );
  } catch (error) {
    written.abandon();
    throw fileError(file, error);
  }
}

interface ProxyAddresses {
  readonly listen: { readonly host: string; readonly port: number };
  readonly to: { readonly host: string; readonly port: number };
  readonly versions: { readonly minVersion: number; readonly maxVersion: number } | undefined;
}

async function proxy(addresses: ProxyAddresses, out: string, context: CommandContext): Promise<void> {
  const stop = new StopRequest(context);
  const clock = context.surroundings?.clock;
  const now = () => clock?.now() ?? performance.timeOrigin + performance.now();
  const lines = new LineLimiter((line) => void context.stderr.write(`weave-mesh: ${line}\n`), now);
  const names = new NameOutput(context, lines);
  let incomplete = 0;
  try {
    const folder = new SessionFolder(
      out,
      (error) => {
        incomplete++;
        lines.write(`--out: ${oneLine(error)}`);
      },
      (name) => names.print(name),
    );
    const { host, port } = addresses.to;
    const running = await RecordingProxy.start({
      transport: context.surroundings?.transport ?? systemTransport,
      listen: addresses.listen,
      to: { host: host === "" ? "127.0.0.1" : host, port },
      versions: addresses.versions,
      now,
      clock,
      connectionLimit: connectionLimit(),
      made: { by: "weave-mesh capture", ...(addresses.versions && { versions: "rewritten" }) },
      open: folder.open,
      failed: (error) => lines.write(oneLine(error)),
    });
    context.stderr.write(
      `recording between ${formatHostPort(running.address)} and ${formatHostPort(addresses.to)}\n`,
    );
    try {
      await stop.requested;
    } finally {
      await running.stop();
      const written = withinTime(folder.flushed().then((): true => true));
      if ((await Promise.race([written, stop.insisted])) === false)
        lines.write(`--out: recordings were not written within ${flushTimeoutMs / 1000} s`);
      lines.flush();
    }
  } catch (error) {
    throw error instanceof CaptureError || error instanceof CliError
      ? error
      : new CliError("failed", oneLine(error), { cause: error });
  } finally {
    names.dispose();
    stop.dispose();
  }
  if (incomplete > 0) throw new CliError("failed", `--out: ${incomplete} recordings are not complete`);
}

/** Prints the names of files. The proxy goes on when they cannot be written: sessions pass through it. */
class NameOutput {
  readonly #context: CommandContext;
  readonly #lines: LineLimiter;
  #isOpen = true;

  constructor(context: CommandContext, lines: LineLimiter) {
    this.#context = context;
    this.#lines = lines;
    context.stdout.on("error", this.#failed);
  }

  print(name: string): void {
    if (this.#isOpen) this.#context.stdout.write(`${name}\n`);
  }

  dispose(): void {
    // A late error of a closed pipe must find a listener.
    if (this.#isOpen) this.#context.stdout.off("error", this.#failed);
  }

  readonly #failed = (error: Error): void => {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    // The end of the command reports it, too, which may be much later.
    const lost = new OutputError(error);
    if (!lost.readerGone) this.#lines.write(lost.message);
  };
}

/** The files that are open besides those of sessions, generously. */
const otherFiles = 40;
/** A session's two sockets and its file. */
const filesPerSession = 3;

/** The connections for which the process may open files; the proxy's own default where it has plenty. */
function connectionLimit(): number {
  const files = openFileLimit();
  if (files === undefined) return defaultConnectionLimit;
  const affordable = Math.floor((files - otherFiles) / filesPerSession);
  return Math.max(1, Math.min(defaultConnectionLimit, affordable));
}

function versions(text: string | undefined): ProxyAddresses["versions"] {
  if (text === undefined) return undefined;
  const match = /^([0-2])-([12])$/.exec(text);
  if (match === null || match[1]! > match[2]!)
    throw new CliError("usage", `--versions: ${JSON.stringify(text)} is not MIN-MAX, such as 1-1`);
  return { minVersion: Number(match[1]), maxVersion: Number(match[2]) };
}
