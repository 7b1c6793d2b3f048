import { PeerName } from "../../src/peer-name.ts";
import { encodeGossip, Tag } from "../../src/wire/index.ts";
import type { Field } from "./field.ts";

/** The UID of the attacking peer that {@link sendTopology} joins as. */
export const attackerUid = 7n;

/** Joins as a peer and sends topology updates as gossip. The connection stays open. */
export async function sendTopology(field: Field, ...updates: readonly Uint8Array[]): Promise<void> {
  const peer = await field.join(0, { uid: attackerUid });
  for (const update of updates) {
    peer.send(Tag.gossip, encodeGossip("topology", peer.name, update));
    await peer.drained();
  }
  await field.sleep(300);
  field.notes.disconnected = peer.broken?.message;
}

/** The bytes of a name in the mac flavour. */
export function nameBytes(name: string): Uint8Array {
  return PeerName.toBytes(PeerName.parse(name));
}
