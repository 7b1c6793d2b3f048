import test from "ava";
import { TopologyData } from "../../src/gossip/index.ts";
import { encodeUpdate } from "../../src/topology/index.ts";
import { assertGrowth } from "../cost/growth.ts";
import { description, meshOf, nameOf } from "../topology/fixtures.ts";

test.serial(
  "topology data: the work of merging n pieces into those that wait is of order n log n",
  async (t) => {
    await assertGrowth(t, {
      name: "merges",
      prepare: (n) => {
        const { peers } = meshOf();
        const names = Array.from({ length: n }, (_, i) => nameOf(2 + i));
        peers.applyUpdate(encodeUpdate([description(nameOf(2), names)]));
        return names.map((name) => new TopologyData(peers, new Set([name])));
      },
      run: (pieces) => pieces.reduce((waiting, piece) => waiting.merge(piece)).encode(),
    });
  },
);
