import { PassThrough, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import test from "ava";
import type { CommandContext, StopSignal } from "../../src/cli/command.ts";
import { dispatch } from "../../src/cli/dispatch.ts";
import { CommandOutput, writable } from "../../src/cli/standard-output.ts";
import { TextSink } from "./capture-context.ts";

/** Standard output that takes a number of writes and fails from then on, as Node's standard streams do: at each write. */
class FailingOutput extends Writable {
  #left: number;
  readonly #code: string;

  constructor(code: string, left = 0) {
    super({ autoDestroy: false });
    this.#code = code;
    this.#left = left;
  }

  override _write(_chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    const error = Object.assign(new Error(`${this.#code}: lost`), { code: this.#code });
    done(this.#left-- > 0 ? null : error);
  }

  override _destroy(_error: Error | null, done: () => void): void {
    done();
  }
}

async function run(stdout: Writable, args: string[], stderr: Writable = new TextSink()) {
  const stdin = new PassThrough();
  const listeners = new Set<(signal: StopSignal) => void>();
  const context: CommandContext = {
    stdin,
    stdout,
    stderr,
    terminal: false,
    onSignal: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const status = await dispatch(args, context);
  return { status, stderr: stderr instanceof TextSink ? stderr.text : "", listeners: listeners.size };
}

const fixture = (path: string): string => fileURLToPath(new URL(`../../fixtures/${path}`, import.meta.url));
const session = fixture("packets/proxy-2.session.jsonl");
const commands: readonly (readonly string[])[] = [
  ["--help"],
  ["--version"],
  ["join", "--help"],
  ["inspect", session],
  ["inspect", session, "--json"],
  ["inspect", session, "--follow"],
  ["status", "127.0.0.1:1", "--watch"],
  ["join", "--mesh", "127.0.0.1:0", "--hwaddr", "1::", "--log-level", "silent"],
];

for (const args of commands) {
  const title = args.map((argument) => (argument === session ? "FILE" : argument)).join(" ");
  test(`standard output: a full disk fails ${title} with one line`, async (t) => {
    const { status, stderr, listeners } = await run(new FailingOutput("ENOSPC"), [...args]);
    t.is(stderr, "weave-mesh: standard output: ENOSPC: lost\n");
    t.is(status, 1);
    t.is(listeners, 0);
  });

  test(`standard output: a closed pipe ends ${title} without an error`, async (t) => {
    const { status, stderr, listeners } = await run(new FailingOutput("EPIPE"), [...args]);
    t.is(stderr, "");
    t.is(status, 0);
    t.is(listeners, 0);
  });
}

test("standard output: a failing standard error leaves the status of a command as it is", async (t) => {
  const stdout = new TextSink();
  t.is((await run(stdout, ["no-such-command"], new FailingOutput("EPIPE"))).status, 2);
  t.is((await run(stdout, ["--version"], new FailingOutput("EPIPE"))).status, 0);
  t.regex(stdout.text, /^\d/);
});

test("standard output: an error after the last write is noticed at the end", async (t) => {
  const output = new CommandOutput(new FailingOutput("ENOSPC", 1));
  output.write("taken");
  output.write("lost");
  const lost = await output.finish();
  t.is(lost?.message, "standard output: ENOSPC: lost");
  t.false(lost?.readerGone);
});

test("standard output: waiting for a slow reader leaves no listeners behind", async (t) => {
  const slow: (() => void)[] = [];
  const output = new Writable({ highWaterMark: 1, write: (_chunk, _encoding, done) => void slow.push(done) });
  const before = output.listenerCount("close");
  for (let round = 0; round < 20; round++) {
    output.write("ab");
    const waiting = writable(output);
    slow.shift()!();
    await waiting;
  }
  for (const event of ["drain", "error", "close"])
    t.is(output.listenerCount(event), event === "close" ? before : 0);
});
