import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { meshPort } from "../../driver/subnet.ts";
import type { Mesh } from "../../runner/index.ts";
import { type End, Offender } from "./offender.ts";
import type { Row, Victim } from "./row.ts";

/** All that a victim lets the world see of a bad ending, with addresses and names replaced. */
export interface Reaction {
  /** What the offender was told. */
  readonly heard: readonly string[];
  readonly end: End;
  /** How long the victim took, in seconds, rounded down; 0 is at once. */
  readonly seconds: number;
  /** The lines of its log about this connection. */
  readonly log: readonly string[];
  /** Those lines that only we write: guesses at why the other side has ended the connection. */
  readonly explained: readonly string[];
}

const explanation = /\] (the other side (ended the connection|fell silent) |refused: )/;

/** Does to a victim what the row says; an offender that waits for it waits so long. */
export async function provoke(mesh: Mesh, row: Row, victim: Victim, settleMs: number): Promise<Reaction> {
  const { peer } = victim;
  const localHost = peer.host.replace(/\d+$/, "100");
  const seen = (await logOf(mesh, victim)).length;
  const target = { host: peer.host, port: meshPort };
  const offender = await Offender.connect(target, localHost, mesh.cell.flavour, settleMs);
  const startedAt = performance.now();
  try {
    await row.offend(offender, victim);
    await offender.cutOff(((row.afterSeconds ?? 0) + 4) * 1000);
    const lines = await closingLines(mesh, victim, offender, seen);
    return {
      heard: offender.heard(),
      end: offender.end,
      seconds: Math.floor(((offender.endedAt ?? performance.now()) - startedAt + 300) / 1000),
      log: lines.filter((line) => !explanation.test(line)),
      explained: lines.filter((line) => explanation.test(line)),
    };
  } finally {
    offender.destroy();
  }
}

/** The victim's lines about this connection, once the last of them is there. Another may have had the same port before. */
async function closingLines(mesh: Mesh, victim: Victim, offender: Offender, seen: number): Promise<string[]> {
  let lines: string[] = [];
  await mesh.until(`${victim.peer.label} logs the end`, 3_000, async () => {
    lines = (await logOf(mesh, victim))
      .slice(seen)
      .split("\n")
      .filter((line) => line.includes(`[${offender.address}`));
    const isLast = (line: string) =>
      line.includes(
        lines.some((each) => each.includes("connection added")) ? "connection deleted" : "shutting down",
      );
    return lines.some(isLast) ? undefined : `only: ${lines.join("\n")}`;
  });
  return lines.map((line) => neutral(line, victim, offender));
}

/** The victim's log so far. */
export function logOf(mesh: Mesh, { peer }: Victim): Promise<string> {
  return readFile(join(mesh.folder, `${peer.label}.log`), "utf8");
}

/** A line without what differs by nature: who logs it, when, and the addresses and names of the two. */
function neutral(line: string, { peer }: Victim, offender: Offender): string {
  return line
    .slice(line.indexOf("->["))
    .replaceAll(offender.address, "OFFENDER")
    .replaceAll(`${peer.host}:${meshPort}`, "VICTIM")
    .replaceAll(offender.name, "OFFENDERNAME")
    .replaceAll(peer.name, "VICTIMNAME")
    .replaceAll(`(${peer.label})`, "(VICTIMNICK)");
}
