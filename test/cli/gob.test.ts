import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import test from "ava";
import type { CommandContext } from "../../src/cli/command.ts";
import { CliError } from "../../src/cli/errors.ts";
import { gob } from "../../src/cli/gob.ts";
import { doublingMaps, firstId, ids, StreamWriter, uint } from "../gob/type-streams.ts";

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
