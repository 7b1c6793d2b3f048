import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { allocateSubnet, meshPort } from "../../driver/subnet.ts";
import type { NetworkAttack } from "../attack.ts";
import type { FieldSpec } from "../field.ts";
import { hostileFolder, type Programs } from "./build.ts";
import { Child } from "./child.ts";
import { Victim, type VictimFigures, victimName } from "./victim.ts";

/** What one run of an attack came to. */
export interface NetworkFigures extends VictimFigures {
  /** The longest time for which an honest peer had no answer, in milliseconds. */
  gapMs: number;
  /** Whether the gap lasted to the end of the run. */
  unanswered: boolean;
  honestAlive: boolean;
  /** The longest time that a newcomer needed, in milliseconds; `undefined`: none tried. */
  newcomerMs: number | undefined;
  newcomers: number;
  notes: Record<string, unknown>;
  output: string;
  /** How the victim ended, if it did. */
  ending: string | undefined;
  /** What the attacker reported as an error of its own, as a refused connection. */
  attackerError: string | undefined;
}

/** Which run of an attack. */
export interface NetworkRun {
  attack: NetworkAttack;
  /** The attack's file name without its extension. */
  name: string;
  variant: string;
  language: "go" | "ts";
  /** Send the bytes to a server that discards them; the honest peers stay with an idle victim. */
  control: boolean;
  /** Watch for at most 0.7 s after the last byte, as in the gate. Default false. */
  brief?: boolean;
}

const priorities = { honest: -15, newcomer: -12, attacker: 10, sink: 5 };
const honestPeers = [
  { name: "02:00:00:00:00:0a", uid: "1001" },
  { name: "02:00:00:00:00:0b", uid: "1002" },
];

const companionName = "02:00:00:00:00:02";

/** Runs an attack once. @throws Error when the suite's own processes fail. */
export async function runNetwork(programs: Programs, run: NetworkRun): Promise<NetworkFigures> {
  const subnet = await allocateSubnet();
  await mkdir(join(hostileFolder, "runs"), { recursive: true });
  const folder = await mkdtemp(join(hostileFolder, "runs", "run-"));
  const children: { kill(): Promise<void> }[] = [];
  try {
    return await measure(programs, run, { network: subnet.host(1).replace(/\.1$/, ""), folder, children });
  } finally {
    for (const child of children.reverse()) await child.kill();
    await subnet.release();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Surroundings {
  network: string;
  folder: string;
  children: { kill(): Promise<void> }[];
}

async function measure(
  programs: Programs,
  run: NetworkRun,
  { network, folder, children }: Surroundings,
): Promise<NetworkFigures> {
  const { attack } = run;
  const password = attack.victim?.password === undefined ? "secret" : attack.victim.password;
  const mesh = { host: `${network}.1`, port: meshPort };
  const http = { host: `${network}.1`, port: 8080 };
  const start = (script: string, nice: number, specification: object) => {
    const child = new Child(
      process.execPath,
      [join(programs.scripts, "processes", `${script}.js`), JSON.stringify(specification)],
      { nice },
    );
    children.push(child);
    return child;
  };

  const place = { language: run.language, spec: attack.victim ?? {}, mesh, http, folder };
  const victim = await Victim.start(programs, place);
  children.push(victim);
  const companion = {
    target: { host: `${network}.3`, port: meshPort },
    http: { host: `${network}.3`, port: 8080 },
  };
  if (attack.companion === true) {
    const own = { mesh: companion.target, http: companion.http, name: companionName, dials: mesh };
    await mkdir(join(folder, "companion"));
    children.push(await Victim.start(programs, { ...place, ...own, folder: join(folder, "companion") }));
  }
  const version = attack.honestVersion ?? 2;
  const neighbours = { target: mesh, network, password, version };
  const honest = start("honest", priorities.honest, { ...neighbours, peers: honestPeers });
  const newcomer = start("newcomer", priorities.newcomer, neighbours);
  const sinkPlace = { host: `${network}.2`, port: meshPort };
  if (run.control) {
    const handshakes = attack.group === "peer";
    await start("sink", priorities.sink, { ...sinkPlace, handshakes, password }).next("ready", 10_000);
  }
  const field: FieldSpec = {
    target: run.control ? sinkPlace : mesh,
    http,
    ...{ network, password, victimName, honest: honestPeers, control: run.control },
    ...(attack.companion === true ? { companion: { ...companion, name: companionName } } : {}),
    victimFolder: folder,
    cacheFolder: join(hostileFolder, "bytes"),
  };
  const attacker = start("attacker", priorities.attacker, {
    module: join(programs.scripts, "attacks", `${run.name}.js`),
    variant: run.variant,
    field,
  });
  await honest.next("connected", 15_000);
  await attacker.next("ready", 120_000); // what an attack prepares may take long on a busy machine
  await sleep(200); // what the preparation has left to do
  honest.say("mark");
  await honest.next("marked", 5_000);
  await victim.mark();
  newcomer.say("start");
  attacker.say("go");
  const done = await observe(run, { attacker, honest, victim });
  const report = await honest.next("report", 5_000);
  const figures = victim.figures();
  newcomer.say("stop");
  const joined = await newcomer.next("report", 10_000);
  const times = joined.times as number[];
  const newcomerTimes = [...times, ...((joined.pendingMs as number) > 0 ? [joined.pendingMs as number] : [])];
  return {
    ...figures,
    gapMs: report.gapMs as number,
    unanswered: (report.pendingMs as number) > 500,
    honestAlive: report.alive as boolean,
    newcomerMs: newcomerTimes.length === 0 ? undefined : Math.max(...newcomerTimes),
    newcomers: times.length,
    notes: (done?.notes ?? {}) as Record<string, unknown>,
    output: victim.output(),
    ending: victim.ending(),
    attackerError: done === undefined ? "still sending at the end" : (done.error as string | undefined),
  };
}

/**
 * Watches until the attacker has sent everything, some time has passed since, and the honest peers have had answers for
 * half a second; or to the deadline. Leaves a report of the honest peers to be read.
 */
async function observe(
  { attack, brief = false }: NetworkRun,
  { attacker, honest, victim }: { attacker: Child; honest: Child; victim: Victim },
): Promise<Record<string, unknown> | undefined> {
  const { withinMs = 20_000, watchMs = 1_500 } = attack;
  const deadline = performance.now() + withinMs;
  const done = await attacker.next("done", withinMs).catch(() => undefined);
  const until = performance.now() + (brief ? Math.min(watchMs, 700) : watchMs);
  for (;;) {
    const left = deadline - performance.now();
    await sleep(Math.max(0, Math.min(100, left)));
    honest.say("report");
    if (left <= 0 || !victim.running) return done;
    if (performance.now() < until) {
      await honest.next("report", 5_000);
      continue;
    }
    const report = await honest.next("report", 5_000);
    const calm = (report.calmMs as number) > 500 && (report.pendingMs as number) < 100;
    if (calm || !report.alive) {
      honest.say("report");
      return done;
    }
  }
}
