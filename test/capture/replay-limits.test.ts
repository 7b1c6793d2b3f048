import { join } from "node:path";
import test from "ava";
import {
  makeSessionHeader,
  type ReplayOptions,
  type ReplayReport,
  readScript,
  replaySession,
  ScriptReader,
} from "../../src/capture/index.ts";
import { replayGraceMs, replayHandshakeTimeoutMs, replayHeaderTimeoutMs } from "../../src/capture/replay.ts";
import { maxDepartures, ReplayComparison } from "../../src/capture/replay-report.ts";
import { maxScriptBytes } from "../../src/capture/replay-script.ts";
import { PeerName } from "../../src/peer-name.ts";
import { MemoryNetwork, type Socket, seededRandom, VirtualClock } from "../../src/transport/index.ts";
import { encodeBroadcast, encodeGossip, Handshake, type Session, Tag } from "../../src/wire/index.ts";
import { libraryFolder, readSession } from "./library.ts";

const script = readScript(readSession(join(libraryFolder, "two-v2-plain.session.jsonl")), "dialler");

/** A peer that behaves as a test says, and a replay against it. */
class Stage {
  readonly clock = new VirtualClock(1_000_000);
  readonly random = seededRandom("replay");
  readonly network = new MemoryNetwork({ clock: this.clock, random: this.random });
  outcome: ReplayReport | Error | undefined;

  /** `answer` takes what the replay sends; it may write. */
  async start(
    answer: (socket: Socket, chunk: Uint8Array) => void,
    options: Partial<ReplayOptions> = {},
  ): Promise<this> {
    await this.network.host("10.0.0.2").listen({ host: "10.0.0.2", port: 6783 }, (socket) => {
      socket.attach({ data: (chunk) => answer(socket, chunk), drain() {}, end() {}, closed() {} });
    });
    const dialling = this.network.host("10.0.0.1").dial({ host: "10.0.0.2", port: 6783 });
    await this.clock.advance(10);
    const socket = await dialling;
    const { clock, random } = this;
    replaySession({ script, socket, outbound: true, clock, random, fast: true, ...options }).then(
      (report) => {
        this.outcome = report;
      },
      (error: Error) => {
        this.outcome = error;
      },
    );
    return this;
  }
}

/** A live peer that shakes hands, and then does what it is told. */
function peer(then: (socket: Socket, session: Session) => void, nickname = "live") {
  const features = new Map(script.otherFeatures).set("NickName", nickname);
  const handshake = new Handshake({
    minVersion: 1,
    maxVersion: 2,
    features,
    outbound: false,
    randomBytes: (length) => new Uint8Array(length),
  });
  let session: Session | undefined;
  let started = false;
  return (socket: Socket, chunk: Uint8Array) => {
    if (!started) socket.write(handshake.start());
    started = true;
    if (session !== undefined) return;
    const result = handshake.push(chunk);
    for (const bytes of result.write) socket.write(bytes);
    session = result.session;
    if (session !== undefined) then(socket, session);
  };
}

test("replay: a peer that says nothing is given 10 s for its header, and 60 s for the rest", async (t) => {
  const silent = await new Stage().start(() => {});
  await silent.clock.advance(replayHeaderTimeoutMs - 100);
  t.is(silent.outcome, undefined);
  await silent.clock.advance(200);
  t.like(silent.outcome, { code: "refused", message: "the live peer sent no header within 10 s" });
  let spoken = false;
  const slow = await new Stage().start((socket) => {
    if (!spoken) socket.write(new TextEncoder().encode("weave\x01\x02"));
    spoken = true;
  });
  await slow.clock.advance(replayHandshakeTimeoutMs - 100);
  t.is(slow.outcome, undefined);
  await slow.clock.advance(200);
  t.like(slow.outcome, { code: "refused", message: "the handshake took longer than 60 s" });
});

/** The time of the record's last message. */
function lastAt(): number {
  return Math.max(script.messages.at(-1)!.at, script.answers.at(-1)!.at);
}

test("replay: a conversation that takes longer than it may ends with a report that says so", async (t) => {
  const stage = await new Stage().start(
    peer(() => {}),
    { timeoutMs: 30_000, holdMs: 2_000_000 },
  );
  await stage.clock.advance(29_000);
  t.is(stage.outcome, undefined);
  await stage.clock.advance(1_100);
  const report = stage.outcome as ReplayReport;
  t.is(report.endedBy, "the replay took longer than 30 s");
  t.is(report.departures.at(-1)?.kind, "end");
});

test("replay: a peer that does not read is given up after the record's time, the hold and a minute", async (t) => {
  const bytes = new Uint8Array(9 * 1024 * 1024);
  bytes[0] = Tag.gossip;
  const large = Array.from({ length: 20 }, (_, index) => ({ number: index + 1, at: 0, bytes }));
  const stage = await new Stage().start(
    peer((socket) => socket.pause()),
    { script: { ...script, messages: large } },
  );
  await stage.clock.advance(replayGraceMs + lastAt() + 2000 + 100);
  const report = stage.outcome as ReplayReport;
  t.regex(report.endedBy!, /^the replay took longer than \d+ s$/);
  t.true(report.played < 20);
});

test("replay: a flood of answers is counted and compared, and none is kept", async (t) => {
  const payload = new Uint8Array(1024 * 1024).fill(7);
  const name = PeerName.fromUint(2);
  let sent = 0;
  const stage = await new Stage().start(
    peer((socket, session) => {
      const send = () => {
        if (sent >= 1100) return;
        for (let i = 0; i < 100; i++) {
          sent++;
          const large = sent % 100 === 0;
          socket.write(
            session.outgoing.encode(
              Tag.gossip,
              encodeGossip("flood", name, large ? payload : payload.subarray(0, 9)),
            ),
          );
        }
        stage.clock.setTimeout(send, 10);
      };
      send();
    }),
  );
  await stage.clock.advance(3000);
  const report = stage.outcome as ReplayReport;
  t.is(report.answers, 1100);
  t.is(report.departures.length, maxDepartures);
  t.true(report.leftOut > 100);
  t.true(JSON.stringify(report).length < 500_000);
});

test("replay: texts of the live side are escaped and cut", async (t) => {
  const hostile = `\x1b[2J\r\nlog line\u202e${"n".repeat(5000)}`;
  const stage = await new Stage().start(
    peer((socket, session) => {
      const gossip = encodeBroadcast(hostile, PeerName.fromUint(9), new TextEncoder().encode(hostile));
      socket.write(session.outgoing.encode(Tag.broadcast, gossip));
    }, hostile),
  );
  await stage.clock.advance(3000);
  const report = stage.outcome as ReplayReport;
  const extra = report.departures.find(({ kind }) => kind === "extra");
  t.regex(extra!.text, /^broadcast on \\x1b\[2J\\r\\nlog line\\u202en+\.\.\./);
  t.true(extra!.text.length < 1000);
  t.true(Buffer.byteLength(report.remoteNickName) <= 1100);
});

test("replay: messages of one meaning are matched one by one, and the last ones are missing", (t) => {
  const message = (number: number) => ({
    number,
    at: 0,
    bytes: Buffer.concat([
      Uint8Array.of(Tag.broadcast),
      encodeBroadcast("news", PeerName.fromUint(1), Uint8Array.of(1)),
    ]),
  });
  const comparison = new ReplayComparison("mac", [message(1), message(2), message(3)]);
  comparison.add(message(1).bytes);
  comparison.add(message(1).bytes);
  const features = new Map();
  const outcome = {
    recordedFeatures: features,
    liveFeatures: features,
    played: 0,
    of: 0,
    endedBy: undefined,
  };
  const report = comparison.report({ ...outcome, protocol: 2 });
  t.is(report.matched, 2);
  t.deepEqual(
    report.departures.map(({ kind, number }) => [kind, number]),
    [["missing", 3]],
  );
});

test("replay: a record whose messages take more than 256 MiB is not played", (t) => {
  const header = makeSessionHeader({ layer: "plain", startedAt: 0, dialler: {}, listener: {} });
  const reader = new ScriptReader(header, "dialler");
  const bytes = new Uint8Array(10 * 1024 * 1024);
  const error = t.throws(() => {
    for (let i = 0; i * bytes.length <= maxScriptBytes; i++)
      reader.push({ at: i, from: "dialler", part: "message", bytes });
  });
  t.like(error, { code: "not-playable", message: `its messages take more than ${maxScriptBytes} bytes` });
});
