import test from "ava";
import type { OpaqueData } from "../../src/gossip/gossiper.ts";
import type { GossipData } from "../../src/gossip/index.ts";
import { SurrogateData, surrogateBacklogBytes } from "../../src/gossip/index.ts";
import type { SenderChannel } from "../../src/gossip/sender.ts";
import { PeerName } from "../../src/peer-name.ts";
import { FakeConnection } from "./fake-connection.ts";

/** A set of letters that merges by union and goes out as one message. */
class Letters implements GossipData<Letters> {
  readonly letters: string;
  constructor(letters: string) {
    this.letters = letters;
  }
  encode(): Uint8Array[] {
    return [new TextEncoder().encode(this.letters)];
  }
  merge(other: Letters): Letters {
    return new Letters([...new Set(this.letters + other.letters)].sort().join(""));
  }
}

/** Sends payloads bare, so that tests read what was sent. */
class PlainChannel implements SenderChannel {
  readonly reported: unknown[] = [];
  sendGossip(connection: FakeConnection, payload: Uint8Array): void {
    connection.send(4, payload);
  }
  sendBroadcast(connection: FakeConnection, _source: PeerName, payload: Uint8Array): void {
    connection.send(6, payload);
  }
  report(error: unknown): void {
    this.reported.push(error);
  }
}

const alice = PeerName.parse("::a");
const bob = PeerName.parse("::b");

const opaque = (data: unknown): OpaqueData => data as OpaqueData;
const letters = (text: string): OpaqueData => opaque(new Letters(text));
const sentBy = (connection: FakeConnection): string[] =>
  connection.sent.map(({ tag, body }) => `${tag}:${new TextDecoder().decode(body)}`);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("sender: what is added in one turn goes out merged, as one message", async (t) => {
  const connection = new FakeConnection("::2");
  const channel = new PlainChannel();
  for (const text of ["a", "c", "b"])
    connection.senders.add(channel, (sender) => sender.addGossip(letters(text)));
  t.deepEqual(sentBy(connection), []);
  await turn();
  t.deepEqual(sentBy(connection), ["4:abc"]);
});

test("sender: gossip goes before broadcasts, and each source has a broadcast of its own", async (t) => {
  const connection = new FakeConnection("::2");
  const channel = new PlainChannel();
  connection.senders.add(channel, (sender) => {
    sender.addBroadcast(alice, letters("x"));
    sender.addBroadcast(bob, letters("y"));
    sender.addBroadcast(alice, letters("z"));
    sender.addGossip(letters("g"));
  });
  await turn();
  t.deepEqual(sentBy(connection), ["4:g", "6:xz", "6:y"]);
});

test("sender: while the socket is full, updates merge instead of queueing", async (t) => {
  const connection = new FakeConnection("::2");
  const channel = new PlainChannel();
  connection.room = 0;
  for (let i = 0; i < 1000; i++) {
    connection.senders.add(channel, (sender) => sender.addBroadcast(alice, letters("abc"[i % 3]!)));
    await turn();
  }
  t.deepEqual(sentBy(connection), []);
  connection.drain();
  t.deepEqual(sentBy(connection), ["6:abc"]);
  t.true(connection.senders.empty);
});

test("sender: a socket that fills up in the middle of a piece gets the rest later, in order", async (t) => {
  const connection = new FakeConnection("::2");
  const channel = new PlainChannel();
  connection.room = 2;
  const text = (one: string): Uint8Array => new TextEncoder().encode(one);
  connection.senders.add(channel, (sender) => {
    for (const one of ["1", "2", "3", "4"]) sender.addGossip(opaque(SurrogateData.of(text(one))));
  });
  await turn();
  t.deepEqual(sentBy(connection), ["4:1", "4:2"]);
  connection.senders.add(channel, (sender) => sender.addGossip(opaque(SurrogateData.of(text("5")))));
  connection.drain();
  t.deepEqual(sentBy(connection), ["4:1", "4:2", "4:3", "4:4", "4:5"]);
});

test("sender: channels take turns at a socket that takes one message at a time", async (t) => {
  const connection = new FakeConnection("::2");
  const [one, two] = [new PlainChannel(), new PlainChannel()];
  connection.room = 1;
  connection.senders.add(one, (sender) => sender.addBroadcast(alice, letters("a")));
  connection.senders.add(one, (sender) => sender.addBroadcast(bob, letters("b")));
  connection.senders.add(two, (sender) => sender.addGossip(letters("c")));
  await turn();
  connection.drain(1);
  connection.drain(1);
  t.deepEqual(sentBy(connection), ["6:a", "4:c", "6:b"]);
});

test("sender: a throw of encode is reported, and what else waits goes out", async (t) => {
  const connection = new FakeConnection("::2");
  const channel = new PlainChannel();
  const broken = opaque({
    encode() {
      throw new Error("no");
    },
    merge: () => broken,
  });
  connection.senders.add(channel, (sender) => {
    sender.addGossip(broken);
    sender.addBroadcast(alice, letters("x"));
  });
  await turn();
  t.deepEqual(sentBy(connection), ["6:x"]);
  t.is(channel.reported.length, 1);
});

test("sender: a throw of merge is reported, and the newer data goes out", async (t) => {
  const connection = new FakeConnection("::2");
  const channel = new PlainChannel();
  const stubborn = opaque({
    encode: () => [],
    merge() {
      throw new Error("no");
    },
  });
  connection.senders.add(channel, (sender) => {
    sender.addGossip(stubborn);
    sender.addGossip(letters("new"));
  });
  await turn();
  t.deepEqual(sentBy(connection), ["4:new"]);
  t.is(channel.reported.length, 1);
});

test("sender: a surrogate's backlog is cut at its oldest end when it exceeds its limit", async (t) => {
  const connection = new FakeConnection("::2");
  const channel = new PlainChannel();
  connection.room = 0;
  const message = (i: number): Uint8Array => {
    const bytes = new Uint8Array(64 * 1024);
    new DataView(bytes.buffer).setUint32(0, i);
    return bytes;
  };
  const count = surrogateBacklogBytes / (64 * 1024) + 100;
  for (let i = 0; i < count; i++) {
    connection.senders.add(channel, (sender) => sender.addGossip(opaque(SurrogateData.of(message(i)))));
  }
  connection.drain();
  const dropped = connection.drops.reduce((sum, { messages }) => sum + messages, 0);
  t.true(dropped >= 100);
  const numbers = connection.sent.map(({ body }) => new DataView(body.buffer).getUint32(0));
  t.is(numbers.length, count - dropped);
  t.deepEqual(
    numbers,
    Array.from({ length: numbers.length }, (_, i) => dropped + i),
  );
});

test("sender: a channel that was replaced still sends what waited", async (t) => {
  const connection = new FakeConnection("::2");
  const [old, fresh] = [new PlainChannel(), new PlainChannel()];
  connection.room = 0;
  connection.senders.add(old, (sender) => sender.addGossip(opaque(SurrogateData.of(new Uint8Array([97])))));
  connection.senders.retire(old);
  connection.senders.add(fresh, (sender) => sender.addGossip(letters("b")));
  connection.drain();
  t.deepEqual(sentBy(connection), ["4:a", "4:b"]);
});
