import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { fetchOriginal2018 } from "./original-2018.ts";
import { buildFolder, interopFolder } from "./paths.ts";

const run = promisify(execFile);
const goModule = join(interopFolder, "go-peer");

/** A peer name flavour, the same for a whole mesh. */
export type Flavour = "mac" | "hash";
/** A generation of the original: 0c91e69 of 2018-03-23 or 58dbcc3 of 2019-11-05. */
export type Generation = "2018" | "2019";

const flavourTags: Record<Flavour, string> = { mac: "", hash: "peer_name_alternative peer_name_hash" };
const generationTags: Record<Generation, string> = { "2018": "mesh2018", "2019": "" };

/** A Go program of the suite; `go-peer-v1` is the peer over the original with its highest version set to 1. */
export type GoProgram = "go-peer" | "go-peer-v1" | "original-counter";

/** Where a Go program's binary is. */
export function goBinary(program: GoProgram, flavour: Flavour, generation: Generation = "2019"): string {
  return join(buildFolder, [program, ...(generation === "2018" ? [generation] : []), flavour].join("-"));
}

/** Builds a Go program; Go's own cache makes a second build quick. @throws Error with the compiler's output. */
export async function buildGo(
  program: GoProgram,
  flavour: Flavour,
  generation: Generation = "2019",
): Promise<void> {
  await mkdir(buildFolder, { recursive: true });
  const target =
    program === "original-counter" ? "github.com/weaveworks/mesh/examples/increment-only-counter" : ".";
  const modfile = await modfileOf(program === "go-peer-v1" ? 1 : 2, generation);
  const tags = `${flavourTags[flavour]} ${generationTags[generation]}`.trim();
  const output = goBinary(program, flavour, generation);
  await go(["build", ...modfile, "-tags", tags, "-o", output, target]);
}

/** The go.mod of a generation and a highest protocol version, as an argument; none for the module's own. */
async function modfileOf(highest: 1 | 2, generation: Generation): Promise<string[]> {
  if (highest === 2 && generation === "2019") return [];
  const original = await sourceOf(generation);
  const source = highest === 1 ? await versionOneCopy(original, generation) : original;
  const file = join(buildFolder, `go-peer-${generation}-v${highest}.mod`);
  if (!existsSync(join(source, "go.mod"))) {
    await writeFile(join(source, "go.mod"), "module github.com/weaveworks/mesh\n"); // older than modules
  }
  const goMod = await readFile(join(goModule, "go.mod"), "utf8");
  await writeFile(file, `${goMod}\nreplace github.com/weaveworks/mesh => ${source}\n`);
  await writeFile(file.replace(/mod$/, "sum"), await readFile(join(goModule, "go.sum")));
  return [`-modfile=${file}`];
}

async function sourceOf(generation: Generation): Promise<string> {
  if (generation === "2018") {
    const folder = join(buildFolder, "mesh-2018");
    await fetchOriginal2018(folder);
    return folder;
  }
  await go(["mod", "download"]);
  return go(["list", "-m", "-f", "{{.Dir}}", "github.com/weaveworks/mesh"]);
}

/** A copy of an original in the build folder that speaks version 1 only. */
async function versionOneCopy(original: string, generation: Generation): Promise<string> {
  const folder = join(buildFolder, `mesh-${generation}-v1`);
  await rm(folder, { recursive: true, force: true });
  await run("cp", ["-r", original, folder]);
  await run("chmod", ["-R", "u+w", folder]);
  const protocol = join(folder, "protocol.go");
  const source = await readFile(protocol, "utf8");
  const changed = source.replace("ProtocolMaxVersion = 2", "ProtocolMaxVersion = 1");
  if (changed === source) throw new Error("the original's ProtocolMaxVersion was not found");
  await writeFile(protocol, changed);
  return folder;
}

async function go(parameters: readonly string[]): Promise<string> {
  const { stdout } = await run("go", parameters, {
    cwd: goModule,
    env: { ...process.env, CGO_ENABLED: "0" },
  });
  return stdout.trim();
}
