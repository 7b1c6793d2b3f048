import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { buildGo, type Flavour, goBinary } from "../driver/go-build.ts";
import { compile, compilePackage } from "../driver/package-build.ts";
import { root } from "../driver/paths.ts";
import { nodeBaseImage } from "./base-image.ts";
import { docker, isInstalled, run } from "./command.ts";
import { dockerBuildFolder, dockerFolder } from "./paths.ts";

/** An image remembers what it was made from in this label; nothing is made twice from the same. */
const keyLabel = "weave-mesh.key";

/** The image of the `weave-mesh` command, as docker-compose.yml has it. */
const weaveMesh = "weave-mesh:local";
const typeScriptPeer = "weave-mesh-ts-peer:local";

/**
 * The image whose entry point is `weave-mesh`: this tree, compiled by its own compiler, with its production
 * dependencies, on `nodeBaseImage`. @returns its tag. @throws CommandError, MissingToolsError
 */
export async function weaveMeshImage(): Promise<string> {
  const base = await nodeBaseImage();
  const manifests = ["package.json", "package-lock.json", "tsconfig.json", "tsconfig.build.json"];
  const key = await keyOf(
    [base],
    [
      ...[...manifests, "scripts", "src"].map((path) => join(root, path)),
      join(dockerFolder, "tree.Dockerfile"),
    ],
  );
  await make(weaveMesh, key, "tree.Dockerfile", [`NODE_IMAGE=${base}`], async (context) => {
    const tree = join(context, "weave-mesh");
    await compilePackage(tree);
    await copyProductionDependencies(tree);
  });
  return weaveMesh;
}

/**
 * The image of the interop suite's TypeScript peer. Its flags are those of interop/README.md; give it
 * `--control 0.0.0.0:PORT` to reach it from outside. @returns its tag. @throws CommandError, MissingToolsError
 */
export async function typeScriptPeerImage(): Promise<string> {
  const parent = await weaveMeshImage();
  const interop = dirname(dockerFolder);
  const key = await keyOf(
    [await keyLabelOf(parent)],
    [
      join(interop, "ts-peer.ts"),
      join(interop, "ts-peer"),
      join(interop, "tsconfig.peer.json"),
      join(dockerFolder, "ts-peer.Dockerfile"),
    ],
  );
  await make(typeScriptPeer, key, "ts-peer.Dockerfile", [], (context) =>
    compile(join(interop, "tsconfig.peer.json"), join(context, "ts-peer")),
  );
  return typeScriptPeer;
}

/**
 * The image of the interop suite's Go peer in one flavour. The binary is built by the Go of this machine, or
 * where there is none by `go-peer.Dockerfile` in the official image. @returns its tag. @throws CommandError
 */
export async function goPeerImage(flavour: Flavour): Promise<string> {
  const tag = `weave-mesh-go-peer:${flavour}`;
  if (await isInstalled("go")) {
    await buildGo("go-peer", flavour); // quick when Go has it in its cache
    return imageOfBinary(tag, goBinary("go-peer", flavour));
  }
  const file = join(dockerFolder, "go-peer.Dockerfile");
  await docker("build", "--quiet", "--file", file, "--build-arg", `FLAVOUR=${flavour}`, "--tag", tag, root);
  return tag;
}

/** An image `tag` of nothing but this static binary, its entry point. @returns the tag. @throws CommandError */
export async function imageOfBinary(tag: string, file: string): Promise<string> {
  const key = await keyOf([], [file, join(dockerFolder, "binary.Dockerfile")]);
  await make(tag, key, "binary.Dockerfile", [], (context) => cp(file, join(context, "program")));
  return tag;
}

/** Builds an image from a context that `fill` makes, unless it is there already, made from the same. */
async function make(
  tag: string,
  key: string,
  dockerfile: string,
  buildArguments: readonly string[],
  fill: (context: string) => Promise<void>,
): Promise<void> {
  if ((await keyLabelOf(tag)) === key) return;
  console.log(`building ${tag}`);
  await mkdir(dockerBuildFolder, { recursive: true });
  const context = await mkdtemp(join(dockerBuildFolder, "context-"));
  try {
    await fill(context);
    await docker(
      ...["build", "--quiet", "--file", join(dockerFolder, dockerfile), "--tag", tag],
      ...["--label", `${keyLabel}=${key}`],
      ...buildArguments.flatMap((argument) => ["--build-arg", argument]),
      context,
    );
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

/** The key of an image, or "" when there is no such image or it has none. */
async function keyLabelOf(tag: string): Promise<string> {
  try {
    return await docker("image", "inspect", "--format", `{{index .Config.Labels "${keyLabel}"}}`, tag);
  } catch {
    return "";
  }
}

/** A digest of texts, and of the names and contents of files and of all files in folders. */
async function keyOf(texts: readonly string[], paths: readonly string[]): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify(texts));
  for (const path of paths) {
    for (const file of await filesIn(path)) {
      const content = await readFile(file);
      hash.update(`\0${relative(dirname(path), file)}\0${content.length}\0`).update(content);
    }
  }
  return hash.digest("hex");
}

async function filesIn(path: string): Promise<string[]> {
  try {
    const entries = await readdir(path, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    return files.map((entry) => join(entry.parentPath, entry.name)).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR") return [path];
    throw error;
  }
}

/** Copies the packages that a user's `npm install weave-mesh` would bring from this tree's node_modules. */
async function copyProductionDependencies(tree: string): Promise<void> {
  const list = await run("npm", ["ls", "--omit=dev", "--all", "--parseable"], { cwd: root });
  for (const folder of list.split("\n").filter((path) => path !== root)) {
    await cp(folder, join(tree, relative(root, folder)), { recursive: true });
  }
}
