import test from "ava";
import {
  entryToJson,
  formatSessionRecord,
  KeyLogReader,
  KeyRing,
  makeSessionHeader,
  Narrator,
  PacketFileReader,
  PacketSource,
  SessionInspector,
  SessionReader,
  type SessionRecord,
} from "../../src/capture/index.ts";
import { ReplayComparison } from "../../src/capture/replay-report.ts";
import { PeerName } from "../../src/peer-name.ts";
import { encodeUpdate } from "../../src/topology/index.ts";
import { encodeBroadcast, encodeGossip, Tag } from "../../src/wire/index.ts";
import { assertGrowth } from "../cost/growth.ts";
import { ipPacket, pcapFile, pcapngFile, type SegmentSpec } from "./packet-writer.ts";

const header = Buffer.from("weave\x01\x02", "latin1");
const plainHeader = makeSessionHeader({ layer: "plain", startedAt: 0, dialler: {}, listener: {} });
const wireHeader = makeSessionHeader({ layer: "wire", startedAt: 0, dialler: {}, listener: {} });

function capture(segments: readonly SegmentSpec[]): Buffer {
  return pcapFile(
    101,
    segments.map((segment) => ipPacket(segment)),
  );
}

/** One byte of the dialler at an offset after its header. */
function byteAt(offset: number): SegmentSpec {
  return { fromDialler: true, sequence: 8 + offset, payload: Uint8Array.of(offset & 255), acknowledged: 1 };
}

const opening: readonly SegmentSpec[] = [
  { fromDialler: true, sequence: 0, flags: "S" },
  { fromDialler: true, sequence: 1, payload: header },
];

function readPackets(file: Uint8Array): void {
  const source = new PacketSource();
  source.push(file);
  while (source.end().length > 0);
}

/** Reads a session with all that is said of it, as text and as JSON. */
function inspect(header: typeof plainHeader, records: readonly SessionRecord[]): number {
  const inspector = new SessionInspector(header);
  const narrator = new Narrator(inspector);
  let length = 0;
  for (const record of records) {
    for (const entry of inspector.push(record))
      length += narrator.entry(entry).length + JSON.stringify(entryToJson(entry, 1)).length;
  }
  for (const entry of inspector.finish()) length += narrator.entry(entry).length;
  return length + narrator.closing().length;
}

const name = PeerName.fromUint(1);
const message = (tag: number, body: Uint8Array): SessionRecord => ({
  at: 0,
  from: "dialler",
  part: "message",
  bytes: Buffer.concat([Uint8Array.of(tag), body]),
});
const list = <T>(size: number, make: (index: number) => T) =>
  Array.from({ length: size }, (_, index) => make(index));

test.serial("cost: reading segments with a hole before each grows with their number", async (t) => {
  await assertGrowth(t, {
    name: "holes",
    prepare: (size) => capture([...opening, ...list(size, (index) => byteAt(1 + 2 * index))]),
    run: readPackets,
  });
});

test.serial("cost: reading segments in reverse order grows with their number", async (t) => {
  await assertGrowth(t, {
    name: "reverse",
    prepare: (size) => capture([...opening, ...list(size, (index) => byteAt(size - 1 - index))]),
    run: readPackets,
  });
});

test.serial(
  "cost: holes that are given up one by one cost no more for what is pending behind them",
  async (t) => {
    await assertGrowth(t, {
      name: "acknowledged holes",
      prepare: (size) =>
        capture([
          ...opening,
          ...list(size / 10, (index) => byteAt(1 + 2 * index)),
          ...list(size, (index) => ({
            fromDialler: false,
            sequence: 1,
            flags: "A",
            acknowledged: 8 + Math.floor(index / 5),
          })),
        ]),
      run: readPackets,
    });
  },
);

test.serial("cost: following many connections grows with their number", async (t) => {
  await assertGrowth(t, {
    name: "connections",
    prepare: (size) =>
      pcapFile(
        101,
        list(size, (index) => {
          const packet = ipPacket({ fromDialler: true, sequence: 1, payload: header });
          packet.writeUInt16BE(10_000 + index, 20);
          return packet;
        }),
      ),
    run: readPackets,
  });
});

test.serial("cost: reading a capture byte by byte grows with its size", async (t) => {
  await assertGrowth(t, {
    name: "bytes",
    prepare: (size) => pcapngFile(101, [new Uint8Array(size)]),
    run: (file) => {
      const reader = new PacketFileReader();
      for (let at = 0; at < file.length; at++) {
        reader.push(file.subarray(at, at + 1));
        for (const _packet of reader.packets());
      }
      reader.end();
    },
  });
});

test.serial("cost: reading the lines of a session file grows with their number", async (t) => {
  await assertGrowth(t, {
    name: "lines",
    prepare: (size) =>
      Buffer.from(
        `${JSON.stringify(wireHeader)}\n${formatSessionRecord({ at: 0, from: "dialler", end: "open" }).repeat(size)}`,
      ),
    run: (file) => {
      const reader = new SessionReader();
      reader.push(file);
      for (const _record of reader.records());
      reader.end();
    },
  });
});

test.serial("cost: reading a long record cut into small pieces grows with its size", async (t) => {
  await assertGrowth(t, {
    name: "pieces",
    prepare: (size) =>
      Buffer.from(
        `${JSON.stringify(wireHeader)}\n${formatSessionRecord({ at: 0, from: "dialler", bytes: new Uint8Array(size * 4) })}`,
      ),
    run: (file) => {
      const reader = new SessionReader();
      for (let at = 0; at < file.length; at += 8) {
        reader.push(file.subarray(at, at + 8));
        for (const _record of reader.records());
      }
      reader.end();
    },
  });
});

test.serial(
  "cost: reading a key log, and finding its keys, grows with the number of its lines",
  async (t) => {
    await assertGrowth(t, {
      name: "keys",
      prepare: (size) =>
        Buffer.from(
          list(
            size,
            (index) => `WEAVE_MESH_SESSION_KEY ${"0".repeat(16)} ${index.toString(16).padStart(64, "0")}\n`,
          ).join(""),
        ),
      run: (log) => {
        const ring = new KeyRing();
        const reader = new KeyLogReader(ring);
        for (let at = 0; at < log.length; at += 1000) reader.push(log.subarray(at, at + 1000));
        reader.end();
      },
    });
  },
);

test.serial("cost: inspecting messages on channels of their own grows with their number", async (t) => {
  await assertGrowth(t, {
    name: "channels",
    prepare: (size) =>
      list(size, (index) =>
        message(Tag.broadcast, encodeBroadcast(`channel ${index}`, name, Uint8Array.of(1))),
      ),
    run: (records) => inspect(plainHeader, records),
  });
});

test.serial(
  "cost: inspecting a topology of many peers and connections grows with their number",
  async (t) => {
    await assertGrowth(t, {
      name: "topology",
      prepare: (size) => {
        const peers = list(size / 10, (index) => ({
          name: PeerName.fromUint(index + 1),
          nickName: `peer ${index}`,
          uid: 1n,
          version: 1n,
          shortId: 0,
          hasShortId: false,
          connections: list(10, (other) => ({
            name: PeerName.fromUint(((index + other + 1) % (size / 10)) + 1),
            remoteAddress: "10.0.0.1:6783",
            outbound: true,
            established: true,
          })),
        }));
        return [message(Tag.gossip, encodeGossip("topology", name, encodeUpdate(peers)))];
      },
      run: (records) => inspect(plainHeader, records),
    });
  },
);

test.serial("cost: inspecting lost bytes and damage grows with their number", async (t) => {
  const bytes = (from: "dialler" | "listener", value: Uint8Array): SessionRecord => ({
    at: 0,
    from,
    bytes: value,
  });
  await assertGrowth(t, {
    name: "damage",
    prepare: (size) => [
      bytes("listener", Uint8Array.of(...header, 0)),
      bytes("dialler", Uint8Array.of(...header, 0)),
      // A message that is longer than all that follows.
      bytes("dialler", Uint8Array.of(0, 0x90, 0, 0)),
      ...list(
        size,
        (index): SessionRecord =>
          index % 2 === 0
            ? { at: 0, from: "dialler", missing: 3 }
            : bytes("dialler", Uint8Array.of(0, 0, 0, 9, 3)),
      ),
    ],
    run: (records) => inspect(wireHeader, records),
  });
});

test.serial("cost: comparing a replay's answers grows with their number", async (t) => {
  await assertGrowth(t, {
    name: "answers",
    prepare: (size) => {
      const record = message(Tag.broadcast, encodeBroadcast("news", name, Uint8Array.of(1)));
      const { bytes } = record as { bytes: Uint8Array };
      return list(size, (index) => ({ number: index + 1, at: 0, bytes }));
    },
    run: (messages) => {
      const comparison = new ReplayComparison("mac", messages);
      for (const { bytes } of messages) comparison.add(bytes);
      const features = new Map();
      comparison.report({
        protocol: 2,
        recordedFeatures: features,
        liveFeatures: features,
        played: 0,
        of: 0,
        endedBy: undefined,
      });
    },
  });
});
