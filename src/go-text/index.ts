/**
 * Go's way of writing values, and texts made of remote data: quoted strings, byte lists, times, encoding/json, cutting and
 * escaping.
 *
 * Promises: a text that Go prints equals Go's up to the documented limit; every function takes time in proportion to its
 * input, and its result has a bounded length where it says so. Pure functions of their arguments: no state, no input or
 * output, no imports. Knows nothing of meshes, peers or gob.
 *
 * @module
 */
export { goBytes } from "./bytes.ts";
export { byteLength, cutText, lineLimit, textLimit } from "./cut.ts";
export { goJson } from "./json.ts";
export { escapedJson, escapeText, isPrintable, quoteAsGo } from "./quote.ts";
export { goTime } from "./time.ts";
