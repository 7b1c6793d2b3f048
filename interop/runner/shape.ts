/**
 * The shape of a JSON text: objects with their keys in order, lists with the shapes of their elements, each
 * once, and the types of everything else. Two texts of the same shape can be read by the same program.
 */
export function shapeOf(json: string): string {
  return describe(JSON.parse(json));
}

function describe(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return `[${[...new Set(value.map(describe))].sort().join(" | ")}]`;
  if (typeof value !== "object") return typeof value;
  return `{${Object.entries(value)
    .map(([key, inner]) => `${key}: ${describe(inner)}`)
    .join(", ")}}`;
}
