import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import test from "ava";
import { formatSession } from "../../src/capture/index.ts";
import type { StopSignal } from "../../src/cli/command.ts";
import { dispatch } from "../../src/cli/dispatch.ts";
import { LineLimiter, limitedLines, limitedPeriodMs } from "../../src/cli/line-limiter.ts";
import { openFileLimit } from "../../src/cli/open-file-limit.ts";
import { MemoryNetwork, seededRandom, VirtualClock } from "../../src/transport/index.ts";
import { libraryFolder, readSession } from "./library.ts";

function scratch(t: { teardown(action: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), "weave-mesh-test-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** A stream that hands on its texts, and calls `changed` after each. */
function sink(take: (text: string) => void): Writable {
  return new Writable({
    write: (chunk, _encoding, done) => {
      take(String(chunk));
      done();
    },
  });
}

test("lines that a remote side can cause are limited, and the rest is counted", (t) => {
  let now = 0;
  const lines: string[] = [];
  const limiter = new LineLimiter(
    (line) => lines.push(line),
    () => now,
  );
  for (let i = 0; i < limitedLines + 5; i++) limiter.write(`line ${i}`);
  t.is(lines.length, limitedLines);
  now = limitedPeriodMs;
  limiter.write("later");
  t.deepEqual(lines.slice(limitedLines), ["5 more such lines were left out", "later"]);
  limiter.flush();
  t.is(lines.length, limitedLines + 2);
});

test("the limit of open files is known where there is one", (t) => {
  const limit = openFileLimit();
  t.true(limit === undefined || limit >= 32);
});

for (const [code, status] of [
  ["EPIPE", 0],
  ["ENOSPC", 1],
] as const) {
  test(`capture: sessions pass on though standard output ends with ${code}`, async (t) => {
    const clock = new VirtualClock(1_700_000_000_000);
    const network = new MemoryNetwork({ clock, random: seededRandom("output") });
    let heard = 0;
    await network.host("10.0.0.2").listen({ host: "10.0.0.2", port: 6783 }, (socket) => {
      socket.attach({
        data: (chunk) => {
          heard += chunk.length;
        },
        drain() {},
        end() {},
        closed() {},
      });
    });
    let err = "";
    let failures = 0;
    const listeners = new Set<(signal: StopSignal) => void>();
    const out = join(scratch(t), "out");
    const stdout = new Writable({
      write: (_chunk, _encoding, done) => {
        failures++;
        done(Object.assign(new Error(`${code}: write failed`), { code }));
      },
    });
    const running = dispatch(
      ["capture", "--listen", "10.0.0.9:7000", "--to", "10.0.0.2:6783", "--out", out],
      {
        stdin: new PassThrough(),
        stdout,
        stderr: sink((text) => {
          err += text;
        }),
        terminal: false,
        surroundings: { transport: network.host("10.0.0.9"), clock, random: seededRandom("capture") },
        onSignal: (listener) => {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
      },
    );
    const until = async (condition: () => boolean) => {
      while (!condition()) {
        await clock.advance(1);
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    await until(() => err.includes("recording between"));
    const dialling = network.host("10.0.0.8").dial({ host: "10.0.0.9", port: 7000 });
    await clock.advance(10);
    const socket = await dialling;
    socket.attach({ data() {}, drain() {}, end() {}, closed() {} });
    socket.write(new TextEncoder().encode("weave\x01\x02"));
    await until(() => failures > 0);
    socket.write(new Uint8Array(100));
    await until(() => heard === 107);
    for (const listener of listeners) listener("SIGINT");
    let ended: number | undefined;
    void running.then((result) => {
      ended = result;
    });
    await until(() => ended !== undefined);
    t.is(ended, status, err);
    t.is(/standard output: ENOSPC/.test(err), code === "ENOSPC");
  });
}

test("inspect: --follow reports a file that cannot be read and reads the others; pipes and folders are left out", async (t) => {
  const folder = scratch(t);
  mkdirSync(join(folder, "a.session.jsonl"));
  writeFileSync(join(folder, "b.session.jsonl"), "{}\n");
  writeFileSync(
    join(folder, "c.session.jsonl"),
    formatSession(readSession(join(libraryFolder, "two-v2-plain.session.jsonl"))),
  );
  let out = "";
  let err = "";
  let interrupt = (): void => {};
  const running = dispatch(["inspect", "--follow", "--summary", folder], {
    stdin: new PassThrough(),
    stdout: sink((text) => {
      out += text;
      if (out.includes("summary")) interrupt();
    }),
    stderr: sink((text) => {
      err += text;
    }),
    terminal: false,
    onSignal: (listener) => {
      interrupt = () => listener("SIGINT");
      return () => {};
    },
  });
  t.is(await running, 1);
  t.regex(err, /b\.session\.jsonl: neither a session file nor a packet capture\n/);
  t.regex(err, /1 files could not be read\n$/);
  t.regex(out, /summary/);
});
