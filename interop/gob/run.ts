/**
 * Checks gob against a running Go:
 *
 *     tsx interop/gob/run.ts [--count N] [--seed S] [--go COMMAND]
 *
 * 1. The corpus is made again and compared with fixtures/gob (maps of more than eight entries have none there).
 *    Each case is also encoded by schemas, as a fresh Go process does: the same bytes.
 * 2. COUNT fresh random cases (default 2,000) are decoded, compared with Go's JSON, and encoded again.
 * 3. The corpus is encoded by schemas, with ids that are not Go's, and decoded by Go into its own types.
 *
 * 4. Go refuses the streams of fixtures/gob/malformed.json.
 * 5. Go's net/rpc and examples/net-rpc call each other.
 *
 * Exit status 1 when anything differs. The seed is printed; the same seed gives the same cases.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import * as gob from "../../src/gob/index.ts";
import { caseSchemas } from "../../test/gob/case-schemas.ts";
import { type CorpusCase, checkCase, readCorpus } from "../../test/gob/corpus.ts";
import { concat, fromHex, toHex } from "../../test/gob/hex.ts";
import { checkRpc } from "./rpc.ts";

const { values: options } = parseArgs({
  options: { count: { type: "string" }, seed: { type: "string" }, go: { type: "string" } },
});
const go = options.go ?? "go";
const folder = import.meta.dirname;
const fixtures = join(folder, "../../fixtures/gob");
const scratch = mkdtempSync(join(tmpdir(), "gob-"));
const program = join(scratch, "gobcorpus");
const buffer = 1 << 30;
let failures = 0;
/** How many comparisons have been made, failed ones included. */
let checks = 0;

function report(problem: string): void {
  failures++;
  if (failures <= 10) console.error(problem.length > 2000 ? `${problem.slice(0, 2000)}…` : problem);
}

function compareCorpus(): void {
  const made = join(scratch, "corpus");
  execFileSync("mkdir", [made]);
  execFileSync(program, ["make", made]);
  const version = (folder: string): string =>
    (JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as { go: string }).go.split(".")[1]!;
  if (version(made) !== version(fixtures)) {
    console.log(`corpus: made with Go 1.${version(fixtures)}, not compared with this Go 1.${version(made)}`);
    return;
  }
  const files = readdirSync(made).filter((file) => file !== "manifest.json");
  checks += files.length;
  for (const file of files) {
    if (readFileSync(join(made, file), "utf8") !== readFileSync(join(fixtures, file), "utf8")) {
      report(`corpus: ${file} differs from fixtures/gob`);
    }
  }
  console.log(`corpus: ${files.length} files made again and compared`);
}

/**
 * Encodes each case by schemas as a fresh process of this Go does: the corpus it has just made tells from
 * which id it counts.
 */
function checkFresh(): void {
  const made = join(scratch, "corpus");
  const cases = readdirSync(made)
    .filter((file) => file !== "manifest.json")
    .flatMap((file) => JSON.parse(readFileSync(join(made, file), "utf8")) as CorpusCase[]);
  const first = cases.find(({ name }) => name === "map/empty")!.hex.startsWith("0d7f") ? 64 : 65;
  let count = 0;
  for (const { name, hex } of cases) {
    const schemas = caseSchemas.get(name);
    // JavaScript has one NaN, Go's.
    if (schemas === undefined || name.includes("NaN of other bits")) continue;
    const decoder = new gob.Decoder();
    decoder.push(fromHex(hex));
    const encoder = new gob.Encoder({ types: new gob.TypeTable({ first }) });
    const parts = schemas.map((schema) => {
      const result = decoder.read(schema);
      if (!result.done) throw new Error(`${name}: no value`);
      return encoder.encode(schema, result.value);
    });
    if (toHex(concat(...parts)) !== hex) report(`${name}: a fresh encoder's bytes differ from Go's`);
    count++;
  }
  checks += count;
  console.log(`fresh encoders: ${count} cases compared with this Go's bytes, ids from ${first}`);
}

function checkRandom(): void {
  const seed = options.seed ?? String(Date.now() % 1_000_000_000);
  const count = options.count ?? "2000";
  console.log(`random: seed ${seed}, ${count} cases`);
  const lines = execFileSync(program, ["random", seed, count], { maxBuffer: buffer })
    .toString()
    .trim()
    .split("\n");
  checks += lines.length;
  for (const line of lines) {
    const problem = checkCase(JSON.parse(line) as CorpusCase);
    if (problem !== undefined) report(problem);
  }
}

/** Encodes what the corpus holds by our schemas, as a TypeScript program would, from ids 65. */
function checkOtherDirection(): void {
  const streams: string[] = [];
  for (const { name, hex } of readCorpus()) {
    const schemas = caseSchemas.get(name);
    if (schemas === undefined) continue;
    const decoder = new gob.Decoder();
    decoder.push(fromHex(hex));
    const encoder = new gob.Encoder();
    const parts = schemas.map((schema) => {
      const result = decoder.read(schema);
      if (!result.done) throw new Error(`${name}: no value`);
      return encoder.encode(schema, result.value);
    });
    streams.push(JSON.stringify({ name, hex: toHex(concat(...parts)) }));
  }
  checks += streams.length;
  try {
    const input = `${streams.join("\n")}\n`;
    console.log(execFileSync(program, ["verify"], { input, maxBuffer: buffer }).toString().trim());
  } catch (error) {
    report(`other direction: ${(error as { stdout?: Buffer }).stdout?.toString() ?? String(error)}`);
  }
}

/** Streams that we refuse: does Go, too? */
function checkMalformed(): void {
  const input = readFileSync(join(fixtures, "malformed.json"));
  checks += (JSON.parse(input.toString()) as unknown[]).length;
  try {
    console.log(execFileSync(program, ["malformed"], { input }).toString().trim());
  } catch (error) {
    report(`malformed: ${(error as { stdout?: Buffer }).stdout?.toString() ?? String(error)}`);
  }
}

try {
  execFileSync(go, ["build", "-o", program, "."], { cwd: folder, stdio: "inherit" });
  compareCorpus();
  checkFresh();
  checkRandom();
  checkOtherDirection();
  checkMalformed();
  checks += 4;
  for (const problem of await checkRpc(go, scratch)) report(problem);
  console.log("rpc: Go and TypeScript as client and server, all four ways");
} finally {
  rmSync(scratch, { recursive: true });
}
console.log(`${Math.max(0, checks - failures)} passed, ${failures} failed`);
process.exitCode = failures === 0 ? 0 : 1;
