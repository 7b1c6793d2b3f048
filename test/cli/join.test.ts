import { spawn } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import test, { type ExecutionContext } from "ava";
import { dispatch } from "../../src/cli/dispatch.ts";
import { parseStatusDocument } from "../../src/cli/status-document.ts";
import { TestContext, TextSink } from "./capture-context.ts";
import { exchange } from "./http-socket.ts";

interface Ready {
  name: string;
  mesh: string;
  http?: string;
}

/** A running `weave-mesh join` in this process, on a free port of the loopback interface. */
class Joined {
  readonly context = new TestContext();
  readonly ended: Promise<number>;

  constructor(t: ExecutionContext, number: number, ...flags: string[]) {
    const name = ["--hwaddr", `00:00:00:00:00:0${number}`, "--nickname", `n${number}`];
    this.ended = dispatch(["join", "--mesh", "127.0.0.1:0", ...name, ...flags], this.context);
    t.teardown(() => this.stop());
  }

  async ready(): Promise<Ready> {
    return JSON.parse(await this.context.stdout.line((line) => line.includes('"ready"')));
  }

  async event(kind: string): Promise<object> {
    return JSON.parse(await this.context.stdout.line((line) => JSON.parse(line).event === kind));
  }

  async logged(text: string): Promise<string> {
    return this.context.stderr.line((line) => line.includes(text));
  }

  say(line: string | Uint8Array): void {
    this.context.stdin.write(line);
    this.context.stdin.write("\n");
  }

  async stop(): Promise<number> {
    this.context.signal("SIGTERM");
    return this.ended;
  }
}

async function pair(t: ExecutionContext, ...flags: string[]): Promise<[Joined, Joined]> {
  const first = new Joined(t, 1, ...flags);
  const { mesh } = await first.ready();
  const second = new Joined(t, 2, "--peer", mesh, ...flags);
  await first.logged("connection fully established");
  await second.logged("connection fully established");
  return [first, second];
}

test("join: what is said on standard input is printed by the others", async (t) => {
  const [first, second] = await pair(t);
  // A unicast uses the routes as they stand, up to 100 ms old; a broadcast waits until they have been calculated.
  first.say(Uint8Array.of(...Buffer.from("broadcast "), 0xff));
  t.deepEqual(await second.event("broadcast"), {
    event: "broadcast",
    channel: "default",
    source: "00:00:00:00:00:01",
    base64: "/w==",
  });
  second.say("unicast 00:00:00:00:00:01 hello you");
  t.deepEqual(await first.event("unicast"), {
    event: "unicast",
    channel: "default",
    source: "00:00:00:00:00:02",
    text: "hello you",
  });
});

test("join: a password, also an empty one, seals", async (t) => {
  const [, second] = await pair(t, "--password", "");
  t.regex(await second.logged("fully established"), /n1\)\]: connection fully established$/);
});

test("join: no password and an empty one refuse each other", async (t) => {
  const first = new Joined(t, 1, "--password", "");
  const { mesh } = await first.ready();
  const second = new Joined(t, 2, "--peer", mesh);
  t.regex(
    await Promise.race([
      first.logged("due to error during handshake"),
      second.logged("due to error during handshake"),
    ]),
    /password specified, but peer requested an unencrypted|no password specificed, but peer requested|reset by peer|EOF/,
  );
});

test("join: standard input may end, and may be wrong, without the peer ending", async (t) => {
  const [first, second] = await pair(t);
  second.say("shout hello");
  t.regex(await second.logged("ignoring a line"), /unknown command "shout"/);
  second.say("unicast 00:00:00:00:00:09 hello");
  t.regex(await second.logged("unknown relay"), /unknown relay destination: 00:00:00:00:00:09/);
  second.context.stdin.end("broadcast the last words");
  t.like(await first.event("broadcast"), { text: "the last words" });
  first.say("unicast 00:00:00:00:00:02 still there?");
  t.like(await second.event("unicast"), { text: "still there?" });
});

test("join: the status is served over HTTP and shown by the status command", async (t) => {
  const [first] = await pair(t, "--http", "127.0.0.1:0", "--http-host", "mesh.example", "--channel", "c");
  const ready = await first.ready();
  t.like(ready, { name: "00:00:00:00:00:01", nickname: "n1", channel: "c" });
  const status = parseStatusDocument(await (await fetch(`http://${ready.http}/status`)).text());
  t.deepEqual(status.Peers?.map((peer) => peer.NickName).sort(), ["n1", "n2"]);
  t.is((await fetch(`http://${ready.http}/`)).status, 404);
  const { hostname: host, port } = new URL(`http://${ready.http}`);
  const asked = async (name: string): Promise<string> =>
    exchange(
      { host, port: Number(port) },
      `GET /status HTTP/1.1\r\nHost: ${name}:${port}\r\nConnection: close\r\n\r\n`,
    );
  t.regex(await asked("mesh.example"), /^HTTP\/1\.1 200 /);
  t.regex(await asked("evil.example"), /^HTTP\/1\.1 421 /);
  const context = new TestContext();
  t.is(await dispatch(["status", ready.http!], context), 0);
  t.regex(context.stdout.text, /00:00:00:00:00:02 {2}n2/);
});

test("join: leaving is a success, and the others see it at once", async (t) => {
  const [first, second] = await pair(t);
  t.is(await second.stop(), 0);
  await second.logged("terminated");
  await second.logged("mesh router stopping");
  await first.logged("connection shutting down due to error");
  first.context.signal("SIGINT");
  t.is(await first.ended, 0);
  await first.logged("interrupt");
});

test("join: an address in use is a failure, told in one line", async (t) => {
  const taken = createServer().listen(0, "127.0.0.1");
  t.teardown(() => taken.close());
  await once(taken, "listening");
  const address = `127.0.0.1:${(taken.address() as AddressInfo).port}`;
  for (const flags of [
    ["--mesh", address],
    ["--http", address],
  ]) {
    const joined = new Joined(t, 1, "--log-level", "silent", ...flags);
    t.is(await joined.ended, 1);
    t.regex(joined.context.stderr.text, /^weave-mesh: .*(EADDRINUSE|address already in use).*\n$/);
    t.is(joined.context.stdout.text, "");
  }
});

test("join: a malformed peer is a mistake in the arguments, also beside good ones", async (t) => {
  const joined = new Joined(t, 1, "--peer", "10.0.0.1", "--peer", "http://10.0.0.2");
  t.is(await joined.ended, 2);
  t.regex(joined.context.stderr.text, /^weave-mesh: --peer: "http:\/\/10\.0\.0\.2" is not [^\n]*\n$/);
  t.is(joined.context.stdout.text, "");
});

test("join: at log level silent it says nothing", async (t) => {
  const [first, second] = [
    new Joined(t, 1, "--log-level", "silent"),
    new Joined(t, 2, "--log-level", "error"),
  ];
  await Promise.all([first.ready(), second.ready()]);
  await Promise.all([first.stop(), second.stop()]);
  t.is(first.context.stderr.text, "");
  t.is(second.context.stderr.text, "");
});

for (const [signal, text] of [
  ["SIGTERM", "terminated"],
  ["SIGHUP", "hangup"],
] as const) {
  test(`join: as a process it ends with status 0 on ${signal}, with standard input still open`, async (t) => {
    const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
    const flags = ["join", "--mesh", "127.0.0.1:0", "--hwaddr", "1::", "--nickname", "n"];
    const child = spawn(process.execPath, ["--import=tsx", main, ...flags], {
      stdio: ["pipe", "pipe", "pipe"],
    });
    t.teardown(() => child.kill("SIGKILL"));
    const [out, err] = [new TextSink(), new TextSink()];
    child.stdout.pipe(out);
    child.stderr.pipe(err);
    await out.line((line) => line.includes('"ready"'));
    child.kill(signal);
    const [status, killedBy] = await once(child, "close");
    t.is(killedBy, null);
    t.is(status, 0);
    t.regex(err.text, new RegExp(`^n> \\d{4}/\\d\\d/\\d\\d \\d\\d:\\d\\d:\\d\\d ${text}$`, "m"));
  });
}
