import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The rooms of src/, from the bottom up. Those in one row do not know each other. */
const floors = [
  ["gob", "transport", "go-text"],
  ["peer-name.ts"],
  ["wire"],
  ["topology"],
  ["gossip"],
  ["router"],
  ["datagrams", "capture"],
  ["testing.ts", "index.ts"],
  ["cli"],
];

/** Modules that the command may import: the public ones, and go-text, whose functions are pure. */
const publicDoors = [
  "index.ts",
  "gob/index.ts",
  "wire/index.ts",
  "capture/index.ts",
  "testing.ts",
  "go-text/index.ts",
];

/** Words that name no idea. */
const emptyWords = /(^|[-/])(utils?|helpers?|managers?|common|misc)([-./]|$)/;

const longestFile = 400;

interface Import {
  /** Path of the importing file below src/. */
  from: string;
  /** Path of the imported file below src/. */
  to: string;
}

function filesIn(folder: string, ending: string): string[] {
  const skipped = new Set(["node_modules", "dist", ".git", ".build", ".library"]);
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : filesIn(path, ending);
    return entry.name.endsWith(ending) ? [path] : [];
  });
}

const allFiles = filesIn(".", ".ts");
const sourceFiles = allFiles.filter((file) => file.startsWith(`src${sep}`));
const imports = sourceFiles.flatMap(importsOf);

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), "utf8");
  const specifiers = text.matchAll(/^(?:import|export)\b[^;]*? from "(\.[^"]+)"|\bimport\("(\.[^"]+)"\)/gm);
  return [...specifiers].map(([, still, lazy]) => ({
    from: below(file),
    to: below(relative(root, resolve(root, dirname(file), (still ?? lazy)!))),
  }));
}

function below(file: string): string {
  return relative("src", file).split(sep).join("/");
}

/** A folder of src/, or a file that stands in src/ itself. */
function roomOf(path: string): string {
  return path.split("/")[0]!;
}

function floorOf(path: string): number {
  return floors.findIndex((rooms) => rooms.includes(roomOf(path)));
}

const printed = ({ from, to }: Import): string => `${from} -> ${to}`;

test("house: the test sees the imports", (t) => {
  t.true(imports.length > 100);
  t.true(imports.some(({ from, to }) => from.startsWith("cli/") && to === "index.ts"));
});

test("house: every file of src is in a known room", (t) => {
  t.deepEqual(
    sourceFiles.map(below).filter((file) => floorOf(file) === -1),
    [],
  );
});

test("house: imports between rooms go down only", (t) => {
  const upward = imports.filter(
    ({ from, to }) => roomOf(from) !== roomOf(to) && floorOf(to) >= floorOf(from),
  );
  t.deepEqual(upward.map(printed), []);
});

test("house: imports between rooms go through the door", (t) => {
  const throughTheWall = imports.filter(
    ({ from, to }) => roomOf(from) !== roomOf(to) && to.includes("/") && !/^[^/]+\/index\.ts$/.test(to),
  );
  t.deepEqual(throughTheWall.map(printed), []);
});

test("house: the command line uses the public surface only", (t) => {
  const beyond = imports.filter(
    ({ from, to }) => roomOf(from) === "cli" && roomOf(to) !== "cli" && !publicDoors.includes(to),
  );
  t.deepEqual(beyond.map(printed), []);
});

test("house: gob is public by itself and imports nothing from outside, sockets and timers are transport's", (t) => {
  const outside = sourceFiles.flatMap((file) => {
    const text = readFileSync(join(root, file), "utf8");
    const room = roomOf(below(file));
    const found = [...text.matchAll(/^(?:import|export)\b[^;]*? from "([a-z@][^"]*)"/gm)].map(
      (match) => match[1]!,
    );
    const forbidden = found.filter((module) => {
      if (room === "gob") return true;
      const usesNetwork = /^node:(net|tls|dgram|dns|timers)/.test(module);
      // net.isIP and net.BlockList are arithmetic on addresses, not sockets.
      const onlyArithmetic = new RegExp(
        `import \\{ (?:BlockList|isIP|isIPv4|isIPv6|, )+ \\} from "${module}"`,
      );
      return usesNetwork && room !== "transport" && room !== "cli" && !onlyArithmetic.test(text);
    });
    return forbidden.map((module) => `${file}: ${module}`);
  });
  t.deepEqual(outside, []);
});

test(`house: no file has more than ${longestFile} lines`, (t) => {
  const long = allFiles
    .map((file) => ({ file, lines: readFileSync(join(root, file), "utf8").split("\n").length - 1 }))
    .filter(({ lines }) => lines > longestFile);
  t.deepEqual(long, []);
});

test("house: files are named in kebab-case, and after what they hold", (t) => {
  const bad = allFiles.filter((file) => {
    const name = basename(file).replace(/(\.test|\.d)?\.ts$/, "");
    return !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) || emptyWords.test(file.split(sep).join("/"));
  });
  t.deepEqual(bad, []);
});

test("house: nothing is left to do", (t) => {
  const marks = allFiles.filter((file) => {
    if (file === join("test", "house.test.ts")) return false;
    return /\b(TODO|FIXME|XXX|HACK)\b/.test(readFileSync(join(root, file), "utf8"));
  });
  t.deepEqual(marks, []);
});

test("house: test folders mirror the rooms", (t) => {
  const rooms = new Set(sourceFiles.map((file) => roomOf(below(file))));
  const others = ["cost", "fuzz", "docs", "examples", "interop", "package", "fixtures"];
  const strangers = readdirSync(join(root, "test"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .filter((name) => !rooms.has(name) && !others.includes(name));
  t.deepEqual(strangers, []);
});

test("house: the links in documents lead somewhere", (t) => {
  const dead = filesIn(".", ".md").flatMap((file) => {
    const text = readFileSync(join(root, file), "utf8").replace(/```[\s\S]*?```/g, "");
    const links = [...text.matchAll(/\]\(([^)#\s]+)(#[^)]*)?\)/g)].map((match) => match[1]!);
    const local = links.filter((link) => !/^[a-z]+:/.test(link));
    return local.filter((link) => !exists(join(dirname(file), link))).map((link) => `${file}: ${link}`);
  });
  t.deepEqual(dead, []);
});

test("house: the lock file names no registry", (t) => {
  const lock = readFileSync(join(root, "package-lock.json"), "utf8");
  t.notRegex(lock, /"resolved"|https?:\/\/[^"]*registry/);
});

test("house: every package in the lock file has an integrity digest", (t) => {
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    packages: Record<string, { integrity?: string; link?: boolean }>;
  };
  const unverified = Object.entries(lock.packages)
    .filter(([path, entry]) => path !== "" && entry.link !== true && entry.integrity === undefined)
    .map(([path]) => path);
  t.deepEqual(unverified, []);
});

function exists(path: string): boolean {
  try {
    readFileSync(join(root, path));
    return true;
  } catch (error) {
    return (error as { code?: string }).code === "EISDIR";
  }
}
