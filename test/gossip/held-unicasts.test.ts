import test from "ava";
import {
  HeldUnicasts,
  heldUnicastBytes,
  relayBacklogBytes,
  totalHeldUnicastBytes,
} from "../../src/gossip/index.ts";
import { FakeConnection } from "./fake-connection.ts";

/** A next hop that is just as far behind as makes a relay hold back. */
function behind(): FakeConnection {
  const connection = new FakeConnection("::2");
  connection.room = 0;
  connection.queuedBytes = relayBacklogBytes + 1;
  return connection;
}

test("held unicasts: a hop is behind only beyond the limit, and while its socket is full", (t) => {
  const hop = behind();
  t.true(HeldUnicasts.behind(hop));
  hop.queuedBytes = relayBacklogBytes;
  t.false(HeldUnicasts.behind(hop));
  hop.queuedBytes = 100 * relayBacklogBytes;
  hop.room = 1;
  t.false(HeldUnicasts.behind(hop));
});

test("held unicasts: wait for the hop, and one that fills it again makes the next wait on", async (t) => {
  const held = new HeldUnicasts();
  const hop = behind();
  const sent: number[] = [];
  const send = (id: number) => () => {
    sent.push(id);
    hop.room = 0;
    hop.queuedBytes = relayBacklogBytes + 1;
  };
  const waiting = [1, 2].map((id) => held.hold(hop, new Uint8Array(10), send(id)));
  await Promise.resolve();
  t.deepEqual(sent, []);
  t.is(held.total, 20);
  hop.drain();
  await waiting[0];
  await Promise.resolve();
  t.deepEqual(sent, [1]);
  t.is(held.total, 10);
  hop.drain();
  await waiting[1];
  t.deepEqual(sent, [1, 2]);
  t.is(held.total, 0);
});

test("held unicasts: those of a hop that ends go nowhere", async (t) => {
  const held = new HeldUnicasts();
  const hop = behind();
  hop.drained = () => Promise.reject(new Error("connection closed"));
  await held.hold(hop, new Uint8Array(10), () => t.fail());
  t.is(held.total, 0);
});

test("held unicasts: each hop, and all together, have a budget that counts whole buffers", (t) => {
  const held = new HeldUnicasts();
  const megabyte = new Uint8Array(1024 * 1024).subarray(0, 1);
  const fill = (hop: FakeConnection): number => {
    let count = 0;
    while (held.hold(hop, megabyte, () => {}) !== undefined) count++;
    return count;
  };
  const first = behind();
  t.is(fill(first), heldUnicastBytes / 1024 / 1024);
  const rest = Array.from({ length: 10 }, () => fill(behind()));
  t.is(
    rest.reduce((sum, count) => sum + count, 0),
    (totalHeldUnicastBytes - heldUnicastBytes) / 1024 / 1024,
  );
  t.is(held.total, totalHeldUnicastBytes);
});
