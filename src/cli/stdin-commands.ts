import { quoteAsGo } from "../go-text/index.ts";
import { decodeUtf8 } from "../gob/index.ts";
import { type Flavour, PeerName } from "../index.ts";
import { oneLine } from "./errors.ts";

/** What one line of standard input asks for. `blank` is a line without anything on it. */
export type LineCommand =
  | { readonly kind: "unicast"; readonly peer: PeerName; readonly payload: Uint8Array }
  | { readonly kind: "broadcast"; readonly payload: Uint8Array }
  | { readonly kind: "blank" }
  | { readonly kind: "malformed"; readonly reason: string };

/**
 * Parses one line of standard input, without its line end:
 *
 *     unicast PEER TEXT
 *     broadcast TEXT
 *
 * One blank separates the words; all that follows is the payload, byte for byte, even if it is not UTF-8 or empty.
 * The payload is a view of `line`.
 */
export function parseLineCommand(line: Uint8Array, flavour: Flavour): LineCommand {
  const [verb, rest] = splitWord(line);
  switch (verb) {
    case "":
      return rest === undefined ? { kind: "blank" } : malformed("the line begins with a blank");
    case "broadcast":
      if (rest === undefined) return malformed("broadcast TEXT: the text is missing");
      return { kind: "broadcast", payload: rest };
    case "unicast": {
      const [peer, payload] = splitWord(rest ?? new Uint8Array());
      if (payload === undefined) return malformed("unicast PEER TEXT: the text is missing");
      try {
        return { kind: "unicast", peer: PeerName.parse(peer, flavour), payload };
      } catch (error) {
        return malformed(oneLine(error));
      }
    }
    default:
      return malformed(`unknown command ${quoteAsGo(verb, 40)}, should be unicast or broadcast`);
  }
}

function malformed(reason: string): LineCommand {
  return { kind: "malformed", reason };
}

/** The text before the first blank and the bytes after it; the bytes are undefined without a blank. */
function splitWord(bytes: Uint8Array): [string, Uint8Array | undefined] {
  const blank = bytes.indexOf(0x20);
  if (blank === -1) return [decodeUtf8(bytes).toWellFormed(), undefined];
  return [decodeUtf8(bytes.subarray(0, blank)).toWellFormed(), bytes.subarray(blank + 1)];
}

/**
 * Cuts a stream of chunks into lines at each `\n`. A last line without one counts.
 *
 * A line longer than `maxLineBytes` comes out as undefined, once, and is not kept in memory.
 */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  maxLineBytes: number,
): AsyncGenerator<Uint8Array | undefined> {
  let parts: Uint8Array[] = [];
  let length = 0;
  const add = (part: Uint8Array): void => {
    length += part.length;
    if (length > maxLineBytes) parts = [];
    else parts.push(part);
  };
  const take = (): Uint8Array | undefined => {
    const line = length > maxLineBytes ? undefined : new Uint8Array(Buffer.concat(parts));
    parts = [];
    length = 0;
    return line;
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, start)) {
      add(chunk.subarray(start, end));
      yield take();
      start = end + 1;
    }
    add(chunk.subarray(start));
  }
  if (length > 0) yield take();
}
