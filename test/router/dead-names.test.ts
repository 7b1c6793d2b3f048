import { readFile } from "node:fs/promises";
import test from "ava";
import { PeerName, Router } from "../../src/index.ts";
import { tcpTransport } from "../../src/transport/index.ts";
import { NameServer } from "../transport/names/name-server.ts";
import { TestMesh } from "./mesh.ts";

const deadNames = Array.from({ length: 50 }, (_, i) => `dead${i}.example`);

test("dead names: the lookups of a router end when it stops", async (t) => {
  const mesh = new TestMesh(t.title);
  const signals: AbortSignal[] = [];
  const transport = {
    ...mesh.network.host("10.0.0.1"),
    resolve: (_: string, options: { signal?: AbortSignal } = {}) => {
      signals.push(options.signal!);
      return new Promise<string[]>(() => {});
    },
  };
  const a = await mesh.start(1, { transport, peerDiscovery: false });
  const b = await mesh.start(2, { peerDiscovery: false });
  a.router.connect(deadNames);
  await mesh.clock.advance(10);
  t.is(signals.length, 50);
  b.router.connect([a.ip]);
  await mesh.untilAgreed(t, [a, b], 2_000);
  t.false(signals.some(({ aborted }) => aborted));
  await mesh.stop(a);
  t.true(signals.every(({ aborted }) => aborted));
});

test("dead names: fifty of them delay neither a good one, nor file access, nor the end", async (t) => {
  const server = await NameServer.start((name) => (name === "good.example" ? ["127.0.0.1"] : "silence"));
  t.teardown(() => server.stop());
  const names = server.lookup();
  const log: string[] = [];
  const write = (line: string): void => void log.push(line);
  const logger = { debug: write, info: write, warn: write, error: write };
  const transport = { ...tcpTransport, resolve: names.resolve.bind(names) };
  const common = { host: "127.0.0.1", port: 0, transport, peerDiscovery: false };
  const good = new Router({ ...common, name: PeerName.parse("::2") });
  const router = new Router({ ...common, name: PeerName.parse("::1"), logger });
  await good.start();
  await router.start();
  router.connect([...deadNames, `good.example:${good.address.port}`]);
  await new Promise<void>((resolve) => router.addEventListener("connectionestablished", () => resolve()));
  await readFile(new URL(import.meta.url));
  t.false(log.some((line) => line.includes("error during connection attempt")));
  t.is(server.asked.size, deadNames.length + 1);
  const started = performance.now();
  await router.stop();
  t.true(performance.now() - started < 5_000);
  t.false(log.some((line) => line.includes("lookup dead")));
  await good.stop();
});
