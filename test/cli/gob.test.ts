import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { chmod, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import test from "ava";
import type { CommandContext } from "../../src/cli/command.ts";
import { CliError } from "../../src/cli/errors.ts";
import { gob } from "../../src/cli/gob.ts";
import { doublingMaps, firstId, ids, StreamWriter, uint } from "../gob/type-streams.ts";
import { TestContext } from "./capture-context.ts";

interface Case {
  readonly name: string;
  readonly hex: string;
}

const corpus = JSON.parse(
  readFileSync(new URL("../../fixtures/gob/stream.json", import.meta.url), "utf8"),
) as Case[];
const points = Buffer.from(corpus.find(({ name }) => name === "stream/two structs in turn")!.hex, "hex");

/** Runs the command on what comes in by standard input. */
async function run(args: readonly string[], input: Uint8Array): Promise<{ out: Buffer; error?: unknown }> {
  const stdout = new PassThrough();
  const chunks: Buffer[] = [];
  stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  const context: CommandContext = {
    stdin: Readable.from([input]),
    stdout,
    stderr: new PassThrough(),
    terminal: false,
    onSignal: () => () => {},
  };
  try {
    await gob.run(args, context);
    return { out: Buffer.concat(chunks) };
  } catch (error) {
    return { out: Buffer.concat(chunks), error };
  }
}

test("gob: decode prints a line for each value", async (t) => {
  const { out, error } = await run(["decode", "-"], points);
  t.is(error, undefined);
  t.deepEqual(out.toString().trim().split("\n"), [
    '{"type":"Point","value":{"X":1,"Y":2}}',
    '{"type":"One","value":{"A":3}}',
    '{"type":"Point","value":{"X":5,"Y":6}}',
    '{"type":"One","value":{"A":7}}',
  ]);
});

test("gob: damage ends it after the values before, with the offset", async (t) => {
  const { out, error } = await run(["decode", "-"], points.subarray(0, -1));
  t.is(out.toString().trim().split("\n").length, 3);
  t.true(error instanceof CliError);
  t.regex((error as Error).message, new RegExp(`standard input: .*at byte ${points.length - 1}\\)$`));
});

test("gob: types prints Go declarations, or schemas with --ts", async (t) => {
  t.regex(
    (await run(["types", "-"], points)).out.toString(),
    /type Point struct \{\n\tX int64\n\tY int64\n\}/,
  );
  t.regex(
    (await run(["types", "-", "--ts"], points)).out.toString(),
    /export const Point = gob\.struct\("Point"/,
  );
});

test("gob: transcode from file to file gives the identical bytes", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "gob-"));
  try {
    await writeFile(join(folder, "in"), points);
    const { error } = await run(["transcode", join(folder, "in"), join(folder, "out")], points);
    t.is(error, undefined);
    t.deepEqual(await readFile(join(folder, "out")), points);
    t.deepEqual((await run(["transcode", "-", "-"], points)).out, points);
    const missing = await run(["decode", join(folder, "missing")], points);
    t.true(missing.error instanceof CliError);
  } finally {
    await rm(folder, { recursive: true });
  }
});

/** Calls `action` in a folder of its own that has the file `in`. */
async function inFolder(action: (path: (name: string) => string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "gob-"));
  try {
    await writeFile(join(folder, "in"), points);
    await action((name) => join(folder, name));
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("gob: transcode may write the file that it reads, whose mode stays", async (t) => {
  await inFolder(async (path) => {
    await chmod(path("in"), 0o640);
    t.is((await run(["transcode", path("in"), path("in")], points)).error, undefined);
    t.deepEqual(await readFile(path("in")), points);
    t.is((await stat(path("in"))).mode & 0o777, 0o640);
    t.deepEqual(await readdir(path(".")), ["in"]);
  });
});

test("gob: transcode leaves the output as it was after a missing or damaged input", async (t) => {
  await inFolder(async (path) => {
    await writeFile(path("kept"), "kept");
    await writeFile(path("damaged"), points.subarray(0, -1));
    for (const input of ["missing", "damaged", "."]) {
      const { error } = await run(["transcode", path(input), path("kept")], points);
      t.is((error as CliError).code, "failed");
      t.true((error as CliError).message.startsWith(path(input)));
      t.is(await readFile(path("kept"), "utf8"), "kept");
    }
    t.deepEqual((await readdir(path("."))).sort(), ["damaged", "in", "kept"]);
  });
});

test("gob: transcode to an output that cannot be opened is an error that names it", async (t) => {
  await inFolder(async (path) => {
    await symlink("loop", path("loop"));
    for (const output of ["missing/out", "in/out", ".", "loop"]) {
      const { error } = await run(["transcode", path("in"), path(output)], points);
      t.true(error instanceof CliError, output);
      t.true((error as CliError).message.startsWith(`${path(output)}: E`), output);
    }
    t.deepEqual((await readdir(path("."))).sort(), ["in", "loop"]);
  });
});

test("gob: transcode to a symbolic link writes the file behind it", async (t) => {
  await inFolder(async (path) => {
    await symlink("real", path("link"));
    for (const content of [undefined, "earlier"]) {
      if (content !== undefined) await writeFile(path("real"), content);
      t.is((await run(["transcode", path("in"), path("link")], points)).error, undefined);
      t.is(await readlink(path("link")), "real");
      t.deepEqual(await readFile(path("real")), points);
    }
  });
});

test("gob: transcode to a named pipe writes into it", async (t) => {
  await inFolder(async (path) => {
    execFileSync("mkfifo", [path("pipe")]);
    const read = readFile(path("pipe"));
    t.is((await run(["transcode", path("in"), path("pipe")], points)).error, undefined);
    t.deepEqual(await read, points);
    t.true((await stat(path("pipe"))).isFIFO());
  });
});

test("gob: transcode to a name of standard output writes to it", async (t) => {
  for (const name of ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"]) {
    t.deepEqual((await run(["transcode", "-", name], points)).out, points);
  }
});

test("gob: a signal ends transcode and leaves the output as it was", async (t) => {
  await inFolder(async (path) => {
    await writeFile(path("kept"), "kept");
    const context = new TestContext();
    const running = gob.run(["transcode", "-", path("kept")], context);
    const failed = t.throwsAsync(running, { code: "failed", message: /^interrupted; .*kept is unchanged$/ });
    context.stdin.write(points.subarray(0, -1));
    await context.listening;
    t.deepEqual((await readdir(path("."))).length, 3);
    context.signal("SIGHUP");
    await failed;
    t.deepEqual((await readdir(path("."))).sort(), ["in", "kept"]);
    t.is(await readFile(path("kept"), "utf8"), "kept");
  });
});

test("gob: wrong arguments are usage errors", async (t) => {
  for (const args of [
    [],
    ["decode"],
    ["decode", "a", "b"],
    ["transcode", "a"],
    ["what", "a"],
    ["decode", "--ts", "a"],
  ]) {
    t.is(((await run(args, points)).error as CliError).code, "usage", args.join(" "));
  }
});

test("gob: --memory sets the memory of one value, and an error about it names the flag", async (t) => {
  const empties = new StreamWriter()
    .define(firstId, { kind: "struct", fields: [] }, "E")
    .define(firstId + 1, { kind: "slice", elem: firstId })
    .value(firstId + 1, [...uint(20_000), ...new Array<number>(20_000).fill(0)])
    .bytes();
  const refused = await run(["decode", "-", "--memory", "1"], empties);
  t.regex(
    (refused.error as Error).message,
    /more than 1048576 bytes of memory .*; --memory MIB allows more$/,
  );
  t.is((await run(["decode", "-"], empties)).error, undefined);
  const wrong = await run(["decode", "-", "--memory", "0"], empties);
  t.is((wrong.error as CliError).code, "usage");
});

test("gob: streams of hostile types are printed at once and in escaped form", async (t) => {
  const name = "A int64\n}\n\nfunc init() {}\n\ntype Rest struct {\n\tB\u001b\u202e";
  const fields = [{ name, id: ids.int }];
  const stream = doublingMaps(60).value(firstId, [0]);
  const bytes = stream.define(200, { kind: "struct", fields }, "Config").value(200, [1, 2, 0], true).bytes();
  for (const args of [
    ["decode", "-"],
    ["types", "-"],
    ["types", "-", "--ts"],
  ]) {
    const { out, error } = await run(args, bytes);
    t.is(error, undefined);
    t.notRegex(out.toString(), /[^\n\t\P{C}]|^func init/mu);
    t.true(out.length < 10_000);
  }
});
