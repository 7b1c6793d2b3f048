import * as gob from "../../src/gob/index.ts";

/** One row of the table: the same values as in main.go, with ways to encode, decode and read all of them. */
export interface Row {
  readonly name: string;
  readonly encode: () => Uint8Array;
  /** Decodes and reads every field; the result depends on all of them. */
  readonly decode: (bytes: Uint8Array) => number;
  readonly toJson: () => string;
  readonly fromJson: (text: string) => unknown;
}

const PeerSummary = gob.struct("main.peerSummary", {
  NameByte: gob.bytes,
  NickName: gob.string,
  UID: gob.uint64,
  Version: gob.uint64,
  ShortID: gob.uint16,
  HasShortID: gob.bool,
});
const ConnectionSummary = gob.struct("main.connectionSummary", {
  NameByte: gob.bytes,
  RemoteTCPAddr: gob.string,
  Outbound: gob.bool,
  Established: gob.bool,
});
const ConnectionSummaries = gob.slice(ConnectionSummary);
const Records = gob.slice(
  gob.struct("main.record", {
    ID: gob.int,
    Name: gob.string,
    Score: gob.float64,
    Active: gob.bool,
    Count: gob.uint32,
    Tags: gob.slice(gob.string),
    Note: gob.string,
  }),
);

function name(i: number): Uint8Array {
  return new Uint8Array([0, 0, 0, 0, i >> 8, i & 0xff]);
}

function plain(_: string, value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  return value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value;
}

function range<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}

function row<S extends gob.Schema>(
  name: string,
  schema: S,
  value: gob.Infer<S>,
  read: (value: gob.Infer<S>) => number,
): Row {
  const json = value instanceof Map ? Object.fromEntries(value) : value;
  return {
    name,
    encode: () => gob.encode(schema, value),
    decode: (bytes) => read(gob.decode(schema, bytes)),
    toJson: () => JSON.stringify(json, hasBytes(value) ? plain : undefined),
    fromJson: (text) => JSON.parse(text) as unknown,
  };
}

function hasBytes(value: unknown): boolean {
  return typeof value === "object" && value !== null && "payload" in value;
}

function envelope(): Row {
  const payload = Uint8Array.from({ length: 256 }, (_, i) => i);
  const json = {
    channel: "default",
    source: 0x112233445566,
    destination: 0xaabbccddeeff,
    payload: Buffer.from(payload).toString("base64"),
  };
  const Id = gob.number(gob.uint64);
  return {
    name: "envelope",
    encode: () =>
      new gob.Encoder().encodeAll(
        [gob.string, Id, Id, gob.bytes],
        ["default", 0x112233445566, 0xaabbccddeeff, payload],
      ),
    decode: (bytes) => {
      const decoder = new gob.Decoder();
      decoder.push(bytes);
      const channel = decoder.read(gob.string);
      const source = decoder.read(Id);
      const destination = decoder.read(Id);
      const data = decoder.read(gob.bytes);
      if (!channel.done || !source.done || !destination.done || !data.done) throw new Error("incomplete");
      return channel.value.length + source.value + destination.value + data.value.length;
    },
    toJson: () => JSON.stringify(json),
    fromJson: (text) => JSON.parse(text) as unknown,
  };
}

function topology(): Row {
  const peers = range(100, (i) => ({
    peer: {
      NameByte: name(i),
      NickName: `peer-${i}`,
      UID: (BigInt(i) << 56n) | 12345n,
      Version: BigInt(i + 100),
      ShortID: i,
      HasShortID: true,
    },
    connections: range(100, (j) => ({
      NameByte: name(j),
      RemoteTCPAddr: `10.0.${i}.${j}:6783`,
      Outbound: i < j,
      Established: true,
    })).filter((_, j) => j !== i),
  }));
  const schemas = peers.flatMap(() => [PeerSummary, ConnectionSummaries]);
  const values = peers.flatMap(({ peer, connections }) => [peer, connections]);
  return {
    name: "topology",
    encode: () => new gob.Encoder().encodeAll(schemas, values as never),
    decode: (bytes) => {
      const decoder = new gob.Decoder();
      decoder.push(bytes);
      let sum = 0;
      for (let i = 0; i < 100; i++) {
        const peer = decoder.read(PeerSummary);
        const connections = decoder.read(ConnectionSummaries);
        if (!peer.done || !connections.done) throw new Error("incomplete");
        const p = peer.value;
        sum +=
          p.NameByte.length + p.NickName.length + Number(p.UID & 0xffffn) + Number(p.Version) + p.ShortID;
        if (p.HasShortID) sum++;
        for (const c of connections.value) {
          sum += c.NameByte.length + c.RemoteTCPAddr.length;
          if (c.Outbound !== c.Established) sum++;
        }
      }
      return sum;
    },
    toJson: () => JSON.stringify(peers, plain),
    fromJson: (text) => JSON.parse(text) as unknown,
  };
}

/** All rows, in the order of the table. */
export function rows(): Row[] {
  const records = range(10_000, (i) => ({
    ID: i * 1001,
    Name: `record number ${i}`,
    Score: i * 1.1,
    Active: i % 2 === 0,
    Count: i * 7,
    Tags: ["alpha", "beta"],
    Note: "",
  }));
  const ints = range(100_000, (i) => ((i * i) % 1000003) - 500000);
  const floats = range(100_000, (i) => i * 1.1);
  const strings = range(100_000, (i) => `string-${i}`);
  const counts = new Map(range(10_000, (i) => [`key-${i}`, i * 3] as const));
  const sum = (values: readonly number[]): number => {
    let total = 0;
    for (let i = 0; i < values.length; i++) total += values[i]!;
    return total;
  };
  return [
    envelope(),
    topology(),
    row("structs", Records, records, (values) => {
      let total = 0;
      for (const r of values) {
        total +=
          r.ID + r.Name.length + r.Score + r.Count + r.Tags[0]!.length + r.Tags[1]!.length + r.Note.length;
        if (r.Active) total++;
      }
      return total;
    }),
    row("ints", gob.slice(gob.int), ints, sum),
    row("floats", gob.slice(gob.float64), floats, sum),
    row("strings", gob.slice(gob.string), strings, (values) => {
      let total = 0;
      for (const value of values) total += value.length;
      return total;
    }),
    row("map", gob.map(gob.string, gob.int), counts, (values) => {
      let total = 0;
      for (const [key, value] of values) total += key.length + value;
      return total;
    }),
  ];
}
