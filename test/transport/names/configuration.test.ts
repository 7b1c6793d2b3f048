import { execFileSync } from "node:child_process";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { parseHosts } from "../../../src/transport/names/hosts-file.ts";
import {
  configurationOf,
  maxSearchDomains,
  parseResolvConf,
  searchNames,
} from "../../../src/transport/names/resolver-configuration.ts";
import { SmallFile } from "../../../src/transport/names/small-file.ts";
import { hasOtherSources } from "../../../src/transport/names/system-lookup.ts";

function folder(t: ExecutionContext): string {
  const path = mkdtempSync(join(tmpdir(), "names-"));
  t.teardown(() => rmSync(path, { recursive: true }));
  return path;
}

test("configuration: resolv.conf has glibc's defaults and limits, and the last search list counts", (t) => {
  const defaults = { search: [], ndots: 1, timeoutSeconds: 5, attempts: 2, ipv4Only: false };
  t.deepEqual(parseResolvConf(""), { ...defaults, servers: ["127.0.0.1"] });
  t.deepEqual(configurationOf(["10.0.0.1", "10.0.0.2:54"]), {
    ...defaults,
    servers: ["10.0.0.1", "10.0.0.2:54"],
  });
  t.deepEqual(
    parseResolvConf(
      [
        "# a comment",
        "nameserver FD00::53 ; another",
        "nameserver not-an-ip",
        "nameserver fe80::1%eth0",
        "domain old.example other.example",
        "search A.example. b.example",
        "options ndots:99 timeout:0 attempts:x no-aaaa",
        "unknown line",
      ].join("\n"),
    ),
    {
      servers: ["fd00::53", "fe80::1"],
      search: ["a.example", "b.example"],
      ndots: 15,
      timeoutSeconds: 1,
      attempts: 2,
      ipv4Only: true,
    },
  );
});

test("configuration: the search list is bounded, and so is the length of the names that it makes", (t) => {
  const configuration = parseResolvConf(`search ${"a.example ".repeat(1000)} ${"b.example"}`);
  t.is(configuration.search.length, maxSearchDomains);
  const long = `${"x".repeat(63)}.${"x".repeat(63)}.${"x".repeat(63)}.${"x".repeat(60)}`;
  t.deepEqual(searchNames(long, configuration), [long]);
});

test("configuration: a hosts file gives all addresses of a name, and malformed lines nothing", (t) => {
  const table = parseHosts(
    "127.0.0.1\tLocalhost # local\r\n::1 localhost ip6\nbad entry\n10.0.0.1\n10.0.0.2 a. a",
  );
  t.deepEqual(
    [...table],
    [
      ["localhost", ["127.0.0.1", "::1"]],
      ["ip6", ["::1"]],
      ["a", ["10.0.0.2", "10.0.0.2"]],
    ],
  );
});

test("configuration: nsswitch.conf says whether there are other sources of names", (t) => {
  t.false(hasOtherSources(""));
  t.false(hasOtherSources("passwd: files ldap\nhosts: files [!UNAVAIL=return] dns # mdns\n"));
  t.true(hasOtherSources("hosts: files mdns4_minimal [NOTFOUND=return] dns"));
  t.true(hasOtherSources(" hosts:\tfiles resolve"));
});

test("configuration: a file is read again when it changes, and only then", (t) => {
  const path = join(folder(t), "hosts");
  let parsed = 0;
  const file = new SmallFile(path, 100, (text) => {
    parsed++;
    return text;
  });
  t.is(file.read(), undefined);
  writeFileSync(path, "one\n");
  t.is(file.read(), "one\n");
  t.is(file.read(), "one\n");
  t.is(parsed, 1);
  // As tools replace it, with the same size.
  writeFileSync(`${path}.new`, "two\n");
  renameSync(`${path}.new`, path);
  t.is(file.read(), "two\n");
  rmSync(path);
  t.is(file.read(), undefined);
});

test("configuration: of a large file the first whole lines are read, of a FIFO or folder nothing", (t) => {
  const path = join(folder(t), "hosts");
  writeFileSync(path, "12345678\n".repeat(1000));
  const read = (name: string): string | undefined => new SmallFile(name, 20, (text) => text).read();
  t.is(read(path), "12345678\n12345678\n");
  writeFileSync(path, "12345678901234567890");
  t.is(read(path), "12345678901234567890");
  t.is(read(join(path, "..")), "");
  if (process.platform === "win32") return;
  execFileSync("mkfifo", [`${path}.fifo`]);
  t.is(read(`${path}.fifo`), "");
});
