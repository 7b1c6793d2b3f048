/**
 * First process of the byte-exact proof: decodes everything that Go sent and writes it as JSON text.
 *
 *     describe.ts RECORDINGS.json ORIGINAL DESCRIBED
 *
 * ORIGINAL gets the bytes in hex, DESCRIBED their descriptions, line by line the same pieces.
 */
import { once } from "node:events";
import { createWriteStream, readFileSync, type WriteStream } from "node:fs";
import { encodeTopology, topologyDescriber } from "../../src/capture/topology-json.ts";
import {
  type DescribedMessage,
  describeFeatures,
  describeHeader,
  describeKey,
  describeMessage,
} from "../../src/wire/index.ts";
import { type RecordedPiece, type Recording, sentByGo } from "./recording.ts";

const [recordingsFile = "", originalFile = "", describedFile = ""] = process.argv.slice(2);
const recordings = JSON.parse(readFileSync(recordingsFile, "utf8")) as Recording[];
const original = createWriteStream(originalFile);
const described = createWriteStream(describedFile);

for (const recording of recordings) {
  for await (const piece of sentByGo(recording)) {
    await write(original, piece.hex);
    await write(described, JSON.stringify(describe(piece, recording.flavour)));
  }
}
original.end();
described.end();

/** Writes a line, and waits while too much is on its way to the disk. */
async function write(file: WriteStream, line: string): Promise<void> {
  if (!file.write(`${line}\n`)) await once(file, "drain");
}

function describe({ part, hex }: RecordedPiece, flavour: Recording["flavour"]): DescribedMessage {
  const bytes = new Uint8Array(Buffer.from(hex, "hex"));
  switch (part) {
    case "header":
      return describeHeader(bytes);
    case "key":
      return describeKey(bytes);
    case "features":
      return describeFeatures(bytes);
    case "message":
      return describeMessage(bytes, flavour, topologyDescriber(flavour), encodeTopology);
  }
}
