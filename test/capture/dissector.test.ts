import { join } from "node:path";
import test from "ava";
import {
  type Item,
  KeyRing,
  type RecordedSession,
  SessionInspector,
  type SessionRecord,
  type Side,
} from "../../src/capture/index.ts";
import { libraryFiles, libraryFolder, readSession } from "./library.ts";

const plain = readSession(join(libraryFolder, "two-v2-plain.session.jsonl"));
const sealed = readSession(join(libraryFolder, "two-v2-sealed.session.jsonl"));
const sealedV1 = readSession(join(libraryFolder, "two-v1-sealed.session.jsonl"));

function itemsOf(session: RecordedSession, keys?: KeyRing): Item[] {
  const inspector = new SessionInspector(session.header, keys);
  const entries = session.records.flatMap((record) => inspector.push(record));
  return [...entries, ...inspector.finish()].map(({ item }) => item);
}

/** What the items say, without when. */
function outline(items: readonly Item[]): string[] {
  return items.map((item) => {
    const bytes =
      "bytes" in item ? Buffer.from(item.bytes).toString("hex") : "reason" in item ? item.reason : "";
    return `${item.from} ${item.offset}+${item.wireBytes} ${item.kind} ${bytes}`;
  });
}

/** The session as what each side sent, in pieces of one size, the listener's header early enough to be known. */
function recut(session: RecordedSession, pieceBytes: number): RecordedSession {
  const records = session.records.flatMap((record): SessionRecord[] => {
    if (!("bytes" in record)) return [record];
    const pieces: SessionRecord[] = [];
    for (let at = 0; at < record.bytes.length; at += pieceBytes) {
      pieces.push({ ...record, bytes: record.bytes.subarray(at, at + pieceBytes) });
    }
    return pieces;
  });
  return { ...session, records };
}

function withoutSecrets(session: RecordedSession): RecordedSession {
  const { sessionKey: _key, ...header } = session.header;
  return { ...session, header: { ...header, dialler: {}, listener: {} } };
}

/** The session with a piece of one side's bytes taken out or changed. */
function damaged(
  session: RecordedSession,
  side: Side,
  from: number,
  count: number,
  how: "lost" | "flipped",
): RecordedSession {
  let at = 0;
  const records = session.records.flatMap((record): SessionRecord[] => {
    if (record.from !== side || !("bytes" in record)) return [record];
    const start = at;
    at += record.bytes.length;
    const first = Math.max(0, Math.min(record.bytes.length, from - start));
    const last = Math.max(0, Math.min(record.bytes.length, from + count - start));
    if (first === last) return [record];
    if (how === "flipped") {
      return [
        {
          ...record,
          bytes: record.bytes.map((byte, index) => (index >= first && index < last ? byte ^ 0x55 : byte)),
        },
      ];
    }
    const pieces: SessionRecord[] = [];
    if (first > 0) pieces.push({ ...record, bytes: record.bytes.subarray(0, first) });
    pieces.push({ at: record.at, from: side, missing: last - first });
    if (last < record.bytes.length) pieces.push({ ...record, bytes: record.bytes.subarray(last) });
    return pieces;
  });
  return { ...session, records };
}

test("dissector: every session of the library is read without damage, however it is cut", (t) => {
  for (const file of libraryFiles().filter((name) => !name.endsWith(".gz"))) {
    const session = readSession(join(libraryFolder, file));
    const whole = outline(itemsOf(session));
    t.false(
      whole.some((line) => line.includes(" damage ")),
      file,
    );
    t.deepEqual(outline(itemsOf(recut(session, 5))).sort(), [...whole].sort(), file);
  }
  t.deepEqual(outline(itemsOf(recut(sealed, 1))).sort(), outline(itemsOf(sealed)).sort());
});

test("dissector: a lost piece within a message costs that message and no other", (t) => {
  for (const session of [plain, sealed, sealedV1]) {
    const items = itemsOf(session).filter(({ from }) => from === "dialler");
    const victim = items.filter(({ kind }) => kind === "message")[2]!;
    const found = itemsOf(damaged(session, "dialler", victim.offset + 20, 5, "lost")).filter(
      ({ from }) => from === "dialler",
    );
    const reasons = found.flatMap((item) => (item.kind === "damage" ? [item.reason] : []));
    t.deepEqual(reasons.length, 2);
    t.is(reasons[0], "5 bytes were not recorded");
    t.regex(reasons[1]!, /^message 3 of \d+ bytes: 5 of them were not recorded$/);
    const others = (list: readonly Item[]) =>
      outline(list.filter((item) => item.kind === "message" && item.offset !== victim.offset));
    t.deepEqual(others(found), others(items));
  }
});

test("dissector: after bytes lost between messages, or over a length, reading goes on at the next message", (t) => {
  for (const session of [plain, sealed, sealedV1]) {
    const items = itemsOf(session).filter(({ from }) => from === "dialler");
    const messages = items.filter((item) => item.kind === "message");
    const victim = messages[1]!;
    for (const how of ["lost", "flipped"] as const) {
      const found = itemsOf(damaged(session, "dialler", victim.offset - 2, 6, how)).filter(
        ({ from }) => from === "dialler",
      );
      const later = (list: readonly Item[]) =>
        outline(list.filter((item) => item.kind === "message" && item.offset > victim.offset));
      t.deepEqual(later(found), later(items), `${session.header.title} ${how}`);
      t.true(found.some((item) => item.kind === "damage" || (item.kind === "sealed" && item.broken)));
    }
  }
});

test("dissector: a sealed message that was changed is shown as one that the key does not open", (t) => {
  const victim = itemsOf(sealed).filter((item) => item.kind === "message" && item.from === "listener")[1]!;
  const found = itemsOf(damaged(sealed, "listener", victim.offset + 30, 1, "flipped"));
  const broken = found.filter((item) => item.kind === "sealed");
  t.deepEqual(
    broken.map((item) => item.kind === "sealed" && [item.number, item.broken, item.offset]),
    [[2, true, victim.offset]],
  );
});

test("dissector: without a key sealed messages are counted, with one on a ring they are read", (t) => {
  for (const session of [sealed, sealedV1]) {
    const bare = withoutSecrets(session);
    const blind = itemsOf(bare);
    t.true(blind.filter(({ kind }) => kind === "sealed").length >= 8);
    t.is(blind.filter(({ kind }) => kind === "message").length, 0);
    const wrong = new KeyRing().addSessionKey(new Uint8Array(32));
    t.deepEqual(outline(itemsOf(bare, wrong)), outline(blind));
    const key = new Uint8Array(Buffer.from(session.header.sessionKey!, "hex"));
    const ring = new KeyRing().addSessionKey(new Uint8Array(32)).addSessionKey(key);
    t.deepEqual(outline(itemsOf(bare, ring)), outline(itemsOf(session)));
    // One secret key and the password say as much.
    const { dialler } = session.header;
    const publicKey = itemsOf(session).flatMap((item) =>
      item.from === "dialler" && item.kind === "key"
        ? [item.publicKey!]
        : item.from === "dialler" && item.kind === "features" && item.features.has("PublicKey")
          ? [new Uint8Array(Buffer.from(item.features.get("PublicKey")!, "hex"))]
          : [],
    )[0]!;
    const pair = new KeyRing()
      .addSecretKey(publicKey, new Uint8Array(Buffer.from(dialler.secretKey!, "hex")))
      .addPassword(new TextEncoder().encode("no"))
      .addPassword(new TextEncoder().encode(dialler.password!));
    t.deepEqual(outline(itemsOf(bare, pair)), outline(itemsOf(session)));
  }
});

test("dissector: any damage at any place is survived", (t) => {
  for (const session of [plain, sealedV1]) {
    for (let at = 0; at < 400; at += 3) {
      for (const how of ["lost", "flipped"] as const) {
        t.notThrows(() => itemsOf(damaged(session, "dialler", at, 9, how)), `${how} at ${at}`);
      }
    }
  }
});

test("inspector: why each refused session ended", (t) => {
  const reason = (name: string) => {
    const session = readSession(join(libraryFolder, `${name}.session.jsonl`));
    const inspector = new SessionInspector(session.header);
    for (const record of session.records) inspector.push(record);
    inspector.finish();
    const { refusal, reason } = inspector.summary;
    return reason.replace(/^the (dialler|listener) (closed|reset) the connection: /, `${refusal}: `);
  };
  t.is(reason("name-collision"), "name-taken: two peers have the same name (00:00:00:00:00:0a)");
  t.is(reason("same-peer"), "oneself: the peer has reached itself");
  t.is(reason("wrong-password-v1"), "wrong-password: the passwords differ");
  t.is(reason("wrong-password-v2"), "wrong-password: the passwords differ");
  t.regex(
    reason("flavours"),
    /^other-flavour: the names of the peers are of different flavours \((mac, hash|hash, mac)\)$/,
  );
  t.regex(
    reason("password-and-none"),
    /^(password-missing: one side expects a password and the other has none|password-not-wanted: one side has a password and the other expects none) \(the dialler has one\)$/,
  );
  t.regex(
    reason("none-and-password"),
    /^(password-missing: one side expects a password and the other has none|password-not-wanted: one side has a password and the other expects none) \(the listener has one\)$/,
  );
});
