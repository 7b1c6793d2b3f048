import test from "ava";
import { ByteQueue } from "../../src/wire/byte-queue.ts";
import { concat, cuts, hex, pattern, unhex } from "./bytes.ts";

test("byte queue: nothing is taken before all of it has come", (t) => {
  const queue = new ByteQueue();
  t.is(queue.take(3), undefined);
  queue.push(unhex("0102"));
  t.is(queue.take(3), undefined);
  t.is(queue.length, 2);
  queue.push(unhex("030405"));
  t.is(hex(queue.take(3)!), "010203");
  t.is(hex(queue.take(2)!), "0405");
  t.is(queue.length, 0);
  t.is(queue.take(1), undefined);
});

test("byte queue: a piece that lies in one chunk is a view of it", (t) => {
  const queue = new ByteQueue();
  const chunk = unhex("0102030405");
  queue.push(chunk);
  queue.take(1);
  t.is(queue.take(3)!.buffer, chunk.buffer);
});

test("byte queue: what was begun for one size can be taken in another", (t) => {
  const queue = new ByteQueue();
  queue.push(unhex("0102"));
  t.is(queue.take(9), undefined);
  queue.push(unhex("0304"));
  t.is(queue.byteAt(0), 1);
  t.is(queue.byteAt(2), 3);
  t.is(queue.byteAt(4), undefined);
  t.is(hex(queue.take(3)!), "010203");
  t.is(queue.take(5), undefined);
  t.is(hex(queue.take(1)!), "04");
});

test("byte queue: a piece of no bytes is there at once", (t) => {
  const queue = new ByteQueue();
  t.is(queue.take(0)!.length, 0);
  queue.push(unhex("01"));
  t.is(queue.take(0)!.length, 0);
  t.is(hex(queue.takeAll()), "01");
});

for (const [name, cut] of cuts) {
  test(`byte queue: pieces of many sizes come out the same when the bytes come ${name}`, (t) => {
    const bytes = pattern(5000);
    const sizes = [7, 1, 0, 32, 4, 900, 4, 1, 2000, 3];
    const queue = new ByteQueue();
    const taken: Uint8Array[] = [];
    let next = 0;
    for (const chunk of cut(bytes)) {
      queue.push(chunk);
      for (;;) {
        const piece = queue.take(sizes[next % sizes.length]!);
        if (piece === undefined) break;
        t.is(piece.length, sizes[next % sizes.length]!);
        taken.push(piece);
        next++;
      }
    }
    taken.push(queue.takeAll());
    t.is(hex(concat(...taken)), hex(bytes));
  });
}

test("byte queue: many chunks that wait unread are given back in order", (t) => {
  const queue = new ByteQueue();
  for (let i = 0; i < 5000; i++) queue.push(Uint8Array.of(i & 0xff, i >> 8));
  for (let i = 0; i < 5000; i++) t.is(hex(queue.take(2)!), hex(Uint8Array.of(i & 0xff, i >> 8)));
  t.is(queue.length, 0);
});

test("byte queue: a large piece from tiny chunks takes time in proportion to its size", (t) => {
  const bytes = pattern(2 ** 20);
  const queue = new ByteQueue();
  const started = performance.now();
  for (let at = 0; at < bytes.length; at += 8) {
    t.is(queue.take(bytes.length), undefined);
    queue.push(bytes.subarray(at, at + 8));
  }
  t.is(Buffer.compare(queue.take(bytes.length)!, bytes), 0);
  // Copying everything anew for each chunk would take minutes.
  t.true(performance.now() - started < 10_000);
});
