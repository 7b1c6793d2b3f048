import { createWriteStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { defineCommandAttack } from "../attack.ts";
import { gossipMessage, sessionFile } from "../bytes/session-file.ts";
import { rawCharacters } from "../output-characters.ts";

const session = () => sessionFile({ messages: [gossipMessage("x", Buffer.of(1))] });

/** A pcapng block: type, total length as claimed, body, total length again. */
function block(type: number, body: Buffer, claimed = body.length + 12): Buffer {
  const bytes = Buffer.alloc(body.length + 12);
  bytes.writeUInt32LE(type, 0);
  bytes.writeUInt32LE(claimed, 4);
  bytes.set(body, 8);
  bytes.writeUInt32LE(claimed, body.length + 8);
  return bytes;
}

const section = block(0x0a0d0d0a, Buffer.from("4d3c2b1a01000000ffffffffffffffff", "hex"));
const device = block(1, Buffer.from("6500000000000400", "hex"));
const pcap = Buffer.from("d4c3b2a1020004000000000000000000000004006500000000", "hex").subarray(0, 24);

function* zeros(mebibytes: number): Generator<Buffer> {
  const chunk = Buffer.alloc(1024 * 1024);
  for (let i = 0; i < mebibytes; i++) yield chunk;
}

interface Damaged {
  name: string;
  bytes: () => Iterable<Uint8Array | string>;
  gzip?: boolean;
}

const files: Record<string, Damaged> = {
  "gzip of one line of 2 GiB": {
    name: "bomb.session.jsonl.gz",
    gzip: true,
    bytes: function* () {
      yield session();
      yield* zeros(2_048);
    },
  },
  "gzip of a packet capture of 512 MiB of zeros": {
    name: "bomb.pcap.gz",
    gzip: true,
    bytes: function* () {
      yield pcap;
      yield* zeros(512);
    },
  },
  "packet that claims 4 GiB": {
    name: "claims.pcap",
    bytes: function* () {
      yield pcap;
      yield Buffer.from("0000000000000000ffffffffffffffff", "hex");
      yield* zeros(300);
    },
  },
  "pcapng block of length 0": {
    name: "zero.pcapng",
    bytes: () => [section, device, block(6, Buffer.alloc(0), 0), ...zeros(4)],
  },
  "pcapng block that claims 4 GiB": {
    name: "claims.pcapng",
    bytes: () => [section, device, block(6, Buffer.alloc(0), 0xfffffffc), ...zeros(300)],
  },
  "10,000,000 pcapng devices": {
    name: "devices.pcapng",
    bytes: function* () {
      yield section;
      const many = Buffer.concat(Array.from({ length: 10_000 }, () => device));
      for (let i = 0; i < 1_000; i++) yield many;
    },
  },
  "JSON nested 5,000,000 deep": {
    name: "nested.session.jsonl",
    bytes: () => [session(), "[".repeat(5_000_000), "\n"],
  },
  "times that are none": {
    name: "times.session.jsonl",
    bytes: () => [
      session()
        .replace('"at":3', '"at":1e308')
        .replace('"at":4', '"at":-1e308')
        .replace('"at":5', '"at":"x"'),
    ],
  },
  "2,000,000 empty lines": { name: "empty.session.jsonl", bytes: () => [session(), "\n".repeat(2_000_000)] },
  "500,000 damaged lines": {
    name: "damaged.session.jsonl",
    bytes: () => [session(), "{\x1b[2J}\n".repeat(500_000)],
  },
  "missing bytes beyond all numbers": {
    name: "missing.session.jsonl",
    bytes: () => [
      session(),
      '{"at":9,"from":"dialler","missing":1e300}\n{"at":9,"from":"dialler","missing":-5}\n',
    ],
  },
};

export default defineCommandAttack<Damaged>({
  title: "damaged and packed recordings for inspect",
  group: "files",
  limits: ["line of a session file", "packet of a packet capture", "reports of damage"],
  variants: files,
  gate: ["pcapng block of length 0"],
  bars: { cpuSeconds: 20, memoryMiB: 384, outputMiB: 128 },
  async command({ folder }, { name, bytes, gzip }) {
    const file = join(folder, name);
    if (gzip === true)
      await pipeline(Readable.from(bytes()), createGzip({ level: 1 }), createWriteStream(file));
    else await writeFile(file, bytes());
    return { arguments: ["inspect", file] };
  },
  check({ stdout, stderr }) {
    const found = rawCharacters(stdout + stderr);
    return found.length === 0 ? undefined : `written as they are: ${found.join(", ")}`;
  },
});
