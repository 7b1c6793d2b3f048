import { readdirSync, readFileSync } from "node:fs";
import { transformSync } from "esbuild";

/** One use of a method that passes over a whole list. */
export interface ListOperation {
  /** Path below src/. */
  readonly file: string;
  /** The receiver and the method, as `others.indexOf`. */
  readonly expression: string;
}

/** Methods whose time is the length of their receiver. */
const methods = [
  "indexOf",
  "lastIndexOf",
  "includes",
  "splice",
  "shift",
  "unshift",
  "find",
  "findIndex",
  "findLast",
  "findLastIndex",
];

// `splice(0)` empties a list; each element is paid for by the push that added it.
const call = new RegExp(`\\.(?:${methods.join("|")})(?=(?:\\?\\.)?\\((?!(?<=splice\\()0\\)))`, "g");

const source = new URL("../../src/", import.meta.url);

/** Returns the uses of such methods in all of src/. */
export function listOperations(): ListOperation[] {
  const files = readdirSync(source, { recursive: true, encoding: "utf8" });
  return files
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".ts"))
    .sort()
    .flatMap((file) => operationsIn(file, readFileSync(new URL(file, source), "utf8")));
}

/** Returns the uses in one file's text; `file` is its path below src/. */
export function operationsIn(file: string, text: string): ListOperation[] {
  // Without types and comments, in one format whatever the line breaks of the source.
  const { code } = transformSync(text, { loader: "ts", target: "es2023", legalComments: "none" });
  return [...code.matchAll(call)].map((match) => {
    const start = receiverStart(code, match.index);
    return {
      file,
      expression: code
        .slice(start, match.index + match[0].length)
        .replaceAll(/\s+/g, " ")
        .replaceAll("?.", ".")
        .replace(/^!+/, ""),
    };
  });
}

const opening: Readonly<Record<string, string>> = { ")": "(", "]": "[" };

/** The index at which the receiver of the method call at `end` begins. */
function receiverStart(code: string, end: number): number {
  let at = end;
  for (;;) {
    const before = code[at - 1] ?? "";
    if (opening[before] !== undefined) at = openingBracket(code, at - 1);
    else if (/[\w$#.?!]/.test(before)) at--;
    // A call chain that is broken over lines.
    else if (/\s/.test(before) && /^\s*\./.test(code.slice(at - 1, end + 1))) at--;
    else return at;
  }
}

/** The index of the bracket that the one at `close` closes. Brackets in strings are not told apart. */
function openingBracket(code: string, close: number): number {
  let depth = 0;
  for (let at = close; at > 0; at--) {
    const character = code[at]!;
    if (character === ")" || character === "]" || character === "}") depth++;
    if (character === "(" || character === "[" || character === "{") depth--;
    if (depth === 0) return at;
  }
  return 0;
}
