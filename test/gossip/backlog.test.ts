import test from "ava";
import fc from "fast-check";
import { entryObjectBytes, pieceObjectBytes } from "../../src/gossip/backlog.ts";
import type { OpaqueData } from "../../src/gossip/gossiper.ts";
import {
  GossipSenders,
  maxIdleSenders,
  SharedBudget,
  SurrogateData,
  surrogateBacklogBytes,
  totalBacklogBytes,
} from "../../src/gossip/index.ts";
import type { SenderChannel } from "../../src/gossip/sender.ts";
import { messageObjectBytes } from "../../src/gossip/surrogate-data.ts";
import type { PeerName } from "../../src/peer-name.ts";
import { FakeConnection } from "./fake-connection.ts";

/** Sends payloads bare; several of them stand for several channels. */
const makeChannel = (): SenderChannel => ({
  sendGossip: (connection, payload) => connection.send(4, payload),
  sendBroadcast: (connection, _source, payload) => connection.send(6, payload),
  report: (error) => {
    throw error;
  },
});

/** A connection that is not read, with senders of these budgets. */
function stalled(
  total?: SharedBudget,
  limit?: number,
): { connection: FakeConnection; senders: GossipSenders } {
  const connection = new FakeConnection("::2");
  connection.room = 0;
  return { connection, senders: new GossipSenders(connection, total, limit) };
}

const name = (index: number): PeerName => `source-${index}` as PeerName;
const data = (bytes: Uint8Array): OpaqueData => SurrogateData.of(bytes) as unknown as OpaqueData;
const empty = new Uint8Array(0);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const sum = (connection: FakeConnection): number =>
  connection.drops.reduce((total, { messages }) => total + messages, 0);

test("backlog: empty messages count with their objects, over all channels and sources of a connection", (t) => {
  const { connection, senders } = stalled();
  const channels = Array.from({ length: 50 }, makeChannel);
  const count = 60_000;
  for (let i = 0; i < count; i++) {
    senders.add(channels[i % 50]!, (sender) => sender.addBroadcast(name(i % 70), data(empty), 1));
  }
  t.true(senders.backlogBytes <= surrogateBacklogBytes);
  t.true(senders.backlogBytes > surrogateBacklogBytes - 2000);
  t.true(sum(connection) > count / 4, `${sum(connection)} of ${count} were dropped`);
});

test("backlog: a payload that waits does not keep the frame that it came in", async (t) => {
  const { connection, senders } = stalled();
  const channel = makeChannel();
  for (let i = 0; i < 10; i++) {
    const chunk = new Uint8Array(64 * 1024).fill(i);
    senders.add(channel, (sender) => sender.addGossip(data(chunk.subarray(100, 110))));
  }
  await turn();
  connection.room = Number.POSITIVE_INFINITY;
  senders.deliver();
  t.is(connection.sent.length, 10);
  for (const [i, { body }] of connection.sent.entries()) {
    t.is(body.buffer.byteLength, 10);
    t.deepEqual(body, new Uint8Array(10).fill(i));
  }
});

test("backlog: one that goes out in the same turn is not copied", async (t) => {
  const { connection, senders } = stalled();
  connection.room = 1;
  const chunk = new Uint8Array(64 * 1024);
  senders.add(makeChannel(), (sender) => sender.addGossip(data(chunk.subarray(100, 110))));
  await turn();
  t.is(connection.sent[0]!.body.buffer, chunk.buffer);
});

test("backlog: all connections share a budget; a message that waits at several counts once", (t) => {
  const total = new SharedBudget(totalBacklogBytes);
  const channel = makeChannel();
  const peers = Array.from({ length: 10 }, () => stalled(total));
  const message = (): Uint8Array => new Uint8Array(1024 * 1024);
  for (let i = 0; i < 12; i++) {
    const shared = data(message());
    for (const { senders } of peers) senders.add(channel, (sender) => sender.addGossip(shared));
  }
  t.true(total.used < 13 * 1024 * 1024, "twelve messages at ten connections");
  t.is(
    peers.reduce((dropped, { connection }) => dropped + sum(connection), 0),
    0,
  );
  const others = Array.from({ length: 10 }, () => stalled(total));
  const quiet = stalled(total);
  quiet.senders.add(channel, (sender) => sender.addGossip(data(message())));
  for (let i = 0; i < 150; i++) {
    others[i % 10]!.senders.add(channel, (sender) => sender.addGossip(data(message())));
    t.true(total.used <= totalBacklogBytes);
  }
  const dropped = others.reduce((count, { connection }) => count + sum(connection), 0);
  t.true(dropped >= 80, `${dropped} were dropped`);
  t.is(sum(quiet.connection), 0, "a connection with a short backlog loses nothing to those with long ones");
  for (const { senders } of [...peers, ...others, quiet]) senders.close();
  t.is(total.used, 0);
});

/** Data that merges by replacing: a state of one value. */
class Latest {
  readonly bytes: number;
  constructor(bytes: number) {
    this.bytes = bytes;
  }
  encode(): Uint8Array[] {
    return [new Uint8Array(this.bytes)];
  }
  merge(other: Latest): Latest {
    return other;
  }
}
const latest = (bytes: number): OpaqueData => new Latest(bytes) as unknown as OpaqueData;

test("backlog: broadcasts of other peers count also where their data merges, our own and gossip do not", (t) => {
  const { connection, senders } = stalled();
  const channel = makeChannel();
  const size = 1024 * 1024;
  for (let i = 0; i < 100; i++) {
    senders.add(channel, (sender) => sender.addBroadcast(name(i), latest(size), size));
    t.true(senders.backlogBytes <= surrogateBacklogBytes);
  }
  t.true(sum(connection) >= 84);
  const held = senders.backlogBytes;
  senders.add(channel, (sender) => sender.addBroadcast(name(1000), latest(size), 0));
  senders.add(channel, (sender) => sender.addGossip(latest(size)));
  t.is(senders.backlogBytes, held);
  connection.room = Number.POSITIVE_INFINITY;
  senders.deliver();
  t.is(connection.sent.length, 100 - sum(connection) + 2);
  t.is(senders.backlogBytes, 0);
});

test("backlog: a source whose updates replace each other loses none of its state", (t) => {
  const { connection, senders } = stalled();
  const channel = makeChannel();
  let encoded = 0;
  const counting = (): OpaqueData => {
    const state = new Latest(1000);
    const encode = (): Uint8Array[] => {
      encoded++;
      return [new Uint8Array(1000)];
    };
    return { encode, merge: (other: OpaqueData) => other, state } as unknown as OpaqueData;
  };
  for (let i = 0; i < 100_000; i++) {
    senders.add(channel, (sender) => sender.addBroadcast(name(0), counting(), 1000));
  }
  t.is(sum(connection), 0);
  t.true(encoded < 10, `${encoded} measurements`);
});

test("backlog: the senders of channels without data are not kept beyond their limit", async (t) => {
  const { connection, senders } = stalled();
  connection.room = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 1000; i++) senders.add(makeChannel(), (sender) => sender.addGossip(data(empty)));
  await turn();
  t.is(connection.sent.length, 1000);
  t.true(senders.size <= maxIdleSenders);
  // Those whose data was dropped are forgotten at once.
  const small = stalled(undefined, 10_000);
  for (let i = 0; i < 1000; i++) small.senders.add(makeChannel(), (sender) => sender.addGossip(data(empty)));
  t.true(small.senders.size <= 10);
});

test("backlog: a queue that has lost its first message still counts", (t) => {
  const { connection, senders } = stalled();
  const channel = makeChannel();
  for (let i = 0; i < 3; i++) senders.add(channel, (sender) => sender.addGossip(data(new Uint8Array(10))));
  const message = entryObjectBytes + messageObjectBytes + 10;
  t.is(senders.backlogBytes, pieceObjectBytes + 3 * message);
  connection.room = 1;
  senders.deliver();
  t.is(senders.backlogBytes, pieceObjectBytes + 2 * message);
});

test("backlog: a connection that has ended keeps nothing", (t) => {
  const total = new SharedBudget(totalBacklogBytes);
  const { connection, senders } = stalled(total);
  const channel = makeChannel();
  const add = (): void => {
    senders.add(channel, (sender) => {
      sender.addGossip(data(empty));
      sender.addBroadcast(name(0), data(empty), 1);
      sender.addBroadcast(name(1), latest(100), 100);
    });
  };
  add();
  senders.close();
  add();
  t.is(senders.backlogBytes, 0);
  t.is(total.used, 0);
  t.true(senders.empty);
  connection.room = 10;
  senders.deliver();
  t.is(connection.sent.length, 0);
});

test("backlog: surrogate data and other data on one channel: the newer stays, and it is reported", (t) => {
  const { connection, senders } = stalled();
  const errors: unknown[] = [];
  const channel = { ...makeChannel(), report: (error: unknown) => errors.push(error) };
  senders.add(channel, (sender) => {
    sender.addGossip(data(Uint8Array.of(1)));
    sender.addGossip(latest(2));
    sender.addBroadcast(name(0), latest(3), 3);
    sender.addBroadcast(name(0), data(Uint8Array.of(4)), 1);
  });
  t.is(errors.length, 2);
  connection.room = 10;
  senders.deliver();
  t.deepEqual(
    connection.sent.map(({ body }) => [...body]),
    [[0, 0], [4]],
  );
});

test("backlog: against a model: order is kept, the budget holds, only the oldest go, and only beyond it", (t) => {
  const limit = 20_000;
  const add = fc.record({
    channel: fc.nat(3),
    source: fc.option(fc.nat(3), { nil: undefined }),
    size: fc.integer({ min: 4, max: 2000 }),
  });
  const step = fc.oneof({ weight: 4, arbitrary: add }, { weight: 1, arbitrary: fc.nat(10) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
      const { connection, senders } = stalled(undefined, limit);
      const channels = Array.from({ length: 4 }, makeChannel);
      /** What waits according to the model, oldest first: number of the message, and its queue. */
      let waiting: { id: number; queue: string; cost: number }[] = [];
      let next = 0;
      const drain = (room: number): void => {
        connection.sent.length = 0;
        connection.room = room;
        senders.deliver();
        connection.room = 0;
        for (const { body } of connection.sent) {
          const id = new DataView(body.buffer, body.byteOffset).getUint32(0);
          const sent = waiting.find((message) => message.id === id);
          if (sent === undefined) throw new Error(`message ${id} was sent, but did not wait`);
          const first = waiting.find(({ queue }) => queue === sent.queue);
          if (first !== sent) throw new Error(`message ${id} was sent before ${first?.id}`);
          waiting = waiting.filter((message) => message !== sent);
        }
      };
      for (const what of steps) {
        if (typeof what === "number") {
          drain(what);
        } else {
          const { channel, source, size } = what;
          const bytes = new Uint8Array(size);
          new DataView(bytes.buffer).setUint32(0, next);
          const before = sum(connection);
          senders.add(channels[channel]!, (sender) => {
            if (source === undefined) sender.addGossip(data(bytes));
            else sender.addBroadcast(name(source), data(bytes), size);
          });
          // At most, as a piece counts once for all its messages.
          const cost = size + messageObjectBytes + entryObjectBytes + pieceObjectBytes + 8;
          waiting.push({ id: next++, queue: `${channel} ${source}`, cost });
          const dropped = sum(connection) - before;
          const most = waiting.reduce((total, message) => total + message.cost, 0);
          if (dropped > 0 && most <= limit) throw new Error("dropped below the budget");
          waiting = waiting.slice(dropped);
        }
        if (senders.backlogBytes > limit) throw new Error(`${senders.backlogBytes} bytes wait`);
      }
      drain(Number.POSITIVE_INFINITY);
      if (waiting.length > 0) throw new Error(`${waiting.length} messages were lost`);
      if (senders.backlogBytes !== 0 || !senders.empty) throw new Error("something is left");
    }),
    { numRuns: 200 },
  );
  t.pass();
});
