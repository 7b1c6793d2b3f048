import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Debian's package of the original at 0c91e69, which the Go module proxy does not have. */
const debianPackage = "golang-github-weaveworks-mesh-dev";
const sourceFolder = "usr/share/gocode/src/github.com/weaveworks/mesh";
const exampleFolder = `usr/share/doc/${debianPackage}/examples`;

/** SHA-256 over the names and contents of its Go files without tests, sorted by name. */
const pinned = "a2bb20cc48258434f01e4c9df9f955ba95ef303f23198f93f762e30caa05b65b";

/**
 * Makes sure that `folder` holds the source of the original at 0c91e69 (2018-03-23), a folder with its example
 * as in its repository: from where Debian's package is installed, or by downloading that package with apt-get.
 *
 * @throws Error when it is to be had neither way, or is not what it should be.
 */
export async function fetchOriginal2018(folder: string): Promise<void> {
  if (existsSync(folder) && (await digest(folder)) === pinned) return;
  await rm(folder, { recursive: true, force: true });
  const unpacked = existsSync(join("/", sourceFolder)) ? "/" : await download(`${folder}.deb`);
  await cp(join(unpacked, sourceFolder), folder, { recursive: true });
  await cp(join(unpacked, exampleFolder), join(folder, "examples"), { recursive: true });
  const found = await digest(folder);
  if (found !== pinned) {
    throw new Error(
      `${debianPackage} is not the original at 0c91e69 (SHA-256 ${found} in place of ${pinned})`,
    );
  }
}

/** Unpacks the package without installing it. */
async function download(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  try {
    await run("apt-get", ["download", debianPackage], { cwd: folder }).catch(async () => {
      await run("apt-get", ["update"]); // a new machine has no lists yet
      await run("apt-get", ["download", debianPackage], { cwd: folder });
    });
    const [archive] = (await readdir(folder)).filter((name) => name.endsWith(".deb"));
    await run("dpkg-deb", ["--extract", join(folder, archive ?? ""), folder]);
  } catch (error) {
    throw new Error(
      `the original of 2018 comes from Debian's package ${debianPackage}, which cannot be had here; ` +
        "--generation 2019 does without",
      { cause: error },
    );
  }
  return folder;
}

async function digest(folder: string): Promise<string> {
  const names = (await readdir(folder, { recursive: true }))
    .filter((name) => name.endsWith(".go") && !name.endsWith("_test.go"))
    .sort();
  const hash = createHash("sha256");
  for (const name of names) hash.update(`${name}\0`).update(await readFile(join(folder, name)));
  return hash.digest("hex");
}
