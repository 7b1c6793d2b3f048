import { isDeepStrictEqual } from "node:util";
import type { Mesh } from "../../runner/index.ts";
import { inParallel } from "../../runner/schedule.ts";
import { logOf, provoke, type Reaction } from "./reaction.ts";
import type { Row, Victim } from "./row.ts";

/** The two victims of `endings`: they are connected to each other, and stay it. */
interface Victims {
  readonly go: Victim;
  readonly ts: Victim;
}

/**
 * What is written to a socket that the other side is about to reset may arrive or not, in Go by the turn that its
 * scheduler takes. So both are asked several times, and ours must do once what Go has done once.
 */
const attempts = 20;
/** By how much a victim may be late on a busy machine. */
const slackSeconds = 2;
/** Rows at the same time: they mostly wait. */
const atOnce = 4;

/**
 * Does to both what each row says, and compares: what the offender hears, how it is cut off and when, and what is
 * logged. The rows that take their time go on beside the others. All must have left the connection between the two
 * victims alone.
 *
 * @throws Error with all that was found to differ.
 */
export async function runRows(mesh: Mesh, all: readonly Row[]): Promise<void> {
  const rows = all.filter(({ flavour = mesh.cell.flavour }) => flavour === mesh.cell.flavour);
  const victims = { go: { peer: mesh.peer("go"), uid: 101n }, ts: { peer: mesh.peer("ts"), uid: 202n } };
  await mesh.agree({ connections: [["go", "ts"]] });
  const slow = rows.filter(({ afterSeconds }) => afterSeconds !== undefined);
  const quick = rows.filter((row) => !slow.includes(row));
  const weight = () => 1;
  const findings = await Promise.all([
    ...slow.map((row) => compareRow(mesh, row, victims)),
    ...(await inParallel(quick, atOnce, weight, (row) => compareRow(mesh, row, victims))),
    bystanders(mesh, victims),
  ]);
  if (findings.flat().length > 0) throw new Error(findings.flat().join("\n"));
  await mesh.exchange("default", ["go", "ts"]);
}

/** What differs, with the row's title; never throws. */
async function compareRow(mesh: Mesh, row: Row, victims: Victims): Promise<string[]> {
  let findings: string[] = [];
  const seen: { go: Reaction[]; ts: Reaction[] } = { go: [], ts: [] };
  for (let attempt = 0; attempt < attempts; attempt++) {
    try {
      // On a busy machine a victim may need longer to answer.
      const settleMs = Math.min(60 << attempt, 480);
      const [go, ts] = await Promise.all([
        provoke(mesh, row, victims.go, settleMs),
        provoke(mesh, row, victims.ts, settleMs),
      ]);
      seen.go.push(go);
      seen.ts.push(ts);
      const missing = await missingLines(mesh, row, victims);
      const pairs = [
        ...seen.go.map((each) => [each, ts] as const),
        ...seen.ts.map((each) => [go, each] as const),
      ];
      if (missing.length === 0 && pairs.some((pair) => differences(row, ...pair).length === 0)) return [];
      findings = [...differences(row, go, ts), ...missing];
    } catch (error) {
      findings = [(error as Error).message];
    }
  }
  return [`${row.title}:`, ...findings.map((finding) => `  ${finding}`)];
}

function differences(row: Row, go: Reaction, ts: Reaction): string[] {
  const found: string[] = [];
  const compare = (what: string, ours: unknown, theirs: unknown) => {
    if (!isDeepStrictEqual(ours, theirs)) {
      found.push(`${what}: TypeScript ${JSON.stringify(ours)}, Go ${JSON.stringify(theirs)}`);
    }
  };
  compare("heard", ts.heard, row.weLetHear ?? go.heard);
  compare("end", ts.end, go.end);
  const due = row.afterSeconds ?? 0;
  const isInTime = ({ seconds }: Reaction) => seconds >= due && seconds <= due + slackSeconds;
  if (!isInTime(ts) || !isInTime(go)) {
    found.push(`TypeScript took ${ts.seconds} s, Go ${go.seconds} s, and not ${due} s`);
  }
  compare("log", blanked(ts.log), blanked(go.log));
  if (row.byVerdict) {
    if (!stricter.test(reason(ts))) compare("no offence taken", reason(ts) === "EOF", reason(go) === "EOF");
  } else if (row.weSay === undefined) compare("reason", reason(ts), reason(go));
  for (const [who, reaction, says] of [
    ["Go", go, row.says],
    ["TypeScript", ts, row.weSay ?? row.says],
  ] as const) {
    const said = reason(reaction);
    const matches = typeof says === "string" ? said === says : says.test(said);
    if (!matches) found.push(`${who} says ${JSON.stringify(said)}, not ${says}`);
  }
  if (go.explained.length > 0) found.push(`Go explains itself: ${go.explained}`);
  return found;
}

/** Type definitions that no encoder writes, and that only our gob refuses. */
const stricter = /^gob: (type definition of several kinds|struct type with |array type of length )/;

const closing = /( shutting down due to error(?: during handshake)?: )(.*)$/;

/** What the log gives as the reason of the end. */
function reason({ log }: Reaction): string {
  return log.map((line) => closing.exec(line)?.[2]).find((text) => text !== undefined) ?? "nothing";
}

/** The log without the reason. */
function blanked(log: readonly string[]): string[] {
  return log.map((line) => line.replace(closing, "$1..."));
}

async function missingLines(mesh: Mesh, { also }: Row, { go, ts }: Victims): Promise<string[]> {
  if (also === undefined) return [];
  const logs = await Promise.all([logOf(mesh, go), logOf(mesh, ts)]);
  return logs.flatMap((log, i) =>
    also.test(log) ? [] : [`${["Go", "TypeScript"][i]} does not log ${also}`],
  );
}

/** The victims' own connection must have lived through everything. */
async function bystanders(mesh: Mesh, { go, ts }: Victims): Promise<string[]> {
  const found: string[] = [];
  for (const [victim, other] of [
    [go, ts],
    [ts, go],
  ] as const) {
    for (const line of (await logOf(mesh, victim)).split("\n")) {
      if (line.includes(`->[${other.peer.host}:`) && line.includes("shutting down")) found.push(line);
      if (/panic|Unhandled/.test(line)) found.push(line);
    }
  }
  return found;
}
