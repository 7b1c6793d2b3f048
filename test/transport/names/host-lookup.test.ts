import test from "ava";
import {
  lookupDeadlineMs,
  maxAddressesPerFamily,
  otherFamilyMs,
} from "../../../src/transport/names/host-lookup.ts";
import { parseHosts } from "../../../src/transport/names/hosts-file.ts";
import { parseResolvConf } from "../../../src/transport/names/resolver-configuration.ts";
import { oneAtATime } from "../../../src/transport/names/system-lookup.ts";
import { VirtualNames } from "./virtual-names.ts";

test("host lookup: both families are asked for, IPv4 comes first, nothing comes twice", async (t) => {
  const names = new VirtualNames();
  names.answers.set("A seed.example", ["10.0.0.2", "10.0.0.1", "10.0.0.2"]);
  names.answers.set("AAAA seed.example", ["FD00:0::1", "::ffff:10.0.0.3"]);
  t.deepEqual(await names.result("SEED.example"), {
    result: ["10.0.0.2", "10.0.0.1", "10.0.0.3", "fd00::1"],
    atMs: 0,
  });
  t.deepEqual(names.asked, ["A seed.example", "AAAA seed.example"]);
  t.is(names.cancelled, 1);
  t.is(names.clock.pendingTimers, 0);
});

test("host lookup: an IP address is never looked up, nor is a text of digits and dots", async (t) => {
  const names = new VirtualNames();
  t.deepEqual((await names.result("10.0.0.1")).result, ["10.0.0.1"]);
  t.deepEqual((await names.result("FD00::0:1")).result, ["fd00::1"]);
  t.is((await names.result("1.2.3")).result, "lookup 1.2.3: no such host");
  t.deepEqual(names.asked, []);
});

test("host lookup: the hosts file wins, with any case and a trailing dot", async (t) => {
  const names = new VirtualNames();
  names.hosts = parseHosts("10.0.0.9 Seed.Example seed\nfd00::9 seed.example\n");
  names.answers.set("A seed.example", ["10.0.0.2"]);
  t.deepEqual((await names.result("seed.EXAMPLE.")).result, ["10.0.0.9", "fd00::9"]);
  t.deepEqual((await names.result("seed")).result, ["10.0.0.9"]);
  t.deepEqual(names.asked, []);
});

test("host lookup: localhost is not for name servers, and the hosts file may say otherwise", async (t) => {
  const names = new VirtualNames();
  t.deepEqual((await names.result("localhost")).result, ["127.0.0.1", "::1"]);
  names.hosts = parseHosts("127.0.0.7 localhost");
  t.deepEqual((await names.result("localhost")).result, ["127.0.0.7"]);
  t.deepEqual(names.asked, []);
});

test("host lookup: the search list comes first for names with few dots, last for others, never after a dot", async (t) => {
  const names = new VirtualNames();
  names.configuration = parseResolvConf("search a.example b.example\noptions ndots:2");
  const questions = async (host: string): Promise<string[]> => {
    names.asked.length = 0;
    t.is((await names.result(host)).result, `lookup ${host}: no such host`);
    return names.asked.filter((each) => each.startsWith("A ")).map((each) => each.slice(2));
  };
  t.deepEqual(await questions("seed"), ["seed.a.example", "seed.b.example", "seed"]);
  t.deepEqual(await questions("x.y.z"), ["x.y.z", "x.y.z.a.example", "x.y.z.b.example"]);
  t.deepEqual(await questions("seed."), ["seed"]);
  for (const malformed of ["a..b", ".", ".a", "a b", `${"x".repeat(64)}.example`, "x.".repeat(200)])
    t.deepEqual(await questions(malformed), []);
  names.answers.set("A seed.b.example", ["10.0.0.2"]);
  t.deepEqual((await names.result("seed")).result, ["10.0.0.2"]);
});

test("host lookup: a failure for one name of the search list does not hide another", async (t) => {
  const names = new VirtualNames();
  names.configuration = parseResolvConf("search a.example");
  names.answers.set("A seed.a.example", "ESERVFAIL");
  t.is((await names.result("seed")).result, "lookup seed: Temporary failure in name resolution");
  names.answers.set("A seed", ["10.0.0.2"]);
  t.deepEqual((await names.result("seed")).result, ["10.0.0.2"]);
  names.answers.set("A seed", "ETIMEOUT").delete("A seed.a.example");
  t.is((await names.result("seed")).result, "lookup seed: i/o timeout");
});

test("host lookup: a name server that never answers is given up at the deadline, with its queries", async (t) => {
  const names = new VirtualNames();
  names.answers.set("A dead.example", "silence").set("AAAA dead.example", "silence");
  const dead = await names.result("dead.example");
  t.deepEqual(dead, { result: "lookup dead.example: i/o timeout", atMs: lookupDeadlineMs });
  t.is(names.cancelled, 1);
  t.is(names.clock.pendingTimers, 0);
});

test("host lookup: a server that never answers for one family delays the other's addresses a little only", async (t) => {
  const names = new VirtualNames();
  names.answers.set("A seed.example", ["10.0.0.2"]).set("AAAA seed.example", "silence");
  t.deepEqual(await names.result("seed.example"), { result: ["10.0.0.2"], atMs: otherFamilyMs });
  t.is(names.cancelled, 1);
});

test("host lookup: lookups wait for no other", async (t) => {
  const names = new VirtualNames();
  names.answers.set("A seed.example", ["10.0.0.2"]);
  const results: string[] = [];
  for (let i = 0; i < 500; i++) {
    const dead = `dead${i}.example`;
    names.answers.set(`A ${dead}`, "silence").set(`AAAA ${dead}`, "silence");
    void names.lookup.resolve(dead).catch((error: Error) => results.push(error.message));
  }
  t.deepEqual(await names.result("seed.example"), { result: ["10.0.0.2"], atMs: 0 });
  await names.clock.advance(lookupDeadlineMs);
  t.is(results.length, 500);
  t.is(names.clock.pendingTimers, 0);
});

test("host lookup: a signal gives up at once, and before the first query", async (t) => {
  const names = new VirtualNames();
  names.answers.set("A dead.example", "silence").set("AAAA dead.example", "silence");
  const controller = new AbortController();
  names.clock.setTimeout(() => controller.abort(), 100);
  const canceled = "lookup dead.example: operation was canceled";
  t.deepEqual(await names.result("dead.example", controller.signal), { result: canceled, atMs: 100 });
  t.is(names.cancelled, 1);
  t.is(names.clock.pendingTimers, 0);
  t.is((await names.result("dead.example", controller.signal)).result, canceled);
  await t.throwsAsync(names.lookup.resolve("dead.example", controller), { code: "aborted" });
  t.is(names.opened.length, 1);
});

test("host lookup: an answer with thousands of addresses gives the first of each family", async (t) => {
  const names = new VirtualNames();
  const count = 4_000;
  names.answers.set(
    "A huge.example",
    Array.from({ length: count }, (_, i) => `10.1.${i >> 8}.${i & 255}`),
  );
  names.answers.set(
    "AAAA huge.example",
    Array.from({ length: count }, (_, i) => `fd00::${(i + 1).toString(16)}`),
  );
  const { result } = await names.result("huge.example");
  t.is(result.length, 2 * maxAddressesPerFamily);
  t.deepEqual([result[0], result[maxAddressesPerFamily]], ["10.1.0.0", "fd00::1"]);
  names.hosts = new Map([["huge", Array.from({ length: count }, (_, i) => `10.1.${i >> 8}.${i & 255}`)]]);
  t.is((await names.result("huge")).result.length, maxAddressesPerFamily);
});

test("host lookup: all servers are asked within the deadline, whatever resolv.conf says", async (t) => {
  const names = new VirtualNames();
  const servers = "nameserver 10.0.0.1\nnameserver 10.0.0.2\nnameserver 10.0.0.3\nnameserver 10.0.0.4\n";
  names.configuration = parseResolvConf(`${servers}options timeout:30 attempts:5`);
  await names.result("a.example");
  names.configuration = parseResolvConf(`${servers}options timeout:1 attempts:1 no-aaaa`);
  await names.result("b.example");
  t.deepEqual(names.opened, [
    { servers: ["10.0.0.1", "10.0.0.2", "10.0.0.3"], timeoutMs: 300, tries: 5 },
    { servers: ["10.0.0.1", "10.0.0.2", "10.0.0.3"], timeoutMs: 1000, tries: 1 },
  ]);
  t.false(names.asked.includes("AAAA b.example"));
});

test("host lookup: the system's own lookup is asked last, for one name at a time", async (t) => {
  const names = new VirtualNames();
  const calls: { name: string; answer: (addresses: string[]) => void }[] = [];
  names.system = oneAtATime(
    (name) =>
      new Promise((resolve) => {
        calls.push({ name, answer: resolve });
      }),
  );
  names.answers.set("A known.example", ["10.0.0.2"]);
  t.deepEqual((await names.result("known.example")).result, ["10.0.0.2"]);
  t.is(calls.length, 0);
  const results: unknown[] = [];
  for (const name of ["a.local", "b.local", "c.local"])
    void names.lookup.resolve(name).then(
      (found) => results.push(found),
      (error: Error) => results.push(error.message),
    );
  await names.clock.advance(1_000);
  t.deepEqual(
    calls.map(({ name }) => name),
    ["a.local"],
  );
  calls[0]!.answer(["10.0.0.7"]);
  await names.clock.advance(1_000);
  t.deepEqual(results, [["10.0.0.7"]]);
  t.is(calls[1]?.name, "b.local");
  // It never answers: its caller and those behind it learn what DNS said.
  await names.clock.advance(lookupDeadlineMs);
  t.deepEqual(results.slice(1), ["lookup b.local: no such host", "lookup c.local: no such host"]);
  t.is(calls.length, 2);
  calls[1]!.answer([]);
  await names.clock.advance(1);
  t.is(calls.length, 2);
});

test("host lookup: the system's own lookup is not asked where name servers are silent, as it would be, too", async (t) => {
  const names = new VirtualNames();
  let calls = 0;
  names.system = async () => {
    calls++;
    return ["10.0.0.7"];
  };
  names.answers.set("A dead.example", "ETIMEOUT").set("AAAA dead.example", "ETIMEOUT");
  t.is((await names.result("dead.example")).result, "lookup dead.example: i/o timeout");
  t.is(calls, 0);
  names.answers.set("A dead.example", "ECONNREFUSED").set("AAAA dead.example", "ECONNREFUSED");
  t.deepEqual((await names.result("dead.example")).result, ["10.0.0.7"]);
});

test("host lookup: an internationalised name is asked for in ASCII, an invalid one is not", async (t) => {
  const names = new VirtualNames();
  names.answers.set("A xn--mnchen-3ya.example", ["10.0.0.2"]);
  t.deepEqual((await names.result("München.example")).result, ["10.0.0.2"]);
  t.is((await names.result("a\u00a0b.example")).result, "lookup a\u00a0b.example: no such host");
});
