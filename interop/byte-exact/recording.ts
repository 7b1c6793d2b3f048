import { createReadStream, existsSync } from "node:fs";
import { createInterface } from "node:readline";

/** A piece of plain conversation as the TypeScript peer writes it to its file. */
export interface RecordedPiece {
  process: string;
  connection: number;
  direction: "in" | "out";
  part: "header" | "key" | "features" | "message";
  remoteAddress: string;
  hex: string;
}

/** A file of pieces, and the hosts of that mesh whose peers are Go programs. */
export interface Recording {
  file: string;
  goHosts: readonly string[];
  flavour: "mac" | "hash";
}

/** What Go sent to the peer that made a recording, in order. A half line at the end of a killed peer is left out. */
export async function* sentByGo({ file, goHosts }: Recording): AsyncGenerator<RecordedPiece> {
  if (!existsSync(file)) return;
  const hosts = new Set(goHosts);
  for await (const line of createInterface({ input: createReadStream(file) })) {
    if (!line.endsWith("}")) continue;
    const piece = JSON.parse(line) as RecordedPiece;
    const host = piece.remoteAddress.slice(0, piece.remoteAddress.lastIndexOf(":"));
    if (piece.direction === "in" && hosts.has(host)) yield piece;
  }
}
