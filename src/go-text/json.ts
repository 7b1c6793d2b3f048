/**
 * Returns a JSON text as Go's encoding/json prints it: `<`, `>`, `&` and the two line separators escaped, bytes that are not
 * UTF-8 as U+FFFD, bigints in digits. Properties that are undefined are left out.
 */
export function goJson(value: unknown): string {
  switch (typeof value) {
    case "string":
      return goJsonString(value);
    case "bigint":
      return String(value);
    case "object":
      if (value === null) return "null";
      if (Array.isArray(value)) return `[${value.map(goJson).join(",")}]`;
      return `{${Object.entries(value)
        .filter(([, each]) => each !== undefined)
        .map(([key, each]) => `${goJsonString(key)}:${goJson(each)}`)
        .join(",")}}`;
    default:
      return JSON.stringify(value) ?? "null";
  }
}

/** Texts that need no escape. */
const plain = /^[ !#-%'-;=?-[\]-~]*$/;

function goJsonString(text: string): string {
  if (plain.test(text)) return `"${text}"`;
  // An escaped backslash is matched first, so that what follows it is not taken for an escape.
  return JSON.stringify(text).replace(
    /\\\\|\\ud[89a-f][0-9a-f]{2}|[<>&\u2028\u2029]/g,
    (found) => jsonEscapes[found] ?? (found.startsWith("\\u") ? "\\ufffd" : found),
  );
}

const jsonEscapes: Readonly<Record<string, string>> = {
  "<": "\\u003c",
  ">": "\\u003e",
  "&": "\\u0026",
  "\u2028": "\\u2028",
  "\u2029": "\\u2029",
};
