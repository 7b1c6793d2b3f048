import * as gob from "../../src/gob/index.ts";

/** The mesh's types, as a Go program of package main declares them. */
export const PeerSummary = gob.struct("main.peerSummary", {
  NameByte: gob.bytes,
  NickName: gob.string,
  UID: gob.uint64,
  Version: gob.uint64,
  ShortID: gob.uint16,
  HasShortID: gob.bool,
});
export const ConnectionSummary = gob.struct("main.connectionSummary", {
  NameByte: gob.bytes,
  RemoteTCPAddr: gob.string,
  Outbound: gob.bool,
  Established: gob.bool,
});
export const ConnectionSummaries = gob.slice(ConnectionSummary);
export const Features = gob.map(gob.string, gob.string);

interface Inner {
  A: number[];
  M?: Map<string, Inner[]> | undefined;
  P?: Inner | undefined;
}
export const Inner: gob.Schema<Inner> = gob.struct("main.Inner", {
  A: gob.slice(gob.int),
  M: gob.optional(gob.map(gob.string, gob.slice(gob.lazy(() => Inner)))),
  P: gob.optional(gob.lazy(() => Inner)),
}) as gob.Schema<Inner>;

const Names = gob.named("main.Names", gob.slice(gob.string));
export const Outer = gob.struct("main.Outer", {
  I: Inner,
  L: ConnectionSummaries,
  LP: gob.slice(gob.optional(Inner)),
  N: Names,
  C: gob.slice(gob.named("main.Celsius", gob.int32)),
  AA: gob.array(Inner, 2),
  B: gob.bytes,
  U8: gob.bytes,
  Anon: gob.struct("", { X: gob.int, Y: gob.struct("", { Z: gob.slice(gob.bool) }) }),
  Emb: gob.struct("main.Emb", { Q: gob.uint8 }),
});

const peer = {
  NameByte: new Uint8Array([0, 0, 0, 0, 0, 1]),
  NickName: "n",
  UID: 1n << 60n,
  Version: 300n,
  ShortID: 0,
  HasShortID: true,
};
const noPeer = {
  NameByte: new Uint8Array(),
  NickName: "",
  UID: 0n,
  Version: 0n,
  ShortID: 0,
  HasShortID: false,
};
const connection = {
  NameByte: new Uint8Array([1, 2, 3, 4, 5, 6]),
  RemoteTCPAddr: "10.0.0.7:6783",
  Outbound: true,
  Established: true,
};
const noConnection = {
  NameByte: new Uint8Array(),
  RemoteTCPAddr: "",
  Outbound: false,
  Established: false,
};
const outer: gob.Infer<typeof Outer> = {
  I: { A: [1, -1, 2 ** 40], P: { A: [], M: new Map([["x", [{ A: [] }]]]) } },
  L: [],
  LP: [],
  N: [],
  C: [-5],
  AA: [{ A: [] }, { A: [] }],
  B: new Uint8Array(),
  U8: new TextEncoder().encode("hi"),
  Anon: { X: 0, Y: { Z: [] } },
  Emb: { Q: 200 },
};

/** What one encoder was given, in order. */
export interface Step {
  readonly schema: gob.AnySchema;
  readonly value: unknown;
}

/** Streams of one Go process (1.19, ids from 65), in the order in which it made them. */
export const processStreams: readonly { name: string; steps: readonly Step[]; hex: string }[] = [
  {
    name: "map[string]string",
    steps: [{ schema: Features, value: new Map([["Trusted", "false"]]) }],
    hex: "0eff81040102ff8200010c010c0000 12ff82000107547275737465640566616c7365",
  },
  {
    name: "peerSummary and []connectionSummary",
    steps: [
      { schema: PeerSummary, value: peer },
      { schema: ConnectionSummaries, value: [connection, noConnection] },
      { schema: PeerSummary, value: noPeer },
      { schema: ConnectionSummaries, value: [] },
    ],
    hex: `62ff830301010b7065657253756d6d61727901ff8400010601084e616d6542797465010a0001084e69636b4e616d65010c
      000103554944010600010756657273696f6e010600010753686f72744944010600010a48617353686f7274494401020000
      001eff84010600000000000101016e01f8100000000000000001fe012c020100
      0dff87020102ff880001ff860000
      5bff8503010111636f6e6e656374696f6e53756d6d61727901ff8600010401084e616d6542797465010a00010d52656d6f74
      6554435041646472010c0001084f7574626f756e64010200010b45737461626c6973686564010200000021
      ff8800020106010203040506010d31302e302e302e373a3637383301010101000003ff840004ff880000`,
  },
  {
    name: "nested, recursive and anonymous types",
    steps: [{ schema: Outer, value: outer }],
    hex: `5fff89030101054f7574657201ff8a00010a01014901ff8c0001014c01ff880001024c5001ff940001014e01ff9600010143
      01ff98000102414101ff9a00010142010a0001025538010a000104416e6f6e01ff9c000103456d6201ffa2000000
      28ff8b03010105496e6e657201ff8c00010301014101ff8e0001014d01ff920001015001ff8c000000
      13ff8d020101055b5d696e7401ff8e0001040000
      28ff91040101176d61705b737472696e675d5b5d6d61696e2e496e6e657201ff9200010c01ff900000
      0dff8f020102ff900001ff8c0000
      0dff87020102ff880001ff860000
      5bff8503010111636f6e6e656374696f6e53756d6d61727901ff8600010401084e616d6542797465010a00010d52656d6f74
      6554435041646472010c0001084f7574626f756e64010200010b45737461626c69736865640102000000
      1cff930201010d5b5d2a6d61696e2e496e6e657201ff940001ff8c0000
      13ff95020101054e616d657301ff9600010c0000
      1cff970201010e5b5d6d61696e2e43656c7369757301ff980001040000
      1eff990101010d5b325d6d61696e2e496e6e657201ff9a0001ff8c01040000
      42ff9b03010127737472756374207b205820696e743b205920737472756374207b205a205b5d626f6f6c207d207d01ff9c00
      010201015801040001015901ff9e000000
      28ff9d03010113737472756374207b205a205b5d626f6f6c207d01ff9e00010101015a01ffa0000000
      14ff9f020101065b5d626f6f6c01ffa00001020000
      17ffa103010103456d6201ffa2000101010151010600000
      02cff8a0101030201fa0200000000000202010178010000000401090102000002026869010200000101ffc80000`,
  },
  { name: "bool", steps: [{ schema: gob.bool, value: true }], hex: "03020001" },
  { name: "negative int", steps: [{ schema: gob.int, value: -129 }], hex: "050400fe0101" },
  {
    name: "uint64 of 64 bits",
    steps: [{ schema: gob.uint64, value: 1n << 63n }],
    hex: "0b0600f88000000000000000",
  },
  {
    name: "string that is not UTF-8",
    steps: [{ schema: gob.string, value: "héllo\udcff" }],
    hex: "0a0c000768c3a96c6c6fff",
  },
  { name: "empty bytes", steps: [{ schema: gob.bytes, value: new Uint8Array() }], hex: "030a0000" },
  {
    name: "empty []int, defined as a field before",
    steps: [{ schema: gob.slice(gob.int), value: [] }],
    hex: "13ff8d020101055b5d696e7401ff8e0001040000 04ff8e0000",
  },
  {
    name: "slice of a named slice",
    steps: [{ schema: gob.slice(Names), value: [["a"]] }],
    hex: "0dffa3020102ffa40001ff960000 13ff95020101054e616d657301ff9600010c0000 07ffa40001010161",
  },
];
