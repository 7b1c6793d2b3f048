import { execFile } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { packageFolder } from "../package-folder.ts";

const run = promisify(execFile);

/** How long compiling may take the first time, with the downloads it needs, in milliseconds. */
const buildTimeoutMs = 10 * 60_000;

/** The image that compiles the Go peer where Go itself is missing. */
const goImage = "golang:1.23";

/** Why there is no Go peer, in a sentence, or its binary. */
export type GoBuild = { readonly binary: string } | { readonly missing: string };

/**
 * Compiles the Go peer of interop/go-peer with the machine's Go, else in a container.
 *
 * @param say is told, in a sentence, what takes time.
 */
export async function buildGoPeer(say: (text: string) => void): Promise<GoBuild> {
  // The published package has no interop folder in it.
  const source = join(packageFolder, "interop", "go-peer");
  if (!existsSync(source))
    return { missing: "the Go peer's source (interop/go-peer) is not part of the package" };
  const folder = join(packageFolder, "interop", ".build");
  mkdirSync(folder, { recursive: true });
  const name = process.platform === "win32" ? "demo-go-peer.exe" : "demo-go-peer";
  const reasons: string[] = [];
  if (await answers("go", ["version"])) {
    say("Compiling the Go peer; the first time this takes a minute.");
    const failure = await compile("go", ["build", "-o", join(folder, name), "."], source);
    if (failure === undefined) return { binary: join(folder, name) };
    reasons.push(`go build fails (${failure})`);
  } else {
    reasons.push("Go is not installed");
  }
  if (await answers("docker", ["version"])) {
    say(`Compiling the Go peer in a container (${goImage}); the first time this takes some minutes.`);
    const target = ["-e", `GOOS=${goPlatform()}`, "-e", `GOARCH=${goArchitecture()}`, "-e", "CGO_ENABLED=0"];
    const mounts = ["-v", `${source}:/source:ro`, "-v", `${folder}:/out`, "-w", "/source"];
    const command = ["go", "build", "-buildvcs=false", "-o", `/out/${name}`, "."];
    const failure = await compile(
      "docker",
      ["run", "--rm", ...target, ...mounts, goImage, ...command],
      source,
    );
    if (failure === undefined) return { binary: join(folder, name) };
    reasons.push(`building with Docker fails (${failure})`);
  } else {
    reasons.push("Docker does not answer");
  }
  return { missing: reasons.join(", and ") };
}

async function answers(program: string, args: readonly string[]): Promise<boolean> {
  return run(program, args, { timeout: 20_000 }).then(
    () => true,
    () => false,
  );
}

/** Runs a compiler; the last line of what it complains about, if it fails. */
async function compile(program: string, args: readonly string[], cwd: string): Promise<string | undefined> {
  try {
    const env = { ...process.env, CGO_ENABLED: "0" };
    await run(program, args, { cwd, env, timeout: buildTimeoutMs });
    return undefined;
  } catch (error) {
    const { stderr = "", message } = error as Error & { stderr?: string };
    return stderr.trim().split("\n").at(-1) || message;
  }
}

function goPlatform(): string {
  return process.platform === "win32" ? "windows" : process.platform;
}

function goArchitecture(): string {
  return process.arch === "x64" ? "amd64" : process.arch === "ia32" ? "386" : process.arch;
}
