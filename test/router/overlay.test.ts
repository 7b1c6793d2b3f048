import test from "ava";
import type { Overlay, OverlayConnection, OverlayConnectionParams } from "../../src/index.ts";
import { Tag } from "../../src/wire/index.ts";
import { bytes, TestMesh } from "./mesh.ts";

/** An overlay that does what the test tells it, and writes down what it is told. */
function overlay() {
  const calls: string[] = [];
  const params: OverlayConnectionParams[] = [];
  let establish: () => void = () => {};
  let fail: (error: Error) => void = () => {};
  const made: Overlay = {
    addFeatures: (features) => void features.set("Overlay", "carrier pigeon"),
    prepare(given) {
      calls.push("prepare");
      params.push(given);
      const connection: OverlayConnection = {
        confirm: () => void calls.push("confirm"),
        established: new Promise((resolve) => {
          establish = resolve;
        }),
        failed: new Promise((resolve) => {
          fail = resolve;
        }),
        control: (tag, message) => void calls.push(`control ${tag} ${new TextDecoder().decode(message)}`),
        attributes: () => ({ name: "pigeon", loft: 7 }),
        stop: () => void calls.push("stop"),
      };
      return connection;
    },
    diagnostics: () => ({ Lofts: 1 }),
    stop: () => void calls.push("stop overlay"),
  };
  return { made, calls, params, establish: () => establish(), fail: (error: Error) => fail(error) };
}

test("overlay: a connection is pending until the overlay has established it, and is not routed over as such", async (t) => {
  const mesh = new TestMesh(t.title);
  const pigeon = overlay();
  const a = await mesh.start(1, { overlay: pigeon.made });
  const b = await mesh.start(2);
  a.router.connect([b.ip]);
  await mesh.clock.advance(2_000);
  const status = a.router.status();
  t.like(status.connections[0], { state: "pending", info: `pigeon ${b.name}(peer-2)`, attrs: { loft: 7 } });
  t.is(status.unicastRoutes.length, 1);
  t.is(pigeon.params[0]?.features.get("NickName"), "peer-2");
  pigeon.establish();
  await mesh.untilAgreed(t);
  t.is(a.router.status().connections[0]?.state, "established");
  t.deepEqual(pigeon.calls, ["prepare", "confirm"]);
});

test("overlay: its features travel, control messages arrive on their tags, and it is stopped with its connection", async (t) => {
  const mesh = new TestMesh(t.title);
  const [ours, theirs] = [overlay(), overlay()];
  const a = await mesh.start(1, { overlay: ours.made });
  const b = await mesh.start(2, { overlay: theirs.made });
  a.router.connect([b.ip]);
  await mesh.clock.advance(1_000);
  t.is(theirs.params[0]?.features.get("Overlay"), "carrier pigeon");
  t.is(theirs.params[0]?.connectionUid, ours.params[0]?.connectionUid);
  for (const tag of [Tag.reserved1, Tag.reserved3, Tag.overlayControl]) {
    ours.params[0]?.sendControlMessage(tag, bytes(`on ${tag}`));
  }
  await mesh.clock.advance(100);
  t.deepEqual(theirs.calls.slice(2), ["control 1 on 1", "control 3 on 3", "control 7 on 7"]);
  await mesh.stop(a);
  t.deepEqual(theirs.calls.at(-1), "stop");
  t.deepEqual(ours.calls.slice(-2), ["stop", "stop overlay"]);
});

test("overlay: when it gives up, the connection ends with its error", async (t) => {
  const mesh = new TestMesh(t.title);
  const pigeon = overlay();
  const a = await mesh.start(1, { overlay: pigeon.made });
  const b = await mesh.start(2);
  a.router.connect([b.ip]);
  await mesh.clock.advance(1_000);
  pigeon.fail(new Error("hawk"));
  await mesh.clock.advance(100);
  t.true(a.log.some((line) => line.endsWith("connection shutting down due to error: hawk")));
  t.true(a.events.includes("connectionclosed overlay-failed"));
});

test("overlay: a throw of prepare ends the connection", async (t) => {
  const mesh = new TestMesh(t.title);
  const broken = {
    ...overlay().made,
    prepare: () => Promise.reject(new Error("no pigeons")),
  };
  const a = await mesh.start(1, { overlay: broken });
  const b = await mesh.start(2);
  a.router.connect([b.ip]);
  await mesh.clock.advance(100);
  t.true(a.log.some((line) => line.endsWith("no pigeons")));
  t.is(a.router.status().terminationCount, 1);
});

test("overlay: it is given the session key, but not where each side trusts the other", async (t) => {
  const key = async (trustA: string[], trustB: string[]) => {
    const mesh = new TestMesh(t.title);
    const pigeon = overlay();
    const password = "secret";
    const a = await mesh.start(1, { overlay: pigeon.made, password, trustedSubnets: trustA });
    const b = await mesh.start(2, { password, trustedSubnets: trustB });
    a.router.connect([b.ip]);
    await mesh.clock.advance(1_000);
    const info = a.router.status().connections[0]?.info.slice(0, 11).trimEnd();
    return [pigeon.params[0]?.sessionKey?.length, info];
  };
  t.deepEqual(await key([], []), [32, "encrypted"]);
  t.deepEqual(await key(["10.0.0.0/8"], []), [32, "encrypted"]);
  t.deepEqual(await key(["10.0.0.0/8"], ["10.0.0.0/24"]), [undefined, "unencrypted"]);
});

test("overlay: throws of confirm and stop end the connection, not the router", async (t) => {
  const mesh = new TestMesh(t.title);
  const pigeon = overlay();
  const shot = (): never => {
    throw new Error("shot down");
  };
  const clumsy: Overlay = {
    ...pigeon.made,
    prepare: async (params) => ({ ...(await pigeon.made.prepare(params)), confirm: shot, stop: shot }),
  };
  const a = await mesh.start(1, { overlay: clumsy, peerDiscovery: false });
  const b = await mesh.start(2, { peerDiscovery: false });
  a.router.connect([b.ip]);
  await mesh.clock.advance(500);
  t.deepEqual(
    a.events.filter((event) => /closed|error/.test(event)),
    ["error undefined", "connectionclosed overlay-failed"],
  );
  t.is(a.router.status().connections[0]?.state, "failed");
});
