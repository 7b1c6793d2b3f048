import test from "ava";
import {
  RecordingProxy,
  type RecordingProxyOptions,
  type SessionHeader,
  type SessionRecord,
} from "../../src/capture/index.ts";
import { sessionSilenceMs } from "../../src/capture/proxied-session.ts";
import { proxyHeaderTimeoutMs } from "../../src/capture/recording-proxy.ts";
import { MemoryNetwork, type Socket, seededRandom, VirtualClock } from "../../src/transport/index.ts";

const header = new TextEncoder().encode("weave\x01\x02");

/** A socket's end, and what it heard. */
class End {
  heard = 0;
  closed = false;
  readonly socket: Socket;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.attach({
      data: (chunk) => {
        this.heard += chunk.length;
      },
      drain() {},
      end() {},
      closed: () => {
        this.closed = true;
      },
    });
  }
}

/** A proxy in front of a peer that only listens. */
class Stage {
  readonly clock = new VirtualClock(1_000_000);
  readonly network = new MemoryNetwork({ clock: this.clock, random: seededRandom("proxy") });
  readonly peers: End[] = [];
  readonly sessions: SessionHeader[] = [];
  readonly records: SessionRecord[] = [];
  readonly errors: Error[] = [];
  proxy: RecordingProxy | undefined;

  async start(options: Partial<RecordingProxyOptions> = {}): Promise<this> {
    await this.network
      .host("10.0.0.2")
      .listen({ host: "10.0.0.2", port: 6783 }, (socket) => void this.peers.push(new End(socket)));
    this.proxy = await RecordingProxy.start({
      transport: this.network.host("10.0.0.9"),
      listen: { host: "10.0.0.9", port: 7000 },
      to: { host: "10.0.0.2", port: 6783 },
      now: () => this.clock.now(),
      clock: this.clock,
      open: (header) => {
        this.sessions.push(header);
        return { record: (record) => void this.records.push(record), closed() {} };
      },
      failed: (error) => void this.errors.push(error),
      ...options,
    });
    return this;
  }

  async dial(host = "10.0.0.8", says?: Uint8Array): Promise<End> {
    const dialling = this.network.host(host).dial({ host: "10.0.0.9", port: 7000 });
    await this.clock.advance(10);
    const end = new End(await dialling);
    if (says !== undefined) end.socket.write(says);
    await this.clock.advance(10);
    return end;
  }
}

test("proxy: a connection without a header is reset after 10 s, and leaves no recording and no dialled peer", async (t) => {
  const stage = await new Stage().start();
  const silent = await stage.dial();
  const slow = await stage.dial("10.0.0.7", header.subarray(0, 6));
  const probe = await stage.dial("10.0.0.6");
  void probe.socket.close();
  await stage.clock.advance(proxyHeaderTimeoutMs - 200);
  t.deepEqual([silent.closed, slow.closed, probe.closed], [false, false, true]);
  await stage.clock.advance(300);
  t.deepEqual([silent.closed, slow.closed], [true, true]);
  t.is(stage.peers.length, 0);
  t.deepEqual(stage.sessions, []);
  t.deepEqual(stage.errors, []);
});

test("proxy: a session on which nobody says anything for three minutes is reset, with a note", async (t) => {
  const stage = await new Stage().start();
  const dialler = await stage.dial("10.0.0.8", header);
  await stage.clock.advance(sessionSilenceMs - 1000);
  stage.peers[0]!.socket.write(header);
  await stage.clock.advance(sessionSilenceMs - 1000);
  t.is(dialler.heard, header.length);
  t.false(dialler.closed);
  await stage.clock.advance(2000);
  t.true(dialler.closed && stage.peers[0]!.closed);
  t.deepEqual(
    stage.records.slice(2).map((record) => ("note" in record ? record.note : "end" in record && record.end)),
    ["neither side said anything for 180 s: the proxy resets the session", "open", "open"],
  );
});

test("proxy: at the limit the oldest silent connection of the busiest address gives way, a session never", async (t) => {
  const stage = await new Stage().start({ connectionLimit: 6 });
  const session = await stage.dial("10.0.0.8", header);
  const flood: End[] = [];
  for (let i = 0; i < 5; i++) flood.push(await stage.dial("10.0.0.66"));
  // Half of the places at most go to one address.
  t.deepEqual(
    flood.map(({ closed }) => closed),
    [true, true, false, false, false],
  );
  const others = [await stage.dial("10.0.0.10", header), await stage.dial("10.0.0.11", header)];
  const newcomer = await stage.dial("10.0.0.12", header);
  t.deepEqual(
    flood.map(({ closed }) => closed),
    [true, true, true, false, false],
  );
  for (const honest of [session, ...others, newcomer]) t.false(honest.closed);
  // When all that are left have spoken, a newcomer is refused.
  for (const silent of flood.slice(3)) silent.socket.write(header);
  await stage.clock.advance(10);
  const late = await stage.dial("10.0.0.13", header);
  t.true(late.closed);
  for (const honest of [session, ...others, newcomer]) t.false(honest.closed);
  t.deepEqual(
    stage.errors.map((error) => [(error as { code?: string }).code, error.message]),
    [["connection-refused", "a connection from 10.0.0.13 was refused: 6 of 6 are open"]],
  );
  session.socket.reset();
  await stage.clock.advance(10);
  t.false((await stage.dial("10.0.0.13", header)).closed, "a place is free again");
});

for (const [title, open] of [
  [
    "cannot be opened",
    () => {
      throw new Error("EMFILE: too many open files");
    },
  ],
  [
    "cannot be written",
    () => ({
      record() {
        throw new Error("EMFILE: too many open files");
      },
      closed() {},
    }),
  ],
] as const) {
  test(`proxy: a recording that ${title} is reported, and its session goes on`, async (t) => {
    const stage = await new Stage().start({ open });
    const dialler = await stage.dial("10.0.0.8", header);
    stage.peers[0]!.socket.write(header);
    dialler.socket.write(new Uint8Array(100));
    await stage.clock.advance(10);
    t.is(dialler.heard, header.length);
    t.is(stage.peers[0]!.heard, header.length + 100);
    t.deepEqual(
      stage.errors.map(({ message }) => message),
      ["EMFILE: too many open files"],
    );
  });
}

test("proxy: a peer that cannot be dialled is reported, and the connection reset", async (t) => {
  const stage = await new Stage().start({ to: { host: "10.0.0.3", port: 1 } });
  const dialler = await stage.dial("10.0.0.8", header);
  await stage.clock.advance(20_000);
  t.true(dialler.closed);
  t.is(stage.errors.length, 1);
  t.deepEqual(stage.sessions, []);
});
