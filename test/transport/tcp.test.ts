import { connect } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import test from "ava";
import { type Socket, tcpTransport } from "../../src/transport/index.ts";
import { bytesOf, connectPair, Probe, tcpGround } from "./probe.ts";

test("tcp: what is written in one tick, even across promises, arrives together", async (t) => {
  const ground = tcpGround();
  const { near, far, listener } = await connectPair(ground);
  const probe = Probe.on(far);
  for (let round = 1; round <= 5; round++) {
    for (let i = 0; i < 100; i++) {
      near.write(new Uint8Array(20));
      await null;
    }
    await ground.until(() => probe.receivedBytes === round * 2000);
  }
  t.is(probe.chunks.length, 5);
  near.reset();
  await listener.close();
});

test("tcp: a lone message leaves at the end of its tick", async (t) => {
  const { near, listener } = await connectPair(tcpGround());
  near.write(bytesOf("now"));
  t.is(near.queuedBytes, 3);
  await new Promise<void>((resolve) => process.nextTick(resolve));
  t.is(near.queuedBytes, 0);
  near.reset();
  await listener.close();
});

test("tcp: what is first written on an accepted connection goes out with the answer to what has come already", async (t) => {
  const ground = tcpGround();
  const { near, far, listener } = await connectPair(ground);
  const probe = Probe.on(near);
  near.write(bytesOf("theirs"));
  await ground.pass(20);
  far.attach({
    data: () => far.write(bytesOf(" and the answer")),
    drain() {},
    end() {},
    closed() {},
  });
  far.write(bytesOf("ours"));
  await ground.until(() => probe.text === "ours and the answer");
  t.is(probe.chunks.length, 1);
  near.reset();
  await listener.close();
});

test("tcp: what is first written on an accepted connection does not wait for a side that says nothing", async (t) => {
  const ground = tcpGround();
  const { near, far, listener } = await connectPair(ground);
  const [atNear, atFar] = [Probe.on(near), Probe.on(far)];
  far.write(bytesOf("ours"));
  await turn();
  await turn();
  await turn();
  t.is(far.queuedBytes, 0);
  await ground.until(() => atNear.text === "ours");
  t.is(atFar.receivedBytes, 0);
  near.reset();
  await listener.close();
});

test("tcp: what is first written on an accepted connection goes out before its end", async (t) => {
  const ground = tcpGround();
  const { near, far, listener } = await connectPair(ground);
  const probe = Probe.on(near);
  Probe.on(far);
  far.write(bytesOf("last"));
  const closed = far.close();
  await ground.until(() => probe.story.includes("end"));
  t.is(probe.text, "last");
  await near.close();
  await closed;
  await listener.close();
});

test("tcp: a signal gives up all dials under way, and leaves those that are done alone", async (t) => {
  const ground = tcpGround();
  const controller = new AbortController();
  const { signal } = controller;
  const listener = await tcpTransport.listen({ host: "127.0.0.1", port: 0 }, () => {});
  const done = await tcpTransport.dial({ ...listener.address, signal });
  const probe = Probe.on(done);
  const underWay = [1, 2, 3].map(() =>
    t.throwsAsync(tcpTransport.dial({ ...listener.address, signal }), { code: "aborted" }),
  );
  controller.abort(new Error("enough"));
  await Promise.all(underWay);
  await ground.pass(10);
  t.deepEqual(probe.closings, []);
  done.reset();
  await listener.close();
});

test("tcp: a chunk over the high-water mark is queued and drained", async (t) => {
  const ground = tcpGround();
  const { near, far, listener } = await connectPair(ground);
  const [atNear, atFar] = [Probe.on(near), Probe.on(far)];
  t.false(near.write(new Uint8Array(4 * 1024 * 1024)));
  await ground.until(() => atNear.drains === 1);
  t.true(near.write(new Uint8Array(1000)));
  await ground.until(() => atFar.receivedBytes === 4 * 1024 * 1024 + 1000);
  t.is(atNear.drains, 1);
  near.reset();
  await listener.close();
});

test("tcp: writing to a connection that was reset ends it with an error", async (t) => {
  const ground = tcpGround();
  const { near, far, listener } = await connectPair(ground);
  const probe = Probe.on(near);
  near.pause();
  await turn();
  far.reset();
  await ground.pass(10);
  near.write(bytesOf("hello?"));
  await ground.until(() => probe.closings.length === 1);
  t.regex(
    probe.closings[0]!.message,
    /^(write|read) tcp 127\.\S+->127\.\S+: (write|read): (connection reset by peer|broken pipe)$/,
  );
  await listener.close();
});

test("tcp: a connection that ends before it is accepted harms nobody", async (t) => {
  const accepted: Socket[] = [];
  const listener = await tcpTransport.listen({ host: "127.0.0.1", port: 0 }, (socket) =>
    accepted.push(socket),
  );
  for (let i = 0; i < 5; i++) {
    const client = connect(listener.address.port, "127.0.0.1", () => client.resetAndDestroy());
  }
  await tcpGround().pass(30);
  for (const socket of accepted) {
    t.is(socket.remoteAddress.host, "127.0.0.1");
    const probe = Probe.on(socket);
    await tcpGround().until(() => probe.closings.length === 1);
  }
  const before = accepted.length;
  const client = await tcpTransport.dial({ host: "127.0.0.1", port: listener.address.port });
  await tcpGround().until(() => accepted.length > before);
  t.is(client.remoteAddress.port, listener.address.port);
  client.reset();
  await listener.close();
});

test("tcp: the host to listen on and the one to dial from may be names", async (t) => {
  const ground = tcpGround();
  const accepted: Socket[] = [];
  const listener = await tcpTransport.listen({ host: "localhost", port: 0 }, (socket) =>
    accepted.push(socket),
  );
  t.is(listener.address.host, "127.0.0.1");
  const near = await tcpTransport.dial({
    host: "127.0.0.1",
    port: listener.address.port,
    localHost: "localhost",
  });
  await ground.until(() => accepted.length === 1);
  near.reset();
  await listener.close();
});
