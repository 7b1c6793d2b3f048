import type { Features } from "../wire/index.ts";
import type { SessionEnd, Side } from "./session-file.ts";

interface ItemBase {
  /** Milliseconds since the epoch, when its last byte was recorded. */
  readonly at: number;
  readonly from: Side;
  /** Where it begins in what its side sent, in bytes on the wire. */
  readonly offset: number;
  /** Its length there; in a plain recording, its own. */
  readonly wireBytes: number;
}

/** The seven bytes that open a connection. */
export interface HeaderItem extends ItemBase {
  readonly kind: "header";
  readonly bytes: Uint8Array;
  readonly minVersion: number;
  readonly maxVersion: number;
}

/** Version 2: the encryption flag, and the key. */
export interface KeyItem extends ItemBase {
  readonly kind: "key";
  readonly bytes: Uint8Array;
  readonly publicKey: Uint8Array | undefined;
}

/** What a side says of itself. */
export interface FeaturesItem extends ItemBase {
  readonly kind: "features";
  readonly bytes: Uint8Array;
  readonly features: Features;
}

/** A message, plain: tag and body. */
export interface MessageItem extends ItemBase {
  readonly kind: "message";
  /** Of its side, counted from 1. */
  readonly number: number;
  readonly bytes: Uint8Array;
}

/** A message that no key opens. `number` 0 is the features of version 2. */
export interface SealedItem extends ItemBase {
  readonly kind: "sealed";
  readonly number: number;
  /** The sealed message. */
  readonly bytes: Uint8Array;
  /** The key was known and did not open it. */
  readonly broken: boolean;
}

/** Bytes that could not be read, or were not recorded. */
export interface DamageItem extends ItemBase {
  readonly kind: "damage";
  readonly reason: string;
}

/** A remark of the recorder: what contradicts the record, or why it stops. */
export interface NoteItem extends ItemBase {
  readonly kind: "note";
  readonly text: string;
}

/** A direction ended. */
export interface EndItem extends ItemBase {
  readonly kind: "end";
  readonly end: SessionEnd;
}

/** One thing that a side said, or that happened to what it said. Its bytes are views of what was recorded. */
export type Item =
  | HeaderItem
  | KeyItem
  | FeaturesItem
  | MessageItem
  | SealedItem
  | DamageItem
  | NoteItem
  | EndItem;
