import { createHash } from "node:crypto";
import { join } from "node:path";
import test from "ava";
import {
  CaptureError,
  type DecodedSession,
  decodeSession,
  type RecordedSession,
  recordedStreams,
  recreateSession,
  type SessionRecord,
} from "../../src/capture/index.ts";
import { seededRandom } from "../../src/transport/index.ts";
import { libraryFiles, libraryFolder, readManifest, readSession } from "./library.ts";

const manifest = readManifest();
const sides = ["dialler", "listener"] as const;

/** The proof for one session: decode, write as JSON text, read that, encode, compare. Gives the fault, if there is one. */
function fault(session: RecordedSession, decodedDigest: string): string | undefined {
  let streams: ReturnType<typeof recreateSession>;
  try {
    const text = JSON.stringify(decodeSession(session));
    if (createHash("sha256").update(text).digest("hex") !== decodedDigest) return "it says something else";
    streams = recreateSession(JSON.parse(text) as DecodedSession);
  } catch (error) {
    if (error instanceof CaptureError) return error.message;
    throw error;
  }
  const recorded = recordedStreams(session.records);
  return sides.find((side) => Buffer.compare(streams[side], recorded[side]) !== 0);
}

test("recreate: every recorded session is made again from its decoded form, byte for byte, in both directions", (t) => {
  let messages = 0;
  let bytes = 0;
  const files = libraryFiles();
  t.deepEqual(files, Object.keys(manifest).sort());
  for (const file of files) {
    const session = readSession(join(libraryFolder, file));
    t.is(fault(session, manifest[file]!.decoded), undefined, file);
    const decoded = decodeSession(session);
    const parts = sides.flatMap((side) => decoded[side].parts);
    t.deepEqual(
      parts.filter(
        (part) =>
          part.kind === "raw" ||
          (part.kind === "gossip" && part.channel === "topology" && typeof part.payload === "string"),
      ),
      [],
      `${file}: everything but application payloads is decoded`,
    );
    messages += parts.length;
    const streams = recordedStreams(session.records);
    bytes += streams.dialler.length + streams.listener.length;
  }
  t.log(`${files.length} sessions, ${messages} messages, ${bytes} bytes`);
  t.true(files.length >= 40);
});

test("recreate: a change of any byte on the wire is noticed", (t) => {
  const random = seededRandom("change");
  // The one of 10 MiB takes half a second each time: twice is enough.
  const files = libraryFiles();
  const small = files.filter((file) => !file.endsWith(".gz"));
  const places = 200;
  const unnoticed: string[] = [];
  for (let place = 0; place < places; place++) {
    const file = place < 2 ? files.find((name) => name.endsWith(".gz"))! : small[random.int(small.length)]!;
    const session = readSession(join(libraryFolder, file));
    const bytesOf = (record: SessionRecord) => ("bytes" in record ? record.bytes : undefined);
    const total = session.records.reduce((sum, record) => sum + (bytesOf(record)?.length ?? 0), 0);
    let at = random.int(total);
    const changed = session.records.find((record) => {
      const length = bytesOf(record)?.length ?? 0;
      if (at < length) return true;
      at -= length;
      return false;
    })!;
    const bytes = bytesOf(changed)!;
    bytes[at]! ^= 1 + random.int(255);
    if (fault(session, manifest[file]!.decoded) === undefined)
      unnoticed.push(`${file} ${changed.from} ${changed.at} ${at}`);
  }
  t.deepEqual(unnoticed, []);
});

test("recreate: what cannot be read cannot be made again", (t) => {
  const session = readSession(join(libraryFolder, "two-v2-sealed.session.jsonl"));
  const { sessionKey: _key, dialler, listener, ...header } = session.header;
  const without = (side: typeof dialler) => ({ address: side.address! });
  const keyless = {
    ...session,
    header: { ...header, dialler: without(dialler), listener: without(listener) },
  };
  const error = t.throws(() => decodeSession(keyless), { instanceOf: CaptureError });
  t.is(error?.code, "not-recreatable");
  const cut = { ...session, records: session.records.slice(3) };
  t.throws(() => recreateSession(decodeSession(cut)), { instanceOf: CaptureError });
});
