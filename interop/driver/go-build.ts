import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { fetchOriginal2018 } from "./original-2018.ts";
import { buildFolder, interopFolder } from "./paths.ts";

const run = promisify(execFile);
const goModule = join(interopFolder, "go-peer");
const originalModule = "github.com/weaveworks/mesh";
const counterExample = `${originalModule}/examples/increment-only-counter`;

/** A peer name flavour, the same for a whole mesh. */
export type Flavour = "mac" | "hash";
const flavourTags: Record<Flavour, string> = { mac: "", hash: "peer_name_alternative peer_name_hash" };

/** A state of the original, named after its year. Scenarios use those of 2018 and 2019; recordings also that of 2017. */
export type Generation = "2017" | "2018" | "2019";

/** The commit and the date of each generation, and the build tag that selects its file of interop/go-peer. */
export const generations: Readonly<Record<Generation, { commit: string; date: string; tag: string }>> = {
  "2017": { commit: "1f158d3", date: "2017-04-19", tag: "mesh2017" },
  "2018": { commit: "0c91e69", date: "2018-03-23", tag: "mesh2018" },
  "2019": { commit: "58dbcc3", date: "2019-11-05", tag: "" },
};

/** The changes that a copy of the original can be built with. */
const changes = {
  /** The highest protocol version is 1: it is a constant. */
  "version-1": async (folder: string) => {
    const protocol = join(folder, "protocol.go");
    const source = await readFile(protocol, "utf8");
    const changed = source.replace("ProtocolMaxVersion = 2", "ProtocolMaxVersion = 1");
    if (changed === source) throw new Error("the original's ProtocolMaxVersion was not found");
    await writeFile(protocol, changed);
  },
  /** One more file exports the topology, so that it can be measured by itself. */
  opened: (folder: string) =>
    copyFile(join(goModule, "topology", "opened.go.txt"), join(folder, "opened.go")),
};

/** The Go programs, each with the package to build and the change to the original below it. */
const programs = {
  "go-peer": { target: ".", change: undefined },
  "go-peer-v1": { target: ".", change: "version-1" },
  /** A neighbour without a router, which shakes hands. */
  neighbour: { target: "./neighbour", change: undefined },
  /** The original's topology by itself. */
  topology: { target: "./topology", change: "opened" },
  /** The original's example as it is. */
  "original-counter": { target: counterExample, change: undefined },
  /** The same with known randomness (interop/go-peer/seeded), from a copy; only of 2019. */
  "seeded-counter": { target: counterExample, change: undefined },
} as const;

/** A Go program that can be built. */
export type GoProgram = keyof typeof programs;

/** The path of a Go program's binary. */
export function goBinary(
  program: GoProgram,
  flavour: Flavour = "mac",
  generation: Generation = "2019",
): string {
  return join(buildFolder, [program, ...(generation === "2019" ? [] : [generation]), flavour].join("-"));
}

/** Builds a Go program; Go's own cache makes a second build quick. @throws Error with the compiler's output. */
export async function buildGo(
  program: GoProgram,
  flavour: Flavour = "mac",
  generation: Generation = "2019",
): Promise<void> {
  await mkdir(buildFolder, { recursive: true });
  const { target, change } = programs[program];
  const tags = ["-tags", `${flavourTags[flavour]} ${generations[generation].tag}`.trim()];
  const output = ["-o", goBinary(program, flavour, generation)];
  if (program === "seeded-counter") await go(["build", ...tags, ...output, "."], await seededCounter());
  else await go(["build", ...(await modfileOf(change, generation)), ...tags, ...output, target]);
}

/** The go.mod of a generation and a change, as an argument; none for the module's own. */
async function modfileOf(
  change: keyof typeof changes | undefined,
  generation: Generation,
): Promise<string[]> {
  if (change === undefined && generation === "2019") return [];
  if (change === undefined && generation === "2017") return ["-modfile=generation-2017.mod"];
  const original = await sourceOf(generation);
  const source = change === undefined ? original : await changedCopy(original, change, generation);
  const file = join(buildFolder, `go-peer-${generation}${change === undefined ? "" : `-${change}`}.mod`);
  if (!existsSync(join(source, "go.mod"))) {
    await writeFile(join(source, "go.mod"), `module ${originalModule}\n`); // older than modules
  }
  const goMod = await readFile(join(goModule, "go.mod"), "utf8");
  await writeFile(file, `${goMod}\nreplace ${originalModule} => ${source}\n`);
  await copyFile(join(goModule, "go.sum"), file.replace(/mod$/, "sum"));
  return [`-modfile=${file}`];
}

async function sourceOf(generation: Generation): Promise<string> {
  if (generation === "2018") {
    const folder = join(buildFolder, "mesh-2018");
    await fetchOriginal2018(folder);
    return folder;
  }
  const modfile = generation === "2017" ? ["-modfile=generation-2017.mod"] : [];
  await go(["mod", "download", ...modfile]);
  return go(["list", "-m", ...modfile, "-f", "{{.Dir}}", originalModule]);
}

/** A copy of an original in the build folder, with a change. */
async function changedCopy(
  original: string,
  change: keyof typeof changes,
  generation: Generation,
): Promise<string> {
  const folder = await writableCopy(original, `mesh-${generation}-${change}`);
  await changes[change](folder);
  return folder;
}

/** A copy of the original's example in the build folder, with a file that makes its randomness known. */
async function seededCounter(): Promise<string> {
  const original = join(await sourceOf("2019"), "examples", basename(counterExample));
  const folder = await writableCopy(original, "seeded-counter-source");
  const goMod = await readFile(join(goModule, "go.mod"), "utf8");
  const [, name = ""] = /^module (.*)$/m.exec(goMod) ?? [];
  await writeFile(join(folder, "seeded.go"), `package main\n\nimport _ "${name}/seeded"\n`);
  const own = goMod.replace(/^module .*$/m, "module seeded-counter");
  await writeFile(
    join(folder, "go.mod"),
    `${own}\nrequire ${name} v0.0.0\n\nreplace ${name} => ${goModule}\n`,
  );
  await copyFile(join(goModule, "go.sum"), join(folder, "go.sum"));
  return folder;
}

/** Copies a folder of the module cache, in which nothing can be written. */
async function writableCopy(source: string, name: string): Promise<string> {
  const folder = join(buildFolder, name);
  await rm(folder, { recursive: true, force: true });
  await run("cp", ["-r", source, folder]);
  await run("chmod", ["-R", "u+w", folder]);
  return folder;
}

async function go(parameters: readonly string[], cwd = goModule): Promise<string> {
  const { stdout } = await run("go", parameters, { cwd, env: { ...process.env, CGO_ENABLED: "0" } });
  return stdout.trim();
}
