import type { GossipData } from "./gossiper.ts";

/**
 * Messages of a channel that nobody here understands, to be passed on as they came: what the original calls
 * surrogateGossipData (surrogate_gossiper.go). Merging appends; each message stays a frame of its own.
 *
 * Merged data is a tree that shares its branches, so that appending costs the same however much waits already: the
 * same data waits at every neighbour that does not read, and none may change what another holds.
 */
export class SurrogateData implements GossipData<SurrogateData> {
  /** Bytes of all messages together. */
  readonly byteLength: number;
  readonly #content: Uint8Array | readonly [SurrogateData, SurrogateData] | readonly Uint8Array[];
  readonly #kind: "message" | "merged" | "list";

  private constructor(
    kind: "message" | "merged" | "list",
    content: Uint8Array | readonly [SurrogateData, SurrogateData] | readonly Uint8Array[],
    byteLength: number,
  ) {
    this.#kind = kind;
    this.#content = content;
    this.byteLength = byteLength;
  }

  /** One message; its bytes are kept as they are, not copied. */
  static of(message: Uint8Array): SurrogateData {
    return new SurrogateData("message", message, message.byteLength);
  }

  encode(): Uint8Array[] {
    const messages: Uint8Array[] = [];
    // A loop, as the tree is as deep as there were merges.
    const rest: SurrogateData[] = [this];
    for (let data = rest.pop(); data !== undefined; data = rest.pop()) {
      if (data.#kind === "message") messages.push(data.#content as Uint8Array);
      else if (data.#kind === "list")
        for (const message of data.#content as Uint8Array[]) messages.push(message);
      else {
        const [first, second] = data.#content as readonly [SurrogateData, SurrogateData];
        rest.push(second, first);
      }
    }
    return messages;
  }

  merge(other: SurrogateData): SurrogateData {
    return new SurrogateData("merged", [this, other], this.byteLength + other.byteLength);
  }

  /** The same without its oldest messages: at least `bytes` less, unless that is more than all. */
  dropOldest(bytes: number): { kept: SurrogateData; messages: number; bytes: number } {
    const all = this.encode();
    let messages = 0;
    let dropped = 0;
    while (dropped < bytes && messages < all.length) dropped += all[messages++]!.byteLength;
    const kept = new SurrogateData("list", all.slice(messages), this.byteLength - dropped);
    return { kept, messages, bytes: dropped };
  }
}
