import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import test from "ava";
import { parseJoinOptions } from "../src/cli/join-options.ts";

const run = promisify(execFile);
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const readme = readFileSync(join(root, "README.md"), "utf8");

/** The first fenced block of a language in a section. */
function block(section: string, language: string): string {
  const text = readme.split(`\n## ${section}\n`)[1]?.split("\n## ")[0] ?? "";
  return text.split(`\`\`\`${language}\n`)[1]?.split("```")[0] ?? "";
}

test("readme: the quick example compiles, runs, and prints what is printed there", async (t) => {
  // Inside of the project, so that the package's own name is found.
  mkdirSync(join(root, "tmp"), { recursive: true });
  const folder = mkdtempSync(join(root, "tmp", "readme-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "example.ts"), block("Quick example", "ts"));
  const project = { extends: "../../tsconfig.json", include: ["*.ts"], exclude: [] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(project));
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const [checked, ran] = await Promise.all([
    run(process.execPath, [tsc, "-p", folder]).catch((error: { stdout: string }) => error),
    run(process.execPath, ["--import=tsx", join(folder, "example.ts")], { cwd: root }),
  ]);
  t.is(checked.stdout, "");
  t.is(ran.stdout, block("Quick example", "text"));
  t.is(ran.stderr, "");
});

test("readme: the command line has the flags that it is shown with", (t) => {
  const line = block("Joining a mesh from the command line", "sh").split("\n")[0]!;
  const args = line.split(" ");
  const options = parseJoinOptions(args.slice(args.indexOf("join") + 1));
  t.deepEqual(options.peers, ["10.0.0.7"]);
  t.deepEqual(options.http, { host: "127.0.0.1", port: 6784 });
});

test("readme: every dependency has a line, and nothing else has", (t) => {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const section = readme.split("\n## What it stands on\n")[1]?.split("\n## ")[0] ?? "";
  const named = [...section.matchAll(/^- `([^`]+)`/gm)].map((match) => match[1]);
  t.deepEqual(
    named.sort(),
    Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies }).sort(),
  );
  for (const name of Object.keys(manifest.devDependencies)) t.true(section.includes(`\`${name}\``), name);
});
