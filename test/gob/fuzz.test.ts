import { readFileSync } from "node:fs";
import test from "ava";
import { GobMutator } from "../fuzz/gob-mutator.ts";
import { caseSchemas } from "./case-schemas.ts";
import { readCorpus } from "./corpus.ts";
import { checkInput, type FuzzTarget, fuzzTargets } from "./fuzz-targets.ts";
import { fromHex } from "./hex.ts";

interface Found {
  readonly target: FuzzTarget;
  /** What was wrong. */
  readonly was: string;
  readonly hex: string;
  /** Name of the case whose schemas it is read by. */
  readonly schemasOf: string;
}

const file = new URL("../../fixtures/gob/found.json", import.meta.url);

for (const { target, was, hex, schemasOf } of JSON.parse(readFileSync(file, "utf8")) as Found[]) {
  test(`fuzz: found once: ${was}`, (t) => {
    t.is(checkInput(target, fromHex(hex), caseSchemas.get(schemasOf) ?? []), undefined);
  });
}

const small = readCorpus().filter(({ hex }) => hex.length < 2000);

for (const target of fuzzTargets) {
  test(`fuzz: ${target}: 500 damaged streams`, (t) => {
    const mutator = new GobMutator(
      7,
      small.map(({ hex }) => fromHex(hex)),
      1000,
    );
    for (let i = 0; i < 500; i++) {
      const { bytes, origin } = mutator.next();
      t.is(checkInput(target, bytes, caseSchemas.get(small[origin]!.name) ?? []), undefined);
    }
  });
}
