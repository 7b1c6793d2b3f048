import { encodeGossip, Tag } from "../../src/wire/index.ts";
import type { Field } from "./field.ts";

/** Joins as a peer and sends one topology update as gossip. */
export async function sendTopology(field: Field, ...updates: readonly Uint8Array[]): Promise<void> {
  const peer = await field.join();
  for (const update of updates) {
    peer.send(Tag.gossip, encodeGossip("topology", peer.name, update));
    await peer.drained();
  }
  await field.sleep(300);
  field.notes.disconnected = peer.broken?.message;
}
