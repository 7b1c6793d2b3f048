import test from "ava";
import { MemoryNetwork, type Socket, seededRandom, VirtualClock } from "../../src/transport/index.ts";
import { bytesOf, connectPair, type MemoryGround, memoryGround, Probe, rejection } from "./probe.ts";

const [a, b] = ["10.0.0.1", "10.0.0.2"];

/** When each chunk came, in milliseconds since the start. */
function arrivals(ground: MemoryGround, socket: Socket): [ms: number, bytes: number][] {
  const times: [number, number][] = [];
  socket.attach({
    data: (chunk) => {
      const last = times.at(-1);
      if (last?.[0] === ground.clock.now()) last[1] += chunk.length;
      else times.push([ground.clock.now(), chunk.length]);
    },
    drain: () => {},
    end: () => times.push([ground.clock.now(), -1]),
    closed: () => {},
  });
  return times;
}

test("memory network: dialling takes a round trip, and accepting the third passage", async (t) => {
  const ground = memoryGround();
  ground.network.link(a, b, { latencyMs: 30 }, { latencyMs: 50 });
  let acceptedAt = 0;
  await ground.server.listen({ host: "", port: 6783 }, () => {
    acceptedAt = ground.clock.now();
  });
  let connectedAt = 0;
  void ground.client.dial({ host: b, port: 6783 }).then(() => {
    connectedAt = ground.clock.now();
  });
  await ground.clock.advance(1000);
  t.deepEqual([connectedAt, acceptedAt], [80, 110]);
  void rejection(ground.client.dial({ host: b, port: 1 })).then(() => {
    connectedAt = ground.clock.now();
  });
  await ground.clock.advance(1000);
  t.is(connectedAt, 1080, "a refusal takes a round trip, too");
});

test("memory network: each direction has its own latency", async (t) => {
  const ground = memoryGround();
  ground.network.link(a, b, { latencyMs: 30 }, { latencyMs: 50 });
  const { near, far } = await connectPair(ground);
  const start = ground.clock.now();
  const [atNear, atFar] = [arrivals(ground, near), arrivals(ground, far)];
  near.write(bytesOf("there"));
  far.write(bytesOf("back"));
  await ground.pass(100);
  t.deepEqual(atFar, [[start + 30, 5]]);
  t.deepEqual(atNear, [[start + 50, 4]]);
});

test("memory network: bandwidth is shared by the connections of a direction, and bytes trickle in", async (t) => {
  const ground = memoryGround({ link: { bytesPerSecond: 16 * 1024 * 10 } });
  const [first, second] = [await connectPair(ground), await connectPair(ground)];
  const start = ground.clock.now();
  const [atFirst, atSecond] = [arrivals(ground, first.far), arrivals(ground, second.far)];
  first.near.write(new Uint8Array(32 * 1024));
  second.near.write(new Uint8Array(16 * 1024));
  await ground.pass(1000);
  t.deepEqual(atFirst, [
    [start + 100, 16 * 1024],
    [start + 200, 16 * 1024],
  ]);
  t.deepEqual(atSecond, [[start + 300, 16 * 1024]]);
});

test("memory network: the pieces that are sent and read can be larger", async (t) => {
  const size = 100 * 1024;
  const ground = memoryGround({
    link: { bytesPerSecond: size },
    segmentBytes: size,
    readBytes: size,
    splitChunks: false,
  });
  const { near, far } = await connectPair(ground);
  const sizes: number[] = [];
  far.attach({ data: (chunk) => sizes.push(chunk.length), drain: () => {}, end: () => {}, closed: () => {} });
  near.write(new Uint8Array(size));
  await ground.pass(999);
  t.deepEqual(sizes, []);
  await ground.pass(2);
  t.deepEqual(sizes, [size]);
});

test("memory network: a receiver owns what it gets, in memory that the network was told to use", async (t) => {
  const ground = memoryGround({ allocate: (length) => new Uint8Array(new SharedArrayBuffer(length)) });
  const { near, far } = await connectPair(ground);
  const received: Uint8Array[] = [];
  far.attach({ data: (chunk) => received.push(chunk), drain: () => {}, end: () => {}, closed: () => {} });
  const sent = bytesOf("mine");
  near.write(sent);
  await ground.pass(100);
  t.is(Buffer.concat(received).toString(), "mine");
  t.true(received.every((chunk) => chunk.buffer instanceof SharedArrayBuffer));
  for (const chunk of received) chunk.fill(0);
  t.deepEqual(sent, bytesOf("mine"));
});

test("memory network: all that a host sends shares its line, whoever it goes to, before each link's own", async (t) => {
  const ground = memoryGround({ hostBytesPerSecond: 16 * 1024 * 10, link: { latencyMs: 5 } });
  const [first, second] = [await connectPair(ground), await connectPair(ground)];
  ground.network.link(a, b, { bytesPerSecond: 16 * 1024 * 5 }, {});
  const start = ground.clock.now();
  const [atFirst, atBack] = [arrivals(ground, first.far), arrivals(ground, second.near)];
  first.near.write(new Uint8Array(32 * 1024));
  second.far.write(new Uint8Array(16 * 1024));
  await ground.pass(1000);
  t.deepEqual(atFirst, [
    [start + 305, 16 * 1024],
    [start + 505, 16 * 1024],
  ]);
  t.deepEqual(atBack, [[start + 105, 16 * 1024]], "the other host has a line of its own");
  t.throws(() => memoryGround({ hostBytesPerSecond: 0 }).network.host(a), { instanceOf: RangeError });
});

test("memory network: a reader that stops leaves the rest with the writer, beyond the window", async (t) => {
  const ground = memoryGround({ windowBytes: 10_000, highWaterMarkBytes: 5000, link: { latencyMs: 10 } });
  const { near, far } = await connectPair(ground);
  const [atNear, atFar] = [Probe.on(near), Probe.on(far)];
  far.pause();
  t.true(near.write(new Uint8Array(10_000)));
  t.is(near.queuedBytes, 0);
  t.true(near.write(new Uint8Array(4999)));
  t.false(near.write(new Uint8Array(1)));
  t.is(near.queuedBytes, 5000);
  await ground.pass(60_000);
  t.deepEqual([atFar.receivedBytes, atNear.drains, near.queuedBytes], [0, 0, 5000]);
  far.resume();
  await ground.pass(25);
  t.deepEqual([atFar.receivedBytes, atNear.drains, near.queuedBytes], [15_000, 1, 0]);
});

test("memory network: a cut stalls connections without a word, and healing loses nothing", async (t) => {
  const ground = memoryGround({ link: { latencyMs: 10 } });
  const { near, far } = await connectPair(ground);
  const probe = Probe.on(far);
  Probe.on(near);
  near.write(bytesOf("one "));
  await ground.pass(20);
  ground.network.cut(a, b);
  near.write(bytesOf("two "));
  await ground.pass(40_000);
  near.write(bytesOf("three"));
  void near.close();
  await ground.pass(40_000);
  t.is(probe.text, "one ");
  t.deepEqual(probe.story, ["data"]);
  ground.network.heal(a, b);
  await ground.pass(9);
  t.is(probe.text, "one ");
  await ground.pass(1);
  t.is(probe.text, "one two three");
  t.deepEqual(probe.story, ["data", "end"]);
});

test("memory network: one host can be cut off from all others", async (t) => {
  const ground = memoryGround();
  const { near, far } = await connectPair(ground);
  const third = ground.network.host("10.0.0.3");
  await third.listen({ host: "", port: 6783 }, () => {});
  const probe = Probe.on(far);
  ground.network.cut(b);
  near.write(bytesOf("lost?"));
  const other = await ground.outcome(ground.client.dial({ host: "10.0.0.3", port: 6783 }));
  t.is(other.remoteAddress.host, "10.0.0.3");
  t.is(probe.receivedBytes, 0);
  ground.network.heal(b);
  await ground.pass(1);
  t.is(probe.text, "lost?");
});

test("memory network: dialling into a cut waits for it to heal", async (t) => {
  const ground = memoryGround();
  await ground.server.listen({ host: "", port: 6783 }, () => {});
  ground.network.cut(a, b);
  let connected = false;
  void ground.client.dial({ host: b, port: 6783 }).then(() => {
    connected = true;
  });
  await ground.pass(60_000);
  t.false(connected);
  ground.network.heal(a, b);
  await ground.pass(1);
  t.true(connected);
});

test("memory network: dialling into a cut gives up after Linux's two minutes, or when it is told to", async (t) => {
  const ground = memoryGround();
  await ground.server.listen({ host: "", port: 6783 }, () => t.fail());
  ground.network.cut(a, b);
  const giveUp = new AbortController();
  const patient = rejection(ground.client.dial({ host: b, port: 6783 }));
  const hasty = rejection(ground.client.dial({ host: b, port: 6783, signal: giveUp.signal }));
  await ground.pass(1000);
  giveUp.abort(new Error("enough"));
  const aborted = await hasty;
  t.is(aborted.code, "aborted");
  t.is((aborted.cause as Error).message, "enough");
  const error = await ground.outcome(patient);
  t.is(ground.clock.now(), 127_000);
  t.is(error.code, "timeout");
  t.is(error.message, `dial tcp :0->${b}:6783: connect: connection timed out`);
  ground.network.heal(a, b);
  await ground.pass(1000);
  t.is(ground.clock.pendingTimers, 0);
});

test("memory network: a reset during a cut is found out when the other side next writes", async (t) => {
  const ground = memoryGround({ link: { latencyMs: 10 } });
  const { near, far } = await connectPair(ground);
  const probe = Probe.on(far);
  ground.network.cut(a, b);
  near.reset();
  await ground.pass(1000);
  ground.network.heal(a, b);
  await ground.pass(60_000);
  t.deepEqual(probe.story, []);
  far.write(bytesOf("still there?"));
  await ground.pass(19);
  t.deepEqual(probe.story, []);
  await ground.pass(1);
  t.is(probe.closings[0]?.code, "reset");
});

test("memory network: connections between two hosts, or all of one, can be reset on both sides", async (t) => {
  const ground = memoryGround();
  const third = { ...ground, server: ground.network.host("10.0.0.3"), serverHost: "10.0.0.3" };
  const [withB, withThird] = [await connectPair(ground), await connectPair(third)];
  const probes = [withB.near, withB.far, withThird.near, withThird.far].map((socket) => Probe.on(socket));
  ground.network.reset(a, b);
  await ground.pass(1);
  t.deepEqual(
    probes.map(({ closings }) => closings[0]?.code),
    ["reset", "reset", undefined, undefined],
  );
  ground.network.reset("10.0.0.3");
  await ground.pass(1);
  t.deepEqual(
    probes.map(({ closings }) => closings[0]?.code),
    ["reset", "reset", "reset", "reset"],
  );
});

test("memory network: a crash silences a host, resets its connections and frees its ports", async (t) => {
  const ground = memoryGround();
  const { near, far, listener } = await connectPair(ground);
  const [atNear, atFar] = [Probe.on(near), Probe.on(far)];
  ground.network.crash(b);
  await ground.pass(10);
  t.is(atNear.closings[0]?.code, "reset");
  t.deepEqual(atFar.story, []);
  const { port } = listener.address;
  t.is((await rejection(ground.outcome(ground.client.dial({ host: b, port })))).code, "refused");
  t.is((await rejection(ground.server.dial({ host: a, port }))).code, "unreachable");
  t.is((await rejection(ground.server.listen({ host: "", port }, () => {}))).code, "unreachable");
  const restarted = ground.network.host(b);
  await restarted.listen({ host: "", port }, () => {});
  t.is((await ground.outcome(ground.client.dial({ host: b, port }))).remoteAddress.port, port);
});

test("memory network: hosts have their own loopback, several addresses, and names that can change", async (t) => {
  const ground = memoryGround();
  const { network } = ground;
  const host = network.host(b, "FD00::2");
  await host.listen({ host: "", port: 6783 }, () => {});
  await host.listen({ host: "127.0.0.1", port: 1 }, () => {});
  const local = await ground.outcome(host.dial({ host: "127.0.0.1", port: 1 }));
  t.is(local.localAddress.host, "127.0.0.1");
  t.is((await rejection(ground.outcome(ground.client.dial({ host: "127.0.0.1", port: 1 })))).code, "refused");
  t.is((await rejection(ground.client.dial({ host: "fd00::2", port: 6783 }))).code, "unreachable");
  network.host(a, "fd00::1");
  const six = await ground.outcome(ground.client.dial({ host: "fd00::2", port: 6783 }));
  t.is(six.localAddress.host, "fd00::1");

  network.setName("peer", "fd00::2", b);
  t.deepEqual(await ground.client.resolve("peer"), [b, "fd00::2"]);
  network.setName("peer", "10.0.0.9");
  t.deepEqual(await ground.client.resolve("peer"), ["10.0.0.9"]);
  network.setName("peer");
  t.is((await rejection(ground.client.resolve("peer"))).message, "lookup peer: no such host");
});

test("memory network: an address that no host has cannot be reached", async (t) => {
  const ground = memoryGround();
  const error = await rejection(ground.client.dial({ host: "10.9.9.9", port: 6783 }));
  t.is(error.code, "unreachable");
  t.is(error.message, "dial tcp :0->10.9.9.9:6783: connect: no route to host");
});

test("memory network: a wildcard and an address of the same port exclude each other, two addresses do not", async (t) => {
  const host = memoryGround().network.host("10.0.0.1", "10.0.1.1");
  await host.listen({ host: "10.0.0.1", port: 6783 }, () => {});
  await host.listen({ host: "10.0.1.1", port: 6783 }, () => {});
  t.is((await rejection(host.listen({ host: "0.0.0.0", port: 6783 }, () => {}))).code, "in-use");
});

test("memory network: received bytes are cut at every kind of boundary", async (t) => {
  const ground = memoryGround();
  const { near, far } = await connectPair(ground);
  const probe = Probe.on(far);
  for (let i = 0; i < 200; i++) {
    near.write(new Uint8Array(50));
    near.write(new Uint8Array(50));
    await ground.pass(1);
  }
  t.is(probe.receivedBytes, 20_000);
  const lengths = new Set(probe.chunks.map(({ length }) => length));
  t.true(lengths.has(1) && lengths.has(100));
  t.true(lengths.size > 30);
});

test("memory network: without splitting, chunks come as they were written", async (t) => {
  const ground = memoryGround({ splitChunks: false });
  const { near, far } = await connectPair(ground);
  const probe = Probe.on(far);
  for (const size of [1, 200, 3, 4000]) near.write(new Uint8Array(size));
  await ground.pass(1);
  t.deepEqual(
    probe.chunks.map(({ length }) => length),
    [1, 200, 3, 4000],
  );
});

test("memory network: the same seed gives the same run, to the byte and the millisecond", async (t) => {
  const run = async (seed: number): Promise<string> => {
    const clock = new VirtualClock();
    const random = seededRandom(seed);
    const network = new MemoryNetwork({ clock, random, link: { latencyMs: 7, bytesPerSecond: 100_000 } });
    const record: string[] = [];
    const hosts = [1, 2, 3, 4].map((i) => `10.0.0.${i}`);
    const chat = (socket: Socket): void => {
      socket.attach({
        data: (chunk) => {
          record.push(
            `${clock.now()} ${socket.localAddress.host}:${socket.localAddress.port} ${chunk.length}`,
          );
          if (record.length < 2000) socket.write(random.bytes(random.int(300)));
        },
        drain: () => {},
        end: () => {},
        closed: () => {},
      });
    };
    for (const host of hosts) await network.host(host).listen({ host: "", port: 6783 }, chat);
    for (const from of hosts) {
      for (const to of hosts) {
        void network
          .host(from)
          .dial({ host: to, port: 6783 })
          .then((socket) => {
            chat(socket);
            socket.write(random.bytes(100));
          });
      }
    }
    await clock.advance(2000);
    return record.join("\n");
  };
  const [first, again, other] = [await run(1), await run(1), await run(2)];
  t.is(first, again);
  t.not(first, other);
  t.true(first.split("\n").length > 500);
});

test("memory network: counts what a host sends and receives, and forgets what is over", async (t) => {
  const ground = memoryGround();
  const { near, far } = await connectPair(ground);
  Probe.on(near);
  Probe.on(far);
  near.write(new Uint8Array(1000));
  far.write(new Uint8Array(10));
  await ground.pass(1);
  t.deepEqual(ground.network.traffic(a), { sentBytes: 1000, receivedBytes: 10, openSockets: 1 });
  void near.close();
  void far.close();
  await ground.pass(10);
  t.deepEqual(ground.network.traffic(b), { sentBytes: 10, receivedBytes: 1000, openSockets: 0 });
  t.is(ground.clock.pendingTimers, 0);
});

test("memory network: a host that is not named by an IP address is refused at once", (t) => {
  const { network } = memoryGround();
  t.throws(() => network.host("peer"), { instanceOf: RangeError });
  t.throws(() => network.link(a, b, { latencyMs: -1 }), { instanceOf: RangeError });
  t.throws(() => network.link(a, b, { bytesPerSecond: 0 }), { instanceOf: RangeError });
});
