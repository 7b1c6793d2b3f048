import { seededRandom } from "../../src/testing.ts";

/**
 * What the mesh is to become. Sparse: a ring with one random chord from each peer, without discovery. Full: everybody
 * is connected to everybody; all dial the first peer, and discovery does the rest. Named: the same mesh without
 * discovery; everybody dials the half of the others that comes after it.
 */
export type Shape = "sparse" | "full" | "named";

/** All shapes, in the order in which they are shown. */
export const shapes: readonly Shape[] = ["sparse", "full", "named"];

/** Who dials whom, and how many connections each peer has in the end. */
export interface Links {
  readonly dialled: readonly (readonly number[])[];
  readonly degrees: readonly number[];
}

/** The links of a mesh of `size` peers. */
export function linksOf(shape: Shape, size: number): Links {
  if (shape === "sparse") return sparseLinks(size);
  const dialled = Array.from({ length: size }, (_, i) => {
    if (shape === "full") return i === 0 ? [] : [0];
    // Of two peers that are opposite each other, the first one dials.
    const count = size % 2 === 0 && i >= size / 2 ? size / 2 - 1 : size >> 1;
    return Array.from({ length: count }, (_, j) => (i + 1 + j) % size);
  });
  return { dialled, degrees: Array<number>(size).fill(size - 1) };
}

function sparseLinks(size: number): Links {
  const random = seededRandom(`links of ${size}`);
  const dialled = Array.from({ length: size }, (_, i) =>
    [...new Set([(i + 1) % size, random.int(size)])].filter((target) => target !== i),
  );
  const neighbours = Array.from({ length: size }, () => new Set<number>());
  for (const [i, targets] of dialled.entries()) {
    for (const j of targets) {
      neighbours[i]!.add(j);
      neighbours[j]!.add(i);
    }
  }
  return { dialled, degrees: neighbours.map((set) => set.size) };
}
