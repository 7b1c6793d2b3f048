import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { maxUnprovedBytes } from "../../src/capture/frame-recorder.ts";
import {
  FrameRecorder,
  MemoryBudget,
  makeSessionHeader,
  SecretsLog,
  SessionExport,
  SessionFolder,
  type SessionRecord,
} from "../../src/capture/index.ts";
import { maxSecretsBacklogBytes } from "../../src/capture/secrets-log.ts";
import { maxGatheredLength } from "../../src/capture/session-export.ts";
import { maxBacklogBytes, maxFolderBacklogBytes, SessionWriter } from "../../src/capture/session-writer.ts";
import { readSession } from "./library.ts";

const header = makeSessionHeader({ layer: "wire", startedAt: 0, dialler: {}, listener: {} });
const record: SessionRecord = { at: 1, from: "dialler", bytes: new Uint8Array(1000) };

function scratch(t: { teardown(action: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), "weave-mesh-test-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  return folder;
}

const modeOf = (path: string) => statSync(path).mode & 0o777;

/** A file on a disk that writes one piece each time it is told to. */
class SlowFile {
  text = "";
  closed = false;
  #go = (): void => {};

  readonly open = async () => ({
    write: async (bytes: Uint8Array) => {
      await new Promise<void>((resolve) => {
        this.#go = resolve;
      });
      this.text += Buffer.from(bytes).toString();
    },
    close: async () => {
      this.closed = true;
    },
  });

  async writeOn(): Promise<void> {
    while (!this.closed) {
      this.#go();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

test("writer: a disk that is 8 MiB behind ends the recording with a note, and what came before is written", async (t) => {
  const file = new SlowFile();
  const backlog = new MemoryBudget(maxFolderBacklogBytes);
  const reasons: string[] = [];
  const writer = new SessionWriter("header\n", file.open, backlog, (reason) => reasons.push(reason));
  let taken = 0;
  for (; reasons.length === 0 && taken < 100_000; taken++) writer.record(record);
  t.true(backlog.used <= maxBacklogBytes && backlog.used > maxBacklogBytes - 3000);
  writer.record(record);
  writer.closed();
  await file.writeOn();
  await writer.done;
  const lines = file.text.trimEnd().split("\n");
  t.is(lines.length, 1 + (taken - 1) + 3);
  t.deepEqual(
    lines.slice(-3).map((line) => JSON.parse(line)),
    [
      { at: 1, from: "dialler", note: reasons[0] },
      { at: 1, from: "dialler", end: "open" },
      { at: 1, from: "listener", end: "open" },
    ],
  );
  t.regex(reasons[0]!, /^recording stopped: 83\d{5} bytes were waiting for the disk$/);
  t.is(backlog.used, 0);
});

test("writer: the backlog of all sessions of a folder is limited, too", async (t) => {
  const files = [new SlowFile(), new SlowFile()];
  const backlog = new MemoryBudget(10_000);
  const failed = [0, 0];
  const writers = files.map(
    (file, index) =>
      new SessionWriter("header\n", file.open, backlog, () => {
        failed[index]!++;
      }),
  );
  for (let i = 0; i < 4; i++) writers[0]!.record(record);
  t.deepEqual(failed, [0, 0]);
  writers[1]!.record(record);
  t.deepEqual(failed, [0, 1]);
  for (const [index, writer] of writers.entries()) {
    writer.closed();
    await files[index]!.writeOn();
    await writer.done;
  }
  t.is(backlog.used, 0);
});

test("folder: a file that cannot be written is reported once with its name, and other sessions are recorded", async (t) => {
  const folder = scratch(t);
  const errors: Error[] = [];
  const disk = new SessionFolder(
    folder,
    (error) => errors.push(error),
    undefined,
    async (path) => ({
      write: async (bytes) => {
        if (path.includes("0001"))
          throw Object.assign(new Error("ENOSPC: no space left"), { code: "ENOSPC" });
        writeFileSync(path, bytes, { flag: "a" });
      },
      close: async () => {},
    }),
  );
  const sinks = [disk.open(header), disk.open(header)];
  for (let i = 0; i < 3; i++) {
    for (const sink of sinks) sink.record(record);
    await new Promise((resolve) => setImmediate(resolve));
  }
  for (const sink of sinks) sink.closed();
  await disk.flushed();
  t.deepEqual(
    errors.map((error) => [(error as { code?: string }).code, error.message]),
    [["recording-stopped", `${join(folder, "19700101T000000-0001.session.jsonl")}: ENOSPC: no space left`]],
  );
  t.is(readSession(join(folder, readdirSync(folder)[0]!)).records.length, 3);
});

test("folder: several processes record into one folder and lose nothing", async (t) => {
  const folder = scratch(t);
  const fail = (error: Error) => t.fail(error.message);
  const folders = [1, 2, 3].map(() => new SessionFolder(folder, fail));
  for (let i = 0; i < 20; i++) {
    for (const each of folders) {
      const sink = each.open(header);
      sink.record(record);
      sink.closed();
    }
  }
  for (const each of folders) await each.flushed();
  t.is(readdirSync(folder).length, 60);
  for (const name of readdirSync(folder)) t.is(readSession(join(folder, name)).records.length, 1);
});

test("folder: recordings and exports can be read by their owner only, and follow no link", async (t) => {
  const folder = scratch(t);
  const recordings = join(folder, "made", "recordings");
  const names: string[] = [];
  mkdirSync(recordings, { recursive: true, mode: 0o755 });
  // A link that waits for the first name.
  symlinkSync(join(folder, "elsewhere"), join(recordings, "19700101T000000-0001.session.jsonl"));
  const disk = new SessionFolder(
    recordings,
    (error) => t.fail(error.message),
    (name) => names.push(name),
  );
  const sink = disk.open(header);
  sink.record(record);
  sink.closed();
  await disk.flushed();
  t.deepEqual(names, ["19700101T000000-0002.session.jsonl"]);
  t.is(modeOf(join(recordings, names[0]!)), 0o600);
  t.throws(() => lstatSync(join(folder, "elsewhere")), { code: "ENOENT" });
  const exports = join(folder, "exports");
  const written = new SessionExport(exports, "capture");
  for (const session of [1, 2]) written.take({ type: "open", session, header });
  const large: SessionRecord = { at: 0, from: "dialler", bytes: new Uint8Array(100_000) };
  for (let length = 0; length <= maxGatheredLength; length += 200_000)
    written.take({ type: "record", session: 1, record: large });
  written.take({ type: "record", session: 2, record: { at: 0, from: "dialler", end: "fin" } });
  for (const session of [1, 2]) written.take({ type: "close", session });
  const files = written.commit();
  t.is(files.length, 2);
  for (const file of files) t.is(modeOf(file), 0o600);
  t.is(modeOf(exports), 0o700);
  t.is(readSession(files[1]!).records.length, 1);
});

test("key log: others cannot read it, also if they could before; a link is refused, a pipe is taken", async (t) => {
  const folder = scratch(t);
  const fail = (error: Error) => t.fail(error.message);
  const notices: string[] = [];
  const open = (path: string) => new SecretsLog(path, fail, (text) => notices.push(text));
  const fresh = join(folder, "fresh");
  let log = open(fresh);
  log.append("one\n");
  await log.close();
  t.is(modeOf(fresh), 0o600);
  t.deepEqual(notices, []);
  chmodSync(fresh, 0o644);
  log = open(fresh);
  log.append("two\n");
  await log.close();
  t.is(readFileSync(fresh, "utf8"), "one\ntwo\n");
  t.is(modeOf(fresh), 0o600);
  t.deepEqual(notices, [`${fresh} was open to other users (mode 0644): changed to 0600`]);
  const link = join(folder, "link");
  symlinkSync(fresh, link);
  t.throws(() => open(link), { message: `${link} is a symbolic link: give the file itself` });
  await open("/dev/null").close();
  t.throws(() => open(join(folder, "none", "log")), { code: "ENOENT" });
  // Only root can give a file away.
  if (process.getuid?.() !== 0) return;
  chownSync(fresh, 12_345, 12_345);
  t.throws(() => open(fresh), { message: `${fresh} belongs to another user, who could read the keys` });
});

test("recorder: a connection on which the other side says nothing is not recorded", (t) => {
  const headers: unknown[] = [];
  const records: SessionRecord[] = [];
  const recorder = new FrameRecorder({
    open: (header) => {
      headers.push(header);
      return { record: (record) => void records.push(record), closed() {} };
    },
  });
  const say = (connection: number, direction: "in" | "out") =>
    recorder.tap({
      connection,
      direction,
      part: "header",
      bytes: Uint8Array.of(connection),
      at: 1000,
      outbound: false,
      remoteAddress: "10.0.0.1:1",
    });
  say(1, "out");
  say(2, "out");
  say(2, "in");
  recorder.stop();
  t.is(headers.length, 1);
  t.deepEqual(
    records.map((record) => [
      record.from,
      "bytes" in record ? record.bytes[0] : "end" in record && record.end,
    ]),
    [
      ["listener", 2],
      ["dialler", 2],
      ["dialler", "open"],
      ["listener", "open"],
    ],
  );
});

test("recorder: connections on which no message came are recorded up to 64 MiB in all, others in full", (t) => {
  const recorded: SessionRecord[][] = [];
  const recorder = new FrameRecorder({
    open: () => {
      const records: SessionRecord[] = [];
      recorded.push(records);
      return { record: (record) => void records.push(record), closed() {} };
    },
  });
  let connection = 0;
  const say = (part: "features" | "message", bytes: Uint8Array, direction: "in" | "out" = "in") =>
    recorder.tap({
      connection,
      direction,
      part,
      bytes,
      at: 1000,
      outbound: false,
      remoteAddress: `10.0.0.1:${connection}`,
    });
  const features = new Uint8Array(256 * 1024 - 4096);
  // Members do not count.
  for (; connection < 300; connection++) {
    say("features", features);
    say("message", Uint8Array.of(3));
  }
  for (; connection < 700; connection++) {
    say("features", features);
    // Our own messages count, too.
    if (connection === 300) for (let i = 0; i < 4; i++) say("message", features, "out");
  }
  t.is(recorded.length, 300 + maxUnprovedBytes / (256 * 1024) - 4);
  say("features", features);
  say("message", Uint8Array.of(3));
  t.deepEqual(
    recorded.at(-1)?.map((record) => ("note" in record ? record.note : "part" in record && record.part)),
    ["parts of the handshake were not recorded", "message"],
  );
});

test("key log: lines that a slow disk cannot take are lost, which is reported once", async (t) => {
  const errors: Error[] = [];
  const path = join(scratch(t), "keys");
  const log = new SecretsLog(
    path,
    (error) => errors.push(error),
    () => {},
  );
  const line = `${"k".repeat(1023)}\n`;
  // The disk is not asked before the end of this turn.
  for (let length = 0; length < 2 * maxSecretsBacklogBytes; length += line.length) log.append(line);
  await log.close();
  t.is(statSync(path).size, maxSecretsBacklogBytes);
  t.deepEqual(
    errors.map(({ message }) => message),
    [`lines are lost: ${maxSecretsBacklogBytes} bytes were waiting for the disk`],
  );
});
