/** Our topology measured by itself; the Go program in interop/go-peer/topology does the same with the original's. */
import { readFileSync } from "node:fs";
import { PeerName } from "weave-mesh";
import { serveCommands } from "../../interop/driver/serve-commands.ts";
import type { LocalPeer, Peers, Routes } from "../../src/topology/index.ts";

// The module is not part of the public API: it is taken from the built package that this script was built with.
const topology = (await import(
  new URL("../../../dist/topology/index.js", import.meta.url).href
)) as typeof import("../../src/topology/index.ts");
const { seededRandom } = await import("weave-mesh/testing");

interface View {
  readonly ourself: LocalPeer;
  readonly peers: Peers;
  readonly routes: Routes;
}

function view(name: PeerName, update: Uint8Array): View {
  const random = seededRandom(1);
  const ourself = new topology.LocalPeer({ name, nickName: "", uid: 1n, shortId: 0 });
  const peers = new topology.Peers(ourself, { random, flavour: "mac" });
  const routes = new topology.Routes(ourself, peers, random);
  peers.applyUpdate(update);
  for (const peer of peers) {
    if (!peer.connections.has(name)) continue;
    ourself.addConnection({ remote: peer, remoteAddress: "", outbound: true, established: true });
  }
  routes.calculate();
  return { ourself, peers, routes };
}

let source: View;
let sink: View;

function others({ ourself, peers }: View): PeerName[] {
  return [...peers.names()].filter((name) => name !== ourself.name);
}

function renew(names: readonly PeerName[]): void {
  for (const name of names) source.peers.get(name)!.version += 1n;
}

function lookUp(names: readonly PeerName[]): void {
  for (const name of names) {
    if (sink.routes.unicast(name) === undefined || sink.routes.unicastAll(name) === undefined) {
      throw new Error(`no route to ${name}`);
    }
  }
}

serveCommands({
  load({ file, to }: { file: string; to: string }) {
    const update = new Uint8Array(readFileSync(file));
    source = view(PeerName.parse(to), update);
    sink = view(PeerName.parse(to), update);
    return { peers: others(sink).length };
  },
  updates({ seconds }: { seconds: number }) {
    const names = others(source);
    let [encoding, applying, routing, count] = [0, 0, 0, 0];
    const endMs = performance.now() + seconds * 1000;
    for (; count < 2 || performance.now() < endMs; count++) {
      renew(names);
      const start = performance.now();
      const update = source.peers.encode(names);
      const encoded = performance.now();
      const { changed } = sink.peers.applyUpdate(update);
      const applied = performance.now();
      sink.routes.calculate();
      lookUp(names);
      routing += performance.now() - applied;
      encoding += encoded - start;
      applying += applied - encoded;
      if (changed.size !== names.length) throw new Error(`${changed.size} of ${names.length} were new`);
    }
    const perSecond = (ms: number): number => (count * 1000) / ms;
    return {
      encode: perSecond(encoding),
      apply: perSecond(applying),
      applyAndRoute: perSecond(applying + routing),
    };
  },
  routes({ seconds }: { seconds: number }) {
    const names = others(source);
    const sources = names.slice(0, 16);
    let [calculating, broadcasting, count, hops] = [0, 0, 0, 0];
    const endMs = performance.now() + seconds * 1000;
    for (; count < 2 || performance.now() < endMs; count++) {
      const one = [names[count % names.length]!];
      renew(one);
      sink.peers.applyUpdate(source.peers.encode(one));
      const start = performance.now();
      sink.routes.calculate();
      lookUp(names);
      const calculated = performance.now();
      for (const name of sources) hops += sink.routes.broadcastAll(name).length;
      broadcasting += performance.now() - calculated;
      calculating += calculated - start;
    }
    return {
      calculate: (count * 1000) / calculating,
      broadcast: (count * sources.length * 1000) / broadcasting,
      hops: hops / count,
    };
  },
  digest() {
    let [sum, connections] = [0n, 0];
    const add = (text: string): void => {
      let hash = 2166136261;
      for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619);
      sum += BigInt(hash >>> 0);
    };
    for (const peer of sink.peers) {
      if (peer === sink.ourself) continue;
      add(peer.name + peer.nickName);
      sum += peer.version + BigInt(peer.shortId);
      for (const [name, { remoteAddress, outbound, established }] of peer.connections) {
        connections++;
        add(`${peer.name}${name}${remoteAddress}${outbound ? "o" : ""}${established ? "e" : ""}`);
      }
    }
    return { sum: String(sum), connections };
  },
});
