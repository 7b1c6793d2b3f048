import { join } from "node:path";
import test from "ava";
import {
  decodeSession,
  FrameRecorder,
  KeyLogOverlay,
  KeyRing,
  type RecordedSession,
  RecordingProxy,
  readScript,
  recordedStreams,
  replaySession,
  type SessionHeader,
  SessionInspector,
  type SessionRecord,
} from "../../src/capture/index.ts";
import { PeerName, Router, type RouterOptions, SurrogateData } from "../../src/index.ts";
import { MemoryNetwork, type Socket, seededRandom, VirtualClock } from "../../src/transport/index.ts";
import { libraryFolder, readSession } from "./library.ts";

/** Takes sessions down in memory. */
class Notebook {
  readonly sessions: { header: SessionHeader; records: SessionRecord[]; closed: boolean }[] = [];

  readonly open = (header: SessionHeader) => {
    const session = { header, records: [] as SessionRecord[], closed: false };
    this.sessions.push(session);
    return {
      record: (record: SessionRecord) => void session.records.push(record),
      closed: () => {
        session.closed = true;
      },
    };
  };
}

class Stage {
  readonly clock = new VirtualClock(1_000_000);
  readonly random = seededRandom("recording");
  readonly network = new MemoryNetwork({ clock: this.clock, random: this.random });

  router(number: number, options: Partial<RouterOptions> = {}): Router {
    return new Router({
      name: PeerName.fromUint(number),
      nickname: `peer-${number}`,
      host: `10.0.0.${number}`,
      port: 6783,
      peerDiscovery: false,
      transport: this.network.host(`10.0.0.${number}`),
      clock: this.clock,
      random: this.random,
      ...options,
    });
  }

  proxy(notebook: Notebook, versions?: { minVersion: number; maxVersion: number }): Promise<RecordingProxy> {
    return RecordingProxy.start({
      transport: this.network.host("10.0.0.9"),
      listen: { host: "10.0.0.9", port: 7000 },
      to: { host: "10.0.0.2", port: 6783 },
      now: () => this.clock.now(),
      versions,
      open: notebook.open,
    });
  }

  async dial(): Promise<Socket> {
    const dialled = this.network.host("10.0.0.8").dial({ host: "10.0.0.2", port: 6783 });
    await this.clock.advance(100);
    return dialled;
  }

  async until(condition: () => boolean): Promise<void> {
    if (!(await this.clock.runUntil(condition, 60_000))) throw new Error("in vain");
  }
}

function inspected(
  session: RecordedSession,
  keys?: KeyRing,
): SessionInspector & { readonly kinds: string[] } {
  const inspector = new SessionInspector(session.header, keys);
  const entries = [...session.records.flatMap((record) => inspector.push(record)), ...inspector.finish()];
  return Object.assign(inspector, { kinds: entries.map(({ item, view }) => view?.kind ?? item.kind) });
}

const listening = {
  onUnicast() {},
  onBroadcast: (_source: PeerName, update: Uint8Array) => SurrogateData.of(update),
  gossip: () => undefined,
  onGossip: () => undefined,
};

test("proxy: passes a session on and records it; routers on both sides notice nothing", async (t) => {
  const stage = new Stage();
  const notebook = new Notebook();
  const lines: string[] = [];
  const password = "tapped";
  const first = stage.router(1, { password, overlay: new KeyLogOverlay((line) => lines.push(line)) });
  const second = stage.router(2, { password });
  const channel = first.channel("talk", listening);
  second.channel("talk", listening);
  await first.start();
  await second.start();
  const proxy = await stage.proxy(notebook);
  first.connect(["10.0.0.9:7000"]);
  await stage.until(
    () => first.peers().length === 2 && first.status().connections?.[0]?.state === "established",
  );
  await stage.clock.advance(2_000);
  channel.broadcast(SurrogateData.of(new TextEncoder().encode("heard by all")));
  await stage.clock.advance(100);
  const leaving = first.stop({ timeoutMs: 100 });
  await stage.clock.advance(1_000);
  await leaving;
  const [session, ...others] = notebook.sessions;
  t.deepEqual(others, []);
  t.true(session?.closed);
  const blind = inspected(session!);
  t.true(blind.kinds.filter((kind) => kind === "sealed").length >= 4);
  t.is(lines.length, 1);
  const { summary, kinds, protocol } = inspected(session!, new KeyRing().addKeyLog(lines.join("")));
  t.is(protocol, 2);
  t.is(summary.dialler.features?.get("Name"), "00:00:00:00:00:01");
  t.is(summary.dialler.sealedMessages + summary.listener.sealedMessages, 0);
  t.true(kinds.includes("broadcast"));
  t.deepEqual(summary.peers.map(({ name }) => name as string).sort(), [
    "00:00:00:00:00:01",
    "00:00:00:00:00:02",
  ]);
  const stopping = second.stop({ timeoutMs: 100 });
  await stage.clock.advance(1_000);
  await stopping;
  await proxy.stop();
});

test("recorder: a recording ends with its connection, and says who ended it", async (t) => {
  const stage = new Stage();
  const notebooks = [new Notebook(), new Notebook()];
  const recorders = notebooks.map(({ open }) => new FrameRecorder({ open }));
  const routers = recorders.map((recorder, index) => stage.router(index + 1, { onFrame: recorder.tap }));
  for (const [index, router] of routers.entries()) {
    recorders[index]!.watch(router);
    await router.start();
  }
  routers[0]!.connect(["10.0.0.2:6783"]);
  await stage.until(() => routers[1]!.peers().length === 2);
  await stage.clock.advance(1_500);
  t.false(notebooks[0]!.sessions[0]!.closed);
  const stopping = routers[0]!.stop({ timeoutMs: 100 });
  await stage.clock.advance(1_000);
  await stopping;
  for (const { sessions } of notebooks) {
    t.is(sessions.length, 1);
    t.true(sessions[0]!.closed);
    // Whoever leaves closes, and is reset in answer.
    t.regex(inspected(sessions[0]!).summary.reason, /^the (dialler closed|listener reset) the connection$/);
  }
  const leaving = routers[1]!.stop({ timeoutMs: 100 });
  await stage.clock.advance(1_000);
  await leaving;
});

test("proxy: rewrites the offered versions, so that two peers speak version 1", async (t) => {
  const stage = new Stage();
  const notebook = new Notebook();
  const first = stage.router(1);
  const second = stage.router(2);
  await first.start();
  await second.start();
  await stage.proxy(notebook, { minVersion: 1, maxVersion: 1 });
  first.connect(["10.0.0.9:7000"]);
  await stage.until(() => first.status().connections?.[0]?.state === "established");
  await stage.clock.advance(2_000);
  t.is(inspected(notebook.sessions[0]!).protocol, 1);
  for (const router of [first, second]) {
    const stopping = router.stop({ timeoutMs: 100 });
    await stage.clock.advance(1_000);
    await stopping;
  }
});

test("recorder: a router's own recording says what the proxy's does", async (t) => {
  const stage = new Stage();
  const wire = new Notebook();
  const plain = new Notebook();
  const recorder = new FrameRecorder({ localAddress: "10.0.0.1:6783", open: plain.open });
  const first = stage.router(1, { password: "p", onFrame: recorder.tap });
  const second = stage.router(2, { password: "p" });
  await first.start();
  await second.start();
  await stage.proxy(wire);
  first.connect(["10.0.0.9:7000"]);
  await stage.until(() => first.status().connections?.[0]?.state === "established");
  await stage.clock.advance(2_000);
  recorder.stop();
  t.true(plain.sessions[0]?.closed);
  t.is(plain.sessions[0]?.header.layer, "plain");
  const parts = (side: "dialler" | "listener", session: RecordedSession) =>
    decodeSession({ ...session, header: { ...session.header, dialler: secret, listener: secret } })[side]
      .parts;
  // Decoding asks for keys that it does not need for a plain recording.
  const secret = { password: "p", secretKey: "00".repeat(32) };
  const decoded = (["dialler", "listener"] as const).map((side) =>
    parts(side, plain.sessions[0]!).map(({ kind }) => kind),
  );
  t.deepEqual(decoded[0]?.slice(0, 4), ["header", "key", "features", "gossip"]);
  t.deepEqual(decoded[1]?.slice(0, 4), ["header", "key", "features", "gossip"]);
  const { dialler } = recordedStreams(wire.sessions[0]!.records);
  t.true(dialler.length > 300);
  for (const router of [first, second]) {
    const stopping = router.stop({ timeoutMs: 100 });
    await stage.clock.advance(1_000);
    await stopping;
  }
});

const twenty = readSession(join(libraryFolder, "twenty-sealed-2.session.jsonl"));

for (const [title, options] of [
  ["as recorded", { fast: true }],
  ["at the recorded times", { fast: false }],
  ["under another name and UID", { fast: true, name: "00:00:00:00:00:77", uid: 4711n }],
] as const) {
  test(`replay: a recorded Go session brings a live router to the same peers and messages, ${title}`, async (t) => {
    const stage = new Stage();
    const script = readScript(twenty, "dialler");
    const heard: string[] = [];
    const hear = (message: Uint8Array) => void heard.push(new TextDecoder().decode(message));
    const live = stage.router(2, { name: script.otherFeatures.get("Name") as PeerName, password: "twenty" });
    for (const name of ["default", "news"]) {
      live.channel(name, {
        ...listening,
        onUnicast: (_source, message) => hear(message),
        onBroadcast: (_source, update) => {
          hear(update);
          return SurrogateData.of(update);
        },
        onGossip: (update) => {
          hear(update);
          return undefined;
        },
      });
    }
    await live.start();
    const socket = await stage.dial();
    const playing = replaySession({
      script,
      socket,
      outbound: true,
      clock: stage.clock,
      random: stage.random,
      holdMs: 2_000,
      ...options,
    });
    await stage.until(() => live.peers().length === 20 && heard.length === 2);
    const own = "name" in options ? options.name : "00:00:00:00:00:14";
    const played = live.peers().find(({ name }) => name === own);
    t.truthy(played);
    if ("uid" in options) t.is(played?.uid, 4711n);
    t.deepEqual(heard.sort(), ["a rumour", "from the twentieth to the ninth, all of you"]);
    let report: Awaited<typeof playing> | undefined;
    void playing.then((result) => {
      report = result;
    });
    await stage.until(() => report !== undefined);
    t.is(report?.played, script.messages.length);
    t.is(report?.protocol, 2);
    t.is(report?.endedBy, undefined);
    // The live side's own application says nothing: what the recorded one said is missing.
    const missing = report!.departures.filter(({ kind }) => kind === "missing");
    t.true(missing.every(({ number, text }) => number! > 0 && /broadcast|gossip|unicast/.test(text)));
    const stopping = live.stop({ timeoutMs: 100 });
    await stage.clock.advance(1_000);
    await stopping;
  });
}

test("replay: a live router with another password refuses, and a session without keys is not playable", async (t) => {
  const stage = new Stage();
  const live = stage.router(2, { password: "another" });
  await live.start();
  const socket = await stage.dial();
  const playing = replaySession({
    script: readScript(twenty, "dialler"),
    socket,
    outbound: true,
    clock: stage.clock,
    random: stage.random,
  });
  const failing = t.throwsAsync(playing, { code: "refused" });
  await stage.clock.advance(1_000);
  await failing;
  const { sessionKey: _key, ...header } = twenty.header;
  const keyless = { ...twenty, header: { ...header, dialler: {}, listener: {} } };
  t.throws(() => readScript(keyless, "dialler"), { code: "not-playable" });
  const stopping = live.stop({ timeoutMs: 100 });
  await stage.clock.advance(1_000);
  await stopping;
});
