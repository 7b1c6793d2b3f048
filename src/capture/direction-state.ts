import type { VersionRange } from "../wire/index.ts";
import type { MemoryBudget } from "./memory-budget.ts";
import type { Side } from "./session-file.ts";
import type { SessionKeys } from "./session-keys.ts";

/** The facts about one side that the other side's reader needs. */
export interface DirectionState {
  range?: VersionRange;
  /** Whether it sent a public key; unknown before its key part, in version 1 its features. */
  sealed?: boolean;
}

/** State that the readers of the two directions share. */
export interface SharedState {
  readonly state: Record<Side, DirectionState>;
  readonly keys: SessionKeys;
  /** The memory for bytes that have not been read yet. */
  readonly unread: MemoryBudget;
  version(): 1 | 2 | undefined;
}

/** The longest hole that is kept as zeros, as a message may go on after it. */
export const maxHoleBytes = 16 * 1024 * 1024;
/**
 * The most bytes kept while a side cannot be read: until the other side's header, key or features have come, or after
 * damage until a key is known.
 */
export const maxWaitingBytes = 16 * 1024 * 1024;
/** The most bytes of incomplete messages that are kept, of all sessions that are read together. */
export const maxUnreadBytes = 256 * 1024 * 1024;
