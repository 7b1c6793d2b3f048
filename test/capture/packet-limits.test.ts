import test from "ava";
import { PacketFileReader } from "../../src/capture/index.ts";
import { maxBlockBytes, maxInterfaces, maxPacketBytes } from "../../src/capture/packet-file.ts";
import { pcapFile, pcapngFile } from "./packet-writer.ts";

function packetsOf(...chunks: readonly Uint8Array[]) {
  const reader = new PacketFileReader();
  const packets = [];
  for (const chunk of chunks) {
    reader.push(chunk);
    for (const packet of reader.packets()) packets.push(packet);
  }
  reader.end();
  return packets;
}

function block(type: number, body: Uint8Array): Buffer {
  const framed = Buffer.alloc(12 + body.length);
  framed.writeUInt32LE(type, 0);
  framed.writeUInt32LE(framed.length, 4);
  framed.set(body, 8);
  framed.writeUInt32LE(framed.length, framed.length - 4);
  return framed;
}

const packet = Buffer.from("packet");
const section = pcapngFile(101, []).subarray(0, 28);
const description = (options: Uint8Array = new Uint8Array(0)) =>
  block(1, Buffer.concat([Buffer.from([101, 0, 0, 0, 0, 0, 0, 0]), options]));
const option = (code: number, value: readonly number[]) =>
  Buffer.from([code, 0, value.length, 0, ...value, ...new Array((4 - (value.length % 4)) % 4).fill(0)]);
const enhanced = (high: number, low: number) => {
  const head = Buffer.alloc(20);
  head.writeUInt32LE(high, 4);
  head.writeUInt32LE(low, 8);
  head.writeUInt32LE(4, 12);
  head.writeUInt32LE(4, 16);
  return block(6, Buffer.concat([head, packet.subarray(0, 4)]));
};

test("packet file: a packet or block of more than 1 MiB is passed over in bounded memory, and reading goes on", (t) => {
  const large = new Uint8Array(maxPacketBytes + 4);
  const next = pcapFile(1, [packet]).subarray(24);
  const pcap = Buffer.concat([pcapFile(1, [large], { snapLength: large.length }), next]);
  t.deepEqual(
    packetsOf(pcap).map(({ bytes }) => bytes.length),
    [packet.length],
  );
  const unknown = block(0x0bad, large);
  const pcapng = Buffer.concat([section, description(), unknown, enhanced(0, 0)]);
  const reader = new PacketFileReader();
  const found = [];
  for (let at = 0; at < pcapng.length; at += 1000) {
    reader.push(pcapng.subarray(at, at + 1000));
    for (const { bytes } of reader.packets()) found.push(bytes.length);
  }
  reader.end();
  t.deepEqual(found, [4]);
  t.throws(() => packetsOf(pcapng.subarray(0, -60)), { code: "truncated" });
});

test("packet file: a packet or block of more than 64 MiB, and a long section header, are refused", (t) => {
  const record = Buffer.alloc(16);
  record.writeUInt32LE(maxBlockBytes + 1, 8);
  t.throws(() => packetsOf(Buffer.concat([pcapFile(1, []), record])), { code: "malformed" });
  for (const length of [maxBlockBytes + 4, 16, 3]) {
    const head = Buffer.alloc(12);
    head.writeUInt32LE(6, 0);
    head.writeUInt32LE(length, 4);
    t.throws(
      () => packetsOf(Buffer.concat([section, head, Buffer.alloc(30)])),
      { code: "malformed" },
      String(length),
    );
  }
  const longSection = Buffer.from(section);
  longSection.writeUInt32LE(maxPacketBytes + 4, 4);
  t.throws(() => packetsOf(longSection), { code: "malformed" });
});

test("packet file: a section has at most 65,536 interfaces", (t) => {
  const many = Buffer.concat(new Array(maxInterfaces).fill(description()));
  t.is(packetsOf(Buffer.concat([section, many, enhanced(0, 0)])).length, 1);
  t.throws(() => packetsOf(Buffer.concat([section, many, description()])), {
    code: "malformed",
    message: /more than 65536 interfaces in a section/,
  });
  t.is(packetsOf(Buffer.concat([section, many, section, description(), enhanced(0, 0)])).length, 1);
});

test("packet file: the times of an interface have its resolution and offset, within what a date can hold", (t) => {
  const at = (options: Uint8Array, high = 0, low = 5_000_000) =>
    packetsOf(Buffer.concat([section, description(options), enhanced(high, low)]))[0]?.at;
  t.is(at(new Uint8Array(0)), 5000);
  t.is(at(option(9, [9])), 5);
  t.is(at(option(9, [0x80 | 10]), 0, 2048), 2000);
  t.is(at(option(14, [60, 0, 0, 0, 0, 0, 0, 0])), 65_000);
  t.is(at(Buffer.concat([option(2, [1, 2, 3]), option(9, [3])])), 5_000_000);
  const extremes = [
    at(option(9, [0]), 0xffffffff),
    at(option(14, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f])),
    at(option(14, [0, 0, 0, 0, 0, 0, 0, 0x80])),
    at(option(9, [0xff])),
  ];
  for (const extreme of extremes) t.notThrows(() => new Date(extreme!).toISOString(), String(extreme));
});
