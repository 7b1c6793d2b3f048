import { execFile } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import anyTest, { type TestFn } from "ava";
import { bundleCommand } from "../../scripts/bundle-command.ts";

const run = promisify(execFile);
const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const modules = join(root, "node_modules");
const tsc = join(modules, "typescript", "bin", "tsc");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

const test = anyTest as TestFn<{ folder: string; project: string; packed: string[] }>;

/** A program that reaches the package through every door, and the types through each, too. */
const consumer = `
import { type Gossiper, type GossipData, PeerName, Router } from "weave-mesh";
import { SessionReader } from "weave-mesh/capture";
import * as gob from "weave-mesh/gob";
import { MemoryNetwork, VirtualClock, seededRandom } from "weave-mesh/testing";
import { protocolMaxVersion } from "weave-mesh/wire";

class Text implements GossipData<Text> {
  readonly text: string;
  constructor(text: string) { this.text = text; }
  encode(): Uint8Array[] { return [new TextEncoder().encode(this.text)]; }
  merge(other: Text): Text { return other; }
}

class Listener implements Gossiper<Text> {
  heard = "";
  onUnicast(_source: PeerName, message: Uint8Array): void { this.heard = new TextDecoder().decode(message); }
  onBroadcast(_source: PeerName, update: Uint8Array): Text { return new Text(new TextDecoder().decode(update)); }
  gossip(): Text | undefined { return undefined; }
  onGossip(): undefined { return undefined; }
}

const Point = gob.struct("Point", { X: gob.int, Y: gob.int64 });
const point: gob.Infer<typeof Point> = { X: 1, Y: 2n };
const back = gob.decode(Point, gob.encode(Point, point));

const clock = new VirtualClock();
const random = seededRandom("package");
const network = new MemoryNetwork({ clock, random });
const make = (number: number): Router =>
  new Router({
    name: PeerName.fromUint(number), nickname: \`n\${number}\`, host: \`10.0.0.\${number}\`, port: 6783,
    password: "secret", transport: network.host(\`10.0.0.\${number}\`), clock, random,
  });
const [one, two] = [make(1), make(2)];
const listener = new Listener();
const channel = one.channel("default", new Listener());
two.channel("default", listener);
await one.start();
await two.start();
one.connect(["10.0.0.2:6783"]);
await clock.runUntil(() => one.peers().length === 2 && one.status().connections.length === 1, 60_000);
await clock.advance(2_000);
await channel.unicast(two.name, new TextEncoder().encode("hello"));
await clock.advance(1_000);
console.log(JSON.stringify({ Y: String(back.Y), heard: listener.heard, protocolMaxVersion, capture: typeof SessionReader }));
process.exit(0);
`;

test.before("the package is built, packed and unpacked into an empty project", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "weave-mesh-package-"));
  const stage = join(folder, "stage");
  const project = join(folder, "project");
  const installed = join(project, "node_modules", manifest.name);
  mkdirSync(installed, { recursive: true });
  mkdirSync(stage);
  // A copy is built and packed, as other tests may be using dist/.
  for (const entry of ["package.json", ...manifest.files.filter((file: string) => file !== "dist")]) {
    if (existsSync(join(root, entry))) cpSync(join(root, entry), join(stage, entry), { recursive: true });
  }
  const build = ["-p", join(root, "tsconfig.build.json"), "--outDir", join(stage, "dist")];
  await run(process.execPath, [tsc, ...build], { cwd: root });
  await bundleCommand(join(stage, "dist"));
  await run("npm", ["pack", "--ignore-scripts", "--offline", "--pack-destination", folder], { cwd: stage });
  const tarball = join(folder, `${manifest.name}-${manifest.version}.tgz`);
  await run("tar", ["-xzf", tarball, "-C", installed, "--strip-components=1"]);
  const { stdout } = await run("tar", ["-tzf", tarball]);
  for (const name of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })) {
    if (existsSync(join(modules, name)))
      symlinkSync(join(modules, name), join(project, "node_modules", name));
  }
  mkdirSync(join(project, "node_modules", "@types"));
  symlinkSync(join(modules, "@types", "node"), join(project, "node_modules", "@types", "node"));
  writeFileSync(
    join(project, "package.json"),
    JSON.stringify({ name: "empty", type: "module", private: true }),
  );
  writeFileSync(join(project, "main.ts"), consumer);
  t.context = { folder, project, packed: stdout.trim().split("\n") };
});

test.after.always("the project is removed", (t) => {
  if (t.context.folder !== undefined) rmSync(t.context.folder, { recursive: true, force: true });
});

for (const [module, moduleResolution] of [
  ["nodenext", "nodenext"],
  ["esnext", "bundler"],
] as const) {
  test(`package: its types are found and hold by themselves (moduleResolution ${moduleResolution})`, async (t) => {
    const options = [
      ...[
        "--module",
        module,
        "--moduleResolution",
        moduleResolution,
        "--target",
        "es2023",
        "--types",
        "node",
      ],
      ...[
        "--lib",
        "es2023,esnext.disposable",
        "--strict",
        "--exactOptionalPropertyTypes",
        "--skipLibCheck",
        "false",
      ],
      ...["--outDir", join(t.context.project, moduleResolution)],
    ];
    const main = join(t.context.project, "main.ts");
    const { stdout } = await run(process.execPath, [tsc, ...options, main], { cwd: t.context.project }).catch(
      (error: { stdout: string }) => error,
    );
    t.is(stdout, "");
  });
}

test("package: a program reaches it through every door", async (t) => {
  const { project } = t.context;
  // Node 20 does not strip types: take away the few there are by compiling without a check.
  const options = [
    "--module",
    "nodenext",
    "--target",
    "es2023",
    "--noCheck",
    "--outDir",
    join(project, "out"),
  ];
  await run(process.execPath, [tsc, ...options, join(project, "main.ts")], { cwd: project });
  const { stdout } = await run(process.execPath, [join(project, "out", "main.js")], { cwd: project });
  t.deepEqual(JSON.parse(stdout), { Y: "2", heard: "hello", protocolMaxVersion: 2, capture: "function" });
});

test("package: the command is there and runs", async (t) => {
  const file = join(t.context.project, "node_modules", manifest.name, manifest.bin["weave-mesh"]);
  t.regex(readFileSync(file, "utf8"), /^#!\/usr\/bin\/env node\n/);
  const { stdout } = await run(process.execPath, [file, "--version"]);
  t.is(stdout, `${manifest.version}\n`);
});

test("package: each command is there", async (t) => {
  const file = join(t.context.project, "node_modules", manifest.name, manifest.bin["weave-mesh"]);
  for (const command of ["join", "status", "gob", "capture", "inspect", "replay", "demo"]) {
    const { stdout } = await run(process.execPath, [file, command, "--help"]);
    t.true(stdout.startsWith("Usage: ") && stdout.includes(command), command);
  }
});

test("package: the command is a bundle, which loads nothing from outside its folder but sodium-native", (t) => {
  const folder = join(t.context.project, "node_modules", manifest.name, "dist", "cli");
  const texts = readdirSync(folder)
    .filter((name) => name.endsWith(".js"))
    .map((name) => readFileSync(join(folder, name), "utf8"));
  const statements = texts.flatMap((text) => [...text.matchAll(/^(?:import\b.*|\} from) ?"([^"]+)";$/gm)]);
  const modules = new Set(statements.map((match) => match[1]!));
  t.true(modules.has("node:net"));
  t.deepEqual(
    [...modules].filter((module) => !isBuiltin(module) && !module.startsWith("./")),
    [],
  );
});

test("package: what `exports` names is packed, with its types", (t) => {
  const targets = Object.values(manifest.exports as Record<string, string | Record<string, string>>).flatMap(
    (target) => (typeof target === "string" ? [target] : Object.values(target)),
  );
  for (const target of targets)
    t.true(t.context.packed.includes(`package/${target.replace("./", "")}`), target);
});

test("package: nothing is packed that a user has no use for", (t) => {
  const useful =
    /^package\/(dist\/|src\/|docs\/|README\.md$|CHANGELOG\.md$|SECURITY\.md$|LICENSE$|package\.json$)/;
  t.deepEqual(
    t.context.packed.filter((file) => !useful.test(file)),
    [],
  );
});
