import test from "ava";
import { encodePacket } from "../../src/datagrams/packet.ts";
import { DatagramSocket, MeshAddress } from "../../src/index.ts";
import { PeerName } from "../../src/peer-name.ts";
import { bytes, TestMesh, type TestPeer } from "../router/mesh.ts";

async function pair(
  t: import("ava").ExecutionContext,
): Promise<{ mesh: TestMesh; a: TestPeer; b: TestPeer }> {
  const mesh = new TestMesh(t.title);
  const [a, b] = [await mesh.start(1), await mesh.start(2)];
  a.router.connect([b.ip]);
  await mesh.untilAgreed(t);
  return { mesh, a, b };
}

test("datagrams: the packet is what the original's meshconn sends, in both flavours", (t) => {
  const hex = (flavour: "mac" | "hash", name: string): string => {
    const packet = { source: PeerName.parse(name, flavour), sourceUid: 7n, bytes: bytes("hi") };
    return Buffer.from(encodePacket(packet, flavour)).toString("hex");
  };
  const definition = (nameType: string): string =>
    `30ff8103010103706b7401ff8200010301075372634e616d6501${nameType}0001065372635549440106000103427566010a000000`;
  t.is(hex("mac", "::1"), `${definition("06")}0bff82010101070102686900`);
  t.is(hex("hash", "ab"), `${definition("0c")}0dff820102616201070102686900`);
});

test("datagrams: arrive whole, with the sender's name and UID, by iteration", async (t) => {
  const { mesh, a, b } = await pair(t);
  const [atA, atB] = [new DatagramSocket(a.router, "datagrams"), new DatagramSocket(b.router, "datagrams")];
  await atA.send(b.name, bytes("one"));
  await atA.send(new MeshAddress(b.name, b.router.uid), bytes("two"));
  await mesh.clock.advance(100);
  const got: string[] = [];
  for await (const { source, bytes: message } of atB) {
    got.push(`${source} ${source.uid === a.router.uid} ${new TextDecoder().decode(message)}`);
    if (got.length === 2) break;
  }
  t.deepEqual(got, [`weavemesh://${a.name} true one`, `weavemesh://${a.name} true two`]);
});

test("datagrams: come as events, those that waited first; to oneself, too", async (t) => {
  const { mesh, a } = await pair(t);
  const socket = new DatagramSocket(a.router, "datagrams");
  await socket.send(a.name, bytes("waited"));
  const got: string[] = [];
  socket.addEventListener("datagram", ({ detail }) => got.push(new TextDecoder().decode(detail.bytes)));
  await socket.send(a.name, bytes("at once"));
  await mesh.clock.advance(1);
  t.deepEqual(got, ["waited", "at once"]);
});

test("datagrams: a reader that does not read stops the sender's connection, and nothing is lost", async (t) => {
  const { mesh, a, b } = await pair(t);
  const [atA, atB] = [new DatagramSocket(a.router, "datagrams"), new DatagramSocket(b.router, "datagrams")];
  for (let i = 0; i < 500; i++) await atA.send(b.name, bytes(String(i)));
  await mesh.clock.advance(1_000);
  const got: string[] = [];
  const reading = (async () => {
    for await (const { bytes: message } of atB)
      if (got.push(new TextDecoder().decode(message)) === 500) break;
  })();
  await mesh.clock.advance(1_000);
  await reading;
  t.deepEqual(
    got,
    Array.from({ length: 500 }, (_, i) => String(i)),
  );
});

test("datagrams: a closed socket ends iteration and refuses to send", async (t) => {
  const { a, b } = await pair(t);
  const socket = new DatagramSocket(a.router, "datagrams");
  const next = socket[Symbol.asyncIterator]().next();
  socket.close();
  t.true((await next).done);
  await t.throwsAsync(socket.send(b.name, bytes("x")), { code: "closed" });
});
