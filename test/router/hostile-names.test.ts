import test from "ava";
import { PeerName } from "../../src/index.ts";
import { describePeer } from "../../src/router/status.ts";
import { Peer } from "../../src/topology/index.ts";
import { encodeUnicast, Tag } from "../../src/wire/index.ts";
import { TestMesh } from "./mesh.ts";
import { RawPeer, rawFeatures } from "./raw-peer.ts";

const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
const forged = "x)]: forged\n2026/01/01 00:00:00 ->[10.0.0.9:1] connection accepted\x1b[2J\u202e\u0085\udcff";

test("logs: a nickname can forge no line, and Status keeps it as it came", async (t) => {
  const mesh = new TestMesh(t.title);
  const a = await mesh.start(1);
  await RawPeer.join(mesh, a, { features: rawFeatures({ NickName: forged }) });
  const nickName =
    "x)]: forged\\n2026/01/01 00:00:00 ->[10.0.0.9:1] connection accepted\\x1b[2J\\u202e\\u0085\\xff";
  t.true(a.log.some((line) => line.includes(`00:00:00:00:00:63(${nickName})]: connection ready`)));
  t.deepEqual(
    a.log.filter((line) => unsafe.test(line)),
    [],
  );
  t.is(a.router.peers().find(({ self }) => !self)!.nickName, forged);
  t.true(a.router.status().connections[0]!.info.includes(`00:00:00:00:00:63(${forged})`));
});

test("logs: a nickname of 200 kB is cut at 1 KiB in every line, and is whole in Status", async (t) => {
  const mesh = new TestMesh(t.title);
  const a = await mesh.start(1);
  const nickName = "n".repeat(200_000);
  const raw = await RawPeer.join(mesh, a, { features: rawFeatures({ NickName: nickName }) });
  await mesh.clock.advance(100);
  raw.socket.reset();
  await mesh.clock.advance(100);
  t.true(a.log.some((line) => line.includes(`(${"n".repeat(1024)}... (200,000 bytes))]: connection ready`)));
  t.true(a.log.some((line) => line.includes("connection shutting down")));
  t.deepEqual(
    a.log.filter((line) => line.length > 4096 + 100),
    [],
  );
});

test("logs: a peer prints with name and nickname cut and escaped, anew when its nickname changes", (t) => {
  const name = PeerName.parse("ab".repeat(1_000_000), "hash");
  const peer = new Peer({ name, nickName: "one" });
  t.is(`${peer}`, `${"ab".repeat(512)}... (2,000,000 bytes)(one)`);
  peer.nickName = "two\x1b";
  t.is(`${peer}`, `${"ab".repeat(512)}... (2,000,000 bytes)(two\\x1b)`);
  t.is(describePeer(peer, false).nickName, "two\x1b");
});

test("logs: lines of an overlay are escaped and cut before the user's logger gets them", async (t) => {
  const mesh = new TestMesh(t.title);
  const failure = new Error(`bad\r\nline ${"y".repeat(100_000)}`);
  const a = await mesh.start(1, {
    overlay: {
      addFeatures() {},
      prepare: () => {
        throw failure;
      },
      diagnostics: () => undefined,
      stop() {},
    },
  });
  await RawPeer.join(mesh, a);
  const line = a.log.find((each) => each.includes("shutting down"))!;
  t.regex(line, /error: bad\\r\\nline y{3,}\.\.\. \(100,\d{3} bytes\)$/);
  t.true(line.length < 4096 + 30);
});

test("errors: a unicast to the topology channel of 1 MB is quoted up to 256 bytes", async (t) => {
  const mesh = new TestMesh(t.title);
  const a = await mesh.start(1);
  const raw = await RawPeer.join(mesh, a);
  raw.send(Tag.unicast, encodeUnicast("topology", PeerName.parse("::63"), a.name, new Uint8Array(1_000_000)));
  await mesh.clock.advance(100);
  const line = a.log.find((each) => each.includes("unexpected topology gossip unicast"))!;
  t.regex(line, /\[0 (?:0 ){254}0\.\.\. \(1,000,000 bytes\)\]$/);
});
