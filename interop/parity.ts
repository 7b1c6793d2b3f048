/**
 * Checks that docs/go-to-ts.md has a row for every exported name of the original and of its meshconn, as `go doc`
 * lists them. Needs Go. `npm run interop:parity`.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
/** A module that requires the original at the commit that is matched. */
const goModule = join(root, "interop", "go-peer");
/** Import path of each package, and what stands before its names in the document. */
const packages = [
  ["github.com/weaveworks/mesh", ""],
  ["github.com/weaveworks/mesh/meshconn", "meshconn."],
] as const;

/** The exported names of a package: `Name` for what stands by itself, `Type.Name` for methods and fields. */
function exportedNames(name: string): string[] {
  const text = execFileSync("go", ["doc", "-all", name], {
    cwd: goModule,
    encoding: "utf8",
  });
  const names = new Set<string>();
  let block: { kind: "type" | "values"; name: string } | undefined;
  for (const line of text.split("\n")) {
    const method = /^func \(\w* ?\*?(\w+)\) ([A-Z]\w*)\(/.exec(line);
    const single = /^(?:func|const|var) ([A-Z]\w*)/.exec(line);
    const type = /^type ([A-Z]\w*) ?(struct|interface)?/.exec(line);
    if (method !== null) names.add(`${method[1]}.${method[2]}`);
    else if (single !== null) names.add(single[1]!);
    else if (type !== null) names.add(type[1]!);
    if (type !== null && line.endsWith("{")) block = { kind: "type", name: type[1]! };
    else if (/^(const|var) \($/.test(line)) block = { kind: "values", name: "" };
    else if (/^[)}]/.test(line)) block = undefined;
    else if (block?.kind === "values") for (const found of valueNames(line)) names.add(found);
    else if (block?.kind === "type")
      for (const found of memberNames(line)) names.add(`${block.name}.${found}`);
  }
  return [...names].filter((each) => /^[A-Z]/.test(each));
}

function valueNames(line: string): string[] {
  const match = /^\t([A-Z]\w*(?:, [A-Z]\w*)*)(?: .*)?$/.exec(line);
  return match === null ? [] : match[1]!.split(", ");
}

/** Fields, several on a line at most, and methods of an interface; embedded types are members of their own name. */
function memberNames(line: string): string[] {
  const match = /^\t([A-Z]\w*(?:, [A-Z]\w*)*)(?:[ (].*)?$/.exec(line);
  return match === null ? [] : match[1]!.split(", ");
}

/** The names in the first column of the tables. */
function documentedNames(text: string): Set<string> {
  const rows = text.split("\n").filter((line) => line.startsWith("| `"));
  return new Set(
    rows.flatMap((row) => [...row.split("|")[1]!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!)),
  );
}

// Unlike a build, `go doc` does not fetch what is missing.
execFileSync("go", ["mod", "download", "github.com/weaveworks/mesh"], { cwd: goModule, stdio: "inherit" });
const documented = documentedNames(readFileSync(join(root, "docs", "go-to-ts.md"), "utf8"));
const exported = packages.flatMap(([name, prefix]) => exportedNames(name).map((each) => prefix + each));
const missing = exported.filter((each) => !documented.has(each));
for (const each of missing) console.log(`no row: ${each}`);
console.log(`${exported.length - missing.length} passed, ${missing.length} failed`);
process.exitCode = missing.length > 0 || exported.length === 0 ? 1 : 0;
