import { execFile } from "node:child_process";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const folder = dirname(fileURLToPath(import.meta.url));
const module = join(folder, "peer");
/** Where binaries and logs go; git ignores it. */
export const buildFolder = join(folder, "..", ".build", "record");

/** The generations of the original that are recorded, by commit. */
export type Generation = "58dbcc3" | "1f158d3";
export type Flavour = "mac" | "hash";

/** The dates of the generations. */
export const generationDates: Readonly<Record<Generation, string>> = {
  "58dbcc3": "2019-11-05",
  "1f158d3": "2017-04-19",
};

/** Where a peer's binary is. */
export function peerBinary(generation: Generation, flavour: Flavour): string {
  return join(buildFolder, `peer-${generation}-${flavour}`);
}

/** The original's example with known randomness. */
export const counterBinary = join(buildFolder, "counter");

/** Builds all programs. @throws Error with the compiler's output */
export async function buildAll(): Promise<void> {
  await mkdir(buildFolder, { recursive: true });
  for (const generation of ["58dbcc3", "1f158d3"] as const) {
    for (const flavour of ["mac", "hash"] as const) {
      const tags = [
        ...(generation === "1f158d3" ? ["mesh2017"] : []),
        ...(flavour === "hash" ? ["peer_name_alternative", "peer_name_hash"] : []),
      ].join(" ");
      const modfile = generation === "1f158d3" ? ["-modfile=generation-2017.mod"] : [];
      await go(["build", ...modfile, "-tags", tags, "-o", peerBinary(generation, flavour), "."]);
    }
  }
  await buildCounter();
}

/** The original's counter example as it is, and beside it the file that makes randomness known. */
async function buildCounter(): Promise<void> {
  const copy = join(buildFolder, "counter-source");
  await rm(copy, { recursive: true, force: true });
  const original = await go(["list", "-m", "-f", "{{.Dir}}", "github.com/weaveworks/mesh"]);
  await cp(join(original, "examples", "increment-only-counter"), copy, {
    recursive: true,
    filter: (source) => !source.endsWith("_test.go"),
  });
  await run("chmod", ["-R", "u+w", copy]);
  await cp(join(module, "seed.go"), join(copy, "seed.go"));
  const goMod = await readFile(join(module, "go.mod"), "utf8");
  await writeFile(join(copy, "go.mod"), goMod);
  await cp(join(module, "go.sum"), join(copy, "go.sum"));
  await go(["build", "-o", counterBinary, "."], copy);
}

async function go(parameters: readonly string[], cwd = module): Promise<string> {
  const { stdout } = await run("go", parameters, { cwd, env: { ...process.env, CGO_ENABLED: "0" } });
  return stdout.trim();
}
