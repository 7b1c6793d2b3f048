import test from "ava";
import {
  CaptureError,
  type CaptureErrorCode,
  formatKeyLogEntry,
  formatSecretKeyEntry,
  formatSession,
  KeyRing,
  makeSessionHeader,
  type RecordedSession,
  SessionReader,
} from "../../src/capture/index.ts";

const wire: RecordedSession = {
  header: makeSessionHeader({
    layer: "wire",
    startedAt: Date.UTC(2020, 0, 2, 3, 4, 5, 6),
    title: 'a "session"',
    made: { by: "hand" },
    flavour: "mac",
    protocol: 2,
    dialler: { address: "10.0.0.1:40000", password: "bytes \udcff", secretKey: "ab".repeat(32) },
    listener: { address: "[fd00::1]:6783", password: null },
    sessionKey: "cd".repeat(32),
  }),
  records: [
    { at: 0, from: "dialler", bytes: Uint8Array.of(0x77, 0x65) },
    { at: 1.5, from: "listener", bytes: new Uint8Array(0) },
    { at: 2.125, from: "dialler", missing: 1448 },
    { at: 3, from: "dialler", end: "fin" },
    { at: 3, from: "listener", end: "reset" },
  ],
};

const text = `{"format":"weave-mesh-session","version":1,"layer":"wire","started":"2020-01-02T03:04:05.006Z","title":"a \\"session\\"","made":{"by":"hand"},"flavour":"mac","protocol":2,"dialler":{"address":"10.0.0.1:40000","password":"bytes \\udcff","secretKey":"${"ab".repeat(32)}"},"listener":{"address":"[fd00::1]:6783","password":null},"sessionKey":"${"cd".repeat(32)}"}
{"at":0,"from":"dialler","bytes":"7765"}
{"at":1.5,"from":"listener","bytes":""}
{"at":2.125,"from":"dialler","missing":1448}
{"at":3,"from":"dialler","end":"fin"}
{"at":3,"from":"listener","end":"reset"}
`;

function read(file: string, chunkBytes = file.length): RecordedSession {
  const reader = new SessionReader();
  const bytes = new TextEncoder().encode(file);
  const records = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    reader.push(bytes.subarray(at, at + chunkBytes));
    records.push(...reader.records());
  }
  reader.end();
  return { header: reader.header!, records };
}

test("session file: a session is one JSON line for its header and one for each record", (t) => {
  t.is(formatSession(wire), text);
});

test("session file: what was written is read again, in pieces of any size", (t) => {
  for (const chunkBytes of [1, 2, 13, text.length]) t.deepEqual(read(text, chunkBytes), wire);
});

test("session file: a plain recording has parts", (t) => {
  const plain: RecordedSession = {
    header: { ...wire.header, layer: "plain" },
    records: [{ at: 0, from: "listener", part: "message", bytes: Uint8Array.of(4) }],
  };
  t.deepEqual(read(formatSession(plain)), plain);
  t.throws(() => read(formatSession({ ...plain, header: wire.header })), {
    message: /"part" does not fit the layer/,
  });
});

const [headerLine = "", ...recordLines] = text.trimEnd().split("\n");
const broken: readonly [title: string, file: string, code: CaptureErrorCode, message: RegExp][] = [
  ["an empty file", "", "unknown-format", /^neither a session file nor a packet capture$/],
  ["random bytes", "\u0007\u00ffabc\n\n", "unknown-format", /^neither/],
  ["JSON that is no session", '{"format":"other"}\n', "unknown-format", /^neither/],
  [
    "another version",
    text.replace('"version":1', '"version":7'),
    "unknown-version",
    /^a session file of version 7; known is 1$/,
  ],
  ["a cut header", headerLine.slice(0, 100), "truncated", /^the file ends in its first line$/],
  ["a cut record", text.slice(0, -9), "truncated", /^the file ends in the middle of line 6$/],
  [
    "a header without sides",
    `${headerLine.replace('"listener"', '"other"')}\n`,
    "malformed",
    /^line 1: "listener" is missing$/,
  ],
  [
    "a short key",
    `${headerLine.replace("abab", "ab")}\n`,
    "malformed",
    /^line 1: "dialler.secretKey" is not 64 hex digits$/,
  ],
  [
    "a record that is no JSON",
    `${headerLine}\n${recordLines[0]}\n{\n`,
    "malformed",
    /^line 3: not a JSON object$/,
  ],
  [
    "odd hex",
    `${headerLine}\n{"at":0,"from":"dialler","bytes":"abc"}\n`,
    "malformed",
    /^line 2: "bytes" is not hex/,
  ],
  [
    "an unknown side",
    `${headerLine}\n{"at":0,"from":"me","bytes":""}\n`,
    "malformed",
    /^line 2: "from" is neither/,
  ],
  [
    "a record of nothing",
    `${headerLine}\n{"at":0,"from":"dialler"}\n`,
    "malformed",
    /^line 2: neither bytes/,
  ],
];
for (const [title, file, code, message] of broken) {
  test(`session file: ${title} is refused in one line`, (t) => {
    const error = t.throws(() => read(file), { instanceOf: CaptureError, message });
    t.is(error?.code, code);
  });
}

test("key log: lines are found again by whoever knows either form", (t) => {
  const key = Uint8Array.from({ length: 32 }, (_, i) => i);
  const line = formatKeyLogEntry({
    sessionKey: key,
    connectionUid: 0xabcn,
    local: "10.0.0.1:1",
    remote: "[fd00::1]:2",
  });
  t.is(
    line,
    "WEAVE_MESH_SESSION_KEY 0000000000000abc 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f local=10.0.0.1:1 remote=[fd00::1]:2\n",
  );
  const secret = formatSecretKeyEntry({
    publicKey: new Uint8Array(32).fill(1),
    secretKey: new Uint8Array(32).fill(2),
  });
  t.is(secret, `WEAVE_MESH_SECRET_KEY ${"01".repeat(32)} ${"02".repeat(32)}\n`);
  const ring = new KeyRing().addKeyLog(`# comment\n\nSOMETHING_ELSE x y\n${line}${secret}`);
  t.is(ring.size, 2);
  t.deepEqual([...ring.candidates()], [key]);
});

test("key log: a line that is none is named by its number", (t) => {
  const error = t.throws(() => new KeyRing().addKeyLog("# fine\nWEAVE_MESH_SESSION_KEY 1 2\n"), {
    instanceOf: CaptureError,
  });
  t.is(error?.code, "malformed-key-log");
  t.is(error?.line, 2);
});
