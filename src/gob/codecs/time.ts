import { opaque } from "../opaque.ts";

/** A Go `time.Time`, whole: to the nanosecond and with its zone's offset. */
export interface Time {
  /** Seconds since 1970-01-01T00:00:00Z, rounded down. */
  readonly seconds: bigint;
  /** Nanoseconds within the second, 0 to 999,999,999. */
  readonly nanoseconds: number;
  /** Seconds east of Greenwich; undefined is UTC, which Go tells from a zone with offset 0. */
  readonly offset?: number | undefined;
}

/** Go counts from the first second of year 1. */
const unixToInternal = 62_135_596_800n;
const zeroTime: Time = { seconds: -unixToInternal, nanoseconds: 0 };
/** Offset in minutes that stands for UTC. */
const utcMark = -1;

/**
 *     version 1   01  seconds since year 1, 8 bytes   nanoseconds, 4   offset in minutes, 2 (-1 is UTC)
 *     version 2   02  the same                                                          seconds of the offset, 1
 */
function encodeTime(time: Time): Uint8Array {
  const { seconds, nanoseconds, offset } = time;
  if (!Number.isInteger(nanoseconds) || nanoseconds < 0 || nanoseconds > 999_999_999) {
    throw new RangeError(`${nanoseconds} nanoseconds`);
  }
  const minutes = offset === undefined ? utcMark : Math.trunc(offset / 60);
  const rest = offset === undefined ? 0 : offset % 60;
  if (
    !Number.isInteger(rest) ||
    minutes < -32768 ||
    minutes > 32767 ||
    (offset !== undefined && minutes === utcMark)
  ) {
    throw new RangeError(`zone offset of ${offset} seconds`);
  }
  const bytes = new Uint8Array(rest === 0 ? 15 : 16);
  const view = new DataView(bytes.buffer);
  bytes[0] = rest === 0 ? 1 : 2;
  view.setBigInt64(1, seconds + unixToInternal);
  view.setInt32(9, nanoseconds);
  view.setInt16(13, minutes);
  if (rest !== 0) view.setInt8(15, rest);
  return bytes;
}

function decodeTime(bytes: Uint8Array): Time {
  const version = bytes[0];
  if (version !== 1 && version !== 2) throw new RangeError(`version ${version}`);
  if (bytes.length !== 14 + version) throw new RangeError(`${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const minutes = view.getInt16(13);
  const seconds = BigInt.asIntN(64, view.getBigInt64(1) - unixToInternal);
  const nanoseconds = view.getInt32(9);
  if (version === 1 && minutes === utcMark) return { seconds, nanoseconds };
  // Signed, unlike in Go's decoder, which turns a negative part into another zone.
  const rest = version === 2 ? view.getInt8(15) : 0;
  return { seconds, nanoseconds, offset: minutes * 60 + rest };
}

/** Go's `time.Time` as {@link Time}, without loss. {@link timeFromDate} and {@link timeToDate} convert. */
export const time = opaque<Time>({
  name: "time.Time",
  encoding: "gob",
  receiver: "value",
  codec: {
    encode: encodeTime,
    decode: decodeTime,
    zero: () => zeroTime,
    isZero: (value) =>
      value.seconds === zeroTime.seconds && value.nanoseconds === 0 && value.offset === undefined,
  },
});

/** The time of a `Date`, to the millisecond, in UTC. Errors: RangeError for an invalid date. */
export function timeFromDate(date: Date): Time {
  const ms = date.getTime();
  if (Number.isNaN(ms)) throw new RangeError("invalid date");
  const seconds = Math.floor(ms / 1000);
  return { seconds: BigInt(seconds), nanoseconds: (ms - seconds * 1000) * 1_000_000 };
}

/** The `Date` of a time: what is below the millisecond, and the zone, are lost. */
export function timeToDate({ seconds, nanoseconds }: Time): Date {
  return new Date(Number(seconds) * 1000 + Math.floor(nanoseconds / 1_000_000));
}
