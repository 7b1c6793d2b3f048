import type { Writable } from "node:stream";
import naclUtil from "tweetnacl-util";
import { escapedJson } from "../go-text/index.ts";
import { writable } from "./standard-output.ts";

/** What is printed for a payload: its text, or its bytes in base64 when it is not UTF-8. */
export type PrintedPayload = { readonly text: string } | { readonly base64: string };

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The printed form of a payload. Nothing is lost: encoding the text as UTF-8 gives the same bytes. */
export function printedPayload(payload: Uint8Array): PrintedPayload {
  try {
    return { text: strictUtf8.decode(payload) };
  } catch {
    return { base64: naclUtil.encodeBase64(payload) };
  }
}

/** Writes JSON objects to a stream, one on each line, with control characters and bidirectional controls as `\u` escapes. */
export class EventLines {
  readonly #output: Writable;

  constructor(output: Writable) {
    this.#output = output;
  }

  /** Writes one line; settles when the stream can take more, so that a slow reader slows the writer down. Does nothing after an error. */
  async print(event: object): Promise<void> {
    if (this.#output.destroyed || this.#output.write(`${escapedJson(event)}\n`)) return;
    await writable(this.#output);
  }
}
