import test from "ava";
import { goJson } from "../../src/go-text/index.ts";
import { TestMesh } from "./mesh.ts";

test("status: a lone peer's JSON is what Go prints for the original's Status, field by field", async (t) => {
  const mesh = new TestMesh(t.title);
  const { router } = await mesh.start(1, { uid: 18446744073709551615n, trustedSubnets: ["10.1.2.3/8"] });
  const { shortId } = router.status().peers[0]!;
  t.is(
    router.statusJson(),
    '{"Protocol":"weave","ProtocolMinVersion":1,"ProtocolMaxVersion":2,"Encryption":false,"PeerDiscovery":true,' +
      '"Name":"00:00:00:00:00:01","NickName":"peer-1","Port":6783,' +
      '"Peers":[{"Name":"00:00:00:00:00:01","NickName":"peer-1","UID":18446744073709551615,' +
      `"ShortID":${shortId},"Version":0,"Connections":null}],` +
      '"UnicastRoutes":[{"Dest":"00:00:00:00:00:01","Via":"00:00:00:00:00:00"}],' +
      '"BroadcastRoutes":[{"Source":"00:00:00:00:00:01","Via":null}],"Connections":null,"TerminationCount":0,' +
      '"Targets":null,"OverlayDiagnostics":null,"TrustedSubnets":["10.0.0.0/8"]}',
  );
});

test("status: shows targets as they wait, are tried and fail, and leaves out those that are connected", async (t) => {
  const mesh = new TestMesh(t.title);
  const { router } = await mesh.start(1);
  router.connect(["10.0.0.2"]);
  await mesh.clock.advance(10);
  const [failed] = router.status().connections;
  t.like(failed, { address: "10.0.0.2:6783", outbound: true, state: "failed" });
  t.regex(failed!.info, /^dial tcp :0->10\.0\.0\.2:6783: connect: .+, retry: 2026-01-01 .+ m=\+\d/);
  mesh.network.host("10.0.0.2");
  mesh.network.cut("10.0.0.1", "10.0.0.2");
  await mesh.until(t, "retrying", () => router.status().connections[0]?.state === "retrying", 10_000);
  mesh.network.heal("10.0.0.1", "10.0.0.2");
  await mesh.start(2);
  await mesh.until(t, "established", () => router.status().connections[0]?.state === "established");
  t.is(router.status().connections.length, 1);
  t.deepEqual(router.status().targets, ["10.0.0.2"]);
});

test("status: says why a connection was probably refused, for people only", async (t) => {
  const mesh = new TestMesh(t.title);
  const a = await mesh.start(1);
  await mesh.start(2, { connectionLimit: 1 }).then(({ router }) => router.connect(["10.0.0.3"]));
  await mesh.start(3);
  await mesh.clock.advance(1_000);
  a.router.connect(["10.0.0.2"]);
  await mesh.until(t, "refused", () =>
    a.router.status().connections.some(({ explanation }) => explanation !== undefined),
  );
  const refused = a.router.status().connections.find((each) => each.explanation !== undefined);
  const explanation = refused?.explanation;
  t.is(refused?.reason, "limit-or-duplicate");
  t.regex(
    explanation!,
    /after the handshake, before its first message; most likely .*the connection limit is reached/,
  );
  t.false(a.router.statusJson().includes("most likely"));
  t.true(a.log.some((line) => line.includes("most likely")));
});

test("status: the JSON comes in pieces, none of them large, whatever a peer calls itself", async (t) => {
  const mesh = new TestMesh(t.title);
  // The first part of a long text ends within a surrogate pair.
  const nickname = `${"<".repeat(16 * 1024 - 1)}\u{1f600}${"\u2028é\udcff".repeat(100_000)}`;
  const { router } = await mesh.start(1, { nickname });
  const pieces = [...router.statusJsonPieces()];
  t.is(pieces.join(""), router.statusJson());
  t.is(JSON.parse(pieces.join("")).NickName, nickname.replaceAll("\udcff", "\ufffd"));
  t.true(pieces.join("").includes(goJson(nickname)));
  t.true(pieces.every((piece) => piece.length <= 64 * 1024 + 6 * 16 * 1024));
});
