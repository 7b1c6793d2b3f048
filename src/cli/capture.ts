import { basename } from "node:path";
import {
  CaptureError,
  PacketSource,
  RecordingProxy,
  SessionExport,
  SessionFolder,
  systemTransport,
} from "../capture/index.ts";
import { formatHostPort, parseFlags, parseHostPort } from "./arguments.ts";
import type { Command, CommandContext } from "./command.ts";
import { CliError, oneLine } from "./errors.ts";
import { fileChunks, fileError } from "./recording-input.ts";
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
  --out DIR            write the files here; DIR is made if it is not there

Out of a packet capture of tcpdump or Wireshark (pcap, pcapng, either packed with gzip), it takes the connections that
begin as mesh sessions do. Bytes that were not captured are noted as missing.

  --pcap FILE          read this file; - is standard input

The names of the files are written to standard output. The proxy runs until it is interrupted.
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
      to: parseHostPort("--to", values.to),
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
  try {
    const folder = new SessionFolder(
      out,
      (error) => stop.fail(new CliError("failed", oneLine(error))),
      (name) => void context.stdout.write(`${name}\n`),
    );
    const { host, port } = addresses.to;
    const running = await RecordingProxy.start({
      transport: context.surroundings?.transport ?? systemTransport,
      listen: addresses.listen,
      to: { host: host === "" ? "127.0.0.1" : host, port },
      versions: addresses.versions,
      now: () => clock?.now() ?? performance.timeOrigin + performance.now(),
      made: { by: "weave-mesh capture", ...(addresses.versions && { versions: "rewritten" }) },
      open: folder.open,
      failed: (error) => void context.stderr.write(`weave-mesh: ${oneLine(error)}\n`),
    });
    context.stderr.write(
      `recording between ${formatHostPort(running.address)} and ${formatHostPort(addresses.to)}\n`,
    );
    try {
      await stop.requested;
    } finally {
      await running.stop();
      await Promise.race([folder.flushed(), stop.insisted]);
    }
  } catch (error) {
    throw error instanceof CaptureError || error instanceof CliError
      ? error
      : new CliError("failed", oneLine(error), { cause: error });
  } finally {
    stop.dispose();
  }
}

function versions(text: string | undefined): ProxyAddresses["versions"] {
  if (text === undefined) return undefined;
  const match = /^([0-2])-([12])$/.exec(text);
  if (match === null || match[1]! > match[2]!)
    throw new CliError("usage", `--versions: ${JSON.stringify(text)} is not MIN-MAX, such as 1-1`);
  return { minVersion: Number(match[1]), maxVersion: Number(match[2]) };
}
