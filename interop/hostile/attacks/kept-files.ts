import { join } from "node:path";
import { root } from "../../driver/paths.ts";
import { defineCommandAttack } from "../attack.ts";

interface Kept {
  arguments: string[];
  /** A pattern that the output must not match. */
  without?: RegExp;
  /** A pattern that the output must match, and the number of matches. */
  with?: { pattern: RegExp; times: number };
}

const file = (name: string) => join(root, "fixtures", "attacks", name);

export default defineCommandAttack<Kept>({
  title: "the files kept in fixtures/attacks",
  group: "files",
  bars: { cpuSeconds: 2.5, outputMiB: 1 },
  gate: ["types, type-graph-22.gob", "inspect, forged-reset.pcap"],
  variants: {
    "decode, type-graph-22.gob": { arguments: ["gob", "decode", file("type-graph-22.gob")] },
    "types, type-graph-22.gob": { arguments: ["gob", "types", file("type-graph-22.gob")] },
    "schemas, type-graph-22.gob": { arguments: ["gob", "types", file("type-graph-22.gob"), "--ts"] },
    "types, field-name-with-code.gob": {
      arguments: ["gob", "types", file("field-name-with-code.gob")],
      without: /^func /m,
    },
    "inspect, forged-reset.pcap": {
      arguments: ["inspect", file("forged-reset.pcap")],
      with: { pattern: /^#1 +[\d.]+ +(?:->|<-) +(?:gossip|unicast|broadcast) /gm, times: 10 },
    },
  },
  command: (_, { arguments: parameters }) => ({ arguments: parameters }),
  check({ stdout }, { without, with: wanted }) {
    if (without?.test(stdout) === true) return `the output has ${without}`;
    if (wanted === undefined) return undefined;
    const found = stdout.match(wanted.pattern)?.length ?? 0;
    return found >= wanted.times ? undefined : `${found} of ${wanted.times} messages found`;
  },
});
