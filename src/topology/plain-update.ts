import * as gob from "../gob/index.ts";
import { type Flavour, PeerName } from "../peer-name.ts";
import { ListWriter, type WrittenList } from "./list-writer.ts";
import type { PeerSummary } from "./peer.ts";
import { connectionSummary, nameOf, readPeers } from "./update.ts";

/** An update that was read in the plain way. */
export interface PlainUpdate {
  readonly peers: readonly PeerSummary[];
  /** For each of the peers the number of its name. */
  readonly numbers: readonly number[];
  /** For each of the peers its connections. */
  readonly lists: readonly WrittenList[];
  /** The names that occur, by number. */
  readonly names: readonly PeerName[];
  /** The type ids of the sender. */
  readonly types: gob.TypeTable;
}

/**
 * Reads an update as `decodeUpdate` does, but keeps connections in compact form: an update of one frame can hold a million of
 * them, and only one at a time is an object.
 *
 * Throws TopologyError `malformed-update`.
 */
export function readPlainUpdate(update: Uint8Array, flavour: Flavour): PlainUpdate {
  const writer = new ListWriter();
  const each = new EachElement(connectionSummary, (connection) => {
    const { NameByte, RemoteTCPAddr, Outbound, Established } = connection;
    const name = PeerName.fromBytes(NameByte, flavour);
    const own = flavour === "mac" && NameByte.length !== 6 ? PeerName.toBytes(name) : NameByte;
    writer.add(name, own, RemoteTCPAddr, Outbound, Established);
  });
  const peers: PeerSummary[] = [];
  const numbers: number[] = [];
  const lists: WrittenList[] = [];
  const types = readPeers(update, gob.slice(each), (summary) => {
    const named = nameOf(summary.NameByte, flavour);
    numbers.push(writer.numberOf(named.name));
    peers.push({
      ...named,
      nickName: summary.NickName,
      uid: summary.UID,
      version: summary.Version,
      shortId: summary.ShortID,
      hasShortId: summary.HasShortID,
    });
    lists.push(writer.finish());
  });
  return { peers, numbers, lists, names: writer.names, types };
}

/** Decodes elements of a list one by one: hands each on and leaves undefined in its place. */
class EachElement<S extends gob.AnySchema> extends gob.Schema<undefined> {
  readonly #element: S;
  readonly #take: (value: S["infer"]) => void;

  constructor(element: S, take: (value: S["infer"]) => void) {
    super();
    this.#element = element;
    this.#take = take;
  }

  override get type(): S["type"] {
    return this.#element.type;
  }

  override zero(): undefined {
    return undefined;
  }

  protected override compileWrite(): never {
    throw new TypeError("a list that is taken element by element is only read");
  }

  protected override compileWriteField(): never {
    return this.compileWrite();
  }

  override compileRead(...[wire, id]: Parameters<gob.Schema["compileRead"]>): () => undefined {
    const read = wire.reader(this.#element, id);
    return ((reader: Parameters<typeof read>[0]) =>
      this.#take(read(reader) as S["infer"])) as () => undefined;
  }
}
