import test, { type ExecutionContext } from "ava";
import { PeerName, type RefusalReason, type RouterOptions, refusalTexts } from "../../src/index.ts";
import { RouterError } from "../../src/router/errors.ts";
import { explain } from "../../src/router/explanation.ts";
import { HandshakeError, recogniseProtocol } from "../../src/wire/index.ts";
import { TestMesh, type TestPeer } from "./mesh.ts";
import { RawPeer, rawFeatures } from "./raw-peer.ts";

/** Reasons of the ends of a peer's connections, as its events tell. */
function reasonsOf(peer: TestPeer): (RefusalReason | undefined)[] {
  const reasons: (RefusalReason | undefined)[] = [];
  peer.router.addEventListener("connectionclosed", ({ detail }) => reasons.push(detail.reason));
  return reasons;
}

/** Checks that log, events and, for a dialling peer, Status give a reason, and in its words. */
function checkReason(
  t: ExecutionContext,
  peer: TestPeer,
  reasons: readonly (RefusalReason | undefined)[],
  reason: RefusalReason,
): void {
  t.is(reasons[0], reason);
  t.true(
    peer.log.some((line) => line.includes(refusalTexts[reason])),
    peer.log.join("\n"),
  );
  for (const target of peer.router.status().connections) {
    t.is(target.reason, reason);
    t.true(target.explanation?.includes(refusalTexts[reason]), target.explanation);
  }
}

/** Both peers refuse each other for the same reason, or for one reason each. */
const pairs: readonly (readonly [
  title: string,
  dialler: Partial<RouterOptions>,
  listener: Partial<RouterOptions>,
  dialled: RefusalReason,
  listened: RefusalReason,
])[] = [
  ["different passwords", { password: "a" }, { password: "b" }, "wrong-password", "wrong-password"],
  [
    "different passwords, in version 1",
    { password: "a", protocolMaxVersion: 1 },
    { password: "b", protocolMaxVersion: 1 },
    "wrong-password",
    "wrong-password",
  ],
  ["a password on our side only", { password: "a" }, {}, "password-missing", "password-not-wanted"],
  ["a password on their side only", {}, { password: "a" }, "password-not-wanted", "password-missing"],
  [
    "a password on one side only, in version 1",
    { password: "a", protocolMaxVersion: 1 },
    { protocolMaxVersion: 1 },
    "password-missing",
    "password-not-wanted",
  ],
  [
    "no common version",
    { protocolMinVersion: 2 },
    { protocolMaxVersion: 1 },
    "no-common-version",
    "no-common-version",
  ],
  [
    "other flavours",
    {},
    { name: PeerName.fromUserInput("b", "hash"), flavour: "hash" },
    "other-flavour",
    "other-flavour",
  ],
  ["the same name", {}, { name: PeerName.parse("::1") }, "name-taken", "name-taken"],
];

for (const [title, dialler, listener, dialled, listened] of pairs) {
  test(`refusals: ${title} is a reason on both sides`, async (t) => {
    const mesh = new TestMesh(t.title);
    const a = await mesh.start(1, dialler);
    const b = await mesh.start(2, listener);
    const reasons = [reasonsOf(a), reasonsOf(b)] as const;
    a.router.connect(["10.0.0.2"]);
    await mesh.clock.advance(1_000);
    checkReason(t, a, reasons[0], dialled);
    checkReason(t, b, reasons[1], listened);
  });
}

test("refusals: a peer that reaches itself says so", async (t) => {
  const mesh = new TestMesh(t.title);
  const a = await mesh.start(1);
  const reasons = reasonsOf(a);
  a.router.connect(["10.0.0.1:6783"]);
  await mesh.clock.advance(1_000);
  checkReason(t, a, reasons, "oneself");
});

test("refusals: a reached connection limit is a reason on both sides", async (t) => {
  const mesh = new TestMesh(t.title);
  const a = await mesh.start(1);
  const b = await mesh.start(2, { connectionLimit: 1 });
  b.router.connect(["10.0.0.3"]);
  await mesh.start(3);
  await mesh.clock.advance(1_000);
  const reasons = [reasonsOf(a), reasonsOf(b)] as const;
  a.router.connect(["10.0.0.2"]);
  await mesh.clock.advance(1_000);
  t.is(reasons[0][0], "limit-or-duplicate");
  t.is(reasons[1][0], "limit-or-duplicate");
});

test("refusals: features that cannot be read are malformed", async (t) => {
  const mesh = new TestMesh(t.title);
  const a = await mesh.start(1);
  const reasons = reasonsOf(a);
  await RawPeer.join(mesh, a, { features: rawFeatures({ UID: undefined }) });
  checkReason(t, a, reasons, "malformed-features");
});

for (const [protocol, bytes] of [
  ["HTTP", "HTTP/1.1 400 Bad Request\r\n\r\n"],
  ["HTTP", "GET / HTTP/1.1\r\n\r\n"],
  ["SSH", "SSH-2.0-OpenSSH_9.6\r\n"],
  ["TLS", "\x15\x03\x01\x00\x02\x02\x46"],
] as const) {
  test(`refusals: ${JSON.stringify(bytes)} is recognised as ${protocol}`, async (t) => {
    const mesh = new TestMesh(t.title);
    const a = await mesh.start(1);
    const reasons = reasonsOf(a);
    const raw = await RawPeer.dial(mesh, a);
    raw.sendBytes(...Buffer.from(bytes, "latin1"));
    await mesh.clock.advance(100);
    checkReason(t, a, reasons, "not-a-mesh-port");
    t.true(a.log.some((line) => line.endsWith(`does not speak the mesh protocol, but ${protocol}`)));
  });
}

test("refusals: the beginning of another protocol is recognised when the connection ends", async (t) => {
  const mesh = new TestMesh(t.title);
  const a = await mesh.start(1);
  const reasons = reasonsOf(a);
  const raw = await RawPeer.dial(mesh, a);
  raw.sendBytes(...Buffer.from("GET /\n"));
  await mesh.clock.advance(100);
  raw.socket.reset();
  await mesh.clock.advance(100);
  checkReason(t, a, reasons, "not-a-mesh-port");
  t.true(a.log.some((line) => line.endsWith("but HTTP")));
});

test("refusals: a side that says nothing fell silent", async (t) => {
  const mesh = new TestMesh(t.title);
  const a = await mesh.start(1);
  const reasons = reasonsOf(a);
  await RawPeer.dial(mesh, a);
  await mesh.clock.advance(11_000);
  checkReason(t, a, reasons, "fell-silent");
});

test("refusals: an address where nothing listens refuses, one that gives no answer is filtered", async (t) => {
  const mesh = new TestMesh(t.title);
  const a = await mesh.start(1);
  mesh.network.host("10.0.0.2");
  await mesh.start(3);
  mesh.network.cut("10.0.0.1", "10.0.0.3");
  a.router.connect(["10.0.0.2", "10.0.0.3"]);
  const failed = () => a.router.status().connections.filter(({ reason }) => reason !== undefined).length;
  await mesh.until(t, "both have failed", () => failed() === 2, 300_000);
  const reasons = new Map(a.router.status().connections.map((each) => [each.address, each.reason]));
  t.is(reasons.get("10.0.0.2:6783"), "refused");
  t.is(reasons.get("10.0.0.3:6783"), "filtered");
});

test("refusals: an unknown peer at a discovered address is a reason", (t) => {
  const error = new RouterError("unknown-peer", "Found unknown remote name");
  t.deepEqual(explain(error, "first-message", { sealed: false }), {
    reason: "unknown-peer",
    text: `refused: ${refusalTexts["unknown-peer"]}`,
  });
});

test("refusals: the end of a running connection is not one", (t) => {
  t.is(explain(new RouterError("closed-by-peer", "EOF"), "running", { sealed: true }), undefined);
  const lost = new HandshakeError("connection-lost", "EOF", { phase: "features" });
  t.is(explain(lost, "features", { sealed: true })?.reason, "wrong-password");
  t.is(explain(lost, "features", { sealed: false })?.reason, "other-flavour");
});

test("refusals: no known protocol is recognised in other bytes", (t) => {
  for (const bytes of ["", "weave\x01\x02", "G", "HTTPS", "\x16", "\x17\x03"]) {
    t.is(recogniseProtocol(Buffer.from(bytes, "latin1")), undefined, bytes);
  }
});
