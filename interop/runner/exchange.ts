import type { Received } from "../driver/control-client.ts";
import type { SeededRandom } from "../driver/random.ts";
import type { Language, Setting } from "./mesh-spec.ts";
import type { DrivenPeer } from "./peer.ts";

/** What an exchange sends, and by when all of it must have arrived. */
export interface ExchangeOptions {
  /**
   * Default all three. Gossip surely reaches everybody only where nobody has a choice of neighbours; Go peers of
   * 2018 choose log2 of the mesh's size, so that among them it need only have reached anybody.
   */
  kinds?: readonly Received["kind"][];
  /** Bytes of each payload beside its mark of 16; default a random few hundred. */
  extraBytes?: number;
  withinMs?: number;
  /**
   * Tries again, a few times, when something was lost and a connection has ended meanwhile. For peers that name each
   * other: they dial again at every interval, and now and then the tie replaces the connection that a message is on. It
   * is lost then, with Go peers alone, too. Default false.
   */
  unlessReplaced?: boolean;
}

/** The parts of a mesh that an exchange needs. */
export interface ExchangeMesh {
  readonly cell: Pick<Setting, "generation">;
  readonly random: SeededRandom;
  readonly peers: readonly { readonly language: Language }[];
  /** Waits for a condition; see `until` in interop/driver/wait.ts. */
  until(what: string, withinMs: number, probe: () => Promise<string | undefined>): Promise<void>;
}

const mostTries = 5;

interface Expectation {
  kind: Received["kind"];
  from: DrivenPeer;
  to: DrivenPeer;
  payload: Buffer;
}

/**
 * Every peer sends every other one a unicast, and all of them a broadcast and gossip, each with random bytes
 * of its own. Passes when each has come to each of the others exactly once (gossip: at least once), unchanged
 * and with the right source, and nowhere else.
 */
export async function exchange(
  mesh: ExchangeMesh,
  channel: string,
  peers: readonly DrivenPeer[],
  options: ExchangeOptions,
): Promise<void> {
  const endings = () => peers.map((peer) => peer.timesLogged("connection deleted")).join(" ");
  for (let tries = 1; ; tries++) {
    const before = endings();
    try {
      return await exchangeOnce(mesh, channel, peers, options);
    } catch (error) {
      const replaced = options.unlessReplaced === true && endings() !== before;
      if (!replaced || tries === mostTries) throw error;
    }
  }
}

async function exchangeOnce(
  mesh: ExchangeMesh,
  channel: string,
  peers: readonly DrivenPeer[],
  options: ExchangeOptions,
): Promise<void> {
  const kinds = options.kinds ?? ["unicast", "broadcast", "gossip"];
  const expectations: Expectation[] = [];
  const draw = () => Buffer.from(mesh.random.bytes(16 + (options.extraBytes ?? mesh.random.int(400))));

  for (const from of peers) {
    const others = peers.filter((peer) => peer !== from);
    if (kinds.includes("unicast")) {
      for (const to of others) {
        const payload = draw();
        expectations.push({ kind: "unicast", from, to, payload });
        await from.control.unicast(channel, to.name, payload);
      }
    }
    for (const kind of ["broadcast", "gossip"] as const) {
      if (!kinds.includes(kind)) continue;
      const payload = draw();
      expectations.push(...others.map((to) => ({ kind, from, to, payload })));
      await from.control[kind](channel, payload);
    }
  }

  await mesh.until(`messages on ${channel} arrive`, options.withinMs ?? 10_000, async () => {
    const arrived = await deliveries(peers, channel);
    const missing = expectations.find(
      (expected) =>
        count(arrived, expected) === 0 &&
        !(expected.kind === "gossip" && mayChoose(mesh) && reachedAnybody(arrived, expected)),
    );
    return missing && `${missing.kind} from ${missing.from.label} to ${missing.to.label}`;
  });

  const arrived = await deliveries(peers, channel);
  for (const expected of expectations) {
    const times = count(arrived, expected);
    if (expected.kind !== "gossip" && times !== 1) {
      throw new Error(`${expected.kind} ${expected.from.label} to ${expected.to.label} came ${times} times`);
    }
  }
  const known = new Set(expectations.map(({ kind, to, payload }) => key(kind, to, payload)));
  for (const [peer, messages] of arrived) {
    const stray = messages.find(
      ({ kind, bytes }) => mine(expectations, bytes) && !known.has(key(kind, peer, bytes)),
    );
    // Gossip may come back to its sender over a ring; nothing else may.
    if (stray !== undefined && stray.kind !== "gossip") {
      throw new Error(`${peer.label} got a ${stray.kind} that was not for it`);
    }
  }
}

/** Whether there are Go peers that gossip to fewer neighbours than all in a small mesh. */
function mayChoose(mesh: ExchangeMesh): boolean {
  return mesh.cell.generation === "2018" && mesh.peers.some((peer) => peer.language === "go");
}

function reachedAnybody(arrived: Deliveries, { payload }: Expectation): boolean {
  return [...arrived.values()].flat().some((m) => m.kind === "gossip" && payload.equals(m.bytes));
}

type Deliveries = Map<DrivenPeer, readonly Received[]>;

async function deliveries(peers: readonly DrivenPeer[], channel: string): Promise<Deliveries> {
  const entries = peers.map(async (peer) => {
    const messages = await peer.control.received();
    return [peer, messages.filter((message) => message.channel === channel)] as const;
  });
  return new Map(await Promise.all(entries));
}

function count(arrived: Deliveries, { kind, from, to, payload }: Expectation): number {
  const source = kind === "gossip" ? "" : from.name;
  const matches = arrived
    .get(to)
    ?.filter((m) => m.kind === kind && m.source === source && payload.equals(m.bytes));
  return matches?.length ?? 0;
}

function mine(expectations: readonly Expectation[], bytes: Buffer): boolean {
  return expectations.some(({ payload }) => payload.equals(bytes));
}

function key(kind: string, to: DrivenPeer, payload: Buffer): string {
  return `${kind} ${to.label} ${payload.toString("hex")}`;
}
