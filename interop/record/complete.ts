import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import {
  KeyRing,
  makeSessionHeader,
  type RecordedSession,
  type SessionHeader,
  SessionInspector,
  type SessionRecord,
  type SessionSide,
  type Side,
} from "../../src/capture/index.ts";
import { type Generation, generations } from "../driver/go-build.ts";

/** The secrets and the origin of one process of a recorded mesh. */
export interface PeerSecrets {
  readonly keyFile: string;
  readonly host: string;
  readonly password: string | null;
  readonly generation: Generation;
  readonly program: string;
}

const goVersion = execFileSync("go", ["env", "GOVERSION"], { encoding: "utf8" }).trim();

/** Adds to a session what the recorder knows: passwords, secret keys, flavour, versions. */
export function completeSession(
  session: { readonly header: SessionHeader; readonly records: readonly SessionRecord[] },
  peers: readonly PeerSecrets[],
  title: string,
  versionsRewritten: boolean,
): RecordedSession {
  const inspector = new SessionInspector(session.header, new KeyRing());
  const publicKeys: Partial<Record<Side, string>> = {};
  for (const record of session.records) {
    for (const { item } of inspector.push(record)) {
      if (item.kind === "key" && item.publicKey !== undefined)
        publicKeys[item.from] = Buffer.from(item.publicKey).toString("hex");
      const inFeatures = item.kind === "features" ? item.features.get("PublicKey") : undefined;
      if (inFeatures !== undefined) publicKeys[item.from] = inFeatures;
    }
  }
  const describe = (side: Side): SessionSide & { readonly peer?: PeerSecrets } => {
    const address = session.header[side].address!;
    const host = address.replace(/:\d+$/, "");
    const publicKey = publicKeys[side];
    // A restarted peer is another process at the same address: the process that has the secret key.
    const processes = peers.filter((candidate) => candidate.host === host);
    const secrets = processes.map((peer) => ({ peer, secretKey: secretOf(peer, publicKey) }));
    const { peer, secretKey } = secrets.find(({ secretKey }) => secretKey !== undefined) ?? secrets[0] ?? {};
    if (peer === undefined) return { address };
    return { address, password: peer.password, ...(secretKey !== undefined && { secretKey }), peer };
  };
  const { peer: diallerPeer, ...dialler } = describe("dialler");
  const { peer: listenerPeer, ...listener } = describe("listener");
  const origin = (peer: PeerSecrets | undefined) => (peer === undefined ? "weave-mesh" : originOf(peer));
  const originOf = ({ program, generation }: PeerSecrets) => {
    const { commit, date } = generations[generation];
    return `${program}, weaveworks/mesh ${commit} (${date}), ${goVersion}`;
  };
  const { startedAt, layer } = { startedAt: Date.parse(session.header.started), layer: session.header.layer };
  const readable = new SessionInspector(
    makeSessionHeader({ startedAt, layer, dialler, listener }),
    new KeyRing(),
  );
  for (const record of session.records) readable.push(record);
  const key = readable.dissector.keyOf("dialler") ?? readable.dissector.keyOf("listener");
  const flavour = [readable.summary.dialler, readable.summary.listener]
    .map(({ features }) => features?.get("PeerNameFlavour"))
    .find((found) => found !== undefined);
  return {
    header: makeSessionHeader({
      layer,
      startedAt,
      title,
      made: {
        by: "interop/record",
        dialler: origin(diallerPeer),
        listener: origin(listenerPeer),
        ...(versionsRewritten && { versions: "1 to 1 in place of what each side offered" }),
      },
      ...((flavour === "mac" || flavour === "hash") && { flavour }),
      ...(readable.protocol !== undefined && { protocol: readable.protocol }),
      dialler,
      listener,
      ...(key !== undefined && { sessionKey: Buffer.from(key).toString("hex") }),
    }),
    records: session.records,
  };
}

function secretOf({ keyFile }: PeerSecrets, publicKey: string | undefined): string | undefined {
  if (publicKey === undefined || !existsSync(keyFile)) return undefined;
  const lines = readFileSync(keyFile, "utf8").split("\n");
  return lines.find((line) => line.includes(` ${publicKey} `))?.split(" ")[2];
}
