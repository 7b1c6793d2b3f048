import { gobBigUint, gobBytes, gobInt, gobMessage, gobType, gobUint, sliceType, structType } from "./gob.ts";

/** A peer as a hostile update describes it. */
export interface FakePeer {
  name: Uint8Array;
  nickName?: string | Uint8Array;
  uid?: bigint;
  version?: bigint;
  /** None when `undefined`. */
  shortId?: number;
  connections: readonly FakeConnection[];
}

/** A connection of a fake peer. */
export interface FakeConnection {
  name: Uint8Array;
  address?: string;
  outbound?: boolean;
  established?: boolean;
}

const [peerId, connectionId, listId] = [66, 67, 68];

const peerDefinition = structType(peerId, "peerSummary", [
  ["NameByte", gobType.bytes],
  ["NickName", gobType.string],
  ["UID", gobType.uint],
  ["Version", gobType.uint],
  ["ShortID", gobType.uint],
  ["HasShortID", gobType.bool],
]);
const listDefinitions = Buffer.concat([
  sliceType(listId, connectionId, "[]mesh.connectionSummary"),
  structType(connectionId, "connectionSummary", [
    ["NameByte", gobType.bytes],
    ["RemoteTCPAddr", gobType.string],
    ["Outbound", gobType.bool],
    ["Established", gobType.bool],
  ]),
]);

/** Writes the fields of a struct that are not zero. */
function struct(fields: readonly (Uint8Array | undefined)[]): Buffer {
  const pieces: Uint8Array[] = [];
  let last = -1;
  for (const [index, field] of fields.entries()) {
    if (field === undefined) continue;
    pieces.push(gobUint(index - last), field);
    last = index;
  }
  return Buffer.concat([...pieces, Buffer.of(0)]);
}

const flag = (set: boolean | undefined) => (set === true ? Buffer.of(1) : undefined);
const text = (value: string | Uint8Array | undefined) =>
  value === undefined || value.length === 0 ? undefined : gobBytes(value);
const number = (value: bigint | undefined) =>
  value === undefined || value === 0n ? undefined : gobBigUint(value);

/** The bytes of a topology update, valid in form. */
export function topologyUpdate(peers: Iterable<FakePeer>): Buffer {
  const pieces: Buffer[] = [];
  let first = true;
  for (const { name, nickName, uid, version, shortId, connections } of peers) {
    if (first) pieces.push(peerDefinition);
    const short = shortId === undefined || shortId === 0 ? undefined : gobUint(shortId);
    pieces.push(
      gobMessage(
        gobInt(peerId),
        struct([
          text(name),
          text(nickName),
          number(uid),
          number(version),
          short,
          flag(shortId !== undefined),
        ]),
      ),
    );
    if (first) pieces.push(listDefinitions);
    first = false;
    const list = connections.map((connection) =>
      struct([
        text(connection.name),
        text(connection.address),
        flag(connection.outbound),
        flag(connection.established),
      ]),
    );
    pieces.push(gobMessage(gobInt(listId), Buffer.of(0), gobUint(connections.length), Buffer.concat(list)));
  }
  return Buffer.concat(pieces);
}

/** The n-th of a sequence of mac names, 6 bytes, all different from those of real peers. */
export function fakeName(n: number): Buffer {
  const name = Buffer.alloc(6);
  name.writeUIntBE(0x0a_00_00_00_00_00 + n, 0, 6);
  return name;
}
