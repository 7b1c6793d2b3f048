/** The bars of an attack over the network where it names none: the documented ones. */
export const generalBars = {
  gapMs: 250,
  ratio: 1.5,
  longestGapMs: 1_000,
  memoryMiB: 256,
  newcomerMs: 2_000,
  commandSeconds: 10,
} as const;
