import test from "ava";
import { describePayload } from "../../src/capture/index.ts";
import * as gob from "../../src/gob/index.ts";
import { PeerName } from "../../src/index.ts";
import { encodeUpdate } from "../../src/topology/index.ts";
import { encodeFeatures, encodeGossip, Tag } from "../../src/wire/index.ts";
import { assertGrowth } from "../cost/growth.ts";
import { describedPeer, hostileText, message, narrate, session } from "./hostile-session.ts";

test.serial("narrator: an update is written in proportion to its connections", async (t) => {
  await assertGrowth(t, {
    name: "connections",
    prepare: (size) => {
      const update = encodeUpdate([describedPeer(1, "one", "10.0.0.1:6783", size)]);
      return session([
        ["message", message(Tag.gossip, encodeGossip("topology", PeerName.fromUint(1), update))],
      ]);
    },
    run: narrate,
  });
});

test.serial("narrator: a long nickname and many connections do not multiply", async (t) => {
  await assertGrowth(t, {
    name: "nickname and connections",
    prepare: (size) => {
      const update = encodeUpdate([describedPeer(1, "\x1b".repeat(size), "10.0.0.1:6783", size / 100)]);
      return session([
        ["message", message(Tag.gossip, encodeGossip("topology", PeerName.fromUint(1), update))],
      ]);
    },
    run: narrate,
    least: 0,
  });
});

test.serial("narrator: features are written in proportion to their bytes", async (t) => {
  await assertGrowth(t, {
    name: "features",
    prepare: (size) => {
      const entries = Array.from({ length: size / 50 }, (_, index): [string, string] => [
        `key ${index}`,
        hostileText,
      ]);
      return session([["features", encodeFeatures(new Map(entries))]]);
    },
    run: narrate,
    least: 0,
  });
});

test.serial("narrator: a struct of many fields in a payload costs its fields once", async (t) => {
  await assertGrowth(t, {
    name: "fields",
    sizes: [400, 1600],
    prepare: (size) => {
      const fields = Object.fromEntries(Array.from({ length: size }, (_, index) => [`F${index}`, gob.int]));
      const list = gob.slice(gob.struct("T", fields));
      const zero = Object.fromEntries(Object.keys(fields).map((name) => [name, 0]));
      return gob.encode(list, Array.from({ length: size }, () => zero) as never);
    },
    run: (payload) => t.is(describePayload(payload, 100_000).as, "gob"),
  });
});
