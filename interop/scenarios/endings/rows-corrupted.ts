import { PeerName } from "../../../src/peer-name.ts";
import { encodeUpdate, type PeerDescription } from "../../../src/topology/index.ts";
import { encodeFeatures, encodeGossip, Tag } from "../../../src/wire/index.ts";
import type { Flavour } from "../../driver/go-build.ts";
import type { SeededRandom } from "../../driver/random.ts";
import { frame, header, plain } from "./bytes.ts";
import { featuresOf } from "./offender.ts";
import type { Row } from "./row.ts";
import { joined, ours } from "./rows-messages.ts";

/** Honest topology updates of which some bytes are others, sent to be understood or not, and then the end. */
export function corruptedUpdates(random: SeededRandom, flavour: Flavour, count: number): Row[] {
  const whole = encodeUpdate(describeSome(random, flavour));
  return Array.from({ length: count }, () => {
    const { bytes, changes } = corrupt(random, whole);
    return {
      title: `a topology update with ${changes}`,
      offend: joined(async (offender) => {
        offender.message(Tag.gossip, encodeGossip("topology", ours(offender), bytes));
        await offender.settle();
        offender.finish();
      }),
      says: /./,
      byVerdict: true,
    };
  });
}

/** Honest features of which some bytes are others, and then the end. */
export function corruptedFeatures(random: SeededRandom, flavour: Flavour, count: number): Row[] {
  const name = flavour === "mac" ? "02:00:00:00:00:09" : "09".repeat(16);
  const whole = encodeFeatures(featuresOf(name));
  return Array.from({ length: count }, () => {
    const { bytes, changes } = corrupt(random, whole);
    return {
      title: `features with ${changes}`,
      async offend(offender) {
        for (const chunk of [header, plain, frame([...bytes])]) {
          offender.bytes(chunk);
          await offender.settle();
        }
        offender.finish();
      },
      says: /./,
      // Nothing is taken: only the words may differ.
      weSay: /./,
    };
  });
}

/** Between one and three bytes are set to others, or the rest is left out. */
function corrupt(random: SeededRandom, whole: Uint8Array): { bytes: Uint8Array; changes: string } {
  if (random.int(8) === 0) {
    const length = random.int(whole.length);
    return { bytes: whole.slice(0, length), changes: `${length} of ${whole.length} bytes` };
  }
  const bytes = whole.slice();
  const changes = Array.from({ length: 1 + random.int(3) }, () => {
    const at = random.int(bytes.length);
    bytes[at] = random.pick([0, 1, 0x7f, 0x80, 0xff, random.int(256), bytes[at]! ^ 1]);
    return `${bytes[at]} at ${at}`;
  });
  return { bytes, changes: changes.join(", ") };
}

function describeSome(random: SeededRandom, flavour: Flavour): PeerDescription[] {
  const names = Array.from({ length: 3 }, () =>
    PeerName.fromBytes(random.bytes(flavour === "mac" ? 6 : 16), flavour),
  );
  return names.map((name, i) => ({
    name,
    nickName: `peer-${i}`,
    uid: BigInt(1000 + i),
    version: BigInt(i + 1),
    shortId: 500 + i,
    hasShortId: true,
    connections: names
      .filter((other) => other !== name)
      .map((other) => ({ name: other, remoteAddress: "10.0.0.1:6783", outbound: true, established: true })),
  }));
}
