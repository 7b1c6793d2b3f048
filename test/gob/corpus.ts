import { readFileSync } from "node:fs";
import * as gob from "../../src/gob/index.ts";
import { fromHex, toHex } from "./hex.ts";

/** One case of the corpus that Go made: a stream, and the JSON line of each value in it. */
export interface CorpusCase {
  readonly name: string;
  readonly hex: string;
  readonly lines: readonly { readonly type: string; readonly value: unknown }[];
}

const folder = new URL("../../fixtures/gob/", import.meta.url);

export interface CorpusManifest {
  readonly go: string;
  readonly cases: number;
  readonly groups: Readonly<Record<string, number>>;
}

/** What the Go program says of the corpus. */
export function readManifest(): CorpusManifest {
  return JSON.parse(readFileSync(new URL("manifest.json", folder), "utf8")) as CorpusManifest;
}

/** The hand-picked cases. */
export function readCorpus(): CorpusCase[] {
  return Object.keys(readManifest().groups).flatMap((group) => readCases(`${group}.json`));
}

/** Random types and values, made with reflection. */
export function readRandomCases(): CorpusCase[] {
  const file = readFileSync(new URL("random.json", folder), "utf8");
  return (JSON.parse(file) as { readonly cases: CorpusCase[] }).cases;
}

/** The cases of one file of the corpus. */
export function readCases(file: string): CorpusCase[] {
  return JSON.parse(readFileSync(new URL(file, folder), "utf8")) as CorpusCase[];
}

/** Sorts map entries by their JSON: their order on the wire is random, so Go wrote them sorted. */
export function sortMaps(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortMaps);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, part]) => {
    const sorted = sortMaps(part);
    if (name !== "$map" || !Array.isArray(sorted)) return [name, sorted] as const;
    return [
      name,
      sorted
        .map((pair) => [JSON.stringify(pair), pair] as const)
        .sort(byText)
        .map(([, pair]) => pair),
    ] as const;
  });
  return Object.fromEntries(entries);
}

function byText(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0;
}

/** What is wrong with our reading of a case, or undefined. */
export function checkCase({ name, hex, lines }: CorpusCase): string | undefined {
  const bytes = fromHex(hex);
  let values: gob.StreamValue[];
  try {
    values = gob.decodeStream(bytes);
  } catch (error) {
    return `${name}: ${String(error)}`;
  }
  const got = JSON.stringify(sortMaps(values.map((value) => JSON.parse(gob.toJsonLine(value)) as unknown)));
  const want = JSON.stringify(sortMaps(lines));
  if (got !== want) return `${name}: decodes to\n  ${got}\nwant\n  ${want}`;
  const again = toHex(gob.encodeStream(values));
  if (again !== hex) return `${name}: encodes to\n  ${again}\nwant\n  ${hex}`;
  return undefined;
}
