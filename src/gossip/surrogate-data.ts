import type { GossipData } from "./gossiper.ts";

/**
 * The bytes of heap that one queued message takes besides its payload: the typed array with its buffer, and the
 * message object. Measured with Node 20: see test/gossip/backlog-memory.test.ts.
 */
export const messageObjectBytes = 320;

/** One message of a channel. The same message can wait at many connections; its payload is in memory once. */
export class QueuedMessage {
  #bytes: Uint8Array;
  /** The number of connections at which the message waits. */
  waiting = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The payload; not to be changed. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** The bytes of memory that the message takes once it is {@link detach}ed, objects included. */
  get cost(): number {
    return this.#bytes.byteLength + messageObjectBytes;
  }

  /**
   * Copies the payload if it is a view of a much larger buffer, such as a whole frame or a chunk of the socket, which
   * would stay in memory as long as the view.
   */
  detach(): void {
    this.#bytes = ownBytes(this.#bytes);
  }
}

/**
 * Returns the bytes in a buffer that is at most a sixteenth larger than they are: themselves, or a copy where they are
 * a view of a larger one, such as a whole frame or a chunk of the socket.
 */
export function ownBytes(bytes: Uint8Array): Uint8Array {
  const { byteLength, buffer } = bytes;
  return buffer.byteLength - byteLength > byteLength / 16 ? bytes.slice() : bytes;
}

/**
 * Messages of a channel that nobody here understands, to be passed on as they came: what the original calls
 * surrogateGossipData (surrogate_gossiper.go). Merging appends; each message stays a frame of its own.
 *
 * Merged data is a tree that shares its branches, so that appending costs the same however much has been merged.
 * A sender does not merge it: it queues the messages, within the connection's budget ({@link surrogateBacklogBytes}).
 * So this is the class for any data that only grows when merged.
 */
export class SurrogateData implements GossipData<SurrogateData> {
  /** Bytes of all messages together. */
  readonly byteLength: number;
  readonly #content: QueuedMessage | readonly [SurrogateData, SurrogateData];

  private constructor(content: QueuedMessage | readonly [SurrogateData, SurrogateData], byteLength: number) {
    this.#content = content;
    this.byteLength = byteLength;
  }

  /** One message; its bytes are not copied now, and must not be changed afterwards. */
  static of(message: Uint8Array): SurrogateData {
    return new SurrogateData(new QueuedMessage(message), message.byteLength);
  }

  encode(): Uint8Array[] {
    return this.messages().map(({ bytes }) => bytes);
  }

  merge(other: SurrogateData): SurrogateData {
    return new SurrogateData([this, other], this.byteLength + other.byteLength);
  }

  /** The messages in order, for senders. */
  messages(): QueuedMessage[] {
    if (this.#content instanceof QueuedMessage) return [this.#content];
    const messages: QueuedMessage[] = [];
    // A loop, as the tree is as deep as there were merges.
    const rest: SurrogateData[] = [this];
    for (let data = rest.pop(); data !== undefined; data = rest.pop()) {
      if (data.#content instanceof QueuedMessage) messages.push(data.#content);
      else rest.push(data.#content[1], data.#content[0]);
    }
    return messages;
  }
}
