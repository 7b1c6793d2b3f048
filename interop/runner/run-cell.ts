import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Recording } from "../byte-exact/recording.ts";
import { removeOldTrees } from "../driver/package-build.ts";
import { buildFolder } from "../driver/paths.ts";
import { Mesh, slowGossipMs } from "./mesh.ts";
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
  /** What its TypeScript peers received and sent. */
  recordings: Recording[];
}

const allRuns = join(buildFolder, "runs");

/** The folder of this run's logs and recordings; other runs may be going on. */
export const runFolder = join(allRuns, String(process.pid));

/** Removes what earlier runs have left behind, but nothing of one that is still going on. */
export async function removeOldRuns(): Promise<void> {
  await removeOldTrees(isRunning);
  await mkdir(allRuns, { recursive: true });
  for (const entry of await readdir(allRuns)) {
    if (entry === String(process.pid) || !isRunning(Number(entry))) {
      await rm(join(allRuns, entry), { recursive: true, force: true });
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Where the logs and recordings of a cell are. */
export function cellFolder(cell: Cell): string {
  return join(runFolder, cellText(cell).replace(/[^\w.-]+/g, "_"));
}

/** Runs one cell from the first process to the last, and never throws. */
export async function runCell(cell: Cell, seed: string): Promise<CellResult> {
  const start = performance.now();
  const parameters = cell.definition.variants?.[cell.variant];
  const logs = cellFolder(cell);
  const recordings: Recording[] = [];
  let mesh: Mesh | undefined;
  let error: string | undefined;
  const failed = (reason: unknown) => {
    error ??= reason instanceof Error ? reason.message : String(reason);
  };
  try {
    mesh = await Mesh.prepare(cell, specOf(cell), logs, `${seed}/${cellText(cell)}`);
    await play(mesh, cell, parameters);
  } catch (reason) {
    failed(reason);
  }
  await mesh?.destroy().catch(failed);
  const goHosts = mesh?.goHosts ?? [];
  for (const peer of mesh?.drivenPeers ?? []) {
    const { framesFile, flavour } = peer.launch;
    if (peer.language === "ts") recordings.push({ file: framesFile, goHosts, flavour });
  }
  const seconds = (performance.now() - start) / 1000;
  const result = { cell, passed: error === undefined, seconds, recordings };
  return error === undefined ? result : { ...result, error, logs };
}

async function play(mesh: Mesh, cell: Cell, parameters: unknown): Promise<void> {
  const withinMs = (cell.definition.withinMs ?? 60_000) + (cell.generation === "2018" ? slowGossipMs : 0);
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
