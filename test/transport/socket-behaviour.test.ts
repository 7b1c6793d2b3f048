import { createHash } from "node:crypto";
import test, { type ExecutionContext } from "ava";
import { formatAddress, type Socket, seededRandom, TransportError } from "../../src/transport/index.ts";
import { bytesOf, connectPair, type Ground, memoryGround, Probe, rejection, tcpGround } from "./probe.ts";

/** Behaviour that holds alike over the operating system's TCP and in memory. */
const behaviours: Record<string, (t: ExecutionContext, ground: Ground) => Promise<void>> = {
  "a connection knows both its ends, and each end the other": async (t, ground) => {
    const { near, far, listener } = await connectPair(ground);
    t.deepEqual(near.remoteAddress, { host: ground.serverHost, port: listener.address.port });
    t.is(near.localAddress.host, ground.clientHost);
    t.deepEqual(far.remoteAddress, near.localAddress);
    t.deepEqual(far.localAddress, near.remoteAddress);
    near.reset();
    await listener.close();
  },

  "bytes arrive whole and in order, both ways at once": async (t, ground) => {
    const { near, far, listener } = await connectPair(ground);
    const [atNear, atFar] = [Probe.on(near), Probe.on(far)];
    const random = seededRandom("both ways");
    const sent = [createHash("sha256"), createHash("sha256")];
    for (let i = 0; i < 300; i++) {
      for (const [side, socket] of [near, far].entries()) {
        const chunk = random.bytes(random.int(3000));
        sent[side]!.update(chunk);
        socket.write(chunk);
      }
    }
    void near.close();
    void far.close();
    await ground.until(() => atNear.closings.length + atFar.closings.length === 2);
    t.is(createHash("sha256").update(atFar.bytes).digest("hex"), sent[0]!.digest("hex"));
    t.is(createHash("sha256").update(atNear.bytes).digest("hex"), sent[1]!.digest("hex"));
    await listener.close();
  },

  "chunks are plain Uint8Arrays that the receiver may keep and change": async (t, ground) => {
    const { near, far, listener } = await connectPair(ground);
    const probe = Probe.on(far);
    const written = bytesOf("kept");
    near.write(written);
    await ground.until(() => probe.receivedBytes === 4);
    for (const chunk of probe.chunks) {
      t.is(Object.getPrototypeOf(chunk), Uint8Array.prototype);
      chunk.fill(0);
    }
    t.is(new TextDecoder().decode(written), "kept");
    near.reset();
    await listener.close();
  },

  "a view into a larger buffer is sent without its surroundings": async (t, ground) => {
    const { near, far, listener } = await connectPair(ground);
    const probe = Probe.on(far);
    near.write(bytesOf("xxinnerxx").subarray(2, 7));
    near.write(new Uint8Array(0));
    await ground.until(() => probe.receivedBytes >= 5);
    t.is(probe.text, "inner");
    near.reset();
    await listener.close();
  },

  "what came before anybody attached is kept": async (t, ground) => {
    const { near, far, listener } = await connectPair(ground);
    near.write(bytesOf("early"));
    void near.close();
    await ground.pass(20);
    const probe = Probe.on(far);
    t.deepEqual(probe.story, []);
    await ground.until(() => probe.story.includes("end"));
    t.is(probe.text, "early");
    far.reset();
    await listener.close();
  },

  "new handlers take over from the old ones": async (t, ground) => {
    const { near, far, listener } = await connectPair(ground);
    const first = Probe.on(far);
    near.write(bytesOf("one"));
    await ground.until(() => first.receivedBytes === 3);
    const second = Probe.on(far);
    near.write(bytesOf("two"));
    near.reset();
    await ground.until(() => second.closings.length === 1);
    t.deepEqual([first.text, first.closings.length], ["one", 0]);
    await listener.close();
  },

  "after the other side has finished, ours can still write": async (t, ground) => {
    const { near, far, listener } = await connectPair(ground);
    const [atNear, atFar] = [Probe.on(near), Probe.on(far)];
    near.write(bytesOf("question"));
    const nearClosed = near.close();
    await ground.until(() => atFar.story.includes("end"));
    t.is(atFar.text, "question");
    far.write(bytesOf("answer"));
    await ground.until(() => atNear.receivedBytes === 6);
    t.is(atNear.text, "answer");
    t.deepEqual([atNear.closings, atFar.closings], [[], []]);
    void far.close();
    await ground.outcome(nearClosed);
    await ground.until(() => atNear.closings.length + atFar.closings.length === 2);
    t.deepEqual(atNear.story, ["data", "end", "closed"]);
    t.deepEqual(atFar.story, ["data", "end", "closed"]);
    t.deepEqual([...atNear.closings, ...atFar.closings], [undefined, undefined]);
    await listener.close();
  },

  "closing sends all that is queued, however slow the reader": async (t, ground) => {
    const { near, far, listener } = await connectPair(ground);
    Probe.on(near);
    const total = 12 * 1024 * 1024;
    for (let i = 0; i < 12; i++) near.write(new Uint8Array(1024 * 1024).fill(i));
    t.true(near.queuedBytes > 1024 * 1024);
    const closed = near.close();
    await ground.pass(20);
    const atFar = Probe.on(far);
    await ground.until(() => atFar.story.includes("end"));
    t.is(atFar.receivedBytes, total);
    t.is(near.queuedBytes, 0);
    await ground.outcome(far.close());
    await ground.outcome(closed);
    await listener.close();
  },

  "nothing can be written after closing": async (t, ground) => {
    const { near, far, listener } = await connectPair(ground);
    const probe = Probe.on(far);
    near.write(bytesOf("last"));
    void near.close();
    t.false(near.write(bytesOf("too late")));
    await ground.until(() => probe.story.includes("end"));
    t.is(probe.text, "last");
    far.reset();
    t.false(far.write(bytesOf("after reset")));
    await listener.close();
  },

  "a reset ends both sides, with an error only for the one that did not ask": async (t, ground) => {
    const { near, far, listener } = await connectPair(ground);
    const [atNear, atFar] = [Probe.on(near), Probe.on(far)];
    near.reset();
    near.reset();
    t.deepEqual(atNear.story, [], "handlers are never called from within a method");
    await ground.until(() => atNear.closings.length + atFar.closings.length === 2);
    t.deepEqual(atNear.closings, [undefined]);
    const error = atFar.closings[0]!;
    t.true(error instanceof TransportError);
    t.is(error.code, "reset");
    t.is(error.operation, "read");
    const ends = `${formatAddress(far.localAddress)}->${formatAddress(far.remoteAddress)}`;
    t.is(error.message, `read tcp ${ends}: read: connection reset by peer`);
    await ground.outcome(near.close());
    await ground.outcome(far.close());
    await listener.close();
  },

  "a reset right after closing ends both sides, too": async (t, ground) => {
    const { near, far, listener } = await connectPair(ground);
    const [atNear, atFar] = [Probe.on(near), Probe.on(far)];
    near.write(bytesOf("last"));
    void near.close();
    near.reset();
    await ground.until(() => atNear.closings.length + atFar.closings.length === 2);
    t.deepEqual(atNear.closings, [undefined]);
    await listener.close();
  },

  "data that came before a reset can still be read after it": async (t, ground) => {
    const { near, far, listener } = await connectPair(ground);
    near.write(bytesOf("farewell"));
    await ground.pass(5);
    near.reset();
    await ground.pass(20);
    const probe = Probe.on(far);
    await ground.until(() => probe.closings.length === 1);
    t.is(probe.text, "farewell");
    t.deepEqual(probe.story, ["data", "closed"]);
    t.is(probe.closings[0]?.code, "reset");
    await listener.close();
  },

  "a reset comes behind the data that was sent before it": async (t, ground) => {
    const { near, far, listener } = await connectPair(ground);
    const probe = Probe.on(far);
    near.write(bytesOf("farewell"));
    await ground.pass(5);
    near.reset();
    await ground.until(() => probe.closings.length === 1);
    t.deepEqual(probe.story, ["data", "closed"]);
    t.is(probe.closings[0]?.code, "reset");
    await listener.close();
  },

  "who attaches to a connection that is over is told so": async (t, ground) => {
    const { near, listener } = await connectPair(ground);
    near.reset();
    await ground.pass(20);
    const probe = Probe.on(near);
    await ground.until(() => probe.closings.length === 1);
    t.deepEqual(probe.story, ["closed"]);
    await listener.close();
  },

  "a paused reader stalls the writer, and resuming it drains the queue": async (t, ground) => {
    const { near, far, listener } = await connectPair(ground);
    const [atNear, atFar] = [Probe.on(near), Probe.on(far)];
    far.pause();
    const chunk = new Uint8Array(64 * 1024);
    let written = 0;
    // The system takes a few megabytes before it lets anybody feel that the reader has stopped.
    while (written < 64 * 1024 * 1024) {
      written += chunk.length;
      if (near.write(chunk)) continue;
      const drains = atNear.drains;
      await ground.pass(20);
      if (atNear.drains === drains) break;
    }
    t.true(written < 64 * 1024 * 1024);
    t.true(near.queuedBytes > 0);
    t.true(atFar.receivedBytes <= 128 * 1024);
    const drains = atNear.drains;
    far.resume();
    await ground.until(() => atFar.receivedBytes === written);
    t.true(atNear.drains > drains);
    t.is(near.queuedBytes, 0);
    t.true(near.write(bytesOf("x")));
    near.reset();
    await listener.close();
  },

  "a reader that pauses on every chunk gets no more than it asked for": async (t, ground) => {
    const { near, far, listener } = await connectPair(ground);
    const probe = new Probe();
    let reading = true;
    far.attach({
      data: (chunk) => {
        t.true(reading);
        probe.data(chunk);
        reading = false;
        far.pause();
      },
      drain: () => {},
      end: () => {
        t.true(reading);
        probe.end();
      },
      closed: () => {},
    });
    for (let i = 0; i < 10; i++) near.write(new Uint8Array(20_000));
    void near.close();
    for (let turn = 0; turn < 10_000 && !probe.story.includes("end"); turn++) {
      await ground.until(() => !reading || probe.story.includes("end"));
      reading = true;
      far.resume();
    }
    t.is(probe.receivedBytes, 200_000);
    far.reset();
    await listener.close();
  },

  "a handler may reset in the middle of data and hears of no more": async (t, ground) => {
    const { near, far, listener } = await connectPair(ground);
    const probe = new Probe();
    far.attach({
      data: (chunk) => {
        probe.data(chunk);
        far.reset();
      },
      drain: () => probe.drain(),
      end: () => probe.end(),
      closed: (error) => probe.closed(error),
    });
    Probe.on(near);
    for (let i = 0; i < 10; i++) near.write(new Uint8Array(100_000));
    void near.close();
    await ground.until(() => probe.closings.length === 1);
    await ground.pass(20);
    t.is(probe.chunks.length, 1);
    t.deepEqual(probe.story, ["data", "closed"]);
    await listener.close();
  },

  "nobody listening: connection refused, in Go's words": async (t, ground) => {
    const { near, listener } = await connectPair(ground);
    near.reset();
    await listener.close();
    const remote = { host: ground.serverHost, port: listener.address.port };
    const target = formatAddress(remote);
    const bare = await rejection(ground.outcome(ground.client.dial(remote)));
    t.is(bare.code, "refused");
    t.is(bare.target, target);
    t.is(bare.message, `dial tcp :0->${target}: connect: connection refused`);
    const bound = await rejection(
      ground.outcome(ground.client.dial({ ...remote, localHost: ground.clientHost })),
    );
    t.is(bound.message, `dial tcp ${ground.clientHost}:0->${target}: connect: connection refused`);
    const any = await rejection(ground.outcome(ground.client.dial({ ...remote, localHost: "0.0.0.0" })));
    t.is(any.message, `dial tcp 0.0.0.0:0->${target}: connect: connection refused`);
  },

  "a port can be listened on once, and again after it was closed": async (t, ground) => {
    const options = { host: ground.serverHost, port: 0 };
    const first = await ground.server.listen(options, () => {});
    const again = { ...options, port: first.address.port };
    const error = await rejection(ground.server.listen(again, () => {}));
    t.is(error.code, "in-use");
    t.is(error.message, `listen tcp ${formatAddress(again)}: bind: address already in use`);
    await first.close();
    await (await ground.server.listen(again, () => {})).close();
  },

  "an address that is not ours can be neither listened on nor dialled from": async (t, ground) => {
    const listening = await rejection(ground.server.listen({ host: "198.51.100.9", port: 6783 }, () => {}));
    t.is(listening.code, "address-not-available");
    t.is(listening.message, "listen tcp 198.51.100.9:6783: bind: cannot assign requested address");
    const remote = { host: ground.serverHost, port: 6783 };
    const dialling = await rejection(
      ground.outcome(ground.client.dial({ ...remote, localHost: "198.51.100.9" })),
    );
    t.is(dialling.code, "address-not-available");
    t.is(
      dialling.message,
      `dial tcp 198.51.100.9:0->${ground.serverHost}:6783: bind: cannot assign requested address`,
    );
  },

  "dialling across address families fails in Go's words": async (t, ground) => {
    const options = { host: "::1", port: 6783, localHost: ground.clientHost };
    const error = await rejection(ground.outcome(ground.client.dial(options)));
    t.is(error.code, "unreachable");
    t.is(
      error.message,
      `dial tcp ${ground.clientHost}:0->[::1]:6783: connect: address family not supported by protocol`,
    );
  },

  "dialling is given up when its signal says so": async (t, ground) => {
    const remote = { host: ground.serverHost, port: 6783 };
    const error = await rejection(
      ground.outcome(ground.client.dial({ ...remote, signal: AbortSignal.abort() })),
    );
    t.is(error.code, "aborted");
    t.is(error.message, `dial tcp ${formatAddress(remote)}: operation was canceled`);
  },

  "closing a listener leaves its connections alone": async (t, ground) => {
    const { near, far, listener } = await connectPair(ground);
    const probe = Probe.on(far);
    await listener.close();
    near.write(bytesOf("still here"));
    await ground.until(() => probe.receivedBytes === 10);
    t.is(probe.text, "still here");
    near.reset();
  },

  "listening on every address takes both families, and shows IPv4 as IPv4": async (t, ground) => {
    const accepted: Socket[] = [];
    for (const host of ground.ipv6 ? ["", "0.0.0.0", "::"] : ["", "0.0.0.0"]) {
      const listener = await ground.server.listen({ host, port: 0 }, (socket) => accepted.push(socket));
      if (ground.ipv6) t.is(listener.address.host, "::");
      const { port } = listener.address;
      for (const [i, address] of (ground.ipv6 ? ["127.0.0.1", "::1"] : ["127.0.0.1"]).entries()) {
        const near = await ground.outcome(ground.server.dial({ host: address, port }));
        await ground.until(() => accepted.length === i + 1);
        t.is(accepted[i]!.localAddress.host, address);
        t.is(accepted[i]!.remoteAddress.host, address);
        near.reset();
      }
      accepted.length = 0;
      await listener.close();
    }
  },

  "an address resolves to itself as Go would print it": async (t, ground) => {
    t.deepEqual(await ground.client.resolve("10.0.0.7"), ["10.0.0.7"]);
    t.deepEqual(await ground.client.resolve("FD00:0:0::1"), ["fd00::1"]);
    t.deepEqual(await ground.client.resolve("::ffff:10.0.0.7"), ["10.0.0.7"]);
    t.is((await ground.client.resolve("localhost"))[0], "127.0.0.1");
    const error = await rejection(ground.client.resolve("1.2.3"));
    t.is(error.code, "resolve");
    t.is(error.message, "lookup 1.2.3: no such host");
  },

  "a port may be the name of a service": async (t, ground) => {
    t.is(await ground.client.resolvePort("6783"), 6783);
    t.is(await ground.client.resolvePort("HTTP"), 80);
  },
};

for (const [behaviour, run] of Object.entries(behaviours)) {
  test(`tcp: ${behaviour}`, (t) => run(t, tcpGround()));
  test(`memory: ${behaviour}`, (t) => run(t, memoryGround()));
  test(`memory with latency: ${behaviour}`, (t) =>
    run(t, memoryGround({ link: { latencyMs: 3 } }, behaviour)));
}
