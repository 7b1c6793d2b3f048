import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";

/** The imports of each file: its path below the root, and the paths of the files that it imports. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

const skippedFolders = new Set(["node_modules", "dist"]);
const specifiers = /\b(?:from|import)\s*\(?\s*"(\.[^"]+)"/g;

/**
 * Reads the relative imports of all TypeScript files in `folders`: static ones, lazy ones, side effects, re-exports and
 * types alike.
 *
 * @param root the folder that all paths are relative to
 */
export function readImports(root: string, folders: readonly string[]): ImportGraph {
  const files = folders.flatMap((folder) => typeScriptIn(root, folder));
  return new Map(
    files.map((file) => {
      const text = readFileSync(join(root, file), "utf8");
      const imported = [...text.matchAll(specifiers)].map(([, path]) => join(dirname(file), path!));
      return [file, imported.filter((path) => existsSync(join(root, path)))];
    }),
  );
}

function typeScriptIn(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    const skipped = skippedFolders.has(entry.name) || entry.name.startsWith(".");
    if (entry.isDirectory()) return skipped ? [] : typeScriptIn(root, path);
    return entry.name.endsWith(".ts") ? [path] : [];
  });
}

/**
 * The imports between folders: each file stands for the first `depth` parts of its folder's path. Files that lie less
 * deep stand for themselves.
 */
export function betweenFolders(graph: ImportGraph, depth: number): ImportGraph {
  const groupOf = (file: string): string => {
    const parts = file.split(sep);
    return parts.length <= depth ? file : parts.slice(0, depth).join(sep);
  };
  const groups = new Map<string, Set<string>>();
  for (const [file, imported] of graph) {
    const group = groupOf(file);
    const targets = groups.get(group) ?? new Set();
    groups.set(group, targets);
    for (const target of imported.map(groupOf)) if (target !== group) targets.add(target);
  }
  return new Map([...groups].map(([group, targets]) => [group, [...targets]]));
}

/**
 * The circles of a graph: its strongly connected components of more than one file, and files that import themselves,
 * each sorted (Tarjan's algorithm).
 */
export function circlesOf(graph: ImportGraph): string[][] {
  const circles: string[][] = [];
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const onStack = new Set<string>();
  const visit = (file: string): void => {
    const own = order.size;
    order.set(file, own);
    lowest.set(file, own);
    stack.push(file);
    onStack.add(file);
    for (const target of graph.get(file) ?? []) {
      if (!order.has(target)) visit(target);
      else if (!onStack.has(target)) continue;
      lowest.set(file, Math.min(lowest.get(file)!, lowest.get(target)!));
    }
    if (lowest.get(file) !== own) return;
    const members = stack.splice(stack.lastIndexOf(file));
    for (const member of members) onStack.delete(member);
    if (members.length > 1 || graph.get(file)?.includes(file)) circles.push(members.sort());
  };
  for (const file of graph.keys()) if (!order.has(file)) visit(file);
  return circles.sort();
}
