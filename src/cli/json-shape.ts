/** A check of one value of a JSON document. */
export type Check = (value: unknown) => boolean;

/** The fields that an object must have, each with its check. */
export type Shape = Readonly<Record<string, Check>>;

/** Whether a value is a string. */
export const isText: Check = (value) => typeof value === "string";

/** Whether a value is a number. */
export const isNumber: Check = (value) => typeof value === "number";

/** Whether a value is a boolean. */
export const isTrueOrFalse: Check = (value) => typeof value === "boolean";

/** Returns a check that also takes null. */
export function orNull(check: Check): Check {
  return (value) => value === null || check(value);
}

/** Returns a check for lists whose elements pass a check, or are objects of a shape. */
export function isListOf(element: Check | Shape): Check {
  const check: Check =
    typeof element === "function"
      ? element
      : (value) => typeof value === "object" && value !== null && shapeFault(value, element) === undefined;
  return (value) => Array.isArray(value) && value.every(check);
}

/** Returns the name of the first field of an object that is missing or fails its check. */
export function shapeFault(object: object, shape: Shape): string | undefined {
  for (const name in shape) if (!shape[name]!((object as Record<string, unknown>)[name])) return name;
  return undefined;
}
