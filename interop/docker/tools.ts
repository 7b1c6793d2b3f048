import { isInstalled, run } from "./command.ts";

/** What the scripts run, and the Debian package that brings it. */
const packages = {
  docker: "docker.io",
  dockerd: "docker.io",
  "docker-compose": "docker-compose",
  debootstrap: "debootstrap",
} as const;

/** A program that the scripts can install. */
export type Tool = keyof typeof packages;

/** Whether apt-get knows what there is to install. */
let updated = false;

/** Something that has to be installed by hand. */
export class MissingToolsError extends Error {
  override readonly name = "MissingToolsError";
  readonly tools: readonly Tool[];

  constructor(tools: readonly Tool[], why: string) {
    const wanted = tools.map((tool) => `${tool} (Debian: ${packages[tool]})`).join(", ");
    super(`missing: ${wanted}; ${why}`);
    this.tools = tools;
  }
}

/**
 * Installs what is missing of these programs, as root with apt-get.
 *
 * @throws MissingToolsError that says what is missing where that is not possible; CommandError of apt-get.
 */
export async function ensureTools(tools: readonly Tool[]): Promise<void> {
  const missing = await missingOf(tools);
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0) throw new MissingToolsError(missing, "installing it takes root");
  if (!(await isInstalled("apt-get")))
    throw new MissingToolsError(missing, "there is no apt-get to install it");
  const names = [...new Set(missing.map((tool) => packages[tool]))];
  console.log(`installing ${names.join(", ")}`);
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  if (!updated) await run("apt-get", ["update", "-qq"], { env });
  updated = true;
  await run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...names], { env });
  const still = await missingOf(tools);
  if (still.length > 0) throw new MissingToolsError(still, `installing ${names.join(", ")} did not bring it`);
}

async function missingOf(tools: readonly Tool[]): Promise<Tool[]> {
  const installed = await Promise.all(tools.map(isInstalled));
  return tools.filter((_, index) => !installed[index]);
}
