import { execFile } from "node:child_process";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { fetchOriginal2018 } from "../driver/original-2018.ts";

const run = promisify(execFile);
const folder = dirname(fileURLToPath(import.meta.url));
const module = join(folder, "peer");
/** Where binaries and logs go; git ignores it. */
export const buildFolder = join(folder, "..", ".build", "record");

/** The generations of the original that are recorded, by commit. */
export type Generation = "58dbcc3" | "0c91e69" | "1f158d3";
export type Flavour = "mac" | "hash";

/** The dates of the generations. */
export const generationDates: Readonly<Record<Generation, string>> = {
  "58dbcc3": "2019-11-05",
  "0c91e69": "2018-03-23",
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
  const modfiles: Record<Generation, string[]> = {
    "58dbcc3": [],
    "0c91e69": [`-modfile=${await module2018()}`],
    "1f158d3": ["-modfile=generation-2017.mod"],
  };
  for (const generation of Object.keys(modfiles) as Generation[]) {
    for (const flavour of ["mac", "hash"] as const) {
      const tags = [
        ...generationTags[generation],
        ...(flavour === "hash" ? ["peer_name_alternative", "peer_name_hash"] : []),
      ].join(" ");
      await go(["build", ...modfiles[generation], "-tags", tags, "-o", peerBinary(generation, flavour), "."]);
    }
  }
  await buildCounter();
}

const generationTags: Record<Generation, string[]> = {
  "58dbcc3": [],
  "0c91e69": ["mesh2018"],
  "1f158d3": ["mesh2017"],
};

/** A go.mod that takes the original from Debian's package, as the module proxy does not have that commit. */
async function module2018(): Promise<string> {
  const source = join(buildFolder, "mesh-2018");
  await fetchOriginal2018(source);
  await cp(join(module, "generation-2017.mod"), join(source, "go.mod"));
  const goMod = (await readFile(join(source, "go.mod"), "utf8"))
    .replace(/^module .*$/m, "module github.com/weaveworks/mesh")
    .replace(/^.*github.com\/weaveworks\/mesh v.*\n/m, "");
  await writeFile(join(source, "go.mod"), goMod);
  const modfile = join(buildFolder, "generation-2018.mod");
  const own = await readFile(join(module, "go.mod"), "utf8");
  await writeFile(modfile, `${own}\nreplace github.com/weaveworks/mesh => ${source}\n`);
  await cp(join(module, "go.sum"), join(buildFolder, "generation-2018.sum"));
  return modfile;
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
