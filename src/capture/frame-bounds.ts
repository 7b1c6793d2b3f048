import { maxFrameBytes, maxFrameBytesV1, sealBytes, Tag } from "../wire/index.ts";
import type { StreamWindow } from "./stream-window.ts";

/** Where a message lies in a window, counted from its front. */
export interface FrameBounds {
  /** Bytes before the message: the length, and in version 1 the head of the gob value. */
  readonly head: number;
  /** Bytes of the message, sealed or not. */
  readonly size: number;
}

/** `more`: the head has not come whole. `bad`: no message begins here. */
export type FrameSearch = FrameBounds | "more" | "bad";

/** The bounds of the message that begins at `index` of the window. Its own bytes need not have come. */
export function frameAt(window: StreamWindow, index: number, version: 1 | 2): FrameSearch {
  return version === 2 ? frameV2(window, index) : frameV1(window, index);
}

function frameV2(window: StreamWindow, index: number): FrameSearch {
  if (index + 4 > window.length) return "more";
  const size =
    window.at(index)! * 0x1000000 +
    ((window.at(index + 1)! << 16) | (window.at(index + 2)! << 8) | window.at(index + 3)!);
  return size <= maxFrameBytes ? { head: 4, size } : "bad";
}

/** A gob message: length, 0a 00, count, that many bytes. */
function frameV1(window: StreamWindow, index: number): FrameSearch {
  const outer = gobUintAt(window, index);
  if (typeof outer === "string") return outer;
  const afterOuter = index + outer.bytes;
  if (afterOuter + 2 > window.length) return "more";
  if (window.at(afterOuter) !== 0x0a || window.at(afterOuter + 1) !== 0) return "bad";
  const inner = gobUintAt(window, afterOuter + 2);
  if (typeof inner === "string") return inner;
  if (outer.value !== 2 + inner.bytes + inner.value || inner.value > maxFrameBytesV1) return "bad";
  return { head: outer.bytes + 2 + inner.bytes, size: inner.value };
}

/** A gob message of any kind at the front: its length with the head, and whether a type definition is in it. */
export function gobMessageAt(
  window: StreamWindow,
  index: number,
): { readonly total: number; readonly definition: boolean } | "more" | "bad" {
  const length = gobUintAt(window, index);
  if (typeof length === "string") return length;
  const total = length.bytes + length.value;
  if (length.value === 0 || total > maxFrameBytesV1) return "bad";
  if (index + total > window.length) return "more";
  const id = gobUintAt(window, index + length.bytes);
  // A type id is a signed number whose sign is in bit 0; a definition's is negative.
  return typeof id === "string" ? "bad" : { total, definition: id.value % 2 === 1 };
}

function gobUintAt(
  window: StreamWindow,
  index: number,
): { readonly bytes: number; readonly value: number } | "more" | "bad" {
  const first = window.at(index);
  if (first === undefined) return "more";
  if (first < 0x80) return { bytes: 1, value: first };
  const count = 0x100 - first;
  if (count > 6) return "bad";
  if (index + count >= window.length) return "more";
  let value = 0;
  for (let i = 1; i <= count; i++) value = value * 0x100 + window.at(index + i)!;
  return { bytes: 1 + count, value };
}

/**
 * Looks for the next place, from `index` on, where a message seems to begin: a plain one by the look of its tag and
 * envelope, a sealed one by `opens`. `end` says that nothing more will come. Gives the index; without a find, the negative
 * of the index (less one) from which to look again.
 */
export function findFrame(
  window: StreamWindow,
  index: number,
  version: 1 | 2,
  end: boolean,
  opens: ((sealed: Uint8Array) => boolean) | undefined,
): number {
  for (let at = index; at < window.length; at++) {
    // Nearly all places are ruled out by their first byte.
    if (version === 2 && window.at(at) !== 0) continue;
    const frame = frameAt(window, at, version);
    if (frame === "bad") continue;
    if (frame === "more") {
      if (end) break;
      return -1 - at;
    }
    const start = at + frame.head;
    if (opens !== undefined) {
      if (frame.size <= sealBytes) continue;
      if (start + frame.size > window.length) {
        if (end || frame.size > 1024 * 1024) continue;
        return -1 - at;
      }
      const follows = followsFrame(window, start + frame.size, version);
      if (follows === "more" && !end) return -1 - at;
      if (follows !== false && opens(window.view(start, frame.size))) return at;
      continue;
    }
    const plausible = looksLikeMessage(window, start, frame.size);
    if (plausible === "more" && !end) return -1 - at;
    if (plausible === true) return at;
  }
  return -1 - window.length;
}

/**
 * Whether a message can begin at `index`, which rules out nearly all places that are no message before the costly trial
 * of opening them. What has come whole may end there.
 */
function followsFrame(window: StreamWindow, index: number, version: 1 | 2): boolean | "more" {
  if (index === window.length) return true;
  const next = frameAt(window, index, version);
  return next === "more" ? "more" : next !== "bad";
}

function looksLikeMessage(window: StreamWindow, start: number, size: number): boolean | "more" {
  if (size === 0) return false;
  const tag = window.at(start);
  if (tag === undefined) return "more";
  if (tag === Tag.heartbeat) return size === 1;
  if (tag < Tag.gossip || tag > Tag.broadcast) return false;
  if (start + 5 > window.length) return "more";
  // The channel's name as a gob string: length, 0c 00, count; names are shorter than 124 bytes.
  const length = window.at(start + 1)!;
  return (
    length >= 3 &&
    length < 0x80 &&
    size > length &&
    window.at(start + 2) === 0x0c &&
    window.at(start + 3) === 0 &&
    window.at(start + 4) === length - 3
  );
}
