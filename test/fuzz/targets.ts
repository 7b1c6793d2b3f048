import { caseSchemas } from "../gob/case-schemas.ts";
import { readCorpus } from "../gob/corpus.ts";
import { checkInput, fuzzTargets } from "../gob/fuzz-targets.ts";
import { fromHex } from "../gob/hex.ts";
import { doublingMaps, doublingStructs, firstId, ids, sliceChain, wideStruct } from "../gob/type-streams.ts";
import { ByteMutator } from "./byte-mutator.ts";
import { GobMutator } from "./gob-mutator.ts";
import { wireTargets } from "./wire-targets.ts";

/** An input, and the index of the seed that it was made from. */
export interface FuzzInput {
  readonly bytes: Uint8Array;
  readonly origin: number;
}

/** One way in which bytes from outside are taken. */
export interface FuzzTarget {
  readonly name: string;
  /** Good inputs, from which the others are made. */
  readonly seeds: readonly Uint8Array[];
  /** Returns what is wrong with our treatment of an input, or undefined. */
  readonly check: (input: FuzzInput) => string | undefined;
  /** Makes inputs, the same for the same seed number. */
  readonly mutator: (seed: number) => { next(): FuzzInput };
}

const corpus = readCorpus()
  .map(({ name, hex }) => ({ bytes: fromHex(hex), schemas: caseSchemas.get(name) ?? [] }))
  .filter(({ bytes }) => bytes.length < 3000);

/** Types that Go does not send: shared, nested and wide ones. */
const graphs = [
  doublingMaps(40).value(firstId, [0]),
  doublingStructs(40).value(firstId, [0], true),
  sliceChain(100).value(firstId, [0]),
  wideStruct(100, ids.int).value(firstId, [1, 2, 0], true),
].map((stream) => ({ bytes: stream.bytes(), schemas: [] }));

const gobSeeds = [...corpus, ...graphs];

const gobTargets = fuzzTargets.map((name): FuzzTarget => {
  const seeds = gobSeeds.map(({ bytes }) => bytes);
  return {
    name,
    seeds,
    check: ({ bytes, origin }) => checkInput(name, bytes, gobSeeds[origin]!.schemas),
    mutator: (seed) => new GobMutator(seed, seeds),
  };
});

/** All targets: those of gob, and those of the bytes of a connection. */
export const targets: readonly FuzzTarget[] = [
  ...gobTargets,
  ...wireTargets.map(
    ({ name, seeds, check }): FuzzTarget => ({
      name,
      seeds,
      check: ({ bytes, origin }) => check(bytes, origin),
      mutator: (seed) => new ByteMutator(seed, seeds),
    }),
  ),
];
