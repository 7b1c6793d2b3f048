import type { RecordedSession } from "../../src/capture/index.ts";
import type { Received } from "../driver/control-client.ts";
import type { DrivenPeer } from "../runner/peer.ts";
import { describedPeers, dial, type PeerOptions, RecordedMesh } from "./recorded-mesh.ts";

/** One recording: a mesh and what happens in it. Gives its sessions. */
export interface Recording {
  /** Of the files: `NAME.session.jsonl`, with a number if there are several sessions. */
  readonly name: string;
  readonly title: string;
  /** What depends on who is faster: see `meaning`. */
  readonly raced?: "all" | "gossip";
  /** Of the sessions, the first so many are kept. Default all. */
  readonly keep?: number;
  run(recording: Recording): Promise<RecordedSession[]>;
}

/** Peers announce changes of their connections together one second after the first. */
const announcementMs = 1_300;
const versionOne = { minVersion: 1, maxVersion: 1 };
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const bytes = (text: string) => Buffer.from(text);
const heard = (kind: Received["kind"], text: string) => (message: Received) =>
  message.kind === kind && message.bytes.toString() === text;

/** Two peers that say something on two channels, each kind of message both ways. */
function conversation(
  name: string,
  title: string,
  options: PeerOptions & { readonly v1?: boolean; readonly listener?: PeerOptions },
): Recording {
  return {
    name,
    title,
    async run() {
      const mesh = await RecordedMesh.create(name, options.v1 ? versionOne : undefined);
      const first = await mesh.start(1, { channels: ["default", "news"], ...options });
      const second = await mesh.start(2, { channels: ["default", "news"], ...options, ...options.listener });
      // State that the other side is told as soon as they are connected.
      await first.control.gossip("news", bytes("known before"));
      await mesh.connect(first, second);
      await pause(announcementMs);
      await talk(mesh, first, second, "hello");
      await talk(mesh, second, first, "and to you");
      await first.control.broadcast("news", bytes("ünïcödé ✓"));
      await mesh.received(second, "the news", heard("broadcast", "ünïcödé ✓"));
      return mesh.finish(title);
    },
  };
}

async function talk(mesh: RecordedMesh, from: DrivenPeer, to: DrivenPeer, text: string): Promise<void> {
  await from.control.unicast("default", to.name, bytes(text));
  await mesh.received(to, "the unicast", heard("unicast", text));
  await from.control.broadcast("default", bytes(`${text}, all of you`));
  await mesh.received(to, "the broadcast", heard("broadcast", `${text}, all of you`));
}

/** Two peers of which the first cannot get on with the second. */
function refusal(name: string, title: string, dialler: PeerOptions, listener: PeerOptions): Recording {
  return {
    name,
    title,
    async run() {
      const mesh = await RecordedMesh.create(name);
      const first = await mesh.start(1, dialler);
      const second = await mesh.start(2, listener);
      await mesh.connect(first, second, false);
      await mesh.ended(1);
      return (await mesh.finish(title)).slice(0, 1);
    },
  };
}

/** Every recording of the library, in the order in which they are made. */
export const recordings: readonly Recording[] = [
  conversation("two-v2-plain", "Two peers, version 2, no password", {}),
  conversation("two-v1-plain", "Two peers, version 1, no password", { v1: true }),
  conversation("two-v2-sealed", "Two peers, version 2, with a password", { password: "correct horse" }),
  conversation("two-v1-sealed", "Two peers, version 1, with a password", {
    password: "correct horse",
    v1: true,
  }),
  conversation("two-v2-empty-password", "Two peers, version 2, sealed with an empty password", {
    password: "",
  }),
  conversation("two-v2-trusted", "Two peers that trust each other's network: sealed all the same", {
    password: "correct horse",
    trustedSubnet: true,
  }),
  conversation("two-hash-v2-plain", "Two peers with hashed names, version 2, no password", {
    flavour: "hash",
  }),
  conversation("two-hash-v1-plain", "Two peers with hashed names, version 1, no password", {
    flavour: "hash",
    v1: true,
  }),
  conversation("two-hash-v2-sealed", "Two peers with hashed names, version 2, with a password", {
    flavour: "hash",
    password: "päss",
  }),
  conversation("two-hash-v1-sealed", "Two peers with hashed names, version 1, with a password", {
    flavour: "hash",
    password: "päss",
    v1: true,
  }),
  ...(["2018", "2017"] as const).flatMap((year) => [
    conversation(`two-${year}-v2-plain`, `Two peers of the generation of ${year}, version 2, no password`, {
      generation: year,
    }),
    conversation(`two-${year}-v1-plain`, `Two peers of the generation of ${year}, version 1, no password`, {
      generation: year,
      v1: true,
    }),
    conversation(
      `two-${year}-v2-sealed`,
      `Two peers of the generation of ${year}, version 2, with a password`,
      {
        generation: year,
        password: "correct horse",
      },
    ),
    conversation(
      `two-${year}-hash-sealed`,
      `Two peers of the generation of ${year} with hashed names, with a password`,
      { generation: year, flavour: "hash", password: "correct horse" },
    ),
  ]),
  conversation("two-generations", "A peer of 2019 dials one of 2018, with a password", {
    password: "correct horse",
    listener: { generation: "2018" },
  }),
  conversation("two-generations-other-way", "A peer of 2018 dials one of 2019, no password", {
    generation: "2018",
    listener: { generation: "2019" },
  }),
  {
    name: "heartbeats",
    title: "Two peers with nothing to say for half a minute",
    async run({ name, title }) {
      const mesh = await RecordedMesh.create(name);
      const first = await mesh.start(1);
      const second = await mesh.start(2);
      await mesh.connect(first, second);
      await pause(31_000);
      return mesh.finish(title);
    },
  },
  {
    name: "three-relay",
    title: "Three peers in a line: the middle one relays unicasts and broadcasts",
    async run({ name, title }) {
      const mesh = await RecordedMesh.create(name);
      const options = { channels: ["default"], password: "correct horse" };
      const left = await mesh.start(1, options);
      const middle = await mesh.start(2, options);
      const right = await mesh.start(3, options);
      await mesh.connect(left, middle);
      await mesh.connect(right, middle);
      for (const peer of [left, middle, right])
        await mesh.until("all know all", async () => (await describedPeers(peer)) === 3);
      await pause(announcementMs);
      await talk(mesh, left, right, "past the middle");
      await talk(mesh, right, left, "and back");
      return mesh.finish(title);
    },
  },
  {
    name: "three-surrogate",
    title: "Three peers in a line: the middle one does not know the channel and relays all the same",
    async run({ name, title }) {
      const mesh = await RecordedMesh.create(name);
      const left = await mesh.start(1, { channels: ["secret-club"] });
      const middle = await mesh.start(2);
      const right = await mesh.start(3, { channels: ["secret-club"] });
      await mesh.connect(left, middle);
      await mesh.connect(right, middle);
      for (const peer of [left, middle, right])
        await mesh.until("all know all", async () => (await describedPeers(peer)) === 3);
      await pause(announcementMs);
      await left.control.broadcast("secret-club", bytes("psst"));
      await mesh.received(right, "the broadcast", heard("broadcast", "psst"));
      await left.control.gossip("secret-club", bytes("rumour"));
      await mesh.received(right, "the gossip", heard("gossip", "rumour"));
      await right.control.unicast("secret-club", middle.name, bytes("for nobody"));
      await pause(200);
      return mesh.finish(title);
    },
  },
  {
    name: "twenty-sealed",
    title: "A mesh of twenty peers with a password, seen from the last that joined",
    keep: 3,
    raced: "gossip",
    async run({ name, title }) {
      const mesh = await RecordedMesh.create(name);
      const options = { channels: ["default", "news"], password: "twenty" };
      const peers: DrivenPeer[] = [];
      for (let number = 1; number <= 20; number++) peers.push(await mesh.start(number, options));
      for (let number = 2; number <= 19; number++) {
        for (const back of new Set([1, 3, 7].map((step) => Math.max(1, number - step)))) {
          await dial(peers[number - 1]!, [mesh.address(back)]);
        }
      }
      await mesh.until("nineteen know each other", async () => (await describedPeers(peers[0]!)) === 19);
      await pause(announcementMs);
      const last = peers[19]!;
      for (const number of [19, 12, 1]) await mesh.connect(last, peers[number - 1]!);
      await mesh.until(
        "twenty know each other",
        async () => (await describedPeers(last)) === 20 && (await describedPeers(peers[0]!)) === 20,
      );
      await pause(announcementMs);
      await talk(mesh, peers[4]!, last, "from the fifth to the twentieth");
      await talk(mesh, last, peers[8]!, "from the twentieth to the ninth");
      await peers[2]!.control.broadcast("news", bytes("twenty of us"));
      await mesh.received(last, "the news", heard("broadcast", "twenty of us"));
      await last.control.gossip("news", bytes("a rumour"));
      await pause(500);
      await last.stop();
      const sessions = await mesh.finish(title);
      const ofLast = sessions.filter(({ header }) => header.dialler.address!.includes(".20:"));
      return ofLast;
    },
  },
  {
    name: "restart",
    title: "A peer is killed, comes back with another UID, and is dialled again",
    async run({ name, title }) {
      const mesh = await RecordedMesh.create(name);
      const first = await mesh.start(1, { channels: ["default"] });
      const second = await mesh.start(2, { channels: ["default"] });
      const third = await mesh.start(3, { channels: ["default"] });
      await mesh.connect(first, second);
      await mesh.connect(first, third);
      await pause(announcementMs);
      await second.kill();
      const again = await mesh.start(2, { channels: ["default"] });
      await mesh.until("it is back", async () => (await describedPeers(again)) === 3);
      await pause(announcementMs);
      await talk(mesh, first, again, "welcome back");
      return mesh.finish(title);
    },
  },
  {
    name: "tie",
    raced: "all",
    title: "Two peers dial each other at once: one of the two connections goes",
    async run({ name, title }) {
      const mesh = await RecordedMesh.create(name);
      const first = await mesh.start(1, { channels: ["default"] });
      const second = await mesh.start(2, { channels: ["default"] });
      await Promise.all([mesh.connect(first, second, false), mesh.connect(second, first, false)]);
      await mesh.ended(1);
      await pause(announcementMs);
      return (await mesh.finish(title)).slice(0, 2);
    },
  },
  refusal(
    "name-collision",
    "Two peers of the same name",
    { name: "00:00:00:00:00:0a" },
    { name: "00:00:00:00:00:0a" },
  ),
  refusal(
    "same-peer",
    "Two peers of the same name and UID, as when a peer dials itself",
    { name: "00:00:00:00:00:0a", uid: 77n },
    { name: "00:00:00:00:00:0a", uid: 77n },
  ),
  refusal(
    "wrong-password-v2",
    "Two peers with different passwords, version 2",
    { password: "yes" },
    { password: "no" },
  ),
  {
    ...refusal("wrong-password-v1", "", {}, {}),
    title: "Two peers with different passwords, version 1",
    async run({ name, title }) {
      const mesh = await RecordedMesh.create(name, versionOne);
      const first = await mesh.start(1, { password: "yes" });
      const second = await mesh.start(2, { password: "no" });
      await mesh.connect(first, second, false);
      await mesh.ended(1);
      return (await mesh.finish(title)).slice(0, 1);
    },
  },
  refusal("password-and-none", "A peer with a password dials one without", { password: "yes" }, {}),
  refusal("none-and-password", "A peer without a password dials one with an empty one", {}, { password: "" }),
  refusal(
    "flavours",
    "A peer with a MAC address for a name dials one with a hashed name",
    {},
    { flavour: "hash" },
  ),
  {
    name: "ten-mebibytes",
    title: "A message as long as a frame may be",
    async run({ name, title }) {
      const mesh = await RecordedMesh.create(name);
      const first = await mesh.start(1, { channels: ["default"] });
      const second = await mesh.start(2, { channels: ["default"] });
      await mesh.connect(first, second);
      await pause(announcementMs);
      // 10 MiB less tag, channel, source, destination and the head of the payload.
      const size = 10 * 1024 * 1024 - 1 - 12 - 4 - 4 - 11;
      await first.control.unicast("default", second.name, Buffer.alloc(size, "0123456789abcdef"));
      await mesh.received(
        second,
        "the message",
        ({ kind, bytes }) => kind === "unicast" && bytes.length === size,
      );
      return mesh.finish(title);
    },
  },
  {
    name: "short-id-collision",
    title: "Two peers that drew the same short ID: the one with the higher name draws another",
    async run({ name, title }) {
      const mesh = await RecordedMesh.create(name);
      const first = await mesh.start(1, { channels: ["default"], seed: "=same", uid: 1001n });
      const second = await mesh.start(2, { channels: ["default"], seed: "=same", uid: 1002n });
      await mesh.connect(first, second);
      await pause(announcementMs);
      await talk(mesh, first, second, "whose is it");
      return mesh.finish(title);
    },
  },
  {
    name: "counter-example",
    title: "Three of the original's increment-only-counter example, as they are",
    async run({ name, title }) {
      const mesh = await RecordedMesh.create(name);
      const first = await mesh.startCounter(1, []);
      const second = await mesh.startCounter(2, [1]);
      await mesh.sessions(1);
      const third = await mesh.startCounter(3, [1, 2]);
      await mesh.sessions(3);
      await pause(announcementMs);
      for (const counter of [first, second, third, first]) {
        await counter.increment();
        await pause(300);
      }
      await pause(500);
      return mesh.finish(title);
    },
  },
];
