import { array, optional, struct } from "../builders.ts";
import { opaque } from "../opaque.ts";
import { bool, string, uint8 } from "../scalars.ts";
import { decodeUtf8, encodeUtf8 } from "../text.ts";

/**
 * Go's `url.URL` as its text (any bytes, not checked). Go sends it by pointer: `gob.optional(gob.url)`.
 */
export const url = opaque<string>({
  name: "net/url.URL",
  encoding: "binary",
  receiver: "pointer",
  underlying: struct("net/url.URL", {
    Scheme: string,
    Opaque: string,
    User: optional(struct("net/url.Userinfo", {})),
    Host: string,
    Path: string,
    Fragment: string,
    RawQuery: string,
    RawPath: string,
    RawFragment: string,
    ForceQuery: bool,
    OmitHost: bool,
  }),
  codec: { encode: encodeUtf8, decode: decodeUtf8, zero: () => "" },
});

/** Go's `netip.Addr` as its text, with zone: `10.0.0.1`, `fe80::1%eth0`, `::ffff:10.0.0.1`; `""` is the zero Addr. */
export const netipAddr = opaque<string>({
  name: "net/netip.Addr",
  encoding: "binary",
  receiver: "value",
  codec: {
    encode: (text) => (text === "" ? new Uint8Array() : parseAddress(text)),
    decode: formatAddress,
    zero: () => "",
    isZero: (text) => text === "",
  },
});

function parseAddress(text: string): Uint8Array {
  const percent = text.indexOf("%");
  const host = percent < 0 ? text : text.slice(0, percent);
  const zone = percent < 0 ? "" : text.slice(percent + 1);
  if (!host.includes(":")) {
    if (percent >= 0) throw new RangeError(`${text}: zone on an IPv4 address`);
    return Uint8Array.from(parseIPv4(host));
  }
  if (percent >= 0 && zone === "") throw new RangeError(`${text}: empty zone`);
  const address = parseIPv6(host);
  const zoneBytes = encodeUtf8(zone);
  const bytes = new Uint8Array(16 + zoneBytes.length);
  bytes.set(address);
  bytes.set(zoneBytes, 16);
  return bytes;
}

function parseIPv4(text: string): number[] {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) {
    throw new RangeError(`${text} is not an IP address`);
  }
  return parts.map(Number);
}

function parseIPv6(text: string): number[] {
  const halves = text.split("::");
  if (halves.length > 2) throw new RangeError(`${text} is not an IP address`);
  const [head, tail] = halves.map((half) => (half === "" ? [] : half.split(":").flatMap(parseGroup)));
  const missing = 16 - head!.length - (tail?.length ?? 0);
  if (tail === undefined ? missing !== 0 : missing < 2) throw new RangeError(`${text} is not an IP address`);
  return [...head!, ...new Array<number>(missing).fill(0), ...(tail ?? [])];
}

function parseGroup(group: string, index: number, groups: readonly string[]): number[] {
  if (group.includes(".") && index === groups.length - 1) return parseIPv4(group);
  if (!/^[\da-f]{1,4}$/i.test(group)) throw new RangeError(`${group} is not a group of an IP address`);
  const value = Number.parseInt(group, 16);
  return [value >> 8, value & 0xff];
}

function formatAddress(bytes: Uint8Array): string {
  if (bytes.length === 0) return "";
  if (bytes.length === 4) return bytes.join(".");
  if (bytes.length < 16) throw new RangeError(`${bytes.length} bytes`);
  const zone = bytes.length === 16 ? "" : `%${decodeUtf8(bytes.subarray(16))}`;
  return formatIPv6(bytes.subarray(0, 16)) + zone;
}

function formatIPv6(bytes: Uint8Array): string {
  const isMapped =
    bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
  if (isMapped) return `::ffff:${bytes.subarray(12).join(".")}`;
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i]! << 8) | bytes[2 * i + 1]!).toString(16));
  // The first of the longest runs of at least two zero groups is left out.
  let start = -1;
  let length = 1;
  for (let i = 0; i < 8; i++) {
    let run = 0;
    while (groups[i + run] === "0") run++;
    if (run > length) [start, length] = [i, run];
  }
  if (start < 0) return groups.join(":");
  return `${groups.slice(0, start).join(":")}::${groups.slice(start + length).join(":")}`;
}

/** A UUID of github.com/google/uuid (16 bytes with MarshalBinary) as its text, lower case. */
export const uuid = opaque<string>({
  name: "github.com/google/uuid.UUID",
  encoding: "binary",
  receiver: "value",
  underlying: array(uint8, 16),
  codec: {
    encode: (text) => {
      if (!/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text))
        throw new RangeError(`${text} is not a UUID`);
      return new Uint8Array(Buffer.from(text.replaceAll("-", ""), "hex"));
    },
    decode: (bytes) => {
      if (bytes.length !== 16) throw new RangeError(`${bytes.length} bytes`);
      return Buffer.from(bytes)
        .toString("hex")
        .replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
    },
    zero: () => nilUuid,
    isZero: (text) => text === nilUuid,
  },
});

const nilUuid = "00000000-0000-0000-0000-000000000000";
