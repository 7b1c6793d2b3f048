import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { docker, run } from "./command.ts";
import { dockerBuildFolder } from "./paths.ts";
import { ensureTools } from "./tools.ts";

/** The Debian release of a base image that we make. */
const suite = "bookworm";

/** How long a registry may take to say that it has an image, in milliseconds. */
const registryAnswersWithinMs = 10_000;

/** What a base image does not need, inside its root. */
const dispensable = [
  "var/cache/apt/archives",
  "var/lib/apt/lists",
  "usr/share/doc",
  "usr/share/info",
  "usr/share/locale",
  "usr/share/man",
];

/** Whether an image is there. */
export async function imageExists(tag: string): Promise<boolean> {
  try {
    await docker("image", "inspect", "--format", "{{.Id}}", tag);
    return true;
  } catch {
    return false;
  }
}

/**
 * The image with Node in it that ours are made from: the official one where it can be pulled, otherwise a
 * minimal Debian with this process's own Node. Made once for each version of Node.
 *
 * @returns its tag.
 * @throws MissingToolsError, CommandError
 */
export async function nodeBaseImage(): Promise<string> {
  const tag = `weave-mesh-base:node-${process.version}`;
  if (await imageExists(tag)) return tag;
  const official = `node:${process.versions.node.split(".")[0]}-slim`;
  if (await pulled(official)) await docker("tag", official, tag);
  else await importDebian(tag);
  return tag;
}

/** Pulls an image. False when the registry does not answer at once, or does not have it. */
async function pulled(image: string): Promise<boolean> {
  if (await imageExists(image)) return true;
  try {
    await run("docker", ["manifest", "inspect", image], { timeoutMs: registryAnswersWithinMs });
  } catch {
    return false;
  }
  console.log(`pulling ${image}`);
  await docker("pull", "--quiet", image);
  return true;
}

async function importDebian(tag: string): Promise<void> {
  if (process.getuid?.() !== 0) {
    throw new Error("no image can be pulled, and making a base image with debootstrap takes root");
  }
  await ensureTools(["debootstrap"]);
  console.log(`making ${tag} from Debian ${suite} and ${process.execPath} (about a minute, once)`);
  await mkdir(dockerBuildFolder, { recursive: true });
  const folder = await mkdtemp(join(dockerBuildFolder, "debian-"));
  const tree = join(folder, "root");
  try {
    await run("debootstrap", ["--variant=minbase", suite, tree]);
    for (const path of dispensable) await rm(join(tree, path), { recursive: true, force: true });
    await copyFile(process.execPath, join(tree, "usr/local/bin/node"));
    const archive = join(folder, "root.tar");
    await run("tar", ["--create", "--file", archive, "--directory", tree, "."]);
    await docker("import", archive, tag);
  } finally {
    // An interrupted debootstrap leaves the machine's own /proc mounted in there.
    await run("rm", ["--recursive", "--force", "--one-file-system", folder]);
  }
}
