import test from "ava";
import { agreed, data, record, TestMesh } from "./mesh.ts";

test("stopping: what waits goes out first, and the neighbours notice at once", async (t) => {
  const mesh = new TestMesh(t.title);
  const [a, b] = [await mesh.start(1), await mesh.start(2)];
  a.router.connect([b.ip]);
  await mesh.untilAgreed(t);
  const [atA, atB] = [record(a, "talk"), record(b, "talk")];
  atA.channel.broadcast(data("last words"));
  const stopped = a.router.stop();
  // The neighbour may have to recalculate its routes before it has done with the broadcast.
  await mesh.clock.advance(150);
  await stopped;
  t.deepEqual(atB.received, [`broadcast ${a.name} last words`]);
  t.deepEqual(
    b.router.peers().map(({ name }) => name),
    [b.name],
  );
  t.true(b.log.some((line) => line.endsWith("connection shutting down due to error: EOF")));
});

test("stopping: a neighbour that does not read is reset when the time is up", async (t) => {
  const mesh = new TestMesh(t.title);
  const [a, b] = [await mesh.start(1), await mesh.start(2)];
  a.router.connect([b.ip]);
  await mesh.untilAgreed(t);
  mesh.network.cut(a.ip, b.ip);
  let done = false;
  void a.router.stop({ timeoutMs: 2_000 }).then(() => {
    done = true;
  });
  await mesh.clock.advance(1_900);
  t.false(done);
  await mesh.clock.advance(200);
  t.true(done);
});

test("stopping: nothing is left behind: no timer, no socket", async (t) => {
  const mesh = new TestMesh(t.title);
  const [a, b, c] = [await mesh.start(1), await mesh.start(2), await mesh.start(3)];
  b.router.connect([a.ip, "10.0.0.77", "nowhere.example"]);
  c.router.connect([a.ip]);
  await mesh.until(t, "all agree", () => agreed([a, b, c]));
  for (const peer of [a, b, c]) await mesh.stop(peer);
  for (const { ip } of [a, b, c]) t.is(mesh.network.traffic(ip).openSockets, 0);
  // The network itself may still be waiting for an address that does not answer.
  await mesh.clock.advance(130_000);
  t.is(mesh.clock.pendingTimers, 0);
});

test("stopping: twice is once, and a stopped router cannot be started", async (t) => {
  const mesh = new TestMesh(t.title);
  const a = await mesh.start(1);
  const stopped = a.router.stop();
  t.is(a.router.stop(), stopped);
  await mesh.clock.advance(10);
  await stopped;
  await t.throwsAsync(a.router.start(), { code: "stopped" });
});

test("stopping: an aborted signal stops the router, even before it has started", async (t) => {
  const mesh = new TestMesh(t.title);
  const controller = new AbortController();
  const a = await mesh.start(1, { signal: controller.signal });
  controller.abort();
  await mesh.clock.advance(10);
  await t.throwsAsync(a.router.start(), { code: "stopped" });
  const b = mesh.make(2, { signal: AbortSignal.abort() });
  await t.throwsAsync(b.router.start(), { code: "stopped" });
});
