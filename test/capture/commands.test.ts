import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import test from "ava";
import { formatKeyLogEntry, formatSession } from "../../src/capture/index.ts";
import type { CommandContext, StopSignal } from "../../src/cli/command.ts";
import { dispatch } from "../../src/cli/dispatch.ts";
import { startRecording } from "../../src/cli/recording-output.ts";
import { PeerName, Router } from "../../src/index.ts";
import { MemoryNetwork, seededRandom, VirtualClock } from "../../src/transport/index.ts";
import { libraryFolder, packetsFolder, readSession, readUnpacked } from "./library.ts";

/** A command line, run. */
class Run {
  out = "";
  err = "";
  readonly #listeners = new Set<(signal: StopSignal) => void>();
  #changed = () => {};

  readonly stdin = new PassThrough();
  readonly status: Promise<number>;

  constructor(args: readonly string[], surroundings?: CommandContext["surroundings"]) {
    const sink = (take: (text: string) => void) =>
      new Writable({
        write: (chunk, _encoding, done) => {
          take(String(chunk));
          this.#changed();
          done();
        },
      });
    this.status = dispatch(args, {
      stdin: this.stdin,
      stdout: sink((text) => {
        this.out += text;
      }),
      stderr: sink((text) => {
        this.err += text;
      }),
      terminal: false,
      ...(surroundings && { surroundings }),
      onSignal: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
    });
  }

  interrupt(): void {
    for (const listener of this.#listeners) listener("SIGINT");
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }
}

function scratch(t: { teardown(action: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), "weave-mesh-test-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  return folder;
}

const library = (name: string) => join(libraryFolder, `${name}.session.jsonl`);

test("inspect: a session reads like a conversation", async (t) => {
  for (const name of ["three-relay-1", "twenty-sealed-2"]) {
    const run = new Run(["inspect", library(name)]);
    t.is(await run.status, 0, run.err);
    t.is(run.err, "");
    t.is(run.out, readFileSync(join(libraryFolder, `${name}.txt`), "utf8"));
  }
});

test("inspect: the sealed mesh of twenty tells who is in it, who dialled whom, what was said, and how it ended", async (t) => {
  const run = new Run(["inspect", library("twenty-sealed-2")]);
  t.is(await run.status, 0);
  t.regex(run.out, /they speak version 2/);
  t.regex(run.out, /protocol {3}version 2, sealed, names of flavour mac/);
  for (let number = 1; number <= 20; number++) {
    const name = `00:00:00:00:00:${number.toString(16).padStart(2, "0")}(go-${number})`;
    t.true(run.out.includes(`peer       ${name}  version `), name);
  }
  t.regex(
    run.out,
    /peer {7}00:00:00:00:00:09\(go-9\).* dialled 00:00:00:00:00:02\(go-2\), 00:00:00:00:00:06\(go-6\), 00:00:00:00:00:08\(go-8\)/,
  );
  t.regex(
    run.out,
    /-> {2}broadcast {2}default {2}from 00:00:00:00:00:14\(go-20\), 43 bytes: "from the twentieth to the ninth, all of you"/,
  );
  t.regex(run.out, /end {8}the dialler reset the connection\n$/);
});

test("inspect: --json gives one object for each thing said and a summary", async (t) => {
  const run = new Run(["inspect", "--json", library("two-v1-sealed"), library("name-collision")]);
  t.is(await run.status, 0);
  const lines = run.out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const hello = lines.find(({ message, text }) => message === "unicast" && text === '"hello"');
  t.like(hello, {
    session: 1,
    kind: "message",
    from: "dialler",
    channel: "default",
    source: "00:00:00:00:00:01",
    destination: "00:00:00:00:00:02",
    payloadBytes: 5,
    payload: "aGVsbG8=",
    read: "text",
  });
  const summaries = lines.filter(({ kind }) => kind === "summary");
  t.deepEqual(
    summaries.map(({ session, protocol, sealed }) => [session, protocol, sealed]),
    [
      [1, 1, true],
      [2, 2, false],
    ],
  );
  t.regex(summaries[1].reason, /two peers have the same name/);
});

test("inspect: gob payloads are decoded, whatever their types", async (t) => {
  const run = new Run(["inspect", library("counter-example-1")]);
  t.is(await run.status, 0);
  t.regex(run.out, /broadcast {2}default {2}from \S+, \d+ bytes: gob map\[uint\]int \[1: 1\]/);
});

test("inspect: packet captures are read as they are, with a key log for what is sealed", async (t) => {
  const folder = scratch(t);
  const file = join(packetsFolder, "any-device.pcap.gz");
  const blind = new Run(["inspect", file]);
  t.is(await blind.status, 0);
  t.regex(blind.out, /#1 .*sealed {5}features, \d+ bytes: no key for it/);
  const keys = readdirSync(packetsFolder)
    .filter((name) => name.startsWith("proxy-"))
    .map((name) => readSession(join(packetsFolder, name)).header.sessionKey!)
    .map((key) => formatKeyLogEntry({ sessionKey: new Uint8Array(Buffer.from(key, "hex")) }));
  const log = join(folder, "keys");
  writeFileSync(log, keys.join(""));
  const run = new Run(["inspect", "--keylog", log, file]);
  t.is(await run.status, 0, run.err);
  t.false(run.out.includes("no key for it"));
  t.regex(run.out, /broadcast {2}default {2}from 00:00:00:00:00:01\(go-1\), 13 bytes: "over the wire"/);
  const wrong = join(folder, "wrong");
  writeFileSync(wrong, formatKeyLogEntry({ sessionKey: new Uint8Array(32) }));
  const failed = new Run(["inspect", "--summary", "--keylog", wrong, file]);
  t.is(await failed.status, 1);
  t.is(failed.err, "weave-mesh: none of the 1 keys opens a sealed message\n");
});

test("inspect: standard input is read as it comes", async (t) => {
  const capture = readUnpacked(join(packetsFolder, "ethernet.pcap.gz"));
  const run = new Run(["inspect", "-"]);
  run.stdin.write(capture.subarray(0, 20_000));
  await run.until(() => run.out.includes("they speak version 2"));
  run.stdin.end(capture.subarray(20_000));
  t.is(await run.status, 0, run.err);
  t.regex(run.out, /#6 summary/);
});

test("inspect: --follow reads a file while it is written, and new ones in its folder", async (t) => {
  const folder = scratch(t);
  const lines = formatSession(readSession(library("two-v2-plain"))).split(/(?<=\n)/);
  const first = join(folder, "a.session.jsonl");
  writeFileSync(first, lines.slice(0, 5).join(""));
  const run = new Run(["inspect", "--follow", folder]);
  await run.until(() => run.out.includes("they speak version 2"));
  t.false(run.out.includes("hello"));
  // Cut within a line: nothing is made of it until the rest has come.
  const rest = lines.slice(5).join("");
  appendFileSync(first, rest.slice(0, 100));
  appendFileSync(first, rest.slice(100));
  await run.until(() => run.out.includes("#1 summary"));
  t.regex(run.out, /"hello"/);
  writeFileSync(join(folder, "b.session.jsonl"), lines.join(""));
  await run.until(() => run.out.includes("#2 summary"));
  run.interrupt();
  t.is(await run.status, 0);
});

test("inspect: --follow takes up keys as they are logged", async (t) => {
  const folder = scratch(t);
  const { header, records } = readSession(library("two-v2-sealed"));
  const { sessionKey, ...rest } = header;
  const lines = formatSession({ header: { ...rest, dialler: {}, listener: {} }, records }).split(/(?<=\n)/);
  const file = join(folder, "a.session.jsonl");
  const log = join(folder, "keys");
  writeFileSync(file, lines.slice(0, 8).join(""));
  const run = new Run(["inspect", "--follow", "--keylog", log, file]);
  await run.until(() => run.out.includes("features, "));
  const line = formatKeyLogEntry({ sessionKey: new Uint8Array(Buffer.from(sessionKey!, "hex")) });
  writeFileSync(log, line.slice(0, 40));
  writeFileSync(log, line);
  await new Promise((resolve) => setTimeout(resolve, 500));
  appendFileSync(file, lines.slice(8).join(""));
  t.is(await run.status, 0, run.err);
  t.regex(run.out, /broadcast {2}news/);
});

test("capture: --pcap writes a file for each session, or nothing", async (t) => {
  const folder = scratch(t);
  const run = new Run([
    "capture",
    "--pcap",
    join(packetsFolder, "ethernet.pcap.gz"),
    "--out",
    join(folder, "out"),
  ]);
  t.is(await run.status, 0, run.err);
  const files = readdirSync(join(folder, "out"));
  t.deepEqual(
    run.out
      .trimEnd()
      .split("\n")
      .map((name) => name.split("/").at(-1)),
    files,
  );
  t.is(files.length, 6);
  t.is(readSession(join(folder, "out", files[0]!)).header.made?.from, "ethernet.pcap.gz");
  const cut = join(folder, "cut.pcap");
  writeFileSync(cut, readUnpacked(join(packetsFolder, "ethernet.pcap.gz")).subarray(0, -3));
  const failed = new Run(["capture", "--pcap", cut, "--out", join(folder, "none")]);
  t.is(await failed.status, 1);
  t.regex(failed.err, /^weave-mesh: .*cut\.pcap: the packet capture ends within a packet, at offset \d+\n$/);
  t.is(failed.out, "");
  t.deepEqual(readdirSync(join(folder, "none")), []);
});

test("capture: the proxy writes what it sees, and join's recording says the same", async (t) => {
  const folder = scratch(t);
  const clock = new VirtualClock(1_700_000_000_000);
  const random = seededRandom("capture");
  const network = new MemoryNetwork({ clock, random });
  const surroundings = { transport: network.host("10.0.0.9"), clock, random };
  const out = join(folder, "proxy");
  const proxy = new Run(
    ["capture", "--listen", "10.0.0.9:7000", "--to", "10.0.0.2:6783", "--out", out],
    surroundings,
  );
  while (!proxy.err.includes("recording between")) {
    await clock.advance(1);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const keylog = join(folder, "keys");
  const output = await startRecording({
    record: join(folder, "own"),
    keylog,
    failed: (error) => t.fail(error.message),
  });
  const routers = [1, 2].map(
    (number) =>
      new Router({
        name: PeerName.fromUint(number),
        nickname: `peer-${number}`,
        host: `10.0.0.${number}`,
        port: 6783,
        password: "secret",
        peerDiscovery: false,
        transport: network.host(`10.0.0.${number}`),
        clock,
        random,
        ...(number === 1 && output.routerOptions),
      }),
  );
  for (const router of routers) await router.start();
  routers[0]!.connect(["10.0.0.9:7000"]);
  t.true(await clock.runUntil(() => routers[1]!.peers().length === 2, 10_000));
  await clock.advance(2_000);
  for (const router of routers) {
    const stopping = router.stop({ timeoutMs: 100 });
    await clock.advance(1_000);
    await stopping;
  }
  await output.stop();
  proxy.interrupt();
  await clock.advance(100);
  t.is(await proxy.status, 0, proxy.err);
  t.is(proxy.out, `${readdirSync(out)[0]}\n`);
  const said = async (...args: string[]) => {
    const run = new Run(["inspect", "--json", ...args]);
    t.is(await run.status, 0, run.err);
    const lines = run.out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    return lines.flatMap(({ kind, from, features, payload, message }) =>
      ["features", "message"].includes(kind) ? [JSON.stringify([from, features ?? payload, message])] : [],
    );
  };
  const seen = await said("--keylog", keylog, out);
  t.true(seen.length >= 5);
  t.deepEqual([...(await said(join(folder, "own")))].sort(), [...seen].sort());
});

test("commands: every broken file gets one clear line and exit status 1", async (t) => {
  const folder = scratch(t);
  const file = (name: string, bytes: string | Uint8Array) => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  };
  const session = readFileSync(library("two-v2-plain"), "utf8");
  const packed = readFileSync(join(libraryFolder, "ten-mebibytes.session.jsonl.gz"));
  const cases: readonly [path: string, text: RegExp][] = [
    [join(folder, "missing"), /no such file/],
    [file("empty.session.jsonl", ""), /neither a session file nor a packet capture$/],
    [
      file("random", Buffer.from("8f1e00aa55c3f00d0a0a00", "hex")),
      /neither a session file nor a packet capture$/,
    ],
    [file("cut.session.jsonl", session.slice(0, 2000)), /the file ends in the middle of line \d+$/],
    [
      file("version.session.jsonl", session.replace('"version":1', '"version":2')),
      /a session file of version 2; known is 1$/,
    ],
    [file("damaged.session.jsonl", session.replace('"at":', '"at"')), /line 2: not a JSON object$/],
    [file("cut.session.jsonl.gz", packed.subarray(0, 1000)), /the packed file is cut off$/],
    [
      file("damaged.session.jsonl.gz", Buffer.concat([packed.subarray(0, 20), Buffer.alloc(50, 0x55)])),
      /the packed file is damaged|is cut off/,
    ],
    [
      file(
        "none.pcap",
        Buffer.from("d4c3b2a1020004000000000000000000000004006500000000", "hex").subarray(0, 24),
      ),
      /no mesh session in 0 packets/,
    ],
  ];
  for (const [path, text] of cases) {
    for (const command of [["inspect"], ["replay", "--to", "127.0.0.1:1"]]) {
      if (command[0] === "replay" && path.endsWith(".pcap")) continue;
      const run = new Run([command[0]!, path, ...command.slice(1)]);
      t.is(await run.status, 1, `${command[0]} ${path}`);
      t.regex(run.err.trimEnd(), text, `${command[0]} ${path}`);
      t.is(run.err.split("\n").length, 2, run.err);
    }
  }
});

test("commands: wrong arguments are told in one line with exit status 2", async (t) => {
  for (const args of [
    ["inspect"],
    ["capture"],
    ["capture", "--out", "x"],
    ["capture", "--out", "x", "--pcap", "y", "--listen", "z:1"],
    ["capture", "--out", "x", "--listen", ":1", "--to", ":2", "--versions", "2-1"],
    ["replay", "x"],
    ["replay", "x", "--to", "a:1", "--listen", "b:2"],
  ]) {
    const run = new Run([...args]);
    t.is(await run.status, 2, args.join(" "));
    t.is(run.err.split("\n").length, 2);
  }
});
