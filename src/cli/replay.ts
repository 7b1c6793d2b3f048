import { readFile } from "node:fs/promises";
import {
  type KeyRing,
  type ReplayReport,
  type ReplayScript,
  replaySession,
  ScriptReader,
  SessionReader,
  type Side,
  systemClock,
  systemRandom,
  systemTransport,
} from "../capture/index.ts";
import { escapedJson } from "../go-text/index.ts";
import { PeerName } from "../index.ts";
import {
  formatHostPort,
  type HostPort,
  parseChoice,
  parseFlags,
  parseHostPort,
  parseWhole,
} from "./arguments.ts";
import type { Command, CommandContext } from "./command.ts";
import { CliError, oneLine } from "./errors.ts";
import { fileChunks, fileError, readKeys } from "./recording-input.ts";
import { StopRequest } from "./stop-request.ts";

/** `weave-mesh replay`: one side of a record, against a live peer. */
export const replay: Command = {
  help: `Usage: weave-mesh replay FILE --to HOST:PORT [FLAG…]
       weave-mesh replay FILE --listen HOST:PORT [FLAG…]

Play one side of a recorded session against a live peer, with fresh keys, and tell where its answers depart from the
record: what is said on channels is compared message by message and by meaning, the topology by the peers described.

  --to HOST:PORT           dial this peer; plays the side that dialled, unless --as says otherwise
  --listen HOST:PORT       wait for a peer to connect; plays the side that accepted
  --as dialler|listener    the side to play
  --fast                   say everything at once, in place of at the recorded times
  --name NAME              play under this peer name; messages and topology are changed with it
  --uid N|random           play under this UID
  --password TEXT          in place of the record's password
  --password-file FILE     the same, read from a file, without the line end at its end
  --keylog FILE            session keys, to read the record with
  --hold SECONDS           the time to listen after the last message (default 2)
  --timeout SECONDS        the longest time after the handshake (default: the record's own and the hold, and 60 more)
  --json                   the report as one JSON object
  --strict                 exit status 1 if there is any departure
`,
  run: runReplay,
};

async function runReplay(args: readonly string[], context: CommandContext): Promise<void> {
  const { values, positionals } = parseFlags(
    args,
    {
      to: { type: "string" },
      listen: { type: "string" },
      as: { type: "string" },
      fast: { type: "boolean" },
      name: { type: "string" },
      uid: { type: "string" },
      password: { type: "string" },
      "password-file": { type: "string" },
      keylog: { type: "string", multiple: true },
      hold: { type: "string", default: "2" },
      timeout: { type: "string" },
      json: { type: "boolean" },
      strict: { type: "boolean" },
    },
    true,
  );
  const [file, ...rest] = positionals;
  if (file === undefined || rest.length > 0 || (values.to === undefined) === (values.listen === undefined)) {
    throw new CliError("usage", "replay FILE with --to HOST:PORT or --listen HOST:PORT");
  }
  const outbound = values.to !== undefined;
  const side: Side =
    values.as === undefined
      ? outbound
        ? "dialler"
        : "listener"
      : parseChoice("--as", values.as, ["dialler", "listener"]);
  const address = outbound ? parseHostPort("--to", values.to!, 1) : parseHostPort("--listen", values.listen!);
  const keys = await readKeys(values.keylog ?? [], []);
  const script = await readRecord(file, context, side, keys);
  const options = {
    ...(values.name !== undefined && { name: peerName(values.name, script) }),
    ...(values.uid !== undefined && { uid: uid(values.uid) }),
    password: await password(values.password, values["password-file"]),
    fast: values.fast === true,
    ...(values.timeout !== undefined && {
      timeoutMs: parseWhole("--timeout", values.timeout, 1, 86_400) * 1000,
    }),
    holdMs: parseWhole("--hold", values.hold, 0, 86_400) * 1000,
  };
  const stop = new StopRequest(context);
  const { signal } = stop;
  try {
    const socket = outbound ? await dial(address, signal) : await accept(address, context, signal);
    const report = await replaySession({
      ...options,
      script,
      socket,
      outbound,
      clock: systemClock,
      random: systemRandom,
      signal,
    });
    context.stdout.write(values.json === true ? `${escapedJson(report)}\n` : reportText(report));
    const departures = report.departures.length + report.leftOut;
    if (values.strict === true && departures > 0)
      throw new CliError("failed", `${departures} departures from the record`);
  } catch (error) {
    throw error instanceof CliError
      ? error
      : new CliError("failed", `${file}: ${oneLine(error)}`, { cause: error });
  } finally {
    stop.dispose();
  }
}

/** Reads the script of a side, without the record as a whole in memory. @throws CliError */
async function readRecord(
  file: string,
  context: CommandContext,
  side: Side,
  keys: KeyRing,
): Promise<ReplayScript> {
  try {
    const reader = new SessionReader();
    let script: ScriptReader | undefined;
    for await (const chunk of fileChunks(file, context.stdin)) {
      reader.push(chunk);
      for (const record of reader.records()) {
        script ??= new ScriptReader(reader.header!, side, keys);
        script.push(record);
      }
    }
    reader.end();
    return (script ?? new ScriptReader(reader.header!, side, keys)).finish();
  } catch (error) {
    throw fileError(file, error);
  }
}

async function dial({ host, port }: HostPort, signal: AbortSignal) {
  const [address] = await systemTransport.resolve(host === "" ? "127.0.0.1" : host);
  return systemTransport.dial({ host: address!, port, signal });
}

async function accept(address: HostPort, context: CommandContext, signal: AbortSignal) {
  type Accepted = Awaited<ReturnType<typeof dial>>;
  let take = (_socket: Accepted): void => {};
  const accepted = new Promise<Accepted>((resolve, reject) => {
    take = resolve;
    signal.addEventListener("abort", () => reject(new CliError("failed", "interrupted")), { once: true });
  });
  let taken = false;
  const listener = await systemTransport.listen(address, (socket) => {
    if (taken) socket.reset();
    else take(socket);
    taken = true;
  });
  context.stderr.write(`waiting for a peer at ${formatHostPort(listener.address)}\n`);
  try {
    return await accepted;
  } finally {
    await listener.close();
  }
}

function peerName(text: string, { flavour }: ReplayScript): string {
  try {
    return PeerName.fromUserInput(text, flavour);
  } catch (error) {
    throw new CliError("usage", `--name: ${oneLine(error)}`, { cause: error });
  }
}

function uid(text: string): bigint {
  if (text === "random") return new DataView(systemRandom.bytes(8).buffer).getBigUint64(0);
  if (!/^\d{1,20}$/.test(text) || BigInt(text) >= 1n << 64n)
    throw new CliError("usage", `--uid: ${JSON.stringify(text)} is neither a number of 64 bits nor random`);
  return BigInt(text);
}

async function password(text: string | undefined, file: string | undefined): Promise<Uint8Array | undefined> {
  if (text !== undefined) return new TextEncoder().encode(text);
  if (file === undefined) return undefined;
  try {
    return new Uint8Array(Buffer.from((await readFile(file, "latin1")).replace(/\r?\n$/, ""), "latin1"));
  } catch (error) {
    throw new CliError("failed", `--password-file: ${oneLine(error)}`, { cause: error });
  }
}

function reportText(report: ReplayReport): string {
  const {
    remoteName,
    remoteNickName,
    protocol,
    played,
    of,
    answers,
    updates,
    matched,
    livePeers,
    recordedPeers,
  } = report;
  const same = livePeers.join() === recordedPeers.join();
  const lines = [
    `played     ${played} of ${of} messages to ${remoteName}(${remoteNickName}), version ${protocol}`,
    `answers    ${answers} messages: ${updates} topology updates, ${matched} others as in the record`,
    `peers      ${same ? `the ${livePeers.length} of the record` : `${livePeers.length} described, ${recordedPeers.length} in the record`}`,
  ];
  for (const { kind, number, text } of report.departures) {
    const where =
      number === undefined
        ? ""
        : kind === "missing"
          ? `message ${number} of the record did not come: `
          : `message ${number} is not in the record: `;
    lines.push(`departure  ${where}${text}`);
  }
  if (report.leftOut > 0) lines.push(`departure  ${report.leftOut} more`);
  if (report.departures.length === 0) lines.push("departure  none");
  return lines.map((line) => `${oneLine(line)}\n`).join("");
}
