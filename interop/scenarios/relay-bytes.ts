import { encodeBroadcast, encodeGossip, encodeUnicast, Tag } from "../../src/wire/index.ts";
import { defineScenario } from "../runner/index.ts";

const trailing = Buffer.from("and some bytes behind the last value");

// The sender and the receiver are no routers: they see the relay's bytes as they are on the wire.
export default defineScenario({
  title: "a relay passes a unicast on to the byte, a broadcast with its source, gossip with its own name",
  casts: [
    { A: "go", B: "ts" },
    { A: "ts", B: "go" },
  ],
  mesh: () => ({
    peers: { relay: { side: "B", channels: ["known"] }, other: { side: "A", dials: ["relay"] } },
  }),
  async run(mesh) {
    await mesh.agree({ connections: "full" });
    const relay = mesh.peer("relay");
    const left = await mesh.rawPeer("relay");
    const right = await mesh.rawPeer("relay");
    await mesh.until("the relay has routes to both", 10_000, async () => {
      const { UnicastRoutes } = await relay.status();
      const reached = new Set(UnicastRoutes.map(({ Dest }) => Dest));
      return [left, right].every(({ name }) => reached.has(name)) ? undefined : `only ${[...reached]}`;
    });
    // A message that is empty, one with a tag that nobody knows: both are ignored.
    left.sendBytes(new Uint8Array(4));
    left.send(200, new Uint8Array(0));
    left.send(Tag.heartbeat, new Uint8Array(0));

    const expected: { what: string; tag: number; body: Uint8Array; sent: Uint8Array }[] = [];
    for (const channel of ["known", "unknown"]) {
      const payload = mesh.random.bytes(500);
      const unicast = Buffer.concat([encodeUnicast(channel, left.name, right.name, payload), trailing]);
      const broadcast = encodeBroadcast(channel, left.name, payload);
      const gossip = encodeGossip(channel, left.name, payload);
      const relayed = encodeGossip(channel, relay.name as typeof left.name, payload);
      expected.push(
        { what: `unicast on ${channel}`, tag: Tag.unicast, body: unicast, sent: unicast },
        {
          what: `broadcast on ${channel}`,
          tag: Tag.broadcast,
          body: broadcast,
          sent: Buffer.concat([broadcast, trailing]),
        },
        {
          what: `gossip on ${channel}`,
          tag: Tag.gossip,
          body: relayed,
          sent: Buffer.concat([gossip, trailing]),
        },
      );
    }
    for (const { tag, sent } of expected) left.send(tag, sent);
    await mesh.until("everything is relayed", 10_000, () => {
      const missing = expected.find(({ tag, body }) => {
        return !right.received.some(
          (message) =>
            message.tag === tag &&
            body.every((b, i) => b === message.body[i]) &&
            body.length === message.body.length,
        );
      });
      return missing && `no ${missing.what} as it should be`;
    });

    // What a surrogate has passed on once it does not pass on again.
    const unknown = expected.at(-1)!;
    left.send(unknown.tag, unknown.sent);
    left.send(unknown.tag, unknown.sent);
    const last = encodeUnicast("known", left.name, right.name, Buffer.from("the last"));
    left.send(Tag.unicast, last);
    await mesh.until("the last message is relayed", 10_000, () =>
      right.received.some(({ body }) => Buffer.from(last).equals(body)) ? undefined : "not yet",
    );
    const copies = right.received.filter(({ tag, channel }) => tag === Tag.gossip && channel === "unknown");
    if (copies.length !== 1)
      throw new Error(`gossip on an unknown channel was relayed ${copies.length} times`);
    const mine = left.received.filter(({ channel }) => channel !== "topology");
    if (mine.length > 0) throw new Error(`the sender got ${mine.length} of its own messages back`);
    for (const peer of [left, right]) if (peer.broken !== undefined) throw peer.broken;
  },
});
