import { PassThrough } from "node:stream";
import test from "ava";
import { EventLines, printedPayload } from "../../src/cli/event-lines.ts";
import { TextSink } from "./capture-context.ts";

const payloads: [string, string, object][] = [
  ["text", "68656c6c6f", { text: "hello" }],
  ["nothing", "", { text: "" }],
  ["more than one byte for a character", "e282ac", { text: "€" }],
  ["a byte order mark, which stays", "efbbbf61", { text: "\ufeffa" }],
  ["a NUL and a line end", "000a", { text: "\u0000\n" }],
  ["a byte that is not UTF-8", "61ff", { base64: "Yf8=" }],
  ["half a surrogate pair", "eda080", { base64: "7aCA" }],
];

for (const [title, hex, printed] of payloads) {
  test(`output: ${title}`, (t) => {
    t.deepEqual<object, object>(printedPayload(new Uint8Array(Buffer.from(hex, "hex"))), printed);
  });
}

test("output: each object is a line", async (t) => {
  const sink = new TextSink();
  const lines = new EventLines(sink);
  await lines.print({ event: "broadcast", text: "a\nb" });
  await lines.print({ event: "ready" });
  t.is(sink.text, '{"event":"broadcast","text":"a\\nb"}\n{"event":"ready"}\n');
});

test("output: control characters and bidirectional controls are escaped, and the text stays the same", async (t) => {
  const sink = new TextSink();
  const text = "a\x1b\x7f\u009b2J\u202e\u2066\u2028\ufeff\u200b";
  await new EventLines(sink).print({ text });
  t.is(sink.text, '{"text":"a\\u001b\\u007f\\u009b2J\\u202e\\u2066\\u2028\\ufeff\\u200b"}\n');
  t.deepEqual(JSON.parse(sink.text), { text });
});

test("output: a full stream is waited for", async (t) => {
  const stream = new PassThrough({ highWaterMark: 4 });
  let printed = false;
  const printing = new EventLines(stream).print({ long: "line" }).then(() => {
    printed = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  t.false(printed);
  stream.read();
  await printing;
  t.true(printed);
});

test("output: a stream that has been closed is not waited for", async (t) => {
  const stream = new PassThrough({ highWaterMark: 1 });
  const printing = new EventLines(stream).print({ long: "line" });
  stream.destroy();
  await t.notThrowsAsync(printing);
  await t.notThrowsAsync(new EventLines(stream).print({}));
});
