import { createHash } from "node:crypto";
import type { Flavour } from "../driver/go-build.ts";
import type { SeededRandom } from "../driver/random.ts";
import type { PeerSpec } from "./mesh-spec.ts";

/** A peer's identity: what `--hwaddr` gets, and the name that the mesh then knows. */
export interface Identity {
  hwaddr: string;
  name: string;
}

/**
 * Draws an identity. `mac`: 48 random bits, at times the largest, so that names sort in every order. `hash`:
 * a text whose SHA-256 names the peer, but for the counter programs, which take the 32 hex digits themselves
 * (peer_name_hash.go: `PeerNameFromUserInput`, `PeerNameFromString`).
 */
export function drawIdentity(
  flavour: Flavour,
  spec: PeerSpec,
  label: string,
  random: SeededRandom,
): Identity {
  if (spec.hwaddr !== undefined) return identityOf(flavour, spec.hwaddr);
  if (flavour === "mac") {
    const name = [...random.bytes(6)].map((byte) => byte.toString(16).padStart(2, "0")).join(":");
    return { hwaddr: name, name };
  }
  const takesName = spec.program === "original-counter" || spec.program === "example-counter";
  if (takesName) {
    const name = Buffer.from(random.bytes(16)).toString("hex");
    return { hwaddr: name, name };
  }
  return identityOf(flavour, `${label}-${random.int(1_000_000)}`);
}

/** The identity of a peer that gets this as `--hwaddr`: in the flavour `mac` a name in its canonical form. */
export function identityOf(flavour: Flavour, hwaddr: string): Identity {
  if (flavour === "mac") return { hwaddr, name: hwaddr };
  return { hwaddr, name: createHash("sha256").update(hwaddr).digest("hex").slice(0, 32) };
}
