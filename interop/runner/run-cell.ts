import { rm } from "node:fs/promises";
import { join } from "node:path";
import { buildFolder } from "./build.ts";
import { Mesh } from "./mesh.ts";
import { specOf } from "./needs.ts";
import { type Cell, cellText } from "./scenario.ts";

/** How one cell went. */
export interface CellResult {
  cell: Cell;
  passed: boolean;
  seconds: number;
  /** Why it failed. */
  error?: string;
  /** Where the logs of a failed cell are. */
  logs?: string;
  /** The recordings of the messages that its TypeScript peers received, with who was Go. */
  recordings: Recording[];
}

/** What the TypeScript peers of one cell recorded. */
export interface Recording {
  file: string;
  /** The names of the mesh's Go peers: what came from these was sent by Go. */
  goPeers: string[];
}

/** The folder of a run's logs and recordings. */
export const runsFolder = join(buildFolder, "runs");

/** Runs one cell from the first process to the last, and never throws. */
export async function runCell(cell: Cell, seed: string, folder: string): Promise<CellResult> {
  const start = performance.now();
  const parameters = cell.definition.variants?.[cell.variant];
  const logs = join(folder, cellText(cell).replace(/[^\w.-]+/g, "_"));
  const recordings: Recording[] = [];
  let mesh: Mesh | undefined;
  let error: string | undefined;
  try {
    await rm(logs, { recursive: true, force: true });
    mesh = await Mesh.prepare(cell, specOf(cell), logs, `${seed}/${cellText(cell)}`);
    await play(mesh, cell, parameters);
  } catch (reason) {
    error = reason instanceof Error ? reason.message : String(reason);
  } finally {
    await mesh?.destroy();
  }
  const goPeers = mesh?.peers.filter((peer) => peer.language === "go").map((peer) => peer.name) ?? [];
  for (const peer of mesh?.drivenPeers ?? []) {
    if (peer.language === "ts") recordings.push({ file: peer.launch.framesFile, goPeers });
  }
  const seconds = (performance.now() - start) / 1000;
  const result = { cell, passed: error === undefined, seconds, recordings };
  return error === undefined ? result : { ...result, error, logs };
}

async function play(mesh: Mesh, cell: Cell, parameters: unknown): Promise<void> {
  const withinMs = cell.definition.withinMs ?? 60_000;
  const deadline = setTimeout(
    () => mesh.fail(new Error(`the scenario took longer than ${withinMs / 1000} s`)),
    withinMs,
  );
  const playing = (async () => {
    await mesh.start();
    await cell.definition.run(mesh, parameters);
    await mesh.stop();
  })();
  playing.catch(() => {}); // reported below, or after the mesh has failed for another reason
  try {
    await Promise.race([playing, mesh.failure]);
  } finally {
    clearTimeout(deadline);
  }
}
