import {
  decodeFeatures,
  type Features,
  headerBytes,
  keyBytes,
  maxFrameBytes,
  sealBytes,
} from "../wire/index.ts";
import { maxHoleBytes, maxWaitingBytes, type SharedState } from "./direction-state.ts";
import { findFrame, frameAt, gobMessageAt } from "./frame-bounds.ts";
import type { Item } from "./item.ts";
import { otherSide, type SessionEnd, type SessionPart, type Side } from "./session-file.ts";
import { StreamWindow } from "./stream-window.ts";
import { decodeHex } from "./text.ts";
import { readHeader } from "./versions.ts";
import { numbersTried, WorkCredit } from "./work-credit.ts";

/** Reads what one side sent. */
export class DirectionReader {
  readonly #side: Side;
  readonly #shared: SharedState;
  readonly #window = new StreamWindow();
  readonly #credit = new WorkCredit();
  /** Bytes of the window that are counted in the budget. */
  #counted = 0;
  /** Length of the complete gob messages at the front that are definitions of version 1's features. */
  #definitions = 0;
  #phase: "header" | "key" | "features" | "messages" | "unreadable" = "header";
  #at = 0;
  /** Number of the next sealed message. */
  #sealedNumber = 0;
  /** Messages seen. */
  #messages = 0;
  /** Whether the bounds of messages are lost, after damage. */
  #lost = false;
  /** After damage message numbers have to be found by trying. */
  #numberUnsure = false;
  /** Offset at which unreadable bytes began, and how far they were searched, from the front of the window. */
  #searched = 0;
  #ended: SessionEnd | undefined;
  #plainOffset = 0;

  constructor(side: Side, shared: SharedState) {
    this.#side = side;
    this.#shared = shared;
  }

  push(at: number, bytes: Uint8Array): void {
    this.#at = at;
    this.#credit.add(bytes.length);
    this.#window.push(bytes);
  }

  /** To be called when all that can be read was read: gives up bytes if too many are left. */
  settle(items: Item[]): void {
    const window = this.#window;
    if (window.length > maxWaitingBytes && this.#isWaiting) {
      if (this.#lost) this.#unreadable(this.#sealed ? window.length : this.#searched, items);
      else this.#giveUp(`${window.length} bytes that cannot be read without the other side's`, items);
    }
    const { unread } = this.#shared;
    if (window.length > this.#counted && !unread.take(window.length - this.#counted)) {
      const reason = `${window.length} bytes unread: incomplete messages exceed ${unread.limit} bytes in all`;
      this.#giveUp(reason, items);
    }
    if (window.length < this.#counted) unread.release(this.#counted - window.length);
    this.#counted = window.length;
  }

  /** Takes lost bytes. The bytes before them are read first. */
  hole(at: number, count: number, items: Item[]): void {
    while (this.advance(items));
    this.#at = at;
    const offset = this.#window.offset + this.#window.length;
    items.push(this.#item(offset, count, { kind: "damage", reason: `${count} bytes were not recorded` }));
    if (count <= maxHoleBytes && this.#credit.takeHole(count)) {
      this.#window.pushHole(count);
      return;
    }
    // Longer than any message, or too much of it: nothing before it can tell where one begins after it.
    this.#window.jump(count);
    if (this.#phase === "messages" || this.#phase === "features") this.#loseTrack();
    else this.#phase = "unreadable";
    this.#searched = 0;
  }

  end(at: number, end: SessionEnd, items: Item[]): void {
    while (this.advance(items));
    if (this.#ended !== undefined) return;
    this.#ended = end;
    this.#at = at;
    this.#flush(items);
    const offset = this.#plainOffset + this.#window.offset + this.#window.length;
    items.push(this.#item(offset, 0, { kind: "end", end }));
  }

  /** Takes a remark of the recorder. The bytes before it are read first. */
  note(at: number, text: string, items: Item[]): void {
    while (this.advance(items));
    const offset = this.#plainOffset + this.#window.offset + this.#window.length;
    const item = this.#item(offset, 0, { kind: "note", text });
    items.push({ ...item, at });
  }

  /** A part of a plain recording. */
  part(at: number, part: SessionPart, bytes: Uint8Array, items: Item[]): void {
    this.#at = at;
    const offset = this.#plainOffset;
    this.#plainOffset += bytes.length;
    if (part === "message") {
      this.#message(offset, bytes.length, bytes, items);
      return;
    }
    const known =
      part === "header"
        ? this.#header(offset, bytes, items)
        : part === "key"
          ? this.#key(offset, bytes, items)
          : this.#features(offset, bytes.length, bytes, items);
    if (!known)
      items.push(this.#item(offset, bytes.length, { kind: "damage", reason: `a ${part} that is none` }));
  }

  finish(items: Item[]): void {
    if (this.#ended === undefined) this.#flush(items);
  }

  /** Reads on as far as it can; whether anything came of it. */
  advance(items: Item[]): boolean {
    const before = items.length;
    while (this.#step(items));
    return items.length > before;
  }

  #step(items: Item[]): boolean {
    const window = this.#window;
    if (window.length === 0) return false;
    switch (this.#phase) {
      case "header": {
        if (window.length < headerBytes) return false;
        const offset = window.offset;
        const bytes = window.view(0, headerBytes);
        if (!this.#header(offset, bytes, items)) return this.#giveUp("no mesh session begins here", items);
        window.skip(headerBytes);
        this.#phase = "key";
        return true;
      }
      case "key": {
        const version = this.#shared.version();
        if (version === undefined) return false;
        if (version === 1) {
          this.#phase = "features";
          return true;
        }
        const flag = window.at(0)!;
        const length = flag === 1 ? 1 + keyBytes : 1;
        if (window.length < length) return false;
        if (flag > 1 || window.lostIn(length) > 0) return this.#giveUp(`bad encryption flag ${flag}`, items);
        this.#key(window.offset, window.view(0, length), items);
        window.skip(length);
        this.#phase = "features";
        return true;
      }
      case "features":
        return this.#shared.version() === 1 ? this.#featuresV1(items) : this.#featuresV2(items);
      case "messages":
        return this.#lost ? this.#search(false, items) : this.#nextMessage(items);
      default:
        window.skip(window.length);
        return false;
    }
  }

  #header(offset: number, bytes: Uint8Array, items: Item[]): boolean {
    const range = readHeader(bytes);
    if (range === undefined) return false;
    this.#shared.state[this.#side].range = range;
    items.push(this.#item(offset, bytes.length, { kind: "header", bytes, ...range }));
    return true;
  }

  #key(offset: number, bytes: Uint8Array, items: Item[]): boolean {
    const publicKey = bytes.length > 1 ? bytes.slice(1) : undefined;
    this.#shared.state[this.#side].sealed = publicKey !== undefined;
    if (publicKey !== undefined) this.#shared.keys.setPublicKey(this.#side, publicKey);
    items.push(this.#item(offset, bytes.length, { kind: "key", bytes, publicKey }));
    return true;
  }

  #features(offset: number, wireBytes: number, bytes: Uint8Array, items: Item[]): boolean {
    let features: Features;
    try {
      features = decodeFeatures(bytes);
    } catch {
      return false;
    }
    items.push(this.#item(offset, wireBytes, { kind: "features", bytes, features }));
    return true;
  }

  /** One gob stream, never sealed: definitions, then the value. */
  #featuresV1(items: Item[]): boolean {
    const window = this.#window;
    let length: number;
    for (;;) {
      const message = gobMessageAt(window, this.#definitions);
      if (message === "more") return false;
      length = message === "bad" ? 0 : this.#definitions + message.total;
      if (message === "bad" || length > maxFrameBytes) return this.#giveUp("the features are no gob", items);
      if (!message.definition) break;
      this.#definitions = length;
    }
    const bytes = window.view(0, length);
    if (!this.#features(window.offset, length, bytes, items)) {
      return this.#giveUp("the features do not decode", items);
    }
    const item = items.at(-1);
    const publicKey = item?.kind === "features" ? item.features.get("PublicKey") : undefined;
    this.#shared.state[this.#side].sealed = publicKey !== undefined;
    if (publicKey !== undefined) {
      const key = new Uint8Array(keyBytes);
      key.set(decodeHex(publicKey).subarray(0, keyBytes));
      this.#shared.keys.setPublicKey(this.#side, key);
    }
    window.skip(length);
    this.#phase = "messages";
    return true;
  }

  #featuresV2(items: Item[]): boolean {
    const window = this.#window;
    const sealed = this.#shared.state[this.#side].sealed === true;
    if (sealed && !this.#shared.keys.complete && this.#ended === undefined) return false;
    const frame = frameAt(window, 0, 2);
    if (frame === "bad") return this.#loseTrack();
    if (frame === "more" || window.length < frame.head + frame.size) return false;
    const total = frame.head + frame.size;
    const offset = window.offset;
    const bytes = window.view(frame.head, frame.size);
    this.#phase = "messages";
    if (sealed) this.#sealedNumber = 1;
    const plain = sealed ? this.#shared.keys.open(bytes, this.#side, 0) : bytes;
    if (plain === undefined) {
      items.push(this.#item(offset, total, { kind: "sealed", number: 0, bytes, broken: this.#keyKnown }));
    } else if (!this.#features(offset, total, plain, items)) {
      items.push(this.#item(offset, total, { kind: "damage", reason: "the features do not decode" }));
    }
    window.skip(total);
    return true;
  }

  /** Whether the bytes that are left can only be read with something that has not come. */
  get #isWaiting(): boolean {
    const { keys, state } = this.#shared;
    const version = this.#shared.version();
    if (version === undefined) return true;
    if (this.#phase === "features") return version === 2 && !keys.complete;
    if (this.#phase !== "messages") return false;
    if (this.#lost) return true;
    return version === 1 && state[otherSide(this.#side)].sealed === undefined;
  }

  get #keyKnown(): boolean {
    return this.#shared.keys.keyOf(this.#side) !== undefined;
  }

  get #sealed(): boolean {
    const { state } = this.#shared;
    if (this.#shared.version() === 2) return state[this.#side].sealed === true;
    return state.dialler.sealed === true && state.listener.sealed === true;
  }

  #nextMessage(items: Item[]): boolean {
    const window = this.#window;
    const version = this.#shared.version()!;
    // In version 1 whether messages are sealed depends on both sides' features.
    if (version === 1 && this.#shared.state[otherSide(this.#side)].sealed === undefined) {
      if (this.#ended === undefined && this.#shared.state[this.#side].sealed === true) return false;
    }
    const frame = frameAt(window, 0, version);
    if (frame === "more") return false;
    if (frame === "bad") return this.#loseTrack();
    const total = frame.head + frame.size;
    if (window.lostIn(frame.head) > 0) return this.#loseTrack();
    if (window.length < total) return false;
    const offset = window.offset;
    const lost = window.lostIn(total);
    if (lost > 0) {
      const number = ++this.#messages;
      this.#sealedNumber++;
      const reason = `message ${number} of ${frame.size} bytes: ${lost} of them were not recorded`;
      items.push(this.#item(offset, total, { kind: "damage", reason }));
    } else {
      const bytes = window.view(frame.head, frame.size);
      if (this.#sealed) this.#sealedMessage(offset, total, bytes, items);
      else this.#message(offset, total, bytes, items);
    }
    window.skip(total);
    return true;
  }

  #sealedMessage(offset: number, total: number, bytes: Uint8Array, items: Item[]): void {
    const tries = this.#numberUnsure && this.#credit.takeTrials(bytes.length) ? numbersTried : 1;
    for (let ahead = 0; ahead < tries && bytes.length >= sealBytes; ahead++) {
      const plain = this.#shared.keys.open(bytes, this.#side, this.#sealedNumber + ahead);
      if (plain === undefined) continue;
      this.#sealedNumber += ahead + 1;
      this.#messages += ahead;
      this.#numberUnsure = false;
      this.#message(offset, total, plain, items);
      return;
    }
    this.#sealedNumber++;
    const number = ++this.#messages;
    items.push(this.#item(offset, total, { kind: "sealed", number, bytes, broken: this.#keyKnown }));
  }

  #message(offset: number, wireBytes: number, bytes: Uint8Array, items: Item[]): void {
    const number = ++this.#messages;
    items.push(this.#item(offset, wireBytes, { kind: "message", number, bytes }));
  }

  #loseTrack(): boolean {
    this.#phase = "messages";
    this.#lost = true;
    this.#numberUnsure = true;
    // The next message begins after the place that is no message, and not within a hole.
    this.#searched = Math.max(1, this.#window.endOfHole());
    return true;
  }

  /** Looks for the next message after damage. */
  #search(final: boolean, items: Item[]): boolean {
    const window = this.#window;
    const { keys } = this.#shared;
    const key = keys.keyOf(this.#side) ?? keys.keyOf(otherSide(this.#side));
    const opens =
      this.#sealed && key !== undefined ? (sealed: Uint8Array) => this.#openAhead(sealed) : undefined;
    if (this.#sealed && opens === undefined) return false;
    const found = findFrame(window, this.#searched, this.#shared.version() ?? 2, final, opens);
    if (found < 0) {
      this.#searched = -1 - found;
      return false;
    }
    this.#unreadable(found, items);
    this.#lost = false;
    return true;
  }

  #openAhead(sealed: Uint8Array): boolean {
    if (!this.#credit.takeTrials(sealed.length)) return false;
    for (let ahead = 0; ahead < numbersTried; ahead++) {
      if (this.#shared.keys.open(sealed, this.#side, this.#sealedNumber + ahead) !== undefined) return true;
    }
    return false;
  }

  #unreadable(count: number, items: Item[]): void {
    const offset = this.#window.offset;
    items.push(this.#item(offset, count, { kind: "damage", reason: `${count} bytes that are no message` }));
    this.#window.skip(count);
    this.#searched = 0;
  }

  #giveUp(reason: string, items: Item[]): boolean {
    const { offset, length } = this.#window;
    items.push(this.#item(offset, length, { kind: "damage", reason }));
    this.#phase = "unreadable";
    this.#window.skip(length);
    return false;
  }

  /** No more bytes will come. */
  #flush(items: Item[]): void {
    while (this.#phase === "messages" && this.#lost && this.#search(true, items)) this.advance(items);
    const { offset, length } = this.#window;
    if (length === 0 || this.#phase === "unreadable") return;
    const reason = this.#lost
      ? `${length} bytes that are no message`
      : this.#phase === "messages"
        ? `the recording ends within a message, after ${length} bytes of it`
        : this.#shared.version() === undefined && this.#phase === "key"
          ? `${length} bytes that cannot be read: the other side's header is missing or of another version`
          : `the recording ends within the ${this.#phase}, after ${length} bytes of it`;
    items.push(this.#item(offset, length, { kind: "damage", reason }));
    this.#window.skip(length);
  }

  #item<T extends { readonly kind: Item["kind"] }>(offset: number, wireBytes: number, rest: T): Item {
    return { at: this.#at, from: this.#side, offset, wireBytes, ...rest } as unknown as Item;
  }
}
