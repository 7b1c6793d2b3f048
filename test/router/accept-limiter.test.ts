import test from "ava";
import { AcceptLimiter, maxQueuedConnections } from "../../src/router/accept-limiter.ts";
import { silentLogger } from "../../src/router/logger.ts";
import { type Socket, VirtualClock } from "../../src/testing.ts";
import { TestMesh } from "./mesh.ts";
import { RawPeer } from "./raw-peer.ts";

/** Sockets that only know where they come from, and whether they were reset. */
class Arrivals {
  readonly clock = new VirtualClock(0);
  readonly warnings: string[] = [];
  readonly admitted: string[] = [];
  readonly reset: string[] = [];
  readonly limiter = new AcceptLimiter(
    this.clock,
    { ...silentLogger, warn: (line) => void this.warnings.push(line) },
    ({ remoteAddress: { host, port } }) => void this.admitted.push(`${host} ${port}`),
  );
  #port = 0;

  add(host: string): string {
    const remoteAddress = { host, port: ++this.#port };
    const name = `${host} ${remoteAddress.port}`;
    this.limiter.add({ remoteAddress, reset: () => void this.reset.push(name) } as unknown as Socket);
    return name;
  }
}

test("accept queue: in a flood from one address a newcomer is admitted next", async (t) => {
  const arrivals = new Arrivals();
  for (let i = 0; i < 1000; i++) arrivals.add("10.0.0.1");
  await arrivals.clock.advance(500);
  const newcomer = arrivals.add("10.0.0.2");
  await arrivals.clock.advance(100);
  t.true(arrivals.admitted.includes(newcomer));
  t.true(arrivals.admitted.length < 40);
});

test("accept queue: connections from one address are admitted in order", async (t) => {
  const arrivals = new Arrivals();
  const all = Array.from({ length: 40 }, () => arrivals.add("10.0.0.1"));
  await arrivals.clock.advance(2_000);
  t.deepEqual(arrivals.admitted, all);
});

test("accept queue: a full queue resets the newest connection of the address that holds most", async (t) => {
  const arrivals = new Arrivals();
  const first = arrivals.add("10.0.0.2"); // admitted at once, as are the first of the flood
  for (let i = 0; i < 100; i++) arrivals.add("10.0.0.3");
  for (let i = 0; i < 2_000 && arrivals.reset.length === 0; i++) arrivals.add("10.0.0.1");
  const [newest] = arrivals.reset;
  t.regex(newest!, /^10\.0\.0\.1 /);
  const honest = arrivals.add("10.0.0.2");
  t.is(arrivals.reset.length, 2);
  t.true(arrivals.reset.every((name) => name.startsWith("10.0.0.1 ")));
  await arrivals.clock.advance(200);
  t.true(arrivals.admitted.includes(first));
  t.true(arrivals.admitted.includes(honest));
});

test("accept queue: a hundred thousand connections leave no more than the limit, and a line a second", async (t) => {
  const arrivals = new Arrivals();
  for (let i = 0; i < 100_000; i++) arrivals.add(`10.0.${i % 7}.1`);
  t.is(100_000 - arrivals.reset.length - arrivals.admitted.length, maxQueuedConnections);
  t.is(arrivals.warnings.length, 1);
  await arrivals.clock.advance(1_000);
  for (let i = 0; i < 1_000; i++) arrivals.add("10.0.0.1");
  t.is(arrivals.warnings.length, 2);
  t.regex(arrivals.warnings[1]!, /^->\[10\.0\..*\] connection refused: the accept queue is full; \d+ others/);
});

test("accept queue: after stop, all connections are reset", async (t) => {
  const arrivals = new Arrivals();
  for (let i = 0; i < 50; i++) arrivals.add("10.0.0.1");
  const admitted = arrivals.admitted.length;
  arrivals.limiter.stop();
  arrivals.add("10.0.0.2");
  await arrivals.clock.advance(10_000);
  t.is(arrivals.admitted.length, admitted);
  t.is(arrivals.reset.length, 51 - admitted);
});

test("accept queue: during a flood from one address a router from another joins within 2 s", async (t) => {
  const mesh = new TestMesh(t.title);
  const a = await mesh.start(1, { password: "secret" });
  const b = await mesh.start(2, { password: "secret" });
  await mesh.clock.advance(2_000);
  const outside = mesh.network.host(RawPeer.ip);
  // Far more than is admitted in a second. The sockets stay silent.
  const flood = async (passes: number): Promise<void> => {
    for (let i = 0; i < passes && !a.events.includes("connectionestablished"); i++) {
      for (let k = 0; k < 60; k++) outside.dial({ host: a.ip, port: 6783 }).catch(() => {});
      await mesh.clock.advance(100);
    }
  };
  await flood(40);
  b.router.connect([a.ip]);
  await flood(20);
  t.true(a.events.includes("connectionestablished"));
});
