import { setTimeout as delay } from "node:timers/promises";
import { formatHostPort, parseFlags, parseHostPort } from "./arguments.ts";
import type { Command, CommandContext } from "./command.ts";
import { CliError, oneLine } from "./errors.ts";
import { fetchText } from "./status-client.ts";
import { parseStatusDocument, type StatusDocument } from "./status-document.ts";
import { statusReport } from "./status-report.ts";
import { StopRequest } from "./stop-request.ts";

/** How often `--watch` asks, in milliseconds. */
const watchIntervalMs = 2_000;

/** `weave-mesh status`: a running peer's view of the mesh, for a person. */
export const status: Command = {
  help: `Usage: weave-mesh status HOST:PORT [--watch]

Show the peers, connections and routes of a running peer: one started with weave-mesh join --http HOST:PORT, or any
program that serves the original's Status as JSON at /status.

  --watch  show it again every ${watchIntervalMs / 1000} seconds, until interrupted
`,
  run: runStatus,
};

async function runStatus(args: readonly string[], context: CommandContext): Promise<void> {
  const { values, positionals } = parseFlags(args, { watch: { type: "boolean" } }, true);
  const [address, ...rest] = positionals;
  if (address === undefined || rest.length > 0) throw new CliError("usage", "status HOST:PORT [--watch]");
  const { host, port } = parseHostPort("HOST:PORT", address, 1);
  const url = `http://${formatHostPort({ host: host === "" ? "127.0.0.1" : host, port })}/status`;
  if (values.watch === true) await watch(url, context);
  else context.stdout.write(statusReport(await fetchStatus(url)));
}

async function watch(url: string, context: CommandContext): Promise<void> {
  const stop = new StopRequest(context, context.stdout);
  const { signal } = stop;
  try {
    while (!signal.aborted) {
      // A peer that does not answer now may do so again: say so and go on asking.
      const report = await fetchStatus(url, signal).then(statusReport, (error) => `${oneLine(error)}\n`);
      if (signal.aborted) break;
      const time = new Date().toISOString();
      // A reader that is slow misses reports: they would otherwise gather in memory.
      if (!context.stdout.writableNeedDrain) {
        context.stdout.write(
          `${context.terminal ? "\x1b[H\x1b[2J" : ""}${time} ${report}${context.terminal ? "" : "\n"}`,
        );
      }
      await delay(watchIntervalMs, undefined, { signal }).catch(() => {});
    }
  } finally {
    stop.dispose();
  }
}

async function fetchStatus(url: string, signal?: AbortSignal): Promise<StatusDocument> {
  const text = await fetchText(url, signal);
  try {
    return parseStatusDocument(text);
  } catch (error) {
    throw new CliError("failed", `${url}: ${oneLine(error)}`, { cause: error });
  }
}
