/**
 * Joins the victim's mesh again and again, each time as a new peer from an address of its own, and leaves at once.
 * Lines: `start`, and `stop`, after which it tells how long each took. A newcomer has joined when it has heard of the
 * topology, which is the first thing that a new connection is sent.
 */
import { randomBytes } from "node:crypto";
import { PeerName } from "../../../src/peer-name.ts";
import { RawPeer } from "../../runner/raw-peer.ts";
import { onLine, specification, tell } from "./lines.ts";

interface NewcomerSpec {
  target: { host: string; port: number };
  network: string;
  password: string | null;
  version: 1 | 2;
}

const pauseMs = 700;
/** The time that the last newcomer has to finish. */
const graceMs = 4_000;
const spec = specification<NewcomerSpec>();
const times: number[] = [];
const errors: string[] = [];
let tried = 0;
let running = false;
let startedAt: number | undefined;

/** One attempt. A connection that is refused is tried again, as a peer would, until the command ends it. */
async function join(): Promise<void> {
  const start = performance.now();
  startedAt = start;
  while (running) {
    const failed = await attempt().then(
      () => undefined,
      (error: Error) => error,
    );
    if (failed === undefined) {
      times.push(performance.now() - start);
      break;
    }
    errors.push(failed.message);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  startedAt = undefined;
}

function attempt(): Promise<void> {
  return new Promise((resolve, reject) => {
    let joined = false;
    const uid = randomBytes(8);
    RawPeer.dial(spec.target, {
      ...{ name: PeerName.fromBytes(Uint8Array.of(2, 0x77, ...uid.subarray(0, 4)), "mac"), flavour: "mac" },
      ...(spec.password === null ? {} : { password: spec.password }),
      version: spec.version,
      localHost: `${spec.network}.${30 + (tried++ % 60)}`,
      announces: false,
      onMessage: () => {
        joined = true;
      },
    }).then((peer) => {
      const poll = setInterval(() => {
        if (joined) resolve();
        else if (peer.broken !== undefined) reject(peer.broken);
        else return;
        clearInterval(poll);
        peer.close();
      }, 5);
    }, reject);
  });
}

onLine(async (line) => {
  if (line === "start") {
    running = true;
    while (running) {
      await join();
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  } else if (line === "stop") {
    // A newcomer on its way may finish, so that the last one counts, too.
    for (let waited = 0; startedAt !== undefined && waited < graceMs; waited += 20) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const pendingMs = startedAt === undefined ? 0 : performance.now() - startedAt;
    running = false;
    tell("report", { times, pendingMs, errors: [...new Set(errors)].slice(0, 3) });
  }
});
