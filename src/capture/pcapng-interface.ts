/** The link type and the times of a file's packets, or of one of its interfaces. */
export interface PacketInterface {
  /** A LINKTYPE number. */
  readonly linkType: number;
  /** Units of its times in a millisecond. */
  readonly unitsPerMs: number;
  readonly offsetMs: number;
}

/** The latest time of a Date, milliseconds since the epoch; later ones are read as this one, earlier than 0 as 0. */
const maxTimeMs = 8.64e15;

/** The time of a packet in milliseconds since the epoch, within what a Date can hold. */
export function packetTime({ unitsPerMs, offsetMs }: PacketInterface, units: number): number {
  return Math.min(maxTimeMs, Math.max(0, offsetMs + units / unitsPerMs));
}

/** An interface description block, and the resolution of its times, which an option may change from microseconds. */
export function readInterface(view: DataView, total: number, little: boolean): PacketInterface {
  let unitsPerMs = 1000;
  let offsetMs = 0;
  for (let at = 16; at + 4 <= total - 4; ) {
    const code = view.getUint16(at, little);
    const length = view.getUint16(at + 2, little);
    if (code === 0 || at + 4 + length > total - 4) break;
    if (code === 9 && length === 1) {
      const resolution = view.getUint8(at + 4);
      unitsPerMs = (resolution & 0x80 ? 2 ** (resolution & 0x7f) : 10 ** resolution) / 1000;
    }
    if (code === 14 && length === 8) offsetMs = Number(view.getBigInt64(at + 4, little)) * 1000;
    at += 4 + length + ((4 - (length % 4)) % 4);
  }
  return { linkType: view.getUint16(8, little), unitsPerMs, offsetMs };
}
