/**
 * A time as Go prints one that was taken from its clock (time.Time.String): nanoseconds without trailing zeros, the
 * zone's offset and name, and the monotonic reading.
 *
 * @param ms milliseconds since the epoch, possibly fractional.
 * @param processStartMs when the monotonic clock began.
 */
export function goTime(ms: number, processStartMs: number): string {
  const date = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  const fraction = ((((ms % 1000) + 1000) % 1000) / 1000)
    .toFixed(9)
    .slice(1)
    .replace(/\.?0+$/, "");
  const offset = -date.getTimezoneOffset();
  const sign = offset < 0 ? "-" : "+";
  const zone = `${sign}${two(Math.floor(Math.abs(offset) / 60))}${two(Math.abs(offset) % 60)}`;
  const name = offset === 0 ? "UTC" : (zoneName(date) ?? zone);
  const monotonic = (ms - processStartMs) / 1000;
  return `${day} ${time}${fraction} ${zone} ${name} m=${monotonic < 0 ? "-" : "+"}${Math.abs(monotonic).toFixed(9)}`;
}

function zoneName(date: Date): string | undefined {
  const parts = new Intl.DateTimeFormat("en-US", { timeZoneName: "short" }).formatToParts(date);
  return parts.find((part) => part.type === "timeZoneName")?.value;
}

/**
 * A JSON text as Go's encoding/json prints it: `<`, `>`, `&` and the two line separators escaped, bytes that are not
 * UTF-8 as U+FFFD, bigints in digits.
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

function goJsonString(text: string): string {
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
