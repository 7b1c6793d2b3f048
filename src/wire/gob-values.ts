import { encodeUtf8 } from "../gob/index.ts";
import { PeerName } from "../peer-name.ts";
import { gobUintBytes, writeGobUint } from "./gob-integers.ts";
import { Memo } from "./memo.ts";

/** Ids of the basic types as they stand on the wire: doubled, since type ids are signed. */
export const wireType = { uint: 0x06, bytes: 0x0a, string: 0x0c } as const;

/** A top-level gob value that is a string: length, 0c, 00, count, bytes. */
function stringValue(text: string): Uint8Array {
  const bytes = encodeUtf8(text);
  const value = new Uint8Array(bytesValueSize(bytes.length));
  value.set(bytes, writeValueHead(value, 0, wireType.string, bytes.length));
  return value;
}

/** A top-level gob value that is a peer name: an unsigned integer (mac) or a string (hash). */
function peerNameValue(name: PeerName): Uint8Array {
  if (PeerName.flavourOf(name) === "hash") return stringValue(name);
  const uint = Number(PeerName.toUint(name));
  const size = gobUintBytes(uint);
  const value = new Uint8Array(3 + size);
  value[0] = 2 + size;
  value[1] = wireType.uint;
  value[2] = 0;
  writeGobUint(value, 3, uint);
  return value;
}

/** Size of a top-level value of `count` bytes, of type string or []byte. */
export function bytesValueSize(count: number): number {
  const length = 2 + gobUintBytes(count) + count;
  return gobUintBytes(length) + length;
}

/** Writes what stands before the bytes of a string or []byte value, and returns the offset behind it. */
export function writeValueHead(target: Uint8Array, at: number, type: number, count: number): number {
  const typeAt = writeGobUint(target, at, 2 + gobUintBytes(count) + count);
  target[typeAt] = type;
  target[typeAt + 1] = 0;
  return writeGobUint(target, typeAt + 2, count);
}

/** Longer texts are not remembered: a peer chooses them, and all together must stay small. */
const longestRemembered = 256;

const channels = new Memo(256, stringValue);
const peerNames = new Memo(4096, peerNameValue);

/** The gob value of a channel name; shared, not to be changed. */
export function channelValue(channel: string): Uint8Array {
  return channel.length > longestRemembered ? stringValue(channel) : channels.get(channel);
}

/** The gob value of a peer name; shared, not to be changed. */
export function nameValue(name: PeerName): Uint8Array {
  return name.length > longestRemembered ? peerNameValue(name) : peerNames.get(name);
}
