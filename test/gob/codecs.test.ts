import test from "ava";
import * as gob from "../../src/gob/index.ts";
import { readCases } from "./corpus.ts";
import { fromHex } from "./hex.ts";

/** What a case of the corpus decodes to. */
function decodeCase<S extends gob.Schema>(name: string, schema: S): gob.Infer<S> {
  const found = readCases("opaque.json").find((entry) => entry.name === `opaque/${name}`);
  return gob.decode(schema, fromHex(found!.hex));
}

test("codecs: times keep nanoseconds and zones", (t) => {
  const utc = decodeCase("time UTC", gob.time);
  t.is(gob.timeToDate(utc).toISOString(), "2024-02-29T12:34:56.789Z");
  t.is(utc.nanoseconds, 789012345);
  t.is(utc.offset, undefined);
  t.is(decodeCase("time with a zone", gob.time).offset, 7200);
  t.is(decodeCase("time west", gob.time).offset, -18000);
  t.is(decodeCase("time with seconds in its zone", gob.time).offset, 53 * 60 + 28);
  t.is(decodeCase("time zero", gob.time).seconds, -62135596800n);
  t.deepEqual(decodeCase("time before 1970", gob.time), { seconds: -1n, nanoseconds: 999999999 });
  const date = new Date(-1);
  t.deepEqual(gob.timeToDate(gob.timeFromDate(date)), date);
});

test("codecs: big numbers are exact", (t) => {
  t.is(decodeCase("big int", gob.bigInt), -123456789012345678901234567890123456789n);
  t.deepEqual(decodeCase("big rat", gob.bigRat), { numerator: -1n, denominator: 3n });
  const float = decodeCase("big float", gob.bigFloat);
  t.is(float.precision, 200);
  t.is(gob.bigFloatToNumber(float), Number("1.234567890123456789e-50"));
  t.is(gob.bigFloatToNumber(decodeCase("big float infinite", gob.bigFloat)), Number.NEGATIVE_INFINITY);
  t.is(gob.bigFloatToNumber(decodeCase("big float zero", gob.bigFloat)), 0);
});

test("codecs: addresses are spelled as Go does", (t) => {
  t.is(decodeCase("netip v4", gob.netipAddr), "10.1.2.3");
  t.is(decodeCase("netip v6 with zone", gob.netipAddr), "fe80::1:0:0:2%eth0");
  t.is(decodeCase("netip mapped", gob.netipAddr), "::ffff:1.2.3.4");
  t.deepEqual(decodeCase("netips", gob.slice(gob.netipAddr)), [
    "::",
    "2001:db8::",
    "1:0:0:2::3",
    "1:2:3:4:5:6:7:8",
  ]);
  for (const bad of [
    "1.2.3",
    "1.2.3.256",
    "01.2.3.4",
    "1::2::3",
    "1:2:3",
    "::1%",
    "12345::",
    "1.2.3.4%a",
    "g::",
  ]) {
    t.throws(() => gob.encode(gob.netipAddr, bad), { code: "codec" }, bad);
  }
});

test("codecs: a URL is its text, a UUID too", (t) => {
  t.is(decodeCase("url", gob.optional(gob.url)), "https://u:p@h:1/%C3%A4%20b?q=1#f");
  const id = "12345678-9abc-def0-0102-030405060708";
  t.is(gob.decode(gob.uuid, gob.encode(gob.uuid, id.toUpperCase())), id);
});
