import test from "ava";
import { lookupDeadlineMs, maxAddressesPerFamily } from "../../../src/transport/names/host-lookup.ts";
import { NameServer, type ServerAnswer } from "./name-server.ts";

async function serve(answers: Record<string, ServerAnswer>): Promise<NameServer> {
  return await NameServer.start((name) => answers[name] ?? []);
}

test("name server: addresses and the lack of them come from a real server, through the search list", async (t) => {
  const server = await serve({ "seed.a.example": ["10.0.0.2", "10.0.0.1"] });
  t.teardown(() => server.stop());
  const names = server.lookup("search a.example");
  t.deepEqual(await names.resolve("seed"), ["10.0.0.2", "10.0.0.1"]);
  await t.throwsAsync(names.resolve("nowhere.b.example"), {
    code: "resolve",
    message: "lookup nowhere.b.example: no such host",
  });
  t.deepEqual([...server.asked], ["seed.a.example", "nowhere.b.example", "nowhere.b.example.a.example"]);
});

test("name server: lookups at a silent server are given up at once by a signal", async (t) => {
  const server = await NameServer.start(() => "silence");
  t.teardown(() => server.stop());
  const names = server.lookup();
  const controller = new AbortController();
  const lookups = Array.from({ length: 50 }, (_, i) =>
    names.resolve(`dead${i}.example`, { signal: controller.signal }).catch(({ code }) => code),
  );
  const started = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 50));
  controller.abort();
  t.deepEqual(new Set(await Promise.all(lookups)), new Set(["aborted"]));
  t.true(performance.now() - started < lookupDeadlineMs / 2);
});

test("name server: a full datagram of addresses gives the first ones", async (t) => {
  const server = await serve({
    "huge.example": Array.from({ length: 4_000 }, (_, i) => `10.1.${i >> 8}.${i & 255}`),
  });
  t.teardown(() => server.stop());
  const addresses = await server.lookup().resolve("huge.example");
  t.is(addresses.length, maxAddressesPerFamily);
  t.is(addresses[0], "10.1.0.0");
});

test("name server: bytes that are no answer end a lookup within its deadline", async (t) => {
  const server = await serve({ "bad.example": new Uint8Array(60_000).fill(0xc0) });
  t.teardown(() => server.stop());
  const started = performance.now();
  await t.throwsAsync(server.lookup("options timeout:1 attempts:1").resolve("bad.example"), {
    code: "resolve",
    message: /^lookup bad\.example: (i\/o timeout|Temporary failure in name resolution)$/,
  });
  t.true(performance.now() - started < lookupDeadlineMs + 1_000);
});
