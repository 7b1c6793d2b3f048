import { PacketSource, type RecordedSession, type SessionRecord } from "../../src/capture/index.ts";
import { ipPacket, pcapFile, type SegmentSpec } from "./packet-writer.ts";

/** The sessions in a packet capture, read in chunks. */
export function sessionsIn(file: Uint8Array, chunkBytes = file.length): RecordedSession[] {
  const source = new PacketSource();
  const found = new Map<number, { header: RecordedSession["header"]; records: SessionRecord[] }>();
  const take = (events: ReturnType<PacketSource["push"]>) => {
    for (const event of events) {
      if (event.type === "open") found.set(event.session, { header: event.header, records: [] });
      if (event.type === "record") found.get(event.session)!.records.push(event.record);
    }
    return events.length;
  };
  for (let at = 0; at < file.length; at += chunkBytes) take(source.push(file.subarray(at, at + chunkBytes)));
  while (take(source.end()) > 0);
  return [...found.values()];
}

/** A capture of raw IPv4 packets with these segments. */
export function rawCapture(list: readonly SegmentSpec[]): Buffer {
  return pcapFile(
    101,
    list.map((segment) => ipPacket(segment)),
  );
}

/** What a session records of each side: text of bytes, `<N>` for N lost ones; ends; notes. */
export function outline({ records }: RecordedSession) {
  const said = { dialler: "", listener: "" };
  const ends: string[] = [];
  const notes: string[] = [];
  for (const record of records) {
    if ("bytes" in record) said[record.from] += Buffer.from(record.bytes).toString("latin1");
    if ("missing" in record) said[record.from] += `<${record.missing}>`;
    if ("end" in record) ends.push(`${record.from} ${record.end}`);
    if ("note" in record) notes.push(record.note);
  }
  return { ...said, ends, notes };
}
